"""`./signpost bench` measures a running Signpost, or the understanding, each in the environment that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot import cli
from bot.environments import RASA, SERVICE
from bot.run import tool

Started = list[tuple[list[str], Mapping[str, str] | None]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The programs that were started, and what they got into their environment besides ours."""
    found: Started = []

    def run_tool(command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
        found.append((list(command), environment))
        return 7

    monkeypatch.setattr(tool, "run_tool", run_tool)
    return found


def bench(*arguments: str) -> int:
    return cli.COMMANDS["bench"].carry_out(cli._parsed(["bench", *arguments]))


def test_should_measure_a_running_signpost_unless_told_otherwise(started: Started) -> None:
    assert bench("--seconds", "5") == 7
    assert started == [([str(SERVICE.python), "-m", "bench", "--seconds", "5"], None)]


def test_should_measure_understanding_in_rasas_environment_with_files_from_where_the_caller_stands(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert bench("understanding", "train.jsonl", "test.jsonl", "--only", "ours") == 7
    ((command, variables),) = started
    assert command[:3] == [str(RASA.python), "-m", "bench.understanding"]
    assert command[3:5] == ["--folder", str(tmp_path)]
    assert command[5:] == ["train.jsonl", "test.jsonl", "--only", "ours"]
    assert variables == RASA.variables
