"""The sentence encoder: its vectors are the published model's, whatever else is encoded and on whichever processor."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from bot.nlu import encoder_recipe
from bot.nlu.encoder import Encoder, EncoderUnavailable, VectorCache, shared_encoder
from bot.nlu.encoder_build import cosines, main, read_proof
from bot.nlu.encoder_recipe import (
    ENCODERS,
    MODEL,
    QUANTISED_COSINE_AT_LEAST,
    STAMP,
    TOKENIZER,
    recipe_id,
    recipe_sha256,
)

TEXTS = (
    "three bags of rubbish next to the bottle bank",
    "can you tell me when the tip shuts",
    "lamp flickering by the zebra crossing since sunday, someone will get hurt",
    "cheers",
    "three sacks of waste beside the bottle bank",
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return shared_encoder()


@pytest.fixture
def copy(tmp_path: Path, encoder: Encoder) -> Path:
    """A copy of the built encoder, but for the model itself, which is long."""
    folder = tmp_path / encoder.id
    folder.mkdir()
    for name in (TOKENIZER, STAMP):
        shutil.copy(ENCODERS / encoder.id / name, folder / name)
    (folder / MODEL).symlink_to(ENCODERS / encoder.id / MODEL)
    return folder


def test_its_vectors_are_those_of_the_published_model(encoder: Encoder) -> None:
    proof = read_proof()
    assert len(proof.texts) >= 12
    found = cosines(encoder.encode(proof.texts)[:, :768], proof.vectors)
    assert found.min() >= QUANTISED_COSINE_AT_LEAST
    assert found.mean() >= 0.999


def test_vectors_are_float32_and_each_layer_of_length_one(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension)
    assert vectors.dtype == np.float32
    for layer in np.split(vectors, encoder.layers, axis=1):
        assert np.linalg.norm(layer, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)


def test_the_same_in_other_words_is_nearer_than_anything_else(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)[:, :768]
    near = vectors @ vectors[0]
    assert near[4] > 0.8
    assert near[1:4].max() < 0.5


def test_a_vector_does_not_depend_on_what_else_is_encoded(encoder: Encoder) -> None:
    many = [*TEXTS, *(f"{text} {number}" for number in range(12) for text in TEXTS)]
    together = encoder.encode(many)
    alone = np.concatenate([encoder.encode([text]) for text in many])
    assert np.abs(together - alone).max() < 1e-6


def test_two_threads_give_the_same_numbers_as_one(encoder: Encoder) -> None:
    many = [f"{text} {number}" for number in range(20) for text in TEXTS]
    assert np.array_equal(encoder.encode(many), encoder.encode(many, threads=2))


def test_what_stands_after_128_tokens_is_not_seen(encoder: Encoder) -> None:
    inside = " ".join(["bin"] * 126)  # and a token at each end
    longer, shorter = f"{inside} river river river", " ".join(["bin"] * 125 + ["river"])
    vectors = encoder.encode([inside, longer, shorter])
    assert np.abs(vectors[0] - vectors[1]).max() < 1e-6
    assert vectors[0] @ vectors[2] < 2 * 0.999


@pytest.mark.parametrize("text", ["", "   ", "\x00", "🦆", "a" * 5000])
def test_any_text_has_a_vector(encoder: Encoder, text: str) -> None:
    assert np.linalg.norm(encoder.encode([text])) == pytest.approx(np.sqrt(encoder.layers), abs=1e-5)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_a_copy_that_was_not_changed_is_taken(copy: Path, encoder: Encoder) -> None:
    assert np.array_equal(Encoder(copy).encode(TEXTS), encoder.encode(TEXTS))


def test_a_file_that_was_changed_is_refused_by_its_name(copy: Path) -> None:
    content = bytearray((copy / TOKENIZER).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / TOKENIZER).write_bytes(content)
    with pytest.raises(
        EncoderUnavailable, match=rf"{TOKENIZER} has changed since it was built .*remove {copy} and"
    ):
        Encoder(copy)


def test_a_model_that_was_changed_is_refused_by_its_name(copy: Path) -> None:
    (copy / MODEL).unlink()
    (copy / MODEL).write_bytes(b"another")
    with pytest.raises(EncoderUnavailable, match=f"{MODEL} has changed since it was built"):
        Encoder(copy)


@pytest.mark.parametrize("name", [MODEL, TOKENIZER, STAMP])
def test_a_missing_file_is_told(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(EncoderUnavailable, match=f"is not whole .*{name}"):
        Encoder(copy)


@pytest.mark.parametrize("stamp", ["", "{}", "[]", "\ufeff{"])
def test_a_damaged_stamp_is_told(copy: Path, stamp: str) -> None:
    (copy / STAMP).write_text(stamp, encoding="utf-8")
    with pytest.raises(EncoderUnavailable, match="is not whole"):
        Encoder(copy)


def test_its_name_changes_with_the_recipe_only(
    encoder: Encoder, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert encoder.id == recipe_id() == Encoder(copy).id
    before = recipe_id()
    monkeypatch.setattr(encoder_recipe, "VERSION", encoder_recipe.VERSION + 1)
    assert recipe_id() != before


def test_what_builds_it_is_not_loaded_to_use_it() -> None:
    program = (
        "import sys; from bot.nlu.encoder import Encoder; Encoder().encode(['hello']); "
        "print(sorted({'onnx', 'safetensors', 'torch', 'transformers'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.stdout, found.stderr) == ("[]\n", "")


def test_building_it_again_does_nothing_and_leaves_the_mark(
    encoder: Encoder, capfd: pytest.CaptureFixture[str]
) -> None:
    model = ENCODERS / encoder.id / MODEL
    before = model.stat().st_mtime_ns
    assert main() == 0
    assert model.stat().st_mtime_ns == before
    assert (ENCODERS / "recipe").read_text().strip() == recipe_sha256()
    assert capfd.readouterr().err == ""


class Counting:
    """An encoder that writes down what it was asked."""

    id, dimension = "counting", 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str], threads: int = 1) -> np.ndarray:
        self.asked += texts
        return np.asarray([[len(text), threads > 0] for text in texts], dtype=np.float32)


def test_the_cache_encodes_each_text_once(tmp_path: Path) -> None:
    counting = Counting()
    cache = VectorCache(counting, tmp_path / "vectors")  # type: ignore[arg-type]
    first = cache.encode(["a", "bb", "a"])
    assert counting.asked == ["a", "bb"]
    assert first.tolist() == [[1, 1], [2, 1], [1, 1]]
    again = VectorCache(counting, tmp_path / "vectors").encode(["bb", "ccc"])  # type: ignore[arg-type]
    assert counting.asked == ["a", "bb", "ccc"]
    assert again.tolist() == [[2, 1], [3, 1]]
    assert cache.encode([]).shape == (0, 2)


def test_the_cache_keeps_what_was_encoded_before_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.nlu.encoder.TEXTS_AT_ONCE", 2)
    counting = Counting()
    cache = VectorCache(counting, tmp_path)  # type: ignore[arg-type]
    encode = counting.encode

    def stopped(texts: Sequence[str], threads: int = 1) -> np.ndarray:
        if "ccc" in texts:
            raise KeyboardInterrupt
        return encode(texts, threads)

    monkeypatch.setattr(counting, "encode", stopped)
    with pytest.raises(KeyboardInterrupt):
        cache.encode(["a", "bb", "ccc"])
    monkeypatch.setattr(counting, "encode", encode)
    assert cache.encode(["a", "bb", "ccc"]).tolist() == [[1, 1], [2, 1], [3, 1]]
    assert counting.asked == ["a", "bb", "ccc"]
