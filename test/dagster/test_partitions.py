"""Every partition type and backfill policy: definitions, windows, range runs, figures of each partition."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster.components.testing.utils import component_defs
from dagster_component_templates.partitions import windows

ACCOUNTS = ["1234567890", "9876543210"]


def definition_of(component: Any) -> Any:
    [definition] = component_defs(component=component).assets
    return definition.partitions_def


def window(
    key: str,
    start: str | None,
    end: str | None,
    account: str | None = None,
    hours: tuple[str | None, str | None] = (None, None),
) -> dict[str, Any]:
    dates = {"key": key, "start": start, "end": end, "advertiser_id": account}
    return {**dates, "hour_start": hours[0], "hour_end": hours[1]}


TIME_CASES = [
    ("daily", "2024-01-01", ("2024-02-28", "2024-03-01"), [
        window("2024-02-28", "2024-02-28", "2024-02-28"),
        window("2024-02-29", "2024-02-29", "2024-02-29"),
        window("2024-03-01", "2024-03-01", "2024-03-01"),
    ]),
    ("weekly", "2024-01-01", ("2024-01-07", "2024-01-14"), [
        window("2024-01-07", "2024-01-07", "2024-01-13"),
        window("2024-01-14", "2024-01-14", "2024-01-20"),
    ]),
    ("monthly", "2024-01-01", ("2024-01-01", "2024-02-01"), [
        window("2024-01-01", "2024-01-01", "2024-01-31"),
        window("2024-02-01", "2024-02-01", "2024-02-29"),
    ]),
    ("hourly", "2024-01-01", ("2024-01-01-23:00", "2024-01-02-00:00"), [
        window("2024-01-01-23:00", "2024-01-01", "2024-01-01", hours=("2024-01-01T23:00:00", "2024-01-02T00:00:00")),
        window("2024-01-02-00:00", "2024-01-02", "2024-01-02", hours=("2024-01-02T00:00:00", "2024-01-02T01:00:00")),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "start", "keys", "windows"), TIME_CASES)
@pytest.mark.parametrize("zone", [None, "America/Los_Angeles", "Europe/Berlin"])
def test_a_range_of_time_partitions_tells_the_dates_of_each(
    kind: str,
    start: str,
    keys: tuple[str, str],
    windows: list[dict[str, Any]],
    zone: str | None,
    fake: Any,
    load: Any,
    run: Any,
) -> None:
    attributes = f"checks: false\npartition_type: {kind}\npartition_start: '{start}'"
    run(load(f"{attributes}\npartition_timezone: {zone}" if zone else attributes), partitions=keys)
    assert fake.extras["partitions"] == {"keys": [one["key"] for one in windows], "windows": windows, "time_zone": zone}


@pytest.mark.parametrize(("kind", "start", "keys", "windows"), TIME_CASES)
def test_a_single_partition_tells_its_dates_too(
    kind: str, start: str, keys: tuple[str, str], windows: list[dict[str, Any]], fake: Any, load: Any, run: Any
) -> None:
    run(load(f"checks: false\npartition_type: {kind}\npartition_start: '{start}'"), partitions=keys[0])
    assert fake.extras["partitions"]["windows"] == windows[:1]


def test_hourly_partitions_may_start_at_an_hour(load: Any) -> None:
    component = load("partition_type: hourly\npartition_start: '2024-01-01-05:00'")
    assert definition_of(component).get_first_partition_key() == "2024-01-01-05:00"


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (
            "America/Los_Angeles",
            "2024-11-03",
            {"01:00": ("01:00", "01:00"), "01:00-0800": ("01:00", "02:00"), "02:00": ("02:00", "03:00")},
        ),
        ("America/Los_Angeles", "2024-03-10", {"01:00": ("01:00", "03:00"), "03:00": ("03:00", "04:00")}),
        ("Europe/Berlin", "2024-10-27", {"02:00": ("02:00", "02:00"), "02:00+0100": ("02:00", "03:00")}),
        # Half an hour comes again here; TikTok's labels are of full hours.
        ("Australia/Lord_Howe", "2024-04-07", {"01:00": ("01:00", "01:30"), "01:30+1030": ("01:30", "02:30")}),
        # Two hours come again.
        (
            "Antarctica/Troll",
            "2024-10-27",
            {
                "01:00": ("01:00", "01:00"),
                "02:00": ("02:00", "02:00"),
                "01:00+0000": ("01:00", "02:00"),
                "02:00+0000": ("02:00", "03:00"),
            },
        ),
    ],
)
def test_each_label_of_an_hour_belongs_to_one_partition_where_clocks_change(
    zone: str, day: str, hours: dict[str, tuple[str, str]]
) -> None:
    definition = dg.HourlyPartitionsDefinition(start_date=f"{day}-00:00", timezone=zone)
    end = datetime.fromisoformat(day) + timedelta(days=1)
    keys = [key for key in definition.get_partition_keys(end.replace(tzinfo=ZoneInfo(zone))) if key.startswith(day)]
    found = windows(definition, keys)
    assert {name: found[keys.index(f"{day}-{name}")] for name in hours} == {
        name: window(f"{day}-{name}", day, day, hours=(f"{day}T{first}:00", f"{day}T{after}:00"))
        for name, (first, after) in hours.items()
    }
    labels = [f"{day}T{hour:02}:00:00" for hour in range(24)]
    owners = [[one["key"] for one in found if one["hour_start"] <= label < one["hour_end"]] for label in labels]
    assert [len(one) for one in owners] == [1] * 24


def test_static_partitions_are_accounts(fake: Any, load: Any, run: Any) -> None:
    component = load("checks: false\npartition_type: static\npartition_values: 1234567890,9876543210")
    run(component, partitions=(ACCOUNTS[0], ACCOUNTS[1]))
    assert fake.extras["partitions"]["windows"] == [window(account, None, None, account) for account in ACCOUNTS]


def test_dynamic_partitions_are_accounts(fake: Any, load: Any, run: Any, instance: dg.DagsterInstance) -> None:
    instance.add_dynamic_partitions("tiktok_advertisers", ["1234567890"])
    run(
        load("checks: false\npartition_type: dynamic\ndynamic_partition_name: tiktok_advertisers"),
        partitions="1234567890",
    )
    assert fake.extras["partitions"]["windows"] == [window("1234567890", None, None, "1234567890")]


@pytest.mark.parametrize(
    "attributes",
    [
        "partition_type: multi\npartition_start: '2024-01-01'\npartition_values: 1234567890,9876543210",
        """
        partition_type: multi
        partition_dimensions:
          - {name: date, type: daily, start: 2024-01-01}
          - {name: advertiser, type: static, values: "1234567890,9876543210"}
        """,
    ],
)
def test_multi_partitions_are_dates_of_accounts(attributes: str, fake: Any, load: Any, run: Any) -> None:
    import textwrap

    component = load(f"checks: false\n{textwrap.dedent(attributes)}")
    run(component, partitions=f"{ACCOUNTS[1]}|2024-01-03")
    key = f"{ACCOUNTS[1]}|2024-01-03"
    assert fake.extras["partitions"]["windows"] == [window(key, "2024-01-03", "2024-01-03", ACCOUNTS[1])]


def test_a_range_of_multi_partitions_covers_the_product(fake: Any, load: Any, run: Any) -> None:
    component = load(
        "checks: false\npartition_type: multi\npartition_start: '2024-01-01'\npartition_values: 1234567890,9876543210"
    )
    result = run(component, partitions=(f"{ACCOUNTS[0]}|2024-01-01", f"{ACCOUNTS[1]}|2024-01-02"))
    keys = {(one["advertiser_id"], one["start"]) for one in fake.extras["partitions"]["windows"]}
    assert keys == {(account, day) for account in ACCOUNTS for day in ("2024-01-01", "2024-01-02")}
    assert len(result.get_asset_materialization_events()) == 4


def test_each_partition_of_a_range_has_its_own_figures(fake: Any, load: Any, run: Any) -> None:
    component = load("checks: false\npartition_type: daily\npartition_start: '2024-01-01'")
    events = run(component, partitions=("2024-01-01", "2024-01-03")).get_asset_materialization_events()
    figures = {event.partition: event.materialization.metadata["dagster/partition_row_count"].value for event in events}
    assert figures == {"2024-01-01": 20240101, "2024-01-02": 20240102, "2024-01-03": 20240103}


def test_a_run_without_partition_has_no_partitions(fake: Any, load: Any, run: Any) -> None:
    run(load("checks: false"))
    assert fake.extras["partitions"] is None


def test_the_backfills_id_reaches_the_executable(fake: Any, load: Any, run: Any) -> None:
    component = load("checks: false\npartition_type: daily\npartition_start: '2024-01-01'")
    run(component, partitions="2024-01-01", tags={"dagster/backfill": "abc"})
    assert fake.extras["backfill"] == {"id": "abc", "windows": None}


@pytest.mark.parametrize(
    ("attributes", "policy"),
    [
        ("", dg.BackfillPolicy.single_run()),
        ("backfill_policy: multi_run", dg.BackfillPolicy.multi_run(1)),
        ("backfill_policy: multi_run\nbackfill_policy_max_partitions_per_run: 30", dg.BackfillPolicy.multi_run(30)),
    ],
)
def test_the_backfill_policy_is_the_users(attributes: str, policy: dg.BackfillPolicy, load: Any) -> None:
    component = load(f"partition_type: daily\npartition_start: '2024-01-01'\n{attributes}")
    [definition] = component_defs(component=component).assets
    assert definition.backfill_policy == policy


ANY = "true OR NULL"
START = "partition_start: '2024-01-01'"
AXES = "partition_dimensions: [{name: date, type: %s, start: '2024-01-01'}, {name: who, type: static, values: '51'}]"
HOURS = "reports: [{name: hours, time_granularity: hour}, {name: life, time_granularity: lifetime}]"


@pytest.mark.parametrize(
    ("attributes", "table", "expression"),
    [
        (f"partition_type: daily\n{START}", "reports", "stat_time_day"),
        (f"partition_type: daily\n{START}", "campaigns", ANY),
        (f"partition_type: daily\n{START}\n{HOURS}", "report_hours", "stat_time_hour"),
        (f"partition_type: static\npartition_values: '51'\n{HOURS}", "report_life", "advertiser_id"),
        (f"partition_type: hourly\n{START}", "reports", "stat_time_hour"),
        (f"partition_type: daily\n{START}\ndestination: bigquery", "reports", "CAST(stat_time_day AS DATETIME)"),
        (f"partition_type: hourly\n{START}\ndestination: bigquery", "reports", "stat_time_hour"),
        ("partition_type: static\npartition_values: '51'", "reports", "advertiser_id"),
        ("partition_type: static\npartition_values: '51'", "campaigns", "advertiser_id"),
        (
            f"partition_type: multi\n{START}\npartition_values: '51'",
            "reports",
            {"advertiser": "advertiser_id", "date": "stat_time_day"},
        ),
        (
            f"partition_type: multi\n{START}\npartition_values: '51'",
            "campaigns",
            {"advertiser": "advertiser_id", "date": ANY},
        ),
        (AXES % "hourly", "reports", {"date": "stat_time_hour", "who": "advertiser_id"}),
        (AXES % "daily", "campaigns", {"date": "NULL OR ''", "who": "advertiser_id"}),
    ],
)
def test_dagsters_own_io_managers_find_the_partition_column(
    attributes: str, table: str, expression: Any, load: Any
) -> None:
    text = f"asset_name: ads\nmode: simulate\nadvertiser_ids: '51'\nasset_layout: per_resource\n{attributes}"
    component = load(text, basic=False)
    assert component.get_asset_spec(table).metadata["partition_expr"] == expression


def test_an_hourly_axis_makes_hourly_columns(load: Any) -> None:
    text = f"asset_name: ads\nmode: simulate\nadvertiser_ids: '51'\n{AXES % 'hourly'}"
    schema = load(text, basic=False).get_asset_spec("reports").metadata["dagster/column_schema"]
    assert {column.name for column in schema.columns} >= {"stat_time_hour", "stat_time_hour_utc"}


def test_a_partition_that_does_not_exist_is_refused_before_anything_starts(fake: Any, load: Any, run: Any) -> None:
    with pytest.raises(dg.DagsterUnknownPartitionError):
        run(load("partition_type: static\npartition_values: 1234567890"), partitions="1111111111")
    assert not fake.path("record").exists()
