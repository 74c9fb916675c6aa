"""Stubs of the Docker Engine, Kubernetes and AWS (ECS, CloudWatch Logs) APIs at the level of HTTP.

A "container" is the real executable as a process of this machine, with just the environment that the API was told.
"""

import datetime
import json
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

POD_SECRETS = {"tiktok-ads": {"access-token": "simulated-access-token"}}
TASK = "arn:aws:ecs:eu-west-1:1:task/default/task-1"


class Container:
    """The executable as a process, with what it has written so far."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        self.lines: list[tuple[str, bytes]] = []
        """Stream (`stdout` or `stderr`) and line, without its end."""
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._readers = [threading.Thread(target=self._read, args=(name,)) for name in ("stdout", "stderr")]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str) -> None:
        for line in getattr(self._process, name):
            self.lines.append((name, line.rstrip(b"\n")))

    @property
    def code(self) -> int | None:
        code = self._process.poll()
        return None if code is None or any(reader.is_alive() for reader in self._readers) else code

    def follow(self) -> Iterator[tuple[str, bytes]]:
        """Every line, until the process has ended."""
        seen = 0
        while True:
            ended = self.code is not None
            for line in self.lines[seen:]:
                seen += 1
                yield line
            if ended and seen == len(self.lines):
                return
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(20)
        for reader in self._readers:
            reader.join(20)


class Host:
    """What runs containers, and what its API was asked."""

    def __init__(self, command: Sequence[str], folder: Path, base: Mapping[str, str]) -> None:
        self._command, self._folder, self._base = command, folder, base
        self.asked: list[tuple[str, Any]] = []
        """Method with path (or AWS's action), and body, of every request."""
        self.container: Container | None = None
        self.removed = threading.Event()

    def start(self, environment: Mapping[str, str]) -> Container:
        self.container = Container(self._command, self._folder, {**self._base, **environment})
        return self.container

    def remove(self) -> None:
        if self.container is not None:
            self.container.stop()
        self.removed.set()


class _Api(BaseHTTPRequestHandler):
    """Answers are closed with the connection, so that a body may grow while it is read."""

    host: Host

    def log_message(self, *_: Any) -> None: ...

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except (ConnectionError, BrokenPipeError):
            self.close_connection = True

    def _body(self) -> Any:
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(text) if text else None
        place = self.headers.get("X-Amz-Target") or f"{self.command} {urlsplit(self.path).path}"
        self.host.asked.append((place, body))
        return body

    def _json(self, answer: Any, status: int = 200, kind: str = "application/json") -> None:
        text = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _grow(self, pieces: Iterator[bytes]) -> None:
        self.send_response(200)
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()


class DockerApi(_Api):
    """Docker's Engine API, as far as a client that runs one container asks it."""

    created: Any = None

    def do_GET(self) -> None:
        self._body()
        path = urlsplit(self.path).path
        if path.endswith("/version"):
            self._json({"ApiVersion": "1.45", "MinAPIVersion": "1.24", "Version": "27.0"})
        elif path.endswith("/logs"):
            assert self.host.container is not None
            self._grow(self._frames(self.host.container))
        else:
            self._json({"Id": "c1", "Name": "/c1", "Config": {"Tty": False, "Image": "image"}, "State": {}})

    def _frames(self, container: Container) -> Iterator[bytes]:
        # As Docker does: a frame has at most 16 KB, so that a long line comes in pieces.
        for stream, line in container.follow():
            if stream == "stderr":
                whole = line + b"\n"
                for at in range(0, len(whole), 16384):
                    piece = whole[at : at + 16384]
                    yield struct.pack(">BxxxL", 2, len(piece)) + piece

    def do_POST(self) -> None:
        body, path = self._body(), urlsplit(self.path).path
        if path.endswith("/create"):
            type(self).created = body
            self._json({"Id": "c1", "Warnings": []}, 201)
        elif path.endswith("/start"):
            self.host.start(dict(variable.split("=", 1) for variable in self.created["Env"]))
            self._json(None, 204)
        elif path.endswith("/wait"):
            assert self.host.container is not None
            list(self.host.container.follow())
            self._json({"StatusCode": self.host.container.code})
        else:
            self.host.remove()
            self._json(None, 204)


class KubernetesApi(_Api):
    """The Kubernetes API, as far as a client that runs one pod asks it."""

    pod: Any = None

    def do_GET(self) -> None:
        self._body()
        container = self.host.container
        if urlsplit(self.path).path.endswith("/log"):
            assert container is not None
            self._grow(f"{_now()} ".encode() + line + b"\n" for _, line in container.follow())
        else:
            self._json(
                {"kind": "PodList", "apiVersion": "v1", "items": [] if container is None else [self._pod(container)]}
            )

    def _pod(self, container: Container) -> Any:
        began = _now()
        state = (
            {"running": {"startedAt": began}}
            if container.code is None
            else {
                "terminated": {
                    "exitCode": container.code,
                    "startedAt": began,
                    "finishedAt": began,
                    "reason": "Completed",
                }
            }
        )
        name = self.pod["spec"]["containers"][0]["name"]
        status = {"name": name, "ready": True, "restartCount": 0, "image": "i", "imageID": "i", "state": state}
        return {**self.pod, "status": {"phase": "Running", "containerStatuses": [status]}}

    def do_POST(self) -> None:
        type(self).pod = self._body()
        variables = {}
        for one in self.pod["spec"]["containers"][0]["env"]:
            source = one.get("valueFrom", {}).get("secretKeyRef")
            variables[one["name"]] = one["value"] if source is None else POD_SECRETS[source["name"]][source["key"]]
        self.host.start(variables)
        self._json(self.pod, 201)

    def do_DELETE(self) -> None:
        self._body()
        self.host.remove()
        self._json({"kind": "Status", "apiVersion": "v1", "status": "Success"})


class AwsApi(_Api):
    """AWS's ECS and CloudWatch Logs, as far as a client that runs one task asks them."""

    def do_POST(self) -> None:
        body = self._body()
        action = str(self.headers["X-Amz-Target"]).rpartition(".")[2]
        self._json(getattr(self, action)(body), kind="application/x-amz-json-1.1")

    def DescribeTaskDefinition(self, _: Any) -> Any:
        options = {"awslogs-group": "g", "awslogs-stream-prefix": "p", "awslogs-region": "eu-west-1"}
        container = {"name": "tiktok-ads", "logConfiguration": {"logDriver": "awslogs", "options": options}}
        return {"taskDefinition": {"containerDefinitions": [container]}}

    def RunTask(self, body: Any) -> Any:
        [override] = body["overrides"]["containerOverrides"]
        # The task definition has the token, from a secret of AWS.
        secret = {"TIKTOK_ACCESS_TOKEN": POD_SECRETS["tiktok-ads"]["access-token"]}
        self.host.start({**secret, **{one["name"]: one["value"] for one in override["environment"]}})
        return {"tasks": [self._task()], "failures": []}

    def DescribeTasks(self, _: Any) -> Any:
        return {"tasks": [self._task()], "failures": []}

    def StopTask(self, _: Any) -> Any:
        self.host.remove()
        return {"task": self._task()}

    def _task(self) -> Any:
        assert self.host.container is not None
        code = self.host.container.code
        container = {"name": "tiktok-ads", "runtimeId": "r1", **({} if code is None else {"exitCode": code})}
        status = "RUNNING" if code is None else "STOPPED"
        place = {"taskArn": TASK, "clusterArn": "arn:aws:ecs:eu-west-1:1:cluster/default"}
        return {**place, "lastStatus": status, "containers": [container]}

    def DescribeLogStreams(self, body: Any) -> Any:
        return {"logStreams": [{"logStreamName": body["logStreamNamePrefix"]}]}

    def GetLogEvents(self, body: Any) -> Any:
        assert self.host.container is not None
        seen, lines = int(body.get("nextToken", "0")), list(self.host.container.lines)
        events = [
            {"timestamp": int(time.time() * 1000), "ingestionTime": 1, "message": line.decode()}
            for _, line in lines[seen:]
        ]
        return {"events": events, "nextForwardToken": str(len(lines)), "nextBackwardToken": "0"}


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@contextmanager
def serving(api: type[_Api], host: Host) -> Iterator[str]:
    """Serves an API on a free port; gives its address."""
    handler: Callable[..., Any] = type("Api", (api,), {"host": host})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        host.remove()
        server.shutdown()
        server.server_close()
