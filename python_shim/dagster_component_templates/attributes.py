"""Between YAML and the component's fields: templates, normal forms, and every mistake at once with its line.

What an attribute may hold is in the rules that the TypeScript side generates; nothing of them is written here.
"""

import functools
import os
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import dagster as dg
from dagster.components.resolved.errors import ResolutionException
from dagster.components.utils.translation import TranslationFnResolver
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model
from pydantic.fields import FieldInfo

from dagster_component_templates import _validation
from dagster_component_templates._validation import Issue
from dagster_component_templates._values import REFERENCE, is_malformed, texts_within
from dagster_component_templates.schedules import schedule_mistakes

LOAD_TIME_ATTRIBUTES = frozenset({"asset_name", "asset_layout", "resources", "persist_only", "checks"})
"""Attributes that decide which definitions there are, so that references in them are resolved when Dagster loads."""
LOAD_TIME_GROUPS = frozenset({"Partitions", "Asset", "Compute"})
"""Groups of attributes of which the same is true."""
ADVANCED_GROUPS = frozenset({"Loading", "Quota", "Partitions", "Compute", "Asset"})
"""Groups that Dagster's form folds away."""

_template = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_path_part = re.compile(r"[^.\[\]]+")


class AttributeMistakes(Exception):
    """Mistakes in the attributes, all of them. Not a ValueError, which pydantic would wrap and show with its input."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = issues
        lines = [f"The configuration has {_count(issues)}:", *(f"- {issue}" for issue in issues)]
        super().__init__("\n".join(lines))


def definition(name: str) -> Mapping[str, Any]:
    """What the generated rules say of an attribute: kind, description, default, …"""
    found: Mapping[str, Any] = _validation._fields()[name]
    return found


def names() -> list[str]:
    """Every attribute, in the order of the documentation."""
    return _validation.attribute_names()


def catalogue() -> Mapping[str, Any]:
    """Facts of metrics, aliases and dimensions."""
    found: Mapping[str, Any] = _validation._rules()["catalogue"]
    return found


def default(name: str) -> Any:
    """The attribute's default."""
    return definition(name).get("default")


def is_secret(name: str) -> bool:
    """Whether the attribute's value must never be shown or stored."""
    return _validation.is_secret(name)


def jsonable(value: Any) -> Any:
    """The value as JSON that JavaScript reads without loss: whole numbers beyond 2^53 become texts."""
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, (str, float)):
        return value
    return value if isinstance(value, int) and abs(value) < 2**53 else str(value)


def resolve_references(value: Any, environment: Mapping[str, str]) -> Any:
    """The value with `${VAR}` and `${VAR:-default}` in its texts resolved.

    A text with an unset variable becomes an `Unset`.
    """
    if isinstance(value, Mapping):
        return {key: resolve_references(item, environment) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve_references(item, environment) for item in value]
    if not isinstance(value, str) or isinstance(value, Unset) or "${" not in value or is_malformed(value):
        return value
    unset = False

    def replacement(match: re.Match[str]) -> str:
        nonlocal unset
        if match["escaped"]:
            return "${"
        text, default = environment.get(match["name"]), match["default"]
        if text or (text is not None and default is None):
            return text
        inner = Unset(value) if default is None else resolve_references(default, environment)
        unset = unset or isinstance(inner, Unset)
        return str(inner)

    resolved = REFERENCE.sub(replacement, value)
    return Unset(value) if unset else resolved


class Unset(str):
    """A text that stands for something that is not there: a template or a reference to an unset variable."""


def yaml(name: str) -> dg.Resolver:
    """How an attribute is read from YAML: as it stands there, with templates rendered only where some stand."""
    about = definition(name)
    other = f" If left out: {about['defaultText']}." if "defaultText" in about and "default" not in about else ""
    # Anything passes here, so that wrong types are reported with all other mistakes; editors see the schema.
    yaml_type: Any = Annotated[Any, WithJsonSchema(_schema(about))]
    return dg.Resolver(
        _resolve,
        model_field_type=yaml_type,
        description=about["description"] + other,
        examples=about.get("examples"),
        inject_before_resolve=False,
        **_form(about),
    )


def yaml_translation() -> TranslationFnResolver[str]:
    """How `translation` is read: as in Dagster's own components, with `{{ resource }}` and `{{ spec }}`."""
    resolver = TranslationFnResolver[str](lambda resource: {"resource": resource})
    resolver.description = definition("translation")["description"]
    return resolver


def check(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values in their normal form. Raises AttributeMistakes with all that is wrong."""
    given = {
        name: resolve_references(value, os.environ) if is_load_time(name) else value
        for name, value in values.items()
        if value is not None
    }
    checked = {name: _without_unset(_settled(name, values[name], value)) for name, value in given.items()}
    issues = [*_unset_variables(given), *_validation.check_all(checked)]
    wrong = {issue.path for issue in issues}
    issues += [issue for issue in schedule_mistakes(checked) if issue.path not in wrong]
    if issues:
        raise AttributeMistakes(issues)
    # Reports may hold references, which the normal form leaves out: they go to the executable as written.
    return {name: value if name == "reports" else _validation.normalize(name, value) for name, value in given.items()}


@functools.cache
def tolerant(model: type[BaseModel]) -> type[BaseModel]:
    """The model, taking unknown attributes and missing ones, so that these are reported with all other mistakes.

    Its JSON Schema refuses them as before.
    """
    extra = model.model_config.get("json_schema_extra")
    required = [name for name, info in model.model_fields.items() if info.is_required()]
    more: Any = {**(extra if isinstance(extra, dict) else {}), "additionalProperties": False, "required": required}

    def complete(schema: dict[str, Any]) -> None:
        schema.update(more)
        for name in names():
            schema["properties"].get(name, {}).update(_beside(definition(name)))

    config = ConfigDict(extra="allow", hide_input_in_errors=True, json_schema_extra=complete)
    fields: dict[str, Any] = {
        name: (model.model_fields[name].annotation, _optional(model.model_fields[name])) for name in required
    }
    made = create_model(model.__name__, __base__=model, **fields)
    made.model_config = {**made.model_config, **config}
    made.model_rebuild(force=True)
    return made


def _optional(info: FieldInfo) -> Any:
    return Field(default=None, description=info.description, examples=info.examples)


def with_lines(context: dg.ResolutionContext, mistakes: AttributeMistakes) -> ResolutionException:
    """The same mistakes, each with file and line, and the first one shown in its YAML."""
    tree = context.source_position_tree
    if tree is None:
        return ResolutionException(str(mistakes))
    lines = []
    for issue in mistakes.issues:
        position = tree.lookup_closest_and_path(_path(context, issue), None)[0]
        lines.append(f"- {position.filename}:{position.start.line} {issue}")
    first = mistakes.issues[0]
    place = tree.source_error(yaml_path=_path(context, first), inline_error_message=first.message, value_error=True)
    head = f"{place.file_name}:{place.start_line_no} - {first.path}\n{place.snippet}\n"
    return ResolutionException("\n".join([f"{head}The configuration has {_count(mistakes.issues)}:", *lines]))


def _resolve(context: dg.ResolutionContext, value: Any) -> Any:
    about = definition(str(context.path[-1]))
    scoped = context.with_scope(env=_LazyEnvironment()) if about.get("secret") else context
    return _rendered(scoped, value, as_text=about["kind"] in ("text", "date", "mapping"))


def _rendered(context: dg.ResolutionContext, value: Any, *, as_text: bool) -> Any:
    if isinstance(value, Mapping):
        return {key: _rendered(context.at_path(key), item, as_text=as_text) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rendered(context.at_path(index), item, as_text=as_text) for index, item in enumerate(value)]
    if not isinstance(value, str) or not _template.search(value):
        return value
    result = context.resolve_value(value)
    if result is None:
        # What an unset variable renders to. The text stays, and is reported with all other mistakes.
        return Unset(value)
    if not as_text or isinstance(result, (str, list, Mapping)):
        return result
    # Dagster's templates turn texts such as 0x10, 1_000 or 1,2 into Python's values: ask for the text.
    from jinja2 import Template

    return Template(value).render(**context.scope)


class _LazyEnvironment:
    """Renders {{ env.X }} as ${X}, which the executable resolves when it runs."""

    def __getattr__(self, name: str) -> str:
        if name.startswith(("jinja", "_")):
            raise AttributeError(name)
        return f"${{{name}}}"

    def __call__(self, name: str, *fallback: str) -> str:
        return f"${{{name}:-{fallback[0]}}}" if fallback else f"${{{name}}}"


def _unset_variables(value: Any, path: str = "") -> list[Issue]:
    if isinstance(value, Mapping):
        return [
            issue
            for key, item in value.items()
            for issue in _unset_variables(item, f"{path}.{key}" if path else str(key))
        ]
    if isinstance(value, (list, tuple)):
        return [issue for index, item in enumerate(value) for issue in _unset_variables(item, f"{path}[{index}]")]
    if not isinstance(value, Unset):
        return []
    advice = "an environment variable that is set where Dagster loads the definitions"
    return [Issue(path, f"{value} stands for nothing here", advice)]


def escaped(value: Any) -> Any:
    """The value with each `${` of its texts written so that it stands for itself."""
    if isinstance(value, Mapping):
        return {key: escaped(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [escaped(item) for item in value]
    return value.replace("${", "$${") if isinstance(value, str) and not isinstance(value, Unset) else value


def _settled(name: str, written: Any, resolved: Any) -> Any:
    """What is checked of a value: of one resolved here, its `${` are no references any more."""
    misspelt = any(is_malformed(text) for _, text in texts_within(written, ""))
    return escaped(resolved) if is_load_time(name) and not misspelt else resolved


def _without_unset(value: Any) -> Any:
    # A reference passes every rule, so that a missing variable is one mistake and not several.
    if isinstance(value, Mapping):
        return {key: _without_unset(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_unset(item) for item in value]
    return "${unset}" if isinstance(value, Unset) else value


def is_load_time(name: str) -> bool:
    """Whether references in the attribute are resolved when Dagster loads."""
    about = _validation._fields().get(name)
    return (
        about is not None
        and (name in LOAD_TIME_ATTRIBUTES or about["group"] in LOAD_TIME_GROUPS)
        and name != "translation"
    )


def is_own(name: str) -> bool:
    """Whether an attribute is this side's alone: the executable need not know how it was started, or what is shown."""
    return name == "translation" or _validation._fields()[name]["group"] == "Compute"


def _path(context: dg.ResolutionContext, issue: Issue) -> list[str | int]:
    parts = [int(part) if part.isdigit() else part for part in _path_part.findall(issue.path)]
    return [*context.path, *parts]


def _count(issues: Sequence[Issue]) -> str:
    return "1 mistake" if len(issues) == 1 else f"{len(issues)} mistakes"


def _form(about: Mapping[str, Any]) -> dict[str, Any]:
    """How Dagster's form shows the attribute, where Dagster has forms (1.13). A secret's placeholder is a reference."""
    if not hasattr(dg, "ComponentFormConfig"):
        return {}
    example = next((one for one in about.get("examples", ()) if isinstance(one, str)), None)
    return {"form_config": dg.ComponentFormConfig(placeholder=example, advanced=about["group"] in ADVANCED_GROUPS)}


def _schema(about: Mapping[str, Any]) -> dict[str, Any]:
    text: dict[str, Any] = {"type": "string"}
    word = {"enum": list(about["choices"])} if "choices" in about else text
    by_kind: dict[str, list[dict[str, Any]]] = {
        "text": [text, {"type": "number"}],
        "enum": [word],
        "date": [text],
        "integer": [{"type": "integer"}],
        "number": [{"type": "number"}],
        "boolean": [{"type": "boolean"}],
        "ids": [{"type": "array", "items": {"type": ["string", "integer"]}}, {"type": "integer"}],
        "words": [{"type": "array", "items": word}, text],
        "mapping": [{"type": "object"}],
        "entries": [{"type": "array", "items": _entry_schema(about)}],
        "any": [{}],
    }
    return {"anyOf": [*by_kind[about["kind"]], {"type": "null"}]}


def _beside(about: Mapping[str, Any]) -> dict[str, Any]:
    """What the schema says beside `anyOf`, inside of which `dg check yaml` shows no line of a mistake and no cause."""
    if about["kind"] != "entries":
        return {}
    required = [name for name, own in about.get("fields", {}).items() if own.get("required")]
    return {"items": {**_entry_schema(about), "additionalProperties": False, "required": required}}


def _entry_schema(about: Mapping[str, Any]) -> dict[str, Any]:
    # Dagster lets a text, which may be a template, stand for each attribute, but knows nothing of what is inside one.
    fields = {
        name: {"anyOf": [*_schema(own)["anyOf"], {"type": "string"}]} for name, own in about.get("fields", {}).items()
    }
    return {"type": "object", "properties": fields}
