"""The text that the encoder and the n-grams see: what a resident meant, without what the platform added.

Only for understanding: offsets of the result are not those of the original, so places and codes are sought in
the original.
"""

from __future__ import annotations

import re
import unicodedata

CHARACTERS_AT_MOST = (
    2000  # a post has 280, a direct message rarely 1000; what follows does not change the purpose
)

# Emoji that carry the meaning of the message; all others are dropped.
EMOJI_WORDS = {
    "👍": "yes thumbs up",
    "👎": "no thumbs down",
    "👌": "ok",
    "🙏": "thank you",
    "💩": "poo",
    "🐀": "rat",
    "🐁": "mouse",
    "🐭": "mouse",
    "🪳": "cockroach",
    "🐝": "wasps",
    "🐕": "dog",
    "🐶": "dog",
    "🐈": "cat",
    "🦊": "fox",
    "🦢": "swan",
    "🗑": "bin",
    "🚮": "litter bin",
    "♻": "recycling",
    "🛋": "sofa",
    "🛏": "bed",
    "🛒": "shopping trolley",
    "🚗": "car",
    "🚙": "car",
    "🚐": "van",
    "🚲": "bike",
    "🛴": "scooter",
    "🚌": "bus",
    "🚆": "train",
    "🚦": "traffic lights",
    "🚥": "traffic lights",
    "🚧": "roadworks",
    "🕳": "hole",
    "💡": "light",
    "🌳": "tree",
    "🌲": "tree",
    "🌊": "flood",
    "💧": "water",
    "💉": "syringe needle",
    "🚽": "toilet",
    "🔥": "fire",
    "🚨": "emergency",
    "🎆": "fireworks",
    "❄": "snow",
    "🗳": "vote",
}

_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_LINK = re.compile(r"(?:https?://|www\.)\S+|\b(?:pic\.twitter\.com|t\.co)/\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@.])@\w{1,50}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_HASHTAG = re.compile(r"#(\w*[^\W\d]\w*)")
_RETWEET = re.compile(r"^\s*RT\s+@\w+\s*:\s*", re.IGNORECASE)
_WORD_BOUNDARY_IN_HASHTAG = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_|(?<=[A-Za-z])(?=\d)")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_REPEATED_MARK = re.compile(r"([!?.,-])\1+")
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "∕": "/"})


def normalise(text: str) -> str:
    """Give the words of a message in one plain form; empty if it holds none.

    Compatibility forms are folded (NFKC), invisible characters dropped, a quoted `RT @name:` and handles left
    out, links become `link`, `#FlyTipping` becomes `Fly Tipping`, letters stretched for effect are cut to
    two, and emoji are told in words or dropped.
    """
    text = unicodedata.normalize("NFKC", text[: CHARACTERS_AT_MOST * 2])
    text = _INVISIBLE.sub("", text).translate(_QUOTES)
    text = _RETWEET.sub("", text)
    text = _LINK.sub(" link ", text)
    text = _EMAIL.sub(" email ", text)
    text = _HANDLE.sub(" ", text)
    text = _HASHTAG.sub(lambda found: " " + _WORD_BOUNDARY_IN_HASHTAG.sub(" ", found[1]) + " ", text)
    text = "".join(_plain(character) for character in text)
    text = _STRETCHED.sub(r"\1\1", text)
    text = _REPEATED_MARK.sub(r"\1", text)
    text = _SPACE.sub(" ", text).strip()[:CHARACTERS_AT_MOST]
    return text if any(character.isalnum() for character in text) else ""


def _plain(character: str) -> str:
    words = EMOJI_WORDS.get(character)
    if words is not None:
        return f" {words} "
    if unicodedata.category(character) in ("So", "Sk", "Cn", "Co", "Cs", "Cc"):
        return " "
    return character
