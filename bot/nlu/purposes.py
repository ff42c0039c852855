"""Two purposes in one message: where it divides, and when both parts are clear enough to be answered."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.nlu.decide import FALLBACK, NO_PURPOSE, SAFETY, Ranking, Thresholds

PARTS_AT_MOST = 4  # each costs a call of the encoder
_WORDS_AT_LEAST = 3
_ONE_PURPOSE = 0.85
_HINT_OF_DANGER = 0.02
_CLEAR_BESIDE_DANGER = 0.7

# Ends of sentences, and the words by which people move on to another matter. A full stop within a number or
# an abbreviated street ends nothing.
_DIVIDE = re.compile(
    r"(?<!\bst)(?<!\brd)(?<!\bno)[.!?]+(?=\s|$)|[;\n•|]+"
    r"|,?\s+\b(?:and\s+also|but\s+also|also,?|plus|as\s+well\s+as|and\s+another\s+thing|another\s+thing|on\s+top\s+of\s+that"
    r"|secondly|while\s+(?:i'?m|i\s+am|you'?re|you\s+are|we'?re)\s+(?:at\s+it|here|on)|by\s+the\s+way|btw"
    r"|(?:and|&)\s+(?=(?:when|where|how|who|what|why|can|could|is|are|do|does|will|i|my|there|the|please)\b))\b",
    re.IGNORECASE,
)


# Said by people who know that they change the subject.
_MOVES_ON = re.compile(
    r"\b(?:also|plus|as\s+well\s+as|another\s+thing|on\s+top\s+of\s+that|secondly|by\s+the\s+way|btw"
    r"|while\s+(?:i'?m|i\s+am|you'?re|you\s+are|we'?re)\s+(?:at\s+it|here|on))\b",
    re.IGNORECASE,
)


def moves_on(text: str) -> bool:
    """Whether the message says that it comes to another matter."""
    return _MOVES_ON.search(text) is not None


def split_parts(text: str) -> list[str]:
    """Divide a normalised message where another matter may begin; parts too short to tell anything join the
    one before.
    """
    parts: list[str] = []
    for piece in _DIVIDE.split(text):
        piece = piece.strip(" ,-–:")
        if not piece:
            continue
        if parts and len(piece.split()) < _WORDS_AT_LEAST:
            parts[-1] = f"{parts[-1]}. {piece}"
        else:
            parts.append(piece)
    return parts[:PARTS_AT_MOST]


def may_have_two(text: str, whole: Ranking) -> bool:
    """Whether the parts are worth a look: not when the whole is all but sure of one purpose, with no hint of danger
    nor of another matter.
    """
    danger = sum(probability for intent, probability in whole if intent in SAFETY)
    return whole[0][1] < _ONE_PURPOSE or danger >= _HINT_OF_DANGER or moves_on(text)


def choose_purposes(
    decided: str,
    whole: Ranking,
    parts: Sequence[tuple[str, float]],
    thresholds: Thresholds,
    announced: bool = False,
) -> tuple[str, ...]:
    """Give the one or two intents to answer, main first.

    Args:
        decided: the intent chosen for the whole message.
        whole: ranking of the whole message, likeliest first.
        parts: likeliest intent and its probability, of each part in order.
        thresholds: `purpose` applies to every part that counts, `support` to what the whole says of its intent.
        announced: the message says itself that it comes to another matter; then half of both is enough.

    Two are answered where two parts have each an intent of their own and the message as a whole supports both, so that
    a detail in a long report does not become a matter of its own. An answer too many costs the resident a glance, a
    purpose overlooked another message. Danger stands first and alone decides what is said first; only what is said
    clearly stands beside it.
    """
    if decided in NO_PURPOSE:
        return (decided,)
    alone = () if decided == FALLBACK else (decided,)
    share = 0.5 if announced else 1.0
    likelihood = dict(whole)
    clear = [
        intent
        for intent, probability in _likeliest_of(parts).items()
        if intent not in NO_PURPOSE
        and probability >= share * thresholds.purpose
        and likelihood.get(intent, 0.0) >= share * thresholds.support
    ]
    clear.sort(key=lambda intent: -likelihood[intent])
    if decided in SAFETY:
        beside = [
            intent for intent, probability in parts if intent in clear and probability >= _CLEAR_BESIDE_DANGER
        ]
        second = next((intent for intent in beside if intent not in SAFETY), None)
        return (decided, second) if second else alone
    if len(clear) < 2:
        return alone
    two = clear[:2]
    two.sort(key=lambda intent: (intent not in SAFETY, intent != decided))
    return (two[0], two[1])


def _likeliest_of(parts: Sequence[tuple[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for intent, probability in parts:
        found[intent] = max(probability, found.get(intent, 0.0))
    return found
