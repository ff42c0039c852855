"""The intent classifier: texts and their sentence vectors in, calibrated probabilities of all the intents out.

Three classifiers see the same features (`bot/nlu/features.py`): logistic regression, kernel ridge regression and the
nearest examples. Their probabilities are mixed; how sure the mixture may be is learnt from out-of-fold predictions.
Everything is seeded: the same data gives the same model. `docs/understanding.md` says what each part gives.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.model_selection import StratifiedKFold

from bot.nlu.features import SEED, Features, FeatureSettings, Floats, fit_features
from bot.nlu.kernel import fit_ridge, kernel, neighbours
from bot.nlu.linear import logistic_regression
from bot.nlu.measures import calibration_error, reliability

Labels = np.ndarray[Any, np.dtype[np.int64]]
_LEAST = 1e-9
MEMORIES = (0.0, 0.25, 0.5, 0.75, 1.0)


class ClassifierUnusable(RuntimeError):
    """A stored classifier cannot be read, or belongs to another encoder."""


@dataclass(frozen=True)
class FitSettings(FeatureSettings):
    """How to fit; those of `FeatureSettings`, and:

    Attributes:
        c: inverse strength of the penalty of the logistic regression.
        kernel_width: of the kernel regression; larger means that only what is nearer counts.
        kernel_penalty: of the kernel regression.
        neighbours: how many of the nearest examples are asked.
        reach: distance in cosine at which a neighbour counts 1/e of the nearest.
        linear_share, kernel_share: what the two regressions count in the mixture; the neighbours count the rest. The
            kernel and the neighbours need many examples of an intent: they count less, down to nothing, where
            out-of-fold predictions are better so.
        kernel_sharpness: factor of the kernel regression's outputs, which lie about 0…1, before they become shares.
        rarity: how far an intent with few examples is raised to one with many; 0 not at all, 1 to the same.
        folds: for calibration and for the estimates in the report.
    """

    c: float = 5.0
    kernel_width: float = 3.0
    kernel_penalty: float = 0.3
    neighbours: int = 40
    reach: float = 0.05
    linear_share: float = 0.3
    kernel_share: float = 0.4
    kernel_sharpness: float = 14.0
    rarity: float = 0.3
    folds: int = 5


@dataclass(frozen=True)
class FitReport:
    """What cross-validation says of a classifier. Shares are 0…1; the calibration error is over 15 bins of
    equal count; `memory` (0…1) is how much the kernel and the neighbours count of what the settings give them;
    `sharpness` is the power that the mixture was raised to.
    """

    examples: int
    intents: int
    accuracy: float
    accuracy_top_3: float
    calibration_error: float
    memory: float
    sharpness: float


@dataclass(frozen=True)
class OutOfFold:
    """Probabilities of every training example by a model that has not seen it; rows as the examples, columns
    as `intents`.
    """

    intents: tuple[str, ...]
    probabilities: Floats
    labels: Labels


@dataclass(frozen=True)
class EnsembleClassifier:
    """A fitted classifier; see `fit`, `save`, `load`.

    `weights` is [dimensions, intents], `bias` [intents], `examples` [n, dimensions], `labels` and `weight` [n],
    `coefficients` [n, intents].
    """

    intents: tuple[str, ...]
    encoder_id: str
    settings: FitSettings
    features: Features
    weights: Floats
    bias: Floats
    examples: Floats
    labels: Labels
    weight: Floats
    coefficients: Floats
    report: FitReport

    def probabilities(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Probabilities [number of texts, intents] of normalised texts and their sentence vectors."""
        seen = self.features.transform(texts, vectors)
        similarity = seen @ self.examples.T
        near = neighbours(
            similarity,
            self.labels,
            self.weight,
            len(self.intents),
            self.settings.neighbours,
            self.settings.reach,
        )
        ridge = kernel(similarity, self.settings.kernel_width) @ self.coefficients
        mixed = _mix(seen @ self.weights + self.bias, ridge, near, self.settings, self.report.memory)
        return _sharpened(mixed, self.report.sharpness)

    def save(self, folder: Path) -> None:
        """Write `classifier.npz` (numbers) and `classifier.json` (names): nothing that runs code when read."""
        np.savez(
            folder / "classifier.npz",
            weights=self.weights,
            bias=self.bias,
            examples=self.examples.astype(np.float16),
            labels=self.labels,
            weight=self.weight,
            coefficients=self.coefficients,
            **self.features.arrays(),
        )
        facts = {
            "intents": list(self.intents),
            "encoder": self.encoder_id,
            "settings": asdict(self.settings),
            "report": asdict(self.report),
            "ngrams": self.features.vocabulary(),
        }
        (folder / "classifier.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, encoder_id: str) -> EnsembleClassifier:
        """Read what `save` wrote.

        Raises:
            ClassifierUnusable: a file is missing or broken, or the classifier was fitted on another encoder's vectors.
        """
        try:
            facts = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
            with np.load(folder / "classifier.npz", allow_pickle=False) as numbers:
                arrays = {name: numbers[name] for name in numbers.files}
            if facts["encoder"] != encoder_id:
                raise ClassifierUnusable(
                    f"the model was trained with the encoder {facts['encoder']}, not {encoder_id}: train it again"
                )
            classifier = cls(
                intents=tuple(facts["intents"]),
                encoder_id=encoder_id,
                settings=FitSettings(**facts["settings"]),
                features=Features.restored(facts["ngrams"], arrays),
                weights=arrays["weights"],
                bias=arrays["bias"],
                examples=arrays["examples"].astype(np.float32),
                labels=arrays["labels"],
                weight=arrays["weight"],
                coefficients=arrays["coefficients"],
                report=FitReport(**facts["report"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClassifierUnusable(f"the stored intent classifier cannot be read: {error}") from error
        classifier._check_shapes()
        return classifier

    def _check_shapes(self) -> None:
        rows, dimensions, intents = len(self.labels), self.features.projection.shape[1], len(self.intents)
        expected = {
            "weights": (self.weights, (dimensions, intents)),
            "bias": (self.bias, (intents,)),
            "examples": (self.examples, (rows, dimensions)),
            "weight": (self.weight, (rows,)),
            "coefficients": (self.coefficients, (rows, intents)),
        }
        wrong = [name for name, (array, shape) in expected.items() if array.shape != shape]
        if wrong or not rows or not 0 <= self.labels.min() <= self.labels.max() < intents:
            raise ClassifierUnusable(
                f"the stored intent classifier does not fit together: {', '.join(wrong) or 'labels'}"
            )


def fit(
    texts: Sequence[str],
    vectors: Floats,
    labels: Sequence[str],
    encoder_id: str,
    layers: int,
    settings: FitSettings,
) -> tuple[EnsembleClassifier, OutOfFold]:
    """Fit and calibrate on normalised texts, their vectors [n, layers * width] and their intents.

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
    weight = ((len(truth) / (len(intents) * counts)) ** settings.rarity)[truth].astype(np.float32)
    features, seen = fit_features(texts, vectors, layers, settings)
    splits = list(StratifiedKFold(settings.folds, shuffle=True, random_state=SEED).split(seen[:, :1], truth))

    logits = np.empty((len(truth), len(intents)), dtype=np.float32)
    for train, held_out in splits:
        weights, bias = logistic_regression(
            seen[train], truth[train], weight[train], len(intents), settings.c
        )
        logits[held_out] = seen[held_out] @ weights + bias
    weights, bias = logistic_regression(seen, truth, weight, len(intents), settings.c)

    near = np.empty_like(logits)
    for train, held_out in splits:
        near[held_out] = neighbours(
            seen[held_out] @ seen[train].T,
            truth[train],
            weight[train],
            len(intents),
            settings.neighbours,
            settings.reach,
        )
    target = np.eye(len(intents), dtype=np.float32)[truth]
    coefficients, ridge = fit_ridge(
        seen @ seen.T,
        target,
        weight,
        settings.kernel_width,
        settings.kernel_penalty,
        [fold for _, fold in splits],
    )

    # The least of those that are right most often.
    memory = max(MEMORIES, key=lambda each: (_hits(_mix(logits, ridge, near, settings, each), truth), -each))
    mixed = _mix(logits, ridge, near, settings, memory)
    sharpness = _sharpest(mixed, truth)
    probabilities = _sharpened(mixed, sharpness)
    report = FitReport(
        examples=len(texts),
        intents=len(intents),
        accuracy=round(float((probabilities.argmax(axis=1) == truth).mean()), 4),
        accuracy_top_3=round(_accuracy_top(probabilities, truth, 3), 4),
        calibration_error=_calibration_error(probabilities, truth),
        memory=memory,
        sharpness=sharpness,
    )
    classifier = EnsembleClassifier(
        intents=intents,
        encoder_id=encoder_id,
        settings=settings,
        features=features,
        weights=weights,
        bias=bias,
        examples=seen,
        labels=truth,
        weight=weight,
        coefficients=coefficients,
        report=report,
    )
    return classifier, OutOfFold(intents, probabilities, truth)


def _mix(logits: Floats, ridge: Floats, near: Floats, settings: FitSettings, memory: float) -> Floats:
    """The shares that the three classifiers give together, [n, intents]."""
    linear = softmax(logits, axis=1)
    curved = softmax(ridge * np.float32(settings.kernel_sharpness), axis=1)
    kernel_share = memory * settings.kernel_share
    near_share = memory * (1.0 - settings.linear_share - settings.kernel_share)
    mixed = (1.0 - kernel_share - near_share) * linear + kernel_share * curved + near_share * near
    return np.asarray(mixed, dtype=np.float32)


def _hits(shares: Floats, truth: Labels) -> int:
    return int((shares.argmax(axis=1) == truth).sum())


def _sharpened(mixed: Floats, sharpness: float) -> Floats:
    powered = (mixed.astype(np.float64) + _LEAST) ** sharpness
    return np.asarray(powered / powered.sum(axis=1, keepdims=True), dtype=np.float32)


def _sharpest(mixed: Floats, truth: Labels) -> float:
    """The power of the shares under which the truth is likeliest."""
    logs = np.log(mixed.astype(np.float64) + _LEAST)
    rows = np.arange(len(truth))

    def surprise(log_power: float) -> float:
        return -float(log_softmax(logs * np.exp(log_power), axis=1)[rows, truth].mean())

    return round(float(np.exp(minimize_scalar(surprise, bounds=(-3.0, 3.0), method="bounded").x)), 4)


def _accuracy_top(probabilities: Floats, truth: Labels, top: int) -> float:
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
    return float((best == truth[:, None]).any(axis=1).mean())


def _calibration_error(probabilities: Floats, truth: Labels) -> float:
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    return calibration_error(
        reliability([float(each) for each in confidence], [bool(each) for each in right])
    )
