"""The sentence encoder: texts in, a vector each out. The one place that knows which model that is."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bot.nlu.encoder_build import EncoderNotBuilt, ensure_built
from bot.nlu.encoder_recipe import GIVEN_LAYERS, MODEL, NAME, STAMP, TOKENIZER, WIDTH, recipe_id
from bot.nlu.encoder_session import SentenceModel

Floats = np.ndarray[Any, np.dtype[np.float32]]
TEXTS_AT_ONCE = 1000
SECONDS_BETWEEN_WORDS = 10.0


class EncoderUnavailable(RuntimeError):
    """The encoder can't be built, or its files are not the ones that were built."""


class Encoder:
    """all-mpnet-base-v2 in eight bits: the mean of a text's token states, 768 numbers of length 1 of the last
    layer, and as many of a middle one.

    Built now if it is not there; see `bot/nlu/encoder_build.py`.

    Args:
        folder: of the model, the tokenizer and their stamp; the built one if none is given.

    Raises:
        EncoderUnavailable: it cannot be built, a file is missing, or one has changed since it was built.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.name = NAME
        self.layers = GIVEN_LAYERS
        self.dimension = GIVEN_LAYERS * WIDTH
        try:
            folder = folder or ensure_built(say=_say)
            _check_against_stamp(folder)
            self._model = SentenceModel(folder / MODEL, folder / TOKENIZER)
        except (EncoderNotBuilt, ValueError) as error:
            raise EncoderUnavailable(str(error)) from error

    @property
    def id(self) -> str:
        """Names the vectors: two encoders with the same id give the same vector for the same text."""
        return recipe_id()

    def encode(self, texts: Sequence[str], threads: int = 1) -> Floats:
        """Encode texts as an array of shape [number of texts, dimension], float32, each layer's part of length 1.

        A text's vector is the same whatever else is encoded with it. More threads than one help with many texts.
        """
        return self._model.encode(texts, threads)


@functools.cache
def shared_encoder() -> Encoder:
    """The process's encoder: its components share one, since each takes 170 megabytes."""
    return Encoder()


class VectorCache:
    """Vectors of training texts on disk, so that a training after a few corrections encodes only those.

    Args:
        encoder: whose vectors; another encoder has another file.
        folder: where; made if missing.
    """

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self._path = folder / f"vectors-{encoder.id}.sqlite"

    def encode(self, texts: Sequence[str]) -> Floats:
        """As `Encoder.encode`, on all processors, computing only what is not on disk yet."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        with contextlib.closing(sqlite3.connect(self._path, timeout=30)) as database:
            database.execute(
                "create table if not exists vectors (text_sha256 blob primary key, vector blob not null)"
            )
            known: dict[bytes, Floats] = {
                bytes(key): np.frombuffer(vector, dtype="<f4")
                for key, vector in database.execute("select text_sha256, vector from vectors")
            }
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            known.update(self._encode_and_keep(database, list(missing.items())))
        if not keys:
            return np.zeros((0, self._encoder.dimension), dtype=np.float32)
        return np.stack([known[key] for key in keys]).astype(np.float32)

    def _encode_and_keep(
        self, database: sqlite3.Connection, missing: list[tuple[bytes, str]]
    ) -> dict[bytes, Floats]:
        """Some at a time, so that a training that is stopped has not encoded for nothing."""
        found: dict[bytes, Floats] = {}
        said = time.monotonic()
        for start in range(0, len(missing), TEXTS_AT_ONCE):
            some = dict(missing[start : start + TEXTS_AT_ONCE])
            vectors = self._encoder.encode(list(some.values()), threads=os.cpu_count() or 1)
            found.update(zip(some, vectors, strict=True))
            with database:
                database.executemany(
                    "insert or ignore into vectors values (?, ?)",
                    [(key, found[key].astype("<f4").tobytes()) for key in some],
                )
            if time.monotonic() - said > SECONDS_BETWEEN_WORDS:
                said = time.monotonic()
                _say(f"{len(found)} of {len(missing)} texts encoded")
        return found


def vector_folder() -> Path:
    """Where vectors of training texts are kept: SIGNPOST_VECTOR_CACHE, or `.rasa/vectors` beside Rasa's own cache."""
    return Path(os.environ.get("SIGNPOST_VECTOR_CACHE", ".rasa/vectors"))


def _check_against_stamp(folder: Path) -> None:
    """Raise EncoderUnavailable unless the model and the tokenizer are as they were when they were built."""
    remedy = f"remove {folder} and start again: it is built anew"
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        for name in (MODEL, TOKENIZER):
            with (folder / name).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            if found != stamp[name]:
                raise EncoderUnavailable(
                    f"{folder / name} has changed since it was built (SHA-256 {found}, not {stamp[name]}); {remedy}"
                )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderUnavailable(
            f"the sentence encoder in {folder} is not whole ({error}); {remedy}"
        ) from error


def _say(line: str) -> None:
    print(f"… {line}", file=sys.stderr, flush=True)
