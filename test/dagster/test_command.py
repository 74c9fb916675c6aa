"""The console script of the Python package: it becomes the executable, or says what is missing."""

import os
import signal
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

ECHO = """
process.on('SIGINT', () => process.exit(41));
console.log(JSON.stringify([process.pid, ...process.argv.slice(2)]));
if (process.argv[2] === 'wait') setTimeout(() => {}, 30_000);
else process.exit(7);
"""


def command(*arguments: str) -> list[str]:
    code = "import sys; from tiktok_ads_command import main; sys.argv[0] = 'tiktok-ads'; sys.exit(main())"
    return [sys.executable, "-c", code, *arguments]


@pytest.fixture
def environment(tmp_path: Path, node_binary: Path) -> dict[str, str]:
    script = tmp_path / "echo.mjs"
    script.write_text(ECHO)
    return {**os.environ, "TIKTOK_ADS_NODE": str(node_binary), "TIKTOK_ADS_EXECUTABLE": str(script)}


def test_the_package_declares_the_console_script() -> None:
    scripts = distribution("dagster-tiktok-ads").entry_points.select(group="console_scripts")
    assert [(one.name, one.value) for one in scripts] == [("tiktok-ads", "tiktok_ads_command:main")]


def test_the_script_becomes_the_executable_with_its_arguments_and_exit_code(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        command("check", "--json", "a b"), env=environment, stdout=subprocess.PIPE, text=True
    ) as child:
        shown, _ = child.communicate(timeout=30)
    assert child.returncode == 7
    assert shown == f'[{child.pid},"check","--json","a b"]\n'


def test_an_interrupt_reaches_the_executable(environment: dict[str, str]) -> None:
    with subprocess.Popen(command("wait"), env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(signal.SIGINT)
        assert child.wait(timeout=30) == 41


def test_the_script_loads_nothing_of_dagster() -> None:
    code = "import sys, tiktok_ads_command as c; c._executable_module(); print('dagster' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown == "False\n"


def test_without_a_fitting_node_one_line_says_what_to_do(environment: dict[str, str], tmp_path: Path) -> None:
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.0.0\n")
    old.chmod(0o755)
    for named, said in ((str(old), "it is Node 18.0.0"), (str(tmp_path / "none"), "it does not run")):
        done = subprocess.run(
            command("catalog"),
            env={**environment, "TIKTOK_ADS_NODE": named},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (127, "")
        assert done.stderr.startswith("tiktok-ads: TIKTOK_ADS_NODE names ")
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
