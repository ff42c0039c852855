"""Files of messages that commands read and write: one JSON object a line, every fault named by file and line."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class BadMessages(Exception):
    """A line of the input is not as it should be; the text names file and line."""


def read_messages(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """Every message with the number of its line; empty lines are passed over.

    Raises:
        BadMessages: the file cannot be read, or a line is no JSON object with `id` and `text`.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        bad = path.read_bytes()[: error.start].count(b"\n") + 1
        raise BadMessages(f"{path}:{bad}: is not UTF-8 text") from None
    except OSError as error:
        raise BadMessages(f"{path} cannot be read: {error.strerror}") from None
    messages = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            message = json.loads(line.removeprefix("\ufeff") if number == 1 else line)
        except ValueError as error:
            raise BadMessages(f"{path}:{number}: is not JSON ({error})") from None
        if not isinstance(message, dict):
            raise BadMessages(f"{path}:{number}: must be an object with id and text")
        if not isinstance(message.get("id"), str | int) or isinstance(message.get("id"), bool):
            raise BadMessages(f"{path}:{number}: id is missing, or is neither text nor a whole number")
        if not isinstance(message.get("text"), str):
            raise BadMessages(f"{path}:{number}: text is missing, or is not text")
        messages.append((number, message))
    return messages


def json_line(value: object) -> str:
    """One line of JSON. Half a surrogate pair is valid JSON but not valid UTF-8: then the line is escaped."""
    line = json.dumps(value, ensure_ascii=False)
    if any("\ud800" <= character <= "\udfff" for character in line):
        line = json.dumps(value)
    return line + "\n"


def replace_whole(path: Path, lines: Iterable[str]) -> None:
    """Write a file that appears only when all of it is there; raises OSError."""
    with tempfile.TemporaryDirectory(prefix=".signpost-", dir=path.parent) as folder:
        finished = Path(folder) / "finished"
        with finished.open("w", encoding="utf-8") as file:
            file.writelines(lines)
        mask = os.umask(0)
        os.umask(mask)
        finished.chmod(0o666 & ~mask)
        finished.replace(path)
