"""Serves the Snowflake emulator to the Node driver: results as JSON, and errors as the service reports them.

The emulator answers every query with Arrow, which the Node driver cannot read, leaves out fields that the driver
waits for, and answers what it does not support with HTTP 500, which the driver tries again for minutes.
Usage: python snowflake_emulator.py PORT
"""

import base64
import datetime
import decimal
import importlib
import json
import string
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pyarrow
import uvicorn

emulator = importlib.import_module("fakesnow.server")
catalogue = importlib.import_module("fakesnow.info_schema")

# Client and server share a file system: a PUT stays on it, since the driver cannot use the emulator's bucket route.
emulator.gcs_stage_info = lambda request, expression, data: data["stageInfo"]

# It keeps comments on tables by SQL that an apostrophe would break.
keep_comment = catalogue.insert_table_comment_sql
catalogue.insert_table_comment_sql = lambda *names: keep_comment(*names[:-1], str(names[-1]).replace("'", "''"))

# It leaves views out of information_schema.tables, which holds both.
with_kinds = (
    "(select database_name, schema_name, table_name, estimated_size, 'BASE TABLE' as kind from duckdb_tables union all "
    "select database_name, schema_name, view_name, 0, 'VIEW' from duckdb_views where not internal) tables"
)
tables_view = catalogue.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW.template
catalogue.SQL_CREATE_INFORMATION_SCHEMA_TABLES_VIEW = string.Template(
    tables_view.replace("'BASE TABLE' AS", "tables.kind AS").replace("duckdb_tables tables", with_kinds)
)

# Fields of a PUT's answer that the driver reads without looking whether they are there.
STAGE_DEFAULTS = {
    "region": "us-central1",
    "endPoint": None,
    "useRegionalUrl": False,
    "useVirtualUrl": False,
    "isClientSideEncrypted": False,
    "path": "",
}


def cell(value: Any, column_type: str) -> str | None:
    """One value as the service writes it in a JSON result."""
    match value:
        case None | {"epoch": None}:
            text = None
        case {"epoch": epoch, "fraction": fraction, "timezone": zone}:
            text = f"{epoch}.{fraction:09d} {zone}"
        case {"epoch": epoch, "fraction": fraction}:
            text = f"{epoch}.{fraction:09d}"
        case bool():
            text = "1" if value else "0"
        case datetime.date() if column_type == "date":
            text = str((value - datetime.date(1970, 1, 1)).days)
        case int() if column_type == "time":
            text = f"{value // 10**9}.{value % 10**9:09d}"
        case bytes():
            text = value.hex().upper()
        case decimal.Decimal():
            text = format(value, "f")
        case _:
            text = str(value)
    return text


def rows_of(data: dict[str, Any]) -> list[list[str | None]]:
    encoded = data.pop("rowsetBase64", "")
    if not encoded:
        return []
    table = pyarrow.ipc.open_stream(base64.b64decode(encoded)).read_all()
    columns = [
        [cell(value, described["type"].lower()) for value in table.column(at).to_pylist()]
        for at, described in enumerate(data["rowtype"])
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def as_json_result(body: bytes) -> bytes:
    answer = json.loads(body)
    data = answer.get("data")
    if not isinstance(data, dict):
        return body
    if data.get("queryResultFormat") == "arrow":
        data |= {"rowset": rows_of(data), "queryResultFormat": "json"}
    if "rowset" in data:
        data |= {"returned": len(data["rowset"]), "version": 1}
        data.setdefault("total", len(data["rowset"]))
    if "stageInfo" in data:
        data["stageInfo"] = STAGE_DEFAULTS | data["stageInfo"]
    return json.dumps(answer).encode()


def as_refusal(body: bytes) -> bytes:
    try:
        text = json.loads(body).get("message", "")
    except ValueError:
        text = body.decode(errors="replace")
    refusal = {"code": "261000", "message": f"emulator: {text[:500]}", "success": False}
    return json.dumps(refusal | {"data": {"errorCode": "261000", "sqlState": "0A000"}}).encode()


Message = dict[str, Any]
Send = Callable[[Message], Awaitable[None]]


class JsonResults:
    """An ASGI application around the emulator's own."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/queries/"):
            await self.application(scope, receive, send)
            return
        start: Message = {}
        chunks: list[bytes] = []

        async def rewrite(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            chunks.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = b"".join(chunks)
            body = as_refusal(body) if start["status"] >= 500 else as_json_result(body)
            start["status"] = 200
            headers = [(name, value) for name, value in start["headers"] if name.lower() != b"content-length"]
            await send(start | {"headers": [*headers, (b"content-length", str(len(body)).encode())]})
            await send({"type": "http.response.body", "body": body})

        await self.application(scope, receive, rewrite)


if __name__ == "__main__":
    uvicorn.run(JsonResults(emulator.app), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
