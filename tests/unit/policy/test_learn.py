"""Learning weights of words: the same from the same, saved as it was, and every file fits its examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.policy.learn import LEARNED, Example, Examples, learn, save
from bot.policy.reading import read
from bot.policy.wordweights import WordWeights, counted, signs, stem
from bot.yamlfile import read_yaml

ROOT = Path(__file__).resolve().parents[3]
FEW = [Example(f"free quotes for gutters number {n}", True) for n in range(6)] + [
    Example(f"my bin at number {n} was missed", False) for n in range(6)
]


def test_the_weights_tell_apart_what_they_were_learned_from() -> None:
    weights = learn(FEW)
    assert weights.score(read("free quotes for gutters")) > 0 > weights.score(read("my bin was missed"))


def test_the_same_examples_give_the_same_weights() -> None:
    assert learn(FEW) == learn(FEW)


def test_weights_are_read_as_they_were_saved(tmp_path: Path) -> None:
    weights = learn(FEW)
    save(weights, tmp_path / "some" / "file.json")
    assert WordWeights.load(tmp_path / "some" / "file.json") == weights


def test_examples_of_one_kind_teach_nothing() -> None:
    with pytest.raises(ValueError, match="breaking and acceptable"):
        learn([example for example in FEW if example.breaking])


def test_a_words_forms_and_all_numbers_are_one_sign() -> None:
    assert stem("gutters") == stem("guttering") == stem("guttered")
    assert stem("48") == stem("2nd") == "0"


def test_more_of_a_thing_says_no_less_than_fewer() -> None:
    assert counted("offers", 2, 3) == ["<offers 1>", "<offers 2>"]
    assert counted("offers", 9, 3) == ["<offers 1>", "<offers 2>", "<offers 3>"]
    assert counted("offers", 0, 3) == []


def test_a_message_without_words_has_only_its_length_and_shape() -> None:
    assert all(sign.startswith("<") for sign in signs(read("?!"), frozenset()))


def test_every_weight_file_is_there_and_holds_weights() -> None:
    for name in LEARNED:
        weights = WordWeights.load(ROOT / "data" / "policy" / "weights" / f"{name}.json")
        assert weights.weights, name
        assert weights.known, name


@pytest.mark.parametrize("name", ["adverts", "relevance", "defamation", "copied"])
def test_no_example_stands_twice(name: str) -> None:
    examples = read_yaml(ROOT / "data" / "policy" / "examples" / f"{name}.yml").checked(Examples)
    texts = [read(text).plain.strip() for text in (*examples.breaking, *examples.acceptable)]
    assert len(texts) == len(set(texts))
