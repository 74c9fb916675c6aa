"""Keys that stand twice in one mapping of the YAML: the last one wins there, and nobody says so."""

import functools
from collections.abc import Iterator, Sequence
from pathlib import Path

import dagster as dg
import yaml

from dagster_component_templates._validation import Issue


def repeated_keys(context: dg.ResolutionContext) -> list[Issue]:
    """A mistake for each attribute, or key below one, that stands more than once."""
    tree = context.source_position_tree
    place = tree.lookup(context.path) if tree else None
    if place is None or not Path(place.filename).is_file():
        return []
    # The place that Dagster keeps of a value is its key's.
    start = (place.start.line - 1, place.start.col - 1)
    for document in _documents(Path(place.filename).read_text(encoding="utf-8")):
        for key, value in _pairs(document):
            if (key.start_mark.line, key.start_mark.column) == start:
                return list(_repeated(value, ""))
    return []


@functools.lru_cache(maxsize=4)
def _documents(text: str) -> Sequence[yaml.Node]:
    # Each component of a file asks for the same text, one after the other.
    return tuple(yaml.compose_all(text, Loader=yaml.SafeLoader))


def _pairs(node: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Every key of a mapping with its value, inner ones too."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield key, value
        yield from _pairs(value)


def _repeated(node: yaml.Node, path: str) -> Iterator[Issue]:
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _repeated(item, f"{path}[{index}]")
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            inner = f"{path}.{name}" if path else name
            if name in seen:
                yield Issue(inner, "stands here a second time", "each key once")
            seen.add(name)
            yield from _repeated(value, inner)
