"""The command line itself: help, wrong arguments, and a machine without Python 3.11."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS, DESCRIPTION, _parsed, main
from bot.environments import ROOT
from bot.settings import Settings

SIGNPOST = ROOT / "signpost"


def signpost(
    *arguments: str, cwd: Path = ROOT, command: Path = SIGNPOST, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(command), *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_should_name_every_command_in_the_help() -> None:
    shown = signpost("--help").stdout
    assert all(name in shown for name in COMMANDS)
    assert DESCRIPTION in shown


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_should_help_with_each_command_without_any_environment(name: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import bot.cli as cli; "
         f"cli.main([{name!r}, '--help'])"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert answer.returncode == 0
    assert f"./signpost {name}" in answer.stdout


def test_should_print_the_help_when_nothing_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "./signpost COMMAND" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["fly"], "invalid choice: 'fly'"),
        (["run", "--port", "0"], "must be a number from 1 to 65535, not '0'"),
        (["run", "--port", "eighty"], "must be a number from 1 to 65535, not 'eighty'"),
        (["run", "--no-sand"], "unrecognized arguments: --no-sand"),
        (["understand", "in.jsonl"], "the following arguments are required: OUT.jsonl"),
        (["evaluate", "--folds", "5"], "unrecognized arguments: --folds 5"),
        (["cases", "close", "first"], "invalid int value: 'first'"),
    ],
)
def test_should_refuse_wrong_arguments_with_code_2(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["user"], ["user", "add", "ann"]])
def test_should_say_plainly_what_is_not_there_yet(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 3
    assert f"signpost: {arguments[0]} is not there yet" in capsys.readouterr().err


def test_should_pass_all_arguments_of_test_to_pytest() -> None:
    assert _parsed(["test", "-k", "holiday", "-x", "tests/unit"]).rest == [
        "-k",
        "holiday",
        "-x",
        "tests/unit",
    ]


def test_should_take_files_from_where_the_caller_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = _parsed(["understand", "in.jsonl", "out.jsonl"])
    assert (options.messages, options.out) == (tmp_path / "in.jsonl", tmp_path / "out.jsonl")


def test_should_take_the_model_to_compare_with_as_a_file_or_as_the_live_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _parsed(["evaluate", "--against", "live"]).against == "live"
    options = _parsed(["evaluate", "--against", "old.tar.gz", "--out", "here"])
    assert (options.against, options.out) == (tmp_path / "old.tar.gz", tmp_path / "here")
    assert options.holdout == ROOT / "data" / "holdout"


def test_should_work_from_anywhere_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    (tmp_path / "sp").symlink_to(os.path.relpath(SIGNPOST, tmp_path))
    answer = signpost("--help", cwd=tmp_path, command=tmp_path / "sp")
    assert answer.returncode == 0, answer.stderr
    assert DESCRIPTION in answer.stdout


def test_should_say_what_to_install_when_python_is_missing(tmp_path: Path) -> None:
    for name in ("bash", "dirname", "readlink", "env"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    answer = signpost("run", PATH=str(tmp_path), SIGNPOST_PYTHON="")
    assert answer.returncode == 1
    assert answer.stderr.startswith(
        "signpost: needs Python 3.11, which was not found here (no python3 at all).\n"
    )
    assert "apt-get install python3.11 python3.11-venv" in answer.stderr


def test_should_say_that_the_named_python_is_another_one(tmp_path: Path) -> None:
    other = tmp_path / "python3.12"
    other.write_text("#!/bin/sh\nexit 1\n")
    other.chmod(0o755)
    answer = signpost("run", SIGNPOST_PYTHON=str(other))
    assert answer.returncode == 1
    assert answer.stderr == f"signpost: SIGNPOST_PYTHON names {other}, which is not Python 3.11.\n"


def test_should_describe_every_setting_in_the_example() -> None:
    described = set(re.findall(r"^#?(SIGNPOST_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {f"SIGNPOST_{name.upper()}" for name in Settings.model_fields} <= described
