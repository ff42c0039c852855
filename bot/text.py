"""Text as platforms count it and as it may safely be repeated: pure functions."""

from __future__ import annotations

import re
import unicodedata
import warnings

with warnings.catch_warnings():
    # The parser asks setuptools for its own version, in a way that setuptools is about to drop.
    warnings.simplefilter("ignore", UserWarning)
    from twitter_text import parse_tweet  # type: ignore[import-untyped,unused-ignore]

X_POST_LIMIT = 280
"""Weighted characters of a post on X (developer.x.com, Counting characters)."""
ELLIPSIS = "…"


def weighted_length(text: str) -> int:
    """Length as X counts it: any address 23, emoji and CJK 2."""
    return int(parse_tweet(text).weightedLength)


def fits(text: str, limit: int = X_POST_LIMIT) -> bool:
    """Whether the text is within that many weighted characters."""
    return weighted_length(text) <= limit


def shorten(text: str, limit: int) -> str:
    """The text cut at a word to at most `limit` weighted characters, with an ellipsis when it was cut."""
    if limit < 1:
        raise ValueError("the limit must be at least 1")
    if fits(text, limit):
        return text
    room = limit - weighted_length(ELLIPSIS)
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if weighted_length(text[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return _at_word(text, low).rstrip(" ,;:.-\n") + ELLIPSIS


def join_paragraphs(*paragraphs: str | None) -> str:
    """The paragraphs that hold anything, with an empty line between them."""
    return "\n\n".join(stripped for each in paragraphs if each and (stripped := each.strip()))


def printable(text: str) -> str:
    """The text without control, invisible and direction-changing characters, on one line, with single spaces.

    For third parties' words that are shown to people: without this a report's note could turn the writing
    direction of what follows it, or hide in characters that nobody sees.
    """
    kept = "".join(" " if char.isspace() else char for char in text if char.isspace() or not _unseen(char))
    return re.sub(r" +", " ", kept).strip()


def _unseen(char: str) -> bool:
    # Cc control, Cf format (bidi marks, zero-width characters), Co private use, Cs surrogates, Cn unassigned.
    return unicodedata.category(char) in {"Cc", "Cf", "Co", "Cs", "Cn"}


def _at_word(text: str, end: int) -> str:
    head = text[:end]
    if end < len(text) and not text[end].isspace():
        spaces = [match.start() for match in re.finditer(r"\s", head)]
        if spaces:
            return head[: spaces[-1]]
        # One long word: an accent or a joined emoji must not lose its other half.
        while head and (unicodedata.combining(text[len(head)]) or "\u200d" in (head[-1], text[len(head)])):
            head = head[:-1]
    return head
