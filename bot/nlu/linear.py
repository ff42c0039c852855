"""The linear classifier: sentence vector and character n-grams in, calibrated probabilities of the intents out.

Multinomial logistic regression on the encoder's vector joined with character n-grams of words (TF-IDF,
reduced by a truncated SVD while fitting; afterwards the reduction is multiplied into the weights, so that
classifying is one sparse and one dense product). Probabilities are calibrated by one temperature, fitted on
out-of-fold predictions. Everything is seeded: the same data gives the same model.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import log_softmax, softmax
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold

Floats = np.ndarray[Any, np.dtype[np.float32]]
SEED = 20261


class ClassifierUnusable(RuntimeError):
    """A stored classifier cannot be read, or belongs to another encoder."""


@dataclass(frozen=True)
class FitSettings:
    """How to fit.

    Attributes:
        c: inverse strength of the L2 penalty, as in scikit-learn.
        ngram_weight: weight of the n-grams beside the sentence vector, which has length 1.
        ngram_dimensions: dimensions that the n-grams are reduced to while fitting.
        ngram_features_at_most: the most frequent n-grams are kept.
        folds: for calibration and for the estimates in the report.
    """

    c: float = 4.0
    ngram_weight: float = 1.2
    ngram_dimensions: int = 500
    ngram_features_at_most: int = 30000
    folds: int = 5


@dataclass(frozen=True)
class FitReport:
    """What cross-validation says of a classifier. Shares are 0…1; the calibration error is over 15 bins of
    equal count.
    """

    examples: int
    intents: int
    accuracy: float
    accuracy_top_3: float
    calibration_error: float
    temperature: float


@dataclass(frozen=True)
class OutOfFold:
    """Probabilities of every training example by a model that has not seen it; rows as the examples, columns
    as `intents`.
    """

    intents: tuple[str, ...]
    probabilities: Floats
    labels: np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class LinearClassifier:
    """A fitted classifier; see `fit`, `save`, `load`.

    `dense_weights` is [vector dimension, intents], `ngram_weights` [n-grams, intents], `bias` [intents]; the
    temperature is divided in already.
    """

    intents: tuple[str, ...]
    encoder_id: str
    ngrams: TfidfVectorizer
    dense_weights: Floats
    ngram_weights: Floats
    bias: Floats
    report: FitReport

    def probabilities(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Probabilities [number of texts, intents] of normalised texts and their sentence vectors."""
        logits = vectors @ self.dense_weights + self.bias
        logits = logits + self.ngrams.transform(texts) @ self.ngram_weights
        return np.asarray(softmax(logits.astype(np.float64), axis=1), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write `classifier.npz` (numbers) and `classifier.json` (names): nothing that runs code when read."""
        vocabulary = sorted(self.ngrams.vocabulary_, key=self.ngrams.vocabulary_.__getitem__)
        np.savez(
            folder / "classifier.npz",
            dense_weights=self.dense_weights,
            ngram_weights=self.ngram_weights,
            bias=self.bias,
            idf=self.ngrams.idf_.astype(np.float32),
        )
        facts = {
            "intents": list(self.intents),
            "encoder": self.encoder_id,
            "report": asdict(self.report),
            "ngrams": vocabulary,
        }
        (folder / "classifier.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, encoder_id: str) -> LinearClassifier:
        """Read what `save` wrote.

        Raises:
            ClassifierUnusable: a file is missing or broken, or the classifier was fitted on another encoder's vectors.
        """
        try:
            facts = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
            with np.load(folder / "classifier.npz", allow_pickle=False) as numbers:
                arrays = {name: numbers[name] for name in ("dense_weights", "ngram_weights", "bias", "idf")}
            intents, vocabulary = tuple(facts["intents"]), facts["ngrams"]
            report = FitReport(**facts["report"])
            fitted_on = facts["encoder"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClassifierUnusable(f"the stored intent classifier cannot be read: {error}") from error
        if fitted_on != encoder_id:
            raise ClassifierUnusable(
                f"the model was trained with the encoder {fitted_on}, not {encoder_id}: train it again"
            )
        shapes = (
            arrays["ngram_weights"].shape,
            arrays["dense_weights"].shape[1:],
            arrays["bias"].shape,
            arrays["idf"].shape,
        )
        if shapes != ((len(vocabulary), len(intents)), (len(intents),), (len(intents),), (len(vocabulary),)):
            raise ClassifierUnusable(f"the stored intent classifier does not fit together: {shapes}")
        ngrams = _vectorizer(FitSettings(), {ngram: index for index, ngram in enumerate(vocabulary)})
        ngrams.idf_ = arrays["idf"]
        return cls(
            intents,
            fitted_on,
            ngrams,
            arrays["dense_weights"],
            arrays["ngram_weights"],
            arrays["bias"],
            report,
        )


def fit(
    texts: Sequence[str],
    vectors: Floats,
    labels: Sequence[str],
    encoder_id: str,
    settings: FitSettings,
) -> tuple[LinearClassifier, OutOfFold]:
    """Fit and calibrate on normalised texts, their vectors [n, d] and their intents.

    Raises:
        ValueError: fewer than two intents, or an intent with fewer examples than there are folds.
    """
    intents = tuple(sorted(set(labels)))
    index = {intent: number for number, intent in enumerate(intents)}
    truth = np.asarray([index[label] for label in labels], dtype=np.int64)
    counts = np.bincount(truth, minlength=len(intents))
    few = [intents[number] for number in np.flatnonzero(counts < settings.folds)]
    if len(intents) < 2 or few:
        raise ValueError(
            f"each of at least two intents needs {settings.folds} examples; too few: {', '.join(few)}"
        )

    # The reduction sees the words of all examples, not their intents, so folds may share it: fitted once, it
    # costs a sixth.
    ngrams, reduction, features = _features(texts, vectors, settings)
    unscaled = np.zeros((len(texts), len(intents)), dtype=np.float64)
    folds = StratifiedKFold(settings.folds, shuffle=True, random_state=SEED)
    for train, held_out in folds.split(features, truth):
        weights, bias = _logistic_regression(features[train], truth[train], len(intents), settings.c)
        unscaled[held_out] = features[held_out] @ weights + bias
    temperature = _temperature(unscaled, truth)
    held_out_probabilities = softmax(unscaled / temperature, axis=1).astype(np.float32)

    weights, bias = _logistic_regression(features, truth, len(intents), settings.c)
    dense, sparse = weights[: vectors.shape[1]], weights[vectors.shape[1] :]
    report = FitReport(
        examples=len(texts),
        intents=len(intents),
        accuracy=round(float((held_out_probabilities.argmax(axis=1) == truth).mean()), 4),
        accuracy_top_3=round(_accuracy_top(held_out_probabilities, truth, 3), 4),
        calibration_error=round(calibration_error(held_out_probabilities, truth), 4),
        temperature=round(temperature, 4),
    )
    classifier = LinearClassifier(
        intents=intents,
        encoder_id=encoder_id,
        ngrams=ngrams,
        dense_weights=(dense / temperature).astype(np.float32),
        ngram_weights=(settings.ngram_weight * (reduction.components_.T @ sparse) / temperature).astype(
            np.float32
        ),
        bias=(bias / temperature).astype(np.float32),
        report=report,
    )
    return classifier, OutOfFold(intents, held_out_probabilities, truth)


def calibration_error(
    probabilities: Floats, truth: np.ndarray[Any, np.dtype[np.int64]], bins: int = 15
) -> float:
    """Mean distance between confidence and accuracy of the top intent, over bins of equal count."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, len(truth)))
    return float(
        sum(abs(float(confidence[part].mean()) - float(right[part].mean())) * len(part) for part in parts)
        / len(truth)
    )


def _features(
    texts: Sequence[str], vectors: Floats, settings: FitSettings
) -> tuple[TfidfVectorizer, TruncatedSVD, Floats]:
    ngrams = _vectorizer(settings, None)
    counted: csr_matrix = ngrams.fit_transform(texts)
    dimensions = min(settings.ngram_dimensions, counted.shape[0] - 1, counted.shape[1] - 1)
    reduction = TruncatedSVD(dimensions, n_iter=2, random_state=SEED)
    reduced = reduction.fit_transform(counted) * settings.ngram_weight
    return ngrams, reduction, np.hstack([vectors, reduced]).astype(np.float32)


def _logistic_regression(
    features: Floats, truth: np.ndarray[Any, np.dtype[np.int64]], intents: int, c: float
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.float64]]]:
    """Multinomial, L2, classes weighted inversely to their frequency: scikit-learn's objective, in float32
    products, which are twice as fast.
    """
    rows, width = features.shape
    counts = np.bincount(truth, minlength=intents)
    weight = (rows / (intents * counts))[truth].astype(np.float32)
    target = np.zeros((rows, intents), dtype=np.float32)
    target[np.arange(rows), truth] = 1.0

    def loss(flat: np.ndarray[Any, Any]) -> tuple[float, np.ndarray[Any, Any]]:
        parameters = flat.reshape(width + 1, intents)
        logs = features @ parameters[:-1].astype(np.float32) + parameters[-1].astype(np.float32)
        logs -= logs.max(axis=1, keepdims=True)
        logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
        value = -float((logs[np.arange(rows), truth] * weight).sum(dtype=np.float64))
        slope = (np.exp(logs) - target) * weight[:, None]
        gradient = np.empty_like(parameters)
        gradient[:-1] = features.T @ slope + parameters[:-1] / c
        gradient[-1] = slope.sum(axis=0, dtype=np.float64)
        return value + 0.5 / c * float((parameters[:-1] ** 2).sum()), gradient.ravel()

    start = np.zeros((width + 1) * intents)
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200, "ftol": 1e-6, "gtol": 0.05}
    )
    parameters = found.x.reshape(width + 1, intents)
    return parameters[:-1], parameters[-1]


def _temperature(
    logits: np.ndarray[Any, np.dtype[np.float64]], truth: np.ndarray[Any, np.dtype[np.int64]]
) -> float:
    """The divisor of the logits under which the truth is likeliest."""

    def surprise(log_temperature: float) -> float:
        logs = log_softmax(logits / np.exp(log_temperature), axis=1)
        return -float(logs[np.arange(len(truth)), truth].mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 3.0), method="bounded").x))


def _accuracy_top(probabilities: Floats, truth: np.ndarray[Any, np.dtype[np.int64]], top: int) -> float:
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
    return float((best == truth[:, None]).any(axis=1).mean())


def _vectorizer(settings: FitSettings, vocabulary: dict[str, int] | None) -> TfidfVectorizer:
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
