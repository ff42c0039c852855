"""Signposting: who deals with it, where to go, what to have ready."""

from __future__ import annotations

import re
from collections.abc import Iterator

from actions.answering import Answer, Deed, Outcome, Phrases, SpeakingAction, hand_over
from actions.choosing import Question
from actions.facts import Facts
from actions.turn import Turn
from actions.wording import Speech
from bot.directory import Behaviour, Partner, Report, Service, UrgentPhone

POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}")
"""The shape of a UK postcode (GOV.UK, Postcodes: format)."""


class Signposts:
    """The words for destinations: reports, services and partners."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._say = facts.wording.say

    def leads_somewhere(self, intent: str) -> bool:
        """Whether the intent is answered with a place to go to, rather than by a behaviour."""
        return intent in self._facts.directory and not isinstance(self._facts.directory[intent], Behaviour)

    def private(
        self, turn: Turn, intent: str, opening: str = "", people: str = "", question: str = ""
    ) -> Speech:
        """The whole of it, for a private message."""
        destination = self._facts.directory[intent]
        around = {"opening": opening, "people": people, "question": question}
        if intent == "give_compliment" and isinstance(destination, Service):
            return Speech(
                "utter_compliment", {"opening": opening, "people": people, "link": destination.page}
            )
        if isinstance(destination, Report):
            return Speech("utter_report", around | self._report(turn, intent, destination))
        if isinstance(destination, Service):
            return Speech("utter_service", around | self._service(destination))
        if isinstance(destination, Partner):
            return Speech("utter_partner", around | self._partner(destination))
        raise LookupError(f"{intent} leads nowhere")

    def public(self, intent: str, people: str) -> Iterator[Speech]:
        """For everybody to read: the wordings to choose from, fullest first; nothing of the resident's."""
        destination = self._facts.directory[intent]
        if isinstance(destination, Behaviour):
            raise LookupError(f"{intent} leads nowhere")
        if isinstance(destination, Partner):
            reach, told = self._reach(destination), ""
            if destination.emergency:
                when, number = destination.emergency.when, destination.emergency.number
                told = self._say("utter_part_emergency_public", when=when, number=number)
            yield Speech(
                "utter_partner_public", {"why": f"{destination.why} ", "reach": reach, "emergency": told}
            )
            yield Speech("utter_partner_public", {"why": "", "reach": reach, "emergency": told})
            yield Speech("utter_partner_public", {"why": "", "reach": reach, "emergency": ""})
            return
        link = self._facts.directory.page(intent) or ""
        if intent == "give_compliment":
            yield Speech("utter_compliment_public", {"link": link})
            return
        response = "utter_report_public" if isinstance(destination, Report) else "utter_service_public"
        for each in (people, ""):
            yield Speech(response, {"title": destination.title, "link": link, "people": each})

    def _report(self, turn: Turn, intent: str, report: Report) -> dict[str, str]:
        postcode = (turn.postcode or "").upper()
        known = postcode if POSTCODE.fullmatch(postcode) else None
        return {
            "title": report.title,
            "link": self._facts.directory.report_link(intent, postcode=known, place=turn.place),
            "items": ", ".join(report.ask_for),
            "note": _paragraph(report.note),
            "urgent": self._urgent(report.urgent_phone),
        }

    def _service(self, service: Service) -> dict[str, str]:
        phone = ""
        if service.phone and service.hours:
            phone = self._say("utter_part_phone_hours", number=service.phone, hours=service.hours)
        elif service.phone:
            phone = self._say("utter_part_phone", number=service.phone)
        return {
            "title": service.title,
            "link": service.page,
            "phone": _paragraph(phone),
            "note": _paragraph(service.note),
            "urgent": self._urgent(service.urgent_phone),
        }

    def _partner(self, partner: Partner) -> dict[str, str]:
        social = self._say("utter_part_social", handle=partner.x) if partner.x else ""
        emergency = ""
        if partner.emergency:
            emergency = self._say(
                "utter_part_urgent_phone", when=partner.emergency.when, number=partner.emergency.number
            )
        return {
            "why": partner.why,
            "reach": self._reach(partner),
            "social": f"\n{social}" if social else "",
            "emergency": _paragraph(emergency),
            "note": _paragraph(partner.note),
        }

    def _reach(self, partner: Partner) -> str:
        if partner.phone:
            return self._say(
                "utter_part_reach_phone", who=partner.who, number=partner.phone, link=partner.page
            )
        return self._say("utter_part_reach", who=partner.who, link=partner.page)

    def _urgent(self, urgent: UrgentPhone | None) -> str:
        if urgent is None:
            return ""
        return _paragraph(self._say("utter_part_urgent_phone", when=urgent.label, number=urgent.number))


class ActionSignpost(SpeakingAction):
    """Answers one or two purposes with where to go; in private it may ask once whether that helped.

    Where it is not sure it offers one or two others at the end instead, and asks whether it helped another time.
    """

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self.signposts = Signposts(facts)
        self.question = Question(facts)

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_signpost"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """Where to go for each purpose, the main one first. Raises LookupError when none leads anywhere."""
        leading = [each for each in turn.purposes if self.signposts.leads_somewhere(each)]
        if not leading and self.signposts.leads_somewhere(turn.intent):
            leading = [turn.intent]
        if not leading:
            raise LookupError(f"no destination for {', '.join(turn.purposes)}")
        offers = self.question.beside(turn) if turn.purposes == (leading[0],) else []
        ask = not (turn.public or turn.helped_asked or offers) and all(map(self._may_ask, turn.purposes))
        deeds, also = self._besides(turn, phrases)
        question = "\n\n" + self.facts.wording.say("utter_part_did_it_help") if ask else ""
        if offers:
            question = "\n\n" + self.question.line_beside(offers)
        whole = self._private(turn, leading, phrases.opening(), also + phrases.people(), question)
        outcome: Outcome = "handed_over" if deeds else "signposted"
        if turn.public:
            return Answer(outcome, self._public(leading, phrases), private=whole, deeds=deeds)
        slots: dict[str, object] = {
            "last_purpose": leading[0],
            "postcode": turn.postcode,
            "place": turn.place,
        }
        if ask:
            slots |= {"helped_asked": True, "awaiting": "helped"}
            deeds = [*deeds, {"do": "ask_helped"}]
        elif any(each == "check_report" for each in turn.purposes):
            slots |= {"awaiting": "tracking_code"}
        return Answer(
            outcome,
            whole,
            deeds=deeds,
            yes_or_no=ask,
            slots=slots | (self.question.remembered(turn, offers) if offers else {}),
            taps=self.question.taps_beside(offers),
            offered=offers,
        )

    def _private(self, turn: Turn, leading: list[str], opening: str, people: str, question: str) -> Speech:
        if len(leading) == 1:
            return self.signposts.private(turn, leading[0], opening, people, question)
        first, second = (self.facts.wording.text(self.signposts.private(turn, each)) for each in leading)
        told = {"opening": opening, "people": people, "question": question}
        return Speech("utter_two_purposes", {**told, "first": first, "second": second})

    def _public(self, leading: list[str], phrases: Phrases) -> Speech:
        wordings = list(self.signposts.public(leading[0], phrases.people_public()))
        if len(leading) == 2:
            titles = [self._title(each) for each in leading]
            links = [self.facts.directory.page(each) or "" for each in leading]
            both = {"first": titles[0], "link": links[0], "second": titles[1], "second_link": links[1]}
            wordings.insert(0, Speech("utter_two_purposes_public", both))
        return self.first_that_fits(wordings)

    def _title(self, intent: str) -> str:
        destination = self.facts.directory[intent]
        return "" if isinstance(destination, Behaviour) else destination.title

    def _may_ask(self, intent: str) -> bool:
        # Not after what may be an emergency, nor where the other purpose is waiting for an answer of its own.
        destination = self.facts.directory.get(intent)
        if isinstance(destination, Behaviour):
            return destination.behaviour not in ("tracking", "hand_over", "safety")
        return (
            not (isinstance(destination, Partner) and destination.emergency) and intent != "give_compliment"
        )

    def _besides(self, turn: Turn, phrases: Phrases) -> tuple[list[Deed], str]:
        # A second purpose that is no signpost: a complaint is handed over, a code is asked for.
        for each in turn.purposes:
            destination = self.facts.directory.get(each)
            if (
                isinstance(destination, Behaviour)
                and destination.behaviour == "hand_over"
                and destination.queue
            ):
                told = self.facts.wording.say("utter_part_also_handed_over", answer=phrases.answer())
                return [hand_over(destination.queue, each, destination.urgency)], _paragraph(told)
            if isinstance(destination, Behaviour) and destination.behaviour == "tracking":
                return [], _paragraph(self.facts.wording.say("utter_part_also_track"))
        return [], ""


def _paragraph(text: str | None) -> str:
    return f"\n\n{text}" if text else ""
