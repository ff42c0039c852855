"""Tracking: how a report is getting on, from its tracking code."""

from __future__ import annotations

import re
from datetime import datetime

from actions.answering import Answer, Phrases, SpeakingAction
from actions.facts import Facts
from actions.open311 import Open311, ReportStatus, StatusUnavailableError
from actions.signposting import Signposts
from actions.small_talk import ask_code, give_up_code
from actions.turn import Turn
from actions.wording import Speech
from bot.hours import calendar_date
from bot.text import printable, shorten

LONGEST_NOTE = 200
LONGEST_NAME = 60
STATUSES = {
    "open": "open",
    "confirmed": "open",
    "new": "open",
    "closed": "closed",
    "fixed": "fixed",
    "completed": "fixed",
    "investigating": "investigating",
    "planned": "planned",
    "action_scheduled": "planned",
    "in_progress": "in_progress",
    "unable_to_fix": "unable_to_fix",
    "no_further_action": "closed",
    "duplicate": "duplicate",
    "not_responsible": "not_responsible",
    "not_the_council_s_responsibility": "not_responsible",
}
"""What servers call a state (GeoReport v2: open, closed; FixMyStreet's own beside it) to our phrase."""


class ActionCheckReport(SpeakingAction):
    """Looks a report up; asks once for the code, gives up kindly, and says nothing of it in public."""

    def __init__(self, facts: Facts, server: Open311 | None) -> None:
        super().__init__(facts)
        self.server = server
        self.signposts = Signposts(facts)

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_check_report"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """The status, or what is needed for it."""
        if turn.public:
            public = self.with_or_without_people("utter_check_report_public", phrases)
            asked = ask_code(self.facts, phrases)
            return Answer("asked_for_code", public, private=asked.speech, slots={"tracking_code": None})
        code = self._code(turn)
        if code is None:
            return (
                give_up_code(self.facts, phrases)
                if turn.awaiting == "tracking_code"
                else ask_code(self.facts, phrases)
            )
        if not self.facts.council.reporting_tool.is_code(code):
            if turn.awaiting == "tracking_code":
                return give_up_code(self.facts, phrases)
            return ask_code(self.facts, phrases, "utter_ask_code_again")
        return await self._looked_up(turn, phrases, code)

    def _code(self, turn: Turn) -> str | None:
        # The tool's own form within what was said: "FMS 1234567" and "#1234567" are 1234567.
        pattern = re.compile(rf"(?<![0-9.,])(?:{self.facts.council.reporting_tool.code_pattern})(?![0-9])")
        said = turn.entity("tracking_code")
        if said:
            match = pattern.search(said)
            return match[0] if match else said
        if turn.awaiting != "tracking_code":
            return turn.tracking_code
        # It was asked for, so that any number will do; the slot holds at most an older code.
        match = pattern.search(turn.text)
        return match[0] if match else None

    async def _looked_up(self, turn: Turn, phrases: Phrases, code: str) -> Answer:
        around = {"opening": phrases.opening(), "people": self._also(turn) + phrases.people()}
        link = self.facts.directory.status_link(code)
        offered = {"awaiting": "person", "tracking_code": code}
        if self.server is None:
            return Answer(
                "tracked",
                Speech("utter_status_page", {**around, "link": link}),
                yes_or_no=True,
                slots=offered,
            )
        try:
            report = await self.server.report(code)
        except StatusUnavailableError:
            speech = Speech("utter_status_unavailable", {**around, "link": link})
            return Answer("tracked", speech, yes_or_no=True, slots=offered)
        if report is None:
            speech = Speech("utter_code_unknown", {**around, "code": code})
            return Answer("tracked", speech, yes_or_no=True, slots=offered | {"tracking_code": None})
        speech = Speech("utter_status", {**around, "link": link, **self._described(report)})
        return Answer("tracked", speech, slots={"tracking_code": code})

    def _also(self, turn: Turn) -> str:
        # Only beside the wish to hear of a report: a bare code that was asked for may be taken for any purpose.
        if "check_report" not in (turn.intent, *turn.purposes):
            return ""
        second = [each for each in turn.purposes if self.signposts.leads_somewhere(each)]
        return "\n\n" + self.facts.wording.text(self.signposts.private(turn, second[0])) if second else ""

    def _described(self, report: ReportStatus) -> dict[str, str]:
        say = self.facts.wording.say
        category = shown(report.category, LONGEST_NAME)
        note = shown(report.notes, LONGEST_NOTE)
        return {
            "code": report.code,
            "category": say("utter_part_category", category=category) if category else "",
            "dates": self._dates(report),
            "status_note": "\n\n" + say("utter_part_status_note", note=note) if note else "",
        }

    def _dates(self, report: ReportStatus) -> str:
        say = self.facts.wording.say
        on = updated = ""
        if report.updated is not None and report.updated != report.requested:
            on = say("utter_part_on", date=self._date(report.updated))
            updated = say("utter_part_updated", date=self._date(report.updated))
        name = self._status_name(report.status)
        told = shown(report.status, LONGEST_NAME)
        status = say(f"utter_part_status_{name}", status=told, on=on, updated=updated)
        if report.requested is None:
            return status
        return say("utter_part_dates", requested=self._date(report.requested), status=status)

    def _status_name(self, status: str) -> str:
        slug = re.sub(r"[^a-z]+", "_", status.lower()).strip("_")
        if slug.startswith("fixed"):
            return "fixed"
        return STATUSES.get(slug, "other" if slug else "open")

    def _date(self, at: datetime) -> str:
        zone = self.facts.council.zone
        return calendar_date((at.astimezone(zone) if at.tzinfo else at).date())


def shown(text: str, limit: int) -> str:
    """A third party's words, fit to show: visible, one line, cut, nothing that Rasa takes for a variable."""
    return shorten(printable(text).translate(str.maketrans("{}[]", "()()")), limit)
