"""Time zones and cron schedules, as Dagster reads them: only it knows which it takes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dagster._utils.schedules import get_smallest_cron_interval, is_valid_cron_string

from dagster_component_templates._validation import Issue, _fields

DEFAULT_LAG = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def schedule_mistakes(values: Mapping[str, Any]) -> list[Issue]:
    """What is wrong with attributes of the right form. Dagster itself would stop at the first, without its name."""
    zone, cron = (_known_text(values.get(name)) for name in ("partition_timezone", "freshness_cron"))
    issues = []
    if zone is not None and not _is_zone(zone):
        issues.append(_mistake("partition_timezone", zone))
    if cron is not None and not is_valid_cron_string(cron):
        issues.append(_mistake("freshness_cron", cron))
    elif cron is not None:
        issues.extend(_lag_mistakes(values.get("freshness_max_lag_minutes"), cron))
    return issues


def default_lag(cron: str) -> timedelta:
    """How old the asset may be at a time of the schedule if nobody says: a day, or the schedule's shortest pause."""
    return min(DEFAULT_LAG, get_smallest_cron_interval(cron))


def _mistake(name: str, value: str) -> Issue:
    # In the words of the attribute's own rules.
    about = _fields()[name]
    return Issue(name, f'"{value}" is not {about["expected"]}', about["allowed"])


def _lag_mistakes(minutes: Any, cron: str) -> list[Issue]:
    longest = get_smallest_cron_interval(cron) // MINUTE
    if not str(minutes).isdecimal() or int(minutes) <= longest:
        return []
    message = f"{minutes} is longer than the shortest pause of freshness_cron"
    return [Issue("freshness_max_lag_minutes", message, f"1 to {longest}")]


def _known_text(value: Any) -> str | None:
    return value if isinstance(value, str) and "${" not in value else None


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
