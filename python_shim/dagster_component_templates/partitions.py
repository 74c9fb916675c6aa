"""Partitions: their definition, and which dates and which account each key stands for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import dagster as dg

TIME_TYPES = ("daily", "weekly", "monthly", "hourly")

ANY_TIME = "true OR NULL"
"""Dagster's IO managers write `[others AND] E >= 'start' AND E < 'end' [AND others]`. With this E that is `others`."""
ANY_TIME_BEFORE = "NULL OR ''"
"""The same where others come after it."""

_NOTHING: Mapping[str, str | None] = dict.fromkeys(("key", "start", "end", "advertiser_id", "hour_start", "hour_end"))


class PartitionAttributes(Protocol):
    """The attributes of the component that say how it is partitioned."""

    partition_type: str | None
    partition_start: str | None
    partition_values: list[str] | None
    dynamic_partition_name: str | None
    partition_dimensions: list[dict[str, Any]] | None
    partition_timezone: str | None
    backfill_policy: str | None
    backfill_policy_max_partitions_per_run: int | None


def partitions_definition(attributes: PartitionAttributes) -> dg.PartitionsDefinition[str] | None:
    """The asset's partitions, or None."""
    zone = attributes.partition_timezone
    if attributes.partition_dimensions:
        axes = {
            axis["name"]: _axis(
                axis["type"], axis.get("start"), axis.get("values"), axis.get("dynamic_partition_name"), zone
            )
            for axis in attributes.partition_dimensions
        }
        return dg.MultiPartitionsDefinition(axes) if len(axes) > 1 else next(iter(axes.values()))
    kind, start, values, name = (
        attributes.partition_type,
        attributes.partition_start,
        attributes.partition_values,
        attributes.dynamic_partition_name,
    )
    if kind is None:
        return None
    if kind == "multi":
        accounts = _axis("static" if values else "dynamic", None, values, name, zone)
        return dg.MultiPartitionsDefinition({"date": _axis("daily", start, None, None, zone), "advertiser": accounts})
    return _axis(kind, start, values, name, zone)


def backfill_policy(attributes: PartitionAttributes) -> dg.BackfillPolicy | None:
    """How a backfill is cut into runs; None for an asset without partitions."""
    if attributes.partition_type is None and not attributes.partition_dimensions:
        return None
    if attributes.backfill_policy == "multi_run":
        return dg.BackfillPolicy.multi_run(attributes.backfill_policy_max_partitions_per_run or 1)
    return dg.BackfillPolicy.single_run()


def partition_expression(
    definition: dg.PartitionsDefinition[str] | None, time: str | None
) -> str | dict[str, str] | None:
    """What the keys are compared with, by axis if there are two: `partition_expr` of Dagster's own IO managers.

    `time`: the expression of a row's time, or None for a snapshot, whose rows belong to every time.
    """
    if not isinstance(definition, dg.MultiPartitionsDefinition):
        return None if definition is None else _expression(definition, time, ANY_TIME)
    # The order in which an IO manager puts the axes into its condition.
    first, *_ = definition.partitions_defs
    return {
        axis.name: _expression(axis.partitions_def, time, ANY_TIME_BEFORE if axis is first else ANY_TIME)
        for axis in definition.partitions_defs
    }


def windows(definition: dg.PartitionsDefinition[str], keys: Sequence[str]) -> list[dict[str, str | None]]:
    """For each key its dates, both ends included, its account, and its hours if it is an hourly partition.

    Hours are what the partition's wall clock shows from its start to its end, the end not included. TikTok has one
    label for both of the hours that come when clocks are set back: it belongs to the second partition, in which it is
    over, and the first has none. The partition before an hour that is left out has that label too: there are accounts
    of other time zones. So each label belongs to one partition, as it does for Dagster's own IO managers.
    """
    return [_window(definition, key) for key in keys]


def _axis(
    kind: str, start: str | None, values: Sequence[str] | None, name: str | None, zone: str | None
) -> dg.PartitionsDefinition[str]:
    if kind == "static":
        return dg.StaticPartitionsDefinition(list(values or ()))
    if kind == "dynamic":
        return dg.DynamicPartitionsDefinition(name=name)
    if start is None:
        raise ValueError(f"{kind} partitions need a start")
    if kind == "hourly":
        first = start if len(start) > len("2024-01-01") else f"{start}-00:00"
        return dg.HourlyPartitionsDefinition(start_date=first, timezone=zone)
    by_kind: dict[str, Callable[..., dg.PartitionsDefinition[str]]] = {
        "daily": dg.DailyPartitionsDefinition,
        "weekly": dg.WeeklyPartitionsDefinition,
        "monthly": dg.MonthlyPartitionsDefinition,
    }
    return by_kind[kind](start_date=start[: len("2024-01-01")], timezone=zone)


def _expression(definition: dg.PartitionsDefinition[str], time: str | None, any_time: str) -> str:
    if not isinstance(definition, dg.TimeWindowPartitionsDefinition):
        return "advertiser_id"
    return any_time if time is None else time


def _window(definition: dg.PartitionsDefinition[str], key: str) -> dict[str, str | None]:
    if isinstance(definition, dg.MultiPartitionsDefinition):
        parts: Mapping[str, str] = definition.get_partition_key_from_str(key).keys_by_dimension
        axes = [_window(axis.partitions_def, parts[axis.name]) for axis in definition.partitions_defs]
        known = {name: value for axis in axes for name, value in axis.items() if value is not None}
        return {**_NOTHING, **known, "key": key}
    if not isinstance(definition, dg.TimeWindowPartitionsDefinition):
        return {**_NOTHING, "key": key, "advertiser_id": key}
    window = definition.time_window_for_partition_key(key)
    # Dagster's end is exclusive, TikTok's is not.
    last = window.end - timedelta(microseconds=1)
    hourly = definition.schedule_type is not None and definition.schedule_type.value == "HOURLY"
    return {
        **_NOTHING,
        "key": key,
        "start": window.start.date().isoformat(),
        "end": last.date().isoformat(),
        **(_hours(window.start, window.end) if hourly else {}),
    }


def _hours(start: datetime, end: datetime) -> dict[str, str | None]:
    comes_again = start.fold == 0 and start.replace(fold=1).utcoffset() != start.utcoffset()
    first, after = (moment.replace(tzinfo=None, fold=0) for moment in (start, start if comes_again else end))
    return {"hour_start": first.isoformat(), "hour_end": after.isoformat()}
