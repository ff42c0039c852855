"""What the intent classifiers see of a message: the encoder's vectors, spread evenly, and the letters of its words.

Each of the encoder's layers is whitened in part (its common directions are damped, since they tell little of what a
message wants), character n-grams are counted and reduced, all are joined and turned onto the axes along which
training texts differ most. Nothing here looks at intents, so that cross-validation may share it between folds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = np.ndarray[Any, np.dtype[np.float32]]
SEED = 20261
_SHRINKAGE = 0.5


@dataclass(frozen=True)
class FeatureSettings:
    """How to make features.

    Attributes:
        whitening: 0 leaves the encoder's vectors as they are, 1 makes all their directions equally long.
        ngram_weight: weight of the n-grams beside each of the encoder's layers.
        ngram_dimensions: dimensions that the n-grams are reduced to.
        ngram_features_at_most: the most frequent n-grams are kept.
        ngram_texts: how they are reduced is learnt from about this many of the texts, evenly spread: more take long
            and change little.
        dimensions: of the features.
    """

    whitening: float = 0.5
    ngram_weight: float = 0.6
    ngram_dimensions: int = 300
    ngram_features_at_most: int = 20000
    ngram_texts: int = 8000
    dimensions: int = 768


@dataclass(frozen=True)
class Features:
    """Fitted features; see `fit_features`.

    `means` is [layers, width], `whiteners` [layers, width, width], `reduction` [n-grams, reduced], `projection`
    [layers * width + reduced, dimensions].
    """

    ngrams: TfidfVectorizer
    ngram_weight: float
    reduction: Floats
    means: Floats
    whiteners: Floats
    projection: Floats

    def transform(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Features [number of texts, dimensions] of length 1, of normalised texts and their vectors.

        Args:
            vectors: [number of texts, layers * width], as `Encoder.encode` gives them.
        """
        # In single precision, or the product turns the whole reduction into double at each call.
        counted: csr_matrix = self.ngrams.transform(texts).astype(np.float32)
        joined = _join(vectors, counted @ self.reduction, self.means, self.whiteners, self.ngram_weight)
        return unit_length(joined @ self.projection)

    def turned(self, turn: Floats) -> Features:
        """The same, seen on other axes: `turn` is [dimensions, dimensions]."""
        return replace(self, projection=np.asarray(self.projection @ turn, dtype=np.float32))

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """For `numpy.savez`; the large ones in half precision."""
        return {
            "reduction": self.reduction.astype(np.float16, order="C"),
            "means": self.means,
            "whiteners": self.whiteners.astype(np.float16),
            "projection": self.projection.astype(np.float16),
            "idf": self.ngrams.idf_.astype(np.float32),
            "ngram_weight": np.float32(self.ngram_weight),
        }

    def vocabulary(self) -> list[str]:
        """The n-grams, in the order of the reduction's rows."""
        known: dict[str, int] = self.ngrams.vocabulary_
        return sorted(known, key=known.__getitem__)

    @classmethod
    def restored(cls, vocabulary: Sequence[str], arrays: Mapping[str, np.ndarray[Any, Any]]) -> Features:
        """From what `vocabulary` and `arrays` gave; raises `ValueError` if they do not fit together."""
        ngrams = _vectorizer(FeatureSettings(), {ngram: index for index, ngram in enumerate(vocabulary)})
        if arrays["idf"].shape != (len(vocabulary),):
            raise ValueError("n-grams and their weights differ in number")
        ngrams.idf_ = arrays["idf"]
        restored = cls(
            ngrams,
            float(arrays["ngram_weight"]),
            *(
                np.ascontiguousarray(arrays[name], dtype=np.float32)
                for name in ("reduction", "means", "whiteners", "projection")
            ),
        )
        layers, width = restored.means.shape
        joined = layers * width + restored.reduction.shape[1]
        if (
            restored.reduction.shape[0] != len(vocabulary)
            or restored.whiteners.shape != (layers, width, width)
            or restored.projection.shape[0] != joined
        ):
            raise ValueError("the features' arrays do not fit together")
        return restored


def fit_features(
    texts: Sequence[str], vectors: Floats, layers: int, settings: FeatureSettings
) -> tuple[Features, Floats]:
    """Fit on normalised texts and their vectors [n, layers * width]; gives the features of these texts too."""
    ngrams = _vectorizer(settings, None)
    counted: csr_matrix = ngrams.fit_transform(texts)
    some = counted[:: max(1, counted.shape[0] // settings.ngram_texts)]
    reduced = min(settings.ngram_dimensions, some.shape[0] - 1, some.shape[1] - 1)
    svd = TruncatedSVD(reduced, n_iter=2, random_state=SEED).fit(some)
    # By rows: a product with sparse counts copies the whole matrix otherwise.
    reduction = np.ascontiguousarray(svd.components_.T, dtype=np.float32)

    by_layer = vectors.reshape(len(texts), layers, -1)
    means = by_layer.mean(axis=0)
    whiteners = np.stack(
        [_whitener(by_layer[:, layer] - means[layer], settings.whitening) for layer in range(layers)]
    )
    joined = _join(vectors, counted @ reduction, means, whiteners, settings.ngram_weight)
    centred = joined - joined.mean(axis=0)
    _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    dimensions = min(settings.dimensions, joined.shape[1])
    projection = axes[:, -dimensions:].astype(np.float32)
    features = Features(ngrams, settings.ngram_weight, reduction, means, whiteners, projection)
    return features, unit_length(joined @ projection)


def _join(vectors: Floats, ngrams: Floats, means: Floats, whiteners: Floats, ngram_weight: float) -> Floats:
    layers, width = means.shape
    by_layer = vectors.reshape(len(vectors), layers, width)
    parts = [unit_length((by_layer[:, layer] - means[layer]) @ whiteners[layer]) for layer in range(layers)]
    return unit_length(np.hstack([*parts, ngram_weight * unit_length(np.asarray(ngrams, dtype=np.float32))]))


def _whitener(centred: Floats, strength: float) -> Floats:
    """Divide each principal direction by its spread to the power `strength`; with fewer texts than dimensions, the
    directions without any spread are held up by a share of the mean spread.
    """
    covariance = (centred.T @ centred).astype(np.float64) / len(centred)
    spread, axes = np.linalg.eigh(covariance)
    spread = np.maximum(spread, 0.0) + _SHRINKAGE * spread.mean()
    return np.asarray(axes / spread ** (strength / 2), dtype=np.float32)


def unit_length(rows: Floats) -> Floats:
    """The rows, each scaled to length 1; one of zeros stays."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-6), dtype=np.float32)


def _vectorizer(settings: FeatureSettings, vocabulary: dict[str, int] | None) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 5),
        min_df=2 if vocabulary is None else 1,
        max_features=settings.ngram_features_at_most if vocabulary is None else None,
        sublinear_tf=True,
        strip_accents="unicode",
        vocabulary=vocabulary,
        dtype=np.float32,
    )
