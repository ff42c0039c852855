"""`./signpost understand`: what is refused, and that the result appears whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.commands import understanding
from bot.commands.messages import BadMessages, read_messages
from bot.commands.understanding import destination_name, understand_file
from bot.council import load_council
from bot.directory import load_directory
from bot.environments import ROOT


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b'{"id": 1, "text": "a"}\nnonsense\n', ":2: is not JSON"),
        (b'{"id": 1, "text": "a"}\n\n["a"]\n', ":3: must be an object with id and text"),
        (b'{"text": "a"}\n', ":1: id is missing"),
        (b'{"id": "a"}\n', ":1: text is missing"),
        (b'{"id": "a", "text": null}\n', ":1: text is missing"),
        (b'{"id": "a", "text": "a"}\n{"id": "b", "text": "\xff"}\n', ":2: is not UTF-8 text"),
    ],
)
def test_should_name_the_file_and_the_line_that_is_wrong(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    messages = tmp_path / "in.jsonl"
    messages.write_bytes(content)
    with pytest.raises(BadMessages) as refused:
        read_messages(messages)
    assert str(refused.value).startswith(f"{messages}{complaint}")


def test_should_leave_the_result_alone_when_a_line_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    messages.write_text("nonsense")
    out.write_text("before")
    assert understand_file(messages, out, None) == 2
    assert out.read_text() == "before"
    assert capsys.readouterr().err.startswith(f"signpost: {messages}:1: is not JSON")


def test_should_say_that_there_is_no_such_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert understand_file(tmp_path / "none", tmp_path / "out", None) == 2
    assert "none cannot be read: No such file or directory" in capsys.readouterr().err


def answer(messages: Path, code: int = 0):  # type: ignore[no-untyped-def]
    """Instead of Rasa's environment: every message is a pothole."""

    def run_tool(command: list[str], *_: object) -> int:
        lines = [json.loads(line) for line in messages.read_text().splitlines()]
        meant = [line | {"intent": "report_pothole", "confidence": 0.9} for line in lines]
        Path(command[4]).write_text("".join(json.dumps(line) + "\n" for line in meant))
        return code

    return run_tool


@pytest.fixture
def messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(ROOT)
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "a", "text": "hole – 🕳"}\n')
    (tmp_path / "model.tar.gz").touch()
    return path


def test_should_add_where_each_message_leads(messages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(understanding, "run_tool", answer(messages))
    out = messages.with_name("out.jsonl")
    assert understand_file(messages, out, messages.with_name("model.tar.gz")) == 0
    [line] = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert line["destination"].startswith("report:")
    assert sorted(path.name for path in out.parent.iterdir()) == ["in.jsonl", "model.tar.gz", "out.jsonl"]


def test_should_leave_the_result_alone_when_the_model_fails(
    messages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(understanding, "run_tool", answer(messages, code=1))
    out = messages.with_name("out.jsonl")
    out.write_text("before")
    assert understand_file(messages, out, messages.with_name("model.tar.gz")) == 1
    assert out.read_text() == "before"


def test_should_name_every_destination_of_the_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    directory = load_directory(load_council())
    names = {intent: destination_name(directory, intent) for intent in directory.destinations}
    assert all(
        name and name.split(":")[0] in ("report", "service", "partner", "behaviour")
        for name in names.values()
    )
    assert destination_name(directory, "nlu_fallback") is None
