"""The asset's value for downstream assets: its table as a pandas DataFrame, read when somebody asks for it."""

import json
import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_component_templates.attributes import resolve_references
from dagster_component_templates.partitions import windows

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

DEFAULT_FILE = "tiktok_ads_warehouse.duckdb"
LOCK_WAIT_SECONDS = 120.0
LOCK_POLL_SECONDS = 0.25
TIME_COLUMNS = ("stat_time_hour", "stat_time_day")

Span = tuple[str | None, datetime | None, datetime | None]
"""An account, and a half-open range of time; None is no limit."""


@dataclass(frozen=True)
class TableSource:
    """Where the asset's table lies."""

    destination: str
    credentials: Any = field(repr=False)
    """`destination_config` as written, a URL, or None."""
    credentials_variable: str | None
    dataset: str
    view: str
    """Name of the view that shows the table in reading order; the load leaves it out where a table has that name."""
    table: str


class TableValue(dg.IOManager):
    """Reads the asset's table from the warehouse. Writes nothing: the executable has loaded the table."""

    def __init__(self, source: TableSource) -> None:
        self._source = source

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Never called: the asset's step reports materializations and returns no object."""
        raise NotImplementedError("the table is written by the executable")

    def load_input(self, context: dg.InputContext) -> "pd.DataFrame":
        """All rows, or those of the partitions that are asked for.

        Raises dg.Failure if there is no table or no driver.
        """
        spans = None
        definition = context.asset_partitions_def if context.has_asset_partitions else None
        if definition is not None:
            spans = merged(span(window) for window in windows(definition, context.asset_partition_keys))
        return read_table(self._source, spans)


def read_table(source: TableSource, spans: Sequence[Span] | None) -> "pd.DataFrame":
    """The rows of these spans, or all rows."""
    source = replace(source, dataset=resolve_references(source.dataset, os.environ))
    if source.destination != "duckdb":
        raise dg.Failure(
            f"The value of this asset cannot be read from {source.destination} here. Use the table "
            f"{source.dataset}.{source.table} with Dagster's IO manager for {source.destination}, "
            "and set persist_only: true."
        )
    with _connect(duckdb_file(source)) as connection:
        relation = _relation(connection, source)
        columns = [name for name, *_ in connection.execute(f"SELECT * FROM {relation} LIMIT 0").description or []]
        condition, parameters = where(spans, columns)
        return connection.execute(f"SELECT * FROM {relation}{condition}", parameters).df()


def duckdb_file(source: TableSource) -> str:
    """The database file, with references resolved in this process's environment."""
    given = source.credentials
    if source.credentials_variable is not None:
        given = os.environ.get(source.credentials_variable)
        if given is None:
            raise dg.Failure(
                f"Environment variable {source.credentials_variable} is not set: it names the DuckDB file."
            )
    given = resolve_references(given, os.environ)
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = json.loads(given)
    if isinstance(given, Mapping):
        inner = given.get("path") or given.get("database") or given.get("credentials")
        given = inner.get("path") or inner.get("database") if isinstance(inner, Mapping) else inner
    path = DEFAULT_FILE if given is None else str(given)
    return path.removeprefix("duckdb:///").removeprefix("duckdb:").partition("?")[0]


def span(window: Mapping[str, str | None]) -> Span:
    """A partition's account and time."""
    start, end, hour = window["start"], window["end"], window["hour"]
    if hour is not None:
        begin = datetime.fromisoformat(hour)
        return window["advertiser_id"], begin, begin + timedelta(hours=1)
    if start is None or end is None:
        return window["advertiser_id"], None, None
    midnight = datetime.min.time()
    last = date.fromisoformat(end) + timedelta(days=1)
    return (
        window["advertiser_id"],
        datetime.combine(date.fromisoformat(start), midnight),
        datetime.combine(last, midnight),
    )


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same spans with neighbours joined, so that a year of days is one condition."""
    result: list[Span] = []
    for account, start, end in sorted(spans, key=lambda one: (one[0] or "", one[1] or datetime.min)):
        if (
            result
            and start is not None
            and result[-1][0] == account
            and result[-1][2] is not None
            and start <= result[-1][2]
        ):
            result[-1] = (account, result[-1][1], end if end is None else max(end, result[-1][2]))
        else:
            result.append((account, start, end))
    return result


def where(spans: Sequence[Span] | None, columns: Sequence[str]) -> tuple[str, list[Any]]:
    """A condition and its parameters. A table without a time column is a snapshot: time does not limit it."""
    if spans is None:
        return "", []
    time_column = next((name for name in TIME_COLUMNS if name in columns), None)
    conditions: list[str] = []
    parameters: list[Any] = []
    for account, start, end in spans:
        parts = []
        if account is not None:
            parts.append("advertiser_id = ?")
            parameters.append(account)
        if start is not None and end is not None and time_column is not None:
            parts.append(f"{time_column} >= ? AND {time_column} < ?")
            parameters += [start, end]
        conditions.append(f"({' AND '.join(parts) or 'true'})")
    return f" WHERE {' OR '.join(conditions) or 'false'}", parameters


def _connect(path: str) -> "duckdb.DuckDBPyConnection":
    try:
        import duckdb
        import pandas  # noqa: F401
    except ImportError as error:
        raise dg.Failure(
            f"Reading the asset's value needs pandas and duckdb, and {error.name} is missing: "
            "pip install 'dagster-tiktok-ads[pandas]'. "
            "With persist_only: true the asset has no value and needs neither.",
            allow_retries=False,
        ) from None
    if not os.path.exists(path):
        place = os.path.abspath(path)
        raise dg.Failure(
            f"There is no DuckDB file {place}. Materialize the asset first, in the same working directory."
        )
    end = time.monotonic() + LOCK_WAIT_SECONDS
    while True:
        try:
            return duckdb.connect(path, read_only=True)
        except duckdb.IOException as error:
            # A load holds the file for moments.
            if "lock" not in str(error).lower() or time.monotonic() > end:
                raise dg.Failure(f"The DuckDB file {path} cannot be opened: {error}") from error
            time.sleep(LOCK_POLL_SECONDS)


def _relation(connection: "duckdb.DuckDBPyConnection", source: TableSource) -> str:
    query = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = ?"
    found = dict(connection.execute(query, [source.dataset]).fetchall())
    name = source.view if found.get(source.view) == "VIEW" else source.table
    if name not in found:
        raise dg.Failure(
            f"There is no table {source.dataset}.{source.table} in the DuckDB file. Materialize the asset first."
        )
    return ".".join('"' + part.replace('"', '""') + '"' for part in (source.dataset, name))
