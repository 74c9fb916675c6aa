"""The console script `tiktok-ads`: finds Node and the executable as the component does, and becomes that program.

A module beside the package, because importing the package imports Dagster, which takes seconds.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

EXIT_NOT_INSTALLED = 127
EXIT_INTERRUPTED = 130


def main() -> int:
    """Runs the executable with this process's arguments.

    Returns only where a process cannot become another (Windows), or if Node or the executable is missing.
    """
    executable = _executable_module()
    try:
        program = [str(executable.find_node(os.environ)), str(executable.find_executable(os.environ)), *sys.argv[1:]]
    except executable.NotInstalledError as error:
        print(f"tiktok-ads: {error}", file=sys.stderr)
        return EXIT_NOT_INSTALLED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    if sys.platform != "win32":
        os.execv(program[0], program)
    with subprocess.Popen(program) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                # The console gave Ctrl-C to the child too, which ends by itself.
                continue


def _executable_module() -> ModuleType:
    """`dagster_component_templates.executable`, without what the package imports."""
    package = importlib.util.find_spec("dagster_component_templates")
    if package is None or package.origin is None:
        raise ImportError("dagster_component_templates is not installed beside tiktok_ads_command")
    spec = importlib.util.spec_from_file_location(
        "_tiktok_ads_executable", Path(package.origin).parent / "executable.py"
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{package.origin} cannot be loaded from its file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
