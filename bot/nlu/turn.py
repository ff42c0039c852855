"""One turn in Rasa: a fresh tracker from the slots that were sent, the message, the actions, and what came of it.

Rasa's own `handle_message` goes on after an action has failed and answers with nothing; here a failure ends
the turn with `TurnFailed`, so that the service knows that nothing was said and tries again. Nothing is
stored: the tracker is gone when the turn is over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa.core.actions.action import ActionExecutionRejection
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    DEFAULT_INTENTS,
    DEFAULT_SLOT_NAMES,
)
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    FollowupAction,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import CategoricalSlot
from rasa.shared.core.trackers import DialogueStateTracker

from bot.nlu.choosing import in_order, offers_of, read_tap, weigh, weigh_beside
from bot.nlu.decide import FALLBACK, NOT_OFFERED, SAFETY

CHANNEL_NAME = "signpost"
ACTIONS_AT_MOST = 5
OTHER_LANGUAGE_ACTION = "action_other_language"
RANKING_LENGTH = 5
# Set from the request each turn and not sent back.
REQUEST_SLOTS = ("visibility", "channel", "now")
# When several actions or messages give an outcome, the last counts, but none takes the place of a more serious one.
_SERIOUSNESS = {"advised_safety": 2, "handed_over": 1, "failed_handed_over": 1}

# Looks like a slash and has its width, but does not select an intent in Rasa.
_HARMLESS_SLASH = "\u2215"
_SELECTS_INTENT = re.compile(r"^\s*/")

Json = dict[str, Any]


class TurnFailed(RuntimeError):
    """The turn gave no answer that may be sent; it can be tried again as it was."""


class SlotInvalid(ValueError):
    """A slot was sent with a value that it cannot have."""


@dataclass(frozen=True)
class TurnRequest:
    """What the service asks, after its form has been checked. `quick_reply` is the payload of a tapped button."""

    message_id: str
    text: str
    visibility: str
    channel: str
    now: str
    slots: Mapping[str, Any]
    quick_reply: str = ""


@dataclass
class _Spoken:
    """What the actions have said and want done."""

    replies: list[Json] = field(default_factory=list)
    deeds: list[Json] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    outcome: str | None = None

    def add(self, event: BotUttered) -> None:
        custom = event.data.get("custom") or {}
        if not isinstance(custom, dict):
            raise TurnFailed("an action's custom part is not an object")
        self.deeds.extend(custom.get("deeds") or [])
        self.offered.extend(custom.get("offered") or [])
        given = custom.get("outcome")
        if given and _SERIOUSNESS.get(given, 0) >= _SERIOUSNESS.get(self.outcome or "", 0):
            self.outcome = given
        private_text = custom.get("private_text")
        if event.text or private_text:
            buttons = (
                custom.get("quick_replies")
                or event.data.get("quick_replies")
                or event.data.get("buttons")
                or []
            )
            self.replies.append(
                {
                    "text": event.text or "",
                    "response": event.metadata.get("utter_action"),
                    "private_text": private_text,
                    "private_slots": custom.get("private_slots") or {},
                    "quick_replies": [
                        {"title": each["title"], "payload": each["payload"]} for each in buttons
                    ],
                }
            )


async def take_turn(processor: MessageProcessor, model_id: str, request: TurnRequest) -> Json:
    """Answer one message.

    Raises:
        SlotInvalid: of the request; nothing was done.
        TurnFailed: an action failed, or nothing came of the actions.
    """
    tracker = _tracker(processor, request)
    if not request.text.strip():
        return {
            "message_id": request.message_id,
            "model": model_id,
            "intent": {"name": "out_of_scope", "confidence": 1.0},
            "ranking": [],
            "purposes": [],
            "language": "",
            "entities": [],
            "choices": [],
            "beside": [],
            "chosen_from": [],
            "replies": [],
            "deeds": [],
            "offered": [],
            "outcome": "withheld_nothing_to_answer",
            "slots": _slots(tracker),
        }
    parsed = await parse(processor, request.text, request.message_id)
    parsed = with_choice(parsed, request, set(processor.domain.intents))
    tracker.update(
        UserUttered(
            request.text.strip(),
            parsed["intent"],
            parsed["entities"],
            parsed,
            input_channel=CHANNEL_NAME,
            message_id=request.message_id,
        ),
        processor.domain,
    )
    output = CollectingOutputChannel()
    tracker = await processor.run_action_extract_slots(output, tracker)
    if in_other_language(parsed):
        tracker.update(FollowupAction(OTHER_LANGUAGE_ACTION), processor.domain)
    spoken = await _act(processor, tracker)
    if spoken.outcome is None:
        raise TurnFailed("the actions gave no outcome")
    return {
        "message_id": request.message_id,
        "model": model_id,
        **understood(parsed),
        "chosen_from": list(parsed.get("chosen_from") or []),
        "replies": spoken.replies,
        "deeds": spoken.deeds,
        "offered": spoken.offered,
        "outcome": spoken.outcome,
        "slots": _slots(tracker),
    }


async def parse(processor: MessageProcessor, text: str, message_id: str = "") -> Json:
    """Understand a text; a leading slash is text like any other, and offsets are those of the text given."""
    safe = _SELECTS_INTENT.sub(lambda found: found[0][:-1] + _HARMLESS_SLASH, text)
    indent = len(text) - len(text.lstrip())
    parsed = await processor.parse_message(UserMessage(safe, sender_id=message_id, message_id=message_id))
    parsed["text"] = text
    for entity in parsed["entities"]:
        entity["start"] += indent
        entity["end"] += indent
        if _HARMLESS_SLASH in str(entity["value"]):
            entity["value"] = entity["value"].replace(_HARMLESS_SLASH, "/")
    return parsed


def with_choice(parsed: Json, request: TurnRequest, intents: set[str]) -> Json:
    """What was understood, or what the resident chose when the message answers "which of these is it?", or takes what
    was offered beside the answer before.

    A chosen intent is sure (1.0), and `chosen_from` names those that were offered. "None of these" is
    `nlu_fallback` with `chosen_from`. In public nothing is offered.
    """
    known = intents - NOT_OFFERED - set(DEFAULT_INTENTS)
    if request.visibility != "private":
        return parsed
    # Offers that nobody asked about stand beside the last answer.
    reading = {"clarify": weigh, "none": weigh_beside}.get(request.slots.get("awaiting") or "none")
    offers = offers_of(request.slots.get("choices"), known) if reading else ()
    choice = read_tap(request.quick_reply, known)
    if choice is None and reading:
        choice = reading(request.text, offers, parsed["intent"]["name"], parsed.get("purposes") or [])
    if choice is None:
        return parsed
    chosen = in_order(choice.intents, code_known=bool(request.slots.get("tracking_code")))
    return {
        **parsed,
        "intent": {"name": chosen[0] if chosen else FALLBACK, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0} for intent in chosen],
        "purposes": list(chosen),
        "choices": [],
        "beside": [],
        "chosen_from": [offer.intent for offer in offers] or list(chosen),
        "entities": parsed["entities"] if choice.details else [],
    }


def in_other_language(parsed: Json) -> bool:
    """Whether the answer is how to get help in that language; danger, and an answer to our question, go first."""
    answered_otherwise = parsed["intent"]["name"] in SAFETY or parsed.get("chosen_from")
    return bool(parsed.get("language")) and not answered_otherwise


def understood(parsed: Json) -> Json:
    """The part of an answer that says what a message means."""
    return {
        "intent": {"name": parsed["intent"]["name"], "confidence": _rounded(parsed["intent"]["confidence"])},
        "ranking": [
            [each["name"], _rounded(each["confidence"])]
            for each in parsed.get("intent_ranking", [])[:RANKING_LENGTH]
        ],
        "purposes": list(parsed.get("purposes") or []),
        "choices": list(parsed.get("choices") or []),
        "beside": list(parsed.get("beside") or []),
        "language": parsed.get("language") or "",
        "entities": [
            {key: entity.get(key) for key in ("entity", "value", "start", "end", "confidence", "extractor")}
            for entity in parsed["entities"]
        ],
    }


def _rounded(probability: float) -> float:
    return round(float(probability), 4)


def _tracker(processor: MessageProcessor, request: TurnRequest) -> DialogueStateTracker:
    domain = processor.domain
    tracker = DialogueStateTracker(request.message_id, domain.slots)
    tracker.model_id = processor.model_metadata.model_id
    tracker.assistant_id = processor.model_metadata.assistant_id
    events: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    known = {slot.name: slot for slot in domain.slots if slot.name not in DEFAULT_SLOT_NAMES}
    for name, value in request.slots.items():
        slot = known.get(name)
        if slot is None or name in REQUEST_SLOTS or value is None:
            continue  # a slot that a later model has no more
        if isinstance(slot, CategoricalSlot) and value not in slot.values:
            raise SlotInvalid(f"slots.{name} cannot be {value!r}")
        if slot.type_name == "bool" and not isinstance(value, bool):
            raise SlotInvalid(f"slots.{name} must be true or false")
        if slot.type_name == "float" and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise SlotInvalid(f"slots.{name} must be a number")
        if slot.type_name == "text" and not isinstance(value, str):
            raise SlotInvalid(f"slots.{name} must be a text")
        if slot.type_name == "list" and not isinstance(value, list):
            raise SlotInvalid(f"slots.{name} must be a list")
        events.append(SlotSet(name, value))
    events += [
        SlotSet("visibility", request.visibility),
        SlotSet("channel", request.channel),
        SlotSet("now", request.now),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]
    tracker.update_with_events(events, domain)
    return tracker


async def _act(processor: MessageProcessor, tracker: DialogueStateTracker) -> _Spoken:
    """Run the actions that the policies choose until they choose to listen."""
    spoken, output = _Spoken(), CollectingOutputChannel()
    for acted in range(ACTIONS_AT_MOST + 1):
        action, prediction = processor.predict_next_with_tracker_if_should(tracker)
        if action.name() == ACTION_LISTEN_NAME:
            if not acted:
                raise TurnFailed("no rule chose an action")
            return spoken
        trial = tracker.copy()
        trial.update_with_events(prediction.events, processor.domain)
        try:
            events = await action.run(output, processor.nlg, trial, processor.domain)
        except ActionExecutionRejection as error:
            raise TurnFailed(f"{action.name()} declined to run") from error
        except Exception as error:  # Rasa's actions raise what they like; whatever it is, nothing may be said
            raise TurnFailed(f"{action.name()} failed: {type(error).__name__}") from error
        tracker.update_with_events(prediction.events, processor.domain)
        tracker.update(action.event_for_successful_execution(prediction), processor.domain)
        tracker.update_with_events(events, processor.domain)
        for event in events:
            if isinstance(event, BotUttered):
                spoken.add(event)
    raise TurnFailed(f"more than {ACTIONS_AT_MOST} actions in one turn")


def _slots(tracker: DialogueStateTracker) -> Json:
    return {
        name: value
        for name, value in tracker.current_slot_values().items()
        if name not in REQUEST_SLOTS and name not in DEFAULT_SLOT_NAMES
    }
