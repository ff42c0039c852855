"""The holdout: messages that no model was trained on, with what people say they mean, read and checked."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MESSAGES = "messages.jsonl"
PURPOSES_AT_MOST = 2
_FIELDS = ("id", "text", "intents", "accept", "tags", "first", "second")
_TAG = re.compile(r"[a-z][a-z0-9_]*")


class HoldoutWrong(ValueError):
    """The holdout cannot be used; the message names the file, and where it can the line and the field."""


@dataclass(frozen=True)
class Labelled:
    """A message and its meaning.

    Attributes:
        id: unique in its file.
        text: as the resident wrote it.
        intents: one or two purposes, the main one first.
        accept: intents that would do as the main one just as well.
        tags: kinds of message that get figures of their own, such as `danger` or `two_purposes`.
        first: what the first annotator took for the main purpose; empty when only one person labelled it.
        second: what the second took for it, without having seen the first's.
    """

    id: str
    text: str
    intents: tuple[str, ...]
    accept: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    first: str = ""
    second: str = ""

    @property
    def main(self) -> str:
        """The purpose that is asked of a model before all others."""
        return self.intents[0]

    @property
    def right(self) -> frozenset[str]:
        """Every intent that counts as the main one."""
        return frozenset((self.main, *self.accept))


def messages_file(place: Path) -> Path:
    """The file of the messages, of a holdout's folder or named itself."""
    return place / MESSAGES if place.is_dir() else place


def read_holdout(path: Path, intents: Collection[str]) -> tuple[Labelled, ...]:
    """Read one JSON object a line; empty lines are passed over.

    Args:
        path: the file.
        intents: every intent that a label may name.

    Raises:
        HoldoutWrong: the file is missing or empty, a line cannot be used, or an id stands twice.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise HoldoutWrong(f"{path} cannot be read: {error.strerror}") from error
    known = frozenset(intents)
    found: dict[str, Labelled] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            message = _labelled(_object(line), known)
            if message.id in found:
                raise HoldoutWrong(f"id: {message.id!r} stands twice")
        except HoldoutWrong as error:
            raise HoldoutWrong(f"{path}:{number}: {error}") from error
        found[message.id] = message
    if not found:
        raise HoldoutWrong(f"{path} holds no message")
    return tuple(found.values())


def _object(line: bytes) -> dict[str, Any]:
    try:
        content = json.loads(line.decode("utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise HoldoutWrong(f"is not JSON ({error})") from error
    if not isinstance(content, dict):
        raise HoldoutWrong("must be an object with id, text and intents")
    for name in content:
        if name not in _FIELDS:  # a misspelt `accept` would lower the figures without a word
            raise HoldoutWrong(f"{name}: is no field of the holdout; they are {', '.join(_FIELDS)}")
    return content


def _labelled(content: dict[str, Any], known: frozenset[str]) -> Labelled:
    message = Labelled(
        id=_text(content, "id"),
        text=_text(content, "text"),
        intents=_intents(content, "intents", known),
        accept=_intents(content, "accept", known),
        tags=_names(content, "tags"),
        first=_label(content, "first", known),
        second=_label(content, "second", known),
    )
    if not 1 <= len(message.intents) <= PURPOSES_AT_MOST:
        raise HoldoutWrong(f"intents: must name one or two, not {len(message.intents)}")
    if message.main in message.accept:
        raise HoldoutWrong(f"accept: {message.main!r} is the main purpose already")
    for tag in message.tags:
        if not _TAG.fullmatch(tag):
            raise HoldoutWrong(f"tags: {tag!r} must be small letters, digits and underscores")
    if bool(message.first) != bool(message.second):
        raise HoldoutWrong("first, second: must both be there, or neither")
    return message


def _text(content: dict[str, Any], field: str) -> str:
    value = content.get(field)
    if not isinstance(value, str) or not value.strip():
        raise HoldoutWrong(f"{field}: is missing, or is no text")
    return value


def _names(content: dict[str, Any], field: str) -> tuple[str, ...]:
    value = content.get(field, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise HoldoutWrong(f"{field}: must be a list of names")
    if len(set(value)) != len(value):
        raise HoldoutWrong(f"{field}: a name stands twice")
    return tuple(value)


def _intents(content: dict[str, Any], field: str, known: frozenset[str]) -> tuple[str, ...]:
    names = _names(content, field)
    for name in names:
        if name not in known:
            raise HoldoutWrong(f"{field}: {name!r} is no intent")
    return names


def _label(content: dict[str, Any], field: str, known: frozenset[str]) -> str:
    value = content.get(field, "")
    if not isinstance(value, str) or (value and value not in known):
        raise HoldoutWrong(f"{field}: {value!r} is no intent")
    return value
