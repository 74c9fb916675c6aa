"""Which executable and which Node are taken, and what is said if there is none."""

import shutil
import subprocess
from pathlib import Path

import pytest
from dagster_component_templates import executable
from dagster_component_templates.executable import NotInstalledError, find_executable, find_node


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty checkout with an empty package in it."""
    folder = tmp_path / "python_shim" / "dagster_component_templates"
    folder.mkdir(parents=True)
    monkeypatch.setattr(executable, "_package", folder)
    monkeypatch.setattr(executable, "_checkout", tmp_path)
    return folder


def make(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def make_node(path: Path, version: str) -> Path:
    return make(path, f"#!/bin/sh\necho {version}\n")


def test_the_executable_is_the_named_one_then_the_bundled_then_the_built(package: Path, tmp_path: Path) -> None:
    with pytest.raises(NotInstalledError, match="npm run build"):
        find_executable({})
    built = make(tmp_path / "dist" / "main.mjs")
    assert find_executable({}) == built
    bundled = make(package / "_js" / "main.mjs")
    assert find_executable({}) == bundled
    named = make(tmp_path / "other.mjs")
    assert find_executable({"TIKTOK_ADS_EXECUTABLE": str(named)}) == named
    with pytest.raises(NotInstalledError, match="TIKTOK_ADS_EXECUTABLE names nowhere, which is no file"):
        find_executable({"TIKTOK_ADS_EXECUTABLE": "nowhere"})


def test_node_is_the_named_one_then_the_checkouts_then_the_paths(package: Path, tmp_path: Path) -> None:
    on_path = make_node(tmp_path / "bin" / "node", "v22.19.0")
    environment = {"PATH": str(on_path.parent)}
    assert find_node(environment) == on_path
    checkouts = make_node(tmp_path / "node_modules" / ".bin" / "node", "v24.1.0")
    assert find_node(environment) == checkouts
    named = make_node(tmp_path / "mine", "v23.0.0-nightly")
    assert find_node({**environment, "TIKTOK_ADS_NODE": str(named)}) == named


def test_an_old_node_is_passed_over_and_named_in_the_message(package: Path, tmp_path: Path) -> None:
    old = make_node(tmp_path / "node_modules" / ".bin" / "node", "v20.20.0")
    new = make_node(tmp_path / "bin" / "node", "v24.0.0")
    assert find_node({"PATH": str(new.parent)}) == new
    with pytest.raises(NotInstalledError) as raised:
        find_node({"PATH": ""})
    assert f"{old} is Node 20.20.0" in str(raised.value)
    assert "Node 22.19 or newer is needed" in str(raised.value)
    assert "pip install 'dagster-tiktok-ads[node]'" in str(raised.value)


def test_a_named_node_that_does_not_fit_is_refused(package: Path, tmp_path: Path) -> None:
    for path, said in (
        (make_node(tmp_path / "old", "v18.0.0"), "it is Node 18.0.0"),
        (tmp_path / "none", "it does not run"),
    ):
        with pytest.raises(NotInstalledError, match=said):
            find_node({"TIKTOK_ADS_NODE": str(path)})


def test_the_pinned_node_of_the_checkout_fits(node_binary: Path) -> None:
    assert subprocess.run([node_binary, "--version"], capture_output=True, check=True).stdout.startswith(b"v")
    assert find_node({"TIKTOK_ADS_NODE": str(node_binary)}) == node_binary
    assert shutil.which(str(node_binary))
