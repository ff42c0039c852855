"""Fills the responses of domain.yml: always the same one for the same message, and never half."""

from __future__ import annotations

import string
import zlib
from collections.abc import Iterator
from typing import Any

from rasa.core.nlg.generator import ResponseVariationFilter
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker


class WordingMissing(RuntimeError):
    """domain.yml has no such response, or the action did not give a word that it needs."""


class SteadyWording(TemplatedNaturalLanguageGenerator):
    """Rasa's templates, with two differences.

    Where a response has several variations the message id chooses, so that a turn that is tried again says
    the same. And a missing response or word is an error: Rasa would leave out the reply, or send it with the
    braces in it.
    """

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any]:
        """Fill one response; raises `WordingMissing`."""
        slots = tracker.current_slot_values()
        if utter_action not in self.responses:
            raise WordingMissing(f"domain.yml has no response {utter_action}")
        fitting = ResponseVariationFilter(self.responses).responses_for_utter_action(
            utter_action, output_channel, slots
        )
        if not fitting:
            raise WordingMissing(f"no variation of {utter_action} fits")
        chosen = fitting[zlib.crc32(tracker.sender_id.encode()) % len(fitting)]
        missing = sorted(set(_words_needed(chosen.get("text"))) - set(slots) - set(kwargs))
        if missing:
            raise WordingMissing(f"{utter_action} needs {', '.join(missing)}")
        return self._fill_response(dict(chosen), slots, **kwargs)


def _words_needed(text: str | None) -> Iterator[str]:
    for _, name, _, _ in string.Formatter().parse(text or ""):
        if name:
            yield name
