"""Messages labelled with their intents, as the benchmarks give them: one JSON object {text, intent} a line."""

from __future__ import annotations

import json
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

FALLBACK = "nlu_fallback"
"""Rasa's own intent for "none was sure enough"; no message can be labelled with it."""


class DataWrong(ValueError):
    """A file of messages cannot be used; the text names it, and the line."""


@dataclass(frozen=True)
class Labelled:
    """One message and what it means."""

    text: str
    intent: str


def read_labelled(path: Path, known: Container[str] | None = None) -> tuple[Labelled, ...]:
    """The messages of a file; empty lines are passed over.

    Args:
        path: of the file, in UTF-8.
        known: the intents that there may be; any if None.

    Raises:
        DataWrong: the file is missing or empty, or a line is no such message.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise DataWrong(f"{path} cannot be read: {error.strerror}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            message = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
            found.append(_labelled(message, known))
        except ValueError as error:
            raise DataWrong(f"{path}, line {number}: {error}") from error
    if not found:
        raise DataWrong(f"{path} holds no messages")
    return tuple(found)


def _labelled(message: object, known: Container[str] | None) -> Labelled:
    if not isinstance(message, dict):
        raise ValueError("not an object")
    text, intent = message.get("text"), message.get("intent")
    if not isinstance(text, str) or not text.strip():
        raise ValueError("text must be words")
    if not isinstance(intent, str) or not intent.strip():
        raise ValueError("intent must be a name")
    if "/" in intent or intent == FALLBACK:  # a slash makes it a retrieval intent with its own answers
        raise ValueError(f"{intent!r} means something of its own to Rasa")
    if known is not None and intent not in known:
        raise ValueError(f"the intent {intent!r} is not among those trained on")
    return Labelled(text, intent)


def write_for_rasa(messages: Sequence[Labelled], path: Path) -> None:
    """Write training data for Rasa, in JSON: its YAML would read brackets in a text as entities."""
    examples = [{"text": each.text, "intent": each.intent, "entities": []} for each in messages]
    path.write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}), encoding="utf-8")
