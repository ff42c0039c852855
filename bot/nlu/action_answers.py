"""Checks the shape of what the action server answers; the events in it are checked where Rasa reads them."""

from __future__ import annotations

from typing import Any


def check_by_shape() -> None:
    """Put our check in the place of Rasa's; call when `rasa` can be imported.

    Rasa builds a JSON schema of all events, checks the schema itself and then the answer, anew for every action: more
    than half of a turn's time (22 of 40 ms). The action server is ours, on loopback, and `deserialise_events` refuses
    an event that is none.
    """
    from jsonschema import ValidationError
    from rasa.core.actions.action import RemoteAction

    def validate(_action: RemoteAction, result: Any) -> bool:
        if not isinstance(result, dict):
            raise ValidationError("the action server's answer is no object")
        for name, word in (("events", "event"), ("responses", None)):
            parts = result.get(name, [])
            if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
                raise ValidationError(f"the action server's {name} must be a list of objects")
            if word and not all(isinstance(part.get(word), str) for part in parts):
                raise ValidationError(f"each of the action server's {name} must name its {word}")
        return True

    RemoteAction._validate_action_result = validate
