"""Every partition type, loaded one partition at a time and over a range: each partition has what happened in it."""

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

import dagster as dg
import pytest
from support_world import (
    World,
    assert_true,
    attributes,
    checks,
    metadata,
    observations,
    partition_rows,
    query,
)

ACCOUNTS = ["51", "52"]
BASE = "asset_name: ads\nadvertiser_ids: ['51', '52']\nresources: reports\n"
TABLE = "SELECT * EXCLUDE (_load_id, _loaded_at) FROM ads.reports ORDER BY ALL"


@dataclass(frozen=True)
class Case:
    """One way to cut the asset."""

    attributes: str
    keys: tuple[str, ...]
    """A contiguous range; its first and last are given to Dagster."""
    partition_of_row: str
    """The key of a row, in SQL."""
    windows: tuple[tuple[str, str], ...]
    """What is asked of TikTok for the range, for each account."""
    granularity: str = "day"
    accounts: tuple[str, ...] = ("51", "52")
    empty: tuple[str, ...] = ()
    """Keys to which no row belongs."""


TIME = "partition_type: {}\npartition_start: '2024-01-01'\n"
AXES = """\
partition_dimensions:
  - {name: month, type: monthly, start: 2024-01-01}
  - {name: who, type: static, values: "51,52"}
"""
DATES = "start_date: '2024-02-01'\nend_date: '2024-02-03'\n"
CASES = {
    "daily": Case(
        TIME.format("daily"),
        ("2024-02-28", "2024-02-29", "2024-03-01"),
        "stat_time_day::VARCHAR",
        (("2024-02-28", "2024-03-01"),),
    ),
    "daily in a time zone": Case(
        TIME.format("daily") + "partition_timezone: America/Los_Angeles",
        ("2024-03-09", "2024-03-10", "2024-03-11"),
        "stat_time_day::VARCHAR",
        (("2024-03-09", "2024-03-11"),),
    ),
    "weekly": Case(
        TIME.format("weekly"),
        ("2024-01-07", "2024-01-14"),
        "(date_trunc('week', stat_time_day + 1)::DATE - 1)::VARCHAR",
        (("2024-01-07", "2024-01-20"),),
    ),
    "monthly": Case(
        TIME.format("monthly"),
        ("2024-01-01", "2024-02-01"),
        "date_trunc('month', stat_time_day)::DATE::VARCHAR",
        (("2024-01-01", "2024-01-30"), ("2024-01-31", "2024-02-29")),
    ),
    "hourly": Case(
        TIME.format("hourly"),
        ("2024-01-01-22:00", "2024-01-01-23:00", "2024-01-02-00:00"),
        "strftime(stat_time_hour, '%Y-%m-%d-%H:%M')",
        (("2024-01-01", "2024-01-01"), ("2024-01-02", "2024-01-02")),
        granularity="hour",
    ),
    "hourly where an hour comes twice": Case(
        TIME.format("hourly") + "partition_timezone: America/Los_Angeles",
        ("2024-11-03-00:00", "2024-11-03-01:00", "2024-11-03-01:00-0800", "2024-11-03-02:00"),
        "strftime(stat_time_hour, '%Y-%m-%d-%H:%M') || CASE hour(stat_time_hour) WHEN 1 THEN '-0800' ELSE '' END",
        (("2024-11-03", "2024-11-03"),),
        granularity="hour",
        empty=("2024-11-03-01:00",),
    ),
    "static": Case(
        f"{DATES}partition_type: static\npartition_values: 51,52",
        ("51", "52"),
        "advertiser_id",
        (("2024-02-01", "2024-02-03"),),
    ),
    "dynamic": Case(
        f"{DATES}partition_type: dynamic\ndynamic_partition_name: accounts",
        ("51", "52"),
        "advertiser_id",
        (("2024-02-01", "2024-02-03"),),
    ),
    "multi": Case(
        TIME.format("multi") + "partition_values: 51,52",
        ("51|2024-02-28", "51|2024-02-29"),
        "advertiser_id || '|' || stat_time_day",
        (("2024-02-28", "2024-02-29"),),
        accounts=("51",),
    ),
    "two axes": Case(
        AXES,
        ("2024-02-01|51", "2024-02-01|52"),
        "date_trunc('month', stat_time_day)::DATE::VARCHAR || '|' || advertiser_id",
        (("2024-02-01", "2024-02-29"),),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_range_and_then_one_partition_hold_what_happened(
    name: str, world: World, load: Any, run: Any, instance: dg.DagsterInstance
) -> None:
    case = CASES[name]
    instance.add_dynamic_partitions("accounts", list(ACCOUNTS))
    component = load(attributes(BASE + case.attributes), basic=False)
    result = run(component, partitions=(case.keys[0], case.keys[-1]))
    assert sorted(set(world.windows())) == sorted(
        (account, *window) for account in case.accounts for window in case.windows
    )
    for start, end in case.windows:
        assert_true(world, "ads", case.accounts, (start, end), granularity=case.granularity)
    in_table = dict(query(f"SELECT {case.partition_of_row}, count(*) FROM ads.reports GROUP BY 1"))
    assert partition_rows(result) == {key: in_table.get(key, 0) for key in case.keys}
    assert tuple(key for key, rows in partition_rows(result).items() if rows == 0) == case.empty
    assert {check for check, verdict in checks(result).items() if not verdict.passed} == set()

    # One of them again changes nothing, and reads no other.
    at_once = query(TABLE)
    world.forget()
    [event] = run(component, partitions=case.keys[-1]).get_asset_materialization_events()
    assert event.partition == case.keys[-1]
    assert metadata(event)["dagster/partition_row_count"] == in_table[case.keys[-1]]
    assert query(TABLE) == at_once
    asked = world.windows()
    assert len(set(asked)) <= len(case.windows) * len(case.accounts)
    # By the hour TikTok gives no totals with the rows: each window has a control read beside it.
    assert len(asked) == len(set(asked)) * (2 if case.granularity == "hour" else 1)


def test_each_partition_has_its_own_dates_and_spend(world: World, load: Any, run: Any) -> None:
    component = load(attributes(BASE.replace("['51', '52']", "['51']") + TIME.format("daily")), basic=False)
    events = run(component, partitions=("2024-02-01", "2024-02-04")).get_asset_materialization_events()
    figures = {event.partition: metadata(event) for event in events}
    assert len(figures) == 4
    for day, found in figures.items():
        truth = world.truth("51", day, day)
        assert (found["start_date"], found["end_date"], found["dagster/partition_row_count"]) == (
            day,
            day,
            truth["rows"],
        )
        assert found["spend_total"] == pytest.approx(float(truth["spend"]))


def test_a_report_of_a_lifetime_beside_time_partitions_is_a_snapshot(world: World, load: Any, run: Any) -> None:
    life = "reports: [{name: life, time_granularity: lifetime, data_level: AUCTION_ADVERTISER}]\n"
    component = load(attributes(BASE + TIME.format("daily") + life), basic=False)
    snapshot = "SELECT * EXCLUDE (_load_id, _loaded_at) FROM ads.report_life ORDER BY ALL"
    run(component, partitions=("2024-02-01", "2024-02-02"))
    before = query(snapshot)
    assert [row[0] for row in before] == ACCOUNTS
    result = run(component, partitions="2024-02-03")
    assert query(snapshot) == before
    assert {check for check, verdict in checks(result).items() if not verdict.passed} == set()


def test_a_year_of_days_is_thirteen_windows_for_each_account(world: World, load: Any, run: Any) -> None:
    component = load(attributes(BASE + TIME.format("daily").replace("2024", "2023")), basic=False)
    result = run(component, partitions=("2023-01-01", "2023-12-31"))
    assert Counter(account for account, *_ in world.windows()) == {"51": 13, "52": 13}
    assert len(partition_rows(result)) == 365
    assert_true(world, "ads", ACCOUNTS, ("2023-01-01", "2023-12-31"))
    assert partition_rows(result) == dict(query("SELECT stat_time_day::VARCHAR, count(*) FROM ads.reports GROUP BY 1"))
    [figures] = {str(metadata(event)["api_calls"]) for event in result.get_asset_materialization_events()}
    assert int(figures) == len(world.calls())


def test_late_days_are_read_again_and_told_as_observations(world: World, load: Any, run: Any) -> None:
    moment = world.now()
    now = datetime.datetime.fromisoformat(moment.replace("Z", "+00:00"))
    day = {back: (now - datetime.timedelta(days=back)).date().isoformat() for back in range(12)}
    first = f"{BASE}partition_type: daily\npartition_start: '{day[11]}'\nrestate_days: "
    # What TikTok knew four days ago.
    world.set_clock(f"{day[4]}T00:30:00Z")
    run(load(attributes(f"{first}0"), basic=False), partitions=(day[11], day[5]))
    before = query(TABLE)
    loads = dict(query("SELECT stat_time_day::VARCHAR, max(_load_id) FROM ads.reports GROUP BY 1"))
    world.set_clock(moment)
    world.forget()

    # One day more than these partitions are old: an account east of Greenwich may be a day ahead already.
    result = run(load(attributes(f"{first}4"), basic=False), partitions=(day[2], day[1]))
    assert set(world.windows()) == {(account, day[6], day[1]) for account in ACCOUNTS}
    assert_true(world, "ads", ACCOUNTS, (day[6], day[1]))
    assert set(partition_rows(result)) == {day[2], day[1]}
    assert sorted(str(one.partition) for one in observations(result)) == sorted([day[6], day[5], day[4], day[3]])
    # Settled days keep their rows as they were, and restated ones have TikTok's new figures.
    after = dict(query("SELECT stat_time_day::VARCHAR, max(_load_id) FROM ads.reports GROUP BY 1"))
    assert {name for name, load_id in loads.items() if after[name] != load_id} == {day[6], day[5]}
    assert query(TABLE)[: len(before)] != before


def test_late_days_of_an_account_are_its_own_partitions_and_none_is_before_the_first(
    world: World, load: Any, run: Any
) -> None:
    now = datetime.datetime.fromisoformat(world.now().replace("Z", "+00:00"))
    day = {back: (now - datetime.timedelta(days=back)).date().isoformat() for back in range(6)}
    axes = f"[{{name: a, type: daily, start: '{day[4]}'}}, {{name: b, type: static, values: '51,52'}}]"
    text = f"{BASE.replace('reports', 'campaigns,reports')}partition_dimensions: {axes}\nrestate_days: 5\n"
    result = run(load(attributes(text), basic=False), partitions=f"{day[2]}|51")
    assert set(world.windows()) == {("51", day[4], day[2])}
    assert [str(one.partition) for one in observations(result)] == [f"{day[4]}|51", f"{day[3]}|51"]


def test_a_settled_partition_reads_nothing_but_itself(world: World, load: Any, run: Any) -> None:
    result = run(load(attributes(BASE + TIME.format("daily")), basic=False), partitions="2024-02-10")
    assert world.windows() == [(account, "2024-02-10", "2024-02-10") for account in ACCOUNTS]
    assert not observations(result)


def test_a_partition_of_a_stranger_is_refused_by_name(world: World, load: Any, run: Any) -> None:
    text = f"{BASE}{DATES}partition_type: dynamic\ndynamic_partition_name: accounts"
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("accounts", ["99"])
        result = run(load(attributes(text), basic=False), partitions="99", instance=instance, raise_on_error=False)
    [failed] = result.filter_events(lambda event: event.is_step_failure)
    assert "99" in failed.step_failure_data.user_failure_data.description
    assert not world.windows()
