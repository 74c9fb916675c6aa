"""The nearest right spelling, by the same measure as the executable's ``src/suggest.ts``."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that a mistyped word most likely meant, or None if none is near.

    Near is an edit distance of at most a third of the word's length, and at least 1; of equally near ones the first
    wins.
    """
    wanted = word.strip().lower()
    limit = max(1, len(wanted) // 3)
    best: str | None = None
    for candidate in candidates:
        if abs(len(candidate) - len(wanted)) > limit:
            continue
        distance = _edit_distance(wanted, candidate.lower())
        if distance < limit or (best is None and distance == limit):
            best, limit = candidate, distance
    return best


def _edit_distance(left: str, right: str) -> int:
    """Insertions, deletions, replacements and swaps of neighbours (optimal string alignment)."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            costs = [previous[column] + 1, current[-1] + 1, previous[column - 1] + (letter != other)]
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                costs.append(before[column - 2] + 1)
            current.append(min(costs))
        before, previous = previous, current
    return previous[-1]
