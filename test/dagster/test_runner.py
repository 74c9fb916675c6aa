"""The runner: what the executable reports, how it ends, and what Dagster then knows."""

import time
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob
from dagster._core.execution.api import execute_run_iterator
from dagster.components.testing.utils import component_defs

PER_RESOURCE = """
asset_layout: per_resource
resources: campaigns,ads
checks: false
"""


def failure_of(result: dg.ExecuteInProcessResult) -> Any:
    """What the step says of its failure."""
    [event] = result.filter_events(lambda event: event.is_step_failure)
    return event.step_failure_data


def description_of(result: dg.ExecuteInProcessResult) -> str:
    return failure_of(result).user_failure_data.description


def materialized(result: dg.ExecuteInProcessResult) -> list[str]:
    return [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]


def warnings(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> str:
    records = instance.all_logs(result.run_id)
    return "\n".join(record.user_message for record in records if record.level >= 30 and not record.is_dagster_event)


def test_results_become_events_with_their_metadata(fake: Any, load: Any, run: Any) -> None:
    result = run(load())
    [event] = result.get_asset_materialization_events()
    assert event.materialization.metadata["dagster/row_count"].value == 70
    assert {check.check_name: check.passed for check in result.get_asset_check_evaluations()}["unique_key"] is True
    assert fake.record["arguments"] == []


def test_no_message_is_lost_however_it_is_written(fake: Any, load: Any, run: Any, instance: dg.DagsterInstance) -> None:
    fake.does("flood")
    result = run(load("checks: false"))
    texts = [record.user_message for record in instance.all_logs(result.run_id)]
    numbers = [int(text.split()[0]) for text in texts if text.endswith("xxx")]
    assert numbers == list(range(120))
    assert materialized(result) == ["tiktok_ads_data"]


def test_messages_that_cannot_be_read_are_skipped_and_counted(
    fake: Any, load: Any, run: Any, instance: dg.DagsterInstance
) -> None:
    fake.does("bad-messages")
    result = run(load("checks: false"))
    assert materialized(result) == ["tiktok_ads_data"]
    said = warnings(instance, result)
    assert "3 messages could not be read" in said
    assert "riddle" in said
    assert "could not be understood" in said
    assert "did not receive closed message" not in said


def test_a_materialization_that_cannot_be_read_fails_the_step(fake: Any, load: Any, run: Any) -> None:
    fake.does("bad-materialization")
    result = run(load("checks: false"), raise_on_error=False)
    assert "reported nothing for tiktok_ads_data" in description_of(result)
    assert "1 messages could not be read" in description_of(result)


def test_an_asset_that_was_not_reported_fails_the_step_by_name(fake: Any, load: Any, run: Any) -> None:
    fake.does("incomplete")
    result = run(load(PER_RESOURCE), raise_on_error=False)
    assert "reported nothing for tiktok_ads_data/ads" in description_of(result)
    assert materialized(result) == ["tiktok_ads_data/campaigns"]


def test_what_this_step_does_not_make_is_ignored(fake: Any, load: Any, run: Any, instance: dg.DagsterInstance) -> None:
    fake.does("undeclared")
    result = run(load("checks: false"))
    assert materialized(result) == ["tiktok_ads_data"]
    assert "nobody" in warnings(instance, result)


def test_a_selected_check_that_was_not_reported_warns(fake: Any, load: Any, run: Any) -> None:
    fake.does("undeclared")
    checks = run(load()).get_asset_check_evaluations()
    assert len(checks) == 5
    assert {(check.passed, check.severity) for check in checks} == {(False, dg.AssetCheckSeverity.WARN)}


def test_what_was_reported_before_a_failure_is_kept(fake: Any, load: Any, run: Any) -> None:
    fake.does("fail-after-first")
    result = run(load(PER_RESOURCE), raise_on_error=False)
    assert not result.success
    assert materialized(result) == ["tiktok_ads_data/ads"]


def test_the_executables_own_words_are_the_failure(fake: Any, load: Any, run: Any) -> None:
    fake.does("fail-after-first")
    data = failure_of(run(load(), raise_on_error=False)).user_failure_data
    assert data.description.splitlines() == [
        "TikTok refused campaigns of advertiser 111: the token is invalid (40105)",
        "Make a new token in TikTok for Business.",
    ]
    assert data.metadata["code"].value == "40105"
    assert data.metadata["retryable"].value is False


def test_mistakes_found_at_run_time_are_all_listed(fake: Any, load: Any, run: Any) -> None:
    fake.does("config-error")
    data = failure_of(run(load(), raise_on_error=False)).user_failure_data
    assert data.metadata["issues"].value.splitlines() == [
        'metrics[0]: "conversons" is not a metric. Did you mean conversion?',
        "destination_config: environment variable PGPASSWORD is not set. Allowed: set it.",
    ]


@pytest.mark.parametrize(("retryable", "attempts"), [("true", 3), ("false", 1)])
def test_only_what_can_pass_by_itself_is_retried(retryable: str, attempts: int, fake: Any, load: Any, run: Any) -> None:
    fake.does("fail-after-first", retryable=retryable)
    component = load("retry_policy_max_retries: 2\nretry_policy_delay_seconds: 0\nchecks: false")
    result = run(component, raise_on_error=False)
    restarts = result.filter_events(lambda event: event.is_step_restarted)
    assert len(restarts) + 1 == attempts


def test_a_retry_that_goes_well_makes_the_run_succeed(fake: Any, load: Any, run: Any) -> None:
    fake.does("fail-once")
    result = run(load("retry_policy_max_retries: 1\nretry_policy_delay_seconds: 0\nchecks: false"))
    assert result.success
    assert fake.record["context"]["retry_number"] == 1


def test_observations_are_kept_when_nothing_is_materialized(
    fake: Any, load: Any, run: Any, instance: dg.DagsterInstance
) -> None:
    fake.does("observation")
    result = run(load(), raise_on_error=False)
    assert materialized(result) == []
    observed = [event.asset_observation_data.asset_observation for event in result.get_asset_observation_events()]
    assert [(one.description, one.partition) for one in observed] == [
        ("Loaded 1 of 2 accounts.", None),
        ("Read again.", "2024-01-01"),
    ]
    assert observed[0].metadata["rows"].value == 3


def test_a_silent_death_shows_the_last_words(fake: Any, load: Any, run: Any) -> None:
    fake.does("silent")
    said = description_of(run(load(), raise_on_error=False))
    assert "exit code 3" in said
    assert "Cannot find module duckdb.node" in said


def test_a_kill_is_told_by_its_signal(fake: Any, load: Any, run: Any) -> None:
    fake.does("killed")
    assert "killed by signal 9" in description_of(run(load(), raise_on_error=False))


def test_results_are_there_while_the_executable_still_runs(
    fake: Any, load: Any, run: Any, instance: dg.DagsterInstance
) -> None:
    # The stand-in waits for a file that is written when the first materialization is in the event log.
    fake.does("slow")
    fake.path("pid").touch()
    seen: list[str] = []

    class Watching(type(load())):  # type: ignore[misc]
        def execute(self, context: dg.AssetExecutionContext, config: Any) -> Any:
            for result in super().execute(context, config):
                yield result
                seen.append(result.asset_key.path[-1])
                if len(seen) == 1:
                    stored = instance.fetch_materializations(dg.AssetKey(["tiktok_ads_data", "ads"]), limit=1).records
                    fake.path("go").write_text("go" if stored else "")

    started = time.monotonic()
    run(load(PER_RESOURCE, cls=Watching))
    assert seen == ["ads", "campaigns"]
    assert time.monotonic() - started < 8


def test_a_missing_executable_says_where_it_was_looked_for(
    load: Any, run: Any, fake: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("TIKTOK_ADS_EXECUTABLE", str(tmp_path / "nothing.mjs"))
    said = description_of(run(load(), raise_on_error=False))
    assert f"TIKTOK_ADS_EXECUTABLE names {tmp_path}" in said


def test_the_overrides_of_a_run_reach_the_executable(fake: Any, load: Any, run: Any) -> None:
    config = {"ops": {"tiktok_ads_data": {"config": {"start_date": "2024-02-01", "full_refresh": True}}}}
    run(load(), run_config=config)
    assert fake.extras["overrides"] == {"start_date": "2024-02-01", "full_refresh": True}


def test_only_a_re_execution_from_failure_continues_the_load(
    fake: Any, load: Any, instance: dg.DagsterInstance
) -> None:
    definitions = component_defs(component=load("checks: false"))
    job = definitions.resolve_implicit_global_asset_job_def()
    in_process = {"execution": {"config": {"in_process": {}}}}

    def run_again(parent: str | None, *, resume: bool) -> tuple[str, str]:
        tags = {"dagster/is_resume_retry": "true"} if resume else {}
        lineage = {"parent_run_id": parent, "root_run_id": first} if parent else {}
        made = instance.create_run_for_job(job, run_config=in_process, tags=tags, **lineage)
        list(execute_run_iterator(InMemoryJob(job), made, instance))
        return made.run_id, fake.extras["load_key"]

    first, key = "", ""
    first, key = run_again(None, resume=False)
    assert key == first
    second, key = run_again(first, resume=True)
    assert key == first
    third, key = run_again(second, resume=True)
    assert key == first
    fourth, key = run_again(third, resume=False)
    assert key == fourth
    _, key = run_again(fourth, resume=True)
    assert key == fourth
