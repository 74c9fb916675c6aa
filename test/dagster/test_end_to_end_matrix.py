"""Every partition type by every backfill policy, as the UI starts a backfill: which runs, what is asked, what is in the table.

Usually every type runs by `single_run`, and some by the other policies too. With the environment variable TIKTOK_ADS_MATRIX, a
file, every type runs by every policy, and what came out is added there as rows of a Markdown table.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import dagster as dg
import pytest
from support_deployment import Deployment, deployed
from support_matrix import CUTS, POLICIES
from support_world import World, assert_true, attributes, query

SEVERAL_RUNS = {"daily": "multi_run of 1", "static": "multi_run of 2", "multi, static accounts": "multi_run of 2"}
"""A cut of each kind, with a policy that makes several runs of it."""
CASES = [
    (cut, policy)
    for cut in CUTS
    for policy in POLICIES
    # What clocks do has nothing to do with how a backfill is cut into runs.
    if policy == "single_run"
    or SEVERAL_RUNS.get(cut) == policy
    or (os.environ.get("TIKTOK_ADS_MATRIX") and "clocks" not in cut)
]
HEAD = f"| partition type | backfill policy | partitions | runs | TikTok windows | rows | result |\n|{' --- |' * 7}\n"


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


def note(cells: list[object]) -> None:
    """Adds a row to the Markdown table, if one is wanted. Several processes may do so at once."""
    if file := os.environ.get("TIKTOK_ADS_MATRIX"):
        with suppress(FileExistsError), open(file, "x", encoding="utf-8") as new:
            new.write(HEAD)
        with open(file, "a", encoding="utf-8") as table:
            table.write(f"| {' | '.join(map(str, cells))} |\n")


@pytest.mark.parametrize(("cut_name", "policy"), CASES)
def test_a_backfill_with_a_gap_loads_what_happened_in_each_partition(
    cut_name: str, policy: str, world: World, deployment: Deployment
) -> None:
    cut, name = CUTS[cut_name], name_of(cut_name, policy)
    runs = deployment.backfill([name], cut.keys)
    expected = cut.runs(POLICIES[policy][1])

    made = {run.run_id: deployment.materialized(run) for run in runs}
    states = Counter(run.status.value for run in runs)
    [(rows,)] = query(f"SELECT count(*) FROM {name}.reports")
    asked = world.windows()
    verdict = ", ".join(f"{count} {state}" for state, count in states.items())
    note([cut_name, policy, len(cut.keys), len(runs), len(asked), rows, verdict])

    assert states == {dg.DagsterRunStatus.SUCCESS.value: len(expected)}
    keys_of_runs = sorted(sorted(str(one.partition) for one in events) for events in made.values())
    assert keys_of_runs == sorted(sorted(keys) for keys in expected)
    assert deployment.partitions([name]) == set(cut.keys)
    wanted = sorted(window for keys in expected for window in cut.asked(keys))
    # By the hour TikTok gives no totals with the rows: each window has a control read beside it.
    assert (set(asked) == set(wanted)) if cut.granularity == "hour" else (asked == wanted)

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
        account, start, end = cut.windows(str(one.partition))
        told = {label: one.metadata[label].value for label in ("advertiser_ids", "start_date", "end_date")}
        of_run = list(cut.accounts if account == "*" else [account])
        assert told == {"advertiser_ids": of_run, "start_date": start, "end_date": end}
    for account, start, end in {cut.windows(key) for key in cut.keys}:
        accounts = cut.accounts if account == "*" else (account,)
        assert_true(world, name, accounts, (start, end), granularity=cut.granularity)
    truths = [world.truth(*window, granularity=cut.granularity) for window in set(asked)]
    assert rows == sum(truth["rows"] for truth in truths)


def told_spend(event: dg.AssetMaterialization) -> float:
    """The sum over currencies of what the materialization tells."""
    return sum(float(str(one.value)) for label, one in event.metadata.items() if label.startswith("spend_total_"))
