"""Downstream components that other people publish run unchanged on the asset.

They come from `dagster-community-components`, which `npm run setup` puts beside the environment.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from conftest import packages_beside
from dagster.components.testing.utils import component_defs

UPSTREAM = """
asset_name: ads
mode: simulate
advertiser_ids: 7000000000001,7000000000002
resources: campaigns,reports
start_date: "2024-01-01"
end_date: "2024-01-03"
"""


@pytest.fixture(scope="module")
def community() -> Iterator[Any]:
    """The published package."""
    with packages_beside("community"):
        import dagster_community_components

        yield dagster_community_components


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repo_root: Path, node_binary: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIKTOK_ADS_EXECUTABLE", str(repo_root / "dist" / "main.mjs"))
    monkeypatch.setenv("TIKTOK_ADS_NODE", str(node_binary))
    monkeypatch.setenv("TIKTOK_ADS_STATE_DIR", str(tmp_path / "state"))


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("MarketingDataStandardizerComponent", {"platform": "tiktok_ads"}),
        ("CampaignPerformanceComponent", {}),
        ("DataFrameTransformerComponent", {"filter_columns": "campaign_id,spend"}),
    ],
)
def test_a_published_component_takes_the_asset(
    name: str, attributes: dict[str, Any], community: Any, load: Any, instance: dg.DagsterInstance
) -> None:
    [upstream] = component_defs(component=load(UPSTREAM, basic=False)).assets
    component = getattr(community, name)(asset_name="downstream", upstream_asset_key="ads", **attributes)
    downstream = list(component_defs(component=component).assets)
    result = dg.materialize([upstream, *downstream], instance=instance)
    frame = result.asset_value("downstream")
    assert len(frame) > 0
    spend = next(column for column in frame.columns if "spend" in column)
    with component_defs(component=load(UPSTREAM, basic=False)).get_asset_value_loader() as loader:
        whole = loader.load_asset_value("ads")
    assert float(frame[spend].sum()) == pytest.approx(float(whole["spend"].sum()))
