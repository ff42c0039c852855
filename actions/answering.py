"""How every action answers: one reply in domain.yml's words, what is to be done, what is remembered."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from rasa_sdk import Action, Tracker  # type: ignore[import-untyped,unused-ignore]
from rasa_sdk.events import EventType, FollowupAction, SlotSet  # type: ignore[import-untyped,unused-ignore]
from rasa_sdk.executor import CollectingDispatcher  # type: ignore[import-untyped,unused-ignore]

from actions.facts import Facts
from actions.turn import Turn
from actions.wording import Speech
from bot.hours import calendar_date, clock_time
from bot.text import fits

Outcome = Literal[
    "signposted",
    "tracked",
    "asked_for_code",
    "clarified",
    "advised_safety",
    "handed_over",
    "small_talk",
    "described_itself",
    "opted_out",
    "recorded_feedback",
    "withheld_policy",
    "out_of_scope",
]
Deed = Mapping[str, object]
YES_OR_NO = ("affirm", "deny")
"""The payloads of the quick replies: the intents that a plain yes and no have."""
DAYS_OF_A_WEEK = 7


def hand_over(queue: str, reason: str, urgency: str = "normal", about: str | None = None) -> Deed:
    """The deed that opens a case for a person; `about` is the turn whose message it is about, if not this one."""
    deed = {"do": "hand_over", "queue": queue, "reason": reason, "urgency": urgency}
    return deed | {"about": about} if about else deed


@dataclass(frozen=True)
class Answer:
    """What an action gives back; `speech` None is silence on purpose.

    `slots` are those that this turn sets. awaiting, unclear_count, code_asked, choices and asked_about go back to
    rest unless they are among them. `taps` are (title, payload) of buttons, under the private text when the turn
    is public. `offered` are the intents that the resident is asked to choose from, or is offered beside the answer.
    `private_slots` are what the private conversation remembers when `private` begins or goes on with it.
    """

    outcome: Outcome
    speech: Speech | None = None
    private: Speech | None = None
    deeds: Sequence[Deed] = ()
    yes_or_no: bool = False
    slots: Mapping[str, object] = field(default_factory=dict)
    taps: Sequence[tuple[str, str]] = ()
    offered: Sequence[str] = ()
    private_slots: Mapping[str, object] = field(default_factory=dict)


class Phrases:
    """The small phrases that replies share, in one turn."""

    def __init__(self, facts: Facts, turn: Turn) -> None:
        self._say = facts.wording.say
        self._facts = facts
        self._turn = turn
        self.back = facts.hours.when_people_are_back(turn.now)

    def when(self, at: datetime) -> str:
        """A time to come: today at 3pm, tomorrow at 9am, on Monday at 9am, on Monday 4 January 2027 at 9am."""
        return self._in_words("when", at)

    def due(self) -> str:
        """By when a person will have answered: 11am tomorrow. Up to the full hour, so that it is never too early."""
        due = self._facts.hours.due(self._turn.now)
        full = due.replace(minute=0, second=0, microsecond=0)
        return self._in_words("by", full if full == due else full + timedelta(hours=1))

    def _in_words(self, form: str, at: datetime) -> str:
        zone = self._facts.council.zone
        at = at.astimezone(zone)
        days = (at.date() - self._turn.now.astimezone(zone).date()).days
        time, weekday = clock_time(at), f"{at:%A}"
        if days <= 1:
            return self._say(f"utter_part_{form}_{'tomorrow' if days else 'today'}", time=time)
        if days < DAYS_OF_A_WEEK:
            return self._say(f"utter_part_{form}_weekday", weekday=weekday, time=time)
        return self._say(f"utter_part_{form}_date", weekday=weekday, date=calendar_date(at.date()), time=time)

    def closing(self) -> str:
        """The hour at which people leave today; only for a turn in office hours."""
        return clock_time(self._facts.hours.closing(self._turn.now))

    def opening(self) -> str:
        """The disclosure and an empty line; nothing when the resident has been told already."""
        if self._turn.disclosed:
            return ""
        here = "" if self.back else self._say("utter_part_people_here", closing=self.closing())
        return self._say("utter_disclosure", council=self._facts.council.name, people=here) + "\n\n"

    def people(self) -> str:
        """When people are back, as a paragraph of its own; nothing in office hours, or when it was said before."""
        if self.back is None or self._turn.disclosed:
            return ""
        phone = self._facts.council.phone.out_of_hours
        return "\n\n" + self._say("utter_part_people_away", when=self.when(self.back.at), out_of_hours=phone)

    def people_public(self) -> str:
        """When people are back, in one short sentence; nothing in office hours."""
        return self._say("utter_part_people_away_public", when=self.when(self.back.at)) if self.back else ""

    def answer(self) -> str:
        """When a person will answer; out of hours also whom to call."""
        if self.back is None:
            return self._say("utter_part_answer_here", due=self.due())
        phone = self._facts.council.phone.out_of_hours
        return self._say(
            "utter_part_answer_away", when=self.when(self.back.at), due=self.due(), out_of_hours=phone
        )

    def told(self) -> str:
        """That staff have been told of a matter of safety, and when they are there."""
        if self.back is None:
            return self._say("utter_part_told_here", closing=self.closing())
        phone = self._facts.council.phone.out_of_hours
        return self._say("utter_part_told_away", when=self.when(self.back.at), out_of_hours=phone)

    def phone_now(self) -> str:
        """The council's number that is answered at this hour."""
        phone = self._facts.council.phone
        return phone.out_of_hours if self.back else phone.main


class SpeakingAction(Action):  # type: ignore[misc,unused-ignore]
    """An action of Signpost: reads the turn, answers once, and sets every slot that it answers for."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @abstractmethod
    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """The one answer to this turn."""

    def name(self) -> str:
        """The name that domain.yml and the rules use."""
        raise NotImplementedError

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        """Speak through the dispatcher; the events are the slots after this turn, and that it is over."""
        turn = Turn.of(tracker)
        answer = await self.answer(turn, Phrases(self.facts, turn))
        custom = self._custom(turn, answer)
        if answer.speech is None:
            dispatcher.utter_message(json_message=custom)
        else:
            # Rasa fills the response from the model's own copy of domain.yml, and sends braces out when a value is
            # missing there. The text given here takes its place: words that were changed since the model was
            # trained are said at once, and a missing value fails in this process. The name still says which.
            dispatcher.utter_message(
                text=self.facts.wording.text(answer.speech),
                response=answer.speech.response,
                json_message=custom,
                **answer.speech.values,
            )
        # One action answers a turn. Said outright, since no rule matches any more once `awaiting` has changed.
        slots = [SlotSet(name, value) for name, value in self._slots(turn, answer).items()]
        return [*slots, FollowupAction("action_listen")]

    def _custom(self, turn: Turn, answer: Answer) -> dict[str, object]:
        """What goes to the service beside the words."""
        custom: dict[str, object] = {"outcome": answer.outcome}
        if answer.deeds:
            custom["deeds"] = [dict(deed) for deed in answer.deeds]
        if answer.offered:
            custom["offered"] = list(answer.offered)
        if answer.private and turn.public:
            custom["private_text"] = self.facts.wording.text(answer.private)
            if answer.private_slots:
                custom["private_slots"] = dict(answer.private_slots)
        taps = answer.taps
        if answer.yes_or_no and not turn.public:
            titles = (self.facts.wording.say("utter_part_yes"), self.facts.wording.say("utter_part_no"))
            taps = tuple(zip(titles, YES_OR_NO, strict=True))
        if taps:
            custom["quick_replies"] = [{"title": title, "payload": payload} for title, payload in taps]
        return custom

    def first_that_fits(self, speeches: Iterable[Speech]) -> Speech:
        """The first that X's limit has room for; the last when none has."""
        last = None
        for last in speeches:
            if fits(self.facts.wording.text(last)):
                return last
        if last is None:
            raise ValueError("nothing to choose from")
        return last

    def with_or_without_people(self, response: str, phrases: Phrases, **values: str) -> Speech:
        """A public reply that says when people are back if there is room for it."""
        return self.first_that_fits(
            Speech(response, {**values, "people": people}) for people in (phrases.people_public(), "")
        )

    def _slots(self, turn: Turn, answer: Answer) -> dict[str, object]:
        told = turn.disclosed or (answer.speech is not None and not turn.public)
        resting: dict[str, object] = {
            "disclosed": told,
            "awaiting": "none",
            "unclear_count": 0.0,
            "code_asked": False,
            "choices": None,
            "asked_about": None,
        }
        if turn.choosing and answer.outcome in ("small_talk", "described_itself"):
            # Courtesy between the question and its answer: the question stands.
            for name in ("awaiting", "unclear_count", "choices", "asked_about"):
                del resting[name]
        return resting | dict(answer.slots)
