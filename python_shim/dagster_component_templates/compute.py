"""Runs the executable in a container that one of Dagster's own Pipes clients starts: Docker, ECS or Kubernetes."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from dagster._core.pipes.context import PipesMessageHandler
from dagster._core.pipes.utils import extract_message_or_forward_to_file

from dagster_component_templates.runner import Launch, Relay, Result
from dagster_component_templates.secret_values import redact

ECS_CONTAINER = "tiktok-ads"
"""Name of the task's container, where `container_name` does not say another."""


@dataclass(frozen=True)
class Compute:
    """Where the executable runs, as the attributes `compute…` say."""

    kind: str
    image: str | None = None
    command: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Variable of the container to where its value comes from: a reference, never a value."""
    task_definition: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def run_in_container(context: dg.AssetExecutionContext, launch: Launch, compute: Compute) -> Iterator[Result]:
    """Starts the container, waits for its end and yields what the executable reported.

    Results are yielded when the container has ended: Dagster's clients wait for that. What was reported before a
    failure is kept. Raises dg.Failure with the executable's own words if it said any, else with what the client says.
    """
    heard = _Heard(launch.secrets)
    error: BaseException | None = None
    try:
        _STARTS[compute.kind](context, launch, compute, heard)
    except dg.Failure:
        raise
    except BaseException as raised:
        error = raised
    if heard.handler is None:
        raise _not_started(compute, error, launch) from error
    relay = Relay(context, heard.handler, launch)
    yield from relay.new_results()
    if error is not None and not isinstance(error, Exception):
        raise error
    relay.raise_reported()
    if error is not None:
        raise _ended_badly(compute, error, launch) from error
    relay.raise_missing("")
    yield from relay.unreported_checks()


class _Heard:
    """Keeps the handler of a client's messages, which the client itself shows only after success, and redacts them."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self.handler: PipesMessageHandler | None = None
        self._secrets = secrets

    def reader(self, kind: type[Any], **more: Any) -> Any:
        """A message reader of this kind that lets us hear too."""
        heard = self

        class Listening(kind):  # type: ignore[misc]
            @contextmanager
            def read_messages(self, handler: PipesMessageHandler) -> Iterator[Any]:
                heard.handler = handler
                with super().read_messages(_Redacting(handler, heard._secrets)) as params:
                    yield params

        return Listening(**more)


class _Redacting:
    """A handler that takes secrets out of each message first."""

    def __init__(self, handler: PipesMessageHandler, secrets: Sequence[str]) -> None:
        self._handler = handler
        self._secrets = secrets

    def handle_message(self, message: Any) -> None:
        self._handler.handle_message(json.loads(redact(json.dumps(message), self._secrets)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._handler, name)


def _run_docker(context: dg.AssetExecutionContext, launch: Launch, compute: Compute, heard: _Heard) -> None:
    with _extra("docker"):
        from dagster_docker import PipesDockerClient
        from dagster_docker.pipes import PipesDockerLogsMessageReader

    class WholeLines(PipesDockerLogsMessageReader):  # type: ignore[misc]
        def consume_docker_logs(self, container: Any) -> None:
            """Docker hands out pieces of a stream: several lines, or part of a long one."""
            rest = b""
            for piece in container.logs(stdout=False, stderr=True, stream=True, follow=True):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    extract_message_or_forward_to_file(self._handler, line.decode(errors="replace"), sys.stdout)
            if rest:
                extract_message_or_forward_to_file(self._handler, rest.decode(errors="replace"), sys.stdout)

    missing = sorted(source for source in compute.secrets.values() if source not in os.environ)
    if missing:
        raise dg.Failure(
            f"compute_secrets names {', '.join(missing)}, which Dagster's own process does not have: set it where runs "
            "start.",
            allow_retries=False,
        )
    PipesDockerClient(message_reader=heard.reader(WholeLines)).run(
        context=context,
        image=compute.image or "",
        command=list(compute.command) or None,
        env={**compute.environment, **{name: os.environ[source] for name, source in compute.secrets.items()}},
        extras=dict(launch.extras),
        **compute.options,
    )


def _run_ecs(context: dg.AssetExecutionContext, launch: Launch, compute: Compute, heard: _Heard) -> None:
    with _extra("ecs"):
        from dagster_aws.pipes import PipesCloudWatchMessageReader, PipesECSClient

    options = dict(compute.options)
    container, waiter = options.pop("container_name", ECS_CONTAINER), options.pop("waiter_config", None)
    override: dict[str, Any] = {"name": container}
    if compute.command:
        override["command"] = list(compute.command)
    if compute.environment:
        override["environment"] = [{"name": name, "value": value} for name, value in compute.environment.items()]
    overrides = {"overrides": {"containerOverrides": [override]}} if len(override) > 1 else {}
    PipesECSClient(message_reader=heard.reader(PipesCloudWatchMessageReader)).run(
        context=context,
        run_task_params={"taskDefinition": compute.task_definition or "", **options, **overrides},
        extras=dict(launch.extras),
        pipes_container_name=container,
        waiter_config=waiter,
    )


def _run_k8s(context: dg.AssetExecutionContext, launch: Launch, compute: Compute, heard: _Heard) -> None:
    with _extra("k8s"):
        from dagster_k8s import PipesK8sClient
        from dagster_k8s.pipes import PipesK8sPodLogsMessageReader

    of_client = ("kubeconfig_file", "kube_context", "load_incluster_config", "poll_interval")
    client = {name: value for name, value in compute.options.items() if name in of_client}
    options = {name: value for name, value in compute.options.items() if name not in of_client}
    PipesK8sClient(message_reader=heard.reader(PipesK8sPodLogsMessageReader), **client).run(
        context=context,
        image=compute.image,
        command=list(compute.command) or None,
        env=compute.environment,
        extras=dict(launch.extras),
        **{**options, "base_pod_spec": _with_secrets(options.get("base_pod_spec") or {}, compute.secrets)},
    )


def _with_secrets(spec: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """The pod's spec with its first container's variables taken from Kubernetes secrets, each written `secret/key`."""
    first, *others = spec.get("containers") or [{}]
    variables = []
    for name, source in secrets.items():
        secret, _, key = source.partition("/")
        variables.append({"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key or name}}})
    # A copy: Dagster's client adds to the list it is given.
    return {**spec, "containers": [{**first, "env": [*(first.get("env") or []), *variables]}, *others]}


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """Says what to install where one of Dagster's own packages is missing."""
    try:
        yield
    except ImportError as error:
        raise dg.Failure(
            f"compute: {name} needs a package that is missing here ({error.name}): "
            f"pip install 'dagster-tiktok-ads[{name}]'.",
            allow_retries=False,
        ) from None


def _not_started(compute: Compute, error: BaseException | None, launch: Launch) -> BaseException:
    if error is not None and not isinstance(error, Exception):
        return error
    return dg.Failure(
        redact(f"The container could not be started with compute: {compute.kind}: {error}", launch.secrets)
    )


def _ended_badly(compute: Compute, error: BaseException, launch: Launch) -> dg.Failure:
    return dg.Failure(
        redact(
            f"The container ({compute.kind}) ended without saying why: {error}. Its output is in the step's stdout.",
            launch.secrets,
        )
    )


_STARTS: Mapping[str, Callable[[dg.AssetExecutionContext, Launch, Compute, _Heard], None]] = {
    "docker": _run_docker,
    "ecs": _run_ecs,
    "k8s": _run_k8s,
}
