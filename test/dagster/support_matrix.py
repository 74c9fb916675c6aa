"""Every way to cut the asset into partitions, and what a backfill of some of them has to come to."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Window = tuple[str, str, str]
"""Account, first and last day."""

POLICIES: Mapping[str, tuple[str, int | None]] = {
    "single_run": ("", None),
    "multi_run of 1": ("backfill_policy: multi_run", 1),
    "multi_run of 2": ("backfill_policy: multi_run\nbackfill_policy_max_partitions_per_run: 2", 2),
}
"""For each policy its attributes, and the most partitions of a run."""

DAYS_OF_ONE_CALL = {"day": 30, "hour": 1}


@dataclass(frozen=True)
class Cut:
    """One way to cut the asset."""

    attributes: str
    stretches: tuple[tuple[str, ...], ...]
    """The keys of a backfill with a gap; those of a stretch adjoin."""
    windows: Callable[[str], Window]
    """What a key stands for. An account of `*` is all of them."""
    partition_of_row: str
    """The key of a row, in SQL."""
    granularity: str = "day"
    accounts: tuple[str, ...] = ("71", "72")

    @property
    def keys(self) -> list[str]:
        """All keys of the backfill."""
        return list(itertools.chain(*self.stretches))

    def runs(self, most: int | None) -> list[list[str]]:
        """The keys of each run, where a run has at most so many partitions."""
        return [
            list(stretch[at : at + (most or len(stretch))])
            for stretch in self.stretches
            for at in range(0, len(stretch), most or len(stretch))
        ]

    def asked(self, keys: Iterable[str]) -> list[Window]:
        """What a run asks TikTok for: days that adjoin together, as many as one call may cover."""
        days: dict[str, set[date]] = {}
        for key in keys:
            account, start, end = self.windows(key)
            for one in self.accounts if account == "*" else (account,):
                days.setdefault(one, set()).update(between(start, end))
        return sorted(
            (account, str(chunk[0]), str(chunk[-1]))
            for account, all_days in days.items()
            for stretch in adjoining(sorted(all_days))
            for chunk in chunks(stretch, DAYS_OF_ONE_CALL[self.granularity])
        )


def between(start: str, end: str) -> list[date]:
    """Each day of a window."""
    first = date.fromisoformat(start)
    return [first + timedelta(days) for days in range((date.fromisoformat(end) - first).days + 1)]


def adjoining(days: Sequence[date]) -> list[list[date]]:
    """The days in stretches without a gap."""
    stretches: list[list[date]] = []
    for day in days:
        if stretches and day - stretches[-1][-1] == timedelta(1):
            stretches[-1].append(day)
        else:
            stretches.append([day])
    return stretches


def chunks(days: list[date], most: int) -> list[list[date]]:
    """At most so many days each."""
    return [days[at : at + most] for at in range(0, len(days), most)]


def day(key: str) -> Window:
    return "*", key, key


def hour(key: str) -> Window:
    return "*", key[:10], key[:10]


def week(key: str) -> Window:
    return "*", key, str(date.fromisoformat(key) + timedelta(6))


def month(key: str) -> Window:
    first = date.fromisoformat(key)
    return "*", key, str((first.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1))


def account_of(key: str) -> Window:
    return key, "2024-02-01", "2024-02-03"


def account_and(time: Callable[[str], Window], at: int) -> Callable[[str], Window]:
    """The window of a key of two axes, whose account is the part at this position."""

    def both(key: str) -> Window:
        parts = key.split("|")
        return (parts[at], *time(parts[1 - at])[1:])

    return both


TIME = "partition_type: {}\npartition_start: '2023-12-01'\n"
ACCOUNTS = "start_date: '2024-02-01'\nend_date: '2024-02-03'\n"
DAY_OF_ROW = "stat_time_day::VARCHAR"
HOUR_OF_ROW = "strftime(stat_time_hour, '%Y-%m-%d-%H:%M')"
WEEK_OF_ROW = "(date_trunc('week', stat_time_day + 1)::DATE - 1)::VARCHAR"
MONTH_OF_ROW = "date_trunc('month', stat_time_day)::DATE::VARCHAR"
AXES = """\
partition_dimensions:
  - {{name: {}, type: {}, start: 2023-12-01}}
  - {{name: who, {}}}
"""
STATIC = 'type: static, values: "71,72"'
DYNAMIC = "type: dynamic, dynamic_partition_name: accounts"
MULTI_KEYS = tuple(tuple(f"{account}|2024-02-{day}" for day in (27, 28, 29)) for account in (71, 72))

CUTS: Mapping[str, Cut] = {
    "daily": Cut(TIME.format("daily"), (("2024-02-28", "2024-02-29", "2024-03-01"), ("2024-03-05",)), day, DAY_OF_ROW),
    "daily, Los Angeles, clocks forward": Cut(
        TIME.format("daily") + "partition_timezone: America/Los_Angeles\n",
        (("2024-03-09", "2024-03-10", "2024-03-11"), ("2024-03-13",)),
        day,
        DAY_OF_ROW,
    ),
    "weekly": Cut(TIME.format("weekly"), (("2024-01-07", "2024-01-14"), ("2024-01-28",)), week, WEEK_OF_ROW),
    "weekly, Berlin, clocks back": Cut(
        TIME.format("weekly") + "partition_timezone: Europe/Berlin\n",
        (("2024-10-20", "2024-10-27"), ("2024-11-10",)),
        week,
        WEEK_OF_ROW,
    ),
    "monthly": Cut(TIME.format("monthly"), (("2023-12-01", "2024-01-01"), ("2024-03-01",)), month, MONTH_OF_ROW),
    "hourly": Cut(
        TIME.format("hourly"),
        (("2024-01-01-22:00", "2024-01-01-23:00", "2024-01-02-00:00"), ("2024-01-03-12:00",)),
        hour,
        HOUR_OF_ROW,
        granularity="hour",
    ),
    "hourly, Los Angeles, clocks forward": Cut(
        TIME.format("hourly") + "partition_timezone: America/Los_Angeles\n",
        (("2024-03-10-01:00", "2024-03-10-03:00"), ("2024-03-10-12:00",)),
        hour,
        # Accounts of other zones have the hour that is left out here: it belongs to the partition before it.
        HOUR_OF_ROW.replace(
            "stat_time_hour",
            "(stat_time_hour - INTERVAL 1 HOUR * (stat_time_hour = TIMESTAMP '2024-03-10 02:00:00')::INT)",
        ),
        granularity="hour",
    ),
    "static": Cut(
        f"{ACCOUNTS}partition_type: static\npartition_values: 71,72,73,74\n",
        (("71", "72"), ("74",)),
        account_of,
        "advertiser_id",
        accounts=("71", "72", "73", "74"),
    ),
    "dynamic": Cut(
        f"{ACCOUNTS}partition_type: dynamic\ndynamic_partition_name: accounts\n",
        (("71", "72"),),
        account_of,
        "advertiser_id",
    ),
    "multi, static accounts": Cut(
        TIME.format("multi") + "partition_values: 71,72\n",
        MULTI_KEYS,
        account_and(day, 0),
        f"advertiser_id || '|' || {DAY_OF_ROW}",
    ),
    "multi, dynamic accounts": Cut(
        TIME.format("multi") + "dynamic_partition_name: accounts\n",
        MULTI_KEYS,
        account_and(day, 0),
        f"advertiser_id || '|' || {DAY_OF_ROW}",
    ),
    "dimensions: weekly x static": Cut(
        AXES.format("week", "weekly", STATIC),
        (("2024-01-07|71", "2024-01-14|71"), ("2024-01-28|72",)),
        account_and(week, 1),
        f"{WEEK_OF_ROW} || '|' || advertiser_id",
    ),
    "dimensions: monthly x dynamic": Cut(
        AXES.format("month", "monthly", DYNAMIC),
        (("2024-02-01|71", "2024-02-01|72"),),
        account_and(month, 1),
        f"{MONTH_OF_ROW} || '|' || advertiser_id",
    ),
    "dimensions: hourly x static": Cut(
        AXES.format("hour", "hourly", STATIC),
        (("2024-01-01-23:00|71", "2024-01-02-00:00|71"), ("2024-01-01-05:00|72",)),
        account_and(hour, 1),
        f"{HOUR_OF_ROW} || '|' || advertiser_id",
        granularity="hour",
    ),
}
