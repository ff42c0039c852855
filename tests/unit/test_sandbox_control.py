"""The sandbox itself: its page, its own API, its clock, its start and its stop."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.clock import Clock
from sandbox.config import BadSetting, SandboxConfig, from_environment
from sandbox.rehearsal import rehearse

ROOT = Path(__file__).parents[2]


async def test_page_loads_nothing_from_elsewhere_and_runs_no_inline_script() -> None:
    async with rehearse() as stage:
        for path in ("/", "/sandbox/page/resident.css", "/sandbox/page/resident.js"):
            answer = await stage.call("GET", path)
            assert answer.status == 200
            assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        page = (await stage.call("GET", "/")).text
        assert "<script>" not in page
        assert "style=" not in page
        assert 'src="http' not in page
        assert 'href="http' not in page


async def test_script_writes_what_people_said_as_text_only() -> None:
    script = (ROOT / "sandbox" / "page" / "resident.js").read_text(encoding="utf-8")
    for risky in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert risky not in script


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"platform": "x"},
        {"platform": "letter", "person": "Ama", "text": "hello"},
        {"platform": "x", "person": "Ama", "text": " "},
        {"platform": "x", "person": "Ama", "text": "hello", "visibility": "secret"},
        {"platform": "x", "person": "Ama", "text": "hello", "shout": True},
        {"platform": "x", "person": "Ama", "text": "hello", "visibility": "public", "in_reply_to": "12"},
        {"platform": "facebook", "person": "Ama", "text": 5},
        ["not an object"],
    ],
)
async def test_saying_something_malformed_is_refused_with_a_sentence(wrong: object) -> None:
    async with rehearse() as stage:
        answer = await stage.call("POST", "/sandbox/say", wrong)
        assert answer.status == 400
        assert answer.document["error"].endswith(".")
        assert await stage.control("GET", "deliveries") == []


async def test_other_sites_can_neither_post_to_the_sandbox_nor_rebind_its_name() -> None:
    async with rehearse() as stage:
        said = {"platform": "x", "person": "Ama", "text": "hello"}
        foreign = await stage.call("POST", "/sandbox/say", said, {"Origin": "https://elsewhere.example"})
        assert foreign.status == 403
        rebound = await stage.call("GET", "/sandbox/sent", headers={"Host": "elsewhere.example"})
        assert rebound.status == 403
        own = await stage.call("POST", "/sandbox/say", said, {"Origin": stage.config.address})
        assert own.status == 200


async def test_changes_are_told_to_the_page_as_they_happen() -> None:
    async with rehearse() as stage, stage.session.get(f"{stage.config.address}/sandbox/events") as events:
        assert events.content_type == "text/event-stream"
        assert await events.content.readline() == b": hello\n"
        await stage.control("POST", "say", {"platform": "x", "person": "Ama", "text": "hello"})
        await events.content.readline()
        assert b'"type":"conversation"' in await asyncio.wait_for(events.content.readline(), 2)


async def test_reset_forgets_everything_but_who_people_are() -> None:
    async with rehearse() as stage:
        first = await stage.control("POST", "person", {"person": "Ama Mensah"})
        await stage.control("POST", "say", {"platform": "x", "person": "Ama Mensah", "text": "hello"})
        await stage.control("PUT", "faults", {"x": {"api": {"fault": "500"}}})
        await stage.control("POST", "advance_clock", {"days": 3})
        await stage.control("POST", "reset", {})
        lines = await stage.control("GET", "conversation?platform=x&visibility=private&person=Ama+Mensah")
        assert lines == []
        assert (await stage.control("GET", "faults"))["x"]["api"]["fault"] is None
        assert abs(stage.town.clock.now().timestamp() - time.time()) < 60
        assert await stage.control("POST", "person", {"person": "Ama Mensah"}) == first


async def test_person_is_the_same_in_another_run_and_automated_if_said_so() -> None:
    people = []
    for _ in range(2):
        async with rehearse() as stage:
            people.append(await stage.control("POST", "person", {"person": "Ama Mensah"}))
            said = {
                "platform": "x",
                "person": "Bot",
                "text": "beep",
                "visibility": "public",
                "automated": True,
            }
            await stage.control("POST", "say", said)
            (event,) = await stage.heard("x", 1)
            author = event["data"]["includes"]["users"][0]
            assert author["affiliation"]["description"] == "Automated"
    assert people[0] == people[1]


def test_fixed_clock_stands_still_while_limits_go_on() -> None:
    clock = Clock(datetime(2026, 8, 12, 9, 0, tzinfo=UTC))
    before, running = clock.now(), clock.running()
    time.sleep(0.02)
    assert clock.now() == before
    assert clock.running() > running
    assert clock.advance(3600).hour == 10


def test_settings_come_from_the_environment_and_empty_ones_do_not_count() -> None:
    environ = {
        "SIGNPOST_X_HANDLE": "MarlstowCouncil",
        "SIGNPOST_META_PAGE_ID": "",
        "SIGNPOST_NOW": "2026-08-12T10:00",
    }
    config = from_environment(environ)
    assert config.x_handle == "MarlstowCouncil"
    assert config.meta_page_id == SandboxConfig().meta_page_id
    assert config.now == datetime(2026, 8, 12, 9, 0, tzinfo=UTC)
    with pytest.raises(BadSetting):
        from_environment({"SIGNPOST_NOW": "yesterday"})


def test_secrets_do_not_show_when_a_config_is_printed() -> None:
    printed = repr(SandboxConfig(x_consumer_secret="hush-x", meta_app_secret="hush-meta"))
    assert "hush" not in printed


def _start(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox", *options],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("SIGNPOST_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_command_says_when_it_is_ready_and_stops_at_once_on_sigterm() -> None:
    port = _free_port()
    with _start("--port", str(port)) as process:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        with socket.create_connection(("127.0.0.1", port)) as listener:
            listener.sendall(b"GET /sandbox/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert listener.recv(10)
            started = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=5) == 0
            assert time.monotonic() - started < 1.5


def test_command_says_in_one_sentence_that_its_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with _start("--port", str(port)) as process:
            _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert said == f"Port {port} is taken: stop what uses it, or give another one with --port.\n"


def test_command_prints_the_settings_for_a_service() -> None:
    with _start("--port", "9000", "--print-environment") as process:
        printed, _ = process.communicate(timeout=20)
    settings = dict(line.split("=", 1) for line in printed.splitlines())
    assert settings["SIGNPOST_X_API_URL"] == "http://127.0.0.1:9000/x"
    assert settings["SIGNPOST_META_API_URL"] == "http://127.0.0.1:9000/graph"
    assert settings["SIGNPOST_OPEN311_URL"] == "http://127.0.0.1:9000/report/open311/v2"
    assert settings["SIGNPOST_META_VERIFY_TOKEN"]
