"""This project's pipeline is measured beside Rasa's default by the same rules, and each figure says what it should."""

from __future__ import annotations

import contextlib
import io
import json
import resource
from collections import Counter
from dataclasses import asdict
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import rasa
from ruamel.yaml import YAML

from bench import understanding
from bench.labelled import DataWrong, Labelled, read_labelled, write_for_rasa
from bench.pipelines import Pipeline, ours, rasa_default
from bench.scores import compare, right, scores
from bench.trial import Parsing, Training, Understood, as_understood, peak_mb
from bench.understanding import FAILED, INPUT_WRONG, Trials, main

ROOT = Path(__file__).parents[2]
THINGS = {
    "kettle": ("kettle", "boiling water", "teapot", "steam", "descaling"),
    "bicycle": ("bicycle", "chain and pedals", "puncture", "saddle", "bell"),
    "garden": ("tulips", "lawn", "hedge", "compost", "greenhouse"),
    "piano": ("piano", "black keys", "sheet music", "scales", "metronome"),
    "train": ("train ticket", "platform four", "railcard", "carriage", "timetable"),
}
ASKED = ("tell me about the {}", "I have a question on my {}")
TEST_ASKED = ("a word about the {} please", "/{} for the third time")
TRAINED = Training(wall_seconds=2.0, cpu_seconds=4.0, start_seconds=1.0, peak_mb=500.0)
SLOW = Training(wall_seconds=8.0, cpu_seconds=16.0, start_seconds=1.0, peak_mb=1000.0)


def write(path: Path, messages: list[tuple[str, str]]) -> Path:
    lines = [json.dumps({"text": text, "intent": intent}) for text, intent in messages]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def asked(forms: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (form.format(thing), intent)
        for (intent, things), form in product(THINGS.items(), forms)
        for thing in things
    ]


def understood(likeliest: str, confidence: float = 0.9, intent: str | None = None) -> Understood:
    return Understood(likeliest, confidence, likeliest if intent is None else intent, 3.0)


def parsing(*answers: Understood) -> Parsing:
    return Parsing(answers, cpu_ms=2.0, start_seconds=1.0, peak_mb=300.0)


class FewProcesses(Trials):
    """Ours is trained once and tested; the default, which takes a minute however little there is to learn, as given."""

    def train(self, pipeline: Pipeline, config: Path, data: Path, model: Path) -> Training:
        if pipeline is Pipeline.DEFAULT:
            return SLOW
        return TRAINED if model.exists() else super().train(pipeline, config, data, model)

    def parse(self, pipeline: Pipeline, texts: Path, model: Path) -> Parsing:
        if pipeline is Pipeline.OURS:
            return super().parse(pipeline, texts, model)
        answers = [understood("kettle", 0.2, "nlu_fallback") for _ in json.loads(texts.read_text())]
        return parsing(*answers)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A whole run on messages about a few things, half of which begin with a slash."""
    folder = tmp_path_factory.mktemp("bench")
    write(folder / "train.jsonl", asked(ASKED))
    write(folder / "test.jsonl", asked(TEST_ASKED))
    write(folder / "oos.jsonl", [("xylem and phloem", "oos"), ("how tall is everest", "oos")])
    files = ["train.jsonl", "test.jsonl", "--oos", "oos.jsonl", "--folder", str(folder)]
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as said:
        patch.setattr(understanding, "Trials", FewProcesses)
        assert main(files) == 0
    report: dict[str, Any] = json.loads(said.getvalue())
    return report


def test_ours_is_trained_and_tested_through_rasa(measured: dict[str, Any]) -> None:
    assert measured["data"] | {"train": "", "test": ""} == {
        "train": "",
        "test": "",
        "train_messages": 50,
        "test_messages": 50,
        "out_of_scope_messages": 2,
        "intents": 5,
    }
    found = measured["pipelines"]["ours"]
    assert found["training"]["cpu_seconds"] > 0.0
    assert found["training_again"] == asdict(TRAINED)
    assert found["training"]["peak_mb"] > 100.0
    assert found["parsing"]["peak_mb"] > 100.0
    assert 0.0 < found["parsing"]["p50_ms"] <= found["parsing"]["p95_ms"]
    assert found["out_of_scope"]["messages"] == 2


def test_a_message_with_a_slash_is_understood_like_any_other(measured: dict[str, Any]) -> None:
    # Half of the test begins with one: if Rasa took them for commands, half would be wrong.
    assert measured["pipelines"]["ours"]["accuracy"] > 0.9


def test_the_report_puts_ours_beside_the_default(measured: dict[str, Any]) -> None:
    ours, default = (measured["pipelines"][name] for name in ("ours", "default"))
    assert default["accuracy"] == 0.2
    assert default["training_again"] is None
    found = measured["comparison"]
    assert found["accuracy"]["difference"] == pytest.approx(ours["accuracy"] - 0.2, abs=1e-4)
    assert found["ours_by_default"]["parsing_peak_mb"] == pytest.approx(
        ours["parsing"]["peak_mb"] / 300.0, abs=1e-3
    )


def test_every_step_knows_nothing_but_the_vectors_from_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[Path, dict[str, str]]] = []

    def run(command: list[str], cwd: Path, env: dict[str, str], **_: object) -> SimpleNamespace:
        started.append((cwd, env))
        result = next(
            Path(each.removeprefix("--result=")) for each in command if each.startswith("--result=")
        )
        result.write_text(json.dumps(asdict(TRAINED)))
        return SimpleNamespace(returncode=0)

    monkeypatch.setenv("RASA_CACHE_DIRECTORY", "somewhere")
    monkeypatch.setenv("SIGNPOST_VECTOR_CACHE", "elsewhere")
    monkeypatch.setattr(understanding.subprocess, "run", run)
    trials = Trials(tmp_path)
    for _ in range(2):
        assert trials.train(Pipeline.OURS, tmp_path, tmp_path, tmp_path) == TRAINED
    (first, variables), (again, same) = started
    assert first != again
    assert variables == same
    assert variables["SIGNPOST_VECTOR_CACHE"] == str(tmp_path / "vectors")
    assert "RASA_CACHE_DIRECTORY" not in variables


def test_a_step_that_fails_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write(tmp_path / "train.jsonl", asked(ASKED))
    monkeypatch.setattr(understanding.sys, "executable", "/bin/false")
    assert main([str(train), str(train), "--only", "default"]) == FAILED
    captured = capsys.readouterr()
    assert "train, default: no result (exit code 1)" in captured.err
    assert captured.out == ""


def test_the_fallback_at_the_head_of_a_ranking_is_passed_over() -> None:
    ranking = [{"name": "nlu_fallback", "confidence": 0.3}, {"name": "a", "confidence": 0.25}]
    parsed = {"intent": ranking[0], "intent_ranking": ranking}
    assert as_understood(parsed, False, 1.0) == Understood("a", 0.25, "nlu_fallback", 1.0)
    assert as_understood({**parsed, "intent": ranking[1]}, True, 1.0) == Understood("a", 0.25, "", 1.0)
    none_ranked = {"intent": {"name": None, "confidence": 0.0}, "intent_ranking": []}
    assert as_understood(none_ranked, False, 1.0) == Understood("", 0.0, "", 1.0)


def test_the_peak_of_memory_counts_what_was_given_back() -> None:
    before = peak_mb()
    block = bytearray(int((before + 50) * 1e6))
    block[:: resource.getpagesize()] = b"x" * len(range(0, len(block), resource.getpagesize()))
    del block
    assert peak_mb() > before + 50


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2"),
        ("[]", "line 2: not an object"),
        ('{"text": " ", "intent": "a"}', "line 2: text must be words"),
        ('{"text": "a"}', "line 2: intent must be a name"),
        ('{"text": "a", "intent": "faq/a"}', "line 2: 'faq/a' means something of its own"),
        ('{"text": "a", "intent": "nlu_fallback"}', "line 2: 'nlu_fallback' means"),
        ('{"text": "a", "intent": "b"}', "line 2: the intent 'b' is not among those trained on"),
    ],
)
def test_a_broken_line_is_named(
    tmp_path: Path, line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    train = write(tmp_path / "train.jsonl", [("a", "a")])
    test = tmp_path / "test.jsonl"
    test.write_text(f'{{"text": "a", "intent": "a"}}\n{line}\n')
    assert main([str(train), str(test)]) == INPUT_WRONG
    assert said in capsys.readouterr().err


def test_a_missing_and_an_empty_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataWrong, match="cannot be read"):
        read_labelled(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n\n")
    with pytest.raises(DataWrong, match=r"empty\.jsonl holds no messages"):
        read_labelled(tmp_path / "empty.jsonl")


def test_rasa_reads_every_text_just_as_it_was_written(tmp_path: Path) -> None:
    from rasa.shared.nlu.training_data.loading import load_data

    texts = ['the [bin](item) is "full"', "- {a}: b # c", "/restart", "Straße\u2029dort 😀"]
    write_for_rasa([Labelled(text, "a") for text in texts], tmp_path / "nlu.json")
    found = load_data(str(tmp_path / "nlu.json")).intent_examples
    assert Counter(each.get("text") for each in found) == Counter(texts)
    assert not [each for each in found if each.get("entities")]


def test_the_default_is_what_rasa_gives_less_its_response_selector() -> None:
    path = Path(rasa.__file__).parent / "engine" / "recipes" / "config_files" / "default_config.yml"
    given = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["pipeline"]
    assert rasa_default(100)["pipeline"] == [each for each in given if each["name"] != "ResponseSelector"]


def test_ours_is_the_pipeline_of_the_configuration_with_its_files_named_from_anywhere() -> None:
    given = YAML(typ="safe").load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    found = ours(ROOT)["pipeline"]
    assert [each["name"] for each in found] == [each["name"] for each in given]
    changed = {
        key: (before[key], value)
        for before, after in zip(given, found, strict=True)
        for key, value in after.items()
        if before[key] != value
    }
    assert changed
    assert all(Path(after) == ROOT / before and Path(after).exists() for before, after in changed.values())


def test_the_likeliest_intent_counts_whatever_is_acted_on() -> None:
    test = [Labelled("x", "a"), Labelled("y", "a"), Labelled("z", "b")]
    answers = [understood("a"), understood("a", 0.2, "nlu_fallback"), understood("a")]
    found = scores(test, {"a", "b"}, parsing(*answers), TRAINED, None)
    assert right(test, answers) == [True, True, False]
    assert found.accuracy == pytest.approx(2 / 3, abs=1e-4)
    assert found.macro_f1 == pytest.approx((0.8 + 0.0) / 2)
    assert found.out_of_scope is None


def test_a_message_out_of_scope_is_refused_when_no_intent_is_acted_on() -> None:
    test = [Labelled("x", "a"), Labelled("y", "b")]
    answers = [understood("a", 0.9), understood("b", 0.3, "nlu_fallback")]
    outside = [
        understood("a", 0.2, "nlu_fallback"),
        understood("a", 0.1, ""),
        understood("b", 0.5),
        understood("b", 0.1, "b"),
    ]
    found = scores(test, {"a", "b"}, parsing(*answers, *outside), TRAINED, None).out_of_scope
    assert found is not None
    assert (found.messages, found.refused, found.in_scope_refused) == (4, 0.5, 0.5)
    assert found.auroc == pytest.approx(7 / 8)  # of the eight pairs one is the wrong way round


def test_a_comparison_counts_what_one_alone_had_right_and_divides_ours_by_the_default() -> None:
    test = [Labelled("x", "a"), Labelled("y", "b"), Labelled("z", "b")]
    mine = scores(test, {"a", "b"}, parsing(*map(understood, "abb")), TRAINED, None)
    theirs = scores(test, {"a", "b"}, parsing(*map(understood, "aab")), SLOW, None)
    found = compare(mine, theirs, [True, True, True], [True, False, True])
    assert (found.accuracy.won, found.accuracy.lost) == (1, 0)
    assert found.accuracy.difference == pytest.approx(1 / 3, abs=1e-4)
    assert found.ours_by_default["training_wall_seconds"] == 0.25
    assert found.ours_by_default["training_peak_mb"] == 0.5
    assert found.ours_by_default["p50_ms"] == 1.0
    assert found.auroc_difference is None
