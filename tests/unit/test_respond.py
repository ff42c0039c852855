"""Composing what may be said here: within the platform's length, nothing private in public, buttons where they work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.brain import BrainAnswer
from bot.channels.base import Channel, ChannelName, SendKind, Visibility
from bot.channels.registry import channels_from
from bot.settings import Settings
from bot.turns.respond import PARAGRAPH, Planned, compose
from tests.scripted import ScriptedChannel

EVERYTHING_ON = Settings(
    _env_file=None,  # type: ignore[call-arg]
    data_dir=Path("nowhere"),
    x_user_id="900000000000000001",
    x_consumer_key="key",
    x_consumer_secret="secret",  # type: ignore[arg-type]
    x_access_token="token",  # type: ignore[arg-type]
    x_access_token_secret="secret",  # type: ignore[arg-type]
    meta_app_secret="secret",  # type: ignore[arg-type]
    meta_verify_token="verify",  # type: ignore[arg-type]
    meta_page_id="105000000000001",
    meta_page_token="token",  # type: ignore[arg-type]
)
REAL = channels_from(EVERYTHING_ON)
X, FACEBOOK = REAL[ChannelName.X], REAL[ChannelName.FACEBOOK]
LINK = "https://www.marlstow.example/report?category=Fly-tipping"


@dataclass
class Narrow(ScriptedChannel):
    """Takes little, and counts emoji and the like twice as X does."""

    room: int = 20

    def length(self, text: str, kind: SendKind) -> int:
        return sum(2 if ord(char) > 0x2FFF else 1 for char in text)

    def limit(self, kind: SendKind) -> int:
        return self.room


def answer(*replies: str | dict[str, Any]) -> BrainAnswer:
    return BrainAnswer.model_validate(
        {
            "message_id": "turn-000000000001",
            "model": "scripted-1",
            "intent": {"name": "report_pothole", "confidence": 0.9},
            "ranking": [],
            "purposes": ["report_pothole"],
            "entities": [],
            "replies": [{"text": reply} if isinstance(reply, str) else reply for reply in replies],
            "outcome": "signposted",
            "slots": {},
        }
    )


def private(channel: Channel, *replies: str | dict[str, Any]) -> list[Planned]:
    return compose(answer(*replies), Visibility.PRIVATE, channel)


def public(channel: Channel, *replies: str | dict[str, Any]) -> list[Planned]:
    return compose(answer(*replies), Visibility.PUBLIC, channel)


def test_should_say_several_things_in_one_private_message() -> None:
    assert private(X, "one", "two") == [Planned(SendKind.DIRECT, "one\n\ntwo")]


def test_should_say_the_same_thing_once() -> None:
    assert private(X, "one", "two", "one") == [Planned(SendKind.DIRECT, "one\n\ntwo")]


@pytest.mark.parametrize("visibility", list(Visibility))
def test_should_plan_nothing_when_there_is_nothing_to_say(visibility: Visibility) -> None:
    assert compose(answer(), visibility, FACEBOOK) == []
    assert compose(answer("", {"text": "", "response": "utter_nothing"}), visibility, FACEBOOK) == []


def test_should_show_the_buttons_of_the_last_reply_in_private() -> None:
    yes, no = {"title": "Yes", "payload": "affirm"}, {"title": "No", "payload": "deny"}
    first = {"text": "one", "quick_replies": [no]}
    [planned] = private(FACEBOOK, first, {"text": "Did it help?", "quick_replies": [yes, no]})
    assert planned.quick_replies == [yes, no]


def test_should_show_no_buttons_in_public() -> None:
    [planned] = public(FACEBOOK, {"text": "one", "quick_replies": [{"title": "Yes", "payload": "affirm"}]})
    assert planned == Planned(SendKind.PUBLIC_REPLY, "one")


def test_should_add_a_private_reply_where_the_platform_has_one() -> None:
    planned = public(FACEBOOK, {"text": "Please message us", "private_text": "Your report is fixed"})
    assert planned == [
        Planned(SendKind.PUBLIC_REPLY, "Please message us"),
        Planned(SendKind.PRIVATE_REPLY, "Your report is fixed"),
    ]


def test_should_show_the_buttons_of_a_question_under_the_private_reply_only() -> None:
    button = {"title": "Missed bin", "payload": "choose:report_missed_bin"}
    question = {"text": "Please message us", "private_text": "Which is it?", "quick_replies": [button]}
    assert public(FACEBOOK, question) == [
        Planned(SendKind.PUBLIC_REPLY, "Please message us"),
        Planned(SendKind.PRIVATE_REPLY, "Which is it?", [button]),
    ]
    assert public(X, question) == [Planned(SendKind.PUBLIC_REPLY, "Please message us")]


def test_should_say_nothing_private_where_the_platform_has_no_private_reply() -> None:
    planned = public(X, {"text": "Please message us", "private_text": "Your report is fixed"})
    assert planned == [Planned(SendKind.PUBLIC_REPLY, "Please message us")]


def test_should_send_the_private_text_alone_when_there_is_nothing_to_say_in_public() -> None:
    planned = public(FACEBOOK, {"text": "", "private_text": "Your report is fixed"})
    assert planned == [Planned(SendKind.PRIVATE_REPLY, "Your report is fixed")]


def test_should_not_repeat_in_private_messages_what_is_meant_for_a_private_reply() -> None:
    assert private(FACEBOOK, {"text": "whole", "private_text": "short"}) == [
        Planned(SendKind.DIRECT, "whole")
    ]


def test_should_give_up_the_second_purpose_before_the_first() -> None:
    first, second = "a" * 200, "b" * 100
    assert public(X, first, second) == [Planned(SendKind.PUBLIC_REPLY, first)]
    assert private(X, first, second) == [Planned(SendKind.DIRECT, first + PARAGRAPH + second)]


def test_should_use_the_last_character_that_the_platform_takes() -> None:
    first = "a" * 200
    assert public(X, first, "b" * 78)[0].text == first + PARAGRAPH + "b" * 78
    assert public(X, first, "b" * 79)[0].text == first
    assert public(X, "a" * 280)[0].text == "a" * 280


def test_should_cut_at_a_word_when_the_first_text_alone_is_too_long() -> None:
    [planned] = public(X, f"You can report it at {LINK} and " + "this goes on " * 30)
    assert planned.text.startswith(f"You can report it at {LINK} and this")
    assert set(planned.text.split()) <= {
        *f"You can report it at {LINK} and this goes on".split(),
        "…",
        "on…",
        "goes…",
    }
    assert X.length(planned.text, SendKind.PUBLIC_REPLY) > 250


@pytest.mark.timeout(10)
@pytest.mark.parametrize("word", ["👍" * 281, "👍" * 141, "漢" * 500, "👨‍👩‍👧‍👦" * 200, "a" * 281, "é" * 400])
def test_should_end_for_one_long_word_that_counts_double(word: str) -> None:
    [planned] = public(X, word)
    assert 0 < X.length(planned.text, SendKind.PUBLIC_REPLY) <= 280


@pytest.mark.timeout(10)
@pytest.mark.parametrize("visibility", list(Visibility))
def test_should_keep_within_the_real_platforms_limits(visibility: Visibility) -> None:
    for channel, text in ((X, "👍 " * 200), (FACEBOOK, "👍" * 2_500), (FACEBOOK, "pothole " * 1_100)):
        for planned in compose(answer({"text": text, "private_text": text}), visibility, channel):
            assert 0 < channel.length(planned.text, planned.kind) <= channel.limit(planned.kind)


@pytest.mark.parametrize("visibility", list(Visibility))
def test_should_not_stumble_over_a_long_text_that_says_nothing(visibility: Visibility) -> None:
    nothing = " \n" * 200
    assert compose(answer({"text": nothing, "private_text": nothing}), visibility, Narrow()) == []


WORD = st.one_of(
    st.sampled_from(
        ["pothole", LINK, "@MarlstowCouncil", "👍", "👨‍👩‍👧‍👦", "漢字", "e\u0301", "…", "www.gov.uk"]
    ),
    st.text(min_size=1, max_size=12),
    st.sampled_from(["👍", "漢", "a"]).flatmap(
        lambda char: st.integers(1, 320).map(lambda times: char * times)
    ),
)
TEXT = st.lists(WORD, min_size=1, max_size=40).map(" ".join).filter(str.strip)


@pytest.mark.timeout(60)
@settings(deadline=None, max_examples=60)
@given(
    replies=st.lists(st.tuples(TEXT, st.none() | TEXT), min_size=1, max_size=3),
    visibility=st.sampled_from(Visibility),
    channel=st.sampled_from([X, FACEBOOK]),
)
def test_should_never_be_longer_than_the_platform_takes(
    replies: list[tuple[str, str | None]], visibility: Visibility, channel: Channel
) -> None:
    said = [{"text": text, "private_text": alone} for text, alone in replies]
    planned = compose(answer(*said), visibility, channel)
    assert len({each.kind for each in planned}) == len(planned)
    for each in planned:
        assert channel.length(each.text, each.kind) <= channel.limit(each.kind)
        assert channel.supports(each.kind)


@pytest.mark.timeout(60)
@settings(deadline=None, max_examples=300)
@given(texts=st.lists(TEXT, min_size=1, max_size=3), room=st.integers(3, 60))
def test_should_keep_within_whatever_room_there_is_and_cut_only_between_words(
    texts: list[str], room: int
) -> None:
    channel = Narrow(room=room)
    [planned] = compose(answer(*texts), Visibility.PRIVATE, channel)
    assert channel.length(planned.text, SendKind.DIRECT) <= room
    whole = PARAGRAPH.join(dict.fromkeys(texts))
    if channel.length(whole, SendKind.DIRECT) <= room:
        assert planned.text == whole
    first = texts[0].split()
    if first and channel.length(first[0], SendKind.DIRECT) + 2 <= room:
        # The first word fits, so no word (a link, above all) is cut in half.
        assert set(planned.text.replace("…", " ").split()) <= set(" ".join(texts).replace("…", " ").split())
