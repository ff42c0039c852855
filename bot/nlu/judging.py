"""What a resident feels of an answer: right at once, right one step later, a person instead, or wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.nlu.decide import FALLBACK, SAFETY
from bot.nlu.holdout import Labelled

OUT_OF_SCOPE = "out_of_scope"
OTHER_LANGUAGE = "other_language"
"""Stands for the answer to a message in another language, which goes before what its intent would be."""
SMALL_TALK = frozenset({"greet", "thank", "goodbye", "affirm", "deny", "bot_question"})
"""Answered with a few words and no address; those of data/directory.yml that are `small_talk` or `about`."""
SENT_NOWHERE = SMALL_TALK | {OUT_OF_SCOPE, OTHER_LANGUAGE, FALLBACK}


class Outcome(StrEnum):
    """What came of one message."""

    RIGHT_AT_ONCE = "right_at_once"
    """The main purpose was answered."""
    ASKED_RIGHT = "asked_right"
    """The bot asked which is meant, and the right one was among those it named."""
    BESIDE_RIGHT = "beside_right"
    """Something else was answered, but the right one was offered beside it, a tap away."""
    HANDED_OVER = "handed_over"
    """The bot asked, but did not name the right one: what follows goes to a person."""
    WRONG = "wrong"
    """Something else was answered, and the right one was not offered."""


@dataclass(frozen=True)
class Answer:
    """What a model makes of a message.

    Attributes:
        intent: acted on; `nlu_fallback` when none is clear.
        confidence: of that intent, 0…1.
        purposes: those that are answered, main first.
        choices: those that are named when the bot asks which is meant.
        beside: those that are offered beside an answer that is not sure.
        language: ISO 639-1 code of a message recognised as in another language, else empty.
        ranking: every intent with its probability, likeliest first.
    """

    intent: str
    confidence: float
    purposes: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    language: str = ""
    ranking: tuple[tuple[str, float], ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def in_other_language(self) -> bool:
        """Whether the message was recognised as in another language than English."""
        return self.language not in ("", "en")

    @property
    def acted_on(self) -> str:
        """What the resident gets. Danger is answered in any language, all else only in English."""
        danger = bool({self.intent, *self.purposes} & SAFETY)
        return OTHER_LANGUAGE if self.in_other_language and not danger else self.intent

    @property
    def answered(self) -> tuple[str, ...]:
        """The purposes that are answered, at least what is acted on."""
        return self.purposes if self.purposes and self.acted_on == self.intent else (self.acted_on,)

    @property
    def taken_for(self) -> str:
        """The intent acted on or, where the bot asks, the likeliest."""
        return self.ranking[0][0] if self.intent == FALLBACK and self.ranking else self.intent


@dataclass(frozen=True)
class Judged:
    """A message, a model's answer to it, and what came of it."""

    message: Labelled
    answer: Answer

    @property
    def outcome(self) -> Outcome:
        """What the resident feels."""
        return outcome_of(self.message, self.answer.acted_on, self.answer.choices, self.answer.beside)

    @property
    def right_at_once(self) -> bool:
        """Whether the main purpose was answered."""
        return self.outcome == Outcome.RIGHT_AT_ONCE

    @property
    def right(self) -> bool:
        """Whether the main purpose was answered, or is so one step later: after a question, or as offered beside."""
        return self.outcome in (Outcome.RIGHT_AT_ONCE, Outcome.ASKED_RIGHT, Outcome.BESIDE_RIGHT)


def outcome_of(
    message: Labelled, acted_on: str, choices: tuple[str, ...], beside: tuple[str, ...] = ()
) -> Outcome:
    """Judge what is acted on (`Answer.acted_on`) and, where that is `nlu_fallback`, what is named as choices, else what
    is offered beside.

    Of a message that is out of scope nothing can be asked: that the bot does not understand it is right.
    """
    nothing_to_ask = acted_on == FALLBACK and not choices and message.main == OUT_OF_SCOPE
    in_its_language = acted_on == OTHER_LANGUAGE and OUT_OF_SCOPE in message.right
    if acted_on in message.right or nothing_to_ask or in_its_language:
        return Outcome.RIGHT_AT_ONCE
    if acted_on == FALLBACK:
        return Outcome.ASKED_RIGHT if message.right & set(choices) else Outcome.HANDED_OVER
    return Outcome.BESIDE_RIGHT if message.right & set(beside) else Outcome.WRONG
