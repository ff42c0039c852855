"""Plays one turn through the real actions and puts the reply together as Rasa does, without Rasa."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import build_actions
from actions.answering import SpeakingAction
from actions.facts import Facts, load_facts
from bot.directory import Behaviour

ROOT = Path(__file__).parents[2]
IN_HOURS = "2026-11-24T11:00:00+00:00"
OUT_OF_HOURS = "2026-11-28T20:15:00+00:00"

ACTIONS_OF_BEHAVIOUR = {
    "tracking": "action_check_report",
    "hand_over": "action_hand_over",
    "safety": "action_safety",
    "small_talk": "action_small_talk",
    "opt_out": "action_opt_out",
    "about": "action_about_bot",
    "policy": "action_policy",
    "out_of_scope": "action_out_of_scope",
    "unclear": "action_unclear",
}


@dataclass(frozen=True)
class Played:
    """What came of a turn."""

    text: str | None
    response: str | None
    custom: Mapping[str, Any]
    slots: Mapping[str, Any]

    @property
    def deeds(self) -> list[dict[str, Any]]:
        return list(self.custom.get("deeds", []))

    @property
    def outcome(self) -> str:
        return str(self.custom["outcome"])

    @property
    def taps(self) -> list[tuple[str, str]]:
        return [(each["title"], each["payload"]) for each in self.custom.get("quick_replies", [])]

    @property
    def private_text(self) -> str | None:
        return self.custom.get("private_text")


@cache
def facts() -> Facts:
    return load_facts(ROOT)


def action_for(intent: str) -> str:
    if intent in ("affirm", "deny"):
        return f"action_{intent}"
    destination = facts().directory[intent]
    return (
        ACTIONS_OF_BEHAVIOUR[destination.behaviour]
        if isinstance(destination, Behaviour)
        else "action_signpost"
    )


def play(
    intent: str,
    *,
    public: bool = False,
    now: str = IN_HOURS,
    slots: Mapping[str, object] | None = None,
    entities: Mapping[str, str] | None = None,
    purposes: Sequence[str] | None = None,
    text: str = "what the resident wrote",
    language: str = "",
    action: str | None = None,
    with_action: SpeakingAction | None = None,
    environ: Mapping[str, str] | None = None,
    choices: Sequence[str] = (),
    chosen_from: Sequence[str] = (),
    beside: Sequence[str] = (),
) -> Played:
    """One turn. `entities` are name to value; the slots of the last turn's `Played` may be passed on."""
    message = {
        "intent": {"name": intent, "confidence": 0.9},
        "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
        "purposes": list(purposes or [intent]),
        "text": text,
        "language": language,
        "choices": list(choices),
        "chosen_from": list(chosen_from),
        "beside": list(beside),
    }
    visibility = "public" if public else "private"
    before = {**(slots or {}), "visibility": visibility, "channel": "x", "now": now}
    tracker = Tracker("t-1", before, message, [], False, None, {}, "action_listen")
    chosen = with_action or _action(action or action_for(intent), environ or {})
    dispatcher = CollectingDispatcher()
    events = asyncio.run(chosen.run(dispatcher, tracker, {}))
    assert len(dispatcher.messages) == 1
    sent = dict(dispatcher.messages[0])
    assert events[-1] == {"event": "followup", "timestamp": None, "name": "action_listen"}
    after = {**(slots or {}), **{event["name"]: event["value"] for event in events[:-1]}}
    return Played(rendered(sent), sent["response"], sent["custom"], after)


def rendered(sent: Mapping[str, Any]) -> str | None:
    """The text that Rasa makes of a message (rasa.core.nlg.interpolator and RemoteAction of 3.6.21).

    It fills the response, then lets the message's own text take its place; here both must be the same.
    """
    if sent["response"] is None:
        assert not sent["text"]
        return None
    template = facts().wording.texts[sent["response"]]
    filled = re.sub(r"{([^\n{}]+?)}", r"{0[\1]}", template).format(sent)
    assert filled == sent["text"]
    return filled


def _action(name: str, environ: Mapping[str, str]) -> SpeakingAction:
    return next(each for each in build_actions(facts(), environ) if each.name() == name)
