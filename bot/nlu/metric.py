"""Which differences between messages tell their intents apart, and which do not.

Examples of one intent differ in many ways that do not matter to it. Directions along which they do so are damped
(within-class covariance normalisation; Hatch, Kajarekar and Stolcke, Interspeech 2006), so that near means: wants the
same.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float32]]
Labels = np.ndarray[Any, np.dtype[np.int64]]


def within_intent_scaling(seen: Floats, truth: Labels, weight: Floats, strength: float) -> Floats:
    """A matrix [d, d] that features are to be multiplied with, after which they want unit length again.

    Args:
        seen: [n, d], features of length 1.
        truth: [n], index of each example's intent.
        weight: [n], what an example counts.
        strength: 0 leaves all directions as long as they are, 1 makes the spread within intents alike in all.
    """
    intents = int(truth.max()) + 1
    sums = np.zeros((intents, seen.shape[1]), dtype=np.float32)
    np.add.at(sums, truth, seen)
    means = sums / np.maximum(np.bincount(truth, minlength=intents), 1)[:, None].astype(np.float32)
    apart = (seen - means[truth]) * np.sqrt(weight)[:, None]
    covariance = (apart.T @ apart).astype(np.float64) / len(seen)
    spread, axes = np.linalg.eigh(covariance)
    # Where examples are fewer than dimensions, directions without any spread are held up by the mean spread.
    spread = np.maximum(spread, 0.0) + max(float(spread.mean()), np.finfo(np.float32).tiny)
    return np.asarray(axes / spread ** (strength / 2), dtype=np.float32)
