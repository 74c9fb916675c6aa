"""The real executable under real Dagster, against the API simulator, into DuckDB."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest
from dagster.components.testing.utils import component_defs

FILE = "tiktok_ads_warehouse.duckdb"
ATTRIBUTES = """
asset_name: ads
mode: simulate
advertiser_ids: 7000000000001,7000000000002
"""
DAILY = "partition_type: daily\npartition_start: '2024-01-01'\nrestate_days: 0\n"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo_root: Path, node_binary: Path) -> None:
    main = repo_root / "dist" / "main.mjs"
    assert main.exists(), "build first: npm run build"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIKTOK_ADS_EXECUTABLE", str(main))
    monkeypatch.setenv("TIKTOK_ADS_NODE", str(node_binary))
    monkeypatch.setenv("TIKTOK_ADS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.delenv("TIKTOK_ADS_API_BASE_URL", raising=False)


def query(sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(FILE, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def metadata(event: dg.DagsterEvent) -> dict[str, Any]:
    return {label: value.value for label, value in event.materialization.metadata.items()}


def test_one_asset_is_loaded_described_and_checked(load: Any, run: Any) -> None:
    component = load(f"{ATTRIBUTES}start_date: '2024-01-01'\nend_date: '2024-01-05'", basic=False)
    result = run(component)
    [event] = result.get_asset_materialization_events()
    figures = metadata(event)
    [(rows, spend)] = query("SELECT count(*), sum(spend) FROM ads.reports WHERE currency = 'USD'")
    assert figures["dagster/row_count"] == query("SELECT count(*) FROM ads.reports")[0][0] > 0
    assert figures["row_count"] == figures["rows_reports"] + figures["rows_campaigns"]
    assert rows > 0
    assert figures["spend_total_USD"] == pytest.approx(float(spend))
    assert "stat_time_day" in [column.name for column in figures["dagster/column_schema"].columns]
    checks = result.get_asset_check_evaluations()
    assert {check.check_name for check in checks} == {
        spec.name for spec in component_defs(component=component).get_assets_def("ads").check_specs
    }
    assert all(check.passed for check in checks)
    with component_defs(component=component).get_asset_value_loader() as loader:
        frame = loader.load_asset_value("ads")
    assert list(frame.columns)[-4:] == ["impressions", "clicks", "conversions", "spend"]
    assert len(frame) == figures["dagster/row_count"]


def test_a_backfill_over_a_range_gives_each_day_its_own_figures(load: Any, run: Any) -> None:
    events = run(
        load(f"{ATTRIBUTES}{DAILY}", basic=False), partitions=("2024-01-01", "2024-01-04")
    ).get_asset_materialization_events()
    figures = {event.partition: metadata(event)["dagster/partition_row_count"] for event in events}
    assert figures == dict(query("SELECT stat_time_day::VARCHAR, count(*) FROM ads.reports GROUP BY 1"))
    assert len(figures) == 4


def test_runs_of_single_days_make_the_same_table_as_one_run(load: Any, run: Any) -> None:
    component = load(f"{ATTRIBUTES}{DAILY}resources: reports", basic=False)
    rows = "SELECT * EXCLUDE (_load_id, _loaded_at) FROM ads.reports ORDER BY ALL"
    run(component, partitions=("2024-01-01", "2024-01-03"))
    at_once = query(rows)
    for day in ("2024-01-02", "2024-01-01", "2024-01-03"):
        run(component, partitions=day)
    assert query(rows) == at_once
    assert at_once


def test_tables_are_assets_of_their_own(load: Any, run: Any) -> None:
    component = load(
        f"{ATTRIBUTES}asset_layout: per_resource\nresources: advertisers,campaigns,reports\n"
        "start_date: '2024-01-01'\nend_date: '2024-01-02'",
        basic=False,
    )
    result = run(component, selection=dg.AssetSelection.assets(["ads", "campaigns"], ["ads", "reports"]))
    counts = {
        event.asset_key.path[-1]: metadata(event)["dagster/row_count"]
        for event in result.get_asset_materialization_events()
    }
    assert set(counts) == {"campaigns", "reports"}
    for table, count in counts.items():
        assert query(f"SELECT count(*) FROM ads.{table}") == [(count,)]
    assert not query(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = 'ads' AND table_name = 'advertisers'"
    )


REPORTS = """
checks: false
asset_layout: per_resource
resources: advertisers,campaigns,ad_groups,ads,reports
reports:
  - {name: by_ad, data_level: AUCTION_AD, metrics: "purchases,conversions,conversion_value,video_play_actions,cost"}
  - {name: by_hour, time_granularity: hour, data_level: AUCTION_ADVERTISER, metrics: [clicks, reach]}
  - {name: audience, report_type: AUDIENCE}
  - {name: by_country, dimensions: country_code, metrics: "results,spend"}
  - {name: playables, report_type: PLAYABLE_MATERIAL}
  - {name: ever, time_granularity: lifetime}
start_date: "2024-01-01"
end_date: "2024-01-01"
"""


def test_the_columns_known_before_the_first_run_are_those_that_it_reports(load: Any, run: Any) -> None:
    component = load(f"{ATTRIBUTES.replace(',7000000000002', '')}{REPORTS}", basic=False)
    events = run(component).get_asset_materialization_events()
    assert len(events) == 11
    for event in events:
        table = event.asset_key.path[-1]
        reported = [(one.name, one.type) for one in metadata(event)["dagster/column_schema"].columns]
        declared = component.get_asset_spec(table).metadata["dagster/column_schema"].columns
        assert [(one.name, one.type) for one in declared] == reported, table


def test_checks_run_alone_on_what_is_loaded(load: Any, run: Any) -> None:
    component = load(f"{ATTRIBUTES}start_date: '2024-01-01'\nend_date: '2024-01-02'", basic=False)
    run(component)
    before = query("SELECT max(_loaded_at) FROM ads.reports")
    key = dg.AssetCheckKey(dg.AssetKey("ads"), "unique_key")
    [check] = run(component, selection=dg.AssetSelection.checks(key)).get_asset_check_evaluations()
    assert (check.check_name, check.passed) == ("unique_key", True)
    assert query("SELECT max(_loaded_at) FROM ads.reports") == before


def test_a_missing_variable_fails_the_run_by_its_name_and_is_not_retried(load: Any, run: Any) -> None:
    component = load(f"{ATTRIBUTES}start_date: ${{NO_SUCH_DATE}}\nretry_policy_max_retries: 2", basic=False)
    result = run(component, raise_on_error=False)
    [failure] = result.filter_events(lambda event: event.is_step_failure)
    data = failure.step_failure_data.user_failure_data
    assert "NO_SUCH_DATE" in f"{data.description} {data.metadata}"
    assert not result.filter_events(lambda event: event.is_step_restarted)


def test_a_cancelled_run_leaves_nothing_half_written(load: Any, run: Any, instance: dg.DagsterInstance) -> None:
    component = load(
        f"{ATTRIBUTES}resources: ads,reports\ndata_level: AUCTION_AD\nrequests_per_second: 2\n"
        "start_date: '2023-01-01'\nend_date: '2023-12-31'",
        basic=False,
    )

    def press() -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end and "task(s)" not in "".join(
            record.user_message for run_record in instance.get_runs() for record in instance.all_logs(run_record.run_id)
        ):
            time.sleep(0.1)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    started = time.monotonic()
    with pytest.raises(BaseException) as raised:
        run(component)
    thread.join()
    assert type(raised.value).__name__ in ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
    assert time.monotonic() - started < 25
    assert not instance.get_latest_materialization_event(dg.AssetKey("ads"))
    # Every row stands for a load that was committed.
    assert not query(
        "SELECT _load_id FROM ads.reports "
        "WHERE _load_id NOT IN (SELECT load_id FROM ads._loads WHERE status = 'committed')"
        if query("SELECT 1 FROM information_schema.tables WHERE table_schema = 'ads' AND table_name = 'reports'")
        else "SELECT 1 WHERE false"
    )
