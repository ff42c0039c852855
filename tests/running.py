"""The whole of Signpost as users start it, with its sandbox, for journeys and faults: real processes, real sockets."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN_SECONDS = 120.0
ANSWER_WITHIN_SECONDS = 20.0


def free_ports() -> int:
    """A port that is free, with the next one free too (the sandbox's).

    Below the range that systems give to outgoing connections, so that it is still free when Signpost gets to it.
    """
    for _ in range(100):
        port = secrets.choice(range(20_000, 30_000, 2))
        try:
            for each in (port, port + 1):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", each))
        except OSError:
            continue
        return port
    raise RuntimeError("no two free ports side by side")


class Running:
    """A running Signpost: `say` as a resident, read `answers`, look at its processes."""

    def __init__(self, port: int, data_dir: Path, process: subprocess.Popen[bytes], log: Path) -> None:
        self.port = port
        self.data_dir = data_dir
        self.process = process
        self.log = log

    @property
    def service(self) -> str:
        """The service's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        """The sandbox's address."""
        return f"http://127.0.0.1:{self.port + 1}"

    def control(self, method: str, path: str, document: object = None) -> Any:
        """A call of the sandbox's own API."""
        return json.loads(call(method, f"{self.sandbox}/sandbox/{path}", document)[1])

    def say(self, platform: str, visibility: str, person: str, text: str, **more: Any) -> dict[str, Any]:
        """Write as a resident."""
        document = {"platform": platform, "visibility": visibility, "person": person, "text": text} | more
        said: dict[str, Any] = self.control("POST", "say", document)
        return said

    def thread(self, platform: str, visibility: str, person: str) -> list[dict[str, Any]]:
        """All that a resident sees in a conversation, oldest first."""
        query = f"conversation?platform={platform}&visibility={visibility}&person={person}"
        shown: Any = self.control("GET", query)
        return list(shown if isinstance(shown, list) else shown["messages"])

    def answers(self, platform: str, visibility: str, person: str) -> list[str]:
        """What the council said in a conversation, oldest first."""
        return [
            said["text"] for said in self.thread(platform, visibility, person) if said["from"] == "council"
        ]

    def ask(self, platform: str, visibility: str, text: str, person: str | None = None, **more: Any) -> str:
        """Write as a resident (a new one unless named) and wait for the next answer."""
        person = person or f"resident_{secrets.token_hex(4)}"
        before = len(self.answers(platform, visibility, person))
        self.say(platform, visibility, person, text, **more)
        eventually(lambda: len(self.answers(platform, visibility, person)) > before)
        return self.answers(platform, visibility, person)[before]

    def cases(self) -> list[dict[str, Any]]:
        """The open cases, as `./signpost cases --json` gives them."""
        shown = subprocess.run(
            [sys.executable, "-m", "bot.cli", "cases", "--json"],
            cwd=ROOT,
            env=os.environ | {"SIGNPOST_DATA_DIR": str(self.data_dir)},
            capture_output=True,
            check=True,
        )
        return list(json.loads(shown.stdout))

    def child(self, module: str) -> psutil.Process:
        """The process that runs a module, for example `bot.nlu.serve`."""
        for process in psutil.Process(self.process.pid).children(recursive=True):
            command = process.cmdline()
            if "-m" in command and module in command:
                return process
        raise LookupError(f"no process runs {module}")

    def wait_ready(self) -> None:
        """Until every part answers; raises with the last of the log when it does not."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"ended with {self.process.returncode}:\n{self.tail()}")
            if is_ready(f"{self.service}/readyz") and is_ready(f"{self.sandbox}/sandbox/setup"):
                return
            time.sleep(0.2)
        raise RuntimeError(f"not ready after {READY_WITHIN_SECONDS:.0f} s:\n{self.tail()}")

    def tail(self) -> str:
        """The last of what was printed."""
        return self.log.read_text(errors="replace")[-4000:]

    def stop(self) -> int:
        """End it as a user does; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)


@contextmanager
def running(data_dir: Path, **settings: str) -> Iterator[Running]:
    """Start all of Signpost with a data folder of its own; stopped at the end of the block."""
    data_dir.mkdir(parents=True, exist_ok=True)
    port, log = free_ports(), data_dir / "run.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGNPOST_")}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "run", "--port", str(port), "--data-dir", str(data_dir)],
            cwd=ROOT,
            env=environment | settings,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    started = Running(port, data_dir, process, log)
    try:
        started.wait_ready()
        started.control("PUT", "limits", {"limits": "off"})
        yield started
    finally:
        started.stop()


def call(method: str, address: str, document: object = None) -> tuple[int, bytes]:
    """One HTTP call; raises HTTPError for a status of 400 and above."""
    data = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        error.close()
        raise


def is_ready(address: str) -> bool:
    """Whether something answers there with 200."""
    try:
        return call("GET", address)[0] == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def eventually(condition: Callable[[], bool], seconds: float = ANSWER_WITHIN_SECONDS) -> None:
    """Wait until the condition holds; raises AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        time.sleep(0.05)
