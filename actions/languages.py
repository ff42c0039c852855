"""Another language than English: how to get help in it, in that language first, and a person."""

from __future__ import annotations

import re

from actions.answering import Answer, Outcome, Phrases, SpeakingAction, hand_over
from actions.facts import Facts
from actions.turn import Turn
from actions.wording import Speech

COURTESY_WORDS, COURTESY_LETTERS, COURTESY_SIGNS = 2, 20, 4
"""The most that a greeting or thanks has: of words, of letters, and of the signs of Chinese or Japanese."""
_CHINESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


class ActionOtherLanguage(SpeakingAction):
    """Says how to get help in the resident's language. Staff get the message too, if council.yml says so and there is
    more in it than a greeting: the conversation is theirs from then on.
    """

    def name(self) -> str:
        """The name in domain.yml."""
        return "action_other_language"

    async def answer(self, turn: Turn, phrases: Phrases) -> Answer:
        """The answer in both languages: handed over, in the queue `language`, or signposted."""
        council, known = self.facts.council.languages, self.facts.languages
        name = known.english_name(turn.language) or self.facts.wording.say("utter_part_your_language")
        values = {"language": name, "number": council.phone, "link": council.page}
        hands_over = council.hand_over and not says_little(turn.text)
        deeds = [hand_over("language", f"language: {name}")] if hands_over else []
        outcome: Outcome = "handed_over" if deeds else "signposted"
        private = Speech("utter_other_language", values | self._in_private(turn, phrases, hands_over))
        if not turn.public:
            return Answer(outcome, private, deeds=deeds)
        own = self._own_help(turn)
        public = Speech("utter_other_language_public", values | {"own": f"\n{own}" if own else ""})
        return Answer(outcome, public, private, deeds)

    def _in_private(self, turn: Turn, phrases: Phrases, hands_over: bool) -> dict[str, str]:
        council, words = self.facts.council.languages, self.facts.languages.get(turn.language)
        own = [self._own_help(turn), council.page] if words else []
        after = phrases.people()
        if hands_over:
            own += [words.person] if words else []
            after = "\n\n" + self.facts.wording.say("utter_part_passed_on", answer=phrases.answer())
        return {
            "own": "\n".join(own) + "\n\n" if own else "",
            "opening": phrases.opening(),
            "after": after,
        }

    def _own_help(self, turn: Turn) -> str:
        words = self.facts.languages.get(turn.language)
        return words.help.replace("{phone}", self.facts.council.languages.phone) if words else ""


def says_little(text: str) -> bool:
    """Whether a message is at most a greeting or thanks, with nothing that a person could answer."""
    letters = sum(letter.isalpha() for letter in text)
    return len(text.split()) <= COURTESY_WORDS and letters <= (
        COURTESY_SIGNS if _CHINESE.search(text) else COURTESY_LETTERS
    )


def danger_in(facts: Facts, language: str) -> str:
    """Whom to call in danger, in a language; nothing when there are no words in it."""
    words = facts.languages.get(language)
    return words.danger if words else ""
