"""The asset as an input: a DataFrame of its table, read when asked for, whole, by partition and by range."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import pytest
from dagster.components.testing.utils import component_defs

DATASET = "tiktok_ads_data"
DAYS = [f"2024-01-0{day}" for day in range(1, 6)]


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A DuckDB file as the executable leaves it: a row per account and day, with the view in reading order."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "tiktok_ads_warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE SCHEMA {DATASET}")
        columns = "spend DECIMAL(18, 4), advertiser_id VARCHAR, stat_time_day DATE, clicks BIGINT, _load_id VARCHAR"
        connection.execute(f"CREATE TABLE {DATASET}.reports ({columns})")
        for account in ("1234567890", "9876543210"):
            for number, day in enumerate(DAYS, 1):
                connection.execute(
                    f"INSERT INTO {DATASET}.reports VALUES (?, ?, ?, ?, 'x')", [f"{number}.25", account, day, number]
                )
        select = f"SELECT advertiser_id, stat_time_day, clicks, spend FROM {DATASET}.reports"
        connection.execute(f"CREATE VIEW {DATASET}.tiktok_ads_data AS {select}")
        connection.execute(f"CREATE TABLE {DATASET}.campaigns (advertiser_id VARCHAR, campaign_id VARCHAR)")
        connection.execute(f"INSERT INTO {DATASET}.campaigns VALUES ('1234567890', '7123456789012345678')")
    return path


def value(component: Any, **options: Any) -> pd.DataFrame:
    """The asset's value as another process gets it."""
    definitions = component_defs(component=component)
    with dg.DagsterInstance.ephemeral() as instance, definitions.get_asset_value_loader(instance=instance) as loader:
        return loader.load_asset_value(DATASET, **options)


def days(frame: pd.DataFrame) -> list[str]:
    return sorted(set(frame["stat_time_day"].dt.strftime("%Y-%m-%d")))


def test_the_whole_table_comes_in_the_order_of_the_view(warehouse: Path, load: Any) -> None:
    frame = value(load())
    assert list(frame.columns) == ["advertiser_id", "stat_time_day", "_load_id", "clicks", "spend"]
    assert len(frame) == 10
    assert frame["spend"].sum() == 2 * (1.25 + 2.25 + 3.25 + 4.25 + 5.25)
    assert pd.api.types.is_datetime64_any_dtype(frame["stat_time_day"])
    assert frame["advertiser_id"].iloc[0] == "1234567890"


def test_without_a_report_it_is_the_only_table(warehouse: Path, load: Any) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"DROP VIEW {DATASET}.tiktok_ads_data")
    assert value(load("resources: campaigns"))["campaign_id"].tolist() == ["7123456789012345678"]


def test_no_rows_give_a_typed_empty_frame(warehouse: Path, load: Any) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"DELETE FROM {DATASET}.reports")
    frame = value(load())
    assert frame.empty
    assert pd.api.types.is_integer_dtype(frame["clicks"])
    assert pd.api.types.is_datetime64_any_dtype(frame["stat_time_day"])


@pytest.mark.parametrize("texts_are_str", [False, True])
def test_a_frame_has_the_same_types_whether_it_has_rows_or_not(texts_are_str: bool, warehouse: Path, load: Any) -> None:
    # The option makes pandas 2 infer texts as pandas 3 does.
    with pd.option_context("future.infer_string", texts_are_str):
        full = value(load())
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(f"UPDATE {DATASET}.reports SET _load_id = NULL")
        without_texts = value(load())
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(f"DELETE FROM {DATASET}.reports")
        empty = value(load())
    expected = "str" if texts_are_str else "object"
    assert [str(full.dtypes[name]) for name in ("advertiser_id", "_load_id")] == [expected, expected]
    assert full.dtypes.equals(without_texts.dtypes)
    assert full.dtypes.equals(empty.dtypes)


def test_one_partition_and_a_range_hold_their_days(warehouse: Path, load: Any) -> None:
    component = load("partition_type: daily\npartition_start: '2024-01-01'")
    assert days(value(component, partition_key="2024-01-03")) == ["2024-01-03"]
    assert days(value(component, partition_key_range=dg.PartitionKeyRange("2024-01-02", "2024-01-04"))) == DAYS[1:4]


def test_an_accounts_partition_holds_its_rows(warehouse: Path, load: Any) -> None:
    component = load("partition_type: static\npartition_values: 1234567890,9876543210")
    frame = value(component, partition_key="9876543210")
    assert set(frame["advertiser_id"]) == {"9876543210"}
    assert len(frame) == 5


def test_a_multi_partition_holds_one_account_and_day(warehouse: Path, load: Any) -> None:
    component = load("partition_type: multi\npartition_start: '2024-01-01'\npartition_values: 1234567890,9876543210")
    frame = value(component, partition_key="9876543210|2024-01-03")
    assert [(row.advertiser_id, row.clicks) for row in frame.itertuples()] == [("9876543210", 3)]


def test_a_year_of_days_is_one_condition() -> None:
    from dagster_component_templates.partitions import windows
    from dagster_component_templates.value import merged, span

    definition = dg.DailyPartitionsDefinition("2023-01-01", end_date="2024-01-01")
    spans = merged(span(window) for window in windows(definition, definition.get_partition_keys()))
    assert [tuple(map(str, one)) for one in spans] == [("None", "2023-01-01 00:00:00", "2024-01-01 00:00:00")]


@pytest.mark.parametrize("partitioned", [True, False])
def test_an_ordinary_asset_takes_it_as_its_input(
    warehouse: Path, partitioned: bool, fake: Any, load: Any, instance: dg.DagsterInstance
) -> None:
    partitions = "partition_type: daily\npartition_start: '2024-01-01'" if partitioned else ""
    [upstream] = component_defs(component=load(f"checks: false\n{partitions}")).assets
    rows: list[int] = []

    @dg.asset(partitions_def=upstream.partitions_def)
    def downstream(tiktok_ads_data: pd.DataFrame) -> None:
        rows.append(len(tiktok_ads_data))

    options = {"partition_key": "2024-01-02"} if partitioned else {}
    assert dg.materialize([upstream, downstream], instance=instance, **options).success
    assert rows == [2 if partitioned else 10]


def test_a_step_can_load_it_by_key(warehouse: Path, fake: Any, load: Any, instance: dg.DagsterInstance) -> None:
    [upstream] = component_defs(component=load("checks: false")).assets
    rows: list[int] = []

    @dg.asset(deps=[upstream])
    def downstream(context: dg.AssetExecutionContext) -> None:
        rows.append(len(context.load_asset_value(dg.AssetKey(DATASET))))

    assert dg.materialize([upstream, downstream], instance=instance).success
    assert rows == [10]


def test_two_components_with_values_stand_beside_each_other(project: Any) -> None:
    for name in ("one", "two"):
        project.add(name, f"asset_name: {name}\nmode: simulate\ndestination_config: {{path: {name}.duckdb}}")
    repository = project.load().get_repository_def()
    assert len(repository.get_all_jobs()) >= 1


@pytest.mark.parametrize(
    "attributes",
    [
        "destination_config: {credentials: w.duckdb}",
        'destination_config: \'{"credentials": "w.duckdb"}\'',
        "destination_config: {credentials: 'duckdb:///w.duckdb'}",
        "destination_config: {path: '${FOLDER:-.}/w.duckdb'}",
        "destination_config: w.duckdb",
        "destination_credentials_url: duckdb:///${FILE}",
        "destination_credentials_env_var: FILE",
    ],
)
def test_the_file_is_found_however_it_is_written(
    attributes: str, warehouse: Path, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILE", "w.duckdb")
    warehouse.rename("w.duckdb")
    assert len(value(load(attributes))) == 10


def test_a_dataset_named_by_a_variable_is_looked_up_when_read(
    warehouse: Path, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    component = load("dataset_name: ${DATASET}")
    monkeypatch.setenv("DATASET", DATASET)
    assert len(value(component)) == 10


def test_a_missing_file_or_table_says_what_to_do(warehouse: Path, load: Any) -> None:
    with pytest.raises(dg.Failure, match="Materialize the asset first"):
        value(load("destination_config: nowhere.duckdb"))
    with pytest.raises(dg.Failure, match=r"no table \S*\.other\.reports"):
        value(load("dataset_name: other"))


def test_a_missing_variable_is_named_without_advice_about_a_file_that_is_gone(warehouse: Path, load: Any) -> None:
    with pytest.raises(dg.Failure, match="variable NOWHERE is not set") as raised:
        value(load("destination_config: {path: '${NOWHERE}/w.duckdb'}"))
    assert "component.yaml" not in str(raised.value.description)


def test_without_pandas_the_message_says_what_to_install(
    warehouse: Path, load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(dg.Failure, match=r"pip install 'dagster-tiktok-ads\[pandas\]'"):
        value(load())


def test_a_file_that_is_being_written_is_waited_for(warehouse: Path, load: Any) -> None:
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import duckdb, time; c = duckdb.connect({str(warehouse)!r}); print('open', flush=True); time.sleep(1.5)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "open\n"
    assert len(value(load())) == 10
    assert writer.wait() == 0


def test_persist_only_has_no_value_and_needs_no_reader(load: Any) -> None:
    [definition] = component_defs(component=load("persist_only: true")).assets
    assert "io_manager_key" not in str(definition.specs_by_key[dg.AssetKey(DATASET)].metadata)
