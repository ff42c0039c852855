"""Small programs that stand in for Rasa, the service and the others where only their supervision is tested."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from bot.run.child import ChildPlan
from tests.running import free_ports

SERVER = """
import http.server, os, signal, subprocess, sys, time
port, folder, behaviour = int(sys.argv[1]), sys.argv[2], sys.argv[3].split(",")
name = sys.argv[4]
starts = os.path.join(folder, name + ".starts")
with open(starts, "a") as file:
    file.write(str(os.getpid()) + "\\n")
count = len(open(starts).read().split())
print("this is", name, "start", count)
if "fails" in behaviour or ("fails-again" in behaviour and 1 < count < 4):
    sys.exit("ValueError: the model is of another age")
if "deaf" in behaviour:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    def end(*_):
        with open(os.path.join(folder, "stopped"), "a") as file:
            file.write(name + "\\n")
        os._exit(0)
    signal.signal(signal.SIGTERM, end)
if "parent" in behaviour:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    with open(os.path.join(folder, name + ".grandchild"), "w") as file:
        file.write(str(child.pid))
if "silent" in behaviour:
    time.sleep(1000)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status = 503 if "unready" in behaviour else 200
        body = b"database: locked" if status == 503 else b"ok"
        self.send_response(status); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""


@dataclass(frozen=True)
class Stand:
    """Where stand-ins leave their traces."""

    folder: Path

    def plan(self, name: str, behaviour: str = "", ready_within: float = 20) -> ChildPlan:
        """A stand-in; `behaviour` is `fails`, `fails-again` (2nd, 3rd), `deaf`, `parent`, `silent`, `unready`."""
        port = free_ports()
        return ChildPlan(
            name=name,
            command=(sys.executable, "-u", "-c", SERVER, str(port), str(self.folder), behaviour, name),
            environment=dict(os.environ),
            ready_url=f"http://127.0.0.1:{port}/",
            ready_within=ready_within,
        )

    def starts(self, name: str) -> list[int]:
        """The process ids of its starts, in order."""
        path = self.folder / f"{name}.starts"
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def grandchild(self, name: str) -> int:
        """The process id of what it started itself."""
        return int((self.folder / f"{name}.grandchild").read_text())

    def stopped(self) -> list[str]:
        """The names of those that were asked to stop and did, in order."""
        path = self.folder / "stopped"
        return path.read_text().split() if path.exists() else []
