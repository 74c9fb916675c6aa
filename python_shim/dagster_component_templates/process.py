"""One child process: started, watched, and ended in every way out."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

TAIL_BYTES = 4096
JOIN_SECONDS = 2.0
EXIT_SECONDS = 3.0
POLL_SECONDS = 0.05


class ChildProcess:
    """Runs a command whose stdin is a pipe that this process holds open.

    The pipe's end tells the child that its parent is gone.

    Standard output goes where this process's goes; standard error too, and its last lines are kept, for a child that
    dies without a word.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(command, env=dict(environment), stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        self._tail = b""
        self._forwarder = threading.Thread(target=self._forward, name="child-stderr", daemon=True)
        self._forwarder.start()

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._process.pid

    @property
    def last_words(self) -> str:
        """The last lines that the child wrote to standard error."""
        return self._tail.decode(errors="replace").strip()

    def poll(self, timeout: float) -> int | None:
        """Waits at most `timeout` seconds for the end.

        Gives the exit code, negative for a signal, or None if it still runs.
        """
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        self._forwarder.join(JOIN_SECONDS)
        return code

    def close(self, patience: Sequence[float], has_finished: Callable[[], bool]) -> None:
        """Ends the child if it still runs: SIGINT, wait, SIGTERM, wait, SIGKILL.

        `patience`: seconds of the two waits. `has_finished` tells that the child has said its last word, after which it
        gets EXIT_SECONDS only: native libraries can hang while a process exits.
        """
        try:
            signals = (signal.SIGTERM,) if sys.platform == "win32" else (signal.SIGINT, signal.SIGTERM)
            for number, seconds in zip(signals, patience, strict=False):
                if self._process.poll() is not None or has_finished():
                    break
                self._process.send_signal(number)
                self._wait(seconds, has_finished)
            self._wait(EXIT_SECONDS if has_finished() else 0, lambda: False)
        finally:
            # Reached at once if the user interrupts the waiting.
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._forwarder.join(JOIN_SECONDS)

    def _wait(self, seconds: float, until: Callable[[], bool]) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and not until() and self.poll(POLL_SECONDS) is None:
            pass

    def _forward(self) -> None:
        source = self._process.stderr
        assert isinstance(source, io.BufferedReader)
        with source:
            while chunk := source.read1(1 << 16):
                self._tail = (self._tail + chunk)[-TAIL_BYTES:]
                # To the descriptor, not to sys.stderr: there Dagster collects a step's output.
                os.write(2, chunk)
