"""From YAML to the component: what YAML users write, templates, references, and mistakes."""

import json
import warnings
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster.components.resolved.errors import ResolutionException
from dagster_component_templates import TikTokAdsIngestionComponent
from jsonschema import Draft202012Validator

CANARY = "canary-7f3a91"


def sent(component: TikTokAdsIngestionComponent) -> dict[str, Any]:
    """The configuration as the executable gets it."""
    return component._config()


@pytest.mark.parametrize(
    ("yaml", "name", "value"),
    [
        ('advertiser_ids: "1234567890,9876543210"', "advertiser_ids", ["1234567890", "9876543210"]),
        ('advertiser_ids: "1234567890"', "advertiser_ids", ["1234567890"]),
        ("advertiser_ids: 7123456789012345678", "advertiser_ids", ["7123456789012345678"]),
        ("advertiser_ids: [7123456789012345678, '12']", "advertiser_ids", ["7123456789012345678", "12"]),
        ("advertiser_ids: '007,1_0'", "advertiser_ids", None),
        ("resources: campaigns, reports", "resources", ["campaigns", "reports"]),
        ("resources: [ads]", "resources", ["ads"]),
        ("include_deleted: 'False'", "include_deleted", False),
        ("checks: on", "checks", True),
        ("restate_days: '0x10'", "restate_days", None),
        ("restate_days: 1_0", "restate_days", 10),
        ("requests_per_second: '2.5'", "requests_per_second", 2.5),
        ("start_date: 2024-01-01", "start_date", "2024-01-01"),
        ("dataset_name: x1e5", "dataset_name", "x1e5"),
        ("app_id: 7000000000000000001\nsecret: ${S}", "app_id", "7000000000000000001"),
        ("access_token: ${X:-none}", "access_token", "${TIKTOK_ADS_LITERAL_ACCESS_TOKEN}"),
        (
            'destination_config: \'{"credentials": "a.duckdb"}\'',
            "destination_config",
            "${TIKTOK_ADS_LITERAL_DESTINATION_CONFIG}",
        ),
        (
            "destination_config: {credentials: a.duckdb}",
            "destination_config",
            "${TIKTOK_ADS_LITERAL_DESTINATION_CONFIG}",
        ),
        ("destination_config: ${WAREHOUSE}", "destination_config", "${WAREHOUSE}"),
        ("owners:", "owners", None),
    ],
)
def test_what_yaml_users_write_arrives_as_meant(yaml: str, name: str, value: Any, load: Any) -> None:
    if value is None and not yaml.endswith(":"):
        with pytest.raises(ResolutionException, match=name):
            load(yaml)
        return
    basic = yaml.split(":", maxsplit=1)[0] not in ("advertiser_ids", "access_token")
    extra = (
        ""
        if basic
        else "asset_name: a\n" + ("access_token: ${T}\n" if name != "access_token" else "advertiser_ids: 1\n")
    )
    component = load(extra + yaml, basic=basic)
    assert sent(component).get(name) == value
    # What Python users write arrives the same.
    given = {field: getattr(component, field) for field in component.model_fields_set}
    assert sent(TikTokAdsIngestionComponent(**given)).get(name) == value


def test_only_what_was_given_is_sent(load: Any) -> None:
    assert list(sent(load())) == ["asset_name", "access_token", "advertiser_ids"]


def test_a_list_that_holds_a_reference_stays_for_the_executable(load: Any) -> None:
    assert sent(load("metrics: ['${METRICS}', spend]"))["metrics"] == ["${METRICS}", "spend"]
    assert sent(load("metrics: ${METRICS}"))["metrics"] == "${METRICS}"


def test_named_reports_are_sent_as_written(load: Any) -> None:
    reports = sent(
        load("reports: [{name: by_country, dimensions: country_code, metrics: '${METRICS}', start_date: '2024-01-01'}]")
    )["reports"]
    assert reports == [
        {"name": "by_country", "dimensions": "country_code", "metrics": "${METRICS}", "start_date": "2024-01-01"}
    ]


def test_templates_in_plain_attributes_are_rendered_when_dagster_loads(
    load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDS", "7123456789012345678,2")
    monkeypatch.setenv("DATASET", "_1_000")
    component = load(
        "asset_name: a\naccess_token: ${T}\nadvertiser_ids: '{{ env.IDS }}'\ndataset_name: '{{ env.DATASET }}'",
        basic=False,
    )
    assert component.advertiser_ids == ["7123456789012345678", "2"]
    assert component.dataset_name == "_1_000"


def test_templates_that_python_reads_as_numbers_stay_text(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESCRIPTION", "1_000")
    assert load("description: '{{ env.DESCRIPTION }}'").description == "1_000"


def test_templates_in_secrets_wait_for_the_run(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", CANARY)
    component = load(
        """
        asset_name: a
        advertiser_ids: 1
        access_token: '{{ env.TOKEN }}'
        destination_config: {credentials: "postgresql://u:{{ env('PASSWORD', 'x') }}@h/d"}
        """,
        basic=False,
    )
    assert component.access_token == "${TOKEN}"
    assert component.destination_config == {"credentials": "postgresql://u:${PASSWORD:-x}@h/d"}


@pytest.mark.parametrize("text", ["a{#b", "a{%b", "a{{b", "{'a': 1}", "12345678901234567890", "True", "0x10"])
def test_odd_secrets_arrive_as_written(text: str, load: Any) -> None:
    assert load(f"asset_name: a\nadvertiser_ids: 1\naccess_token: {json.dumps(text)}", basic=False).access_token == text


def test_references_that_decide_on_definitions_are_resolved_at_load(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM", "growth")
    component = load(
        "group_name: ads_${TEAM}\npool: ${POOL:-tiktok}\nasset_tags: {team: '${TEAM}'}\nowners: ['team:${TEAM}']"
    )
    assert (component.group_name, component.pool) == ("ads_growth", "tiktok")
    assert component.asset_tags == {"team": "growth"}
    assert component.owners == ["team:growth"]


def test_an_unset_variable_at_load_is_one_mistake_with_its_name(load: Any) -> None:
    with pytest.raises(ResolutionException) as raised:
        load("group_name: ads_${NO_SUCH_TEAM}\nstart_date: '{{ env.NO_SUCH_DATE }}'")
    said = str(raised.value)
    assert "2 mistakes" in said
    assert "group_name: ads_${NO_SUCH_TEAM} stands for nothing here" in said
    assert "start_date: {{ env.NO_SUCH_DATE }} stands for nothing here" in said


def test_every_mistake_is_told_at_once_with_file_and_line(project: Any) -> None:
    file = project.add(
        "wrong",
        f"""
        asset_name: a
        access_tokn: {CANARY}
        advertiser_ids: "12x,34"
        data_level: AUCTION_ADD
        metrics: "spend,conversons"
        start_date: "2024-02-01"
        end_date: "2024-01-01"
        reports:
          - name: video
            metrics:
              - spend
              - clickz
        destination: mysql
        """,
    )
    said = mistakes_of(project)
    lines = {text: number for number, text in enumerate(file.read_text().splitlines(), 1)}
    expected = [
        ("  advertiser_ids", 'advertiser_ids[0]: "12x" is not an advertiser id'),
        ("  data_level", 'data_level: "AUCTION_ADD" is not a data level'),
        ("  metrics", 'metrics[1]: "conversons" is not a metric'),
        ("  end_date", 'end_date: "2024-01-01" is before start_date'),
        ("        - clickz", 'reports[0].metrics[1]: "clickz" is not a metric'),
        ("  destination", 'destination: "mysql" is not a destination'),
        ("  access_tokn", 'access_tokn: "access_tokn" is not an attribute'),
    ]
    for start, message in expected:
        [number] = [number for text, number in lines.items() if text.startswith(start)]
        assert f"- {file}:{number} {message}" in said, said
    assert "access_token: is required" in said
    assert "Did you mean conversion?" in said
    assert "Did you mean access_token?" in said


def mistakes_of(project: Any) -> str:
    """Loads the project in this process; what Dagster says is wrong."""
    with pytest.raises(Exception) as raised:
        project.load()
    said, error = "", raised.value
    while error is not None:
        said, error = f"{said}\n{error}", error.__cause__ or error.__context__
    return said


@pytest.mark.parametrize(
    "attributes",
    [
        f"access_token: [{CANARY}]",
        f"access_token: {{a: {CANARY}}}",
        f"secret: [{CANARY}]\napp_id: 1",
        f"destination_config: [{CANARY}]",
        f"destination_config: '{{{CANARY}'",
        f"destination: postgres\ndestination_config: {{sslmode: {CANARY}, port: {CANARY}, passwrd: {CANARY}}}",
        f"destination_credentials_url: {{a: {CANARY}}}",
    ],
)
def test_a_wrong_secret_is_refused_without_showing_it(attributes: str, load: Any) -> None:
    extra = "" if attributes.startswith("access_token") else "access_token: ${T}\n"
    with pytest.raises(ResolutionException) as raised:
        load(f"asset_name: a\nadvertiser_ids: 1\n{extra}{attributes}", basic=False)
    assert CANARY not in str(raised.value)


def test_a_misspelt_option_of_the_destination_is_refused_at_load_with_its_line(project: Any) -> None:
    file = project.add(
        "warehouse",
        """
        asset_name: a
        mode: simulate
        destination: postgres
        destination_config:
          credentials:
            host: "{{ env.PGHOST }}"
            user: loader
            passwrd: "{{ env.PGPASSWORD }}"
            port: ${PGPORT}
          sslmode: required
        """,
    )
    said = mistakes_of(project)
    lines = {text.strip(): number for number, text in enumerate(file.read_text().splitlines(), 1)}
    [passwrd] = [number for text, number in lines.items() if text.startswith("passwrd")]
    option = "destination_config.credentials.passwrd"
    assert (
        f"- {file}:{passwrd} {option}: `passwrd` is no option of destination postgres. Did you mean password?" in said
    )
    assert f"- {file}:{lines['sslmode: required']} destination_config.sslmode: is none of disable, allow" in said
    assert "has 2 mistakes" in said


def test_a_key_that_stands_twice_is_a_mistake_with_its_line(project: Any) -> None:
    file = project.add(
        "twice",
        """
        asset_name: a
        mode: simulate
        metrics: spend,conversons
        metrics: conversons
        reports:
          - name: one
            metrics: spend
            metrics: clicks
        """,
        "---\n"
        "type: dagster_component_templates.TikTokAdsIngestionComponent\n"
        "attributes: {asset_name: b, mode: simulate, mode: live}\n",
    )
    said = mistakes_of(project)
    assert f"- {file}:7 metrics: stands here a second time. Allowed: each key once." in said
    assert f"- {file}:11 reports[0].metrics: stands here a second time" in said
    assert f"- {file}:7 metrics[0]: " in said
    assert "has 3 mistakes" in said


def test_python_users_get_the_same_mistakes_and_no_secret() -> None:
    with pytest.raises(Exception, match="2 mistakes") as raised:
        TikTokAdsIngestionComponent(asset_name="a", access_token=[CANARY], advertiser_ids="1", data_level="AUCTION_ADD")
    assert CANARY not in str(raised.value)


def test_a_literal_token_is_warned_of_and_a_reference_is_not(load: Any) -> None:
    with pytest.warns(UserWarning, match="access_token of a stands in the definition itself") as caught:
        load(f"asset_name: a\nadvertiser_ids: 1\naccess_token: {CANARY}", basic=False).build_defs(None)
    assert CANARY not in str(caught[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        load().build_defs(None)


def test_a_name_that_dagster_would_refuse_is_a_mistake_with_its_line(project: Any) -> None:
    file = project.add("odd", "asset_name: tik tok\nmode: simulate")
    assert f'- {file}:4 asset_name: "tik tok" is not an asset key' in mistakes_of(project)


def test_the_components_representation_shows_no_secret(load: Any) -> None:
    component = load(
        f"asset_name: a\nadvertiser_ids: 1\naccess_token: {CANARY}\nsecret: {CANARY}\napp_id: 1", basic=False
    )
    assert CANARY not in repr(component)


def test_the_fields_are_the_attributes_of_the_component_schema(repo_root: Path) -> None:
    schema = json.loads((repo_root / "component.yaml.schema.json").read_text())["properties"]["attributes"]
    own = TikTokAdsIngestionComponent.model().model_json_schema()
    assert set(own["properties"]) == set(schema["properties"])
    assert own["additionalProperties"] is False
    assert own["required"] == ["asset_name"]
    for name, about in schema["properties"].items():
        assert own["properties"][name]["description"] == about["description"], name
        if "default" in about and not isinstance(about["default"], list):
            assert own["properties"][name]["default"] == about["default"], name


@pytest.mark.parametrize(
    ("attributes", "place"),
    [
        ({"reports": [{"name": "a", "metriks": "spend"}]}, ["reports", 0]),
        ({"reports": [{"name": "a", "metrics": {"spend": 1}}]}, ["reports", 0, "metrics"]),
        (
            {"partition_dimensions": [{"name": "day", "type": "daily", "starts": "2024-01-01"}]},
            ["partition_dimensions", 0],
        ),
        ({"reports": [{"name": "a", "metrics": ["spend"], "data_level": "{{ env.LEVEL }}"}]}, None),
        ({"partition_dimensions": [{"name": "who", "type": "static", "values": [1234567890, "12"]}]}, None),
        ({"reports": [{"name": "a"}, {"metrics": "spend"}]}, ["reports", 1]),
        ({"resources": "campaigns, reports", "reports": "{{ load_reports() }}"}, None),
    ],
)
def test_what_checks_the_yaml_alone_sees_mistakes_where_they_are(
    attributes: dict[str, Any], place: list[Any] | None
) -> None:
    validator = Draft202012Validator(TikTokAdsIngestionComponent.model().model_json_schema())
    # As `dg check yaml` does, which looks no deeper than the errors themselves.
    places = [list(error.absolute_path) for error in validator.iter_errors({"asset_name": "ads", **attributes})]
    # What has a wrong type is told at its attribute as well.
    assert [one for one in places if len(one) != 1 or one == place] == ([] if place is None else [place])


def test_a_subclass_may_add_fields_of_its_own(load: Any) -> None:
    class Own(TikTokAdsIngestionComponent):
        tier: str = "gold"

        def get_asset_spec(self, resource: str) -> dg.AssetSpec:
            return super().get_asset_spec(resource).merge_attributes(tags={"tier": self.tier})

    component = load("tier: silver", cls=Own)
    assert component.get_asset_spec("reports").tags["tier"] == "silver"
    assert "tier" not in sent(component)


def test_a_list_in_a_text_that_holds_a_reference_loads(load: Any) -> None:
    component = load('metrics: "spend,${MORE_METRICS}"')
    component.build_defs(None)
    assert sent(component)["metrics"] == "spend,${MORE_METRICS}"


def test_an_escaped_reference_is_shown_as_meant_and_sent_so_that_it_stays(load: Any) -> None:
    component = load("description: costs $${5}")
    assert component.description == "costs ${5}"
    assert sent(component)["description"] == "costs $${5}"


def test_a_default_may_hold_a_reference_of_its_own(load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM", "growth")
    assert load("group_name: ${NO_SUCH_TEAM:-${TEAM}}").group_name == "growth"
