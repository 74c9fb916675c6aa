"""Keeps secrets out of everything Dagster stores.

Literal ones travel in the child's environment, and what the child reports is searched for all of them.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from dagster_component_templates.attributes import resolve_references

LITERAL_PREFIX = "TIKTOK_ADS_LITERAL_"
SHORTEST_REDACTED = 6

_reference = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_sensitive = re.compile(r"pass|pwd|secret|token|key", re.IGNORECASE)
_in_url = re.compile(
    r"://[^\s:/@]*:(?P<user>[^\s?]+|[^\s@]+)@|[?&][^=&#]*(?:pass|pwd|secret|token|key)[^=&#]*=(?P<query>[^&#\s]+)",
    re.IGNORECASE,
)


def externalize(name: str, value: Any) -> tuple[Any, dict[str, str]]:
    """What stands for a secret attribute in stored places, and the environment variable that holds what the user wrote.

    A text that is one reference `${VAR}` and nothing else is no secret and stays.
    """
    if isinstance(value, str) and _reference.fullmatch(value.strip()):
        return value, {}
    variable = LITERAL_PREFIX + name.upper()
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"${{{variable}}}", {variable: text}


def literal_secrets(name: str, value: Any) -> bool:
    """Whether a secret attribute holds a secret written out, rather than a reference to one."""
    if not name.startswith("destination"):
        return bool(externalize(name, value)[1])
    return any("${" not in text for text in _passwords(value))


def secret_texts(attributes: Mapping[str, Any], environment: Mapping[str, str]) -> list[str]:
    """Every text that must not be shown, longest first: tokens, and of a destination's options the passwords and keys.

    `attributes`: the secret attributes as written; references in them are resolved here.
    """
    found: set[str] = set()
    for name, value in attributes.items():
        resolved = resolve_references(value, environment)
        found.update(_passwords(resolved) if name.startswith("destination") else _texts(resolved))
    spelt = {form for text in found for form in _spellings(text)}
    return sorted((text for text in spelt if len(text) >= SHORTEST_REDACTED), key=len, reverse=True)


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text with each secret replaced, also where the text is JSON."""
    for secret in secrets:
        text = text.replace(secret, "[secret]").replace(json.dumps(secret)[1:-1], "[secret]")
    return text


def _spellings(text: str) -> Iterator[str]:
    """The text, and as it stands inside a URL that somebody else made of it, or took it from."""
    for plain in (text, unquote(text)):
        yield from (plain, quote(plain, safe=""), quote(plain), quote_plus(plain))


def _passwords(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _passwords(inner, str(name))
    elif isinstance(value, str):
        if _sensitive.search(key):
            yield value
        for match in _in_url.finditer(value):
            password = match["user"] or match["query"]
            yield password
            # An @ that should have been written %40: a driver takes what is behind it for the host, and names it.
            yield from password.split("@")
        if value.lstrip().startswith("{"):
            with suppress(ValueError):
                yield from _passwords(json.loads(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _texts(inner)
