"""A Dagster deployment within the test: GraphQL as the UI uses it, and the daemon's own backfill code. Runs are done in this process."""

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import InProcessTestWorkspaceLoadTarget
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._daemon.backfill import execute_backfill_iteration
from dagster_graphql.test.utils import execute_dagster_graphql

# A code server loads its definitions once; in one process Dagster would load them for every plan and run.
DEFINITIONS = """\
from functools import cache
from pathlib import Path

from dagster import Definitions, definitions, load_from_defs_folder


@cache
def loaded() -> Definitions:
    return load_from_defs_folder(path_within_project=Path(__file__).parent)


@definitions
def defs() -> Definitions:
    return loaded()
"""
LAUNCHER = {"module": "dagster._core.launcher.sync_in_memory_run_launcher", "class": "SyncInMemoryRunLauncher"}
COORDINATOR = {"module": "dagster._core.run_coordinator", "class": "DefaultRunCoordinator"}
SETTINGS = {"run_launcher": LAUNCHER, "run_coordinator": COORDINATOR, "telemetry": {"enabled": False}}
BACKFILL_SECONDS = 150

BACKFILL = """
mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
REEXECUTE = """
mutation ($params: ReexecutionParams!) {
  launchRunReexecution(reexecutionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""


class Deployment:
    """A code location, its instance, and what a user does in the UI."""

    def __init__(self, instance: dg.DagsterInstance, workspace: WorkspaceProcessContext) -> None:
        self.instance = instance
        self._workspace = workspace

    def launch(self, keys: Sequence[Sequence[str]], tags: dict[str, str] | None = None) -> dg.DagsterRun:
        """Materializes assets and their checks; a partition or a range is given by tags."""
        [entry] = self._workspace.create_request_context().code_locations
        [repository] = entry.get_repositories().values()
        params = {
            "selector": {
                "repositoryLocationName": entry.name,
                "repositoryName": repository.name,
                "pipelineName": "__ASSET_JOB",
                "assetSelection": [{"path": key} for key in keys],
            },
            "mode": "default",
            "executionMetadata": {"tags": [{"key": key, "value": value} for key, value in (tags or {}).items()]},
        }
        return self._run(self._ask(LAUNCH, params)["run"]["runId"])

    def reexecute(self, run: dg.DagsterRun, strategy: str) -> dg.DagsterRun:
        """The UI's buttons: FROM_FAILURE, FROM_ASSET_FAILURE or ALL_STEPS."""
        params = {"parentRunId": run.run_id, "strategy": strategy}
        return self._run(self._ask(REEXECUTE, params)["run"]["runId"])

    def backfill(self, key: Sequence[str], partitions: Sequence[str]) -> list[dg.DagsterRun]:
        """A backfill to its end; gives its runs, oldest first."""
        params = {"assetSelection": [{"path": key}], "partitionNames": partitions}
        backfill_id = self._ask(BACKFILL, params)["backfillId"]
        end = time.monotonic() + BACKFILL_SECONDS
        while self.instance.get_backfill(backfill_id).status in (
            dg._core.execution.backfill.BulkActionStatus.REQUESTED,
            dg._core.execution.backfill.BulkActionStatus.FAILING,
        ):
            assert time.monotonic() < end, "the backfill did not end"
            for error in execute_backfill_iteration(self._workspace, logging.getLogger("backfill")):
                assert error is None, error
        runs = self.instance.get_runs(dg.RunsFilter(tags={"dagster/backfill": backfill_id}))
        return sorted(runs, key=lambda run: run.tags.get("dagster/asset_partition_range_start", ""))

    def materialized(self, run: dg.DagsterRun) -> list[dg.AssetMaterialization]:
        """What a run materialized, in order."""
        records = self.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        return [record.asset_materialization for record in records if record.asset_materialization]

    def partitions(self, key: Sequence[str]) -> set[str]:
        """The partitions of an asset that are materialized now."""
        return self.instance.get_materialized_partitions(dg.AssetKey(key))

    def _ask(self, query: str, params: dict[str, Any]) -> dict[str, Any]:
        context = self._workspace.create_request_context()
        answer = execute_dagster_graphql(context, query, {"params": params})
        [result] = answer.data.values()
        assert result["__typename"] in ("LaunchRunSuccess", "LaunchBackfillSuccess"), result
        return dict(result)

    def _run(self, run_id: str) -> dg.DagsterRun:
        run = self.instance.get_run_by_id(run_id)
        assert run is not None
        return run


@contextmanager
def deployed(project: Any) -> Iterator[Deployment]:
    """The project's code location on an instance of its own. Its steps run in this process."""
    (project.defs / "executor.py").write_text(
        "import dagster as dg\n\n\n@dg.definitions\ndef defs():\n    return dg.Definitions(executor=dg.in_process_executor)\n"
    )
    (project.defs.parent / "definitions.py").write_text(DEFINITIONS)
    source = Path(project.root) / "src"
    origin = LoadableTargetOrigin(
        executable_path=sys.executable, module_name=f"{project.module}.definitions", working_directory=str(source)
    )
    sys.path.insert(0, str(source))
    try:
        with (
            dg.instance_for_test(overrides=SETTINGS) as instance,
            WorkspaceProcessContext(
                instance, InProcessTestWorkspaceLoadTarget(InProcessCodeLocationOrigin(origin))
            ) as workspace,
        ):
            yield Deployment(instance, workspace)
    finally:
        sys.path.remove(str(source))
