"""What is not understood, and what is understood but not the council's, or not this council's."""

from __future__ import annotations

from actions.answering import Answer, Phrases, SpeakingAction, hand_over
from actions.choosing import Question
from actions.facts import Facts
from actions.turn import Turn
from actions.wording import Speech

PICTURE = "📷"
"""What Rasa's channel puts for a message of pictures without words (bot/nlu/decide.py)."""
ASKED_BEFORE = 1
"""After this many unclear turns on end a person takes over."""


class ActionUnclear(SpeakingAction):
    """Asks once, which of two or three it is or to put it another way; the second time on end it hands over.

    It also asks which, when the answer before was not what was meant and others were offered beside it.
    """

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.question = Question(facts)

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_unclear"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """The question, or the case in the queue `unclear`."""
        if turn.chosen_from:
            others = [each for each in turn.chosen_from if each in self.facts.directory.choices]
            if turn.offered_beside and others:
                return self.question.ask_again(turn, phrases, others)
            return none_of_these(turn, phrases)
        if turn.unclear_count >= ASKED_BEFORE:
            return still_unclear(self.facts, turn, phrases)
        offers = self.question.offers(turn.choices)
        return self.question.ask(self, turn, phrases, offers) if offers else self._ask(turn, phrases)

    def _ask(self, turn: Turn, phrases: Phrases) -> Answer:
        picture = turn.text.strip() == PICTURE
        private = Speech(
            "utter_picture" if picture else "utter_clarify",
            {"opening": phrases.opening(), "people": phrases.people()},
        )
        slots: dict[str, object] = {
            "unclear_count": float(turn.unclear_count + 1),
            "awaiting": "clarify",
            "asked_about": turn.id,
        }
        if turn.public:
            public = self.with_or_without_people(
                "utter_picture_public" if picture else "utter_clarify_public", phrases
            )
            return Answer("clarified", public, private, slots=slots)
        return Answer("clarified", private, slots=slots)


def still_unclear(facts: Facts, turn: Turn, phrases: Phrases) -> Answer:
    """A person, when the bot has asked and still does not know what is meant."""
    deeds = [hand_over("unclear", "not_understood_twice", about=turn.asked_about)]
    values = {"opening": phrases.opening(), "answer": phrases.answer()}
    private = Speech("utter_handed_over_unclear", values)
    if not turn.public:
        return Answer("handed_over", private, deeds=deeds)
    answer = facts.wording.say("utter_part_answer_public", due=phrases.due())
    return Answer("handed_over", Speech("utter_handed_over_public", {"answer": answer}), private, deeds)


def none_of_these(turn: Turn, phrases: Phrases) -> Answer:
    """A person, when none of the purposes offered is meant; in private only, where they are offered."""
    values = {"opening": phrases.opening(), "answer": phrases.answer(), "also": ""}
    deeds = [hand_over("unclear", "none_of_the_choices", about=turn.asked_about)]
    return Answer("handed_over", Speech("utter_handed_over", values), deeds=deeds)


class ActionOutOfScope(SpeakingAction):
    """Kindly says that it cannot help with that, and with what it can; if another council can, where that is found."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_out_of_scope"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """One short text."""
        if turn.entity("elsewhere"):
            return self._elsewhere(turn, phrases)
        if turn.public:
            return Answer("out_of_scope", self.with_or_without_people("utter_out_of_scope_public", phrases))
        values = {
            "opening": phrases.opening(),
            "people": phrases.people(),
            "area": self.facts.council.area_name,
        }
        return Answer("out_of_scope", Speech("utter_out_of_scope", values))

    def _elsewhere(self, turn: Turn, phrases: Phrases) -> Answer:
        nowhere_of_ours = {
            "place": None,
            "postcode": None,
        }  # what it names must not get into a link of ours later
        if turn.public:
            public = self.with_or_without_people("utter_elsewhere_public", phrases)
            return Answer("out_of_scope", public, slots=nowhere_of_ours)
        values = {
            "opening": phrases.opening(),
            "people": phrases.people(),
            "area": self.facts.council.area_name,
        }
        return Answer("out_of_scope", Speech("utter_elsewhere", values), slots=nowhere_of_ours)
