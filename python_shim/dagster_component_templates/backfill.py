"""What the backfill of a run covers with all its runs."""

from datetime import date, timedelta
from typing import Any

import dagster as dg

from dagster_component_templates import partitions

BACKFILL_TAG = "dagster/backfill"


def extras(context: dg.AssetExecutionContext) -> dict[str, Any] | None:
    """The backfill of this run, or None: its id, and the dates that all its runs cover together.

    A run does not read days again that a neighbour of the same backfill reads anyway.
    """
    backfill_id = context.run.tags.get(BACKFILL_TAG)
    if backfill_id is None:
        return None
    return {"id": backfill_id, "windows": _windows(context, backfill_id)}


def _windows(context: dg.AssetExecutionContext, backfill_id: str) -> list[dict[str, str]] | None:
    definition = context.assets_def.partitions_def
    keys = _target_keys(context, backfill_id)
    if definition is None or keys is None:
        return None
    dated = [(window["start"], window["end"]) for window in partitions.windows(definition, keys)]
    return _joined([(start, end) for start, end in dated if start is not None and end is not None])


def _joined(windows: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Windows that touch made one: a year of days is one line, for what is passed to a container has to be short."""
    joined: list[dict[str, str]] = []
    for start, end in sorted(windows):
        last = joined[-1] if joined else None
        if last is not None and date.fromisoformat(start) <= date.fromisoformat(last["end"]) + timedelta(days=1):
            last["end"] = max(last["end"], end)
        else:
            joined.append({"start": start, "end": end})
    return joined


def _target_keys(context: dg.AssetExecutionContext, backfill_id: str) -> list[str] | None:
    """The partitions that the backfill asked for; None where Dagster does not tell."""
    backfill = context.instance.get_backfill(backfill_id)
    data = getattr(backfill, "asset_backfill_data", None)
    subset_of = getattr(data, "get_target_partitions_subset", None)
    if subset_of is None:
        return None
    keys: set[str] = set()
    for key in context.selected_asset_keys:
        subset = subset_of(key)
        if subset is not None:
            keys.update(subset.get_partition_keys())
    return sorted(keys)
