"""Weights in eight bits, such that products of them are exact on any processor."""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float32]]
Integers = np.ndarray[Any, np.dtype[np.int8]]

PAIR_AT_MOST = 128
"""An x86 processor without VNNI multiplies two neighbouring inputs (0…255) by their weights at once and holds the sum
in 16 bits, which stop at 32,767. While neighbouring weights of the same sign add up to 128 at most, 255 × 128 fits.
"""


def quantise(weights: Floats) -> tuple[Integers, Floats]:
    """Round weights [inputs, outputs], an even number of inputs, to eight bits with one scale for each output.

    The scale of an output is the finest under which no two weights of inputs 2k and 2k+1 exceed `PAIR_AT_MOST`. Errors
    are two thirds of those of seven bits for every weight, the usual remedy.

    Returns:
        The rounded weights [inputs, outputs] and the scales [outputs]: rounded × scale ≈ weight.

    Raises:
        ValueError: the number of inputs is odd.
    """
    if len(weights) % 2:
        raise ValueError(f"weights of an odd number of inputs: {len(weights)}")
    pairs = weights.reshape(len(weights) // 2, 2, -1)
    largest = np.maximum(np.maximum(pairs, 0).sum(axis=1), np.maximum(-pairs, 0).sum(axis=1)).max(axis=0)
    # One less than the limit: rounding adds a half to each of the two at most.
    scales = np.where(largest > 0, largest / (PAIR_AT_MOST - 1), 1).astype(np.float32)
    return np.rint(weights / scales).astype(np.int8), scales
