"""How quick and how big a running Signpost is, from a resident's message to the answer at the platform, as JSON."""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = (
    "someone has dumped a mattress in the alley behind our flats",
    "massive pothole on Mill Lane, it has burst my tyre",
    "my recycling bin was not collected this morning",
    "the street light outside my house has been out for a week",
    "how do I renew my resident parking permit",
    "there are rats running around our back yard",
    "when is the library open on Saturday",
    "there is a power cut in our street",
)
READY_WITHIN_SECONDS = 180.0
DRAINED_WITHIN_SECONDS = 120.0
REPORTED = ("examples", "intents", "seconds", "accuracy", "accuracy_top_3", "calibration_error")
PARTS = {"service": "bot.service", "rasa": "bot.nlu.serve", "actions": "actions"}


class Bench:
    """A Signpost of its own, started for the measurement and stopped after it."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self._sandbox = f"http://127.0.0.1:{port + 1}/sandbox/"
        self._ready = f"http://127.0.0.1:{port}/readyz"
        self._process = process

    def wait_ready(self) -> float:
        """Until every part answers; the seconds that took."""
        started = time.monotonic()
        while time.monotonic() - started < READY_WITHIN_SECONDS:
            if self._process.poll() is not None:
                raise SystemExit("signpost bench: Signpost did not start; try ./signpost run")
            try:
                with urllib.request.urlopen(self._ready, timeout=5):
                    return time.monotonic() - started
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise SystemExit(f"signpost bench: not ready after {READY_WITHIN_SECONDS:.0f} s")

    def call(self, method: str, path: str, document: object = None) -> Any:
        """A call of the sandbox's own API."""
        data = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(
            self._sandbox + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.loads(response.read())

    def at_a_rate(self, per_second: float, seconds: float, tag: str) -> dict[str, float]:
        """Messages of that many different residents at an even rate: how long each waits for its answer."""
        said: dict[str, float] = {}
        started = time.monotonic()
        for number in range(int(per_second * seconds)):
            time.sleep(max(0.0, started + number / per_second - time.monotonic()))
            person = f"{tag}_{number}"
            said[person] = self.call("POST", "say", _message(number, person))["monotonic"]
        answered = self._drained(set(said), tag)
        waits = [answered[person] - at for person, at in said.items()]
        return {
            "offered_per_second": per_second,
            "messages": len(waits),
            "p50_ms": _percentile(waits, 50),
            "p95_ms": _percentile(waits, 95),
            "max_ms": round(max(waits) * 1000, 1),
        }

    def at_once(self, count: int, residents: int, tag: str) -> dict[str, float]:
        """A heap of messages written at once: how many turns a second work it off."""
        messages = [_message(number, f"{tag}_{number % residents}") for number in range(count)]
        started = self.call("POST", "say", {"messages": messages})["messages"][0]["monotonic"]
        deadline = time.monotonic() + DRAINED_WITHIN_SECONDS
        sent: list[Any] = []
        after = 0
        while True:
            # Only what is new: to look must not cost what is measured.
            for row in self.call("GET", f"sent?after={after}"):
                after = row["number"]
                if str(row["to"]).startswith(tag):
                    sent.append(row)
            if len(sent) >= count or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        seconds = max(row["monotonic"] for row in sent) - started
        return {
            "messages": count,
            "answered": len(sent),
            "seconds": round(seconds, 2),
            "turns_per_second": round(len(sent) / seconds, 1),
        }

    def accepted(self) -> dict[str, float]:
        """How long a delivery waits for our 200, over all so far."""
        attempts = [attempt for row in self.call("GET", "deliveries") for attempt in row["attempts"]]
        taken = [attempt["seconds"] for attempt in attempts if attempt["status"] == 200]
        return {
            "deliveries": len(attempts),
            "taken": len(taken),
            "p50_ms": _percentile(taken, 50),
            "p95_ms": _percentile(taken, 95),
        }

    def memory(self) -> dict[str, float]:
        """Resident memory of each process, and of all three together, in MB; `pss` shares what is shared."""
        found: dict[str, float] = {}
        total_pss = 0.0
        for child in psutil.Process(self._process.pid).children(recursive=True):
            command = child.cmdline()
            for part, module in PARTS.items():
                if "-m" in command and module in command:
                    full = child.memory_full_info()
                    found[f"{part}_rss_mb"] = round(full.rss / 1e6, 1)
                    total_pss += getattr(full, "pss", full.rss) / 1e6
        return found | {
            "together_rss_mb": round(sum(found.values()), 1),
            "together_pss_mb": round(total_pss, 1),
        }

    def _drained(self, people: set[str], tag: str) -> dict[str, float]:
        """When each of the people was answered first."""
        deadline = time.monotonic() + DRAINED_WITHIN_SECONDS
        while True:
            answered: dict[str, float] = {}
            for row in self.call("GET", "sent"):
                if row["to"] in people:
                    answered.setdefault(row["to"], row["monotonic"])
            if len(answered) == len(people):
                return answered
            if time.monotonic() > deadline:
                raise SystemExit(f"signpost bench: {len(people) - len(answered)} of {tag} were not answered")
            time.sleep(0.5)


def training() -> dict[str, Any]:
    """What the live model's register says of its training."""
    live = ROOT / "models" / "live.json"
    if not live.exists():
        return {}
    model = json.loads(live.read_text())["model"]
    facts: dict[str, Any] = json.loads((ROOT / "models" / f"{model}.json").read_text())
    return {"model": model, "report": {key: facts[key] for key in REPORTED if key in facts}}


def _message(number: int, person: str) -> dict[str, str]:
    platform = ("x", "facebook")[number % 2]
    return {
        "platform": platform,
        "visibility": "private",
        "person": person,
        "text": MESSAGES[number % len(MESSAGES)],
    }


def _percentile(values: Sequence[float], percent: int) -> float:
    """In milliseconds; values in seconds."""
    if len(values) < 2:
        return round(1000 * values[0], 1) if values else 0.0
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1] * 1000, 1)


def main() -> int:
    """Start a Signpost of its own, measure, print, stop."""
    parser = argparse.ArgumentParser(prog="./signpost bench", description=__doc__)
    parser.add_argument("--port", type=int, default=18480, help="first of the ports to use")
    parser.add_argument("--seconds", type=float, default=30, help="how long to send at a steady rate")
    parser.add_argument("--rate", type=float, default=5, help="messages a second in the steady part")
    parser.add_argument("--heap", type=int, default=600, help="messages written at once in the second part")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="signpost-bench-") as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGNPOST_")}
        with (Path(folder) / "run.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "bot.cli", "run"),
                    *("--port", str(options.port), "--data-dir", str(Path(folder) / "var")),
                ],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            bench = Bench(options.port, process)
            ready_seconds = bench.wait_ready()
            bench.call("PUT", "limits", {"limits": "off"})
            bench.at_a_rate(options.rate, 2, "warm")
            reply = bench.at_a_rate(options.rate, options.seconds, "steady")
            accept = bench.accepted()
            heap = bench.at_once(options.heap, max(1, options.heap // 10), "heap")
            report = {
                "cores": psutil.cpu_count(),
                "start_seconds": round(ready_seconds, 1),
                "accept": accept,
                "reply_after_webhook": reply,
                "sustained": heap,
                "memory": bench.memory(),
                "training": training(),
            }
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)
    print(json.dumps(report, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
