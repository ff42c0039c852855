"""Text as X treats it: mentions, weighted length, links shortened to t.co."""

from __future__ import annotations

import re
import secrets
import string
import warnings
from dataclasses import dataclass

with warnings.catch_warnings():
    # The package finds its emoji table by way of pkg_resources, which warns of its own end.
    warnings.simplefilter("ignore")
    from twitter_text import parse_tweet
    from twitter_text.extract_urls import extract_urls_with_indices

MAX_WEIGHTED_LENGTH = 280

_MENTION = re.compile(r"(?<![A-Za-z0-9_@])@([A-Za-z0-9_]{1,15})(?![A-Za-z0-9_])")
_LETTERS = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Mention:
    """A handle in a text, without its @, and where it stands in characters."""

    start: int
    end: int
    handle: str


@dataclass(frozen=True)
class Link:
    """A link in a text as X shows it, and where it really leads."""

    start: int
    end: int
    short: str
    expanded: str


@dataclass(frozen=True)
class Shortened:
    """A text whose links are short."""

    text: str
    links: tuple[Link, ...]


def mentions(text: str) -> tuple[Mention, ...]:
    """The handles in the text."""
    return tuple(Mention(found.start(), found.end(), found[1]) for found in _MENTION.finditer(text))


def names(text: str, handle: str) -> bool:
    """Whether the text mentions the handle, in whatever case."""
    return any(each.handle.lower() == handle.lower() for each in mentions(text))


def weighted_length(text: str) -> int:
    """Length as X counts it: emoji and CJK 2, a link 23, normalised to NFC."""
    return int(parse_tweet(text).weightedLength)


def without_leading(text: str, handles: set[str]) -> str:
    """The text without those of `handles` (lower case) that it starts with: auto-mentions are free."""
    rest = text.lstrip()
    while (found := _MENTION.match(rest)) and found[1].lower() in handles:
        rest = rest[found.end() :].lstrip()
    return rest


def shorten(text: str, wrap: bool) -> Shortened:
    """The text with every link replaced by a t.co one; the same text if `wrap` is false."""
    pieces, links, copied, length = [], [], 0, 0
    for found in extract_urls_with_indices(text):
        start, end = found["indices"]
        expanded = text[start:end] if "://" in text[start:end] else f"http://{text[start:end]}"
        short = (
            f"https://t.co/{''.join(secrets.choice(_LETTERS) for _ in range(10))}"
            if wrap
            else text[start:end]
        )
        before = text[copied:start]
        length += len(before)
        links.append(Link(length, length + len(short), short, expanded))
        pieces += [before, short]
        length += len(short)
        copied = end
    return Shortened("".join(pieces) + text[copied:], tuple(links))
