"""Policy: what breaks the acceptable use policy is never argued with; it is left to staff, in silence.

In private too: a calm line invites the next insult, and an automated one reads as a provocation. Staff see
the finding.
"""

from __future__ import annotations

from actions.answering import Answer, Phrases, SpeakingAction
from actions.turn import Turn

CLAUSES = {
    "abuse_of_staff": "civility",
    "advert_or_spam": "advertising",
    "party_political": "party_political",
}
"""Intent to the clause of the acceptable use policy, as `screen` names them."""


class ActionPolicy(SpeakingAction):
    """Silence on purpose, with the clause that it rests on."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_policy"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """No words, one finding. Raises LookupError when no purpose breaks the policy."""
        broken = next((each for each in (turn.intent, *turn.purposes) if each in CLAUSES), None)
        if broken is None:
            raise LookupError(f"{turn.intent} breaks no clause")
        finding = {"do": "finding", "clause": CLAUSES[broken], "severity": "flag"}
        return Answer("withheld_policy", deeds=[finding], slots={"disclosed": turn.disclosed})
