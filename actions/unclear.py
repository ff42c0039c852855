"""What is not understood, and what is understood but not the council's."""

from __future__ import annotations

from actions.answering import Answer, Phrases, SpeakingAction, hand_over
from actions.turn import Turn
from actions.wording import Speech

PICTURE = "📷"
"""What Rasa's channel puts for a message of pictures without words (bot/nlu/decide.py)."""
ASKED_BEFORE = 1
"""After this many unclear turns on end a person takes over."""


class ActionUnclear(SpeakingAction):
    """Asks once to put it another way; the second time on end it hands over."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_unclear"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """The question, or the case in the queue `unclear`."""
        values = {"opening": phrases.opening()}
        if turn.unclear_count >= ASKED_BEFORE:
            deeds = [hand_over("unclear", "not_understood_twice")]
            private = Speech("utter_handed_over_unclear", {**values, "answer": phrases.answer()})
            if not turn.public:
                return Answer("handed_over", private, deeds=deeds)
            answer = self.facts.wording.say("utter_part_answer_public", due=phrases.due())
            return Answer(
                "handed_over", Speech("utter_handed_over_public", {"answer": answer}), private, deeds
            )
        picture = turn.text.strip() == PICTURE
        private = Speech(
            "utter_picture" if picture else "utter_clarify", {**values, "people": phrases.people()}
        )
        slots: dict[str, object] = {"unclear_count": float(turn.unclear_count + 1), "awaiting": "clarify"}
        if turn.public:
            public = self.with_or_without_people(
                "utter_picture_public" if picture else "utter_clarify_public", phrases
            )
            return Answer("clarified", public, private, slots=slots)
        return Answer("clarified", private, slots=slots)


class ActionOutOfScope(SpeakingAction):
    """Kindly says that it cannot help with that, and with what it can."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_out_of_scope"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """One short text."""
        if turn.public:
            return Answer("out_of_scope", self.with_or_without_people("utter_out_of_scope_public", phrases))
        values = {
            "opening": phrases.opening(),
            "people": phrases.people(),
            "area": self.facts.council.area_name,
        }
        return Answer("out_of_scope", Speech("utter_out_of_scope", values))
