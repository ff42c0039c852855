"""`./signpost test` and `./signpost check`: the tests in both environments, and the checks of the source."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.environments import RASA, ROOT, SERVICE
from bot.run.livemodel import ModelError, ensure_model
from bot.run.tool import run_tool

TESTS = ROOT / "tests"
RASA_TESTS = TESTS / "nlu"
WITHOUT_MODEL = (TESTS / "unit", TESTS / "contract", TESTS / "browser")
NOTHING_COLLECTED = 5
CHECKS = {
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "ruff check": ("-m", "ruff", "check", "."),
    "mypy": ("-m", "mypy", "bot", "actions", "sandbox"),
    # Import-linter has a script but no module to run, and scripts break when the folder is moved.
    "import-linter": ("-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-logo"),
}


@dataclass(frozen=True)
class Split:
    """Pytest's arguments, shared out between the environments; None = that one has nothing to run."""

    rasa: list[str] | None
    service: list[str] | None
    needs_model: bool


def split(arguments: Sequence[str], cwd: Path) -> Split:
    """Share out pytest's arguments: paths to the environment that they belong to, options to both.

    A path is an argument whose part before `::` exists, seen from where the caller stands or from the project.
    """
    options: list[str] = []
    paths: list[tuple[Path, str]] = []
    for argument in arguments:
        name, colons, test = argument.partition("::")
        found = next((base / name for base in (cwd, ROOT) if name and (base / name).exists()), None)
        if argument.startswith("-") or found is None:
            options.append(argument)
        else:
            paths.append((found.resolve(), f"{found.resolve()}{colons}{test}"))
    if not paths:
        return Split([*options, str(RASA_TESTS)], [*options, str(TESTS)], True)
    rasa = [text for path, text in paths if path.is_relative_to(RASA_TESTS)]
    if TESTS in (path for path, _ in paths):
        rasa = [str(RASA_TESTS)]
    service = [text for path, text in paths if not path.is_relative_to(RASA_TESTS)]
    light = all(any(path.is_relative_to(folder) for folder in WITHOUT_MODEL) for path, _ in paths)
    return Split([*options, *rasa] if rasa else None, [*options, *service] if service else None, not light)


def run_tests(arguments: Sequence[str]) -> int:
    """Run the tests; gives 0 when all that were found pass. Pytest's closing line is the last one."""
    shared = split(arguments, Path.cwd())
    variables = dict(RASA.variables)
    try:
        if shared.needs_model:
            variables["SIGNPOST_TEST_MODEL"] = str(ensure_model(current=True))
    except ModelError as error:
        print(f"signpost: {error}", file=sys.stderr)
        return 1
    codes = []
    if shared.rasa is not None and any(RASA_TESTS.glob("test_*.py")):
        configuration = ("-c", str(RASA_TESTS / "pytest.ini"))
        codes.append(run_tool([str(RASA.python), "-m", "pytest", *configuration, *shared.rasa], variables))
    if shared.service is not None:
        codes.append(run_tool([str(SERVICE.python), "-m", "pytest", *shared.service]))
    failed = [code for code in codes if code not in (0, NOTHING_COLLECTED)]
    if failed:
        return failed[0]
    return 0 if 0 in codes else NOTHING_COLLECTED


def run_checks() -> int:
    """Run every check of the source, also when an earlier one fails; gives 0 when all pass."""
    failed = []
    for name, command in CHECKS.items():
        print(f"signpost: {name}", flush=True)
        if run_tool([str(SERVICE.python), *command]) != 0:
            failed.append(name)
    if failed:
        print(f"signpost: not in order: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0
