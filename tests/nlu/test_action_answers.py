"""What the action server answers is checked by its shape."""

from __future__ import annotations

from typing import Any

import pytest

from bot.nlu.process import prepare_process

prepare_process()


@pytest.fixture
def check() -> Any:
    from rasa.core.actions.action import RemoteAction

    from bot.nlu.action_answers import check_by_shape

    check_by_shape()
    return RemoteAction("action_signpost", None)._validate_action_result


def test_should_take_an_answer_of_the_right_shape(check: Any) -> None:
    assert check(
        {"events": [{"event": "slot", "name": "place", "value": None}], "responses": [{"text": "hello"}]}
    )
    assert check({})


@pytest.mark.parametrize(
    "answer",
    [[], "x", None, {"events": {}}, {"events": ["slot"]}, {"events": [{}]}, {"responses": ["hello"]}],
)
def test_should_refuse_an_answer_of_another_shape(check: Any, answer: Any) -> None:
    from jsonschema import ValidationError

    with pytest.raises(ValidationError, match="action server"):
        check(answer)
