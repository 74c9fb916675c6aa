"""Runs the executable for one Dagster step and relays what it reports while it runs."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import dagster as dg
from dagster._core.definitions.metadata import metadata_map_from_external
from dagster._core.pipes.context import PipesMessageHandler

from dagster_component_templates.executable import NotInstalledError, find_executable, find_node
from dagster_component_templates.process import ChildProcess
from dagster_component_templates.reader import WholeLineMessageReader
from dagster_component_templates.secret_values import redact

POLL_SECONDS = 0.05
EXIT_SECONDS = 30.0
"""How long an executable that has said its last word may take to exit before it is killed."""
RESUME_TAGS = ("dagster/is_resume_retry", "dagster/is_asset_resume_retry")
"""Tags of a run that re-executes another one from where that failed: its failed steps, or its failed assets."""

Result: TypeAlias = dg.MaterializeResult[Any] | dg.AssetCheckResult | dg.AssetObservation


@dataclass(frozen=True)
class Launch:
    """One start of the executable."""

    extras: Mapping[str, Any]
    """What goes to the executable in the Pipes context. Holds no secrets: it is stored in a file and may be shown."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Further environment variables of the process."""
    secrets: Sequence[str] = ()
    """Texts that must not appear in any message or failure."""
    patience: Sequence[float] = (15.0, 5.0)
    """Seconds to wait after SIGINT and after SIGTERM when the run is cancelled."""
    dress: Callable[[dg.MaterializeResult[Any]], dg.MaterializeResult[Any]] = lambda result: result
    """Adds to a materialization what only this side knows."""


def load_key(context: dg.AssetExecutionContext) -> str:
    """Names the load of a run: a re-execution from failure continues the load that failed, any other begins anew."""
    run: dg.DagsterRun | None = context.run
    key = context.run.run_id
    while run is not None and _resumes(run) and run.parent_run_id is not None:
        key = run.parent_run_id
        run = context.instance.get_run_by_id(key)
    return key


def _resumes(run: dg.DagsterRun) -> bool:
    return any(run.tags.get(tag) == "true" for tag in RESUME_TAGS)


def run_executable(context: dg.AssetExecutionContext, launch: Launch) -> Iterator[Result]:
    """Starts the executable and yields its results as they come.

    What was reported before a failure is kept. Raises dg.Failure with the executable's own words; a failure that trying
    again cannot mend skips Dagster's retry policy.
    """
    reader = WholeLineMessageReader(lambda text: redact(text, launch.secrets))
    command = _command()
    with dg.open_pipes_session(
        context=context,
        context_injector=dg.PipesTempFileContextInjector(),
        message_reader=reader,
        extras=dict(launch.extras),
    ) as session:
        environment = {
            **os.environ,
            **launch.environment,
            **session.get_bootstrap_env_vars(),
            "TIKTOK_ADS_WATCH_STDIN": "1",
        }
        relay = Relay(context, session.message_handler, launch)
        child = ChildProcess(command, environment)
        code: int | None = None
        interruption: BaseException | None = None
        try:
            while (code := child.poll(POLL_SECONDS)) is None and not relay.has_waited_for_exit():
                yield from relay.new_results()
        except GeneratorExit:
            raise
        except BaseException as error:
            interruption = error
        finally:
            child.close(launch.patience, relay.has_finished)
    # The session's end has read the messages to the last one, those sent while the executable was being stopped too.
    yield from relay.new_results()
    if interruption is not None:
        raise interruption
    relay.raise_failure(code, child.last_words, reader)
    yield from relay.unreported_checks()


def _command() -> list[str]:
    try:
        return [os.fspath(find_node(os.environ)), os.fspath(find_executable(os.environ))]
    except NotInstalledError as error:
        raise dg.Failure(str(error), allow_retries=False) from None


class Relay:
    """Turns what was heard of the executable into results and events, each once."""

    def __init__(self, context: dg.AssetExecutionContext, heard: PipesMessageHandler, launch: Launch) -> None:
        self._context = context
        self._heard = heard
        self._launch = launch
        self._missing_checks = set(context.selected_asset_check_keys)
        self._missing = set(context.selected_asset_keys)
        self._results_seen = 0
        self._messages_seen = 0
        self._failure: Mapping[str, Any] | None = None
        self._finished_at: float | None = None

    def has_finished(self) -> bool:
        """Whether the executable has sent its last message."""
        return self._heard.received_closed_message

    def has_waited_for_exit(self) -> bool:
        """Whether the executable has had its time to exit after its last message."""
        if not self.has_finished():
            return False
        self._finished_at = self._finished_at or time.monotonic()
        return time.monotonic() - self._finished_at > EXIT_SECONDS

    def new_results(self) -> Iterator[Result]:
        # Results are looked at first: a message that was sent before a result is then certainly there.
        results = self._heard.get_reported_results()[self._results_seen :]
        messages = self._heard.get_custom_messages()[self._messages_seen :]
        self._messages_seen += len(messages)
        for message in messages:
            yield from self._take(message)
        for result in results:
            self._results_seen += 1
            yield from (
                self._materialization(result) if isinstance(result, dg.MaterializeResult) else self._check(result)
            )

    def unreported_checks(self) -> Iterator[Result]:
        """Dagster wants a result of every selected check; one that was not made neither passes nor fails the step."""
        for key in sorted(self._missing_checks):
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=False,
                severity=dg.AssetCheckSeverity.WARN,
                description="The executable reported no result of this check.",
            )

    def raise_failure(self, code: int | None, last_words: str, reader: WholeLineMessageReader) -> None:
        """Raises dg.Failure unless all went well."""
        lost = (
            f"{reader.rejected_count} messages could not be read ({'; '.join(reader.rejected)})"
            if reader.rejected
            else ""
        )
        self.raise_reported()
        if code is None:
            self._context.log.warning("The executable said that it was done but did not exit, and was killed.")
        elif code != 0:
            raise self._silent(code, last_words, lost)
        self.raise_missing(lost)
        if lost:
            self._context.log.warning(lost)

    def raise_reported(self) -> None:
        """Raises the failure that the executable told, if it told one."""
        if self._failure is not None:
            raise self._reported(self._failure)

    def raise_missing(self, because: str) -> None:
        """Raises dg.Failure if an asset of the step was not reported."""
        if self._missing:
            names = ", ".join(sorted(key.to_user_string() for key in self._missing))
            why = f" {because}." if because else ""
            raise dg.Failure(f"The executable ended well but reported nothing for {names}.{why}", allow_retries=False)

    def _materialization(self, result: dg.MaterializeResult[Any]) -> Iterator[Result]:
        if result.asset_key is None or result.asset_key not in self._missing:
            self._context.log.warning(
                f"Ignored a materialization of {result.asset_key}, which this step does not make, or made already."
            )
            return
        self._missing.discard(result.asset_key)
        yield self._launch.dress(result)

    def _check(self, result: dg.AssetCheckResult) -> Iterator[Result]:
        if result.asset_key is None or result.check_name is None:
            return
        key = dg.AssetCheckKey(result.asset_key, result.check_name)
        if key in self._missing_checks:
            self._missing_checks.discard(key)
            # Pipes has no description; the UI shows one beside the verdict and in the check's history.
            summary = (result.metadata or {}).get("summary")
            yield result if summary is None else result._replace(description=str(summary.value))

    def _take(self, message: Any) -> Iterator[Result]:
        try:
            observation = self._understood(message)
        except Exception as error:
            self._context.log.warning(
                f"Ignored a message that could not be understood: {type(error).__name__}: {error}"
            )
            return
        if observation is not None:
            # Yielded, not logged: Dagster drops what was logged when the step fails later.
            yield observation

    def _understood(self, message: Any) -> dg.AssetObservation | None:
        kind = message["kind"]
        if kind == "failure":
            self._failure = message
        elif kind == "partition_metadata":
            self._context.add_asset_metadata(
                metadata_map_from_external(message["metadata"]),
                asset_key=dg.AssetKey.from_escaped_user_string(message["asset_key"]),
                partition_key=message["partition_key"],
            )
        elif kind == "observation":
            return dg.AssetObservation(
                asset_key=dg.AssetKey.from_escaped_user_string(message["asset_key"]),
                description=message.get("description"),
                metadata=metadata_map_from_external(message.get("metadata") or {}),
                partition=message.get("partition_key"),
            )
        else:
            self._context.log.warning(f"Ignored a message of unknown kind {kind!r}.")
        return None

    def _reported(self, failure: Mapping[str, Any]) -> dg.Failure:
        hint = failure.get("hint")
        issues = failure.get("issues") or []
        retryable = bool(failure.get("retryable"))
        metadata: dict[str, Any] = {"retryable": retryable}
        if failure.get("code"):
            metadata["code"] = str(failure["code"])
        if hint:
            metadata["hint"] = str(hint)
        if issues:
            metadata["issues"] = dg.MetadataValue.text("\n".join(_issue_text(issue) for issue in issues))
        description = str(failure.get("message") or "The executable failed.")
        return dg.Failure(f"{description}\n{hint}" if hint else description, metadata, allow_retries=retryable)

    def _silent(self, code: int, last_words: str, lost: str) -> dg.Failure:
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        why = " (out of memory?)" if code == -9 else ""
        said = f" Its last words:\n{last_words}" if last_words else " It wrote nothing to standard error."
        description = f"The executable {how}{why} without saying why.{said}"
        metadata: dict[str, Any] = {"exit_code": code, **({"messages": lost} if lost else {})}
        return dg.Failure(redact(description, self._launch.secrets), metadata)


def _issue_text(issue: Any) -> str:
    if not isinstance(issue, Mapping):
        return str(issue)
    suggestion = f" Did you mean {issue['suggestion']}?" if issue.get("suggestion") else ""
    allowed = f" Allowed: {issue['allowed']}." if issue.get("allowed") else ""
    return f"{issue.get('path')}: {issue.get('message')}.{suggestion}{allowed}"


__all__ = ["Launch", "Relay", "Result", "run_executable"]
