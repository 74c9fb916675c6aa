"""A run that is killed, cancelled or orphaned: what was committed stays, nothing is half-written, the next attempt goes on from there."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from support_world import FILE, REPORT_PATH, World, assert_true, attempts, attributes, checks, query, tables

ACCOUNTS = ["71", "72"]
WINDOW = ("2024-01-01", "2024-03-10")
ADS = f"""\
asset_name: ads
advertiser_ids: ['71', '72']
resources: campaigns,ads,reports
start_date: '{WINDOW[0]}'
end_date: '{WINDOW[1]}'
"""
ENTITIES = {"campaigns": "campaign_id", "ads": "ad_id"}
HOLD_UP = {"kind": "latency", "ms": 20_000}


def executables() -> list[int]:
    """Ids of the executables that were started in this test's folder, also of those whose parent is gone."""
    return [
        int(folder.name)
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit() and _started_here(folder, os.environ["TIKTOK_ADS_EXECUTABLE"])
    ]


def _started_here(process: Path, main: str) -> bool:
    try:
        words = (process / "cmdline").read_bytes().decode().split("\0")
        return main in words and "simulate" not in words and (process / "cwd").samefile(Path.cwd())
    except OSError:
        return False


def until(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Waits for something to be true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)
    return found


def committed() -> set[str]:
    """The tables that have a commit."""
    try:
        return {name for [name] in query("SELECT DISTINCT table_name FROM ads._loads WHERE status = 'committed'")}
    except Exception:
        return set()


def meanwhile(act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act, daemon=True)
    thread.start()
    return thread


def assert_entities(world: World) -> None:
    for table, key in ENTITIES.items():
        for account in ACCOUNTS:
            ids = query(f"SELECT {key} FROM ads.{table} WHERE advertiser_id = ? ORDER BY 1", account)
            assert [one for [one] in ids] == world.entities(account, table)


def test_a_killed_executable_goes_on_where_it_stopped(world: World, load: Any, run: Any) -> None:
    world.fault(HOLD_UP, path=REPORT_PATH, after=2)
    component = load(attributes(f"{ADS}retry_policy_max_retries: 1\nretry_policy_delay_seconds: 0"), basic=False)

    def kill() -> None:
        until(lambda: committed() == set(ENTITIES))
        world.mend()
        world.forget()
        [pid] = executables()
        os.kill(pid, signal.SIGKILL)

    thread = meanwhile(kill)
    result = run(component)
    thread.join()
    assert attempts(result) == 2
    [restart] = result.filter_events(lambda event: event.event_type == dg.DagsterEventType.STEP_UP_FOR_RETRY)
    assert "killed by signal 9" in str(restart.event_specific_data)
    # The second attempt asks for accounts and reports; what was committed is not read again.
    assert not world.calls("ad/get/")
    assert not [
        call for call in world.calls("campaign/get/") if "TOP_VIEW" not in call["parameters"].get("filtering", "")
    ]
    assert_entities(world)
    assert_true(world, "ads", ACCOUNTS, WINDOW)
    assert len(query("SELECT DISTINCT load_id FROM ads._loads")) == 1
    assert (
        query("SELECT count(*) FROM ads._loads GROUP BY table_name, advertiser_id, window_start HAVING count(*) > 1")
        == []
    )
    assert all(check.passed for check in checks(result).values())


def test_a_cancelled_run_ends_within_seconds_and_leaves_whole_tables(
    world: World, load: Any, run: Any, instance: dg.DagsterInstance, capfd: pytest.CaptureFixture[str]
) -> None:
    world.fault(HOLD_UP, path=REPORT_PATH)
    component = load(attributes(ADS), basic=False)
    pressed: list[float] = []

    def press() -> None:
        until(lambda: committed() == set(ENTITIES))
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = meanwhile(press)
    with pytest.raises(BaseException) as raised:
        run(component)
    seconds = time.monotonic() - pressed[0]
    thread.join()
    assert type(raised.value).__name__ in ("DagsterExecutionInterruptedError", "KeyboardInterrupt")
    assert seconds < 8
    assert not executables()
    assert instance.get_latest_materialization_event(dg.AssetKey("ads")) is None
    assert "could not be understood" not in capfd.readouterr().err
    assert_entities(world)
    assert "reports" not in tables("ads")
    world.mend()
    assert run(component).success
    assert_true(world, "ads", ACCOUNTS, WINDOW)


def test_an_executable_whose_parent_dies_ends_itself(world: World, tmp_path: Path) -> None:
    world.fault(HOLD_UP, path=REPORT_PATH)
    program = (
        "import sys, dagster as dg\n"
        "from dagster.components.testing.utils import component_defs\n"
        "from dagster_component_templates import TikTokAdsIngestionComponent\n"
        "component = TikTokAdsIngestionComponent.resolve_from_yaml(sys.argv[1])\n"
        "dg.materialize(component_defs(component=component).assets)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program, attributes(ADS)], stderr=subprocess.DEVNULL)
    try:
        until(lambda: committed() == set(ENTITIES))
        assert executables()
    finally:
        parent.kill()
        parent.wait()
    until(lambda: not executables(), 8)
    assert_entities(world)
    assert "reports" not in tables("ads")


def test_two_runs_at_once_on_one_file_both_succeed(world: World, load: Any, run: Any) -> None:
    first = load(attributes(ADS), basic=False)
    second = load(attributes(ADS.replace("['71', '72']", "['73']").replace("campaigns,ads,", "")), basic=False)
    results: list[dg.ExecuteInProcessResult] = []

    def other() -> None:
        with dg.DagsterInstance.ephemeral() as instance:
            results.append(run(second, instance=instance))

    thread = meanwhile(other)
    results.append(run(first))
    thread.join()
    assert [result.success for result in results] == [True, True]
    assert_true(world, "ads", [*ACCOUNTS, "73"], WINDOW)
    assert Path(FILE).exists()
