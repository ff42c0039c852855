"""The text that is understood: nothing of the platform, all of what was meant, whatever letters it is drawn in."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.emoji import EMOJI_WORDS
from bot.nlu.normalise import CHARACTERS_AT_MOST, normalise, without_platform


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        # what platforms add
        ("@MarlstowCouncil bin not emptied", "bin not emptied"),
        ("@a @b_c bin @d", "bin"),
        ("look at this https://t.co/abc123 again", "look at this link again"),
        ("see www.example.org/x?y=1 and youtu.be/abc", "see link and link"),
        ("RT @someone: pothole on Mill Lane", "pothole on Mill Lane"),
        ("RT @a: RT @b: still there", "still there"),
        ("#FlyTipping on Mill Lane", "Fly Tipping on Mill Lane"),
        ("#fly_tipping", "fly tipping"),
        ("#FixMyStreet please", "Fix My Street please"),
        ("#MR3potholes #A46", "MR 3potholes A 46"),
        ("code #1234567", "code #1234567"),
        ("mail me@example.org", "mail email"),
        # quotes and signatures
        ("> your bin day is Monday\nno it is Tuesday", "no it is Tuesday"),
        ("still not emptied\n\nSent from my iPhone", "still not emptied"),
        ("still not emptied\nGet Outlook for Android", "still not emptied"),
        (
            "Yes please\n\nOn Tue, 3 Nov 2026 at 10:02, Council <a@example.org> wrote:\n> Shall we?",
            "Yes please",
        ),
        ("Yes\n-----Original Message-----\nFrom: Council\nShall we?", "Yes"),
        ("Yes\nFrom: Council\nSent: Monday\nSubject: bins\nShall we?", "Yes"),
        ("> only a quote", "> only a quote"),
        ("on Monday you wrote: nothing", "on Monday you wrote: nothing"),
        ("my letter was sent from my flat", "my letter was sent from my flat"),
        # letters that only look like letters
        ("p\u200bot\u200bhole", "pothole"),
        ("po\u00adthole\ufeff", "pothole"),
        ("ﬁre", "fire"),
        ("ｆｉｒｅ", "fire"),
        ("𝓱𝓮𝓵𝓹 𝗺𝗲 𝙥𝙡𝙚𝙖𝙨𝙚", "help me please"),
        ("ʜᴇʟᴘ ᴍᴇ", "help me"),
        ("ⓗⓔⓛⓟ", "help"),
        ("🅷🅴🅻🅿 🅷🅴", "HELP HE"),
        ("hеlр mе, hοle in the rοad", "help me, hole in the road"),
        ("there is а hole", "there is a hole"),
        ("h̷e̵l̶p̸ z͑̈a̎l̊g̀o", "help zalgo"),
        ("café déjà vu", "café déjà vu"),
        ("Привіт, як справи", "Привіт, як справи"),
        ("Τα σκουπίδια", "Τα σκουπίδια"),
        # drawn out, spaced out, digits for letters
        ("sooooo baaaad!!!!!", "soo bad!"),
        ("pleaaaase heeeelp", "please heelp"),
        ("yayyyy", "yay"),
        ("h e l p me", "help me"),
        ("H.E.L.P", "HELP"),
        ("p-l-e-a-s-e come", "please come"),
        ("love you x x x x", "love you x x x x"),
        ("the U.S. and A B C", "the U.S. and A B C"),
        ("p0thole, f1re, he1p, str33t", "pothole, fire, help, street"),
        ("MR1 2AB, AB12 CDE, A46, 10pm, 2nd, 4x4, w3w, mp3s, FS1234567, h2o, ab12cde", None),
        ("MR3", None),
        ("at 7pm on 12/03/2026 for £4.50", None),
        ("///filled.c0unt.soap", None),
        ("it’s 2 metres–deep", "it's 2 metres-deep"),
        # emoji
        ("thanks 🙂", "thanks"),
        ("👍", "yes thumbs up"),
        ("👍🏽", "yes thumbs up"),
        ("👎🏿!", "no thumbs down !"),
        ("👩🏽‍🚒 please", "fire engine please"),
        ("🧑‍🦽 cannot get past 🛴🛴", "wheelchair cannot get past scooter scooter"),
        ("🐀🐀 in our 🏠", "rat rat in our house"),
        ("🔥🔥🔥", "fire fire fire"),
        ("🆘", "help emergency"),
        ("♻️ not taken", "recycling not taken"),
        ("1️⃣ pothole", "1 pothole"),
        ("🇬🇧 proud", "proud"),
        ("🇵🇱🇬🇧 bins", "bins"),
        ("🏴󠁧󠁢󠁥󠁮󠁧󠁿 bins", "bins"),
        ("🇭🇪🇱🇵", "HELP"),
        ("🇭 🇪 🇱 🇵 now", "HELP now"),
        ("❓ bin day", "? bin day"),
    ],
)
def test_should_keep_what_was_meant(written: str, meant: str | None) -> None:
    assert normalise(written) == (written if meant is None else meant)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "...",
        "😂😂😂",
        "\u200b",
        "@MarlstowCouncil",
        "!?",
        "\x00\x01",
        "🇬🇧",
        "👨‍👩‍👧",
        "\ud83d",
        "\U000e0041",
        "🏽",
    ],
)
def test_should_be_empty_when_there_are_no_words(written: str) -> None:
    assert normalise(written) == ""


@pytest.mark.parametrize("emoji", EMOJI_WORDS)
def test_should_tell_each_emoji_in_words(emoji: str) -> None:
    words = EMOJI_WORDS[emoji]
    assert normalise(f"x {emoji} x") == f"x {words} x"
    assert normalise(emoji) == (words if any(map(str.isalnum, words)) else "")


PIECES = st.sampled_from(
    [
        "@me", "#Tag1", "RT @a: ", "http://a.b", "a@b.co", "h e l p", "p0th", "а", "ο", "🔥", "👍🏽", "🇭", "🇪", "🅷",
        "\u200d", "\n> q", "\nSent from my iPhone", "On x wrote:\n", "ooo", "!!", "\u0301", "ﬁ", "From: a\nTo: b", ".",
        " ", "_", "x.y.z.w",
    ]
)  # fmt: skip
ANYTHING = st.text(max_size=120) | st.lists(PIECES | st.text(max_size=4), max_size=25).map("".join)


@settings(max_examples=600, deadline=None)
@given(ANYTHING)
def test_should_change_nothing_the_second_time(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert len(once) <= CHARACTERS_AT_MOST
    assert once == "" or any(map(str.isalnum, once))
    assert "  " not in once and once == once.strip()


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_should_give_the_written_words_of_any_text(text: str) -> None:
    assert len(without_platform(text)) <= 2 * CHARACTERS_AT_MOST
    assert not without_platform(f"{text} x @me").endswith("@me")


@pytest.mark.parametrize(
    "words",
    [
        "bin ", "@", "a@", "a.", "#", "h e ", "On x", ">", "\n>", "Sent from my ", "a1", "From:\n", "a-", "🇬", "w",
        "RT @a: ", "\nOn ", "\u0301", "а", "🔥", "a_", "x.y", "http://", "--", "ﷺ",
    ],
)  # fmt: skip
def test_should_take_a_huge_text_quickly(words: str) -> None:
    """A hundred thousand characters take no longer than the few thousand that count."""
    text = words * (100_000 // len(words))
    started = time.perf_counter()
    assert len(normalise(text)) <= CHARACTERS_AT_MOST
    assert time.perf_counter() - started < 0.5


def test_should_leave_ordinary_words_as_they_are() -> None:
    for text in (
        "There is a pothole outside 12 Mill Lane, MR1 2AB. It's been there since Tuesday!",
        "my bin wasn't emptied - can you come back?",
        'they said "next week" (again), ref FS-48213907',
    ):
        assert normalise(text) == text
