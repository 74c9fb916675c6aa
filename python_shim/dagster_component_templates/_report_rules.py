"""What TikTok would refuse about a report: the same checks, order and words as ``src/tiktok/report-rules.ts``.

All facts come from the ``catalogue`` part of ``_generated/rules.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ._suggest import nearest

_NAMES_SHOWN_MAX = 12


@dataclass(frozen=True)
class Violation:
    """One mistake; ``value`` is the word it is about."""

    path: str
    value: str
    message: str
    allowed: str | None
    suggestion: str | None


@dataclass(frozen=True)
class _Problem:
    key: str
    words: Mapping[str, str]


@dataclass
class ReportCheck:
    """A report as a user asks for it, with the catalogue to check it by."""

    catalogue: Mapping[str, Any]
    report_type: str
    data_level: str
    granularity: str | None
    metrics: Sequence[str]
    aliases: Sequence[str]
    breakdowns: Sequence[str]

    def violations(self) -> list[Violation]:
        """In the order of granularity, dimensions, metrics, aliases."""
        found = []
        legal: Sequence[str] = self.catalogue["granularitiesOf"][self.report_type]
        if self.granularity not in legal:
            words = {"type": self.report_type, "granularities": ", ".join(legal)}
            found.append(self._violation("time_granularity", self.granularity or "", _Problem("granularity", words)))
            self.granularity = None
        return [
            *found,
            *self._dimension_violations(),
            *self._metric_violations("metrics", self.metrics),
            *self._metric_violations("aliases", self.aliases),
        ]

    def _dimension_violations(self) -> list[Violation]:
        wrong = []
        for index, name in enumerate(self.breakdowns):
            problem = self._dimension_problem(name)
            if problem is not None:
                suggestion = self._nearest_dimension(name) if problem.key == "dimensionUnknown" else None
                wrong.append(self._violation(f"dimensions[{index}]", name, problem, suggestion))
        too_many = [
            self._violation(f"dimensions[{index}]", name, _Problem("breakdownsTooMany", {}))
            for index, name in enumerate(self.breakdowns)
            if name in self._extra_breakdowns and self.breakdowns.index(name) == index
        ]
        least = self.catalogue["breakdownCounts"][self.report_type]["min"]
        if wrong or least == 0 or len(self._own_breakdowns) >= least:
            return wrong + too_many
        words = {"type": self.report_type, "names": self._breakdown_names()}
        return [self._violation("dimensions", "", _Problem("breakdownMissing", words))]

    def _dimension_problem(self, name: str) -> _Problem | None:
        dimension = self.catalogue["dimensions"].get(name)
        if dimension is None:
            return _Problem("dimensionUnknown", {"names": self._breakdown_names()})
        words = self._words(dimension)
        key: str | None = None
        if dimension["onlyIn"] is not None:
            key = "dimensionOnlyIn"
        elif self.report_type not in dimension["reportTypes"]:
            key, words = "dimensionType", {**words, "names": self._breakdown_names()}
        elif self._has_levels and self.data_level not in dimension["levels"]:
            key = "dimensionIdLevel" if dimension["role"] == "id" else "dimensionLevel"
        elif self.granularity is not None and self.granularity not in dimension["granularities"]:
            key = "dimensionTime" if dimension["role"] == "time" else "dimensionGranularity"
        elif dimension["role"] == "id" and name != self._id:
            key, words = "dimensionExclusive", {**words, "id": self._id}
        return None if key is None else _Problem(key, words)

    @cached_property
    def _id(self) -> str:
        """The id dimension: the first one named that the level has, else the level's own."""
        if not self._has_levels:
            return "playable_id"
        dimensions = self.catalogue["dimensions"]
        for name in self.breakdowns:
            dimension = dimensions.get(name)
            if dimension is not None and dimension["role"] == "id" and self.data_level in dimension["levels"]:
                return name
        return str(self.catalogue["levelIds"][self.data_level])

    @property
    def _has_levels(self) -> bool:
        return self.report_type != "PLAYABLE_MATERIAL"

    @cached_property
    def _extra_breakdowns(self) -> set[str]:
        names = self._own_breakdowns
        pair: list[str] = next((pair for pair in self.catalogue["breakdownPairs"] if set(pair) <= set(names)), [])
        counted = [name for name in names if name not in pair[1:]]  # A pair counts as one: as its first member.
        return set(counted[self.catalogue["breakdownCounts"][self.report_type]["max"] :])

    @cached_property
    def _own_breakdowns(self) -> list[str]:
        """The breakdowns that the report type has, each once."""
        dimensions = self.catalogue["dimensions"]
        return [
            name
            for name in dict.fromkeys(self.breakdowns)
            if name in dimensions
            and dimensions[name]["role"] == "breakdown"
            and self.report_type in dimensions[name]["reportTypes"]
        ]

    def _metric_violations(self, path: str, names: Sequence[str]) -> list[Violation]:
        found = []
        for index, name in enumerate(names):
            is_alias = name in self.catalogue["aliases"] and name not in self.catalogue["metrics"]
            problem = self._alias_problem(name) if is_alias else self._metric_problem(name)
            if problem is not None:
                suggestion = self._nearest_metric(name) if problem.key == "metricUnknown" else None
                found.append(self._violation(f"{path}[{index}]", name, problem, suggestion))
        return found

    def _alias_problem(self, name: str) -> _Problem | None:
        """A copy is as legal as its metric; a sum is legal if one of its metrics is."""
        sources: Sequence[str] = self.catalogue["aliases"][name]["metrics"]
        problems = [self._metric_problem(source) for source in sources]
        first = problems[0]
        if first is None or None in problems:
            return None
        return _Problem(first.key, {**first.words, "value": f"{_json(name)} ({' + '.join(sources)})"})

    def _metric_problem(self, name: str) -> _Problem | None:
        index = self.catalogue["metrics"].get(name)
        if index is None:
            return _Problem("metricUnknown", {})
        metric = self.catalogue["profiles"][index]
        words = self._words(metric)
        key: str | None = None
        if metric["onlyIn"] is not None:
            key = "metricOnlyIn"
        elif self.report_type not in metric["reportTypes"]:
            key = "metricType"
        elif self._has_levels and self.data_level not in metric["levels"]:
            key = "metricIdLevel" if name == self.catalogue["levelIds"][self.data_level] else "metricLevel"
        elif self.granularity is not None and self.granularity not in metric["granularities"]:
            key = "metricGranularity"
        elif metric["needsDimension"] is not None and metric["needsDimension"] not in self.breakdowns:
            key, words = "metricNeeds", {**words, "needs": metric["needsDimension"]}
        elif metric["conflictsWith"] == self._id:
            key, words = "metricConflict", {**words, "conflict": metric["conflictsWith"]}
        return self._breakdown_problem(name, metric, words) if key is None else _Problem(key, words)

    def _breakdown_problem(self, name: str, metric: Mapping[str, Any], words: Mapping[str, str]) -> _Problem | None:
        if not metric["withBreakdowns"] and self._own_breakdowns:
            return _Problem("metricPlain", {**words, "breakdown": self._own_breakdowns[0]})
        if metric["attribute"]:
            return None
        for breakdown in self._own_breakdowns:
            allowed = self.catalogue["dimensions"][breakdown]["metricsAllowed"].get(self.report_type)
            if allowed is not None and name not in allowed:
                return _Problem("metricBreakdown", {**words, "breakdown": breakdown, "names": _shortened(allowed)})
        return None

    def _nearest_metric(self, name: str) -> str | None:
        """The nearest of what is legal here, else of all metrics; of an alias that copies, the metric it copies."""
        metrics, aliases = self.catalogue["metrics"], self.catalogue["aliases"]
        legal = [known for known in metrics if self._metric_problem(known) is None]
        legal += [known for known in aliases if self._alias_problem(known) is None]
        found = nearest(name, legal) or nearest(name, metrics)
        alias = None if found is None else aliases.get(found)
        return str(alias["metrics"][0]) if alias is not None and alias["kind"] == "copy" else found

    def _nearest_dimension(self, name: str) -> str | None:
        dimensions = self.catalogue["dimensions"]
        legal = [known for known, facts in dimensions.items() if self.report_type in facts["reportTypes"]]
        return nearest(name, legal) or nearest(name, dimensions)

    def _breakdown_names(self) -> str:
        return ", ".join(
            name
            for name, facts in self.catalogue["dimensions"].items()
            if facts["role"] == "breakdown" and self.report_type in facts["reportTypes"]
        )

    def _words(self, facts: Mapping[str, Any]) -> Mapping[str, str]:
        return {
            "type": self.report_type,
            "level": self.data_level,
            "granularity": self.granularity or "",
            "types": ", ".join(facts["reportTypes"]),
            "levels": ", ".join(facts["levels"]),
            "granularities": ", ".join(facts["granularities"]),
            "where": facts["onlyIn"] or "",
        }

    def _violation(self, path: str, value: str, problem: _Problem, suggestion: str | None = None) -> Violation:
        texts = self.catalogue["messages"][problem.key]
        words = {"value": _json(value), **problem.words}
        allowed = texts.get("allowed")
        return Violation(
            path,
            value,
            _filled(texts["message"], words),
            None if allowed is None else _filled(allowed, words),
            suggestion,
        )


def _filled(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: words.get(match[1], match[0]), text)


def _shortened(names: Sequence[str]) -> str:
    return ", ".join([*names[:_NAMES_SHOWN_MAX], "…"] if len(names) > _NAMES_SHOWN_MAX else names)


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def named(names: Iterable[str] | None, known: Mapping[str, Any]) -> tuple[list[int], list[int]]:
    """Positions of what is not in ``known``, and of what is."""
    positions: tuple[list[int], list[int]] = ([], [])
    for index, name in enumerate(names or ()):
        positions[name in known].append(index)
    return positions
