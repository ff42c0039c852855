"""Choosing: two or three purposes are equally likely and the resident is asked which is meant, or one or two are
offered beside an answer that is not sure.
"""

from __future__ import annotations

from collections.abc import Sequence

from actions.answering import Answer, Phrases, SpeakingAction
from actions.facts import Facts
from actions.turn import Turn
from actions.wording import Speech
from bot.directory import Behaviour

TAP = "choose:"
"""What the payload of a tap begins with; the intents follow, with commas between (bot/nlu/choosing.py reads it)."""
TWO = 2


class Question:
    """The question which of some purposes is meant, as a numbered list with taps."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._say = facts.wording.say

    def offers(self, intents: Sequence[str]) -> list[str]:
        """Those of the intents that can be asked about; none when there is no choice between them."""
        named = [intent for intent in dict.fromkeys(intents) if intent in self._facts.directory.choices]
        return named if len(named) >= TWO else []

    def beside(self, turn: Turn) -> list[str]:
        """Those of the intents that may be offered beside the answer; none in public, nor after a choice."""
        if turn.public or turn.chosen_from:
            return []
        return [intent for intent in turn.beside if intent in self._facts.directory.choices]

    def line_beside(self, offers: Sequence[str]) -> str:
        """The line at the end of the answer that names one or two others."""
        labels = [self._facts.directory.choices[intent].label for intent in offers]
        line = (
            self._say("utter_part_beside_two", first=labels[0], second=labels[1])
            if len(offers) == TWO
            else self._say("utter_part_beside", label=labels[0])
        )
        return self._danger(offers, " ") + line

    def taps_beside(self, offers: Sequence[str]) -> list[tuple[str, str]]:
        """A tap for each of the others."""
        return [(self._facts.directory.choices[intent].label, TAP + intent) for intent in offers]

    def remembered(self, turn: Turn, offers: Sequence[str]) -> dict[str, object]:
        """The slots that hold what was offered, and about which message."""
        choices = self._facts.directory.choices
        return {
            "choices": [
                {"intent": intent, "label": choices[intent].label, "clause": choices[intent].clause}
                for intent in offers
            ],
            "asked_about": turn.id,
        }

    def ask(self, action: SpeakingAction, turn: Turn, phrases: Phrases, offers: Sequence[str]) -> Answer:
        """Ask for the first time; in public the question itself goes out in private."""
        values = {"opening": phrases.opening(), "people": phrases.people()}
        private = Speech("utter_which", {**values, **self._values(offers, "\n\n")})
        if not turn.public:
            return Answer(
                "clarified", private, slots=self._slots(turn, offers), taps=self._taps(offers), offered=offers
            )
        danger = self._danger(offers, " ")
        public = action.with_or_without_people("utter_which_public", phrases, danger=danger)
        return Answer(
            "clarified",
            public,
            private,
            slots={"unclear_count": turn.unclear_count + 1.0, "asked_about": turn.id},
            private_slots=self._slots(turn, offers) | self._facts_so_far(turn),
            taps=self._taps(offers),
            offered=offers,
        )

    def ask_again(self, turn: Turn, phrases: Phrases, offers: Sequence[str]) -> Answer:
        """Ask in fewer words, after an answer such as "yes", or "no" to what was offered beside an answer; in private
        only. Of a single one it asks whether that is it.
        """
        taps = self._taps(offers)
        if len(offers) == 1:
            choice = self._facts.directory.choices[offers[0]]
            values = {"danger": self._danger(offers, "\n\n"), "label": choice.label, "clause": choice.clause}
            speech = Speech("utter_which_one", {"opening": phrases.opening(), **values})
            titles = (self._say("utter_part_yes"), self._say("utter_part_no"))
            taps = [(title, payload) for title, (_, payload) in zip(titles, taps, strict=True)]
        else:
            speech = Speech(
                "utter_which_again", {"opening": phrases.opening(), **self._values(offers, "\n\n")}
            )
        return Answer(
            "clarified",
            speech,
            slots=self._slots(turn, offers) | {"asked_about": turn.asked_about},
            taps=taps,
            offered=offers,
        )

    def _values(self, offers: Sequence[str], after: str) -> dict[str, str]:
        lines = [
            self._say(
                "utter_part_choice",
                number=str(number),
                label=self._facts.directory.choices[intent].label,
                clause=self._facts.directory.choices[intent].clause,
            )
            for number, intent in enumerate(offers, 1)
        ]
        both = self._say("utter_part_which_both") if len(offers) == TWO else ""
        return {"danger": self._danger(offers, after), "choices": "\n".join(lines), "both": both}

    def _danger(self, offers: Sequence[str], after: str) -> str:
        """Whom to call, said before anything is asked, when one of the purposes is a matter of safety."""
        destinations = [self._facts.directory[intent] for intent in offers]
        urgent = any(isinstance(each, Behaviour) and each.behaviour == "safety" for each in destinations)
        return self._say("utter_part_which_danger") + after if urgent else ""

    def _taps(self, offers: Sequence[str]) -> list[tuple[str, str]]:
        taps = self.taps_beside(offers)
        if len(offers) == TWO:
            taps.append((self._say("utter_part_both"), TAP + ",".join(offers)))
        return [*taps, (self._say("utter_part_none_of_these"), TAP)]

    def _slots(self, turn: Turn, offers: Sequence[str]) -> dict[str, object]:
        asked: dict[str, object] = {"awaiting": "clarify", "unclear_count": turn.unclear_count + 1.0}
        return asked | self.remembered(turn, offers)

    def _facts_so_far(self, turn: Turn) -> dict[str, object]:
        """What a private conversation that goes on from a public message needs to know of it."""
        told = {"postcode": turn.postcode, "place": turn.place, "tracking_code": turn.tracking_code}
        return {"disclosed": True} | {name: value for name, value in told.items() if value is not None}
