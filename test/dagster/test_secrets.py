"""Secrets are found nowhere that Dagster stores anything: run storage, event log, compute logs, snapshots."""

import json
import os
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_component_templates.secret_values import externalize, redact, secret_texts

LITERAL = "canary-literal-5a1c"
FROM_ENVIRONMENT = "canary-environment-9b2d"
PASSWORD = "canary-password-77e0"


def files_with(folder: Path, text: str) -> list[str]:
    """Files below the folder that hold the text, however it is encoded in JSON or SQLite."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and text.encode() in path.read_bytes()
    ]


def test_no_secret_is_stored_by_a_real_run(fake: Any, project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY_TOKEN", FROM_ENVIRONMENT)
    daily = "partition_type: daily\npartition_start: '2024-01-01'\nadvertiser_ids: '1'\nchecks: false"
    literal = f"access_token: {LITERAL}\napp_id: '1'\nsecret: '${{CANARY_TOKEN}}'\ndestination: postgres"
    project.add(
        "literal",
        f"asset_name: literal\n{daily}\n{literal}\ndestination_config: {{credentials: 'postgresql://u:{PASSWORD}@h/d'}}",
    )
    project.add("template", f"asset_name: template\n{daily}\naccess_token: '{{{{ env.CANARY_TOKEN }}}}'")
    fake.does("canary")
    launched = project.dg("launch", "--assets", "literal,template", "--partition-range", "2024-01-01...2024-01-03")
    assert "the warehouse refused" in launched.stdout, launched.stdout
    (project.home / "snapshot.json").write_text(repository_snapshot(project.load()))
    used = json.loads(fake.path("canary").read_text().replace("][", ","))
    assert {value for _, value in used} >= {
        LITERAL,
        FROM_ENVIRONMENT,
        f'{{"credentials": "postgresql://u:{PASSWORD}@h/d"}}',
    }
    assert [window["start"] for window in fake.extras["partitions"]["windows"]] == [
        "2024-01-01",
        "2024-01-02",
        "2024-01-03",
    ]
    assert files_with(project.home, "canary scenario ran"), "the compute logs are not where they are looked for"
    assert files_with(project.home, "ASSET_MATERIALIZATION"), "the event log is not where it is looked for"
    for secret in (LITERAL, FROM_ENVIRONMENT, PASSWORD):
        assert files_with(project.home, secret) == []
        assert secret not in launched.stdout


def repository_snapshot(definitions: dg.Definitions) -> str:
    """What the code server sends to the web server and the daemon."""
    from dagster._core.remote_representation.external_data import RepositorySnap
    from dagster._serdes import serialize_value

    return serialize_value(RepositorySnap.from_def(definitions.get_repository_def()))


def test_the_context_file_holds_no_literal_secret(fake: Any, load: Any, run: Any) -> None:
    secrets = f"access_token: {LITERAL}\ndestination_config: {{path: '{PASSWORD}'}}"
    component = load(f"asset_name: a\nadvertiser_ids: 1\nchecks: false\n{secrets}", basic=False)
    run(component)
    assert LITERAL not in json.dumps(fake.record["context"])
    assert PASSWORD not in json.dumps(fake.record["context"])
    assert fake.record["environment"]["TIKTOK_ADS_LITERAL_ACCESS_TOKEN"] == LITERAL
    assert json.loads(fake.record["environment"]["TIKTOK_ADS_LITERAL_DESTINATION_CONFIG"]) == {"path": PASSWORD}
    assert "TIKTOK_ADS_LITERAL_ACCESS_TOKEN" not in os.environ


def test_only_a_lone_reference_counts_as_no_secret() -> None:
    assert externalize("access_token", "${TOKEN}") == ("${TOKEN}", {})
    for literal in ("plain", "${A:-secret}", "Bearer ${A}", "$${A}", "a ${B} c", {"user": "${U}"}):
        shown, environment = externalize("access_token", literal)
        assert shown == "${TIKTOK_ADS_LITERAL_ACCESS_TOKEN}"
        assert list(environment) == ["TIKTOK_ADS_LITERAL_ACCESS_TOKEN"]


def test_redaction_takes_out_tokens_and_what_references_stand_for() -> None:
    secrets = secret_texts({"access_token": "${TOKEN}", "secret": "ab"}, {"TOKEN": 'tok-"123456'})
    assert redact('tok-"123456 ab tok-\\"123456', secrets) == "[secret] ab [secret]"


def test_redaction_takes_out_passwords_and_leaves_the_rest_of_the_options() -> None:
    options = {
        "credentials": "postgresql://loader:${PW}@host/warehouse?sslpassword=url-654321",
        "schema": "analytics",
        "auth": {"private_key": "key-123456"},
    }
    secrets = secret_texts(
        {"destination_config": options, "destination_credentials_url": '{"password": "json-123456"}'},
        {"PW": "p%40ss-123456"},
    )
    assert set(secrets) >= {"p%40ss-123456", "p@ss-123456", "url-654321", "key-123456", "json-123456"}
    assert redact("loader host warehouse analytics", secrets) == "loader host warehouse analytics"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"password": "p@ss/w:rd 1"}, "cannot reach postgresql://u:p%40ss%2Fw%3Ard%201@h"),
        ({"password": "p@ss/w:rd 1"}, "cannot reach postgresql://u:p%40ss%2Fw%3Ard+1@h"),
        ({"credentials": "postgresql://u:p%40ss%2Fw%3Ard%201@h/d"}, "login failed with p@ss/w:rd 1"),
        ({"credentials": "postgresql://u:p%40ss%2fw%3ard%201@h/d"}, "cannot reach u:p%40ss%2Fw%3Ard%201@h"),
        ({"credentials": "postgresql://u:hunter@2@longer@h/d"}, "login failed with hunter@2@longer"),
        ("postgresql://u:hunter22@h/d?mail=a@b&sslpassword=longer-1", "login failed with hunter22 and longer-1"),
        ("postgresql://u:hunter?22@h/d", "login failed with hunter?22"),
        ("postgresql://u:hunter@2@longer@h/d", "could not resolve 2@longer@h"),
    ],
)
def test_redaction_takes_out_a_password_however_it_is_spelt(options: Any, said: str) -> None:
    shown = redact(said, secret_texts({"destination_config": options}, {}))
    assert "[secret]" in shown
    for part in ("ss/w", "ss%2F", "hunter", "longer"):
        assert part not in shown
    assert shown.startswith(said.split(" ", maxsplit=1)[0])
