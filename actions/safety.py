"""Safety: who to call now, said first, with nothing asked; and a person at once."""

from __future__ import annotations

from actions.answering import Answer, Phrases, SpeakingAction, hand_over
from actions.languages import danger_in
from actions.turn import Turn
from actions.wording import Speech
from bot.directory import Behaviour, Contact

PUBLIC_CONTACTS = 2
"""How many contacts beside 999 a public reply to an emergency has room for."""


class ActionSafety(SpeakingAction):
    """Advice in an emergency, on self-harm and on safeguarding. Danger goes before every other purpose."""

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_safety"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """Who to call; a case in the safety queue. Raises LookupError when no purpose is one of safety."""
        intent, destination = self._purpose(turn)
        deeds = [hand_over("safety", intent, "urgent")]
        own = danger_in(self.facts, turn.language)
        first = f"{own}\n\n" if own else ""
        private = Speech(f"utter_{intent}", self._private(destination, phrases) | {"own": first})
        if not turn.public:
            return Answer("advised_safety", private, deeds=deeds)
        last = f"\n{own}" if own else ""
        values = self._public(intent, destination, phrases) | {"own": last}
        fits_always = Speech("utter_danger_own_public", {"own": last})
        public = self.first_that_fits([Speech(f"utter_{intent}_public", values), fits_always])
        return Answer("advised_safety", public, private, deeds)

    def _purpose(self, turn: Turn) -> tuple[str, Behaviour]:
        for each in (turn.intent, *turn.purposes):
            destination = self.facts.directory.get(each)
            if isinstance(destination, Behaviour) and destination.behaviour == "safety":
                return each, destination
        raise LookupError(f"{turn.intent} is no matter of safety")

    def _private(self, destination: Behaviour, phrases: Phrases) -> dict[str, str]:
        lines = "\n".join(self._line(contact) for contact in _beside_999(destination))
        return {"contacts": lines, "told": phrases.told(), "number": phrases.phone_now()}

    def _public(self, intent: str, destination: Behaviour, phrases: Phrases) -> dict[str, str]:
        others = _beside_999(destination)
        if intent == "self_harm":
            return {"number": others[0].number or ""}
        return {
            "contacts": " ".join(self._line(each) for each in others[:PUBLIC_CONTACTS]),
            "number": phrases.phone_now(),
        }

    def _line(self, contact: Contact) -> str:
        reached = contact.number or contact.text or ""
        return self.facts.wording.say(
            "utter_part_contact", who=contact.who, number=reached, when=contact.when
        )


def _beside_999(destination: Behaviour) -> list[Contact]:
    # The words of every safety reply begin with 999, so that it stands before anything else.
    return [each for each in destination.contacts if each.number != "999"]
