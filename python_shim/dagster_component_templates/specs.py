"""What Dagster shows of the component: asset specs, asset checks, policies."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from dagster_component_templates.schedules import default_lag

RESOURCE_METADATA = "tiktok_ads/resource"
"""Metadata of an asset of layout per_resource: the resource it holds. Survives a change of its key."""

CHECKS: Mapping[str, str] = {
    "matches_api_total": "The rows of each account and window sum to TikTok's own spend, impressions and clicks.",
    "unique_key": "No two rows have the same key.",
    "levels_reconcile": "Ads sum to at most their ad groups, those to their campaigns, and those to the advertiser.",
    "accounts_loaded": "Every account asked for was loaded.",
    "schema_unchanged": "No column was added or changed its type in this load.",
}
TITLES: Mapping[str, str] = {
    "bigquery": "BigQuery",
    "duckdb": "DuckDB",
    "postgres": "Postgres",
    "redshift": "Redshift",
    "snowflake": "Snowflake",
}
"""Destinations as their makers write them."""

REPORT_CHECKS = frozenset({"matches_api_total", "levels_reconcile"})


def tables(resources: Sequence[str], reports: Sequence[Mapping[str, Any]]) -> list[str]:
    """The tables that the component fills, in order: one per resource, and one per named report."""
    return [*resources, *(f"report_{report['name']}" for report in reports)]


def is_report(table: str) -> bool:
    """Whether a table holds a report, and not entities."""
    return table == "reports" or table.startswith("report_")


def main_table(names: Sequence[str]) -> str:
    """The table that stands for the asset: the main report, else the first."""
    return "reports" if "reports" in names else names[0]


def description(resource: str, names: Sequence[str], layout: str, destination: str) -> str:
    """What an asset says of itself if the user says nothing."""
    where = TITLES.get(destination, destination)
    if layout == "per_resource":
        return f"TikTok Ads `{resource}` in {where}."
    return f"TikTok Ads in {where}: {', '.join(f'`{name}`' for name in names)}."


def identifier(text: str) -> str:
    """The text as a name that Dagster takes for an op or a Dagster resource."""
    return re.sub(r"[^A-Za-z0-9_]", "_", text.replace("/", "__"))


def dataset(asset_name: str, dataset_name: str | None) -> str:
    """The schema that holds the tables: the name given, else made of the asset's as the executable makes it."""
    if dataset_name:
        return dataset_name
    name = re.sub(r"[^A-Za-z0-9_]", "_", asset_name)[:63]
    return f"_{name}"[:63] if name[0].isdigit() else name


def check_specs(asset: dg.AssetKey, names: Sequence[str]) -> list[dg.AssetCheckSpec]:
    """The checks of an asset that holds these tables."""
    reports = any(is_report(name) for name in names)
    return [
        dg.AssetCheckSpec(name=name, asset=asset, description=text)
        for name, text in CHECKS.items()
        if reports or name not in REPORT_CHECKS
    ]


def freshness_policy(lag_minutes: int | None, cron: str | None, zone: str | None) -> Any:
    """A deadline by cron, or a greatest age, or None."""
    if cron is not None:
        lag = default_lag(cron) if lag_minutes is None else timedelta(minutes=lag_minutes)
        return dg.FreshnessPolicy.cron(deadline_cron=cron, lower_bound_delta=lag, timezone=zone or "UTC")
    return None if lag_minutes is None else dg.FreshnessPolicy.time_window(fail_window=timedelta(minutes=lag_minutes))


def retry_policy(retries: int | None, delay_seconds: float | None, backoff: str | None) -> dg.RetryPolicy | None:
    """Dagster's retry policy, or None."""
    if not retries:
        return None
    shapes = {"exponential": dg.Backoff.EXPONENTIAL, "linear": dg.Backoff.LINEAR, "fixed": None}
    return dg.RetryPolicy(
        max_retries=retries,
        delay=1 if delay_seconds is None else delay_seconds,
        backoff=shapes[backoff or "exponential"],
    )


REPORT_ATTRIBUTES = ("report_type", "data_level", "metrics", "dimensions", "time_granularity")


def code_version(resource: str, layout: str, attributes: Mapping[str, Any]) -> str:
    """Changes when what the asset's tables hold changes. `attributes`: all values of the component, by name."""
    named = [
        report for report in attributes["reports"] or [] if layout == "single" or f"report_{report['name']}" == resource
    ]
    main = layout == "single" or resource == "reports"
    content = {
        "resources": attributes["resources"] if layout == "single" else resource,
        "include_deleted": attributes["include_deleted"],
        "report": {name: attributes[name] for name in REPORT_ATTRIBUTES} if main else None,
        "reports": named,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:12]


def column_lineage(lineage: Mapping[str, Sequence[str]], deps: Sequence[str]) -> dg.TableColumnLineage:
    """Lineage of columns: of the first asset in `deps`, or of the asset that stands before a colon."""
    upstream = {column: [_column_dep(text, deps) for text in sources] for column, sources in lineage.items()}
    return dg.TableColumnLineage(
        {column: [dep for dep in found if dep is not None] for column, found in upstream.items()}
    )


def _column_dep(text: str, deps: Sequence[str]) -> dg.TableColumnDep | None:
    asset, colon, column = text.rpartition(":")
    if colon:
        return dg.TableColumnDep(asset_key=dg.AssetKey.from_user_string(asset), column_name=column)
    return dg.TableColumnDep(asset_key=dg.AssetKey.from_user_string(deps[0]), column_name=text) if deps else None
