"""`./signpost evaluate`: what Rasa's environment is asked for, and what is refused before."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands import evaluating
from bot.commands.evaluating import Asked, evaluate_model
from bot.environments import RASA


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("live.tar.gz", "new.tar.gz", "old.evaluation.json", "messages.jsonl"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.fixture
def commands(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What is run instead of Rasa's environment; the live model is live.tar.gz."""
    run: list[list[str]] = []

    def run_tool(command: list[str], variables: object) -> int:
        assert variables == RASA.variables
        run.append(command)
        return 0

    monkeypatch.setattr(evaluating, "run_tool", run_tool)
    monkeypatch.setattr(evaluating, "ensure_model", lambda: folder / "live.tar.gz")
    return run


def asked(
    folder: Path,
    model: str | None = None,
    against: str | None = None,
    holdout: str = ".",
    as_json: bool = False,
) -> Asked:
    return Asked(
        model=folder / model if model else None,
        against=against if against in (None, "live") else folder / str(against),
        holdout=folder / holdout,
        out=folder / "out",
        as_json=as_json,
    )


def test_the_live_model_is_evaluated_when_none_is_named(folder: Path, commands: list[list[str]]) -> None:
    assert evaluate_model(asked(folder)) == 0
    assert commands == [
        [
            str(RASA.python), "-m", "bot.nlu.evaluate", "--model", str(folder / "live.tar.gz"),
            "--holdout", str(folder), "--out", str(folder / "out"),
        ]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("against", "file"),
    [
        ("live", "live.tar.gz"),
        ("live.tar.gz", "live.tar.gz"),
        ("old.evaluation.json", "old.evaluation.json"),
    ],
)
def test_a_new_model_is_compared_with_the_live_one_or_a_named_one(
    folder: Path, commands: list[list[str]], against: str, file: str
) -> None:
    assert evaluate_model(asked(folder, "new.tar.gz", against, as_json=True)) == 0
    [command] = commands
    assert command[command.index("--model") + 1] == str(folder / "new.tar.gz")
    assert command[command.index("--against") + 1] == str(folder / file)
    assert command[-1] == "--json"


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"holdout": "none"}, 2, "there is no holdout"),
        ({"against": "live"}, 2, "live.tar.gz would be compared with itself"),
        ({"model": "none.tar.gz"}, 1, "there is no model"),
        ({"model": "new.tar.gz", "against": "none.tar.gz"}, 1, "there is no model"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_run(
    folder: Path,
    commands: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    given: dict[str, str],
    code: int,
    said: str,
) -> None:
    assert evaluate_model(asked(folder, **given)) == code  # type: ignore[arg-type]
    told = capsys.readouterr()
    assert told.err.startswith("signpost: ") and said in told.err
    assert (told.out, commands) == ("", [])


def test_the_exit_code_is_that_of_the_evaluation(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "run_tool", lambda *_: 2)
    assert evaluate_model(asked(folder, "new.tar.gz")) == 2
