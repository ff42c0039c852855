"""Measures of how right, how sure and how alike: numbers in, numbers out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest

BINS = 15
RESAMPLES = 10_000
SEED = 20261
_NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Share:
    """How many of how many. `share` and its 95 % interval (Wilson's) are 0…1, and None of nothing."""

    hits: int
    of: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Bin:
    """Answers of about one confidence: how many, their mean confidence, and the share that was right (0…1)."""

    count: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Difference:
    """Two models on the same messages.

    Attributes:
        won: messages that only this model had right.
        lost: messages that only the other had right.
        difference: of the shares right, this one's less the other's (-1…1), with its bootstrapped 95 % interval
            from `low` to `high`.
        p: of McNemar's exact test: how likely so uneven a pair of won and lost is if neither model is better.
    """

    won: int
    lost: int
    difference: float
    low: float
    high: float
    p: float


def share(hits: int, of: int) -> Share:
    """A share with its interval, by E. B. Wilson's method (1927), which stays within 0…1 for few messages too."""
    if of == 0:
        return Share(0, 0, None, None, None)
    rate, square = hits / of, _NORMAL_95**2
    middle = (rate + square / (2 * of)) / (1 + square / of)
    reach = _NORMAL_95 / (1 + square / of) * math.sqrt(rate * (1 - rate) / of + square / (4 * of**2))
    return Share(
        hits, of, rounded(rate), rounded(max(0.0, middle - reach)), rounded(min(1.0, middle + reach))
    )


def kappa(first: Sequence[str], second: Sequence[str]) -> float | None:
    """Cohen's kappa (1960) of two annotators' labels: 1 = always alike, 0 = as alike as by chance, below 0 = less.

    None without labels, and when both gave everything one and the same label, where chance explains all.
    """
    if not first:
        return None
    count = len(first)
    alike = sum(one == other for one, other in zip(first, second, strict=True)) / count
    mine, theirs = Counter(first), Counter(second)
    by_chance = sum(mine[label] * theirs[label] for label in mine) / count**2
    if by_chance == 1.0:
        return None
    return rounded((alike - by_chance) / (1 - by_chance))


def reliability(confidences: Sequence[float], right: Sequence[bool]) -> tuple[Bin, ...]:
    """Up to 15 bins of equal count (within one), from the least confident to the most."""
    if not confidences:
        return ()
    sure, hit = np.asarray(confidences, dtype=np.float64), np.asarray(right, dtype=np.float64)
    parts = np.array_split(np.argsort(sure, kind="stable"), min(BINS, len(sure)))
    return tuple(Bin(len(part), float(sure[part].mean()), float(hit[part].mean())) for part in parts)


def calibration_error(bins: Sequence[Bin]) -> float:
    """Mean distance of confidence from the share right, each bin counting by its messages; 0 is best."""
    count = sum(each.count for each in bins)
    distance = sum(abs(each.confidence - each.right) * each.count for each in bins)
    return rounded(distance / count) if count else 0.0


def difference(mine: Sequence[bool], theirs: Sequence[bool]) -> Difference:
    """Compare which messages two models had right; both in the same order."""
    won = sum(one and not other for one, other in zip(mine, theirs, strict=True))
    lost = sum(other and not one for one, other in zip(mine, theirs, strict=True))
    low, high = _bootstrapped(won, lost, len(mine))
    return Difference(won, lost, rounded((won - lost) / max(len(mine), 1)), low, high, _mcnemar(won, lost))


def rounded(value: float) -> float:
    """To four places, as all figures are given: more would be false precision, and differ between machines."""
    return round(float(value), 4) + 0.0  # no -0.0


def _mcnemar(won: int, lost: int) -> float:
    return rounded(binomtest(won, won + lost, 0.5).pvalue) if won + lost else 1.0


def _bootstrapped(won: int, lost: int, count: int) -> tuple[float, float]:
    if not count:
        return 0.0, 0.0
    # Drawing messages with replacement draws how many are won, lost and alike: one multinomial, no messages needed.
    draws = np.random.default_rng(SEED).multinomial(
        count, [won / count, lost / count, (count - won - lost) / count], size=RESAMPLES
    )
    low, high = np.quantile((draws[:, 0] - draws[:, 1]) / count, [0.025, 0.975])
    return rounded(low), rounded(high)
