"""Which intent the bot acts on, or between which it asks, given the probabilities of all.

The thresholds weigh what each kind of mistake costs a resident (see `Thresholds`); their values are in
`config.yml`, and the report of `bot.nlu.train` says what they do on held-out examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FALLBACK = "nlu_fallback"
UNREADABLE = "out_of_scope"  # no word in it: a photo, emoji, dots
PICTURE = "📷"  # stands for a message of pictures without words; actions/unclear.py answers it
CODE_ALONE = "check_report"  # nothing but a tracking code

# Missing one may cost a life; a false alarm costs a resident one needless, kindly worded number.
SAFETY = frozenset({"emergency_danger", "self_harm", "safeguarding"})
# Acted on by silence or a reminder of the rules: a false one leaves a resident with a real problem unanswered.
POLICY = frozenset({"abuse_of_staff", "advert_or_spam", "party_political"})
# Nothing that could be one of two purposes.
NO_PURPOSE = (
    frozenset(
        {
            "greet",
            "thank",
            "goodbye",
            "affirm",
            "deny",
            "give_compliment",
            "bot_question",
            "out_of_scope",
            "opt_out",
        }
    )
    | POLICY
)
# Never named when the bot asks which of several is meant: "Is it about one of these?" is no way to put them.
NOT_OFFERED = POLICY | {"greet", "thank", "goodbye", "affirm", "deny", "opt_out", "out_of_scope"}
CHOICES_AT_MOST = 3
_CHOICES_AT_LEAST = 2
# Answered with nothing offered beside: danger, courtesies, what people take on, and what may ask for a tracking code.
ANSWERED_ALONE = SAFETY | NO_PURPOSE | {"request_human", "make_complaint", "check_report"}
BESIDE_AT_MOST = 2

Ranking = Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Thresholds:
    """When an intent is sure enough to act on.

    Attributes:
        clear: at least this for an ordinary intent. Below, the bot asks; asking costs the resident one more
            message, a wrong destination costs a wasted report, so about half is right when the runner-up is
            offered as a choice.
        safety: at least this for the three safety intents together (their doubt is often among themselves),
            if one of them is among the first `safety_rank`; that one is then taken whatever else is likelier.
            Held out, 0.15 finds three of four such messages, worded as obliquely as the examples are, for 3
            false alarms in 100 of their nearest neighbours and 6 in 1000 of residents' reports.
        safety_rank: how far down a safety intent may stand.
        policy: at least this for a policy intent; otherwise the next best intent that is none is weighed.
        purpose: at least this for each part of a message that is to be answered as a purpose of its own, and
        support: at least this for it in the message as a whole.
        choice: at least this for each intent that is named when the bot asks which is meant: a list of
            what is all but ruled out reads as if the bot had understood nothing.
        choices_together: the named ones hold at least this together; with less, the right one is too often
            missing, and the resident had better say it another way.
        sure: from this on an ordinary intent is answered and nothing else is said; between `clear` and this the
            next likeliest are named beside the answer, since one more line costs less than a wrong way.
        beside: at least this for each intent that is named beside an answer.
    """

    clear: float = 0.5
    safety: float = 0.15
    safety_rank: int = 3
    policy: float = 0.6
    purpose: float = 0.4
    support: float = 0.02
    choice: float = 0.08
    choices_together: float = 0.45
    sure: float = 0.85
    beside: float = 0.05


@dataclass(frozen=True)
class Decision:
    """What to do with a message.

    Attributes:
        intent: to act on; `nlu_fallback` if none is clear.
        confidence: probability (0…1) of the intent, of the likeliest one if none is clear.
        choices: two or three intents, likeliest first, one of which is meant; only if none is clear.
        beside: one or two other intents, likeliest first, that may be meant instead; only if the intent is clear but
            not sure.
    """

    intent: str
    confidence: float
    choices: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


def decide(ranking: Ranking, thresholds: Thresholds) -> Decision:
    """Choose from a ranking (likeliest first, not empty) the intent to act on, or those to ask about."""
    danger = next((each for each in ranking[: thresholds.safety_rank] if each[0] in SAFETY), None)
    if (
        danger
        and sum(probability for intent, probability in ranking if intent in SAFETY) >= thresholds.safety
    ):
        return Decision(*danger)
    for intent, probability in ranking:
        if intent in POLICY:
            if probability >= thresholds.policy:
                return Decision(intent, probability)
            continue
        if probability >= thresholds.clear:
            return Decision(intent, probability, beside=_beside(intent, ranking, thresholds))
        break
    return Decision(FALLBACK, ranking[0][1], _choices(ranking, thresholds))


def _choices(ranking: Ranking, thresholds: Thresholds) -> tuple[str, ...]:
    """The two or three intents to name; none if fewer are likely enough, each or together."""
    named = [
        (intent, probability)
        for intent, probability in ranking
        if intent not in NOT_OFFERED and probability >= thresholds.choice
    ][:CHOICES_AT_MOST]
    together = sum(probability for _, probability in named)
    if len(named) < _CHOICES_AT_LEAST or together < thresholds.choices_together:
        return ()
    return tuple(intent for intent, _ in named)


def _beside(acted_on: str, ranking: Ranking, thresholds: Thresholds) -> tuple[str, ...]:
    """The one or two intents to name beside the answer; none if that is sure, or says all that is to be said."""
    if dict(ranking)[acted_on] >= thresholds.sure or acted_on in ANSWERED_ALONE:
        return ()
    return tuple(
        intent
        for intent, probability in ranking
        if intent not in NOT_OFFERED | {acted_on} and probability >= thresholds.beside
    )[:BESIDE_AT_MOST]
