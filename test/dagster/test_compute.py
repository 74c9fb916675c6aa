"""Runs in containers, by Dagster's own Pipes clients. The Docker, ECS and Kubernetes APIs are stubs; what they run is the real executable."""

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from conftest import packages_beside
from dagster_component_templates import compute as compute_module
from support_containers import AwsApi, DockerApi, Host, KubernetesApi, serving
from support_world import DENIED, FILE, REPORT_PATH, World, assert_true, attempts, attributes, failure, metadata, query

# In one process: each would spend seconds importing the clients of Docker, AWS and Kubernetes.
pytestmark = pytest.mark.xdist_group("compute")

ACCOUNTS = ["91", "92"]
DAYS = ("2024-01-01", "2024-01-03")
IMAGE = "compute_image: registry.example.com/dagster-tiktok-ads:0.1.0\n"
BY_KIND = {
    "docker": f"compute: docker\n{IMAGE}compute_secrets: {{TIKTOK_ACCESS_TOKEN: TOKEN_OF_DAGSTER}}\n",
    "ecs": "compute: ecs\ncompute_task_definition: tiktok-ads:3\ncompute_options: {cluster: default, waiter_config: {Delay: 1, MaxAttempts: 60}}\n",
    "k8s": f"compute: k8s\n{IMAGE}compute_secrets: {{TIKTOK_ACCESS_TOKEN: tiktok-ads/access-token}}\n"
    "compute_options: {namespace: loads, kubeconfig_file: kubeconfig, poll_interval: 0.2}\n",
}
APIS = {"docker": DockerApi, "ecs": AwsApi, "k8s": KubernetesApi}


def wanted(kind: str, world: World, accounts: list[str] = ACCOUNTS) -> str:
    return attributes(
        f"asset_name: ads\nadvertiser_ids: {json.dumps(accounts)}\nresources: campaigns,reports\n"
        f"start_date: '{DAYS[0]}'\nend_date: '{DAYS[1]}'\ndestination_config: {{path: {FILE}}}\n"
        f"compute_environment: {{TIKTOK_ADS_API_BASE_URL: '{world.url}'}}\n{BY_KIND[kind]}"
    )


@pytest.fixture(scope="module", autouse=True)
def clients() -> Iterator[None]:
    """The packages of Dagster's clients."""
    with packages_beside("compute"):
        yield


@pytest.fixture
def hosted(
    world: World, node_binary: Path, repo_root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Host]]:
    """Serves an API, and lets Dagster's client find it."""
    command = [str(node_binary), str(repo_root / "dist" / "main.mjs")]
    with ExitStack() as stack:

        def start(kind: str) -> Host:
            host = Host(command, Path.cwd(), {"PATH": os.environ["PATH"], "TIKTOK_ADS_STATE_DIR": "state"})
            address = stack.enter_context(serving(APIS[kind], host))
            cluster = {"name": "c", "cluster": {"server": f"http://{address}"}}
            context = {"name": "x", "context": {"cluster": "c", "user": "u"}}
            config = {
                "clusters": [cluster],
                "contexts": [context],
                "users": [{"name": "u", "user": {}}],
                "current-context": "x",
            }
            Path("kubeconfig").write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **config}))
            for name, value in {
                "DOCKER_HOST": f"tcp://{address}",
                "AWS_ENDPOINT_URL": f"http://{address}",
                "AWS_ACCESS_KEY_ID": "id",
                "AWS_SECRET_ACCESS_KEY": "key",
                "AWS_DEFAULT_REGION": "eu-west-1",
                "TOKEN_OF_DAGSTER": os.environ["TIKTOK_ACCESS_TOKEN"],
            }.items():
                monkeypatch.setenv(name, value)
            # The container has to have it by its own means.
            monkeypatch.delenv("TIKTOK_ACCESS_TOKEN", raising=False)
            return host

        yield start


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_container_loads_what_happened_through_a_stub_of_the_api(
    kind: str, world: World, hosted: Any, load: Any, run: Any
) -> None:
    host = hosted(kind)
    result = run(load(wanted(kind, world), basic=False))
    assert result.success
    assert_true(world, "ads", ACCOUNTS, DAYS)
    [event] = result.get_asset_materialization_events()
    assert metadata(event)["dagster/row_count"] == query("SELECT count(*) FROM ads.reports")[0][0]
    assert {check.check_name: check.passed for check in result.get_asset_check_evaluations()}["matches_api_total"]
    # Nobody who sees what the API was asked sees the token, except where Docker has to be told it.
    asked = json.dumps([body for place, body in host.asked if kind != "docker" or not place.endswith("/create")])
    assert "simulated-access-token" not in asked
    assert "simulated-access-token" not in json.dumps(host.container.environment["DAGSTER_PIPES_CONTEXT"])


@pytest.mark.parametrize("kind", BY_KIND)
def test_the_executables_own_words_are_the_failure_and_what_it_told_is_kept(
    kind: str, world: World, hosted: Any, load: Any, run: Any
) -> None:
    hosted(kind)
    text = wanted(kind, world, [*ACCOUNTS, DENIED]) + "retry_policy_max_retries: 1\nretry_policy_delay_seconds: 0\n"
    result = run(load(text, basic=False), raise_on_error=False)
    assert DENIED in failure(result)
    assert attempts(result) == 1
    assert_true(world, "ads", ACCOUNTS, DAYS)
    assert [event for event in result.all_events if event.event_type == dg.DagsterEventType.ASSET_OBSERVATION]


@pytest.mark.parametrize("kind", BY_KIND)
def test_each_partition_has_its_own_figures(kind: str, world: World, hosted: Any, load: Any, run: Any) -> None:
    hosted(kind)
    dates = re.compile("start_date: .*\nend_date: .*\n")
    text = dates.sub(f"partition_type: daily\npartition_start: '{DAYS[0]}'\n", wanted(kind, world))
    result = run(load(text, basic=False), partitions=DAYS)
    rows = {
        str(event.partition): metadata(event)["dagster/partition_row_count"]
        for event in result.get_asset_materialization_events()
    }
    assert rows == dict(query("SELECT stat_time_day::VARCHAR, count(*) FROM ads.reports GROUP BY 1"))


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_cancelled_run_ends_the_container(kind: str, world: World, hosted: Any, load: Any, run: Any) -> None:
    host = hosted(kind)
    world.fault({"kind": "latency", "ms": 20_000}, path=REPORT_PATH)

    def press() -> None:
        while host.container is None or not world.calls("campaign/get/"):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    began = time.monotonic()
    with pytest.raises(BaseException) as raised:
        run(load(wanted(kind, world), basic=False))
    thread.join()
    assert time.monotonic() - began < 15
    assert type(raised.value).__name__ in ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
    assert host.removed.wait(10)
    assert host.container is not None
    assert host.container.code is not None


def test_docker_says_which_variable_dagster_lacks(
    world: World, hosted: Any, load: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = hosted("docker")
    monkeypatch.delenv("TOKEN_OF_DAGSTER")
    assert "TOKEN_OF_DAGSTER" in failure(run(load(wanted("docker", world), basic=False), raise_on_error=False))
    assert host.container is None


def test_a_container_without_the_token_says_which_variable_it_lacks(
    world: World, hosted: Any, load: Any, run: Any
) -> None:
    hosted("k8s")
    text = wanted("k8s", world).replace("compute_secrets: {TIKTOK_ACCESS_TOKEN: tiktok-ads/access-token}\n", "")
    assert "TIKTOK_ACCESS_TOKEN" in failure(run(load(text, basic=False), raise_on_error=False))


@pytest.mark.parametrize("kind", BY_KIND)
def test_an_api_that_does_not_answer_is_said(
    kind: str, world: World, hosted: Any, load: Any, run: Any, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    hosted(kind)
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{free_port}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")
    config = Path("kubeconfig")
    config.write_text(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{free_port}", config.read_text()))
    said = failure(run(load(wanted(kind, world), basic=False), raise_on_error=False))
    assert f"compute: {kind}" in said or f"({kind})" in said


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_missing_extra_names_what_to_install(
    kind: str, world: World, hosted: Any, load: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosted(kind)
    for module in ("dagster_docker", "dagster_k8s", "dagster_aws.pipes"):
        monkeypatch.setitem(sys.modules, module, None)
    said = failure(run(load(wanted(kind, world), basic=False), raise_on_error=False))
    assert f"pip install 'dagster-tiktok-ads[{kind}]'" in said


def test_a_secret_written_out_is_refused_where_a_container_would_show_it(world: World, load: Any) -> None:
    text = wanted("k8s", world).replace("${TIKTOK_ACCESS_TOKEN}", "canary-of-a-token")
    text += "destination: postgres\n"
    text = text.replace(
        f"destination_config: {{path: {FILE}}}", "destination_config: 'postgresql://u:canary-of-a-password@h/d'"
    )
    with pytest.raises(Exception) as raised:
        load(text, basic=False)
    said = str(raised.value)
    assert "access_token" in said
    assert "destination_config" in said
    assert "canary" not in said


def test_a_reference_inside_a_url_may_go_into_a_container(world: World, load: Any) -> None:
    text = wanted("k8s", world) + "destination: postgres\n"
    text = text.replace(f"destination_config: {{path: {FILE}}}", "destination_config: 'postgresql://u:${PASSWORD}@h/d'")
    component = load(text, basic=False)
    assert "${PASSWORD}" in json.dumps(component._config())
    assert not [name for name in component._config() if name.startswith("compute")]


def test_variables_from_secrets_stand_beside_those_of_the_pod() -> None:
    spec = {"serviceAccountName": "loader", "containers": [{"env": [{"name": "A", "value": "1"}]}]}
    made = compute_module._with_secrets(spec, {"TOKEN": "secret/key"})
    assert made["serviceAccountName"] == "loader"
    assert made["containers"][0]["env"] == [
        {"name": "A", "value": "1"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "secret", "key": "key"}}},
    ]
    assert spec["containers"][0]["env"] == [{"name": "A", "value": "1"}]
