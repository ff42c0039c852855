"""The action server itself: a process on loopback that answers Rasa, is quiet, and stops when told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from actions.executor import build_executor
from tests.unit.rehearsal import IN_HOURS, ROOT, facts

START_SECONDS = 20
LARGEST_MEGABYTES = 150


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(name: str) -> dict[str, object]:
    """An action call as Rasa 3.6.21 sends it, without the domain (enable_selective_domain)."""
    message = {
        "intent": {"name": "ask_bin_day"},
        "entities": [],
        "purposes": ["ask_bin_day"],
        "text": "bin day?",
    }
    tracker = {
        "sender_id": "t-1",
        "slots": {"visibility": "private", "channel": "x", "now": IN_HOURS},
        "latest_message": message,
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": "action_listen",
    }
    return {"version": "3.6.21", "next_action": name, "sender_id": "t-1", "tracker": tracker}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    port = free_port()
    environ = {**os.environ, "LOG_LEVEL": "WARNING", "SIGNPOST_OPEN311_URL": ""}
    process = subprocess.Popen(
        [sys.executable, "-m", "actions", "--port", str(port)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).read()
                break
            except OSError:
                assert process.poll() is None, process.stdout.read() if process.stdout else ""
                time.sleep(0.1)
        yield port, process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


def test_should_answer_rasa_over_http(running: tuple[int, subprocess.Popen[bytes]]) -> None:
    port, _ = running
    body = json.dumps(call("action_signpost")).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/webhook", data=body, headers={"Content-Type": "application/json"}
    )
    answer = json.loads(urllib.request.urlopen(request, timeout=5).read())
    assert answer["responses"][0]["response"] == "utter_service"
    assert answer["responses"][0]["custom"]["outcome"] == "signposted"
    assert {"event": "slot", "timestamp": None, "name": "disclosed", "value": True} in answer["events"]


def test_should_listen_on_loopback_only_in_one_small_process(
    running: tuple[int, subprocess.Popen[bytes]],
) -> None:
    port, process = running
    seen = psutil.Process(process.pid)
    listening = [each.laddr for each in seen.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    assert [(each.ip, each.port) for each in listening] == [("127.0.0.1", port)]
    assert seen.children() == []
    assert seen.memory_info().rss < LARGEST_MEGABYTES * 1_000_000


def test_should_be_quiet_and_stop_when_told(running: tuple[int, subprocess.Popen[bytes]]) -> None:
    _, process = running
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=10)[0].decode()
    assert process.returncode == 0
    assert "bin day?" not in said
    assert len(said.splitlines()) <= 3, said


def test_should_say_where_a_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "council.yml").write_text("name: [\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "actions", "--root", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 2
    assert "council.yml:" in done.stderr
    assert "Traceback" not in done.stderr


def test_should_register_every_action_once() -> None:
    names = [each.name for each in build_executor(facts(), {}).list_actions()]
    assert sorted(names) == [
        "action_about_bot",
        "action_affirm",
        "action_check_report",
        "action_deny",
        "action_hand_over",
        "action_opt_out",
        "action_other_language",
        "action_out_of_scope",
        "action_policy",
        "action_safety",
        "action_signpost",
        "action_small_talk",
        "action_unclear",
    ]
