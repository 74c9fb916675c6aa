"""Starts the BigQuery emulator with what it lacks. Arguments are the emulator's own.

The service lets every statement of a script see the query's parameters; the emulator knows only the script's own
variables, so each parameter becomes one. The service changes a table in one ALTER TABLE with several columns and shows
the change in the table's metadata; the emulator takes one column at a time and forgets the metadata. The service runs
a job once, however often a client that lost its connection asks for it; the emulator runs it each time. The service
tells how many places a column of numbers has; the emulator does not.

The emulator's SQL library is compiled here, which halves its work. Compiled, it parses templates of its own again for
each statement, and will not read what it calls the kind of a column's options.
"""

import importlib
import re
from contextvars import ContextVar
from typing import Any

import sqlglot
from bqemulator.cli import main

executor = importlib.import_module("bqemulator.jobs.executor")
routes = importlib.import_module("bqemulator.api.routes.jobs")
tables = importlib.import_module("bqemulator.api.routes.tables")
results = importlib.import_module("bqemulator.jobs.ddl_result")
catalogue = importlib.import_module("bqemulator.catalog.ddl_sync")
read_value = importlib.import_module("bqemulator.sql.parameters")._extract_value

Parameters = list[dict[str, Any]]
parameters_of_script: ContextVar[Parameters] = ContextVar("parameters_of_script")

jobs: dict[str, Any] = {}
run_job = routes.execute_query_job
run_query = executor._run_query_body
run_script = executor._run_script
parse = sqlglot.parse_one
templates: dict[str, Any] = {}
describe_field = catalogue._arrow_field_to_table_field
show_field = tables._field_to_rest


async def run_job_once(project: str, job: str, *others: Any, **named: Any) -> Any:
    if job not in jobs:
        jobs[job] = await run_job(project, job, *others, **named)
    return jobs[job]


async def run_query_as_the_service(
    *, bq_sql: str, query_params: Parameters | None, is_scripted: bool, **others: Any
) -> Any:
    if is_scripted:
        parameters = query_params or []
        parameters_of_script.set(parameters)
        bq_sql = with_variables(bq_sql, {parameter["name"] for parameter in parameters})
    result = None
    for statement in one_change_each(bq_sql):
        result = await run_query(bq_sql=statement, query_params=query_params, is_scripted=is_scripted, **others)
    altered = re.match(r"ALTER TABLE `(?P<project>[^`]+)`\.`(?P<dataset>[^`]+)`\.`(?P<table>[^`]+)`", bq_sql)
    if altered:
        refresh_metadata(altered.groups(), others["ctx"])
    return result


def with_variables(script: str, names: set[str]) -> str:
    return re.sub(r"@(\w+)", lambda found: found[1] if found[1] in names else found[0], script)


def one_change_each(statement: str) -> list[str]:
    head, *changes = re.split(r",? ADD COLUMN ", statement) if statement.startswith("ALTER TABLE ") else [statement]
    return [f"{head} ADD COLUMN {change}" for change in changes] or [statement]


def refresh_metadata(name: tuple[str, ...], context: Any) -> None:
    kept = context.catalog.get_table(*name)
    if kept is not None:
        schema = catalogue._introspect_schema(*name, context)
        context.catalog.update_table(kept.model_copy(update={"schema_": schema}))


def describe_field_with_places(field: Any, **named: Any) -> Any:
    described = describe_field(field, **named)
    places = {name: getattr(field.type, name, None) for name in ("precision", "scale")}
    return described.model_copy(update=places)


def show_field_with_places(field: Any) -> dict[str, Any]:
    places = {"precision": field.precision, "scale": field.scale}
    return show_field(field) | {name: str(count) for name, count in places.items() if count is not None}


async def run_script_with_parameters(interpreter: Any, source: str, context: Any) -> Any:
    for parameter in parameters_of_script.get([]):
        interpreter._frames.declare(parameter["name"], parameter["parameterType"]["type"], read_value(parameter))
    return await run_script(interpreter, source, context)


def is_never_null(column: Any) -> bool:
    kinds = [constraint.args.get("kind") for constraint in column.args.get("constraints") or ()]
    return any(isinstance(kind, sqlglot.exp.NotNullColumnConstraint) for kind in kinds)


def parse_templates_once(sql: str, *others: Any, read: Any = None, dialect: Any = None, **named: Any) -> Any:
    """Only the library's own templates name no dialect. It copies a template before it fills it in."""
    if read or dialect:
        return parse(sql, *others, read=read, dialect=dialect, **named)
    if sql not in templates:
        templates[sql] = parse(sql, *others, **named)
    return templates[sql]


sqlglot.parse_one = parse_templates_once
results._has_not_null_constraint = is_never_null
routes._has_not_null_constraint = is_never_null
routes.execute_query_job = run_job_once
executor._run_query_body = run_query_as_the_service
executor._run_script = run_script_with_parameters
catalogue._arrow_field_to_table_field = describe_field_with_places
tables._field_to_rest = show_field_with_places

if __name__ == "__main__":
    main()
