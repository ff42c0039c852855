"""Files of messages are understood line by line, or refused with the line's number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.nlu.understand import InputWrong, main, read_messages, write_answers


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"id": 1, "text": "a"}\n{', "line 2"),
        ('\n{"id": 1}', "line 2"),
        ('{"text": "a"}', "line 1"),
        ('{"id": null, "text": "a"}', "line 1"),
        ('{"id": 1, "text": 2}', "line 1"),
        ("[]", "line 1"),
    ],
)
def test_should_name_the_line_and_change_nothing(
    tmp_path: Path, content: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(content)
    target.write_text("as it was")
    assert main(["--model", "none", str(source), str(target)]) == 2
    assert said in capsys.readouterr().err
    assert target.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_should_say_when_there_is_no_input(tmp_path: Path) -> None:
    with pytest.raises(InputWrong, match="cannot be read"):
        list(read_messages(tmp_path / "none"))


def test_should_read_marks_and_line_ends_of_other_systems(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes('\ufeff{"id": "a", "text": "é\u2028ü"}\r\n\r\n{"id": 2, "text": ""}'.encode())
    assert list(read_messages(source)) == [("a", "é\u2028ü"), (2, "")]


def test_should_write_texts_that_are_no_utf8(tmp_path: Path) -> None:
    write_answers(tmp_path / "out", [{"id": "\ud800"}])
    assert json.loads((tmp_path / "out").read_text()) == {"id": "\ud800"}


def test_should_answer_every_line_in_order(tmp_path: Path, model: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    texts = ["a big pothole on Mill Lane", "", "😂", "/greet", "bin " * 50_000, "1234567"]
    source.write_text(
        "".join(json.dumps({"id": number, "text": text}) + "\n" for number, text in enumerate(texts))
    )
    assert main(["--model", str(model), str(source), str(target)]) == 0
    answers = [json.loads(line) for line in target.read_text().splitlines()]
    assert [answer["id"] for answer in answers] == list(range(len(texts)))
    assert [answers[0]["intent"], answers[1]["intent"], answers[2]["intent"], answers[5]["intent"]] == [
        "report_pothole", "out_of_scope", "out_of_scope", "check_report",
    ]  # fmt: skip
    assert all(
        set(answer)
        == {"id", "intent", "confidence", "ranking", "entities", "purposes", "choices", "language"}
        for answer in answers
    )
