"""kill -9 of any process in mid-turn, and platforms that misbehave: every message is answered exactly once."""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.running import Running, eventually, running

RECOVERED_WITHIN_SECONDS = 90.0
SAID = "massive pothole on Mill Lane, it has burst my tyre"


@pytest.fixture(scope="module")
def signpost(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("faults")) as started:
        yield started


@pytest.fixture(autouse=True)
def without_faults(signpost: Running) -> Iterator[None]:
    yield
    signpost.control(
        "PUT",
        "faults",
        {
            platform: {
                "api": {"fault": None},
                "webhook": {"duplicate": False, "reorder": False, "delay_ms": 0},
            }
            for platform in ("x", "facebook")
        },
    )


def residents(count: int) -> list[str]:
    tag = secrets.token_hex(3)
    return [f"r{tag}_{number}" for number in range(count)]


def write(signpost: Running, people: list[str], text: str = SAID) -> None:
    platforms = ("x", "facebook")
    signpost.control(
        "POST",
        "say",
        {
            "messages": [
                {"platform": platforms[number % 2], "visibility": "private", "person": person, "text": text}
                for number, person in enumerate(people)
            ]
        },
    )


def answered(signpost: Running, people: list[str]) -> Counter[str]:
    """How often each was sent something, as the platforms saw it."""
    return Counter(row["to"] for row in signpost.control("GET", "sent") if row["to"] in set(people))


def expect_each_answered_once(signpost: Running, people: list[str], settle_seconds: float = 3.0) -> None:
    eventually(lambda: len(answered(signpost, people)) == len(people), RECOVERED_WITHIN_SECONDS)
    time.sleep(settle_seconds)
    assert answered(signpost, people) == Counter(people)


@pytest.mark.parametrize("module", ["bot.service", "bot.nlu.serve", "actions"])
def test_should_answer_every_message_once_when_a_process_is_killed_in_mid_turn(
    signpost: Running, module: str
) -> None:
    people = residents(40)
    write(signpost, people)
    eventually(lambda: len(answered(signpost, people)) >= 3)
    victim = signpost.child(module)
    os.kill(victim.pid, signal.SIGKILL)
    assert len(answered(signpost, people)) < len(people)
    expect_each_answered_once(signpost, people)
    assert signpost.child(module).pid != victim.pid


def test_should_answer_once_when_every_delivery_comes_twice_and_in_any_order(signpost: Running) -> None:
    for platform in ("x", "facebook"):
        signpost.control("PUT", "faults", {platform: {"webhook": {"duplicate": True, "reorder": True}}})
    people = residents(20)
    write(signpost, people)
    expect_each_answered_once(signpost, people)


@pytest.mark.parametrize("fault", ["429", "500", "503_html", "timeout_performed", "timeout_not_performed"])
@pytest.mark.parametrize("platform", ["x", "facebook"])
def test_should_answer_once_although_the_platform_fails_at_first(
    signpost: Running, platform: str, fault: str
) -> None:
    signpost.control("PUT", "faults", {platform: {"api": {"fault": fault, "calls": 1}}})
    [person] = residents(1)
    signpost.say(platform, "private", person, SAID)
    expect_each_answered_once(signpost, [person])


def test_should_give_a_message_to_people_when_the_window_is_closed(signpost: Running) -> None:
    signpost.control("PUT", "faults", {"facebook": {"api": {"fault": "window_closed", "calls": 1}}})
    [person] = residents(1)
    signpost.say("facebook", "private", person, SAID)
    eventually(lambda: any(case["queue"] == "unsent" for case in signpost.cases()))


def test_should_go_on_where_it_stopped_after_everything_was_stopped(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Messages that were taken before a stop are answered after the next start."""
    folder = tmp_path_factory.mktemp("stopped")
    with running(folder) as first:
        people = residents(6)
        os.kill(first.child("bot.nlu.serve").pid, signal.SIGSTOP)
        write(first, people)
        eventually(lambda: first.control("GET", "deliveries?state=pending") == [])
        assert not answered(first, people)
        first.process.kill()
        first.process.wait(timeout=15)
    with running(folder) as second:
        # The sandbox forgot whom it knew; what counts is that each turn was taken up and its answer tried.
        eventually(lambda: len(second.control("GET", "calls")) >= len(people), RECOVERED_WITHIN_SECONDS)
