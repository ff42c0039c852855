"""Figures of one pipeline on labelled messages, and of two beside each other."""

from __future__ import annotations

import statistics
from collections.abc import Container, Sequence
from dataclasses import dataclass

from sklearn.metrics import f1_score, roc_auc_score

from bench.labelled import Labelled
from bench.trial import Parsing, Training, Understood
from bot.nlu.measures import Difference, difference, rounded, share


@dataclass(frozen=True)
class OutOfScope:
    """Messages that mean none of the intents; shares are 0…1.

    Attributes:
        messages: how many.
        refused: share of them that no intent was acted on for, by the pipeline's own thresholds.
        in_scope_refused: share of the test's messages that the same befell.
        auroc: how likely the likeliest intent of a message in scope has more confidence than that of one out of scope.
    """

    messages: int
    refused: float
    in_scope_refused: float
    auroc: float


@dataclass(frozen=True)
class Latency:
    """Of one message at a time, in milliseconds; `cpu_ms` is the mean on all processors together."""

    p50_ms: float
    p95_ms: float
    cpu_ms: float
    start_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Scores:
    """What one pipeline reached, and what it took.

    Attributes:
        accuracy: share of test messages whose likeliest intent is the right one, whatever its confidence.
        accuracy_interval: its 95 % interval (Wilson's).
        macro_f1: mean F1 of the intents in the test, by the likeliest intent.
        out_of_scope: None if no such messages were given.
        training: with nothing known from before.
        training_again: ours with the vectors known, as after a few corrections; None for Rasa's.
        parsing: understanding of the test's messages.
    """

    accuracy: float
    accuracy_interval: tuple[float | None, float | None]
    macro_f1: float
    out_of_scope: OutOfScope | None
    training: Training
    training_again: Training | None
    parsing: Latency


@dataclass(frozen=True)
class Comparison:
    """Ours beside Rasa's.

    Attributes:
        accuracy: test messages that only ours or only Rasa's had right, and the difference of the accuracies.
        macro_f1_difference: ours less Rasa's; likewise `auroc_difference`, None if no messages out of scope were given.
        ours_by_default: ours divided by Rasa's, of each figure that is better when small.
    """

    accuracy: Difference
    macro_f1_difference: float
    auroc_difference: float | None
    ours_by_default: dict[str, float | None]


def scores(
    test: Sequence[Labelled],
    intents: Container[str],
    parsing: Parsing,
    training: Training,
    training_again: Training | None,
) -> Scores:
    """Figures of a pipeline; its answers are those to `test` in order, then those to messages out of scope.

    `intents` are those that it was trained on.
    """
    answers, outside = parsing.answers[: len(test)], parsing.answers[len(test) :]
    truth = [each.intent for each in test]
    hits = share(sum(right(test, answers)), len(test))
    times = [each.milliseconds for each in answers]
    return Scores(
        accuracy=hits.share or 0.0,
        accuracy_interval=(hits.low, hits.high),
        macro_f1=rounded(
            f1_score(
                truth,
                [each.likeliest for each in answers],
                labels=sorted(set(truth)),
                average="macro",
                zero_division=0,
            )
        ),
        out_of_scope=_out_of_scope(answers, outside, intents) if outside else None,
        training=training,
        training_again=training_again,
        parsing=Latency(
            p50_ms=_percentile(times, 50),
            p95_ms=_percentile(times, 95),
            cpu_ms=parsing.cpu_ms,
            start_seconds=parsing.start_seconds,
            peak_mb=parsing.peak_mb,
        ),
    )


def right(test: Sequence[Labelled], answers: Sequence[Understood]) -> list[bool]:
    """Whether the likeliest intent of each message is the right one; answers as the messages."""
    return [each.intent == answer.likeliest for each, answer in zip(test, answers, strict=True)]


def compare(ours: Scores, default: Scores, ours_right: list[bool], default_right: list[bool]) -> Comparison:
    """Ours beside Rasa's, on the same messages in the same order."""
    outside = None
    if ours.out_of_scope and default.out_of_scope:
        outside = rounded(ours.out_of_scope.auroc - default.out_of_scope.auroc)
    again = ours.training_again or ours.training
    pairs = {
        "training_wall_seconds": (ours.training.wall_seconds, default.training.wall_seconds),
        "training_cpu_seconds": (ours.training.cpu_seconds, default.training.cpu_seconds),
        "training_again_wall_seconds": (again.wall_seconds, default.training.wall_seconds),
        "training_peak_mb": (ours.training.peak_mb, default.training.peak_mb),
        "p50_ms": (ours.parsing.p50_ms, default.parsing.p50_ms),
        "p95_ms": (ours.parsing.p95_ms, default.parsing.p95_ms),
        "cpu_ms": (ours.parsing.cpu_ms, default.parsing.cpu_ms),
        "parsing_peak_mb": (ours.parsing.peak_mb, default.parsing.peak_mb),
    }
    return Comparison(
        accuracy=difference(ours_right, default_right),
        macro_f1_difference=rounded(ours.macro_f1 - default.macro_f1),
        auroc_difference=outside,
        ours_by_default={
            name: round(mine / theirs, 3) if theirs else None for name, (mine, theirs) in pairs.items()
        },
    )


def _out_of_scope(
    answers: Sequence[Understood], outside: Sequence[Understood], intents: Container[str]
) -> OutOfScope:
    truth = [True] * len(answers) + [False] * len(outside)
    return OutOfScope(
        messages=len(outside),
        refused=_refused(outside, intents),
        in_scope_refused=_refused(answers, intents),
        auroc=rounded(roc_auc_score(truth, [each.confidence for each in (*answers, *outside)])),
    )


def _refused(answers: Sequence[Understood], intents: Container[str]) -> float:
    return float(rounded(sum(each.intent not in intents for each in answers) / len(answers)))


def _percentile(values: Sequence[float], percent: int) -> float:
    if len(values) < 2:
        return round(values[0], 2)
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 2)
