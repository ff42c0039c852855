"""Which intent the bot acts on, given the probabilities of all.

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
        purpose: at least this for each part of a message that is to be answered as a purpose of its own.
    """

    clear: float = 0.4
    safety: float = 0.15
    safety_rank: int = 3
    policy: float = 0.6
    purpose: float = 0.75


def decide(ranking: Ranking, thresholds: Thresholds) -> tuple[str, float]:
    """Choose from a ranking (likeliest first) the intent to act on, with its probability; `nlu_fallback` if
    none is clear.
    """
    danger = next((each for each in ranking[: thresholds.safety_rank] if each[0] in SAFETY), None)
    if (
        danger
        and sum(probability for intent, probability in ranking if intent in SAFETY) >= thresholds.safety
    ):
        return danger
    for intent, probability in ranking:
        if intent in POLICY:
            if probability >= thresholds.policy:
                return intent, probability
            continue
        if probability >= thresholds.clear:
            return intent, probability
        break
    return FALLBACK, ranking[0][1]
