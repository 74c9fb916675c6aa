"""Reads what the executable reports, message by message, and loses none."""

import json
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_pipes import PipesDefaultMessageWriter

POLL_SECONDS = 0.02
CHUNK_BYTES = 1 << 20
REJECTED_SHOWN_MAX = 5


class WholeLineMessageReader(dg.PipesMessageReader):
    """Reads one JSON message per line from a file in a temporary folder.

    Dagster's own file reader parses half-written lines and then stops for good, while the run goes on and succeeds.
    This one takes a line when its newline is there, and a message that cannot be handled is counted and skipped.
    `redact` sees each line first: what it takes out reaches no log and no event.
    """

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self.rejected: list[str] = []
        """Why messages were skipped, one text each; the first few."""
        self.rejected_count = 0

    @contextmanager
    def read_messages(self, handler: dg.PipesMessageHandler) -> Iterator[dict[str, Any]]:
        """Reads in a thread until the session ends, and then on to the end of the file."""
        with tempfile.TemporaryDirectory(prefix="tiktok-ads-pipes-") as folder:
            path = Path(folder, "messages")
            path.touch()
            ended = threading.Event()
            thread = threading.Thread(target=self._read, args=(path, handler, ended), name="pipes-reader", daemon=True)
            thread.start()
            try:
                yield {
                    PipesDefaultMessageWriter.FILE_PATH_KEY: os.fspath(path),
                    PipesDefaultMessageWriter.INCLUDE_STDIO_IN_MESSAGES_KEY: False,
                }
            finally:
                ended.set()
                thread.join()

    def no_messages_debug_text(self) -> str:
        """Completes Dagster's warning about a process that sent nothing."""
        return "Attempted to read messages from a local temporary file."

    def _read(self, path: Path, handler: dg.PipesMessageHandler, ended: threading.Event) -> None:
        rest = b""
        with path.open("rb") as file:
            while True:
                # Asked before reading: what was written before the end is then certainly read.
                last = ended.is_set()
                chunk = file.read(CHUNK_BYTES)
                if chunk:
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        self._handle(line, handler)
                elif last:
                    self._handle(rest, handler)
                    return
                else:
                    time.sleep(POLL_SECONDS)

    def _handle(self, line: bytes, handler: dg.PipesMessageHandler) -> None:
        if not line.strip():
            return
        try:
            handler.handle_message(json.loads(self._redact(line.decode())))
        except Exception as error:
            self.rejected_count += 1
            if self.rejected_count <= REJECTED_SHOWN_MAX:
                self.rejected.append(f"{type(error).__name__}: {error}")
