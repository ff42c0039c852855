"""Reading a message: what folds to what, and that every span leads back into the text."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.reading import read


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("BINS not Emptied", "bins not emptied"),
        ("ｆｕｌｌ ｗｉｄｔｈ", "full width"),
        ("𝓯𝓪𝓷𝓬𝔂 and 𝐛𝐨𝐥𝐝", "fancy and bold"),
        ("🅱🅸🅽 🄱🄸🄽 Ⓑⓘⓝ", "bin bin bin"),
        ("café naïve", "cafe naive"),
        ("cafe\u0301 z̷a̷l̷g̷o̷", "cafe zalgo"),
        ("b\u200bi\u2060n\ufeff", "bin"),
        ("“quoted” – it’s", '"quoted" - it\'s'),
        ("а bіn with Cyrillic lеttеrs", "a bin with cyrillic letters"),
        ("ßtraße ﬁre", "sstrasse fire"),
        ("one\u00a0two\tthree\r\nfour", "one two three \nfour"),
        ("a\x00b\x07c", "abc"),
        ("ᴄᴏᴜɴᴄɪʟ", "council"),
        ("Łódź, Ærøskøbing", "lodz, aeroskobing"),
        ("🔥 👍🏽", "🔥 👍🏽"),
    ],
)
def test_a_message_folds_to_plain_letters(text: str, plain: str) -> None:
    assert read(text).plain == plain


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Мусор не вывозят уже месяц", "мусор не вывозят уже месяц"),
        ("τα σκουπίδια", "τα σκουπιδια"),
        ("쓰레기", "쓰레기"),
        ("The sign says Уфа", "the sign says уфа"),
    ],
)
def test_another_alphabet_stays_what_it_is(text: str, plain: str) -> None:
    assert read(text).plain == plain


def test_a_span_leads_back_to_what_was_written() -> None:
    reading = read("Yоu are b\u200ba\u0301d\u0301! ﬁne")
    word = next(each for each in reading.words if each[0] == "bad")
    start, end = reading.at(word[1], word[2])
    assert reading.text[start:end] == "b\u200ba\u0301d\u0301"
    place = reading.plain.index("ine")
    assert reading.text[slice(*reading.at(place, place + 3))] == "ﬁne"


def test_words_are_told_apart_but_not_at_an_apostrophe() -> None:
    assert [word for word, _, _ in read("Don't leave bin-bags, OK? No. 7a_b").words] == [
        "don't",
        "leave",
        "bin",
        "bags",
        "ok",
        "no",
        "7a",
        "b",
    ]


@pytest.mark.parametrize("span", [(-1, 2), (2, 1), (0, 99)])
def test_what_is_no_span_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no span of 4 characters"):
        read("bins").at(*span)


ANY = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("abcс еАﬁ\u0301\u200b\u200dß🅰İŉΐ'’`\t\n\x00"),
    ),
    max_size=60,
)


@given(ANY, st.data())
def test_every_span_of_plain_maps_into_the_text(text: str, data: st.DataObject) -> None:
    reading = read(text)
    start = data.draw(st.integers(0, len(reading.plain)))
    end = data.draw(st.integers(start, len(reading.plain)))
    first, last = reading.at(start, end)
    assert 0 <= first <= last <= len(text)
    assert (first == last) == (start == end)


@given(ANY)
def test_spans_keep_the_order_of_the_text(text: str) -> None:
    reading = read(text)
    places = [reading.at(index, index + 1) for index in range(len(reading.plain))]
    assert places == sorted(places)


@given(ANY)
def test_words_stand_where_they_say(text: str) -> None:
    reading = read(text)
    for word, start, end in reading.words:
        assert reading.plain[start:end] == word
        first, last = reading.at(start, end)
        assert reading.text[first:last].strip() != ""


@given(ANY)
def test_plain_holds_no_mark_and_nothing_invisible(text: str) -> None:
    unseen = {"Mn", "Me", "Cf", "Cs"}
    assert not [each for each in read(text).plain if unicodedata.category(each) in unseen]


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda each: each != "`")))
def test_plain_ascii_maps_one_to_one(text: str) -> None:
    reading = read(text)
    assert reading.plain == text.lower()
    assert reading.at(0, len(text)) == (0, len(text))


def test_a_long_message_is_read_in_milliseconds() -> None:
    text = "Тhe bins in Оld Тown were nоt emptied, café side. " * 200
    read(text)
    began = time.process_time()
    for _ in range(5):
        read(text)
    assert (time.process_time() - began) / 5 < 0.05
