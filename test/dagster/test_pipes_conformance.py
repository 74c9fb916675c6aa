"""The TypeScript Pipes client against Dagster's own reader and PipesSubprocessClient.

`test/pipes/suite-program.ts` keeps the interface of Dagster's cross-language Pipes suite; `case-program.ts` has the
cases which that suite leaves out.
"""

import io
import json
import logging
import math
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.pipes.client import PipesMessageReader
from dagster._core.pipes.context import PipesMessageHandler
from dagster._core.pipes.utils import (
    PipesBlobStoreMessageReader,
    PipesEnvContextInjector,
    PipesFileMessageReader,
    PipesTempFileContextInjector,
    PipesTempFileMessageReader,
    extract_message_or_forward_to_file,
    open_pipes_session,
)

REPOSITORY = Path(__file__).resolve().parents[2]
NODE = os.environ.get("NODE_BINARY") or str(REPOSITORY / "node_modules" / ".bin" / "node")
PROGRAMS = REPOSITORY / "test" / "pipes"
SUITE = [NODE, str(PROGRAMS / "suite-program.ts")]
CASES = [NODE, str(PROGRAMS / "case-program.ts")]
GOLDEN = REPOSITORY / "test" / "golden" / "pipes-messages.jsonl"

JSON_CASES: list[Any] = [
    {},
    {"text": 'Grüße 广告 🚀 \u2028 \x00 " \\ \n'},
    {"int": 1, "negative": -5, "beyond_2_53": 7300000000000000123, "float": 0.5, "whole_float": 5.0, "tiny": 1e-300},
    {"yes": True, "no": False, "nothing": None},
    {"nested": {"list": [1, [2, [3, {"a": []}]]], "": "empty key"}, "__proto__": {"a": 1}},
    {"python": [float("inf"), float("-inf")], "beyond": [1e22, 12345678901234567890.0, -0.0, 10**30]},
]


class Run:
    """What came out of materializing one asset (or running one op) whose work is done by a program."""

    def __init__(
        self, result: dg.ExecuteInProcessResult, messages: Sequence[Any], instance: dg.DagsterInstance
    ) -> None:
        self.result = result
        self._instance = instance
        self.custom_messages = messages

    @property
    def success(self) -> bool:
        return self.result.success

    @property
    def materialization(self) -> dg.AssetMaterialization:
        [event] = self.result.get_asset_materialization_events()
        return event.materialization

    @property
    def metadata(self) -> Mapping[str, dg.MetadataValue]:
        return self.materialization.metadata

    @property
    def engine_errors(self) -> list[Any]:
        """Errors shown as engine events: exceptions sent by the program, and failures of the reader itself."""
        events = [entry.dagster_event for entry in self._instance.all_logs(self.result.run_id)]
        return [
            event
            for event in events
            if event is not None
            and event.event_type == dg.DagsterEventType.ENGINE_EVENT
            and event.engine_event_data.error is not None
        ]

    @property
    def logs(self) -> list[tuple[str, str]]:
        """All that was logged by hand, as (level, message)."""
        return [
            (logging.getLevelName(entry.level), entry.user_message)
            for entry in self._instance.all_logs(self.result.run_id)
            if not entry.is_dagster_event
        ]


Launch = Callable[..., Run]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def launch(instance: dg.DagsterInstance) -> Launch:
    """Materializes one asset with a program; Dagster's reader must not stumble over anything it sent."""

    def run(
        command: Sequence[str],
        *,
        client: dg.PipesSubprocessClient | None = None,
        extras: dict[str, Any] | None = None,
        env: dict[str, str] | None = None,
        checks: Sequence[str] = (),
        partitions: dg.PartitionsDefinition[Any] | None = None,
        partition: str | None = None,
        partition_range: tuple[str, str] | None = None,
        session: Callable[[dg.AssetExecutionContext], Any] | None = None,
    ) -> Run:
        messages: list[Any] = []

        @dg.asset(
            check_specs=[dg.AssetCheckSpec(name=name, asset="my_asset") for name in checks],
            partitions_def=partitions,
            backfill_policy=dg.BackfillPolicy.single_run() if partitions else None,
        )
        def my_asset(context: dg.AssetExecutionContext) -> Iterator[Any]:
            if session is not None:
                yield from session(context)
                return
            invocation = (client or dg.PipesSubprocessClient()).run(
                context=context, command=list(command), extras=extras, env=env
            )
            messages.extend(invocation.get_custom_messages())
            yield from invocation.get_results()

        tags = {}
        if partition_range is not None:
            tags = {
                "dagster/asset_partition_range_start": partition_range[0],
                "dagster/asset_partition_range_end": partition_range[1],
            }
        result = dg.materialize([my_asset], instance=instance, partition_key=partition, tags=tags, raise_on_error=False)
        done = Run(result, messages, instance)
        stumbled = [event.message for event in done.engine_errors if "framework exception" in (event.message or "")]
        assert stumbled == []
        return done

    return run


@pytest.fixture
def write_json(tmp_path: Path) -> Callable[[str, Any], str]:
    def write(name: str, value: Any) -> str:
        path = tmp_path / name
        path.write_text(json.dumps(value))
        return str(path)

    return write


# --- The names of Dagster's cross-language suite ---


@pytest.mark.parametrize("injector", [PipesEnvContextInjector, PipesTempFileContextInjector])
@pytest.mark.parametrize("reader", ["file", "temporary file"])
def test_components(
    injector: Any, reader: str, launch: Launch, write_json: Callable[[str, Any], str], tmp_path: Path
) -> None:
    message_reader = (
        PipesFileMessageReader(str(tmp_path / "messages")) if reader == "file" else PipesTempFileMessageReader()
    )
    client = dg.PipesSubprocessClient(context_injector=injector(), message_reader=message_reader)
    extras = {"a": 1}
    arguments = ["--extras", write_json("extras.json", extras), "--job-name", "__ephemeral_asset_job__"]
    run = launch([*SUITE, "--test-name", "test_components", *arguments], client=client, extras=extras)
    assert run.success
    assert run.custom_messages == ["Hello from external process!"]


@pytest.mark.parametrize("which", ["context", "messages", "both"])
def test_components_through_s3(
    which: str, launch: Launch, write_json: Callable[[str, Any], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = os.environ.get("MOTO_SERVER")
    if endpoint is None:
        pytest.skip("no local S3: set MOTO_SERVER")
    aws = pytest.importorskip("dagster_aws.pipes", reason="dagster-aws is not installed")
    boto3 = pytest.importorskip("boto3")
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="conformance")
    parts: dict[str, Any] = {}
    arguments = []
    if which in ("context", "both"):
        parts["context_injector"] = aws.PipesS3ContextInjector(client=s3, bucket="conformance")
        arguments += ["--context-loader", "s3"]
    if which in ("messages", "both"):
        parts["message_reader"] = aws.PipesS3MessageReader(client=s3, bucket="conformance")
        arguments += ["--message-writer", "s3"]
    extras = {"a": 1}
    arguments += ["--extras", write_json("extras.json", extras), "--job-name", "__ephemeral_asset_job__"]
    run = launch(
        [*SUITE, "--test-name", "test_components", *arguments], client=dg.PipesSubprocessClient(**parts), extras=extras
    )
    assert run.success
    assert run.custom_messages == ["Hello from external process!"]


@pytest.mark.parametrize("extras", JSON_CASES)
def test_extras(extras: dict[str, Any], launch: Launch, write_json: Callable[[str, Any], str]) -> None:
    path = write_json("extras.json", extras)
    assert launch([*SUITE, "--test-name", "test_extras", f"--extras={path}"], extras=extras).success


def test_extras_that_differ_fail_the_program(launch: Launch, write_json: Callable[[str, Any], str]) -> None:
    path = write_json("extras.json", {"id": 7300000000000000124})
    extras = {"id": 7300000000000000123}
    assert not launch([*SUITE, "--test-name", "test_extras", "--extras", path], extras=extras).success


def test_error_reporting(launch: Launch) -> None:
    run = launch([*SUITE, "--test-name", "test_error_reporting"])
    assert not run.success
    [event] = [event for event in run.engine_errors if "closed with exception" in (event.message or "")]
    error = event.engine_event_data.error
    assert (error.cls_name, error.message) == ("Error", "Very bad error has happened!")
    assert "suite-program.ts" in "".join(error.stack)
    assert all(frame.endswith("\n") for frame in error.stack)


def test_message_log(launch: Launch) -> None:
    run = launch([*SUITE, "--test-name", "test_message_log"])
    assert run.success
    expected = [(name.upper(), f"{name} message") for name in ("Debug", "Info", "Warning", "Error", "Critical")]
    assert [entry for entry in run.logs if entry[1].endswith(" message")] == expected


@pytest.mark.parametrize("payload", [*JSON_CASES, None, "text", 5, 5.5, 7300000000000000123, True, [], [[1], None]])
def test_message_report_custom_message(payload: Any, launch: Launch, write_json: Callable[[str, Any], str]) -> None:
    path = write_json("payload.json", {"payload": payload})
    run = launch([*SUITE, "--test-name", "test_message_report_custom_message", "--custom-payload", path])
    assert run.success
    assert run.custom_messages == [payload] or "python" in payload
    # Python takes 5 and 5.0 for equal; what JSON cannot say arrives as text.
    assert repr(run.custom_messages) == repr([payload]).replace("-inf", "'-Infinity'").replace("inf", "'Infinity'")


SUITE_METADATA: dict[str, Any] = {
    "float": {"raw_value": 0.1, "type": "__infer__"},
    "whole_float": {"raw_value": 5.0, "type": "__infer__"},
    "typed_float": {"raw_value": 5.0, "type": "float"},
    "int": {"raw_value": 1, "type": "__infer__"},
    "large_int": {"raw_value": 7300000000000000123, "type": "int"},
    "text": {"raw_value": "hello", "type": "text"},
    "notebook": {"raw_value": "notebook.ipynb", "type": "notebook"},
    "path": {"raw_value": "/dev/null", "type": "path"},
    "md": {"raw_value": "**markdown**", "type": "md"},
    "bool_true": {"raw_value": True, "type": "bool"},
    "bool_false": {"raw_value": False, "type": "bool"},
    "asset": {"raw_value": "foo/bar", "type": "asset"},
    "dagster_run": {"raw_value": "db892d7f-0031-4747-973d-22e8b9095d9d", "type": "dagster_run"},
    "null": {"raw_value": None, "type": "null"},
    "url": {"raw_value": "https://dagster.io", "type": "url"},
    "json": {"raw_value": {"quux": {"a": 1, "b": [2.0, None]}, "corge": None}, "type": "json"},
    "json_list": {"raw_value": [1, {"a": 2.0}], "type": "json"},
    "timestamp": {"raw_value": 1704067200.0, "type": "timestamp"},
    "timestamp_fraction": {"raw_value": 1704067200.5, "type": "timestamp"},
    "inferred_text": {"raw_value": "Grüße 🚀", "type": "__infer__"},
    "inferred_bool": {"raw_value": True, "type": "__infer__"},
    "inferred_list": {"raw_value": [1, 2.0, None], "type": "__infer__"},
    "inferred_mapping": {"raw_value": {"type": "a", "raw_value": 1}, "type": "__infer__"},
    "inferred_null": {"raw_value": None, "type": "__infer__"},
    "infinite": {"raw_value": float("inf"), "type": "float"},
    "table": {
        "raw_value": {
            "records": [{"id": 7300000000000000123, "spend": 5.0, "active": True, "note": None}],
            "schema": [{"name": name, "type": "string"} for name in ("id", "spend", "active", "note")],
        },
        "type": "table",
    },
    "table_schema": {
        "raw_value": {"columns": [{"name": "id", "type": "string", "constraints": {"nullable": False}}]},
        "type": "table_schema",
    },
    "lineage": {
        "raw_value": {"deps_by_column": {"id": [{"asset_key": ["a", "b"], "column_name": "id"}]}},
        "type": "table_column_lineage",
    },
}


def check_suite_metadata(metadata: Mapping[str, dg.MetadataValue]) -> None:
    for label, value in SUITE_METADATA.items():
        received = metadata[label]
        if value["type"] == "asset":
            assert received == dg.MetadataValue.asset(dg.AssetKey(["foo", "bar"]))
        elif value["raw_value"] is None:
            assert received == dg.MetadataValue.null()
        elif label == "infinite":
            assert received == dg.MetadataValue.text("Infinity")
        elif isinstance(received, dg.TableMetadataValue):
            assert [repr(row.data) for row in received.records] == [repr(row) for row in value["raw_value"]["records"]]
        elif isinstance(received, dg.TableSchemaMetadataValue):
            constraints = dg.TableColumnConstraints(nullable=False)
            assert received.schema.columns == [dg.TableColumn("id", "string", constraints=constraints)]
        elif isinstance(received, dg.TableColumnLineageMetadataValue):
            dep = dg.TableColumnDep(asset_key=dg.AssetKey(["a", "b"]), column_name="id")
            assert received.value == dg.TableColumnLineage({"id": [dep]})
        elif value["type"] == "dagster_run":
            assert received == dg.MetadataValue.dagster_run(value["raw_value"])
        else:
            assert received.value == value["raw_value"]
            assert type(received.value) is type(value["raw_value"])


@pytest.mark.parametrize("data_version", [None, "alpha"])
@pytest.mark.parametrize("asset_key", [None, "my_asset"])
def test_message_report_asset_materialization(
    data_version: str | None, asset_key: str | None, launch: Launch, write_json: Callable[[str, Any], str]
) -> None:
    arguments = {"dataVersion": data_version, "assetKey": asset_key}
    path = write_json("materialization.json", {name: value for name, value in arguments.items() if value is not None})
    run = launch(
        [*SUITE, "--test-name", "test_message_report_asset_materialization", "--report-asset-materialization", path],
        env={"PIPES_SUITE_METADATA": write_json("metadata.json", SUITE_METADATA)},
    )
    assert run.success
    check_suite_metadata(run.metadata)
    if data_version is not None:
        assert run.materialization.tags is not None
        assert run.materialization.tags["dagster/data_version"] == data_version


def test_a_data_version_may_be_null_or_empty(launch: Launch, write_json: Callable[[str, Any], str]) -> None:
    command = [*SUITE, "--test-name", "test_message_report_asset_materialization", "--report-asset-materialization"]
    run = launch([*command, write_json("null.json", {"dataVersion": None, "assetKey": None})])
    assert "dagster/is_user_provided_data_version" not in (run.materialization.tags or {})
    run = launch([*command, write_json("empty.json", {"dataVersion": ""})])
    assert run.materialization.tags is not None
    assert run.materialization.tags["dagster/data_version"] == ""
    assert run.metadata == {}


@pytest.mark.parametrize(
    "wrong", [{"passed": "true"}, {"severity": "error"}, {"assetKey": "other"}, {"assetKey": ""}, {"checkName": ""}]
)
def test_a_check_that_dagster_could_not_read_fails_the_program(
    wrong: dict[str, Any], launch: Launch, write_json: Callable[[str, Any], str]
) -> None:
    path = write_json("check.json", {"checkName": "my_check", "passed": True, "severity": "WARN", **wrong})
    run = launch(
        [*SUITE, "--test-name", "test_message_report_asset_check", "--report-asset-check", path], checks=["my_check"]
    )
    assert not run.success
    [event] = [event for event in run.engine_errors if "closed with exception" in (event.message or "")]
    assert event.engine_event_data.error.cls_name == "DagsterPipesError"


@pytest.mark.parametrize("passed", [True, False])
@pytest.mark.parametrize("asset_key", [None, "my_asset"])
@pytest.mark.parametrize("severity", ["WARN", "ERROR"])
def test_message_report_asset_check(
    passed: bool, asset_key: str | None, severity: str, launch: Launch, write_json: Callable[[str, Any], str]
) -> None:
    report = {"checkName": "my_check", "passed": passed, "severity": severity}
    path = write_json("check.json", report if asset_key is None else {**report, "assetKey": asset_key})
    run = launch(
        [*SUITE, "--test-name", "test_message_report_asset_check", "--report-asset-check", path],
        checks=["my_check"],
        env={"PIPES_SUITE_METADATA": write_json("metadata.json", SUITE_METADATA)},
    )
    assert run.success
    [evaluation] = run.result.get_asset_check_evaluations()
    assert (evaluation.check_name, evaluation.passed, evaluation.severity.value) == ("my_check", passed, severity)
    check_suite_metadata(evaluation.metadata)


# --- Metadata ---


def test_every_metadata_type_arrives_with_its_type_and_value(launch: Launch) -> None:
    metadata = dict(launch([*CASES, "metadata"]).metadata)
    values = {label: getattr(value, "value", None) for label, value in metadata.items()}
    types = {label: type(value).__name__.removesuffix("MetadataValue") for label, value in metadata.items()}
    assert types == {
        "text": "Text",
        "url": "Url",
        "path": "Path",
        "notebook": "Notebook",
        "md": "Markdown",
        "json": "Json",
        "int": "Int",
        "int_beyond_2_53": "Int",
        "float_whole": "Float",
        "float_small": "Float",
        "float_large": "Float",
        "float_negative_zero": "Float",
        "float_nan": "Text",
        "bool": "Bool",
        "null": "Null",
        "dagster_run": "DagsterRun",
        "asset": "DagsterAsset",
        "timestamp": "Timestamp",
        "table": "Table",
        "table_empty": "Table",
        "dagster/column_schema": "TableSchema",
        "dagster/column_lineage": "TableColumnLineage",
        "dagster/row_count": "Int",
        "bare_text": "Text",
        "bare_int": "Int",
        "bare_float": "Float",
        "bare_null": "Null",
        "bare_list": "Json",
        "bare_mapping": "Json",
        "bare_bigint": "Int",
        "bare_date": "Timestamp",
    }
    assert values["text"] == "Grüße 广告 🚀 \u2028"
    assert values["int_beyond_2_53"] == 7300000000000000123
    assert (values["float_whole"], values["float_small"], values["float_large"]) == (5.0, 1e-7, 1e21)
    assert math.copysign(1, values["float_negative_zero"]) == -1
    assert values["float_nan"] == "NaN"
    assert values["timestamp"] == values["bare_date"] == 1704067200.0
    assert values["asset"] == dg.AssetKey(["a", "b"])
    assert values["dagster/column_lineage"].deps_by_column["id"][0].asset_key == dg.AssetKey("source")


def test_tables_arrive_with_rows_and_schema(launch: Launch) -> None:
    metadata = launch([*CASES, "metadata"]).metadata
    table = metadata["table"]
    assert isinstance(table, dg.TableMetadataValue)
    assert [record.data for record in table.records] == [
        {"id": 7300000000000000123, "name": "a", "spend": 5.0, "active": True, "note": None},
        {"id": 2, "name": None, "spend": 0.25, "active": False, "note": None},
    ]
    assert isinstance(table.records[0].data["spend"], float)
    assert [(column.name, column.type) for column in table.schema.columns] == [
        ("id", "int"),
        ("name", "string"),
        ("spend", "float"),
        ("active", "bool"),
        ("note", "string"),
    ]
    schema = metadata["dagster/column_schema"].value
    assert isinstance(schema, dg.TableSchema)
    first = schema.columns[0]
    assert (first.description, dict(first.tags)) == ("the id", {"unit": "none"})
    assert first.constraints == dg.TableColumnConstraints(nullable=False, unique=True, other=["19 digits"])


# --- Channels ---


class StdioReader(PipesMessageReader):
    """Takes messages out of what the program printed, as Dagster does with the logs of pods and tasks."""

    def __init__(self, key: str, stream: str, last_bytes: int | None = None) -> None:
        self._params = {key: stream}
        self._last_bytes = last_bytes
        self._handler: PipesMessageHandler | None = None
        self.forwarded = io.StringIO()

    @contextmanager
    def read_messages(self, handler: PipesMessageHandler) -> Iterator[dict[str, Any]]:
        self._handler = handler
        yield self._params

    def consume(self, output: bytes) -> None:
        assert self._handler is not None
        tail = output if self._last_bytes is None else output[-self._last_bytes :]
        for line in tail.decode().splitlines():
            extract_message_or_forward_to_file(self._handler, line, self.forwarded)

    def no_messages_debug_text(self) -> str:
        return "Attempted to read messages from the output."


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("key", ["stdio", "buffered_stdio"])
def test_stdio_writers(key: str, stream: str, launch: Launch) -> None:
    reader = StdioReader(key, stream, last_bytes=4096 if key == "buffered_stdio" else None)

    def work(context: dg.AssetExecutionContext) -> Any:
        with open_pipes_session(context, PipesEnvContextInjector(), reader) as session:
            done = subprocess.run(
                [*CASES, "report-among-prints"],
                env={**os.environ, **session.get_bootstrap_env_vars()},
                capture_output=True,
                check=True,
                timeout=60,
            )
            reader.consume(getattr(done, stream))
        return session.get_results()

    run = launch([], session=work)
    assert run.metadata["rows"] == dg.MetadataValue.int(3)
    assert ("INFO", "between prints") in run.logs
    expected = {"stdout": {"no line break", "and more text"}, "stderr": {"none here either"}}[stream]
    forwarded = reader.forwarded.getvalue()
    assert all(text in forwarded for text in expected)
    assert "__dagster_pipes_version" not in forwarded


class DirectoryReader(PipesBlobStoreMessageReader):
    """Dagster's reader of numbered chunks, on a local directory as Databricks' readers use it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(interval=1)
        self._folder = folder

    @contextmanager
    def get_params(self) -> Iterator[dict[str, Any]]:
        yield {"path": str(self._folder), "include_stdio_in_messages": False}

    def messages_are_readable(self, params: Mapping[str, Any]) -> bool:
        return True

    def download_messages_chunk(self, index: int, params: Mapping[str, Any]) -> str | None:
        chunk = self._folder / f"{index}.json"
        return chunk.read_text() if chunk.exists() else None

    def no_messages_debug_text(self) -> str:
        return "Attempted to read chunks."


def test_large_messages_in_directory_chunks(launch: Launch, tmp_path: Path) -> None:
    client = dg.PipesSubprocessClient(message_reader=DirectoryReader(tmp_path))
    run = launch([*CASES, "large-messages"], client=client)
    assert run.success
    assert run.custom_messages == ["y" * 200_000]
    texts = [message for _, message in run.logs if message.startswith("x")]
    assert [len(text) for text in texts[:2]] == [1000, 15_000]
    assert all(len(text) < 16_384 and text.endswith("characters in all]") for text in texts[2:])
    assert ("INFO", "after the large ones") in run.logs
    assert [path.name for path in tmp_path.iterdir()] == ["1.json"]


def test_params_among_the_arguments(launch: Launch, tmp_path: Path) -> None:
    def work(context: dg.AssetExecutionContext) -> Any:
        reader = PipesFileMessageReader(str(tmp_path / "messages"))
        with open_pipes_session(context, PipesTempFileContextInjector(), reader) as session:
            arguments = [part for pair in session.get_bootstrap_cli_arguments().items() for part in pair]
            subprocess.run([*CASES, "report-from-arguments", *arguments], check=True, timeout=60)
        return session.get_results()

    assert launch([], session=work).metadata["rows"] == dg.MetadataValue.int(3)


def test_printed_text_is_sent_if_dagster_asks_for_it(launch: Launch, capsys: pytest.CaptureFixture[str]) -> None:
    reader = PipesTempFileMessageReader(include_stdio_in_messages=True)
    client = dg.PipesSubprocessClient(message_reader=reader, forward_stdio=False)
    assert launch([*CASES, "prints"], client=client).success
    captured = capsys.readouterr()
    assert "first line\nsecond line\nno line break at the end" in captured.out
    assert "Grüße 🚀\n" in captured.err


# --- Context ---


def test_keys_are_escaped_on_both_ways(instance: dg.DagsterInstance) -> None:
    key = dg.AssetKey(["a/b", "c\\d", "ü"])
    received: list[Any] = []

    @dg.multi_asset(outs={"odd": dg.AssetOut(key=key)})
    def odd(context: dg.AssetExecutionContext) -> Iterator[Any]:
        done = dg.PipesSubprocessClient().run(context=context, command=[*CASES, "escaped-key"])
        received.extend(done.get_custom_messages())
        yield from done.get_results()

    [event] = dg.materialize([odd], instance=instance).get_asset_materialization_events()
    assert event.materialization.asset_key == key
    assert received == [{"assetKey": key.to_escaped_user_string(), "parts": list(key.path)}]


def test_several_assets_with_their_checks_and_versions(instance: dg.DagsterInstance) -> None:
    specs = [dg.AssetSpec("a"), dg.AssetSpec(["b", "c"])]

    @dg.multi_asset(specs=specs, check_specs=[dg.AssetCheckSpec("whole", asset=spec.key) for spec in specs])
    def both(context: dg.AssetExecutionContext) -> Iterator[Any]:
        yield from dg.PipesSubprocessClient().run(context=context, command=[*CASES, "every-asset"]).get_results()

    result = dg.materialize([both], instance=instance)
    versions = {
        event.materialization.asset_key.to_user_string(): event.materialization.tags["dagster/data_version"]
        for event in result.get_asset_materialization_events()
        if event.materialization.tags
    }
    assert versions == {"a": "version of a", "b/c": "version of b/c"}
    assert len(result.get_asset_check_evaluations()) == 2


DAILY = dg.DailyPartitionsDefinition("2024-01-01", timezone="Europe/Berlin")
STATIC = dg.StaticPartitionsDefinition(["111", "222"])


@pytest.mark.parametrize(
    ("partitions", "partition", "window"),
    [
        (DAILY, "2024-03-31", {"start": "2024-03-31T00:00:00+01:00", "end": "2024-04-01T00:00:00+02:00"}),
        (STATIC, "222", None),
        (
            dg.MultiPartitionsDefinition({"date": DAILY, "advertiser": STATIC}),
            "111|2024-01-03",
            {"start": "2024-01-03T00:00:00+01:00", "end": "2024-01-04T00:00:00+01:00"},
        ),
    ],
)
def test_one_partition(partitions: Any, partition: str, window: Any, launch: Launch) -> None:
    run = launch([*CASES, "partitions"], partitions=partitions, partition=partition, extras={"a": 1})
    [told] = run.custom_messages
    assert told == {
        "isPartitionStep": True,
        "partitionKey": partition,
        "range": {"start": partition, "end": partition},
        "window": window,
        "extras": {"a": 1},
    }


def test_a_range_of_partitions_is_not_told(launch: Launch) -> None:
    run = launch([*CASES, "partitions"], partitions=DAILY, partition_range=("2024-01-01", "2024-01-03"))
    [told] = run.custom_messages
    assert told["isPartitionStep"] is False
    assert len(run.result.get_asset_materialization_events()) == 3


def test_an_op_without_assets(instance: dg.DagsterInstance) -> None:
    received: list[Any] = []

    @dg.op
    def plain(context: dg.OpExecutionContext) -> None:
        done = dg.PipesSubprocessClient().run(context=context, command=[*CASES, "partitions"])
        received.extend(done.get_custom_messages())

    @dg.job
    def one() -> None:
        plain()

    assert one.execute_in_process(instance=instance).success
    assert received[0]["isPartitionStep"] is False


# --- Ends ---


def test_a_chain_of_causes_is_shown(launch: Launch) -> None:
    run = launch([*CASES, "chained-error"])
    assert not run.success
    [event] = [event for event in run.engine_errors if "closed with exception" in (event.message or "")]
    error = event.engine_event_data.error
    assert (error.cls_name, error.message) == ("TypeError", "outer")
    assert (error.cause.cls_name, error.cause.message) == ("RangeError", "inner")


def test_use_after_close_throws_and_sends_nothing(launch: Launch) -> None:
    run = launch([*CASES, "use-after-close"])
    assert run.success
    assert not [message for _, message in run.logs if "after closed" in message or message == "late"]


def test_refused_messages_do_not_reach_the_reader(launch: Launch) -> None:
    run = launch([*CASES, "refused-messages"])
    assert run.success
    assert run.metadata["rows"] == dg.MetadataValue.int(3)
    assert run.custom_messages == [["DagsterPipesError"] * 8]


def test_a_program_that_forgets_to_close_is_noticed(launch: Launch) -> None:
    run = launch([*CASES, "forgets-to-close"])
    assert run.success
    assert [message for _, message in run.logs if "did not receive closed message" in message]


def test_a_canceled_run_still_gets_the_last_messages(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    script = tmp_path / "materialize.py"
    script.write_text(
        textwrap.dedent(f"""\
            import dagster as dg

            @dg.asset
            def my_asset(context: dg.AssetExecutionContext):
                return dg.PipesSubprocessClient().run(context=context, command={[*CASES, "signals"]!r}).get_results()

            with dg.DagsterInstance.get() as instance:
                dg.materialize([my_asset], instance=instance, raise_on_error=False)
            """)
    )
    run = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "DAGSTER_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert run.stderr is not None
        seen = ""
        for line in run.stderr:
            seen += line
            if line.rstrip().endswith("ready"):
                break
        else:
            pytest.fail(f"the program did not get ready: {seen}")
        started = time.monotonic()
        run.send_signal(signal.SIGINT)
        seen += run.communicate(timeout=60)[1]
    finally:
        run.kill()
    assert time.monotonic() - started < 15
    assert "sending SIGINT to subprocess" in seen
    assert "stopped by SIGINT" in seen
    assert "closed with exception" in seen


# --- The validator against the reader ---


def _handle(launch: Launch, lines: Sequence[str]) -> list[str]:
    """Gives lines to Dagster's message handler one by one; the ones it fails at, with the reason."""
    failed: list[str] = []

    def work(context: dg.AssetExecutionContext) -> Any:
        for line in lines:
            try:
                PipesMessageHandler(context, PipesTempFileMessageReader()).handle_message(json.loads(line))
            except Exception as error:
                failed.append(f"{type(error).__name__} {error}: {line[:500]}")
        return [dg.MaterializeResult()]

    assert launch([], session=work).success
    return failed


def test_the_golden_messages_are_ones_that_dagster_reads(launch: Launch) -> None:
    lines = [line for line in GOLDEN.read_text().splitlines() if line]
    assert len(lines) == 9
    assert _handle(launch, lines) == []


def test_dagster_reads_every_message_that_the_client_lets_through(launch: Launch) -> None:
    seed = os.environ.get("PIPES_SEED", "20240101")
    printed = subprocess.run(
        [NODE, str(PROGRAMS / "random-messages-program.ts"), seed, "3000"], capture_output=True, check=True, timeout=120
    )
    lines = printed.stdout.decode().split("\n")[:-1]
    # Enough of them have to come through, and of each kind.
    assert len(lines) > 1000
    assert len({json.loads(line)["method"] for line in lines}) == 6
    assert _handle(launch, lines) == [], f"seed {seed}"
