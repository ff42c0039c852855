"""Making the environments: what is up to date, what is made again, and what is said when it fails."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bot import environments
from bot.environments import RASA, SERVICE, STAMP, Need, SetupError, check_disk, findings, prepare, report

UV = """#!/bin/sh
echo "$@" >> {log}
case "$1" in venv) for last; do :; done; mkdir -p "$last/bin"; ln -sf {python} "$last/bin/python" ;; esac
if [ -e {log}.broken ] && [ "$1" = pip ]; then echo "error: Failed to fetch something" >&2; exit 2; fi
"""


BUILDER = """
import pathlib, sys
log, mark = pathlib.Path("builds.log"), pathlib.Path(".rasa/encoder/recipe")
log.write_text((log.read_text() if log.exists() else "") + "built\\n")
if pathlib.Path("broken").exists():
    sys.exit("encoder: part 3 has SHA-256 1, expected 2")
mark.parent.mkdir(parents=True, exist_ok=True)
mark.write_text(pathlib.Path("recipe.sha256").read_text())
"""


class Tree:
    """A project folder with lock files, a uv that only writes down what it was asked, and an encoder's recipe."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "requirements").mkdir()
        for name in ("uv.txt", "service.txt", "test.txt", "rasa.txt", "rasa-test.txt", "build.txt"):
            self.lock(name, name)
        self.log = root / "uv.log"
        uv = root / ".bootstrap" / "uv" / "bin" / "uv"
        uv.parent.mkdir(parents=True)
        uv.write_text(UV.format(log=self.log, python=sys.executable))
        uv.chmod(0o755)
        (root / ".bootstrap" / "uv" / STAMP).write_text(
            environments._sha256(root / "requirements" / "uv.txt")
        )
        (root / "bot" / "nlu").mkdir(parents=True)
        (root / "bot" / "nlu" / "encoder_build.py").write_text(BUILDER)
        self.recipe("first")

    def recipe(self, content: str) -> None:
        """Write the encoder's recipe."""
        path = self.root / "bot" / "nlu" / "encoder_recipe.py"
        path.write_text(content)
        (self.root / "recipe.sha256").write_text(environments._sha256(path))

    def builds(self) -> int:
        """How often the encoder was asked for so far."""
        log = self.root / "builds.log"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def lock(self, name: str, content: str) -> None:
        """Write a lock file."""
        (self.root / "requirements" / name).write_text(content)

    def asked(self) -> list[str]:
        """What uv was asked since the last time, one word for making and the lock files for installing."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [
            "make" if line.startswith("venv") else " ".join(Path(word).name for word in line.split()[7:])
            for line in lines
        ]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    return Tree(tmp_path)


def test_should_make_an_environment_once_and_do_nothing_the_second_time(tree: Tree) -> None:
    prepare([Need(SERVICE)])
    assert tree.asked() == ["make", "service.txt"]
    started = time.monotonic()
    prepare([Need(SERVICE)])
    assert tree.asked() == []
    assert time.monotonic() - started < 0.1


def test_should_only_install_when_a_lock_file_has_changed(tree: Tree) -> None:
    prepare([Need(SERVICE)])
    tree.asked()
    tree.lock("service.txt", "newer")
    prepare([Need(SERVICE)])
    assert tree.asked() == ["service.txt"]


def test_should_keep_what_the_tests_added(tree: Tree) -> None:
    prepare([Need(SERVICE, tests=True)])
    assert tree.asked() == ["make", "service.txt test.txt"]
    prepare([Need(SERVICE)])
    assert tree.asked() == []
    tree.lock("service.txt", "newer")
    prepare([Need(SERVICE)])
    assert tree.asked() == ["service.txt test.txt"]


def test_should_add_what_the_tests_need_to_what_is_there(tree: Tree) -> None:
    prepare([Need(RASA)])
    tree.asked()
    prepare([Need(RASA, tests=True)])
    assert tree.asked() == ["rasa.txt rasa-test.txt"]


def test_should_make_a_half_made_environment_again(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    broken = Path(f"{tree.log}.broken")
    broken.touch()
    with pytest.raises(SetupError) as failed:
        prepare([Need(SERVICE)])
    assert "the packages of the service could not be installed (uv ended with code 2):" in str(failed.value)
    assert "    error: Failed to fetch something" in str(failed.value)
    assert "it goes on where it stopped" in str(failed.value)
    tree.asked()
    broken.unlink()
    prepare([Need(SERVICE)])
    assert tree.asked() == ["make", "service.txt"]
    assert "[1/1] installing the packages of the service into .venv …" in capsys.readouterr().err


@pytest.mark.parametrize("stamp", ["", "[]", "{"])
def test_should_make_an_environment_again_whose_mark_is_damaged(tree: Tree, stamp: str) -> None:
    prepare([Need(SERVICE)])
    tree.asked()
    (tree.root / ".venv" / STAMP).write_text(stamp)
    prepare([Need(SERVICE)])
    assert tree.asked() == ["make", "service.txt"]


def test_should_make_an_environment_again_when_its_python_is_gone(tree: Tree) -> None:
    prepare([Need(SERVICE)])
    tree.asked()
    python = tree.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to(tree.root / "gone")
    prepare([Need(SERVICE)])
    assert tree.asked() == ["make", "service.txt"]


def test_should_install_once_when_two_start_together(tree: Tree) -> None:
    context = multiprocessing.get_context("fork")
    both: list[Any] = [context.Process(target=prepare, args=([Need(SERVICE)],)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join(30)
    assert [each.exitcode for each in both] == [0, 0]
    assert tree.asked() == ["make", "service.txt"]


def test_should_ask_for_room_before_anything_is_fetched(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 10**12, 3 * 1024**3))
    with pytest.raises(SetupError, match=r"has 3\.0 GB free and the installation needs 7 GB"):
        prepare([Need(SERVICE), Need(RASA)])
    assert tree.asked() == []
    check_disk(1)


def test_should_name_the_package_that_debian_leaves_out(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        environments.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name
    )
    with pytest.raises(SetupError, match=r"apt-get install python3\.11-venv"):
        prepare([Need(SERVICE)])


def test_should_install_uv_with_its_hash_first(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[list[str]] = []
    (tree.root / ".venv").mkdir()
    monkeypatch.setattr(environments, "_execute", lambda what, command: commands.append(command))
    tree.lock("uv.txt", "newer")
    prepare([Need(SERVICE)])
    assert commands[0][1:3] == ["-m", "venv"]
    assert commands[1][1:4] == ["-m", "pip", "install"]
    assert "--require-hashes" in commands[1]


def test_should_never_name_a_registry() -> None:
    files = [*(environments.ROOT / "requirements").iterdir(), environments.ROOT / "signpost"]
    assert not any("://" in path.read_text() for path in files)


def test_should_report_what_is_missing_before_anything_is_there(
    tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report() == 1
    shown = capsys.readouterr().out
    assert "missing  .venv " in shown
    assert "missing  .venv-rasa " in shown
    prepare([Need(SERVICE), Need(RASA)])
    tree.lock("rasa.txt", "newer")
    assert [finding.status for finding in findings() if finding.subject.startswith(".venv")] == [
        "ok",
        "wrong",
    ]


def test_should_build_the_encoder_once_after_the_packages_are_there(
    tree: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare([Need(SERVICE), Need(RASA)])
    assert tree.builds() == 1
    steps = [line for line in capsys.readouterr().err.splitlines() if line.endswith("…")]
    assert steps[-1] == "signpost: [3/3] building the sentence encoder …"
    prepare([Need(SERVICE), Need(RASA)])
    assert tree.builds() == 1
    assert capsys.readouterr().err == ""


def test_should_not_build_the_encoder_for_what_needs_no_rasa(tree: Tree) -> None:
    prepare([Need(SERVICE)])
    assert tree.builds() == 0


def test_should_build_the_encoder_again_when_its_recipe_has_changed(tree: Tree) -> None:
    prepare([Need(RASA)])
    tree.asked()
    tree.recipe("second")
    prepare([Need(RASA)])
    assert tree.builds() == 2
    assert tree.asked() == []


def test_should_not_build_the_encoder_again_because_packages_changed(tree: Tree) -> None:
    prepare([Need(RASA)])
    tree.lock("rasa.txt", "newer")
    prepare([Need(RASA)])
    assert tree.builds() == 1


def test_should_say_why_the_encoder_could_not_be_built_and_try_again_the_next_time(tree: Tree) -> None:
    (tree.root / "broken").touch()
    with pytest.raises(SetupError) as failed:
        prepare([Need(RASA)])
    told = str(failed.value)
    assert "the sentence encoder could not be built (python ended with code 1):" in told
    assert "    encoder: part 3 has SHA-256 1, expected 2" in told
    assert told.endswith("If a package is damaged, remove .venv-rasa and run the same command again.")
    assert next(finding for finding in findings() if finding.subject == "encoder").status == "missing"
    (tree.root / "broken").unlink()
    prepare([Need(RASA)])
    assert next(finding for finding in findings() if finding.subject == "encoder").status == "ok"


def test_should_write_down_what_was_installed(tree: Tree) -> None:
    prepare([Need(SERVICE)])
    content = json.loads((tree.root / ".venv" / STAMP).read_text())
    assert list(content) == ["service.txt"]
    assert os.access(SERVICE.python, os.X_OK)
