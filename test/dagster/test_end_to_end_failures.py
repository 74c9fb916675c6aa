"""What a user reads in Dagster when something is wrong: the cause, what to do, and whether Dagster tries again."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from support_world import (
    DENIED,
    FILE,
    IDLE,
    REPORT_PATH,
    World,
    assert_true,
    attempts,
    attributes,
    checks,
    failure,
    metadata,
    observations,
    query,
    summary,
    tables,
)

DAYS = ("2024-01-01", "2024-01-03")
DATES = f"start_date: '{DAYS[0]}'\nend_date: '{DAYS[1]}'\n"
RETRIES = "retry_policy_max_retries: 2\nretry_policy_delay_seconds: 0\n"
ADS = f"asset_name: ads\nadvertiser_ids: ['31']\nresources: reports\n{DATES}{RETRIES}"


def go(load: Any, run: Any, text: str) -> dg.ExecuteInProcessResult:
    return run(load(attributes(text), basic=False), raise_on_error=False)


def notes(result: dg.ExecuteInProcessResult) -> str:
    [event] = result.get_asset_materialization_events()
    return str(metadata(event).get("notes", ""))


def test_a_wrong_token_is_said_and_not_tried_again(
    world: World, load: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOK_ACCESS_TOKEN", "canary-of-a-token")
    result = go(load, run, ADS)
    said = failure(result)
    assert "40105" in said
    assert "access token" in said
    assert "cannot be refreshed" in said
    assert "canary-of-a-token" not in said
    assert attempts(result) == 1
    assert not result.get_asset_materialization_events()
    # One answer is enough to know it: it is not asked for every account and window.
    assert len(world.calls()) <= 2


def test_a_token_that_dies_midway_keeps_what_was_committed(world: World, load: Any, run: Any) -> None:
    world.fault({"kind": "revoke"}, path=REPORT_PATH, after=1, times=1)
    result = go(
        load, run, f"{ADS}asset_layout: per_resource\nresources: campaigns,reports".replace("resources: reports\n", "")
    )
    assert "40105" in failure(result)
    assert [event.asset_key.path for event in result.get_asset_materialization_events()] == [["ads", "campaigns"]]
    assert query("SELECT count(*) FROM ads.campaigns") == [(len(world.entities("31", "campaigns")),)]


def test_a_run_that_ends_early_tells_what_it_has_committed(world: World, load: Any, run: Any) -> None:
    world.fault({"kind": "revoke"}, path=REPORT_PATH, after=1, times=1)
    result = go(load, run, ADS.replace("resources: reports", "resources: campaigns,reports"))
    assert not result.get_asset_materialization_events()
    [observation] = observations(result)
    assert "40105" in (observation.description or "")
    campaigns = query("SELECT count(*), min(_load_id) FROM ads.campaigns")
    assert [(observation.metadata["rows_campaigns"].value, observation.metadata["load_id"].value)] == campaigns


def test_a_refused_account_fails_the_run_by_its_name_after_the_others_are_loaded(
    world: World, load: Any, run: Any, instance: dg.DagsterInstance
) -> None:
    result = go(load, run, ADS.replace("['31']", f"['31', '{DENIED}', '32']"))
    said = failure(result)
    assert DENIED in said
    assert "40001" in said
    assert "permission" in said.lower()
    assert "31:" not in said
    assert attempts(result) == 1
    assert_true(world, "ads", ["31", "32"], DAYS)
    # A part of an asset is no materialization: nothing downstream starts on it.
    assert not result.get_asset_materialization_events()
    assert instance.get_latest_materialization_event(dg.AssetKey("ads")) is None
    [observation] = observations(result)
    assert DENIED in (observation.description or "")
    assert observation.metadata["dagster/row_count"].value == query("SELECT count(*) FROM ads.reports")[0][0]
    verdict = checks(result)["accounts_loaded"]
    assert not verdict.passed
    assert verdict.severity == dg.AssetCheckSeverity.ERROR
    assert DENIED in summary(verdict)


def test_a_refused_account_may_be_skipped_with_a_warning(world: World, load: Any, run: Any) -> None:
    result = go(load, run, ADS.replace("['31']", f"['31', '{DENIED}']") + "on_advertiser_error: skip")
    assert result.success
    assert_true(world, "ads", ["31"], DAYS)
    assert len(result.get_asset_materialization_events()) == 1
    verdict = checks(result)["accounts_loaded"]
    assert not verdict.passed
    assert verdict.severity == dg.AssetCheckSeverity.WARN
    assert DENIED in summary(verdict)
    assert {name for name, check in checks(result).items() if not check.passed} == {"accounts_loaded"}


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ("advertiser_ids: ['31']\nstart_date: '2019-01-01'\nend_date: '2019-01-05'", "before the account"),
        (f"advertiser_ids: ['{IDLE}']\nstart_date: '2024-01-01'\nend_date: '2024-01-05'", "No campaign delivered"),
        (f"advertiser_ids: ['{IDLE}']\nstart_date: '{{today}}'\nend_date: '{{today}}'", "24 to 48 hours"),
        (
            f"advertiser_ids: ['{IDLE}']\nstart_date: '2024-01-01'\nend_date: '2024-01-02'\nreport_type: PLAYABLE_MATERIAL",
            "playable",
        ),
    ],
    ids=["before the account", "no delivery", "too early", "no playable ads"],
)
def test_no_rows_are_a_success_that_says_why(more: str, reason: str, world: World, load: Any, run: Any) -> None:
    result = go(load, run, f"asset_name: ads\nresources: reports\n{more}".replace("{today}", world.now()[:10]))
    assert result.success
    assert reason in notes(result)
    [event] = result.get_asset_materialization_events()
    assert metadata(event)["dagster/row_count"] == 0
    assert query("SELECT count(*) FROM ads.reports") == [(0,)]


def test_video_metrics_say_where_they_are_missing(world: World, load: Any, run: Any) -> None:
    metrics = "data_level: AUCTION_AD\nmetrics: video_play_actions,video_watched_2s\n"
    assert "ads with a video only" in notes(go(load, run, ADS + metrics))


def test_a_rate_limit_is_waited_out(world: World, load: Any, run: Any) -> None:
    world.fault({"kind": "code", "code": 40100}, path=REPORT_PATH, times=1)
    result = go(load, run, ADS)
    assert result.success
    assert attempts(result) == 1
    [event] = result.get_asset_materialization_events()
    figures = metadata(event)
    assert figures["api_throttled_seconds"] >= 1
    assert figures["api_retries"] == 1
    assert figures["api_calls"] == len(world.calls())
    assert_true(world, "ads", ["31"], DAYS)


def test_a_used_up_quota_is_left_to_the_retry_policy(world: World, load: Any, run: Any) -> None:
    text = ADS + "requests_per_second: 900\nrequests_per_day: 2"
    component = load('access_token: "${TIKTOK_ACCESS_TOKEN}"\n' + text, basic=False)
    result = run(component, raise_on_error=False)
    said = failure(result)
    assert "quota" in said
    assert "2 requests a day" in said
    assert "requests_per_day" in said
    assert attempts(result) == 3
    assert len(world.calls()) == 2


def test_an_answer_that_never_comes_is_tried_again_by_dagster_and_then_loaded(
    world: World, load: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIKTOK_ADS_REQUEST_TIMEOUT_MS", "500")
    # The client asks twice by itself, and a window of one day cannot be made smaller.
    world.fault({"kind": "hang"}, path=REPORT_PATH, times=2)
    result = go(load, run, ADS.replace(DAYS[1], DAYS[0]) + "data_level: AUCTION_ADVERTISER")
    assert result.success
    assert attempts(result) == 2
    assert_true(world, "ads", ["31"], (DAYS[0], DAYS[0]), level="AUCTION_ADVERTISER")


def test_a_held_file_names_its_holder_and_is_tried_again(world: World, load: Any, run: Any) -> None:
    hold = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, FILE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline()
        config = f"destination_config: {{path: {FILE}, lock_timeout_seconds: 0.2}}"
        result = go(load, run, ADS + config)
    finally:
        holder.communicate("")
    said = failure(result)
    assert FILE in said
    assert str(holder.pid) in said
    assert "lock_timeout_seconds" in said
    assert attempts(result) == 3
    assert go(load, run, ADS + config).success


@pytest.mark.parametrize(
    ("destination", "cause"),
    [
        ("destination_config: {path: no/such/folder/x.duckdb}", "its directory does not exist"),
        ("destination_config: {path: folder.duckdb}", "is not a DuckDB database"),
        ("destination_config: {path: text.duckdb}", "is not a DuckDB database"),
        ("destination_config: {credentials: 'https://example.org/x.duckdb'}", "not the path of a DuckDB file"),
        ("destination_config: {path: 'ads.duckdb'}", "ambiguous"),
    ],
)
def test_a_destination_that_cannot_be_opened_is_said_and_not_tried_again(
    destination: str, cause: str, world: World, load: Any, run: Any
) -> None:
    Path("folder.duckdb").mkdir()
    Path("text.duckdb").write_text("no database\n" * 1000)
    result = go(load, run, ADS + destination)
    assert cause in failure(result)
    assert attempts(result) == 1
    assert not world.calls(), "nothing is asked of TikTok before the destination is open"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_said(world: World, load: Any, run: Any) -> None:
    folder = Path("locked")
    folder.mkdir(mode=0o500)
    result = go(load, run, ADS + "destination_config: {path: locked/x.duckdb}")
    assert "permission denied" in failure(result)
    assert attempts(result) == 1


def test_a_warehouse_that_does_not_answer_is_named_without_the_password(
    world: World, load: Any, run: Any, free_port: int
) -> None:
    url = f"postgresql://loader:canary-of-a-password@127.0.0.1:{free_port}/marketing"
    result = go(
        load, run, f"{ADS}destination: postgres\npersist_only: true\ndestination_config: {{credentials: '{url}'}}"
    )
    said = failure(result)
    assert f"127.0.0.1:{free_port}" in said
    assert "canary-of-a-password" not in said
    assert not world.calls()


def test_every_missing_variable_is_named_at_once(
    world: World, load: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIKTOK_ACCESS_TOKEN")
    result = go(
        load, run, ADS.replace("'2024-01-01'", "${NO_SUCH_DATE}") + "destination_config: {path: '${NO_SUCH_PATH}'}"
    )
    said = failure(result)
    for name in ("TIKTOK_ACCESS_TOKEN", "NO_SUCH_DATE", "NO_SUCH_PATH"):
        assert name in said
    assert attempts(result) == 1
    assert not world.calls()


def test_a_variable_that_holds_nonsense_is_refused_when_the_run_starts(
    world: World, load: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEVEL", "AUCTION_ADS")
    said = failure(go(load, run, ADS + "data_level: ${LEVEL}"))
    assert "${LEVEL}" in said
    assert "AUCTION_ADGROUP" in said
    # What a variable holds may be a secret.
    assert "AUCTION_ADS" not in said
    assert not world.calls()


def test_mistakes_in_yaml_are_told_all_at_once_each_with_its_line(project: Any) -> None:
    file = project.add(
        "ads",
        """
        asset_name: ads
        access_token: "${TIKTOK_ACCESS_TOKEN}"
        advertiser_ids: "123,abc"
        metrics: spend,conversons
        data_level: AUCTION_ADD
        start_date: "2024-02-30"
        destination: duckbd
        partition_type: dayly
        no_such_attribute: 1
        """,
    )
    with pytest.raises(Exception) as raised:
        project.load()
    said = str(raised.value)
    cause: BaseException | None = raised.value
    while cause is not None:
        said += f"\n{cause}"
        cause = cause.__cause__ or cause.__context__
    lines = file.read_text().splitlines()
    for wrong, right in {
        "abc": "",
        "conversons": "conversion",
        "AUCTION_ADD": "AUCTION_AD",
        "2024-02-30": "",
        "duckbd": "duckdb",
        "dayly": "daily",
        "no_such_attribute": "",
    }.items():
        [number] = [index for index, line in enumerate(lines, 1) if wrong in line]
        about = [line for line in said.splitlines() if wrong in line]
        assert about, f"{wrong} is not in {said}"
        assert any(f":{number}" in line for line in about), about
        assert any(right in line.replace(wrong, "") for line in about), about


def test_a_refused_run_leaves_no_table(world: World, load: Any, run: Any) -> None:
    world.fault({"kind": "code", "code": 40002, "message": "Invalid metric fields: spend"}, path=REPORT_PATH)
    assert "Invalid metric fields" in failure(go(load, run, ADS))
    assert "reports" not in tables("ads") or query("SELECT count(*) FROM ads.reports") == [(0,)]
