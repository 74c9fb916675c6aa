"""Checks the component's attributes by the rules the TypeScript side generates.

A thin interpreter of ``_generated/rules.json``: it gives the same issues, in the same words, as ``checkAttributes`` of
the executable. Nothing of the rules is written here; ``test/fixtures/validation-cases.json`` holds the two together.
Standard library only, and the rules are read on first use, so that importing the package stays light.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from ._report_rules import ReportCheck, named
from ._suggest import nearest
from ._values import (
    any_reference,
    is_malformed,
    is_reference,
    matches,
    parse_json,
    plain,
    shown,
    split,
    texts_within,
    to_boolean,
    to_date,
    to_entry_list,
    to_list,
    to_mapping,
    to_number,
    to_text,
)

_RULES_PATH = Path(__file__).parent / "_generated" / "rules.json"


@dataclass(frozen=True)
class Issue:
    """One mistake: where, what, what would be right, and the nearest right spelling."""

    path: str
    message: str
    allowed: str | None = None
    suggestion: str | None = None

    def __str__(self) -> str:
        suggestion = "" if self.suggestion is None else f" Did you mean {self.suggestion}?"
        allowed = "" if self.allowed is None else f" Allowed: {self.allowed}."
        return f"{self.path}: {self.message}.{suggestion}{allowed}"


@dataclass(frozen=True)
class _Read:
    """What reading one attribute came to: ``value``, ``absent`` (then the default), ``deferred`` or ``invalid``."""

    state: str
    value: Any = None
    issues: list[Issue] = field(default_factory=list)
    written: Any = None
    """Of a deferred mapping with references in it: the mapping, for what can be said of its names."""


_Reads = Mapping[str, _Read]
_Fields = Mapping[str, Any]


def normalize(attribute: str, value: Any) -> Any:
    """The attribute's value in its normal form: lists of texts, numbers, booleans, mappings; its default for ``None``.

    What holds a reference such as ``${VAR}``, and what is wrong, comes back as it was given.
    """
    read = _read(_fields()[attribute], value, attribute)
    if read.state in ("value", "absent"):
        return [_entry_values(entry) for entry in read.value] if _is_entries(read.value) else read.value
    if (
        read.state == "deferred"
        and isinstance(value, (list, tuple))
        and _fields()[attribute]["kind"] in ("ids", "words")
    ):
        return [str(item) for item in value]
    return value


def check_attribute(name: str, value: Any) -> list[Issue]:
    """The mistakes of one attribute by itself; combinations and the catalogue are left to :func:`check_all`."""
    if name not in _fields():
        return [_unknown("", name, list(_fields()))]
    read = _read(_fields()[name], value, name)
    return [*read.issues, *_unavailable({name: read})]


def check_all(attributes: Any) -> list[Issue]:
    """Every mistake of the component's attributes, in the order of the executable's ``checkAttributes``."""
    if not isinstance(attributes, Mapping):
        return [Issue("attributes", f"{shown(attributes)} is not a mapping", "a mapping of attributes")]
    reads, issues = _read_fields(_fields(), attributes, "")
    return [*issues, *_unavailable(reads), *_check_rules(_rules()["rules"], reads, ""), *_check_reports(reads)]


def attribute_names() -> list[str]:
    """Every attribute, in the order of the documentation."""
    return list(_fields())


def is_secret(name: str) -> bool:
    """Whether the attribute's value must never be shown or stored."""
    return bool(_fields().get(name, {}).get("secret", False))


@cache
def _rules() -> Mapping[str, Any]:
    with _RULES_PATH.open(encoding="utf-8") as file:
        rules: Mapping[str, Any] = json.load(file)
    return rules


def _fields() -> _Fields:
    fields: _Fields = _rules()["attributes"]
    return fields


def _read(definition: _Fields, value: Any, path: str) -> _Read:
    if value is None or (isinstance(value, str) and not value.strip()):
        return _absent(definition, path)
    if not isinstance(value, str):
        return _read_plain(definition, value, path, value)
    if definition["kind"] in ("mapping", "entries"):
        structure = parse_json(value)
        if isinstance(structure, (dict, list)):
            return _read_plain(definition, structure, path, structure)
    if is_malformed(value):
        return _invalid(_malformed(definition, value, path))
    if is_reference(value):
        return _Read("deferred")
    return _read_plain(definition, value.strip(), path, value)


def _read_plain(definition: _Fields, value: Any, path: str, source: Any) -> _Read:
    kind = definition["kind"]
    if kind == "any":
        return _Read("value", value)
    if kind in ("ids", "words"):
        return _read_list(definition, value, path)
    if kind == "mapping":
        return _read_mapping(definition, value, path)
    if kind == "entries":
        return _read_entries(definition, value, path)
    scalar = _read_scalar(definition, value)
    return _invalid(_wrong(definition, value, path)) if scalar is None else _Read("value", scalar)


def _read_scalar(definition: _Fields, value: Any) -> Any:
    """The value in its normal form, or None if it is none."""
    kind = definition["kind"]
    if kind in ("integer", "number"):
        number = to_number(value, whole=kind == "integer")
        if number is None or number < definition.get("minimum", number) or number > definition.get("maximum", number):
            return None
        return number
    if kind == "boolean":
        return to_boolean(value)
    text = to_text(value)
    if text is not None and kind == "date":
        return to_date(text, hours=definition.get("hours", False))
    right = text is not None and text in definition.get("choices", [text]) and matches(definition.get("pattern"), text)
    return text if right else None


def _read_list(definition: _Fields, value: Any, path: str) -> _Read:
    items = to_list(value)
    if items is None:
        return _invalid(_wrong(definition, value, path))
    texts: dict[str, None] = {}
    issues: list[Issue] = []
    deferred = False
    index = 0
    for item in items:
        if is_malformed(item):
            issues.append(_malformed(definition, item, f"{path}[{index}]"))
            index += 1
            continue
        if is_reference(item):
            deferred = True
            index += 1
            continue
        for part in split(item) if isinstance(item, str) else [item]:
            text = to_text(part)
            if (
                text is not None
                and matches(definition.get("pattern"), text)
                and text in definition.get("choices", [text])
            ):
                texts[text] = None
            else:
                issues.append(_wrong(definition, part, f"{path}[{index}]"))
            index += 1
    maximum = definition.get("itemsMax")
    if maximum is not None and index > maximum:
        issues.append(Issue(path, f"{index} are too many", f"at most {maximum}"))
    if issues:
        return _invalid(*issues)
    if deferred:
        return _Read("deferred")
    return _Read("value", list(texts)) if texts else _absent(definition, path)


def _read_mapping(definition: _Fields, value: Any, path: str) -> _Read:
    mapping = to_mapping(value, definition.get("textKey"))
    if mapping is None:
        return _invalid(_wrong(definition, value, path))
    words = definition.get("values") == "words"
    issues = [_malformed(definition, text, place) for place, text in texts_within(mapping, path) if is_malformed(text)]
    for key, item in mapping.items():
        inner = f"{path}.{key}"
        if not matches(definition.get("keyPattern"), key):
            issues.append(_wrong({**definition, "expected": "a name that can be used here"}, key, inner))
        if not _is_right_value(definition, item):
            expected = "a list of names" if words else "a text that can be used here"
            issues.append(_wrong({**definition, "expected": expected}, item, inner))
    if issues:
        return _invalid(*issues)
    if any_reference(mapping):
        return _Read("deferred", written=mapping)
    if "values" not in definition:
        return _Read("value", mapping)
    return _Read(
        "value", {k: [plain(w) for w in to_list(v) or []] if words else to_text(v) for k, v in mapping.items()}
    )


def _is_right_value(definition: _Fields, item: Any) -> bool:
    values = definition.get("values")
    if values is None:
        return True
    if values == "words":
        return to_list(item) is not None
    text = to_text(item)
    return text is not None and (is_reference(item) or matches(definition.get("pattern"), text))


def _read_entries(definition: _Fields, value: Any, path: str) -> _Read:
    items = to_entry_list(value)
    if items is None:
        return _invalid(_wrong(definition, value, path))
    fields = definition["fields"]
    unique = definition.get("uniqueBy")
    issues: list[Issue] = []
    entries: list[tuple[int, _Reads]] = []
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        place = f"{path}[{index}]"
        if not isinstance(item, Mapping):
            issues.append(Issue(place, f"{shown(item)} is not a mapping", f"a mapping with {', '.join(fields)}"))
            continue
        reads, own = _read_fields(fields, item, f"{place}.")
        issues += [*own, *_check_rules(definition.get("rules", []), reads, f"{place}.")]
        name = reads[unique].value if unique is not None else None
        if isinstance(name, str):
            earlier = first.setdefault(name.lower(), index)
            if earlier != index:
                message = f"{shown(name)} is the name of {path}[{earlier}] too"
                issues.append(Issue(f"{place}.{unique}", message, "a name of its own"))
        entries.append((index, reads))
    if issues:
        return _Read("invalid", entries, issues)
    return _Read("value", entries) if entries else _absent(definition, path)


def _read_fields(fields: _Fields, given: Mapping[Any, Any], prefix: str) -> tuple[_Reads, list[Issue]]:
    reads = {name: _read(definition, given.get(name), prefix + name) for name, definition in fields.items()}
    issues = [issue for read in reads.values() for issue in read.issues]
    unknown = [_unknown(prefix, str(name), list(fields)) for name in given if name not in fields]
    return reads, issues + unknown


def _check_rules(rules: Sequence[Mapping[str, Any]], reads: _Reads, prefix: str) -> list[Issue]:
    return [
        replace(issue, path=prefix + issue.path) for rule in rules for issue in _RULE_KINDS[rule["kind"]](rule, reads)
    ]


def _together(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    missing = [name for name in rule["attributes"] if not _given(reads, name)]
    return [] if len(missing) == len(rule["attributes"]) else [Issue(name, rule["message"]) for name in missing]


def _exclusive(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    given = [name for name in rule["attributes"] if _given(reads, name)]
    return [Issue(name, rule["message"], f"one of {', '.join(rule['attributes'])}") for name in given[1:]]


def _required(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    return [] if _given(reads, rule["attribute"]) or not _holds(rule["when"], reads) else [_issue_of(rule)]


def _refused(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    return [_issue_of(rule)] if _given(reads, rule["attribute"]) and _holds(rule["when"], reads) else []


def _refused_in_entries(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    name, inner = rule["entries"], rule["field"]
    return [
        Issue(f"{name}[{index}].{inner}", rule["message"], rule.get("allowed"))
        for index, own in reads[name].value or []
        if own[inner].value in rule["in"] and _holds(rule["when"], reads)
    ]


def _order(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    first, second = reads[rule["first"]], reads[rule["second"]]
    if first.state != "value" or second.state != "value" or str(first.value) <= str(second.value):
        return []
    return [Issue(rule["second"], f"{shown(second.value)} {rule['message']}", f"{first.value} or later")]


def _keys(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    read, among = reads[rule["attribute"]], rule["among"]
    if read.state != "value" or not isinstance(read.value, Mapping) or not _holds(rule["when"], reads):
        return []
    return [
        Issue(f"{rule['attribute']}.{key}", f"{shown(key)} {rule['message']}", ", ".join(among), nearest(key, among))
        for key in read.value
        if key not in among
    ]


def _options(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    read = reads[rule["attribute"]]
    written = read.written if read.state == "deferred" else read.value if read.state == "value" else None
    if not isinstance(written, Mapping) or not _holds(rule["when"], reads):
        return []
    own = {name: value for name, value in written.items() if name != rule["within"]}
    path, inner = f"{rule['attribute']}.{rule['within']}", written.get(rule["within"])
    issues = _option_mistakes(rule, own, rule["attribute"])
    if isinstance(inner, Mapping):
        return [*issues, *_option_mistakes(rule, inner, path)]
    if rule["within"] not in written or isinstance(inner, str):
        return issues
    return [*issues, Issue(path, "is neither a text nor a mapping")]


def _option_mistakes(rule: Mapping[str, Any], given: Mapping[str, Any], prefix: str) -> list[Issue]:
    options, others = rule["options"], rule["otherNames"]
    issues = []
    for name, value in given.items():
        meant = others.get(name, name)
        if meant in options:
            message = _option_mistake(options[meant], value)
            issues += [] if message is None else [Issue(f"{prefix}.{name}", message)]
        elif meant is not None:
            message = f"`{name}` {rule['message']}"
            issues.append(Issue(f"{prefix}.{name}", message, ", ".join(options), nearest(str(name), options)))
    return issues


def _option_mistake(facts: Mapping[str, Any], value: Any) -> str | None:
    """What is wrong with an option's value; no message shows it, since it may be a secret."""
    if is_reference(value):
        return None
    if facts["type"] == "text":
        if not isinstance(value, str):
            unquoted = isinstance(value, (int, float)) and not isinstance(value, bool)
            return "is no text: write it in quotes" if unquoted else "is no text"
        right = value in facts.get("choices", [value])
        return None if right else f"is none of {', '.join(facts['choices'])}"
    whole = facts["type"] == "integer"
    number = to_number(value, whole=whole)
    if number is None:
        return "is no whole number" if whole else "is no number"
    if number < facts.get("minimum", number):
        return f"is smaller than {facts['minimum']}"
    return f"is not greater than {facts['above']}" if number <= facts.get("above", number - 1) else None


def _subset(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    return _outside(reads[rule["attribute"]], reads[rule["of"]], rule["attribute"], rule["message"])


def _subset_of_entries(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    name, inner, whole = rule["entries"], rule["field"], reads[rule["of"]]
    return [
        issue
        for index, own in reads[name].value or []
        for issue in _outside(own[inner], whole, f"{name}[{index}].{inner}", rule["message"])
    ]


def _outside(part: _Read, whole: _Read, path: str, message: str) -> list[Issue]:
    if part.state != "value" or whole.state != "value":
        return []
    allowed = ", ".join(whole.value)
    return [
        Issue(f"{path}[{index}]", f"{shown(text)} {message}", allowed)
        for index, text in enumerate(part.value)
        if text not in whole.value
    ]


def _one_of_each(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    name = rule["entries"]
    if reads[name].state != "value":
        return []
    found = [own[rule["field"]] for _, own in reads[name].value]
    if any(read.state == "deferred" for read in found):
        return []
    right = all(sum(read.value in group for read in found) == 1 for group in rule["groups"])
    return [] if right else [Issue(name, rule["message"], rule["allowed"])]


def _order_inherited(rule: Mapping[str, Any], reads: _Reads) -> list[Issue]:
    issues = []
    for index, own in reads[rule["entries"]].value or []:
        given = [name for name in (rule["first"], rule["second"]) if own[name].state == "value"]
        absent = [name for name in (rule["first"], rule["second"]) if own[name].state == "absent"]
        if len(given) != 1 or len(absent) != 1:
            continue
        both = {given[0]: own[given[0]], absent[0]: reads[absent[0]]}
        first, second = both[rule["first"]], both[rule["second"]]
        if first.state == second.state == "value" and str(first.value) > str(second.value):
            message = f"{shown(first.value)} to {shown(second.value)} {rule['message']}"
            issues.append(Issue(f"{rule['entries']}[{index}].{given[0]}", message))
    return issues


_RULE_KINDS: Mapping[str, Callable[[Mapping[str, Any], _Reads], list[Issue]]] = {
    "together": _together,
    "exclusive": _exclusive,
    "required": _required,
    "refused": _refused,
    "refused-in-entries": _refused_in_entries,
    "order": _order,
    "order-inherited": _order_inherited,
    "keys": _keys,
    "options": _options,
    "subset": _subset,
    "subset-of-entries": _subset_of_entries,
    "one-of-each": _one_of_each,
}


def _issue_of(rule: Mapping[str, Any]) -> Issue:
    return Issue(rule["attribute"], rule["message"], rule.get("allowed"))


def _given(reads: _Reads, name: str) -> bool:
    return name in reads and reads[name].state != "absent"


def _holds(tests: Sequence[Mapping[str, Any]], reads: _Reads) -> bool:
    return all(_test_holds(test, reads) for test in tests)


def _test_holds(test: Mapping[str, Any], reads: _Reads) -> bool:
    if "timeAxis" in test:
        return _time_axis(reads) in test["timeAxis"]
    name = test["attribute"]
    if "given" in test:
        return _given(reads, name) is test["given"]
    read = reads.get(name)
    if read is None or read.state in ("deferred", "invalid"):
        return False
    if "in" in test:
        return read.value in test["in"]
    if "notIn" in test:
        return read.value not in test["notIn"]
    return isinstance(read.value, list) and test["includes"] in read.value


def _check_reports(reads: _Reads) -> list[Issue]:
    entries = reads["reports"].value or []
    named_reports = [issue for index, own in entries for issue in _check_report(own, reads, f"reports[{index}].")]
    wanted = "reports" in (reads["resources"].value or []) or any(
        reads[name].state == "value" for name in ("metrics", "dimensions")
    )
    return [*(_check_report(reads, reads, "") if wanted else []), *named_reports]


def _check_report(own: _Reads, component: _Reads, prefix: str) -> list[Issue]:
    """Where the report's shape cannot be known yet, only names that do not exist at all are mistakes."""
    catalogue = _rules()["catalogue"]
    fields = _fields()
    shape = {name: own[name] for name in ("report_type", "data_level", "time_granularity")}
    known = all(read.state in ("value", "absent") for read in shape.values())
    report_type = shape["report_type"].value or fields["report_type"]["default"]
    metrics = own["metrics"].value or []
    dimensions = own["dimensions"].value
    positions, alias_positions = named(metrics, catalogue["aliases"])
    if dimensions is None:
        dimensions = _rules()["defaultBreakdowns"].get(report_type, [])
    check = ReportCheck(
        catalogue,
        report_type,
        shape["data_level"].value or fields["data_level"]["default"],
        shape["time_granularity"].value or ("hour" if _time_axis(component) == "hourly" else "day"),
        [metrics[index] for index in positions],
        [metrics[index] for index in alias_positions],
        dimensions,
    )
    exists = {**catalogue["metrics"], **catalogue["aliases"], **catalogue["dimensions"]}
    hidden = own["dimensions"].state in ("deferred", "invalid")
    issues = []
    for found in check.violations():
        if (not known or hidden) and (found.value in exists or not found.path.endswith("]")):
            continue
        path = re.sub(
            r"^(metrics|aliases)\[([0-9]+)\]$", lambda m: _metric_path(m, positions, alias_positions), found.path
        )
        issues.append(Issue(prefix + path, found.message, found.allowed, found.suggestion))
    return issues


def _metric_path(match: re.Match[str], positions: Sequence[int], alias_positions: Sequence[int]) -> str:
    """Rules count API metrics and aliases apart; the user wrote them in one list."""
    return f"metrics[{(positions if match[1] == 'metrics' else alias_positions)[int(match[2])]}]"


def _time_axis(reads: _Reads) -> str | None:
    kind = reads["partition_type"].value
    types = [kind, *(own["type"].value for _, own in reads["partition_dimensions"].value or [])]
    # One of multi's axes is always time: days, where nothing else is known.
    otherwise = "daily" if kind == "multi" else None
    return next((one for one in types if one in _rules()["timePartitionTypes"]), otherwise)


def _unavailable(reads: _Reads) -> list[Issue]:
    issues = []
    for key, reason in _rules()["notYet"].items():
        path, _, value = key.partition("=")
        read = reads.get(path)
        if read is None or read.state == "absent":
            continue
        if not value:
            issues.append(Issue(path, f"is not available yet: {reason}"))
        elif (
            value in read.value
            if isinstance(read.value, list)
            else read.state == "value" and plain(read.value) == value
        ):
            issues.append(Issue(path, f"{shown(value)} is not available yet: {reason}"))
    return issues


def _unknown(prefix: str, name: str, names: Sequence[str]) -> Issue:
    allowed = None if prefix == "" else ", ".join(names)
    return Issue(prefix + name, f"{shown(name)} is not an attribute", allowed, nearest(name, names))


def _wrong(definition: _Fields, value: Any, path: str) -> Issue:
    what = "the value" if definition.get("secret") else shown(value)
    choices = definition.get("choices")
    suggestion = nearest(value, choices) if choices is not None and isinstance(value, str) else None
    return Issue(path, f"{what} is not {definition['expected']}", definition.get("allowed"), suggestion)


def _malformed(definition: _Fields, value: Any, path: str) -> Issue:
    what = "the value" if definition.get("secret") else shown(value)
    allowed = "${NAME} or ${NAME:-default}, NAME of letters, digits and _; $${ for the characters themselves"
    return Issue(path, f"{what} holds a ${{ that begins no reference", allowed)


def _absent(definition: _Fields, path: str) -> _Read:
    if not definition.get("required"):
        return _Read("absent", definition.get("default"))
    return _invalid(Issue(path, "is required", definition.get("allowed")))


def _invalid(*issues: Issue) -> _Read:
    return _Read("invalid", None, list(issues))


def _is_entries(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], tuple)


def _entry_values(entry: tuple[int, _Reads]) -> dict[str, Any]:
    return {name: read.value for name, read in entry[1].items() if read.state == "value"}
