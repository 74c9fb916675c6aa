"""Python's validation gives the same issues, in the same words, as the executable's `checkAttributes`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from dagster_component_templates import _validation
from dagster_component_templates._suggest import nearest

ROOT = Path(__file__).parents[2]
FIXTURE = json.loads((ROOT / "test" / "fixtures" / "validation-cases.json").read_text(encoding="utf-8"))
EXAMPLES = sorted((ROOT / "defs_examples").glob("*.yaml"))


def issue_mapping(issue: _validation.Issue) -> dict[str, str]:
    return {name: value for name, value in vars(issue).items() if value is not None}


@pytest.mark.parametrize("case", FIXTURE["cases"], ids=lambda case: case["title"])
def test_says_what_is_wrong_in_the_same_words(case: dict[str, Any]) -> None:
    assert [issue_mapping(issue) for issue in _validation.check_all(case["attributes"])] == case["issues"]


@pytest.mark.parametrize("case", FIXTURE["normalized"], ids=lambda case: f"{case['attribute']} {case['value']!r}")
def test_reads_every_spelling_to_the_same_value(case: dict[str, Any]) -> None:
    assert _validation.normalize(case["attribute"], case["value"]) == case["normal"]


def test_takes_what_jinja_makes_of_a_text_with_commas() -> None:
    assert _validation.normalize("advertiser_ids", (1234567890, 9876543210)) == ["1234567890", "9876543210"]
    assert _validation.normalize("advertiser_ids", 7123456789012345678) == ["7123456789012345678"]
    assert _validation.check_attribute("advertiser_ids", 7123456789012345678) == []


def test_keeps_a_reference_as_it_is() -> None:
    assert _validation.normalize("advertiser_ids", "${IDS}") == "${IDS}"
    assert _validation.normalize("advertiser_ids", ["${IDS}", 5]) == ["${IDS}", "5"]
    assert _validation.normalize("destination_config", {"password": "${PW}"}) == {"password": "${PW}"}


def test_leaves_a_wrong_value_as_it_is() -> None:
    assert _validation.normalize("start_date", "tomorrow") == "tomorrow"


def test_gives_the_entries_of_a_list_of_mappings_their_normal_values() -> None:
    reports = [{"name": "a", "metrics": "spend,clicks", "start_date": None}]
    assert _validation.normalize("reports", reports) == [{"name": "a", "metrics": ["spend", "clicks"]}]


def test_checks_one_attribute_by_itself() -> None:
    assert _validation.check_attribute("access_token", None) == []
    (issue,) = _validation.check_attribute("destination", "duckbd")
    assert str(issue).startswith('destination: "duckbd" is not a destination. Did you mean duckdb?')
    (unknown,) = _validation.check_attribute("advertizer_ids", "1")
    assert unknown.suggestion == "advertiser_ids"


def test_knows_which_attributes_are_secret() -> None:
    secrets = {name for name in _validation.attribute_names() if _validation.is_secret(name)}
    assert secrets == {"access_token", "secret", "destination_config", "destination_credentials_url"}
    assert not _validation.is_secret("no_such_attribute")


@pytest.mark.parametrize("word", ["conversons", "Spend", "advertizer_ids", "", "dsetination", "zzz", "duckbd"])
def test_finds_the_same_nearest_word_whatever_the_order_of_equals(word: str) -> None:
    words = ["conversion", "conversions", "spend", "advertiser_ids", "destination", "duckdb", "ab", "ba"]
    found = nearest(word, words)
    assert found in {
        "conversons": {"conversion", "conversions"},
        "Spend": {"spend"},
        "advertizer_ids": {"advertiser_ids"},
        "dsetination": {"destination"},
        "duckbd": {"duckdb"},
    }.get(word, {None})


def test_imports_without_dagster_and_reads_the_rules_late() -> None:
    code = (
        "import sys, importlib.util as u, pathlib\n"
        f"folder = pathlib.Path({str(Path(_validation.__file__).parent)!r})\n"
        "package = type(sys)('shim'); package.__path__ = [str(folder)]; sys.modules['shim'] = package\n"
        "import importlib; v = importlib.import_module('shim._validation')\n"
        "assert 'dagster' not in sys.modules and 'pydantic' not in sys.modules\n"
        "assert v._rules.cache_info().currsize == 0\n"
        "assert v.check_attribute('mode', 'live') == [] and v._rules.cache_info().currsize == 1\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_right_for_python_and_for_the_json_schema(path: Path) -> None:
    schema = json.loads((ROOT / "component.yaml.schema.json").read_text(encoding="utf-8"))
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert _validation.check_all(document["attributes"]) == []


def test_the_json_schema_refuses_what_it_should() -> None:
    schema = json.loads((ROOT / "component.yaml.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = yaml.safe_load((ROOT / "defs_examples" / "basic.yaml").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for changes in ({"destination": "mysql"}, {"advertizer_ids": "1"}, {"restate_days": -1}, {"access_token": None}):
        changed = {name: value for name, value in {**document["attributes"], **changes}.items() if value is not None}
        assert not validator.is_valid({**document, "attributes": changed}), changes
