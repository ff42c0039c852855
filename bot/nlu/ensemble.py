"""The intent classifier: texts and their sentence vectors in, calibrated probabilities of all the intents out.

Two classifiers see the same features (`bot/nlu/features.py`, turned by `bot/nlu/metric.py`): logistic regression, which
weighs all examples at once, and the nearest examples. Their probabilities are mixed; how sure the mixture may be is
learnt from out-of-fold predictions. Everything is seeded: the same data gives the same model.
`docs/understanding.md` says what each part gives.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.model_selection import StratifiedKFold

from bot.nlu.features import SEED, Features, FeatureSettings, Floats, fit_features, unit_length
from bot.nlu.linear import logistic_regression
from bot.nlu.measures import calibration_error, reliability
from bot.nlu.metric import within_intent_scaling
from bot.nlu.neighbours import Nearest, falling_spread, neighbours

Labels = np.ndarray[Any, np.dtype[np.int64]]
_LEAST = 1e-9
MEMORIES = (0.0, 0.25, 0.5, 0.75, 1.0)


class ClassifierUnusable(RuntimeError):
    """A stored classifier cannot be read, or belongs to another encoder."""


@dataclass(frozen=True)
class FitSettings(FeatureSettings):
    """How to fit; those of `FeatureSettings`, and:

    Attributes:
        scaling: how far directions in which examples of one intent differ are damped, 0…1.
        c: inverse strength of the penalty of the logistic regression.
        neighbours: how many of the nearest examples are asked.
        reach: distance in cosine at which a neighbour counts 1/e of the nearest.
        near_share: what the neighbours count in the mixture at most. They need many examples of an intent: they count
            less, down to nothing, where out-of-fold predictions are better so.
        rarity: how far an intent with few examples is raised to one with many; 0 not at all, 1 to the same.
        folds: for calibration and for the estimates in the report.
        held_out: as many of the folds are fitted as hold this many examples, since more tell little more.
    """

    scaling: float = 0.5
    c: float = 3.0
    neighbours: int = 40
    reach: float = 0.07
    near_share: float = 0.7
    rarity: float = 0.3
    folds: int = 5
    held_out: int = 4000


@dataclass(frozen=True)
class FitReport:
    """What cross-validation says of a classifier. Shares are 0…1; the calibration error is over 15 bins of
    equal count; `held_out` is how many examples they rest on; `memory` (0…1) is how much the neighbours count of
    what the settings give them; `sharpness` is the power that the mixture was raised to.
    """

    examples: int
    intents: int
    held_out: int
    accuracy: float
    accuracy_top_3: float
    calibration_error: float
    memory: float
    sharpness: float


@dataclass(frozen=True)
class OutOfFold:
    """Probabilities of training examples by a model that has not seen them: columns as `intents`, and a row for each
    example in `rows`.
    """

    intents: tuple[str, ...]
    rows: Labels
    probabilities: Floats
    labels: Labels


@dataclass(frozen=True)
class EnsembleClassifier:
    """A fitted classifier; see `fit`, `save`, `load`.

    `weights` is [dimensions, intents], `bias` [intents], `examples` [n, dimensions], `labels` and `weight` [n].
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
    report: FitReport

    def probabilities(self, texts: Sequence[str], vectors: Floats) -> Floats:
        """Probabilities [number of texts, intents] of normalised texts and their sentence vectors."""
        seen = self.features.transform(texts, vectors)
        cosines, rows = self._nearest.find(seen)
        near = neighbours(
            cosines,
            self.labels[rows],
            self.weight[rows],
            len(self.intents),
            self.settings.neighbours,
            self.settings.reach,
        )
        share = self.report.memory * self.settings.near_share
        mixed = _mix(seen @ self.weights + self.bias, near, share)
        return _sharpened(mixed, self.report.sharpness)

    @functools.cached_property
    def _nearest(self) -> Nearest:
        return Nearest(self.examples)

    def save(self, folder: Path) -> None:
        """Write `classifier.npz` (numbers) and `classifier.json` (names): nothing that runs code when read."""
        np.savez(
            folder / "classifier.npz",
            weights=self.weights,
            bias=self.bias,
            examples=self.examples.astype(np.float16),
            labels=self.labels,
            weight=self.weight,
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
    parts = []
    for known, held_out in splits:
        turned = _Fit(seen[known], truth[known], weight[known], len(intents), settings)
        parts.append((held_out, *turned.says(seen[held_out])))
        if sum(len(part[0]) for part in parts) >= settings.held_out:
            break
    rows, logits, near = (np.concatenate([part[number] for part in parts]) for number in range(3))
    held_out_truth = truth[rows]

    # The least of those that are right most often.
    memory = max(
        MEMORIES,
        key=lambda each: (_hits(_mix(logits, near, each * settings.near_share), held_out_truth), -each),
    )
    mixed = _mix(logits, near, memory * settings.near_share)
    sharpness = _sharpest(mixed, held_out_truth)
    probabilities = _sharpened(mixed, sharpness)
    whole = _Fit(seen, truth, weight, len(intents), settings, start=turned)
    rotation = falling_spread(whole.examples)
    report = FitReport(
        examples=len(texts),
        intents=len(intents),
        held_out=len(rows),
        accuracy=round(float((probabilities.argmax(axis=1) == held_out_truth).mean()), 4),
        accuracy_top_3=round(_accuracy_top(probabilities, held_out_truth, 3), 4),
        calibration_error=_calibration_error(probabilities, held_out_truth),
        memory=memory,
        sharpness=sharpness,
    )
    classifier = EnsembleClassifier(
        intents=intents,
        encoder_id=encoder_id,
        settings=settings,
        features=features.turned(whole.turn @ rotation),
        weights=rotation.T @ whole.weights,
        bias=whole.bias,
        examples=whole.examples @ rotation,
        labels=truth,
        weight=weight,
        report=report,
    )
    return classifier, OutOfFold(intents, rows, probabilities, held_out_truth)


class _Fit:
    """Both classifiers, fitted on some examples' features [n, d], their intents and what they count; the quicker if
    `start` was fitted on most of the same.
    """

    def __init__(
        self,
        seen: Floats,
        truth: Labels,
        weight: Floats,
        intents: int,
        settings: FitSettings,
        start: _Fit | None = None,
    ) -> None:
        self.turn = within_intent_scaling(seen, truth, weight, settings.scaling)
        self.examples = unit_length(seen @ self.turn)
        near = None
        if start is not None:  # on the other axes
            near = np.linalg.solve(self.turn, start.turn @ start.weights).astype(np.float32), start.bias
        self.weights, self.bias = logistic_regression(self.examples, truth, weight, intents, settings.c, near)
        self._truth, self._weight, self._settings = truth, weight, settings

    def says(self, seen: Floats) -> tuple[Floats, Floats]:
        """Of other features [m, d]: logits and the neighbours' shares, both [m, intents]."""
        turned = unit_length(seen @ self.turn)
        near = neighbours(
            turned @ self.examples.T,
            self._truth,
            self._weight,
            len(self.bias),
            self._settings.neighbours,
            self._settings.reach,
        )
        return turned @ self.weights + self.bias, near


def _mix(logits: Floats, near: Floats, near_share: float) -> Floats:
    """The shares that the two classifiers give together, [m, intents]."""
    mixed = (1.0 - near_share) * softmax(logits, axis=1) + near_share * near
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
