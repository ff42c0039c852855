"""The whole evaluation with a real model: twice the same bytes, what is printed, and what is refused."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.nlu.evaluate import answer_of, judge, main
from bot.nlu.families import read_families
from bot.nlu.holdout import Labelled, read_holdout

HOLDOUT = Path("tests/nlu/data/holdout")
LINE = '{"id": "a", "text": "a deep pothole on Mill Lane", "intents": ["report_pothole"]}\n'


def evaluate(model: Path, out: Path, *more: str, holdout: Path = HOLDOUT) -> int:
    return main(["--model", str(model), "--holdout", str(holdout), "--out", str(out), *more])


def test_the_same_model_and_messages_give_the_same_bytes(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(model, tmp_path / "one") == 0
    told = capsys.readouterr().out.splitlines()
    assert evaluate(model, tmp_path / "two", "--json") == 0
    printed = capsys.readouterr().out
    name = model.name.removesuffix(".tar.gz")
    written = [f"{name}.evaluation.html", f"{name}.evaluation.json"]
    for folder in ("one", "two"):
        assert sorted(path.name for path in (tmp_path / folder).iterdir()) == written
    for file in written:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert printed == (tmp_path / "two" / written[1]).read_text(encoding="utf-8")
    assert str(tmp_path) not in (tmp_path / "one" / written[0]).read_text(encoding="utf-8")
    assert len(told) == 11
    assert told[0] == f"{name}, 40 messages"
    assert told[-2:] == [str(tmp_path / "one" / file) for file in reversed(written)]


def test_a_model_compared_with_its_own_evaluation_wins_and_loses_nothing(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(model, tmp_path) == 0
    earlier = tmp_path / f"{model.name.removesuffix('.tar.gz')}.evaluation.json"
    earlier = earlier.rename(tmp_path / "earlier.json")
    capsys.readouterr()
    assert evaluate(model, tmp_path, "--against", str(earlier)) == 0
    against = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("against"))
    assert "0 won, 0 lost, p 1.000" in against


def test_messages_are_understood_as_live_ones_are(model: Path) -> None:
    from bot.nlu.serve import load_agent
    from bot.nlu.turn import parse, understood

    known = {intent for family in read_families(Path("domain.yml")) for intent in family.intents}
    messages = [
        *read_holdout(HOLDOUT / "messages.jsonl", known)[20:28],
        Labelled("code", "4410392", ("check_report",)),
    ]
    judged, thresholds = judge(model, messages)
    processor = load_agent(model, endpoints=None).processor
    assert processor is not None
    for message, found in zip(messages, judged, strict=True):
        live = understood(asyncio.run(parse(processor, message.text)))
        answer = found.answer
        assert (answer.intent, round(answer.confidence, 4)) == (
            live["intent"]["name"],
            live["intent"]["confidence"],
        )
        assert (list(answer.purposes), list(answer.choices)) == (live["purposes"], live["choices"])
        assert list(answer.beside) == live["beside"]
        assert [[name, round(each, 4)] for name, each in answer.ranking[:5]] == live["ranking"]
        assert len(answer.ranking) == (1 if message.id == "code" else 95)
        assert sum(each for _, each in answer.ranking) == pytest.approx(1.0, abs=1e-4)
    assert 0.0 < thresholds.clear < 1.0


def test_an_answer_without_choices_or_language_can_be_read() -> None:
    ranking = [{"name": "greet", "confidence": 0.9}]
    parsed = {"intent": ranking[0], "intent_ranking": ranking, "purposes": ["greet"], "text": "hi"}
    answer = answer_of(parsed)
    assert (answer.intent, answer.purposes, answer.choices, answer.language) == ("greet", ("greet",), (), "")
    answer = answer_of({**parsed, "choices": ["greet", "thank"], "language": "pl", "beside": ["ask_jobs"]})
    assert (answer.choices, answer.language, answer.beside) == (("greet", "thank"), "pl", ("ask_jobs",))


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), (LINE + "{", ":2: is not JSON"), ("", "holds no message")]
)
def test_a_wrong_holdout_is_named_before_any_model_is_loaded(
    tmp_path: Path, content: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "messages.jsonl"
    if content is not None:
        path.write_text(content)
    assert evaluate(tmp_path / "no-model.tar.gz", tmp_path / "out", holdout=path) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"evaluate: {path}") and said in told
    assert not (tmp_path / "out").exists()


def test_a_model_that_will_not_load_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no archive")
    assert evaluate(broken, tmp_path) == 1
    assert f"evaluate: the model {broken} will not load" in capsys.readouterr().err
    assert evaluate(tmp_path / "none.tar.gz", tmp_path) == 1
    assert "there is no model file" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.evaluation.*"))


def test_another_model_that_will_not_load_leaves_nothing_written(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holdout = tmp_path / "messages.jsonl"
    holdout.write_text(LINE)
    old = tmp_path / "old.tar.gz"
    old.write_bytes(b"of another encoder")
    assert evaluate(model, tmp_path / "out", "--against", str(old), holdout=holdout) == 1
    assert "old.evaluation.json, can be compared with instead" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    holdout = tmp_path / "messages.jsonl"
    holdout.write_text(LINE)
    assert evaluate(tmp_path / "none", holdout / "out", holdout=holdout) == 2
    assert f"evaluate: {holdout / 'out'} cannot be written" in capsys.readouterr().err


def test_an_earlier_evaluation_of_other_messages_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier = tmp_path / "old.evaluation.json"
    earlier.write_text(json.dumps({"holdout": {"sha256": "0", "messages": 1}}))
    assert evaluate(tmp_path / "none", tmp_path, "--against", str(earlier)) == 2
    assert "was made with another holdout" in capsys.readouterr().err
