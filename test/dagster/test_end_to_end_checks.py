"""Asset checks run alone: without TikTok, on what the tables hold now."""

from decimal import Decimal
from typing import Any

import dagster as dg
import pytest
from support_world import World, attributes, change, checks, query, summary

ADS = "asset_name: ads\nadvertiser_ids: ['41', '42']\nstart_date: '2024-01-01'\nend_date: '2024-01-05'\n"
DAILY = "asset_name: ads\nadvertiser_ids: ['41', '42']\npartition_type: daily\npartition_start: '2024-01-01'\n"
NAMES = {"matches_api_total", "unique_key", "levels_reconcile", "accounts_loaded", "schema_unchanged"}


def only(*names: str, asset: tuple[str, ...] = ("ads",)) -> dg.AssetSelection:
    """Checks of an asset, and not the asset: those named, or all."""
    key = dg.AssetKey([*asset])
    return (
        dg.AssetSelection.checks(*(dg.AssetCheckKey(key, name) for name in names))
        if names
        else dg.AssetSelection.checks_for_assets(key)
    )


def test_all_checks_run_alone_without_a_call_or_a_load(world: World, load: Any, run: Any) -> None:
    component = load(attributes(ADS), basic=False)
    run(component)
    before = query("FROM ads._loads ORDER BY ALL")
    world.forget()
    result = run(component, selection=only())
    assert {name: check.passed for name, check in checks(result).items()} == dict.fromkeys(NAMES, True)
    assert not result.get_asset_materialization_events()
    assert not world.calls()
    assert query("FROM ads._loads ORDER BY ALL") == before
    assert checks(result)["matches_api_total"].metadata["figures"].value["scopes_proven"] == 2


def test_one_check_runs_alone(world: World, load: Any, run: Any) -> None:
    component = load(attributes(ADS), basic=False)
    run(component)
    assert set(checks(run(component, selection=only("unique_key")))) == {"unique_key"}


def test_a_changed_amount_is_found_with_account_window_and_difference(world: World, load: Any, run: Any) -> None:
    component = load(attributes(ADS), basic=False)
    run(component)
    campaign = "(SELECT max(campaign_id) FROM ads.reports WHERE advertiser_id = '42' AND stat_time_day = '2024-01-03')"
    change(
        f"UPDATE ads.reports SET spend = spend + 7.25 WHERE campaign_id = {campaign} AND stat_time_day = '2024-01-03'"
    )
    result = run(component, selection=only("matches_api_total", "unique_key"))
    verdict = checks(result)["matches_api_total"]
    assert not verdict.passed
    assert verdict.severity == dg.AssetCheckSeverity.ERROR
    [found] = verdict.metadata["figures"].value["differences"]
    truth = Decimal(world.truth("42", "2024-01-01", "2024-01-05")["spend"])
    assert {name: found[name] for name in ("table", "advertiser_id", "metric")} == {
        "table": "reports",
        "advertiser_id": "42",
        "metric": "spend",
    }
    assert Decimal(found["api"]) == truth
    assert Decimal(found["loaded"]) == truth + Decimal("7.25")
    assert Decimal(found["difference"]) == Decimal("7.25")
    for words in ("42", "spend", "7.25", "2024-01-01"):
        assert words in summary(verdict)
    assert checks(result)["unique_key"].passed
    # Loading the window again mends it.
    assert checks(run(component))["matches_api_total"].passed


@pytest.mark.parametrize(
    ("wrong", "check", "words"),
    [
        ("DELETE FROM ads.reports WHERE stat_time_day = '2024-01-02' AND advertiser_id = '41'", "matches_api_total", "41"),
        ("INSERT INTO ads.campaigns FROM ads.campaigns LIMIT 1", "unique_key", "campaigns: 1"),
        ("DELETE FROM ads.reports; DELETE FROM ads._loads WHERE advertiser_id = '42'", "accounts_loaded", "42"),
    ],
)  # fmt: skip
def test_what_was_changed_by_hand_fails_its_check(
    wrong: str, check: str, words: str, world: World, load: Any, run: Any
) -> None:
    component = load(attributes(ADS), basic=False)
    run(component)
    change(wrong)
    verdict = checks(run(component, selection=only(check)))[check]
    assert not verdict.passed
    assert words in summary(verdict)


def test_checks_of_a_partitioned_asset_look_at_the_newest_load_of_each_window(
    world: World, load: Any, run: Any
) -> None:
    component = load(attributes(DAILY), basic=False)
    run(component, partitions=("2024-01-01", "2024-01-04"))
    run(component, partitions="2024-01-02")
    world.forget()
    # Dagster runs the checks of a partitioned asset without a partition.
    result = run(component, selection=only())
    assert {name for name, check in checks(result).items() if not check.passed} == set()
    change("UPDATE ads.reports SET clicks = clicks + 1 WHERE stat_time_day = '2024-01-02' AND advertiser_id = '41'")
    verdict = checks(run(component, selection=only("matches_api_total")))["matches_api_total"]
    assert not verdict.passed
    assert "clicks" in summary(verdict)
    assert not world.calls()


def test_checks_of_one_table_as_an_asset_look_at_that_table(world: World, load: Any, run: Any) -> None:
    component = load(attributes(f"{ADS}asset_layout: per_resource\nresources: campaigns,ads,reports"), basic=False)
    run(component)
    change("INSERT INTO ads.campaigns FROM ads.campaigns LIMIT 1")
    world.forget()
    for table, passed in (("campaigns", False), ("ads", True)):
        [verdict] = run(component, selection=only("unique_key", asset=("ads", table))).get_asset_check_evaluations()
        assert (verdict.asset_key.path[-1], verdict.passed) == (table, passed)
    assert not world.calls()


def test_levels_are_compared_with_tables_of_other_assets_too(world: World, load: Any, run: Any) -> None:
    by_ad = "resources: reports\nreports: [{name: by_ad, data_level: AUCTION_AD, metrics: spend}]"
    run(component := load(attributes(f"{ADS}asset_layout: per_resource\n{by_ad}"), basic=False))
    for table in ("reports", "report_by_ad"):
        [verdict] = run(
            component, selection=only("levels_reconcile", asset=("ads", table))
        ).get_asset_check_evaluations()
        assert verdict.passed
        assert verdict.metadata["figures"].value["comparisons"] > 0


def test_checks_before_the_first_load_say_that_nothing_is_there(world: World, load: Any, run: Any) -> None:
    component = load(attributes(ADS), basic=False)
    result = run(component, selection=only())
    verdicts = checks(result)
    assert not verdicts["accounts_loaded"].passed
    assert "41" in summary(verdicts["accounts_loaded"])
    assert not verdicts["matches_api_total"].passed
    assert not world.calls()
