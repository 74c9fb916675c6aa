"""Backfills and re-executions as the UI starts them: GraphQL, Dagster's own backfill code, real runs."""

from collections import Counter
from typing import Any

import dagster as dg
import pytest
from support_world import REPORT_PATH, World, assert_true, attributes, query

ACCOUNTS = ["61", "62"]
BASE = "asset_name: ads\nadvertiser_ids: ['61', '62']\nresources: reports\n"
DAILY = f"{BASE}partition_type: daily\npartition_start: '2024-01-01'\n"
REFUSED = {"kind": "code", "code": 40002, "message": "the report service is closed"}


def row_counts(deployment: Any, runs: list[dg.DagsterRun]) -> dict[str, int]:
    return {
        str(one.partition): one.metadata["dagster/partition_row_count"].value
        for run in runs
        for one in deployment.materialized(run)
    }


def test_one_poisoned_account_is_all_that_is_repeated(world: World, deploy: Any) -> None:
    deployment = deploy(attributes(DAILY))
    world.fault(REFUSED, path=REPORT_PATH, advertiserId="62")
    [failed] = deployment.backfill(["ads"], [f"2024-01-{day:02}" for day in range(1, 32)])
    assert failed.status == dg.DagsterRunStatus.FAILURE
    assert not deployment.partitions(["ads"])
    assert_true(world, "ads", ["61"], ("2024-01-01", "2024-01-31"))
    assert query("SELECT count(*) FROM ads.reports WHERE advertiser_id = '62'") == [(0,)]

    world.mend()
    world.forget()
    again = deployment.reexecute(failed, "FROM_FAILURE")
    assert again.status == dg.DagsterRunStatus.SUCCESS
    assert world.windows() == [("62", "2024-01-01", "2024-01-30"), ("62", "2024-01-31", "2024-01-31")]
    assert_true(world, "ads", ACCOUNTS, ("2024-01-01", "2024-01-31"))
    assert len(deployment.partitions(["ads"])) == 31
    assert row_counts(deployment, [again]) == dict(
        query("SELECT stat_time_day::VARCHAR, count(*) FROM ads.reports GROUP BY 1")
    )


def test_one_poisoned_day_is_all_that_is_repeated(world: World, deploy: Any) -> None:
    deployment = deploy(attributes(DAILY + "backfill_policy: multi_run"))
    world.fault(REFUSED, path=REPORT_PATH, parameters={"start_date": "2024-01-02"})
    runs = deployment.backfill(["ads"], ["2024-01-01", "2024-01-02", "2024-01-03"])
    assert Counter(run.status for run in runs) == {dg.DagsterRunStatus.SUCCESS: 2, dg.DagsterRunStatus.FAILURE: 1}
    assert deployment.partitions(["ads"]) == {"2024-01-01", "2024-01-03"}

    world.mend()
    world.forget()
    [failed] = [run for run in runs if run.status == dg.DagsterRunStatus.FAILURE]
    assert deployment.reexecute(failed, "FROM_FAILURE").status == dg.DagsterRunStatus.SUCCESS
    assert world.windows() == [(account, "2024-01-02", "2024-01-02") for account in ACCOUNTS]
    assert deployment.partitions(["ads"]) == {"2024-01-01", "2024-01-02", "2024-01-03"}


@pytest.mark.parametrize("strategy", ["FROM_ASSET_FAILURE", "ALL_STEPS"])
def test_tables_as_assets_keep_what_came_before_the_failure(strategy: str, world: World, deploy: Any) -> None:
    text = """
    asset_name: tt/ads
    advertiser_ids: ['61', '62']
    asset_layout: per_resource
    resources: campaigns,ad_groups,reports
    start_date: '2024-01-01'
    end_date: '2024-01-05'
    """
    deployment = deploy(attributes(text))
    keys = [["tt", "ads", name] for name in ("campaigns", "ad_groups", "reports")]
    world.fault(REFUSED, path=REPORT_PATH, advertiserId="62")
    failed = deployment.launch(keys)
    assert failed.status == dg.DagsterRunStatus.FAILURE
    assert {one.asset_key.path[-1] for one in deployment.materialized(failed)} == {"campaigns", "ad_groups"}

    world.mend()
    world.forget()
    again = deployment.reexecute(failed, strategy)
    assert again.status == dg.DagsterRunStatus.SUCCESS
    asked = {call["parameters"]["advertiser_id"] for call in world.calls(REPORT_PATH)}
    if strategy == "FROM_ASSET_FAILURE":
        # Only the asset that failed, and of it only the account that is missing.
        assert {one.asset_key.path[-1] for one in deployment.materialized(again)} == {"reports"}
        assert not world.calls("adgroup/get/")
        assert asked == {"62"}
    else:
        assert len(deployment.materialized(again)) == 3
        assert asked == {"61", "62"}
    assert_true(world, "tt_ads", ACCOUNTS, ("2024-01-01", "2024-01-05"))


def test_running_everything_again_reads_everything_again(world: World, deploy: Any) -> None:
    deployment = deploy(attributes(f"{BASE}start_date: '2024-01-01'\nend_date: '2024-01-02'"))
    first = deployment.launch([["ads"]])
    world.forget()
    deployment.reexecute(first, "ALL_STEPS")
    assert world.windows() == [(account, "2024-01-01", "2024-01-02") for account in ACCOUNTS]


def test_two_components_and_named_reports_live_in_one_project(world: World, deploy: Any, project: Any) -> None:
    dates = "start_date: '2024-01-01'\nend_date: '2024-01-03'\n"
    project.add("other", attributes(f"asset_name: other\nadvertiser_ids: ['63']\nresources: reports\n{dates}"))
    named = f"""\
asset_name: tt
advertiser_ids: ['61']
asset_layout: per_resource
resources: campaigns
{dates}reports:
  - {{name: by_ad, data_level: AUCTION_AD}}
  - {{name: hours, time_granularity: hour, data_level: AUCTION_ADVERTISER}}
"""
    deployment = deploy(attributes(named))
    run = deployment.launch([["other"], ["tt", "campaigns"], ["tt", "report_by_ad"], ["tt", "report_hours"]])
    assert run.status == dg.DagsterRunStatus.SUCCESS
    counts = {
        "/".join(one.asset_key.path): one.metadata["dagster/row_count"].value for one in deployment.materialized(run)
    }
    assert set(counts) == {"other", "tt/campaigns", "tt/report_by_ad", "tt/report_hours"}
    assert_true(world, "other", ["63"], ("2024-01-01", "2024-01-03"))
    window = ("2024-01-01", "2024-01-03")
    assert_true(world, "tt", ["61"], window, table="report_by_ad", level="AUCTION_AD")
    assert_true(world, "tt", ["61"], window, table="report_hours", level="AUCTION_ADVERTISER", granularity="hour")
    assert counts["tt/report_by_ad"] == query("SELECT count(*) FROM tt.report_by_ad")[0][0]
    one = deployment.launch([["tt", "report_by_ad"]])
    assert [made.asset_key.path[-1] for made in deployment.materialized(one)] == ["report_by_ad"]
