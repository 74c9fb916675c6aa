"""Every partition type by every backfill policy, as the UI starts a backfill: which runs, what is asked, what is in the table.

`pytest --matrix FILE` writes what came out as a Markdown table.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from support_deployment import Deployment, deployed
from support_matrix import CUTS, POLICIES
from support_world import World, assert_true, attributes, query

CASES = [(cut, policy) for cut in CUTS for policy in POLICIES]
HEAD = "| partition type | backfill policy | partitions | runs | TikTok windows | rows | result |\n"


def name_of(cut: str, policy: str) -> str:
    return f"a{list(CUTS).index(cut)}_{list(POLICIES).index(policy)}"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One project with one component for each case."""
    from conftest import Project

    folder = tmp_path_factory.mktemp("matrix")
    project = Project(folder / "project", folder / "home")
    for cut, policy in CASES:
        name, accounts = name_of(cut, policy), ",".join(CUTS[cut].accounts)
        base = f"asset_name: {name}\nadvertiser_ids: '{accounts}'\nresources: reports\n"
        project.add(name, attributes(base + CUTS[cut].attributes + POLICIES[policy][0]))
    with deployed(project) as made:
        made.instance.add_dynamic_partitions("accounts", ["71", "72"])
        yield made


@pytest.fixture(scope="module")
def rows_of_matrix(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Collects what came out, and writes it where `--matrix` says."""
    rows: list[str] = []
    yield rows
    if file := request.config.getoption("--matrix"):
        Path(file).write_text(f"{HEAD}|{' --- |' * 7}\n{''.join(rows)}", encoding="utf-8")


@pytest.mark.parametrize(("cut_name", "policy"), CASES)
def test_a_backfill_with_a_gap_loads_what_happened_in_each_partition(
    cut_name: str, policy: str, world: World, deployment: Deployment, rows_of_matrix: list[str]
) -> None:
    cut, name = CUTS[cut_name], name_of(cut_name, policy)
    runs = deployment.backfill([name], cut.keys)
    expected = cut.runs(POLICIES[policy][1])

    made = {run.run_id: deployment.materialized(run) for run in runs}
    states = Counter(run.status.value for run in runs)
    [(rows,)] = query(f"SELECT count(*) FROM {name}.reports")
    asked = world.windows()
    verdict = ", ".join(f"{count} {state}" for state, count in states.items())
    rows_of_matrix.append(
        f"| {cut_name} | {policy} | {len(cut.keys)} | {len(runs)} | {len(asked)} | {rows} | {verdict} |\n"
    )

    assert states == {dg.DagsterRunStatus.SUCCESS.value: len(expected)}
    keys_of_runs = sorted(sorted(str(one.partition) for one in events) for events in made.values())
    assert keys_of_runs == sorted(sorted(keys) for keys in expected)
    assert deployment.partitions([name]) == set(cut.keys)
    assert asked == sorted(window for keys in expected for window in cut.asked(keys))

    # Each partition tells its own rows and spend, and the table has nothing but what was asked for.
    in_table = {
        key: (count, spend)
        for key, count, spend in query(
            f"SELECT {cut.partition_of_row}, count(*), sum(spend) FROM {name}.reports GROUP BY 1"
        )
    }
    for one in (event for events in made.values() for event in events):
        count, spend = in_table[str(one.partition)]
        assert count > 0
        assert one.metadata["dagster/partition_row_count"].value == count
        assert told_spend(one) == pytest.approx(float(spend), abs=0.01)
        assert one.metadata["dagster/row_count"].value >= count
    for account, start, end in {cut.windows(key) for key in cut.keys}:
        accounts = cut.accounts if account == "*" else (account,)
        assert_true(world, name, accounts, (start, end), granularity=cut.granularity)
    truths = [world.truth(*window, granularity=cut.granularity) for window in set(asked)]
    assert rows == sum(truth["rows"] for truth in truths)


def told_spend(event: dg.AssetMaterialization) -> float:
    """The sum over currencies of what the materialization tells."""
    return sum(float(str(one.value)) for label, one in event.metadata.items() if label.startswith("spend_total_"))
