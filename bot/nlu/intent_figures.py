"""Figures by intent: how well each is told, and which are taken for one another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bot.nlu.decide import FALLBACK
from bot.nlu.judging import Judged, Outcome
from bot.nlu.measures import rounded
from bot.nlu.shown import Shown, listed

CONFUSIONS_LISTED = 30


@dataclass(frozen=True)
class IntentFigures:
    """One intent: messages with it as the main purpose, and what was acted on.

    `precision` is None when it was never answered, `recall` when no message means it. `asked` counts its messages that
    were asked back; `taken_for` is the wrong intent that its messages most often got, `taken_for_count` times.
    """

    intent: str
    messages: int
    answered: int
    precision: float | None
    recall: float | None
    f1: float
    asked: int
    taken_for: str
    taken_for_count: int


@dataclass(frozen=True)
class Cell:
    """How many messages of one main intent were taken for another; what is accepted counts as the main one."""

    meant: str
    taken_for: str
    count: int


@dataclass(frozen=True)
class Confusion:
    """Messages of one intent that were taken for another, at least two: `count` holds those acted on, of which there
    are `answered`, and those asked back.
    """

    meant: str
    taken_for: str
    count: int
    answered: int
    messages: tuple[Shown, ...]


def by_intent(judged: Sequence[Judged]) -> tuple[IntentFigures, ...]:
    """Figures of each intent that is meant or answered, by what was acted on; the weakest first."""
    return _rows([(each, _credited(each)) for each in judged])


def _credited(judged: Judged) -> str:
    """What was acted on, under the name of the main intent where that is right too."""
    return judged.message.main if judged.right_at_once else judged.answer.acted_on


def _likeliest(judged: Judged) -> str:
    head = judged.answer.ranking[0][0] if judged.answer.ranking else judged.answer.intent
    return judged.message.main if head in judged.message.right else head


def _rows(given: Sequence[tuple[Judged, str]]) -> tuple[IntentFigures, ...]:
    meant = Counter(judged.message.main for judged, _ in given)
    answered = Counter(got for _, got in given)
    hits = Counter(got for judged, got in given if got == judged.message.main)
    missed: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for judged, got in given:
        if got != judged.message.main:
            missed[judged.message.main][got] += 1
    rows = [
        _row(intent, meant[intent], answered[intent], hits[intent], missed[intent])
        for intent in sorted({*meant, *answered} - {FALLBACK})
    ]
    return tuple(sorted(rows, key=lambda row: (row.messages == 0, row.f1, -row.messages, row.intent)))


def _row(intent: str, messages: int, answered: int, hits: int, missed: Counter[str]) -> IntentFigures:
    wrong = {got: count for got, count in missed.items() if got != FALLBACK}
    taken_for = min(wrong, key=lambda got: (-wrong[got], got), default="")
    return IntentFigures(
        intent=intent,
        messages=messages,
        answered=answered,
        precision=rounded(hits / answered) if answered else None,
        recall=rounded(hits / messages) if messages else None,
        f1=rounded(2 * hits / (messages + answered)),
        asked=missed[FALLBACK],
        taken_for=taken_for,
        taken_for_count=wrong.get(taken_for, 0),
    )


def by_likeliest(judged: Sequence[Judged]) -> tuple[IntentFigures, ...]:
    """The same by the likeliest intent, whether or not it was acted on."""
    return _rows([(each, _likeliest(each)) for each in judged])


def mean_f1(rows: Sequence[IntentFigures]) -> float:
    """Macro-F1: the mean over the intents that are meant."""
    present = [row.f1 for row in rows if row.messages]
    return rounded(sum(present) / len(present)) if present else 0.0


def _taken_for(judged: Judged) -> str:
    taken_for = judged.answer.taken_for
    return judged.message.main if judged.right_at_once or taken_for in judged.message.right else taken_for


def cells(judged: Sequence[Judged]) -> tuple[Cell, ...]:
    """The confusion matrix, without what is empty."""
    counts = Counter((each.message.main, _taken_for(each)) for each in judged)
    return tuple(Cell(meant, got, count) for (meant, got), count in sorted(counts.items()))


def confusions(judged: Sequence[Judged]) -> tuple[Confusion, ...]:
    """The pairs that occur most, and at least twice."""
    pairs: defaultdict[tuple[str, str], list[Judged]] = defaultdict(list)
    for each in judged:
        if _taken_for(each) != each.message.main:
            pairs[each.message.main, _taken_for(each)].append(each)
    found = [
        Confusion(
            meant=meant,
            taken_for=got,
            count=len(messages),
            answered=sum(each.outcome in (Outcome.BESIDE_RIGHT, Outcome.WRONG) for each in messages),
            messages=listed(messages, lambda _: True),
        )
        for (meant, got), messages in pairs.items()
        if len(messages) > 1
    ]
    found.sort(key=lambda each: (-each.count, -each.answered, each.meant, each.taken_for))
    return tuple(found[:CONFUSIONS_LISTED])
