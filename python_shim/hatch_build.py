"""Builds the wheel: puts the bundled executable and DuckDB's library for one platform into the package.

An editable install skips this and runs the checkout's own `dist/main.mjs`.

Environment variable `TIKTOK_ADS_WHEEL_PLATFORM` chooses another platform than this machine's, by npm's name
(`linux-x64`, `linux-arm64-musl`, `darwin-arm64`, `win32-x64`, ...): wheels of all platforms can be built on one
machine.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# npm's name of a platform -> the wheel's tag. DuckDB's Linux library needs glibc 2.25, so manylinux_2_28 is safe.
WHEEL_TAGS = {
    "linux-x64": "manylinux_2_28_x86_64",
    "linux-arm64": "manylinux_2_28_aarch64",
    "linux-x64-musl": "musllinux_1_2_x86_64",
    "linux-arm64-musl": "musllinux_1_2_aarch64",
    "darwin-x64": "macosx_11_0_x86_64",
    "darwin-arm64": "macosx_11_0_arm64",
    "win32-x64": "win_amd64",
    "win32-arm64": "win_arm64",
}


class BundleHook(BuildHookInterface):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundles into `build/` and adds the result to the wheel as `dagster_component_templates/_js`."""
        if version == "editable" or self.target_name != "wheel":
            return
        checkout = Path(self.root).parent
        script = checkout / "scripts" / "bundle.mjs"
        if not script.exists():
            raise RuntimeError("The wheel is built in a checkout of the repository, with --wheel (not from an sdist).")
        name = os.environ.get("TIKTOK_ADS_WHEEL_PLATFORM") or this_platform()
        if name not in WHEEL_TAGS:
            raise RuntimeError(f"There is no DuckDB library for {name}. Known: {', '.join(WHEEL_TAGS)}.")
        stage = Path(self.root) / "build" / name
        shutil.rmtree(stage, ignore_errors=True)
        subprocess.run([node(checkout), str(script), str(stage), name], cwd=checkout, check=True)
        build_data["force_include"][str(stage)] = "dagster_component_templates/_js"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{WHEEL_TAGS[name]}"


def this_platform() -> str:
    system = {"linux": "linux", "darwin": "darwin", "win32": "win32"}.get(sys.platform, sys.platform)
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine()
    )
    musl = system == "linux" and platform.libc_ver()[0] != "glibc"
    return f"{system}-{machine}{'-musl' if musl else ''}"


def node(checkout: Path) -> str:
    """The Node that the checkout pins, else the one on PATH."""
    pinned = checkout / "node_modules" / "node" / "bin" / ("node.exe" if sys.platform == "win32" else "node")
    found = str(pinned) if pinned.exists() else shutil.which("node")
    if found is None:
        raise RuntimeError("Node is needed to build the wheel: run `npm ci` in the checkout.")
    return found
