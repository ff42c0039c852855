"""Kernel ridge regression and nearest neighbours: the parts of the intent classifier that remember the examples.

Both compare a message with every example. The regression (Gaussian kernel, solved exactly) bends its borders where a
linear one cannot; the neighbours answer for what is said almost as in an example. Out-of-fold predictions of the
regression come from one inverse of the whole kernel matrix (An, Liu and Venkatesh, Pattern Recognition 40, 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, lapack, solve

Floats = np.ndarray[Any, np.dtype[np.float32]]
Labels = np.ndarray[Any, np.dtype[np.int64]]


def kernel(similarity: Floats, width: float) -> Floats:
    """Gaussian kernel of cosines: 1 for the same direction."""
    return np.asarray(np.exp(np.float32(width) * (similarity - np.float32(1.0))), dtype=np.float32)


def fit_ridge(
    similarity: Floats,
    target: Floats,
    weight: Floats,
    width: float,
    penalty: float,
    folds: Sequence[np.ndarray[Any, np.dtype[np.int64]]],
) -> tuple[Floats, Floats]:
    """Fit on the cosines [n, n] between examples, which are used up, and their intents as 0 and 1 [n, intents].

    Args:
        weight: [n], what an example counts.
        folds: rows of each fold.

    Returns:
        Coefficients [n, intents], and for each example what the others' folds say of it, [n, intents].
    """
    matrix = similarity
    matrix -= 1.0
    matrix *= np.float32(width)
    np.exp(matrix, out=matrix)
    rows = len(matrix)
    matrix[np.diag_indices(rows)] += np.float32(penalty) / weight**2
    # A symmetric matrix is the same by rows and by columns, so LAPACK may work on it where it stands.
    factor, failed = lapack.spotrf(matrix.T, lower=1, overwrite_a=1, clean=0)
    if failed:
        raise LinAlgError(f"the kernel matrix cannot be factored (LAPACK {failed})")
    inverse, failed = lapack.spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise LinAlgError(f"the kernel matrix cannot be inverted (LAPACK {failed})")
    _mirror(inverse)
    coefficients = np.asarray(inverse @ target, dtype=np.float32)
    held_out = np.empty_like(coefficients)
    for fold in folds:
        left_out = inverse[np.ix_(fold, fold)].astype(np.float64)
        held_out[fold] = target[fold] - solve(left_out, coefficients[fold], assume_a="pos")
    return coefficients, held_out


def neighbours(
    similarity: Floats, truth: Labels, weight: Floats, intents: int, k: int, reach: float
) -> Floats:
    """Shares [m, intents] of the intents among the nearest examples.

    Args:
        similarity: [m, n], cosines of messages and examples.
        truth: [n], index of each example's intent.
        weight: [n], what an example counts.
        k: how many of the nearest count.
        reach: a neighbour farther by this much counts 1/e of the nearest.
    """
    k = min(k, similarity.shape[1])
    nearest = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
    near = np.take_along_axis(similarity, nearest, axis=1)
    votes = np.exp((near - near.max(axis=1, keepdims=True)) / np.float32(reach)) * weight[nearest]
    shares = np.zeros((len(similarity), intents), dtype=np.float32)
    rows = np.repeat(np.arange(len(similarity)), k)
    np.add.at(shares, (rows, truth[nearest].ravel()), votes.ravel())
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float32)


def _mirror(lower: Floats) -> None:
    """Copy the lower triangle to the upper one, a block at a time, since the matrix is large."""
    rows, step = len(lower), 2048
    for start in range(0, rows, step):
        end = min(start + step, rows)
        block = lower[start:end, start:end]
        block[:] = np.tril(block) + np.tril(block, -1).T
        lower[start:end, end:] = lower[end:, start:end].T
