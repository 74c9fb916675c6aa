"""Assets of other people that take what was loaded: the asset's value as a DataFrame, and tables through Dagster's own IO manager."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster.components.testing.utils import component_defs
from dagster_duckdb_pandas import DuckDBPandasIOManager
from support_world import FILE, World, attributes, query

BASE = "asset_name: tt/ads\nadvertiser_ids: ['81', '82']\n"
DAILY = f"{BASE}partition_type: daily\npartition_start: '2024-01-01'\n"
DAYS = dg.DailyPartitionsDefinition("2024-01-01")
ADS = dg.AssetKey(["tt", "ads"])


def true_spend(world: World, start: str, end: str) -> Decimal:
    return sum((Decimal(world.truth(account, start, end)["spend"]) for account in ("81", "82")), Decimal(0))


def upstream(load: Any, text: str) -> list[Any]:
    return list(component_defs(component=load(attributes(text), basic=False)).assets)


@dg.asset(ins={"ads": dg.AssetIn(ADS)}, partitions_def=DAYS)
def spend_of_day(ads: Any) -> str:
    return str(sum(ads["spend"].map(lambda value: Decimal(str(value)))).quantize(Decimal("0.01")))


@dg.asset(ins={"ads": dg.AssetIn(ADS)})
def spend_in_all(ads: Any) -> str:
    return str(sum(ads["spend"].map(lambda value: Decimal(str(value)))).quantize(Decimal("0.01")))


def test_a_downstream_asset_takes_its_partition_and_one_without_takes_all(
    world: World, load: Any, instance: dg.DagsterInstance
) -> None:
    assets = upstream(load, DAILY)
    span = {"dagster/asset_partition_range_start": "2024-01-02", "dagster/asset_partition_range_end": "2024-01-04"}
    dg.materialize(assets, instance=instance, tags=span)
    result = dg.materialize(
        [*assets, spend_of_day], instance=instance, partition_key="2024-01-03", selection=[spend_of_day]
    )
    assert Decimal(result.asset_value("spend_of_day")) == true_spend(world, "2024-01-03", "2024-01-03")
    # The value is read in the partition's own run too.
    result = dg.materialize([*assets, spend_of_day], instance=instance, partition_key="2024-01-05")
    assert Decimal(result.asset_value("spend_of_day")) == true_spend(world, "2024-01-05", "2024-01-05")
    result = dg.materialize([*assets, spend_in_all], instance=instance, selection=[spend_in_all])
    assert Decimal(result.asset_value("spend_in_all")) == true_spend(world, "2024-01-02", "2024-01-05")


def test_another_process_loads_the_value_by_key(world: World, load: Any, run: Any) -> None:
    text = attributes(f"{BASE}start_date: '2024-01-01'\nend_date: '2024-01-04'")
    run(load(text, basic=False))
    program = (
        "import sys, dagster as dg\n"
        "from dagster.components.testing.utils import component_defs\n"
        "from dagster_component_templates import TikTokAdsIngestionComponent\n"
        "component = TikTokAdsIngestionComponent.resolve_from_yaml(sys.argv[1])\n"
        "frame = component_defs(component=component).load_asset_value(dg.AssetKey(['tt', 'ads']))\n"
        "print(len(frame), list(frame.columns)[-4:], frame['advertiser_id'].map(type).unique().tolist())\n"
    )
    done = subprocess.run([sys.executable, "-c", program, text], check=True, text=True, stdout=subprocess.PIPE)
    [(rows,)] = query("SELECT count(*) FROM tt_ads.reports")
    assert done.stdout.strip() == f"{rows} ['impressions', 'clicks', 'conversions', 'spend'] [<class 'str'>]"


MULTI = f"{BASE}partition_type: multi\npartition_start: '2024-01-01'\npartition_values: 81,82\n"
AXES = f"""\
{BASE}partition_dimensions:
  - {{name: day, type: daily, start: 2024-01-01}}
  - {{name: who, type: static, values: "81,82"}}
"""


@pytest.mark.parametrize(
    ("attributes_text", "loaded_keys", "key", "accounts"),
    [
        (DAILY, ("2024-01-02", "2024-01-04"), "2024-01-03", ("81", "82")),
        (MULTI, ("81|2024-01-02", "82|2024-01-04"), "82|2024-01-03", ("82",)),
        (AXES, ("2024-01-02|81", "2024-01-04|82"), "2024-01-03|82", ("82",)),
    ],
    ids=["days", "accounts and days", "days and accounts"],
)
def test_tables_as_assets_are_read_by_dagsters_own_io_manager(
    attributes_text: str,
    loaded_keys: tuple[str, str],
    key: str,
    accounts: tuple[str, ...],
    world: World,
    load: Any,
    run: Any,
    instance: dg.DagsterInstance,
) -> None:
    component = load(
        attributes(f"{attributes_text}asset_layout: per_resource\nresources: campaigns,reports"), basic=False
    )
    run(component, partitions=loaded_keys)
    assets = list(component_defs(component=component).assets)

    @dg.asset(
        ins={
            "reports": dg.AssetIn(["tt", "ads", "reports"], input_manager_key="warehouse"),
            "campaigns": dg.AssetIn(["tt", "ads", "campaigns"], input_manager_key="warehouse"),
        },
        partitions_def=assets[0].partitions_def,
    )
    def joined(reports: Any, campaigns: Any) -> str:
        both = reports.merge(campaigns, on=["advertiser_id", "campaign_id"], suffixes=("", "_now"))
        return f"{len(reports)} {len(both)} {reports['spend'].sum():.2f} {sorted(set(campaigns['advertiser_id']))}"

    result = dg.materialize(
        [*assets, joined],
        instance=instance,
        resources={"warehouse": DuckDBPandasIOManager(database=str(Path(FILE).absolute()))},
        partition_key=key,
        selection=[joined],
    )
    truths = [world.truth(account, "2024-01-03", "2024-01-03") for account in accounts]
    rows = sum(truth["rows"] for truth in truths)
    spend = sum(Decimal(truth["spend"]) for truth in truths)
    # Campaigns are a snapshot: of the partition's accounts, whatever its day.
    assert result.asset_value("joined") == f"{rows} {rows} {spend:.2f} {list(accounts)}"


def test_an_asset_without_a_value_is_read_by_dagsters_own_io_manager(
    world: World, load: Any, run: Any, instance: dg.DagsterInstance
) -> None:
    component = load(attributes(f"{DAILY}persist_only: true"), basic=False)
    run(component, partitions=("2024-01-02", "2024-01-03"))

    @dg.asset(ins={"ads": dg.AssetIn(ADS, input_manager_key="warehouse")}, partitions_def=DAYS)
    def spend(ads: Any) -> str:
        return f"{ads['spend'].sum():.2f}"

    result = dg.materialize(
        [*component_defs(component=component).assets, spend],
        instance=instance,
        resources={"warehouse": DuckDBPandasIOManager(database=str(Path(FILE).absolute()))},
        partition_key="2024-01-03",
        selection=[spend],
    )
    assert result.asset_value("spend") == f"{true_spend(world, '2024-01-03', '2024-01-03'):.2f}"
