"""How `./signpost test` shares out pytest's arguments between the two environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands import testing
from bot.commands.testing import RASA_TESTS, TESTS, Split, run_tests, split
from bot.environments import ROOT


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], Split([str(RASA_TESTS)], [str(TESTS)], True)),
        (["-k", "holiday"], Split(["-k", "holiday", str(RASA_TESTS)], ["-k", "holiday", str(TESTS)], True)),
        (["tests"], Split([str(RASA_TESTS)], [str(TESTS)], True)),
        (["-x", "tests/unit"], Split(None, ["-x", str(TESTS / "unit")], False)),
        (["tests/journeys"], Split(None, [str(TESTS / "journeys")], True)),
        (
            ["tests/unit/test_hours.py::test_a"],
            Split(None, [f"{TESTS / 'unit' / 'test_hours.py'}::test_a"], False),
        ),
    ],
)
def test_should_send_paths_where_they_belong(arguments: list[str], expected: Split) -> None:
    assert split(arguments, ROOT) == expected


def test_should_see_paths_from_where_the_caller_stands() -> None:
    assert split(["unit"], TESTS).service == [str(TESTS / "unit")]


@pytest.mark.parametrize(
    ("codes", "expected"), [([0, 0], 0), ([1, 0], 1), ([0, 2], 2), ([5, 0], 0), ([0, 5], 0), ([5, 5], 5)]
)
def test_should_fail_when_either_fails_and_when_nothing_was_found(
    codes: list[int], expected: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "test_it.py").touch()
    monkeypatch.setattr(testing, "RASA_TESTS", tmp_path)
    monkeypatch.setattr(testing, "ensure_model", lambda current: tmp_path)
    left = list(codes)
    monkeypatch.setattr(testing, "run_tool", lambda *_: left.pop(0))
    assert run_tests(["-q"]) == expected
