"""What the nearest examples say of a message: the part of the intent classifier that remembers."""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float32]]
Labels = np.ndarray[Any, np.dtype[np.int64]]


COARSE = 192
SHORTLIST = 400


class Nearest:
    """Examples' features, arranged to find the nearest quickly: their first axes tell nearly which they are, and only
    those are compared in full. Reading all of all examples would take longer than anything else but the encoder.

    Args:
        examples: [n, d], rows of length 1, on axes of falling spread (`falling_spread`).
    """

    def __init__(self, examples: Floats) -> None:
        self.examples = examples
        self._coarse = np.ascontiguousarray(examples[:, :COARSE].T)

    def find(self, seen: Floats) -> tuple[Floats, Labels]:
        """Cosines with the likely nearest examples and which these are, both [m, at most SHORTLIST], in no order."""
        rough = seen[:, :COARSE] @ self._coarse
        if rough.shape[1] > SHORTLIST:
            rows = np.argpartition(-rough, SHORTLIST - 1, axis=1)[:, :SHORTLIST]
        else:
            rows = np.broadcast_to(np.arange(rough.shape[1]), rough.shape)
        cosines = [self.examples[near] @ each for near, each in zip(rows, seen, strict=True)]
        return np.asarray(cosines, dtype=np.float32), rows


def falling_spread(examples: Floats) -> Floats:
    """The rotation [d, d] onto the axes along which examples [n, d] spread, the widest first."""
    _, axes = np.linalg.eigh((examples.T @ examples).astype(np.float64))
    return np.asarray(axes[:, ::-1], dtype=np.float32)


def neighbours(
    similarity: Floats, truth: Labels, weight: Floats, intents: int, k: int, reach: float
) -> Floats:
    """Shares [m, intents] of the intents among the nearest examples.

    Args:
        similarity: [m, n], cosines of messages and examples.
        truth: [n] or [m, n], index of each example's intent.
        weight: as `truth`, what an example counts.
        k: how many of the nearest count.
        reach: a neighbour farther by this much counts 1/e of the nearest.
    """
    k = min(k, similarity.shape[1])
    nearest = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
    near = np.take_along_axis(similarity, nearest, axis=1)
    truth, weight = (
        np.take_along_axis(np.broadcast_to(each, similarity.shape), nearest, axis=1)
        for each in (truth, weight)
    )
    votes = np.exp((near - near.max(axis=1, keepdims=True)) / np.float32(reach)) * weight
    shares = np.zeros((len(similarity), intents), dtype=np.float32)
    rows = np.repeat(np.arange(len(similarity)), k)
    np.add.at(shares, (rows, truth.ravel()), votes.ravel())
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)
