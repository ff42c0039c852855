"""Runs a built encoder: tokenizer and ONNX model, texts in, vectors out. Knows nothing of where they come from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from bot.nlu.encoder_recipe import GIVEN_LAYERS, TOKENS_AT_MOST, WIDTH

Floats = np.ndarray[Any, np.dtype[np.float32]]
TEXTS_AT_ONCE = 8
"""More share no more work: their states leave the processor's nearest memory."""


class SentenceModel:
    """An ONNX model [texts, tokens] to [texts, GIVEN_LAYERS * WIDTH] and its tokenizer.

    Raises:
        ValueError: one of the files cannot be loaded; the text names it.
    """

    def __init__(self, model: Path, tokenizer: Path) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as error:  # the tokenizers library raises bare Exception
            raise ValueError(f"{tokenizer.name} cannot be loaded: {error}") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=TOKENS_AT_MOST)
        options = onnxruntime.SessionOptions()
        # More threads gain little on one short text, and starve the other processes; see `encode`.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False  # it never gives memory back; a call is no slower without
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(model), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises a class per status code, none of them public
            raise ValueError(f"onnxruntime cannot load {model.name}: {error}") from error

    def encode(self, texts: Sequence[str], threads: int = 1) -> Floats:
        """Vectors [number of texts, GIVEN_LAYERS * WIDTH], float32, each layer's of length 1.

        A text's vector does not depend on the others. Texts of the same number of tokens are run together, on as many
        threads as given.
        """
        vectors = np.zeros((len(texts), GIVEN_LAYERS * WIDTH), dtype=np.float32)
        numbers = [self._tokenizer.encode(text).ids for text in texts]

        def run(rows: list[int]) -> None:
            batch = np.asarray([numbers[row] for row in rows], dtype=np.int64)
            (vectors[rows],) = self._session.run(None, {"input_ids": batch})

        batches = _batches(numbers)
        if threads == 1:
            for rows in batches:
                run(rows)
        else:
            with ThreadPoolExecutor(threads) as pool:
                for _ in pool.map(run, batches):
                    continue
        return vectors


def _batches(numbers: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Rows of the same length, a few at a time, the longest first so that threads end together."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for row, each in enumerate(numbers):
        by_length[len(each)].append(row)
    for _, rows in sorted(by_length.items(), reverse=True):
        for start in range(0, len(rows), TEXTS_AT_ONCE):
            yield rows[start : start + TEXTS_AT_ONCE]
