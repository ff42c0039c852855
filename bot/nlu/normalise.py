"""The text that the encoder and the n-grams see: what a resident meant, without what the platform added.

Only for understanding: offsets of the result are not those of the original, so places and codes are sought in
the original.
"""

from __future__ import annotations

import re
import unicodedata

from bot.nlu.emoji import EMOJI_WORDS, letters_of_emoji
from bot.nlu.lookalikes import latin_letters

CHARACTERS_AT_MOST = (
    2000  # a post has 280, a direct message rarely 1000; what follows does not change the purpose
)
_PASSES_AT_MOST = 8

_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3"
    r"\ufe00-\ufe0f\ufeff\U000e0000-\U000e01ef]"
)
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b(?:pic\.twitter\.com|t\.co|bit\.ly|youtu\.be)/\S+", re.IGNORECASE
)
_HANDLE = re.compile(r"(?<![\w@.])@\w{1,50}")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")
_HASHTAG = re.compile(r"#(\w*[^\W\d]\w*)")
_RETWEET = re.compile(r"^(?:\s*RT\s+@\w+\s*:?)+\s*", re.IGNORECASE)
_WORD_BOUNDARY_IN_HASHTAG = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_|(?<=[A-Za-z])(?=\d)")
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "`": "'", "“": '"', "”": '"', "–": "-", "—": "-", "∕": "/"})

# What mail programs and phones add. Of an answer with the other side's words below, only the resident's own count.
_QUOTED_LINE = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
_EARLIER_MAIL = re.compile(
    r"^[ \t]*(?:On\b[^\n]{4,200}\bwrote:[ \t]*$|-{2,}\s?(?:Original|Forwarded) message\b|_{8,}[ \t]*$"
    r"|From:[^\n]{1,200}\n(?:[^\n]{0,200}\n){0,3}?[ \t]*(?:Sent|Date|To|Subject):)",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNATURE = re.compile(
    r"^[ \t]*(?:Sent (?:from|via|with) (?:my |the |an? )?(?:i ?phone|i ?pad|android|samsung|galaxy|huawei"
    r"|pixel|nokia|blackberry|mobile|phone|tablet|outlook|gmail|yahoo|proton|mail|e-?mail|windows|facebook|messenger|twitter|x)\b[^\n]{0,60}"
    r"|Get Outlook for [^\n]{1,30})$",
    re.IGNORECASE | re.MULTILINE,
)

# Stretched for effect. No English word has these letters twice (but for a few names), the others may.
_STRETCHED_ONE = re.compile(r"([ahijkquvwxy])\1{2,}", re.IGNORECASE)
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}", re.IGNORECASE)
_REPEATED_MARK = re.compile(r"([!?.,-])\1+")
# h e l p, h.e.l.p, h-e-l-p: four or more, so that initials stay; the same letter again and again is kisses.
_SPACED_OUT = re.compile(r"(?<![\w'£$€.-])[^\W\d_](?:([ .*_-])[^\W\d_])(?:\1[^\W\d_]){2,}(?![\w'])")
# p0thole, f1re: one digit between letters of a longer word in small letters, which no code, plate or postcode is.
_DIGIT_FOR_LETTER = re.compile(
    r"(?<![\w.-])(?=[A-Za-z][a-z013457]{3,}(?![\w.-]))[A-Za-z][a-z]*(?:(?:00|33|[013457])[a-z]+)+"
)
_LETTER_FOR = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t"}
_NO_LETTERS_MEANT = frozenset({"mp3s", "mp4s", "ps3s", "ps4s", "ps5s", "h1n1", "h5n1"})


def normalise(text: str) -> str:
    """Give the words of a message in one plain form; empty if it holds none.

    Compatibility forms are folded (NFKC), look-alike letters put right, invisible characters dropped; quoted lines,
    signatures of phones, a quoted `RT @name:` and handles left out; links become `link`, `#FlyTipping` becomes
    `Fly Tipping`, letters stretched for effect are cut and those spaced out are joined, a digit in the place of a
    letter gives way to it, and emoji are told in words or dropped.

    Never raises. Done again it changes nothing. Its time does not grow beyond that of twice `CHARACTERS_AT_MOST`
    characters.
    """
    for _ in range(_PASSES_AT_MOST):
        before, text = text, _once(text)
        if text == before:
            break
    return text if any(character.isalnum() for character in text) else ""


def without_platform(text: str) -> str:
    """The words as they were written, in any language, without quotes, signatures, handles, links and addresses."""
    text = _readable(text)
    for added in (_LINK, _EMAIL, _HANDLE):
        text = added.sub(" ", text)
    return text.strip()


def _once(text: str) -> str:
    text = letters_of_emoji(_readable(text))
    text = _LINK.sub(" link ", text)
    text = _EMAIL.sub(" email ", text)
    text = _HANDLE.sub(" ", text)
    text = _HASHTAG.sub(lambda found: " " + _WORD_BOUNDARY_IN_HASHTAG.sub(" ", found[1]) + " ", text)
    text = "".join(_plain(character) for character in text)
    text = _SPACED_OUT.sub(_joined, text)
    text = _DIGIT_FOR_LETTER.sub(_in_letters, text)
    text = _STRETCHED.sub(r"\1\1", _STRETCHED_ONE.sub(r"\1", text))
    text = _REPEATED_MARK.sub(r"\1", text)
    return _SPACE.sub(" ", text).strip()[:CHARACTERS_AT_MOST].rstrip()


def _readable(text: str) -> str:
    text = unicodedata.normalize("NFKC", text[: CHARACTERS_AT_MOST * 2])[: CHARACTERS_AT_MOST * 2]
    text = latin_letters(_INVISIBLE.sub("", text).translate(_QUOTES))
    return _RETWEET.sub("", _own_words(text))


def _own_words(text: str) -> str:
    """Without what was quoted; all of it, if nothing else is left."""
    earlier = _EARLIER_MAIL.search(text)
    own = text[: earlier.start()] if earlier else text
    own = _SIGNATURE.sub("", _QUOTED_LINE.sub("", own))
    return own if own.strip() else _SIGNATURE.sub("", text)


def _joined(found: re.Match[str]) -> str:
    letters = found[0][::2]
    return found[0] if len(set(letters.casefold())) == 1 else letters


def _in_letters(found: re.Match[str]) -> str:
    word = found[0]
    if word.casefold() in _NO_LETTERS_MEANT:
        return word
    return re.sub(r"[013457]", lambda digit: _letter_for(word, digit.start()), word)


def _letter_for(word: str, at: int) -> str:
    if word[at] == "1":  # he1p, f1re
        return "l" if word[at - 1].casefold() in "aeou" else "i"
    return _LETTER_FOR[word[at]]


def _plain(character: str) -> str:
    words = EMOJI_WORDS.get(character)
    if words is not None:
        return f" {words} "
    if unicodedata.category(character) in ("So", "Sk", "Cn", "Co", "Cs", "Cc", "Cf"):
        return " "
    return character
