"""Fixtures for tests against real Dagster."""

import gc
import itertools
import json
import os
import socket
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import sqlalchemy
from dagster.components.testing.utils import component_defs
from dagster_component_templates import TikTokAdsIngestionComponent
from support_deployment import Deployment, deployed
from support_world import TOKEN, World, running_world

REPO_ROOT = Path(__file__).resolve().parents[2]
FAKE = Path(__file__).parent / "fixtures" / "fake-executable.mjs"

# Dagster's modules are a million objects that stay; each collection of garbage would go through all of them.
gc.collect()
gc.freeze()


@sqlalchemy.event.listens_for(sqlalchemy.Engine, "connect")
def _without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    """Dagster's storage of a test is thrown away, and each of its events would wait for the disk."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


BASIC = """
asset_name: tiktok_ads_data
access_token: "${TIKTOK_ACCESS_TOKEN}"
advertiser_ids: "1234567890,9876543210"
"""


@contextmanager
def packages_beside(name: str) -> Iterator[None]:
    """Lets packages be imported that setup put beside the environment.

    Not longer than needed: a project that is loaded describes every component it finds, and there are hundreds.
    """
    folder = str(Path(sys.prefix) / name)
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


class Fake:
    """The stand-in for the executable: what it shall do, and what it was told."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch
        for name in ("RECORD", "PID", "STOPPED", "GO", "CANARY"):
            monkeypatch.setenv(f"FAKE_{name}", str(folder / name.lower()))

    def does(self, scenario: str, **settings: str) -> None:
        self._monkeypatch.setenv("FAKE_SCENARIO", scenario)
        for name, value in settings.items():
            self._monkeypatch.setenv(f"FAKE_{name.upper()}", value)

    def path(self, name: str) -> Path:
        return self._folder / name

    @property
    def record(self) -> dict[str, Any]:
        return json.loads((self._folder / "record").read_text())

    @property
    def extras(self) -> dict[str, Any]:
        return self.record["context"]["extras"]


_numbers = itertools.count(1)


class Project:
    """A dg project in a temporary folder."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self.home = home
        # A name of its own, because Python keeps imported modules.
        self.module = f"sandbox_{next(_numbers)}"
        package = root / "src" / self.module
        self.defs = package / "defs"
        self.defs.mkdir(parents=True)
        (package / "__init__.py").touch()
        (package / "definitions.py").write_text(
            textwrap.dedent("""\
                from pathlib import Path

                from dagster import definitions, load_from_defs_folder


                @definitions
                def defs():
                    return load_from_defs_folder(path_within_project=Path(__file__).parent)
                """)
        )
        (root / "pyproject.toml").write_text(
            textwrap.dedent(f"""\
                [project]
                name = "sandbox"
                version = "0.1.0"

                [tool.dg]
                directory_type = "project"

                [tool.dg.project]
                root_module = "{self.module}"
                registry_modules = []

                [tool.dg.cli.telemetry]
                enabled = false
                """)
        )
        home.mkdir()
        (home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")

    def add(self, name: str, attributes: str, more: str = "") -> Path:
        folder = self.defs / name
        folder.mkdir()
        body = textwrap.indent(textwrap.dedent(attributes).strip("\n"), "  ")
        file = folder / "defs.yaml"
        head = "type: dagster_component_templates.TikTokAdsIngestionComponent\n\nattributes:\n"
        file.write_text(f"{head}{body}\n{textwrap.dedent(more)}")
        return file

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DAGSTER_HOME": str(self.home),
            "PYTHONPATH": str(self.root / "src"),
            "PYTHONWARNINGS": "ignore",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "VIRTUAL_ENV": sys.prefix,
        }

    def load(self) -> dg.Definitions:
        """The project's definitions, loaded in this process."""
        sys.path.insert(0, str(self.root / "src"))
        try:
            return dg.load_from_defs_folder(path_within_project=self.defs)
        finally:
            sys.path.remove(str(self.root / "src"))

    def dg(self, *arguments: str, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """Runs a dg command in the project; what it says is in `stdout`."""
        program = Path(sys.executable).parent / "dg"
        return subprocess.run(
            [program, *arguments],
            cwd=self.root,
            env=self.environment,
            timeout=timeout,
            check=False,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The checkout."""
    return REPO_ROOT


@pytest.fixture(scope="session")
def node_binary() -> Path:
    """The Node that package.json pins."""
    return REPO_ROOT / "node_modules" / "node" / "bin" / ("node.exe" if sys.platform == "win32" else "node")


@pytest.fixture
def free_port() -> int:
    """A loopback port that nothing has at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty dg project."""
    return Project(tmp_path / "project", tmp_path / "home")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, node_binary: Path) -> Fake:
    """The stand-in is what the component starts."""
    folder = tmp_path / "fake"
    folder.mkdir()
    monkeypatch.setenv("TIKTOK_ADS_EXECUTABLE", str(FAKE))
    monkeypatch.setenv("TIKTOK_ADS_NODE", str(node_binary))
    return Fake(folder, monkeypatch)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster instance in memory."""
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def load() -> Callable[..., TikTokAdsIngestionComponent]:
    """Makes a component from attributes in YAML, on top of the basic ones."""

    def make(
        attributes: str = "",
        *,
        basic: bool = True,
        cls: type[TikTokAdsIngestionComponent] = TikTokAdsIngestionComponent,
    ) -> TikTokAdsIngestionComponent:
        return cls.resolve_from_yaml((BASIC if basic else "") + textwrap.dedent(attributes))

    return make


@pytest.fixture
def run(instance: dg.DagsterInstance) -> Callable[..., dg.ExecuteInProcessResult]:
    """Materializes a component's assets in this process. `partitions`: one key, or first and last key of a range."""

    def materialize(
        component: TikTokAdsIngestionComponent, *, partitions: str | tuple[str, str] | None = None, **options: Any
    ) -> dg.ExecuteInProcessResult:
        tags = dict(options.pop("tags", {}))
        if isinstance(partitions, tuple):
            tags |= {
                "dagster/asset_partition_range_start": partitions[0],
                "dagster/asset_partition_range_end": partitions[1],
            }
        return dg.materialize(
            component_defs(component=component).assets,
            instance=options.pop("instance", instance),
            partition_key=partitions if isinstance(partitions, str) else None,
            tags=tags,
            raise_on_error=options.pop("raise_on_error", True),
            **options,
        )

    return materialize


@pytest.fixture(scope="session")
def simulator(node_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The API simulator, one for all tests."""
    main = REPO_ROOT / "dist" / "main.mjs"
    assert main.exists(), "build first: npm run build"
    with running_world(node_binary, main, tmp_path_factory.mktemp("simulator")) as world:
        yield world


@pytest.fixture
def world(simulator: World, node_binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The simulator as new, the real executable asking it, and a working directory of the test's own."""
    simulator.reset()
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "TIKTOK_ADS_EXECUTABLE": str(REPO_ROOT / "dist" / "main.mjs"),
        "TIKTOK_ADS_NODE": str(node_binary),
        "TIKTOK_ADS_STATE_DIR": str(tmp_path / "state"),
        "TIKTOK_ADS_API_BASE_URL": simulator.url,
        "TIKTOK_ACCESS_TOKEN": TOKEN,
    }.items():
        monkeypatch.setenv(name, value)
    return simulator


@pytest.fixture
def deploy(project: Project) -> Iterator[Callable[[str], Deployment]]:
    """Deploys a component of these attributes: GraphQL, backfills and re-executions as in the UI."""
    with ExitStack() as stack:

        def make(attributes: str) -> Deployment:
            project.add("ads", attributes)
            return stack.enter_context(deployed(project))

        yield make
