"""The intent classifier: its parts, its calibration, and what it stores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.nlu.ensemble import ClassifierUnusable, EnsembleClassifier, FitSettings, fit
from bot.nlu.features import FeatureSettings, fit_features
from bot.nlu.linear import logistic_regression
from bot.nlu.metric import within_intent_scaling
from bot.nlu.neighbours import Nearest, falling_spread, neighbours

INTENTS = ("bin", "lamp", "noise")
WORDS = {
    "bin": ("bin", "lorry", "collection", "recycling"),
    "lamp": ("lamp", "light", "column", "dark"),
    "noise": ("music", "party", "drill", "barking"),
}
EACH = 20
WIDTH = 12


def made_up(seed: int = 1) -> tuple[list[str], np.ndarray, list[str]]:
    """Texts, vectors of two layers and labels that can be told apart."""
    rng = np.random.default_rng(seed)
    texts, vectors, labels = [], [], []
    for number, intent in enumerate(INTENTS):
        for _ in range(EACH):
            texts.append(" ".join(rng.choice(WORDS[intent], 3)) + f" in {rng.integers(99)} Hill Street")
            vector = rng.normal(size=(2, WIDTH))
            vector[:, number] += 4
            vectors.append((vector / np.linalg.norm(vector, axis=1, keepdims=True)).ravel())
            labels.append(intent)
    return texts, np.asarray(vectors, dtype=np.float32), labels


@pytest.fixture(scope="module")
def fitted() -> EnsembleClassifier:
    texts, vectors, labels = made_up()
    return fit(texts, vectors, labels, "some-encoder", 2, FitSettings())[0]


def test_new_texts_get_their_intent_and_probabilities_that_add_up(fitted: EnsembleClassifier) -> None:
    texts, vectors, labels = made_up(seed=2)
    probabilities = fitted.probabilities(texts, vectors)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    assert (probabilities >= 0).all()
    found = [fitted.intents[number] for number in probabilities.argmax(axis=1)]
    assert np.mean([one == other for one, other in zip(found, labels, strict=True)]) > 0.95


def test_a_text_is_classified_alike_alone_and_among_others(fitted: EnsembleClassifier) -> None:
    texts, vectors, _ = made_up(seed=3)
    together = fitted.probabilities(texts, vectors)
    alone = np.vstack(
        [fitted.probabilities([text], vectors[row : row + 1]) for row, text in enumerate(texts)]
    )
    assert np.abs(together - alone).max() < 1e-4


def test_the_same_data_gives_the_same_classifier() -> None:
    texts, vectors, labels = made_up()
    first, _ = fit(texts, vectors, labels, "e", 2, FitSettings())
    second, _ = fit(texts, vectors, labels, "e", 2, FitSettings())
    assert np.array_equal(first.probabilities(texts, vectors), second.probabilities(texts, vectors))
    assert first.report == second.report


def test_what_was_stored_answers_as_before(fitted: EnsembleClassifier, tmp_path: Path) -> None:
    texts, vectors, _ = made_up(seed=4)
    fitted.save(tmp_path)
    restored = EnsembleClassifier.load(tmp_path, "some-encoder")
    before, after = fitted.probabilities(texts, vectors), restored.probabilities(texts, vectors)
    assert np.abs(before - after).max() < 0.01  # the large arrays are kept in half precision
    assert restored.report == fitted.report


def test_a_classifier_of_another_encoder_is_refused(fitted: EnsembleClassifier, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    with pytest.raises(ClassifierUnusable, match="trained with the encoder some-encoder, not another"):
        EnsembleClassifier.load(tmp_path, "another")


@pytest.mark.parametrize("name", ["classifier.npz", "classifier.json"])
def test_a_damaged_file_is_refused(fitted: EnsembleClassifier, tmp_path: Path, name: str) -> None:
    fitted.save(tmp_path)
    (tmp_path / name).write_bytes(b"nonsense")
    with pytest.raises(ClassifierUnusable):
        EnsembleClassifier.load(tmp_path, "some-encoder")


def test_an_intent_with_too_few_examples_is_named() -> None:
    texts, vectors, labels = made_up()
    labels[-1] = "rats"
    with pytest.raises(ValueError, match="too few: rats"):
        fit(texts, vectors, labels, "e", 2, FitSettings())


def test_directions_in_which_examples_of_an_intent_differ_count_less() -> None:
    rng = np.random.default_rng(5)
    truth = np.repeat(np.arange(2), 50)
    seen = rng.normal(scale=0.05, size=(100, 3)).astype(np.float32)
    seen[:, 0] += np.where(truth == 0, 1, -1)  # what tells the intents apart
    seen[:, 1] += rng.choice([-1, 1], size=100)  # what differs within both
    weight = np.ones(100, dtype=np.float32)
    turned = seen @ within_intent_scaling(seen, truth, weight, 1.0)

    def ratio(points: np.ndarray) -> float:
        """Squared distance of the intents' means over the spread within them, of all directions together."""
        first, second = points[truth == 0], points[truth == 1]
        return float(
            ((first.mean(0) - second.mean(0)) ** 2).sum() / (first.var(0).sum() + second.var(0).sum())
        )

    assert ratio(turned) > 2 * ratio(seen)
    unchanged = seen @ within_intent_scaling(seen, truth, weight, 0.0)
    assert unchanged @ unchanged.T == pytest.approx(seen @ seen.T, abs=1e-4)


def test_a_start_near_the_result_leads_to_the_same_regression() -> None:
    rng = np.random.default_rng(6)
    truth = rng.integers(3, size=90)
    seen = rng.normal(size=(90, 4)).astype(np.float32)
    seen[np.arange(90), truth] += 2
    seen /= np.linalg.norm(seen, axis=1, keepdims=True)
    weight = np.ones(90, dtype=np.float32)
    weights, bias = logistic_regression(seen, truth, weight, 3, 5.0)
    again, bias_again = logistic_regression(seen, truth, weight, 3, 5.0, (weights, bias))
    cold, warm = seen @ weights + bias, seen @ again + bias_again
    assert warm - warm.mean(1, keepdims=True) == pytest.approx(cold - cold.mean(1, keepdims=True), abs=0.15)


def test_the_shortlist_holds_the_nearest_of_many() -> None:
    rng = np.random.default_rng(7)
    spread = np.geomspace(1, 0.05, 300).astype(np.float32)
    examples = (rng.normal(size=(3000, 300)) * spread).astype(np.float32)
    examples /= np.linalg.norm(examples, axis=1, keepdims=True)
    examples = examples @ falling_spread(examples)
    asked = examples[:20] + rng.normal(scale=0.02, size=(20, 300)).astype(np.float32)
    cosines, rows = Nearest(examples).find(asked)
    exact = asked @ examples.T
    for row in range(20):
        assert set(np.argsort(-exact[row])[:20]) <= set(rows[row])
    assert cosines == pytest.approx(np.take_along_axis(exact, rows, axis=1), abs=1e-5)


def test_only_the_nearest_examples_vote() -> None:
    similarity = np.asarray([[0.9, 0.85, 0.1, 0.05]], dtype=np.float32)
    truth, weight = np.asarray([0, 1, 2, 2]), np.ones(4, dtype=np.float32)
    shares = neighbours(similarity, truth, weight, 3, 2, 0.05)
    assert shares[0, 2] == 0
    assert shares[0, 0] == pytest.approx(1 / (1 + np.exp(-1)), abs=1e-5)


def test_more_neighbours_than_examples_are_as_many_as_there_are() -> None:
    similarity = np.asarray([[0.9, 0.8]], dtype=np.float32)
    shares = neighbours(similarity, np.asarray([0, 1]), np.ones(2, dtype=np.float32), 2, 40, 0.05)
    assert shares.sum() == pytest.approx(1)


def test_features_have_length_one_even_of_a_text_without_a_known_letter() -> None:
    texts, vectors, _ = made_up()
    features, seen = fit_features(texts, vectors, 2, FeatureSettings())
    assert np.linalg.norm(seen, axis=1) == pytest.approx(np.ones(len(texts)), abs=1e-5)
    odd = features.transform(["§§§"], vectors[:1])
    assert np.linalg.norm(odd, axis=1) == pytest.approx([1], abs=1e-5)
