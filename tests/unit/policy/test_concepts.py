"""The language of patterns: what it finds, what it passes over, and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.concepts import Grammar, PatternBook, PatternInvalid, Spelling, split_patterns

CONCEPTS = {
    "animal": "cat|dog",
    "place": "market square; <animal> park",
    "at_place": "at|in .. <place>",
}
SPELLING = Spelling(
    {"don't": "not", "dont": "not", "wanna": "want", "kms": "kill myself"},
    ("the", "a", "is", "to", "do"),
    ("unconscious", "bleeding"),
    ("blending",),
)


def found(pattern: str, text: str) -> list[str]:
    """The words that the pattern covers in the text."""
    words = SPELLING.words(text)
    book = PatternBook(Grammar(SPELLING, CONCEPTS), [pattern])
    return [
        " ".join(word.text for word in words[first:end]) for m in book.find(words) for first, end in m.spans
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "covered"),
    [
        ("dog", "the dog barks", ["dog"]),
        ("cat|dog barks", "a dog barks", ["dog barks"]),
        ("bark*", "it barked", ["barked"]),
        ("cat|big_dog", "a big dog", ["big dog"]),
        ("cat|big_dog", "a dog", []),
        ("<animal> sleeps", "the cat sleeps", ["cat sleeps"]),
        ("lost .. <place>", "lost near market square", ["lost near market square"]),
        ("lost .. <place>", "lost. then to market square", []),
        ("lost ... <place>", "lost. then to market square", ["lost then market square"]),
        ("very? old dog", "old dog", ["old dog"]),
        ("very? old dog", "very old dog", ["very old dog", "old dog"]),
        ("dog .. <at_place>", "dog seen in the dog park", ["dog seen in dog park"]),
        ("dog & cat", "cat then dog", ["dog", "cat"]),
        ("dog & cat", "cat only", []),
        ("don't want", "I do not want it", ["not want"]),
        ("not want", "i dont wanna", ["not want"]),
        ("kill myself", "kms", ["kill myself"]),
    ],
)
def test_a_pattern_covers_what_it_says(pattern: str, text: str, covered: list[str]) -> None:
    assert found(pattern, text) == covered


@pytest.mark.parametrize(
    "text", ["unconcious", "unconsious", "uncosncious", "unconsciouss", "bleding", "bleeeeding"]
)
def test_a_key_word_may_be_misspelt(text: str) -> None:
    assert found("unconscious|bleeding", text)


def test_a_word_in_its_own_right_is_no_misspelling() -> None:
    assert found("bleeding", "blending") == []


def test_hidden_letters_are_read() -> None:
    assert found("bleeding", "bl33ding")
    assert found("bleeding", "ble*ding")


def test_masked_words_are_not_read() -> None:
    words = SPELLING.words("dog and dog")
    book = PatternBook(Grammar(SPELLING, {}), ["dog"])
    assert [match.spans for match in book.find(words, frozenset({0}))] == [((2, 3),)]


def test_every_word_knows_where_it_stands() -> None:
    text = "kms, the dog"
    assert [text[word.start : word.end] for word in SPELLING.words(text)] == ["kms", "kms", "dog"]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("the", "holds no word"),
        ("the dog", "only one word"),
        ("<bird> sings", "unknown concept"),
        ("dog!", "cannot be read"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(PatternInvalid, match=why) as caught:
        PatternBook(Grammar(SPELLING, CONCEPTS), [pattern])
    assert caught.value.pattern in pattern


def test_a_concept_of_itself_is_refused() -> None:
    with pytest.raises(PatternInvalid, match="itself"):
        Grammar(SPELLING, {"one": "a <two>", "two": "b <one>"})


def test_a_list_is_split_at_lines_and_semicolons_without_remarks() -> None:
    assert split_patterns("one; two\n# not this\n  three three\n") == ["one", "two", "three three"]


@given(st.text(alphabet="dog cat.the market square!", max_size=80))
def test_what_is_covered_lies_in_the_text(text: str) -> None:
    words = SPELLING.words(text)
    book = PatternBook(Grammar(SPELLING, CONCEPTS), ["<animal> .. <place>", "dog & cat", "market ... dog"])
    for match in book.find(words):
        assert all(0 <= first < end <= len(words) for first, end in match.spans)
