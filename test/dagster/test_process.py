"""How the executable ends when its run ends early: cancelled, or its worker killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster_component_templates import process, runner
from dagster_component_templates.component import TikTokAdsIngestionComponent

WORKER = """
import dagster as dg
from dagster.components.testing.utils import component_defs
from dagster_component_templates import process, runner
from dagster_component_templates.component import TikTokAdsIngestionComponent

component = TikTokAdsIngestionComponent(asset_name="a", access_token="${TOKEN}", advertiser_ids="1", checks=False)
dg.materialize(component_defs(component=component).assets, instance=dg.DagsterInstance.ephemeral())
"""


class Impatient(TikTokAdsIngestionComponent):
    """Waits less than users would."""

    patience = (0.6, 0.6)


def wait_for(path: Path, writer: subprocess.Popen[bytes] | None = None) -> str:
    """What is in the file as soon as there is something; gives up after a minute, or if the writer has ended."""
    end = time.monotonic() + 60
    while time.monotonic() < end and (writer is None or writer.poll() is None):
        if path.exists() and (text := path.read_text()):
            return text
        time.sleep(0.02)
    raise AssertionError(f"{path.name} was not written")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that nobody has waited for yet is dead too.
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


def cancel(
    fake: Any, load: Any, run: Any, instance: dg.DagsterInstance, attributes: str = "", first: str = "tiktok_ads_data"
) -> None:
    """Runs, and presses Ctrl-C as soon as a materialization is stored."""

    def press() -> None:
        end = time.monotonic() + 20
        while not instance.get_latest_materialization_event(dg.AssetKey(first.split("/"))) and time.monotonic() < end:
            time.sleep(0.05)
        # Dagster is then back in the step, where it takes interrupts.
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    thread.start()
    with pytest.raises(BaseException) as raised:
        run(load(f"checks: false\n{attributes}", cls=Impatient))
    thread.join()
    assert type(raised.value).__name__ in ("DagsterExecutionInterruptedError", "KeyboardInterrupt")


@pytest.mark.parametrize(("scenario", "ended_by"), [("hang", "SIGINT"), ("ignore-sigint", "SIGTERM")])
def test_a_cancelled_run_ends_the_executable(
    scenario: str, ended_by: str, fake: Any, load: Any, run: Any, instance: dg.DagsterInstance
) -> None:
    fake.does(scenario)
    cancel(fake, load, run, instance)
    assert fake.path("stopped").read_text() == ended_by
    assert not is_alive(int(fake.path("pid").read_text()))


def test_an_executable_that_hears_no_signal_is_killed(
    fake: Any, load: Any, run: Any, instance: dg.DagsterInstance
) -> None:
    fake.does("deaf")
    cancel(fake, load, run, instance)
    assert not is_alive(int(fake.path("pid").read_text()))


def test_an_executable_that_said_its_last_word_has_little_time_to_exit(
    fake: Any, load: Any, run: Any, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (process, runner):
        monkeypatch.setattr(module, "EXIT_SECONDS", 0.5)
    monkeypatch.setattr(Impatient, "patience", (60.0, 60.0))
    started = time.monotonic()
    fake.does("stuck-cancel")
    cancel(fake, load, run, instance)
    assert not is_alive(int(fake.path("pid").read_text()))
    fake.does("stuck-exit")
    assert run(load(cls=Impatient)).success
    assert not is_alive(int(fake.path("pid").read_text()))
    assert time.monotonic() - started < 30


def test_what_was_committed_before_and_during_a_cancel_stays_reported(
    fake: Any, load: Any, run: Any, instance: dg.DagsterInstance
) -> None:
    fake.does("hang")
    cancel(fake, load, run, instance, "asset_layout: per_resource\nresources: ads,campaigns", "tiktok_ads_data/ads")
    for resource in ("ads", "campaigns"):
        assert instance.get_latest_materialization_event(dg.AssetKey(["tiktok_ads_data", resource])), resource


def test_an_error_in_an_overridden_execute_ends_the_executable(fake: Any, load: Any, run: Any) -> None:
    fake.does("hang")

    class Failing(Impatient):
        def execute(self, context: dg.AssetExecutionContext, config: Any) -> Any:
            for _ in super().execute(context, config):
                raise ValueError("mine")

    assert not run(load("checks: false", cls=Failing), raise_on_error=False).success
    assert not is_alive(int(fake.path("pid").read_text()))


def test_the_executable_ends_when_its_worker_is_killed(fake: Any) -> None:
    fake.does("hang")
    said = fake.path("said").open("w")
    worker = subprocess.Popen([sys.executable, "-W", "ignore", "-c", WORKER], stdout=said, stderr=said)
    try:
        child = int(wait_for(fake.path("pid"), worker))
    finally:
        worker.kill()
        worker.wait()
        said.close()
    assert wait_for(fake.path("stopped")) == "end of stdin"
    end = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not is_alive(child)
