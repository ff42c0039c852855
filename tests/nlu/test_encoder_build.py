"""Building the sentence encoder: from whole published files only, all at once, proven; its parts one by one."""

from __future__ import annotations

import hashlib
import json
import struct
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from bot.nlu import encoder_build
from bot.nlu.encoder_build import EncoderNotBuilt, Proof, check, ensure_built, main
from bot.nlu.encoder_graph import distance_buckets
from bot.nlu.encoder_quantise import PAIR_AT_MOST, quantise
from bot.nlu.encoder_recipe import MODEL, PARTS, STAMP, TOKENIZER, Part, recipe_id
from bot.nlu.encoder_weights import JoinedFiles, PublishedFilesUnusable, Weights, part_files, unpack


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- the published files ---------------------------------------------------------------------------------------------


@pytest.fixture
def archive(tmp_path: Path) -> list[Path]:
    """A zip archive of two members in three parts."""
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("folder/words", b"words " * 1000)
        file.writestr("folder/numbers", np.random.default_rng(1).bytes(5000))
    content = whole.read_bytes()
    parts = [tmp_path / f"part.{number}" for number in range(3)]
    for part, chunk in zip(parts, (content[:700], content[700:710], content[710:]), strict=True):
        part.write_bytes(chunk)
    return parts


def test_a_member_is_unpacked_from_parts(archive: list[Path], tmp_path: Path) -> None:
    to = tmp_path / "words"
    unpack(archive, "folder/words", sha256(b"words " * 1000), to)
    assert to.read_bytes() == b"words " * 1000


def test_a_member_that_is_not_the_expected_is_named(archive: list[Path], tmp_path: Path) -> None:
    with pytest.raises(PublishedFilesUnusable, match=r"folder/words has SHA-256 .*, expected 00"):
        unpack(archive, "folder/words", "0" * 64, tmp_path / "words")


def test_a_member_that_is_not_there_is_named(archive: list[Path], tmp_path: Path) -> None:
    with pytest.raises(PublishedFilesUnusable, match="folder/none cannot be unpacked"):
        unpack(archive, "folder/none", "0" * 64, tmp_path / "none")


def test_an_archive_that_is_cut_off_is_no_archive(archive: list[Path], tmp_path: Path) -> None:
    with pytest.raises(PublishedFilesUnusable, match="folder/words cannot be unpacked"):
        unpack(archive[:2], "folder/words", "0" * 64, tmp_path / "words")


@given(
    chunks=st.lists(st.binary(max_size=9), min_size=1, max_size=5),
    start=st.integers(0, 40),
    length=st.integers(0, 40),
)
def test_files_read_as_if_they_were_one(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes], start: int, length: int
) -> None:
    folder = tmp_path_factory.mktemp("chunks")
    files = [folder / str(number) for number in range(len(chunks))]
    for file, chunk in zip(files, chunks, strict=True):
        file.write_bytes(chunk)
    whole = b"".join(chunks)
    with JoinedFiles(files) as joined:
        assert joined.seek(0, 2) == len(whole)
        joined.seek(start)
        found = b""
        while len(found) < length and (some := joined.read(length - len(found))):
            found += some
    assert found == whole[start : start + length]


def test_a_part_with_another_hash_is_named() -> None:
    wrong = replace(PARTS[4], sha256="0" * 64)
    with pytest.raises(PublishedFilesUnusable, match=rf"zip\.005 has SHA-256 {PARTS[4].sha256}, expected 00"):
        part_files([wrong])


def test_a_part_that_is_not_installed_is_named() -> None:
    with pytest.raises(PublishedFilesUnusable, match="the package signpost-no-such-part is not installed"):
        part_files([Part("signpost-no-such-part", "a", "0" * 64)])


def test_a_package_without_its_file_is_named() -> None:
    with pytest.raises(PublishedFilesUnusable, match=r"the package numpy has no file numpy/weights\.zip"):
        part_files([Part("numpy", "numpy/weights.zip", "0" * 64)])


def weights_file(path: Path, table: dict[str, object], numbers: bytes) -> Path:
    header = json.dumps(table).encode()
    path.write_bytes(struct.pack("<Q", len(header)) + header + numbers)
    return path


def test_tensors_are_read_from_where_the_table_says(tmp_path: Path) -> None:
    numbers = np.arange(10, dtype="<f4")
    table = {
        "__metadata__": {"format": "pt"},
        "ids": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]},
        "matrix": {"dtype": "F32", "shape": [2, 3], "data_offsets": [8, 32]},
    }
    weights = Weights(weights_file(tmp_path / "w", table, numbers.tobytes()))
    assert weights["matrix"].tolist() == [[2, 3, 4], [5, 6, 7]]
    for name in ("none", "ids"):
        with pytest.raises(PublishedFilesUnusable, match=f"w has no {name}"):
            weights[name]


@pytest.mark.parametrize(
    "content", [b"", b"1234567", struct.pack("<Q", 5) + b"{nope", struct.pack("<Q", 2) + b"[]"]
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w").write_bytes(content)
    with pytest.raises(PublishedFilesUnusable, match="w is no safetensors file"):
        Weights(tmp_path / "w")


# --- eight bits ------------------------------------------------------------------------------------------------------


def matrix(inputs: int = 64, outputs: int = 48) -> np.ndarray:
    return np.random.default_rng(7).normal(size=(inputs, outputs)).astype(np.float32)


def test_rounded_weights_are_near_the_exact_ones() -> None:
    weights = matrix()
    rounded, scales = quantise(weights)
    assert rounded.dtype == np.int8
    assert (np.abs(rounded * scales - weights) <= scales / 2 + 1e-6).all()
    assert np.linalg.norm(rounded * scales - weights) / np.linalg.norm(weights) < 0.012


def test_no_two_neighbouring_weights_exceed_what_16_bits_hold() -> None:
    # The worst for rounding: both weights of a pair end in a half.
    weights = np.concatenate(
        [matrix(), np.full((2, 48), 63.5, np.float32), np.full((2, 48), -63.5, np.float32)]
    )
    pairs = quantise(weights)[0].astype(int).reshape(-1, 2, 48)
    assert np.maximum(pairs, 0).sum(axis=1).max() <= PAIR_AT_MOST
    assert np.maximum(-pairs, 0).sum(axis=1).max() <= PAIR_AT_MOST
    assert 255 * PAIR_AT_MOST <= 2**15 - 1


def test_an_output_without_weights_stays_without() -> None:
    rounded, scales = quantise(np.zeros((4, 2), np.float32))
    assert not rounded.any()
    assert np.isfinite(scales).all()


def test_weights_that_do_not_pair_are_refused() -> None:
    with pytest.raises(ValueError, match="odd number of inputs: 3"):
        quantise(matrix(3))


def test_products_of_rounded_weights_are_exact_on_this_processor() -> None:
    """Inputs at their limits, where a processor without VNNI would cut sums off if weights were not held to pairs."""
    weights = quantise(np.sign(matrix(768, 32)) * np.abs(matrix(768, 32)).clip(0.8))[0]
    node = helper.make_node("MatMulInteger", ["states", "weights", "centre"], ["product"])
    graph = helper.make_graph(
        [node],
        "product",
        [helper.make_tensor_value_info("states", TensorProto.UINT8, [None, 768])],
        [helper.make_tensor_value_info("product", TensorProto.INT32, None)],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.uint8(128), "centre")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    states = np.random.default_rng(3).choice(np.array([0, 255], np.uint8), (25, 768))
    states[0], states[1] = 255, 0
    (found,) = session.run(None, {"states": states})
    assert np.array_equal(found, (states.astype(int) - 128) @ weights.astype(int))


def test_distances_fall_into_the_buckets_of_the_published_model() -> None:
    buckets = distance_buckets(128)
    assert buckets[0, :9].tolist() == [0, 17, 18, 19, 20, 21, 22, 23, 24]
    assert buckets[:9, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert buckets[0, [11, 12, 15, 16, 127]].tolist() == [24, 25, 25, 26, 31]
    assert (np.diff(buckets[0, 1:]) >= 0).all()
    assert np.array_equal(distance_buckets(20), buckets[:20, :20])


# --- the build -------------------------------------------------------------------------------------------------------


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where builds were asked for; each takes a moment and gives files that are no encoder."""
    folders: list[Path] = []

    def make(work: Path, made: Path, say: encoder_build.Say) -> None:
        say("making")
        folders.append(work)
        (work / "large").write_bytes(b"not needed later")
        time.sleep(0.2)
        for name in (MODEL, TOKENIZER):
            (made / name).write_bytes(name.encode())

    monkeypatch.setattr(encoder_build, "_make", make)
    return folders


def test_it_is_built_once_and_nothing_else_is_left(tmp_path: Path, made: list[Path]) -> None:
    said: list[str] = []
    folder = ensure_built(tmp_path, said.append)
    assert folder == tmp_path / recipe_id()
    assert json.loads((folder / STAMP).read_text()) == {
        name: sha256(name.encode()) for name in (MODEL, TOKENIZER)
    }
    assert {path.name for path in tmp_path.iterdir()} == {recipe_id(), ".lock"}
    assert ensure_built(tmp_path, said.append) == folder
    assert len(made) == 1
    assert said == ["making"]


def test_two_that_start_together_build_it_once(tmp_path: Path, made: list[Path]) -> None:
    said: list[str] = []
    both = [threading.Thread(target=ensure_built, args=(tmp_path, said.append)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join(10)
    assert len(made) == 1
    assert "another process is building it; waiting for it" in said
    assert (tmp_path / recipe_id() / STAMP).is_file()


def test_what_older_and_killed_builds_left_is_removed(tmp_path: Path, made: list[Path]) -> None:
    for left in (".unfinished-a", "an-older-recipe", recipe_id()):
        (tmp_path / left).mkdir()
        (tmp_path / left / MODEL).write_bytes(b"old")
    folder = ensure_built(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {recipe_id(), ".lock"}
    assert (folder / MODEL).read_bytes() == MODEL.encode()


def test_a_build_that_fails_leaves_nothing_and_can_be_tried_again(
    tmp_path: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(encoder_build, "_sha256", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            ensure_built(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".lock"}
    assert (ensure_built(tmp_path) / STAMP).is_file()


def test_a_damaged_part_stops_the_build_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(encoder_build, "PARTS", [replace(PARTS[4], sha256="0" * 64)])
    with pytest.raises(
        EncoderNotBuilt, match=r"the sentence encoder cannot be built: .*zip\.005 has SHA-256"
    ):
        ensure_built(tmp_path)
    assert not (tmp_path / recipe_id()).exists()
    assert main(tmp_path) == 1
    assert "encoder: the sentence encoder cannot be built" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EncoderNotBuilt, match=r"cannot be built: .*Not a directory"):
        ensure_built(tmp_path / "file" / "encoder")


class Giving:
    """A model that gives the vectors it was told."""

    def __init__(self, *vectors: tuple[float, float]) -> None:
        self.vectors = np.asarray(vectors, np.float32)

    def encode(self, texts: tuple[str, ...]) -> np.ndarray:
        return self.vectors


PROOF = Proof(("a", "b"), np.asarray([[1, 0], [0, 1]], np.float32))


def test_vectors_as_they_should_be_pass() -> None:
    check(Giving((1, 0.01), (0, 1)), PROOF, 0.999, "exact")  # type: ignore[arg-type]


@pytest.mark.parametrize("vector", [(1, 0), (0.1, 1), (0, -1), (float("nan"), 1)])
def test_a_vector_that_is_off_is_named_with_its_text(vector: tuple[float, float]) -> None:
    with pytest.raises(EncoderNotBuilt, match="the exact encoder gives a wrong vector for 'b': cosine"):
        check(Giving((1, 0), vector), PROOF, 0.999, "exact")  # type: ignore[arg-type]
