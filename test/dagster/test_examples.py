"""Every example loads in Dagster as it stands."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "defs_examples").glob("*.yaml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads(example: Path, project: Any) -> None:
    folder = project.defs / "example"
    folder.mkdir()
    shutil.copy(example, folder / "defs.yaml")
    specs = project.load().resolve_all_asset_specs()
    [document] = yaml.safe_load_all(example.read_text())
    first = document["attributes"]["asset_name"].split("/")
    assert specs
    assert all(spec.key.path[: len(first)] == first for spec in specs)


def test_the_three_examples_that_users_have_today_are_there() -> None:
    assert {"basic", "custom_reports", "video_analytics"} <= {path.stem for path in EXAMPLES}


def test_all_examples_stand_in_one_project(project: Any) -> None:
    for example in EXAMPLES:
        folder = project.defs / example.stem
        folder.mkdir()
        shutil.copy(example, folder / "defs.yaml")
    project.load().get_repository_def()
