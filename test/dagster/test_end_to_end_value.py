"""The asset's value read from a real PostgreSQL server: whole, by partition, by range, from another process; and what goes wrong."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import dagster as dg
import pandas as pd
import pytest
from conftest import REPO_ROOT
from dagster.components.testing.utils import component_defs
from support_world import World, attributes

ADS = dg.AssetKey(["tt", "ads"])
BASE = "asset_name: tt/ads\nadvertiser_ids: ['81', '82']\ndestination: postgres\n"
DAILY = f"{BASE}partition_type: daily\npartition_start: '2024-01-01'\n"
RANGE = ("2024-01-02", "2024-01-04")


@pytest.fixture(scope="module")
def server(node_binary: Path) -> Iterator[str]:
    """URL of a server of the module's own."""
    program = REPO_ROOT / "test" / "destinations" / "servers" / "postgres-program.ts"
    with subprocess.Popen([node_binary, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
        assert process.stdin is not None
        process.stdin.close()
        process.wait(20)


@pytest.fixture
def url(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("WAREHOUSE_URL", server)
    return "destination_credentials_url: ${WAREHOUSE_URL}\n"


def value(component: Any, **options: Any) -> pd.DataFrame:
    """The asset's value as any process gets it."""
    definitions = component_defs(component=component)
    with dg.DagsterInstance.ephemeral() as instance, definitions.get_asset_value_loader(instance=instance) as loader:
        return loader.load_asset_value(ADS, **options)


def spend(frame: pd.DataFrame) -> Decimal:
    return sum((Decimal(repr(amount)) for amount in frame["spend"]), Decimal(0)).quantize(Decimal("0.01"))


def true_spend(world: World, start: str, end: str, *accounts: str) -> Decimal:
    found = (Decimal(world.truth(account, start, end)["spend"]) for account in accounts or ("81", "82"))
    return sum(found, Decimal(0))


def test_days_accounts_and_ranges_are_read_from_postgres(
    world: World, url: str, load: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    component = load(attributes(DAILY + url + "dataset_name: days"), basic=False)
    run(component, partitions=RANGE)
    # Who only reads needs no token.
    monkeypatch.delenv("TIKTOK_ACCESS_TOKEN")
    frame = value(component)
    assert spend(frame) == true_spend(world, *RANGE)
    assert list(frame.columns)[-4:] == ["impressions", "clicks", "conversions", "spend"]
    assert frame["campaign_id"].map(type).unique().tolist() == [str]
    assert pd.api.types.is_datetime64_any_dtype(frame["stat_time_day"])
    assert pd.api.types.is_integer_dtype(frame["clicks"])
    assert frame["_loaded_at"].notna().all()
    assert spend(value(component, partition_key="2024-01-03")) == true_spend(world, "2024-01-03", "2024-01-03")
    some = value(component, partition_key_range=dg.PartitionKeyRange("2024-01-02", "2024-01-03"))
    assert sorted(set(some["stat_time_day"].dt.strftime("%Y-%m-%d"))) == ["2024-01-02", "2024-01-03"]
    nothing = value(component, partition_key="2024-01-09")
    assert nothing.empty
    assert nothing.dtypes.to_dict() == frame.dtypes.to_dict()
    assert list(nothing.columns) == list(frame.columns)


def test_ordinary_inputs_and_other_processes_get_it(
    world: World, url: str, load: Any, instance: dg.DagsterInstance
) -> None:
    text = attributes(
        f"{BASE}{url}dataset_name: multi\npartition_type: multi\npartition_start: '2024-01-01'\npartition_values: 81,82"
    )
    [upstream] = component_defs(component=load(text, basic=False)).assets

    @dg.asset(ins={"ads": dg.AssetIn(ADS)}, partitions_def=upstream.partitions_def)
    def downstream(ads: pd.DataFrame) -> str:
        return str(spend(ads))

    result = dg.materialize([upstream, downstream], instance=instance, partition_key="82|2024-01-03")
    assert Decimal(result.asset_value("downstream")) == true_spend(world, "2024-01-03", "2024-01-03", "82")
    program = (
        "import sys, dagster as dg\n"
        "from dagster.components.testing.utils import component_defs\n"
        "from dagster_component_templates import TikTokAdsIngestionComponent\n"
        "defs = component_defs(component=TikTokAdsIngestionComponent.resolve_from_yaml(sys.argv[1]))\n"
        "print(defs.load_asset_value(dg.AssetKey(['tt', 'ads']), partition_key='82|2024-01-03')['spend'].sum())\n"
    )
    done = subprocess.run([sys.executable, "-c", program, text], check=True, text=True, stdout=subprocess.PIPE)
    assert Decimal(done.stdout.strip()).quantize(Decimal("0.01")) == Decimal(result.asset_value("downstream"))


def test_static_and_dynamic_accounts_are_read_from_postgres(
    world: World, url: str, load: Any, instance: dg.DagsterInstance
) -> None:
    dates = "start_date: '2024-01-01'\nend_date: '2024-01-02'\n"
    for kind in ("static\npartition_values: '81,82'", "dynamic\ndynamic_partition_name: accounts"):
        text = f"{BASE}{url}{dates}dataset_name: {kind.partition(chr(10))[0]}\npartition_type: {kind}\n"
        component = load(attributes(text), basic=False)
        assets = list(component_defs(component=component).assets)
        if "dynamic" in kind:
            instance.add_dynamic_partitions("accounts", ["81", "82"])
        for account in ("81", "82"):
            assert dg.materialize(assets, instance=instance, partition_key=account).success
        with component_defs(component=component).get_asset_value_loader(instance=instance) as loader:
            frame = loader.load_asset_value(ADS, partition_key="82")
        assert set(frame["advertiser_id"]) == {"82"}
        assert spend(frame) == true_spend(world, "2024-01-01", "2024-01-02", "82")


def test_what_goes_wrong_is_said_in_words_and_without_the_password(
    world: World, server: str, url: str, load: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = urlsplit(server)
    text = attributes(f"{BASE}{url}start_date: '2024-01-01'\nend_date: '2024-01-01'\ndataset_name: ")
    with pytest.raises(dg.Failure, match=r"There is no table postgres\.nothing\.reports") as missing:
        value(load(text + "nothing", basic=False))
    assert "Materialize the asset first" in str(missing.value.description)

    run(load(text + "shut", basic=False))
    admin = ["node_modules/node/bin/node", "--input-type=module", "-e"]
    program = (
        "import pg from 'pg'; const c = new pg.Client({ connectionString: process.env.WAREHOUSE_URL }); await c.connect();"
        "await c.query(\"CREATE ROLE guest LOGIN PASSWORD 'guest-password'\"); await c.end();"
    )
    subprocess.run([*admin, program], cwd=REPO_ROOT, env={**os.environ, "WAREHOUSE_URL": server}, check=True)
    guest = f"postgresql://guest:{quote('guest-password')}@{parts.hostname}:{parts.port}/postgres"
    monkeypatch.setenv("WAREHOUSE_URL", guest)
    with pytest.raises(dg.Failure) as refused:
        value(load(text + "shut", basic=False))
    assert "permission" in str(refused.value.description)
    assert "guest-password" not in str(refused.value.description)

    monkeypatch.setenv("WAREHOUSE_URL", "postgresql://guest:guest-password@127.0.0.1:1/postgres")
    with pytest.raises(dg.Failure, match=r"127\.0\.0\.1"):
        value(load(text + "shut", basic=False))
    monkeypatch.delenv("WAREHOUSE_URL")
    with pytest.raises(dg.Failure, match="WAREHOUSE_URL"):
        value(load(text + "shut", basic=False))


def test_without_node_the_message_says_what_to_install(url: str, load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIKTOK_ADS_NODE", "/nowhere/node")
    with pytest.raises(dg.Failure, match="TIKTOK_ADS_NODE names /nowhere/node"):
        value(load(attributes(BASE + url), basic=False))
