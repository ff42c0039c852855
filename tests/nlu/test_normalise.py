"""The text that is understood: nothing of the platform, all of what was meant."""

from __future__ import annotations

import pytest

from bot.nlu.normalise import CHARACTERS_AT_MOST, normalise


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("@MarlstowCouncil bin not emptied", "bin not emptied"),
        ("look at this https://t.co/abc123 again", "look at this link again"),
        ("RT @someone: pothole on Mill Lane", "pothole on Mill Lane"),
        ("#FlyTipping on Mill Lane", "Fly Tipping on Mill Lane"),
        ("#fly_tipping", "fly tipping"),
        ("sooooo baaaad!!!!!", "soo baad!"),
        ("p\u200bot\u200bhole", "pothole"),
        ("ﬁre", "fire"),
        ("it’s 2 metres–deep", "it's 2 metres-deep"),
        ("thanks 🙂", "thanks"),
        ("👍", "yes thumbs up"),
        ("mail me@example.org", "mail email"),
        ("code #1234567", "code #1234567"),
    ],
)
def test_should_keep_what_was_meant(written: str, meant: str) -> None:
    assert normalise(written) == meant


@pytest.mark.parametrize(
    "written", ["", "   ", "...", "😂😂😂", "\u200b", "@MarlstowCouncil", "!?", "\x00\x01"]
)
def test_should_be_empty_when_there_are_no_words(written: str) -> None:
    assert normalise(written) == ""


def test_should_cut_a_huge_text_quickly() -> None:
    assert len(normalise("bin " * 300_000)) <= CHARACTERS_AT_MOST
