"""Messages that the bot asks about, or answers with others beside, whatever the model: a few dozen that are too short
to be clear, or lie between two purposes, tried in turn.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from bot.directory import Directory
from tests.doubtful import BETWEEN_TWO
from tests.running import Running

NONE_OF_THESE = "choose:"
"""The payload of the tap that only a question has."""

TOO_SHORT = (
    "litter", "lights", "the road", "a light", "something on the road", "parking", "rubbish in the park",
    "the park", "bins on the street", "bin", "dog in the park", "dog", "a dog", "glass", "something smells",
    "a bike", "the tree", "path", "the path is bad", "blocked", "it is blocked again", "dirty", "so dirty here",
    "water on the road", "water", "noise and smoke", "a van", "car", "school", "council house", "house next door",
    "the neighbours", "rent", "a form", "permit", "a fine", "a payment", "bill", "a letter from you",
    "moving house", "my mum needs help", "help with money", "a meeting", "the centre", "opening times", "sign",
    "broken sign", "damage", "something is broken", "toilet", "shop", "bus", "bus stop", "the bus stop is broken",
    "collection", "when is it", "garden", "the garden next door", "wall",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """What was said, and between which purposes the bot then asked."""

    said: str
    intents: tuple[str, ...]


def question_asked(
    running: Running, directory: Directory, texts: Iterable[str] = TOO_SHORT, first_kind: str | None = None
) -> Question:
    """The first of the messages that the bot asks about, with purposes that each lead to a place of their own.

    `first_kind` is what the first of them must be in data/directory.yml. The test fails when there is no such message.
    """
    for said in texts:
        person = somebody()
        running.ask("facebook", "private", said, person)
        line = running.thread("facebook", "private", person)[-1]
        intents = offered(line, directory)
        kinds = [directory[intent].kind for intent in intents]
        if asks(line) and "behaviour" not in kinds and first_kind in (None, kinds[0]):
            return Question(said, intents)
    pytest.fail("not one of many messages of a word or two was asked about")


def answered_with_others_beside(running: Running, directory: Directory) -> Question:
    """The first message that is answered with one or two other purposes beside, which lead to places of their own.

    The test fails when there is no such message.
    """
    for said in (*BETWEEN_TWO, *TOO_SHORT):
        person = somebody()
        running.ask("facebook", "private", said, person)
        line = running.thread("facebook", "private", person)[-1]
        intents = offered(line, directory)
        if intents and not asks(line) and "behaviour" not in [directory[intent].kind for intent in intents]:
            return Question(said, intents)
    pytest.fail("not one of many messages was answered with others beside")


def somebody() -> str:
    """Somebody new; the name is short enough to be the handle too."""
    return f"u_{secrets.token_hex(4)}"


def asks(line: dict[str, Any]) -> bool:
    """Whether a line asks which purpose is meant."""
    return any(tap["payload"] == NONE_OF_THESE for tap in line["quick_replies"])


def offered(line: dict[str, Any], directory: Directory) -> tuple[str, ...]:
    """The purposes on the taps of a line in a conversation, by their labels."""
    intents = {choice.label: intent for intent, choice in directory.choices.items()}
    return tuple(intents[tap["title"]] for tap in line["quick_replies"] if tap["title"] in intents)
