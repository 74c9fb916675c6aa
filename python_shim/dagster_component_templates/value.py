"""The asset's value for downstream assets: its table as a pandas DataFrame, read when somebody asks for it."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_component_templates.executable import NotInstalledError, find_executable, find_node
from dagster_component_templates.partitions import windows
from dagster_component_templates.secret_values import redact, secret_texts

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

COMPONENT = "dagster_component_templates.TikTokAdsIngestionComponent"
PIPES_VARIABLES = ("DAGSTER_PIPES_CONTEXT", "DAGSTER_PIPES_MESSAGES")

Span = tuple[str | None, datetime | None, datetime | None]
"""An account, and a half-open range of time; None is no limit."""


@dataclass(frozen=True)
class ValueSource:
    """What the executable has to know to find the asset's table."""

    attributes: Mapping[str, Any]
    """The component's attributes as JSON, with references in place of secrets."""
    secrets: Mapping[str, Any] = field(repr=False)
    """The secret attributes as the user wrote them."""
    environment: Mapping[str, str] = field(repr=False)
    """The variables that the references in place of literal secrets name."""


class TableValue(dg.IOManager):
    """Reads the asset's table from the warehouse. Writes nothing: the executable has loaded the table."""

    def __init__(self, source: ValueSource) -> None:
        self._source = source

    def handle_output(self, context: dg.OutputContext, obj: object) -> None:
        """Never called: the asset's step reports materializations and returns no object."""
        raise NotImplementedError("the table is written by the executable")

    def load_input(self, context: dg.InputContext) -> "pd.DataFrame":
        """All rows, or those of the partitions that are asked for.

        Raises dg.Failure if there is no table, no right to read it, or something to read it with is missing.
        """
        spans = None
        definition = context.asset_partitions_def if context.has_asset_partitions else None
        if definition is not None:
            spans = merged(span(window) for window in windows(definition, context.asset_partition_keys))
        return read_table(self._source, spans)


def read_table(source: ValueSource, spans: Sequence[Span] | None) -> "pd.DataFrame":
    """The rows of these spans, or all rows.

    The executable copies them into a file, in whichever warehouse they are: it has the drivers, waits for locks as a
    load does, and knows the order of the columns.
    """
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
    with tempfile.TemporaryDirectory(prefix="tiktok-ads-value-") as folder:
        file = Path(folder, "value.parquet")
        _export(source, spans, file)
        with duckdb.connect() as connection:
            return _typed(connection.read_parquet(os.fspath(file)))


def _typed(table: "duckdb.DuckDBPyRelation") -> "pd.DataFrame":
    """The table with its columns of text typed as pandas types text, also where there is none to infer it from."""
    import pandas

    frame = table.df()
    text = pandas.Series(["text"]).dtype
    for name, kind in zip(table.columns, table.types, strict=True):
        if str(kind) in ("VARCHAR", "JSON") and frame[name].dtype != text:
            frame[name] = frame[name].astype(text)
    return frame


def span(window: Mapping[str, str | None]) -> Span:
    """A partition's account and time."""
    start, end, hour_start, hour_end = (window[name] for name in ("start", "end", "hour_start", "hour_end"))
    if hour_start is not None and hour_end is not None:
        return window["advertiser_id"], datetime.fromisoformat(hour_start), datetime.fromisoformat(hour_end)
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


def _export(source: ValueSource, spans: Sequence[Span] | None, file: Path) -> None:
    component, wanted = file.with_name("component.yaml"), file.with_name("spans.json")
    # JSON is YAML.
    component.write_text(json.dumps({"type": COMPONENT, "attributes": source.attributes}))
    try:
        command = [os.fspath(find_node(os.environ)), os.fspath(find_executable(os.environ)), "read"]
    except NotInstalledError as error:
        raise dg.Failure(f"The asset's value cannot be read: {error}", allow_retries=False) from None
    command += ["--config", os.fspath(component), "--out", os.fspath(file), "--json"]
    if spans is not None:
        wanted.write_text(json.dumps([_spelt(one) for one in spans]))
        command += ["--spans", os.fspath(wanted)]
    code, said = _run(command, source.environment)
    if code != 0:
        raise _failure(code, redact(said, secret_texts(source.secrets, os.environ)), component)


def _spelt(span: Span) -> dict[str, str | None]:
    account, start, end = span
    return {
        "account": account,
        "start": None if start is None else start.isoformat(),
        "end": None if end is None else end.isoformat(),
    }


def _run(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """Exit code and standard output; what is said on standard error goes where this process's goes."""
    own = {name: value for name, value in os.environ.items() if name not in PIPES_VARIABLES}
    variables = {**own, **environment, "TIKTOK_ADS_WATCH_STDIN": "1"}
    # Its standard input is held open: its end tells the child that this process is gone.
    with subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.read()
        except BaseException:
            process.terminate()
            raise
        code = process.wait()
    return code, said.decode(errors="replace")


def _failure(code: int, said: str, component: Path) -> dg.Failure:
    try:
        error = json.loads(said)["error"]
        # Advice about the file that was made for the executable is for nobody: it is gone.
        hint = "" if os.fspath(component) in (error["hint"] or "") else error["hint"]
        words = f"{error['message']}\n{hint}" if hint else str(error["message"])
        return dg.Failure(f"The asset's value cannot be read: {words}", allow_retries=bool(error["retryable"]))
    except (ValueError, KeyError, TypeError):
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return dg.Failure(f"The asset's value cannot be read: the executable {how} without saying why.")
