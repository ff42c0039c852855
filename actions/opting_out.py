"""Opting out: no more automated replies, said once."""

from __future__ import annotations

from actions.answering import Answer, Phrases, SpeakingAction
from actions.turn import Turn
from actions.wording import Speech


class ActionOptOut(SpeakingAction):
    """Confirms, and says how to come back."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_opt_out"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """One confirming text and the deed; whatever else the message asked for."""
        deeds = [{"do": "opt_out"}]
        if turn.public:
            return Answer("opted_out", Speech("utter_opted_out_public", {}), deeds=deeds)
        return Answer("opted_out", Speech("utter_opted_out", {"opening": ""}), deeds=deeds)
