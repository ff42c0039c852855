"""Lists of phrases: what each sign stands for, and that a phrase is found wherever it is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.phrases import Phrases
from bot.policy.reading import read


def found(phrase: str, text: str) -> list[str]:
    reading = read(text)
    return [reading.plain[cue.start : cue.end] for cue in Phrases({"list": [phrase]}).find(reading)]


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("man and van", "Cheap MAN & VAN today", ["man & van"]),
        ("don't miss", "dont miss it, don’t miss it", ["dont miss", "don't miss"]),
        ("gutter*", "Gutters and guttering", ["gutters", "guttering"]),
        ("(dm|me) [me] for [a] quote", "DM for a quote, dm me for quote", ["dm for a quote", "dm me for quote"]),
        ("[the] best price*", "The best prices! Best price.", ["the best prices", "best price"]),
        ("only £9", "only £4.50, only 20 quid, only one", ["only £4.50", "only 20 quid"]),
        ("9% off", "50% off or 10 percent off", ["50% off", "10 percent off"]),
        ("9 followers", "get 10k followers", ["10k followers"]),
        ("pay ... now", "pay your council tax now", ["pay your council tax now"]),
        ("sold * bag", "sold designer bag, sold bag", ["sold designer bag"]),
        ("(all (rights|wrongs)|some) reserved", "All rights reserved", ["all rights reserved"]),
    ],
)  # fmt: skip
def test_a_sign_stands_for_what_is_promised(phrase: str, text: str, expected: list[str]) -> None:
    assert found(phrase, text) == expected


@pytest.mark.parametrize("text", ["Take it. Off you go", "take\noff", "mistake off"])
def test_a_phrase_does_not_reach_over_the_end_of_a_sentence_or_into_a_word(text: str) -> None:
    assert found("take off", text) == []


def test_of_one_list_no_find_is_inside_another() -> None:
    reading = read("free delivery today")
    cues = Phrases({"offers": ["free delivery", "free delivery today", "delivery today"]}).find(reading)
    assert [(cue.start, cue.end) for cue in cues] == [(0, len(reading.plain))]


def test_lists_are_told_apart() -> None:
    cues = Phrases({"one": ["red bin"], "two": ["bin", "bins"]}).find(read("a red bin"))
    assert [cue.name for cue in cues] == ["one", "two"]


@pytest.mark.parametrize("phrase", ["(a|b", "a]", "[only] [optional]", "... a", ", a"])
def test_a_phrase_that_is_not_well_written_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match=r"bracket|begins"):
        Phrases({"list": [phrase]})


WORDS = st.lists(st.text("abcdefghijklmnop", min_size=1, max_size=8), min_size=1, max_size=4)


@given(WORDS, st.lists(st.sampled_from(["bin", "road", "the", "ok"]), max_size=5))
def test_a_phrase_of_plain_words_is_found_wherever_it_is_said(words: list[str], before: list[str]) -> None:
    phrase = " ".join(word for word in words if word != "and") or "bin"
    text = " ".join([*before, phrase])
    assert any(each.endswith(phrase.split()[-1]) for each in found(phrase, text))
