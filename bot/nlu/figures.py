"""How good a model is: from its answers to labelled messages to figures. Knows neither Rasa nor how they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.nlu.decide import Thresholds, decide
from bot.nlu.intent_figures import (
    Cell,
    Confusion,
    IntentFigures,
    by_intent,
    by_likeliest,
    cells,
    confusions,
    mean_f1,
)
from bot.nlu.judging import Judged, Outcome, outcome_of
from bot.nlu.kinds import Danger, OutOfScope, TwoPurposes, danger, out_of_scope, two_purposes
from bot.nlu.measures import Bin, Share, calibration_error, kappa, reliability, rounded, share
from bot.nlu.shown import Shown, listed

CLEAR_TRIED = tuple(round(0.1 + 0.025 * step, 3) for step in range(33))
"""0.1 to 0.9: the settings of `clear` that the threshold curve shows."""
DISAGREEMENTS_LISTED = 15


@dataclass(frozen=True)
class Headline:
    """The figures of all messages.

    Attributes:
        messages: how many there are.
        right_at_once, asked_right, beside_right, handed_over, wrong: the five outcomes; they make up the whole.
        right: right at once or after one question: right at once, asked right, or the right one offered beside.
        likeliest, likeliest_two, likeliest_three: a right intent is the first, or among the first, of the ranking.
        macro_f1: mean F1 over the main intents that occur, of what is acted on.
        macro_f1_likeliest: the same of the likeliest intent, whether or not it is acted on.
        calibration_error: mean distance between the likeliest intent's confidence and how often it is right.
    """

    messages: int
    right_at_once: Share
    right: Share
    asked_right: Share
    beside_right: Share
    handed_over: Share
    wrong: Share
    likeliest: Share
    likeliest_two: Share
    likeliest_three: Share
    macro_f1: float
    macro_f1_likeliest: float
    calibration_error: float


@dataclass(frozen=True)
class TagFigures:
    """The outcomes of the messages with one tag."""

    tag: str
    messages: int
    right_at_once: Share
    right: Share
    handed_over: Share
    wrong: Share
    likeliest_three: Share


@dataclass(frozen=True)
class ThresholdPoint:
    """The shares (0…1) of the five outcomes if `clear` were this."""

    clear: float
    right_at_once: float
    asked_right: float
    beside_right: float
    handed_over: float
    wrong: float


@dataclass(frozen=True)
class Agreement:
    """How alike two annotators labelled: Cohen's kappa, and the pairs of intents they most often differed by."""

    alike: Share
    kappa: float | None
    disagreements: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Figures:
    """All figures of one model on one holdout."""

    headline: Headline
    danger: Danger
    out_of_scope: OutOfScope
    two_purposes: TwoPurposes
    tags: tuple[TagFigures, ...]
    intents: tuple[IntentFigures, ...]
    cells: tuple[Cell, ...]
    confusions: tuple[Confusion, ...]
    reliability: tuple[Bin, ...]
    clear: float
    curve: tuple[ThresholdPoint, ...]
    agreement: Agreement
    offered_beside: tuple[Shown, ...]
    wrong: tuple[Shown, ...]


def figures(judged: Sequence[Judged], thresholds: Thresholds) -> Figures:
    """Compute all figures.

    Args:
        judged: messages and their answers; each ranking must be whole.
        thresholds: those that the model decided with.
    """
    bins = _reliability(judged)
    rows = by_intent(judged)
    return Figures(
        headline=_headline(judged, rows, bins),
        danger=danger(judged),
        out_of_scope=out_of_scope(judged),
        two_purposes=two_purposes(judged),
        tags=_by_tag(judged),
        intents=rows,
        cells=cells(judged),
        confusions=confusions(judged),
        reliability=bins,
        clear=thresholds.clear,
        curve=curve(judged, thresholds),
        agreement=_agreement(judged),
        offered_beside=listed(judged, lambda each: each.outcome == Outcome.BESIDE_RIGHT),
        wrong=listed(judged, lambda each: each.outcome == Outcome.WRONG),
    )


def curve(judged: Sequence[Judged], thresholds: Thresholds) -> tuple[ThresholdPoint, ...]:
    """What would come of the messages at other settings of `clear`, and at the present one.

    Decides anew on the message as a whole. Where that gives the same as the present setting, the answer as it was
    stands, with what its parts made of it; so the point of the present setting is exactly what was measured. Answers to
    other languages always stand, since no setting of `clear` decides on them.
    """
    decided = [decide(each.answer.ranking, thresholds) for each in judged]
    points = []
    for clear in sorted({*CLEAR_TRIED, thresholds.clear}):
        tried = replace(thresholds, clear=clear)
        outcomes: Counter[Outcome] = Counter()
        for each, now in zip(judged, decided, strict=True):
            then = decide(each.answer.ranking, tried)
            stands = each.answer.in_other_language or then == now
            outcomes[
                each.outcome if stands else outcome_of(each.message, then.intent, then.choices, then.beside)
            ] += 1
        shares = {outcome: rounded(outcomes[outcome] / max(len(judged), 1)) for outcome in Outcome}
        points.append(ThresholdPoint(clear, **{outcome.value: shares[outcome] for outcome in Outcome}))
    return tuple(points)


def _headline(judged: Sequence[Judged], rows: Sequence[IntentFigures], bins: Sequence[Bin]) -> Headline:
    counts = Counter(each.outcome for each in judged)
    of = len(judged)
    return Headline(
        messages=of,
        right_at_once=share(counts[Outcome.RIGHT_AT_ONCE], of),
        right=share(sum(each.right for each in judged), of),
        asked_right=share(counts[Outcome.ASKED_RIGHT], of),
        beside_right=share(counts[Outcome.BESIDE_RIGHT], of),
        handed_over=share(counts[Outcome.HANDED_OVER], of),
        wrong=share(counts[Outcome.WRONG], of),
        likeliest=_among_first(judged, 1),
        likeliest_two=_among_first(judged, 2),
        likeliest_three=_among_first(judged, 3),
        macro_f1=mean_f1(rows),
        macro_f1_likeliest=mean_f1(by_likeliest(judged)),
        calibration_error=calibration_error(bins),
    )


def _among_first(judged: Sequence[Judged], count: int) -> Share:
    hits = (
        not each.message.right.isdisjoint(intent for intent, _ in each.answer.ranking[:count])
        for each in judged
    )
    return share(sum(hits), len(judged))


def _reliability(judged: Sequence[Judged]) -> tuple[Bin, ...]:
    heads = [(each.answer.ranking[0], each.message.right) for each in judged if each.answer.ranking]
    bins = reliability(
        [confidence for (_, confidence), _ in heads], [intent in right for (intent, _), right in heads]
    )
    return tuple(Bin(each.count, rounded(each.confidence), rounded(each.right)) for each in bins)


def _by_tag(judged: Sequence[Judged]) -> tuple[TagFigures, ...]:
    tags = sorted({tag for each in judged for tag in each.message.tags})
    rows = []
    for tag in tags:
        of_tag = [each for each in judged if tag in each.message.tags]
        counts = Counter(each.outcome for each in of_tag)
        rows.append(
            TagFigures(
                tag=tag,
                messages=len(of_tag),
                right_at_once=share(counts[Outcome.RIGHT_AT_ONCE], len(of_tag)),
                right=share(sum(each.right for each in of_tag), len(of_tag)),
                handed_over=share(counts[Outcome.HANDED_OVER], len(of_tag)),
                wrong=share(counts[Outcome.WRONG], len(of_tag)),
                likeliest_three=_among_first(of_tag, 3),
            )
        )
    return tuple(rows)


def _agreement(judged: Sequence[Judged]) -> Agreement:
    twice = [(each.message.first, each.message.second) for each in judged if each.message.first]
    unlike = Counter((min(pair), max(pair)) for pair in twice if pair[0] != pair[1])
    worst = sorted(unlike.items(), key=lambda item: (-item[1], item[0]))[:DISAGREEMENTS_LISTED]
    return Agreement(
        alike=share(sum(first == second for first, second in twice), len(twice)),
        kappa=kappa([first for first, _ in twice], [second for _, second in twice]),
        disagreements=tuple((first, second, count) for (first, second), count in worst),
    )
