"""About the bot: what it is, what it can do, how to reach a person."""

from __future__ import annotations

from actions.answering import Answer, Phrases, SpeakingAction
from actions.turn import Turn
from actions.wording import Speech


class ActionAboutBot(SpeakingAction):
    """Says plainly that it is automated."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_about_bot"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """What the bot is; this is itself the disclosure."""
        if turn.public:
            return Answer("described_itself", self.with_or_without_people("utter_about_public", phrases))
        values = {"council": self.facts.council.name, "people": phrases.people()}
        return Answer("described_itself", Speech("utter_about", values))
