"""The Basic Example through real Dagster: tables, metadata, checks, all against what really happened."""

import datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml
from dagster_component_templates import TikTokAdsIngestionComponent
from support_world import (
    World,
    assert_true,
    attributes,
    checks,
    columns,
    metadata,
    query,
    summary,
    tables,
)

ACCOUNTS = ["1234567890", "9876543210"]
NAME = "tiktok_ads_data"
TYPES = {
    "dagster/row_count": dg.IntMetadataValue,
    "dagster/column_schema": dg.TableSchemaMetadataValue,
    "dagster/table_name": dg.TextMetadataValue,
    "dagster/storage_kind": dg.TextMetadataValue,
    "dagster/uri": dg.TextMetadataValue,
    "row_count": dg.IntMetadataValue,
    "column_count": dg.IntMetadataValue,
    "rows_campaigns": dg.IntMetadataValue,
    "rows_reports": dg.IntMetadataValue,
    "resources_requested": dg.JsonMetadataValue,
    "resources_loaded": dg.JsonMetadataValue,
    "advertiser_ids": dg.JsonMetadataValue,
    "start_date": dg.TextMetadataValue,
    "end_date": dg.TextMetadataValue,
    "destination": dg.TextMetadataValue,
    "dataset_name": dg.TextMetadataValue,
    "preview": dg.MarkdownMetadataValue,
    "api_calls": dg.IntMetadataValue,
    "api_retries": dg.IntMetadataValue,
    "api_throttled_seconds": dg.FloatMetadataValue,
    "bytes_downloaded": dg.IntMetadataValue,
    "load_id": dg.TextMetadataValue,
    "duration_seconds": dg.FloatMetadataValue,
}


@pytest.fixture
def basic(world: World, run: Any, repo_root: Path) -> dg.ExecuteInProcessResult:
    """The example, materialized as it stands."""
    document = yaml.safe_load((repo_root / "defs_examples" / "basic.yaml").read_text())
    return run(TikTokAdsIngestionComponent.resolve_from_yaml(yaml.safe_dump(document["attributes"])))


def test_the_basic_example_loads_what_happened_and_tells_it(basic: dg.ExecuteInProcessResult, world: World) -> None:
    [event] = basic.get_asset_materialization_events()
    figures = metadata(event)
    start, end = figures["start_date"], figures["end_date"]
    assert event.asset_key == dg.AssetKey(NAME)
    assert figures["dagster/column_schema"]

    # Tables.
    assert tables(NAME) == {
        "campaigns": "BASE TABLE",
        "reports": "BASE TABLE",
        "_loads": "BASE TABLE",
        "reports_nested": "VIEW",
        NAME: "VIEW",
    }
    assert_true(world, NAME, ACCOUNTS, (start, end))
    for account in ACCOUNTS:
        ids = [row for [row] in query(f"SELECT campaign_id FROM {NAME}.campaigns WHERE advertiser_id = ?", account)]
        assert sorted(ids) == world.entities(account, "campaigns")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    assert abs((datetime.date.fromisoformat(end) - today).days) <= 1
    first = datetime.date.fromisoformat(end) - datetime.date.fromisoformat(start)
    assert first.days in (30, 31)

    # Metadata.
    values = event.materialization.metadata
    assert {name: type(values[name]) for name in TYPES} == TYPES
    [(rows, campaigns)] = query(
        f"SELECT (SELECT count(*) FROM {NAME}.reports), (SELECT count(*) FROM {NAME}.campaigns)"
    )
    assert figures["dagster/row_count"] == figures["rows_reports"] == rows
    assert figures["rows_campaigns"] == campaigns
    assert figures["row_count"] == rows + campaigns
    assert figures["column_count"] == len(columns(NAME, "reports")) == len(figures["dagster/column_schema"].columns)
    assert figures["api_calls"] == len(world.calls())
    assert figures["advertiser_ids"] == ACCOUNTS
    assert sorted(figures["resources_requested"]) == sorted(figures["resources_loaded"]) == ["campaigns", "reports"]
    assert figures["bytes_downloaded"] > 0
    assert "tiktok_ads_warehouse" in figures["dagster/uri"]
    described = {column.name: column.description for column in figures["dagster/column_schema"].columns}
    assert described["spend"]
    spend = dict(query(f"SELECT currency, sum(spend)::DOUBLE FROM {NAME}.reports GROUP BY 1"))
    assert {name: figures[f"spend_total_{name}"] for name in spend} == pytest.approx(spend)
    assert isinstance(values["spend_total"], dg.FloatMetadataValue if len(spend) == 1 else dg.JsonMetadataValue)
    assert "campaign_name" in figures["preview"]

    # The state: one row per table, account and window, committed with the rows.
    loads = query(
        f"SELECT table_name, advertiser_id, status, sum(rows), load_id FROM {NAME}._loads GROUP BY ALL ORDER BY ALL"
    )
    assert {(table, account) for table, account, *_ in loads} == {
        (t, a) for t in ("campaigns", "reports") for a in ACCOUNTS
    }
    assert {(status, load) for *_, status, _, load in loads} == {("committed", figures["load_id"])}
    assert query(f"SELECT DISTINCT _load_id FROM {NAME}.reports") == [(figures["load_id"],)]
    assert sum(int(count) for *_, count, _ in loads) == figures["row_count"]

    # Views: the nested spelling, and the report under the asset's own name with the figures that tools look for last.
    nested = "SELECT sum(metrics.spend), max(dimensions.campaign_id) FROM {}.reports_nested"
    assert query(nested.format(NAME)) == query(f"SELECT sum(spend), max(campaign_id) FROM {NAME}.reports")
    assert [name for [name] in columns(NAME, NAME)][-4:] == ["impressions", "clicks", "conversions", "spend"]
    assert query(f"SELECT sum(spend) FROM {NAME}.{NAME}") == query(f"SELECT sum(spend) FROM {NAME}.reports")

    # Checks.
    verdicts = checks(basic)
    assert set(verdicts) == {
        "matches_api_total",
        "unique_key",
        "levels_reconcile",
        "accounts_loaded",
        "schema_unchanged",
    }
    assert {name for name, check in verdicts.items() if not check.passed} == set()
    assert verdicts["matches_api_total"].metadata["figures"].value["scopes_not_provable"] == 0
    assert "2" in summary(verdicts["accounts_loaded"])


def test_the_same_run_twice_leaves_the_same_tables(world: World, load: Any, run: Any) -> None:
    dates = "start_date: '2024-01-01'\nend_date: '2024-01-10'"
    component = load(attributes(f"asset_name: twice\nadvertiser_ids: 11,12\n{dates}"), basic=False)
    rows = "SELECT * EXCLUDE (_load_id, _loaded_at) FROM twice.{} ORDER BY ALL"
    run(component)
    first = [query(rows.format(table)) for table in ("campaigns", "reports")]
    result = run(component)
    assert [query(rows.format(table)) for table in ("campaigns", "reports")] == first
    assert all(first)
    assert all(check.passed for check in checks(result).values())


def test_every_resource_level_and_kind_of_report_is_true_to_the_cent(world: World, load: Any, run: Any) -> None:
    component = load(
        attributes("""
        asset_name: tt/everything
        advertiser_ids: ["21", "22"]
        resources: advertisers,campaigns,ad_groups,ads,videos,images,reports
        data_level: AUCTION_AD
        start_date: 2024-03-01
        end_date: 2024-04-05
        reports:
          - {name: accounts, data_level: AUCTION_ADVERTISER}
          - {name: groups, data_level: AUCTION_ADGROUP}
          - {name: hours, time_granularity: hour, start_date: 2024-03-30, end_date: 2024-04-01}
        """),
        basic=False,
    )
    result = run(component)
    schema, accounts, window = "tt_everything", ["21", "22"], ("2024-03-01", "2024-04-05")
    assert_true(world, schema, accounts, window, level="AUCTION_AD")
    assert_true(world, schema, accounts, window, table="report_accounts", level="AUCTION_ADVERTISER")
    assert_true(world, schema, accounts, window, table="report_groups", level="AUCTION_ADGROUP")
    hours = ("2024-03-30", "2024-04-01")
    assert_true(world, schema, accounts, hours, table="report_hours", granularity="hour")
    for table, key in {
        "campaigns": "campaign_id",
        "ad_groups": "adgroup_id",
        "ads": "ad_id",
        "videos": "video_id",
        "images": "image_id",
    }.items():
        for account in accounts:
            ids = [
                row
                for [row] in query(f"SELECT {key} FROM {schema}.{table} WHERE advertiser_id = ? ORDER BY 1", account)
            ]
            assert ids == world.entities(account, table)
    assert query(f"SELECT advertiser_id FROM {schema}.advertisers ORDER BY 1") == [(account,) for account in accounts]
    [event] = result.get_asset_materialization_events()
    assert event.asset_key == dg.AssetKey(["tt", "everything"])
    print({k: v for k, v in metadata(event).items() if k.startswith(("api_", "duration", "bytes"))})
    verdicts = checks(result)
    assert {name for name, check in verdicts.items() if not check.passed} == set(), [
        summary(check) for check in verdicts.values()
    ]
    assert verdicts["levels_reconcile"].metadata["figures"].value["comparisons"] > 0
