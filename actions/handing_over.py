"""Handing over: a person takes the conversation, and the resident hears when."""

from __future__ import annotations

from actions.answering import Answer, Phrases, SpeakingAction, hand_over
from actions.facts import Facts
from actions.signposting import Signposts
from actions.turn import Turn
from actions.wording import Speech
from bot.directory import Behaviour


class ActionHandOver(SpeakingAction):
    """Puts the conversation into the queue that the directory names, and says when a person will answer."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.signposts = Signposts(facts)

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_hand_over"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """The case, and the words for a complaint or for anything else."""
        queue, reason, urgency = self._case(turn)
        deeds = [hand_over(queue, reason, urgency)]
        private = self._private(turn, phrases, queue)
        if not turn.public:
            return Answer("handed_over", private, deeds=deeds)
        answer = self.facts.wording.say("utter_part_answer_public", due=phrases.due())
        if queue == "complaints":
            link = self.facts.council.complaints.page
            return Answer(
                "handed_over",
                Speech("utter_complaint_public", {"answer": answer, "link": link}),
                private,
                deeds,
            )
        return Answer("handed_over", Speech("utter_handed_over_public", {"answer": answer}), private, deeds)

    def _case(self, turn: Turn) -> tuple[str, str, str]:
        for each in (turn.intent, *turn.purposes):
            destination = self.facts.directory.get(each)
            if isinstance(destination, Behaviour) and destination.queue:
                return destination.queue, each, destination.urgency
        return "person", turn.intent or "unknown", "normal"

    def _private(self, turn: Turn, phrases: Phrases, queue: str) -> Speech:
        also = ""
        second = [each for each in turn.purposes if self.signposts.leads_somewhere(each)]
        if second:
            also = "\n\n" + self.facts.wording.text(self.signposts.private(turn, second[0]))
        values = {"opening": phrases.opening(), "answer": phrases.answer(), "also": also}
        if queue == "complaints":
            return Speech("utter_complaint", values | {"link": self.facts.council.complaints.page})
        return Speech("utter_handed_over", values)


def handed_over(turn: Turn, phrases: Phrases, reason: str) -> Answer:
    """A person after the resident has said yes to one, in private."""
    values = {"opening": phrases.opening(), "answer": phrases.answer(), "also": ""}
    return Answer("handed_over", Speech("utter_handed_over", values), deeds=[hand_over("person", reason)])
