"""Small talk, and yes and no as answers to what was asked last."""

from __future__ import annotations

from actions.answering import Answer, Phrases, SpeakingAction
from actions.choosing import Question
from actions.facts import Facts
from actions.handing_over import handed_over
from actions.signposting import Signposts
from actions.turn import Turn
from actions.unclear import still_unclear
from actions.wording import Speech

ASKED_WHICH_AT_MOST = 2
"""How often the resident is asked which purpose is meant, when the answer is a mere yes."""
SPOKEN = {"greet": "utter_greet", "thank": "utter_thank", "goodbye": "utter_goodbye"}


class ActionSmallTalk(SpeakingAction):
    """A greeting, thanks, a farewell; praise gets thanks and the page that takes it to the team."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.signposts = Signposts(facts)

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_small_talk"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """One friendly line."""
        if turn.intent == "give_compliment":
            if turn.public:
                return Answer("small_talk", self.first_that_fits(self.signposts.public(turn.intent, "")))
            speech = self.signposts.private(turn, turn.intent, phrases.opening(), phrases.people())
            return Answer("small_talk", speech)
        return small_talk(self, turn, phrases, SPOKEN.get(turn.intent, "utter_ready"))


class ActionAffirm(SpeakingAction):
    """Yes: it helped; or a person, please; or one of those, but which?; or nothing that was asked."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.question = Question(facts)

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_affirm"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """What the yes answers; in public nothing was asked."""
        if not turn.public and turn.awaiting == "helped":
            speech = Speech("utter_helped", {"opening": phrases.opening()})
            return Answer("recorded_feedback", speech, deeds=[{"do": "record_helped", "helped": True}])
        if not turn.public and turn.awaiting == "person":
            return handed_over(turn, phrases, "accepted_offer")
        if not turn.public and turn.awaiting == "tracking_code":
            return ask_code(self.facts, phrases)
        if turn.choosing and (offers := self.question.offers(turn.offered)):
            if turn.unclear_count < ASKED_WHICH_AT_MOST:
                return self.question.ask_again(turn, phrases, offers)
            return still_unclear(self.facts, turn, phrases)
        return small_talk(self, turn, phrases, "utter_ready")


class ActionDeny(SpeakingAction):
    """No: it did not help; or no person, thank you; or nothing that was asked."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_deny"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """What the no answers; in public nothing was asked."""
        if not turn.public and turn.awaiting == "helped":
            speech = Speech("utter_not_helped", {"opening": phrases.opening()})
            deeds = [{"do": "record_helped", "helped": False}]
            return Answer(
                "recorded_feedback", speech, deeds=deeds, yes_or_no=True, slots={"awaiting": "person"}
            )
        if turn.choosing or (not turn.public and turn.awaiting == "person"):
            ended = {"awaiting": "none", "unclear_count": 0.0, "choices": None, "asked_about": None}
            speech = Speech("utter_no_person", {"opening": phrases.opening()})
            return Answer("small_talk", speech, slots=ended)
        if not turn.public and turn.awaiting == "tracking_code":
            return give_up_code(self.facts, phrases)
        return small_talk(self, turn, phrases, "utter_ready")


def ask_code(facts: Facts, phrases: Phrases, response: str = "utter_ask_code") -> Answer:
    """The request for the tracking code; the next message is expected to bring it."""
    example = facts.council.reporting_tool.code_example
    values = {"opening": phrases.opening(), "example": example, "people": phrases.people()}
    slots = {"awaiting": "tracking_code", "code_asked": True, "tracking_code": None}
    return Answer("asked_for_code", Speech(response, values), slots=slots)


def give_up_code(facts: Facts, phrases: Phrases) -> Answer:
    """No code after it was asked for: how to find it, and the offer of a person."""
    values = {"opening": phrases.opening(), "link": facts.directory.reporting_url, "people": phrases.people()}
    slots = {"awaiting": "person", "tracking_code": None}
    return Answer("asked_for_code", Speech("utter_no_code", values), yes_or_no=True, slots=slots)


def small_talk(action: SpeakingAction, turn: Turn, phrases: Phrases, response: str) -> Answer:
    """A line of small talk, public or private."""
    if turn.public:
        speech = action.with_or_without_people(f"{response}_public", phrases)
        return Answer("small_talk", speech)
    return Answer("small_talk", Speech(response, {"opening": phrases.opening(), "people": phrases.people()}))
