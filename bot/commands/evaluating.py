"""`./signpost evaluate`: how good a model is on the holdout, alone or against another."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from bot.environments import RASA
from bot.run.livemodel import ModelError, ensure_model
from bot.run.tool import run_tool

LIVE = "live"
FAILED, USAGE = 1, 2


class BadArguments(Exception):
    """What was asked for cannot be done; the text says why."""


@dataclass(frozen=True)
class Asked:
    """What the command line asks for.

    Attributes:
        model: a model's file; None = the live one.
        against: another model's file, its evaluation's JSON, or `live`; None = nothing to compare with.
        holdout: the folder of messages.jsonl, or such a file.
        out: the folder of what is written.
        as_json: print the figures instead of the summary.
    """

    model: Path | None
    against: Path | str | None
    holdout: Path
    out: Path
    as_json: bool


def evaluate_model(asked: Asked) -> int:
    """Write the figures and their page, and print the summary; gives the exit code."""
    try:
        if not asked.holdout.exists():
            raise BadArguments(f"there is no holdout {asked.holdout}.")
        model = _model(asked.model)
        against = _against(asked.against, model)
    except BadArguments as error:
        print(f"signpost: {error}", file=sys.stderr)
        return USAGE
    except ModelError as error:
        print(f"signpost: {error}", file=sys.stderr)
        return FAILED
    command = [str(RASA.python), "-m", "bot.nlu.evaluate", "--model", str(model)]
    command += ["--against", str(against)] if against else []
    command += ["--holdout", str(asked.holdout), "--out", str(asked.out)]
    return run_tool([*command, "--json"] if asked.as_json else command, RASA.variables)


def _model(named: Path | None) -> Path:
    if named is None:
        return ensure_model()
    if not named.is_file():
        raise ModelError(f"there is no model {named}.")
    return named


def _against(named: Path | str | None, model: Path) -> Path | None:
    if named is None:
        return None
    other = ensure_model() if named == LIVE else Path(named)
    if not other.is_file():
        raise ModelError(f"there is no model {other}.")
    if other.resolve() == model.resolve():
        raise BadArguments(f"{other.name} would be compared with itself; name another with --model.")
    return other
