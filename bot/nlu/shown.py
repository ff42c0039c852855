"""A message as the figures list it: its words, what it means, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.nlu.judging import Judged, Outcome
from bot.nlu.measures import rounded


@dataclass(frozen=True)
class Shown:
    """One message with its answer.

    Attributes:
        id: of the message in the holdout.
        text: as the resident wrote it.
        meant: its purposes, main first.
        accept: what would do as the main one.
        answered: the purposes that were answered, or what was done instead.
        taken_for: what it was acted on as or, where the bot asks, the likeliest intent.
        choices: what the bot named when it asked.
        beside: what it offered beside its answer.
        confidence: 0…1, of what is acted on.
        outcome: what the resident feels.
    """

    id: str
    text: str
    meant: tuple[str, ...]
    accept: tuple[str, ...]
    answered: tuple[str, ...]
    taken_for: str
    choices: tuple[str, ...]
    beside: tuple[str, ...]
    confidence: float
    outcome: Outcome


def shown(judged: Judged) -> Shown:
    """A judged message without its ranking."""
    message, answer = judged.message, judged.answer
    return Shown(
        id=message.id,
        text=message.text,
        meant=message.intents,
        accept=message.accept,
        answered=answer.answered,
        taken_for=answer.taken_for,
        choices=answer.choices,
        beside=answer.beside,
        confidence=rounded(answer.confidence),
        outcome=judged.outcome,
    )


def listed(judged: Iterable[Judged], which: Callable[[Judged], bool]) -> tuple[Shown, ...]:
    """Those for which `which` holds, the most confident first."""
    found = [shown(each) for each in judged if which(each)]
    return tuple(sorted(found, key=lambda each: (-each.confidence, each.id)))
