"""`./signpost understand`: a file of messages through a model, each with where it would be sent."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.commands.messages import BadMessages, read_messages, replace_whole
from bot.council import ConfigError, load_council
from bot.directory import Behaviour, Directory, load_directory
from bot.environments import RASA
from bot.run.livemodel import ModelError, ensure_model
from bot.run.tool import run_tool

USAGE = 2


def understand_file(messages: Path, out: Path, model: Path | None) -> int:
    """Write what the model makes of every message; gives the exit code. `out` changes only when all is well."""
    try:
        read_messages(messages)
        directory = load_directory(load_council())
        if model is not None and not model.is_file():
            raise ModelError(f"there is no model {model}.")
        return _understand(messages, out, model or ensure_model(), directory)
    except BadMessages as error:
        print(f"signpost: {error}", file=sys.stderr)
        return USAGE
    except (ConfigError, ModelError) as error:
        print(f"signpost: {error}", file=sys.stderr)
    except OSError as error:
        print(f"signpost: {out} cannot be written: {error.strerror}.", file=sys.stderr)
    return 1


def destination_name(directory: Directory, intent: str) -> str | None:
    """A short name of where an intent leads, stable as long as the directory is; None when the directory has none."""
    if intent not in directory:
        return None
    destination = directory[intent]
    title = destination.behaviour if isinstance(destination, Behaviour) else destination.title
    return f"{destination.kind}:{title}"


def _understand(messages: Path, out: Path, model: Path, directory: Directory) -> int:
    with tempfile.TemporaryDirectory(prefix=".understand-", dir=out.parent) as folder:
        meant = Path(folder) / "meant.jsonl"
        command = [
            str(RASA.python),
            "-m",
            "bot.nlu.understand",
            str(messages),
            str(meant),
            "--model",
            str(model),
        ]
        code = run_tool(command, RASA.variables)
        if code != 0:
            return code
        replace_whole(out, _with_destinations(meant, directory))
    return 0


def _with_destinations(meant: Path, directory: Directory) -> Iterator[str]:
    with meant.open(encoding="utf-8") as file:
        for line in file:
            message = json.loads(line)
            message["destination"] = destination_name(directory, message["intent"])
            yield json.dumps(message, ensure_ascii=False) + "\n"
