"""Checks what the action server answers by Rasa's own schema, without checking the schema itself at every turn."""

from __future__ import annotations

from typing import Any


def check_with_one_validator() -> None:
    """Build Rasa's check of action answers once for the process; call after `rasa` can be imported.

    Rasa builds it anew for every action, which took more than half of a turn's time (22 of 40 ms).
    """
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema)

    def validate(_action: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate
