"""Reads what YAML users write, and what Dagster's evaluation of YAML texts makes of it, to one form.

The same conversions as ``src/config/read.ts``.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

# A default may hold braces in pairs: a mapping as JSON, or another reference.
REFERENCE = re.compile(
    r"(?P<escaped>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"(?::-(?P<default>(?:[^{}]|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})*|[^}]*))?\}"
)
"""An escaped ``${``, or a reference to an environment variable with its default."""
_SHOWN_MAX = 80


def is_reference(value: Any) -> bool:
    return isinstance(value, str) and ("${" in value or "{{" in value)


def is_malformed(value: Any) -> bool:
    """True for a text with a ``${`` that begins no reference, such as ``${MY-VAR}``."""
    return isinstance(value, str) and "${" in REFERENCE.sub("", value)


def texts_within(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text of nested mappings and lists with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts_within(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from texts_within(item, f"{path}[{index}]")


def any_reference(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(any_reference(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return any(any_reference(item) for item in value)
    return is_reference(value)


def to_text(value: Any) -> str | None:
    """Texts and numbers as trimmed text. A float beyond 2^53 has lost digits: nothing can be made of it."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, datetime.date)):
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) >= 2**53:
        return None
    return plain(value).strip()


def to_number(value: Any, *, whole: bool) -> int | float | None:
    text = to_text(value)
    text = None if text is None else text.replace("_", "")
    if text is None or not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return None
    number = float(text)
    if number.is_integer():
        return int(number)
    return None if whole else number


def to_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    text = to_text(value)
    return None if text is None else _BOOLEANS.get(text.lower())


_BOOLEANS = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def to_date(text: str, *, hours: bool) -> str | None:
    match = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[-T ]([0-9]{2}):00)?", text)
    if match is None:
        return None
    day, hour = match.groups()
    try:
        datetime.date.fromisoformat(day)
    except ValueError:
        return None
    if hour is None:
        return day
    return f"{day}-{hour}:00" if hours and int(hour) < 24 else None


def to_list(value: Any) -> list[Any] | None:
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value]
    if not isinstance(value, str):
        return None
    parsed = parse_json(value) if value.startswith("[") else None
    return parsed if isinstance(parsed, list) else split(value)


def split(text: str) -> list[Any]:
    return [part.strip() for part in text.split(",") if part.strip()]


def to_mapping(value: Any, text_key: str | None) -> Mapping[str, Any] | None:
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if not isinstance(value, str):
        return None
    return None if text_key is None or value.startswith(("{", "[")) else {text_key: value}


def to_entry_list(value: Any) -> list[Any] | None:
    if isinstance(value, (list, tuple)):
        return list(value)
    return [value] if isinstance(value, Mapping) else None


def parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def matches(pattern: str | None, text: str) -> bool:
    return pattern is None or re.fullmatch(pattern, text) is not None


def plain(value: Any) -> str:
    """The value as a text, numbers as JavaScript writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _float_text(value) if isinstance(value, float) else str(value)


def _float_text(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    digits, _, exponent_text = repr(value).removesuffix(".0").partition("e")
    if not exponent_text:
        return digits
    exponent = int(exponent_text)
    if -7 < exponent < 21:
        return f"{Decimal(repr(value)):f}"
    return f"{digits}e{'+' if exponent > 0 else '-'}{abs(exponent)}"


def shown(value: Any) -> str:
    if isinstance(value, str):
        text = value if len(value) <= _SHOWN_MAX else value[:_SHOWN_MAX] + "…"
        return json.dumps(text, ensure_ascii=False)
    if isinstance(value, int) and abs(value) >= 2**53:
        # The executable gets such a number as a text.
        return json.dumps(str(value))
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, Mapping):
        return "a mapping"
    return "null" if value is None else plain(value)
