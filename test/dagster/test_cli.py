"""The dg command line on a project of its own."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from dagster.components.testing.utils import create_defs_folder_sandbox
from dagster_component_templates import TikTokAdsIngestionComponent

TYPE = "dagster_component_templates.TikTokAdsIngestionComponent"


def test_dg_lists_and_describes_the_component(project: Any) -> None:
    listed = project.dg("list", "components", "--package", "dagster_component_templates", "--json")
    assert TYPE in listed.stdout
    described = project.dg("utils", "inspect-component", TYPE)
    assert described.returncode == 0, described.stdout
    assert "Loads TikTok Ads into DuckDB" in described.stdout
    assert '"destination"' in described.stdout
    # Its help is shown as marked-up text, in which square brackets vanish.
    assert "[" not in described.stdout[: described.stdout.index("Scaffold params schema")]


def test_what_dg_scaffolds_passes_its_own_checks(project: Any) -> None:
    made = project.dg("scaffold", "defs", TYPE, "ads", "--destination", "duckdb")
    assert made.returncode == 0, made.stdout
    assert "# " in (project.defs / "ads" / "defs.yaml").read_text()
    assert (project.root / ".env.example").read_text() == "TIKTOK_ACCESS_TOKEN=\n"
    checked = project.dg("check", "yaml", "--validate-requirements")
    assert checked.returncode == 0, checked.stdout
    checked = project.dg("check", "defs")
    assert checked.returncode == 0, checked.stdout


def test_scaffolded_python_loads_as_it_is() -> None:
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(
            component_cls=TikTokAdsIngestionComponent,
            defs_path="marketing_ads",
            scaffold_params={"destination": "postgres"},
            scaffold_format="python",
        )
        assert (sandbox.project_root / ".env.example").read_text() == "TIKTOK_ACCESS_TOKEN=\nPOSTGRES_PASSWORD=\n"
        with sandbox.load_component_and_build_defs(defs_path=path) as (_, definitions):
            [spec] = definitions.resolve_all_asset_specs()
        assert (spec.key.path, "postgres" in spec.kinds) == (["marketing_ads"], True)


@pytest.mark.parametrize("destination", ["duckdb", "postgres", "snowflake", "bigquery", "redshift"])
def test_scaffolded_yaml_loads_for_every_destination(destination: str) -> None:
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(
            component_cls=TikTokAdsIngestionComponent,
            defs_path="marketing_ads",
            scaffold_params={"destination": destination},
        )
        document = yaml.safe_load((path / "defs.yaml").read_text())
        assert "TIKTOK_ACCESS_TOKEN" in document["requirements"]["env"]
        named = set(document["requirements"]["env"])
        assert named == {
            line.partition("=")[0] for line in (sandbox.project_root / ".env.example").read_text().splitlines()
        }
        with sandbox.load_component_and_build_defs(defs_path=path) as (component, definitions):
            assert isinstance(component, TikTokAdsIngestionComponent)
            assert component.destination == destination
            assert [spec.key.path for spec in definitions.resolve_all_asset_specs()] == [["marketing_ads"]]


@pytest.mark.parametrize("scaffold_format", ["yaml", "python"])
@pytest.mark.parametrize("name", ["on", "2024", "null", "my-ads"])
def test_a_folder_may_have_a_name_that_yaml_takes_for_something_else(name: str, scaffold_format: Any) -> None:
    with create_defs_folder_sandbox() as sandbox:
        path = sandbox.scaffold_component(
            component_cls=TikTokAdsIngestionComponent, defs_path=name, scaffold_format=scaffold_format
        )
        with sandbox.load_component_and_build_defs(defs_path=path) as (_, definitions):
            assert [spec.key.path for spec in definitions.resolve_all_asset_specs()] == [[name]]


@pytest.mark.parametrize("name", ["my ads", 'a"b', "a: b"])
def test_an_asset_name_that_is_no_key_is_refused_before_anything_is_written(name: str) -> None:
    with create_defs_folder_sandbox() as sandbox, pytest.raises(Exception, match="is not an asset key"):
        sandbox.scaffold_component(
            component_cls=TikTokAdsIngestionComponent, defs_path="ads", scaffold_params={"asset_name": name}
        )


def test_a_second_scaffold_adds_only_new_variables() -> None:
    with create_defs_folder_sandbox() as sandbox:
        (sandbox.project_root / ".env.example").write_text("OTHER=1")
        for name in ("one", "two"):
            sandbox.scaffold_component(component_cls=TikTokAdsIngestionComponent, defs_path=name)
        assert (sandbox.project_root / ".env.example").read_text() == "OTHER=1\nTIKTOK_ACCESS_TOKEN=\n"


def test_a_destination_that_does_not_exist_is_refused_in_one_line_and_leaves_nothing(project: Any) -> None:
    refused = project.dg("scaffold", "defs", TYPE, "ads", "--destination", "mysql")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stdout
    said = " ".join(refused.stdout.replace("│", " ").split())
    assert "no destination is called mysql; there are duckdb, postgres, redshift, snowflake, bigquery" in said
    assert not (project.defs / "ads").exists()


def test_dg_check_shows_mistakes_with_file_and_line(project: Any) -> None:
    file: Path = project.add(
        "wrong", "asset_name: a\nmode: simulate\nmetrics: spend,conversons\ndata_level: AUCTION_ADD"
    )
    shown = project.dg("check", "defs")
    assert shown.returncode != 0
    assert f'- {file}:6 metrics[1]: "conversons" is not a metric. Did you mean conversion?' in shown.stdout
    assert f'- {file}:7 data_level: "AUCTION_ADD" is not a data level' in shown.stdout
