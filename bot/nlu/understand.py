"""Understands a file of messages: `python -m bot.nlu.understand --model models/x.tar.gz IN.jsonl OUT.jsonl`.

Lines `{id, text}` become lines `{id, intent, confidence, ranking, entities, purposes, choices, language}` in order.
Wrong input leaves OUT as it was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.nlu.process import prepare_process
from bot.nlu.whole_file import write_whole

if TYPE_CHECKING:
    from rasa.core.processor import MessageProcessor

PROGRESS_EVERY = 500


class InputWrong(ValueError):
    """A line of the input cannot be used; the message names it."""


def main(arguments: list[str] | None = None) -> int:
    """0 when OUT is written; 1 if the model will not load; 2 with the line's number if the input or the
    output is wrong.
    """
    options = _parser().parse_args(arguments)
    prepare_process()
    source, target = Path(options.input), Path(options.output)
    try:
        messages = list(read_messages(source))
        if not target.parent.is_dir():
            raise InputWrong(f"{target.parent} is not a folder")
    except InputWrong as error:
        print(f"understand: {error}", file=sys.stderr)
        return 2
    from bot.nlu.serve import CannotServe, load_agent

    try:
        agent = load_agent(Path(options.model), endpoints=None)
    except CannotServe as error:
        print(f"understand: {error}", file=sys.stderr)
        return 1
    assert agent.processor is not None
    try:
        write_answers(target, asyncio.run(_understand(agent.processor, messages)))
    except OSError as error:
        print(f"understand: {target} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def read_messages(path: Path) -> Iterator[tuple[Any, str]]:
    """The ids and texts of a file, one JSON object a line; empty lines are passed over. Raises `InputWrong`."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise InputWrong(f"{path} cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            message = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (UnicodeDecodeError, ValueError) as error:
            raise InputWrong(f"{path}, line {number}: not JSON ({error})") from error
        if not isinstance(message, dict):
            raise InputWrong(f"{path}, line {number}: not an object")
        if not isinstance(message.get("id"), str | int) or isinstance(message.get("id"), bool):
            raise InputWrong(f"{path}, line {number}: id must be a text or a whole number")
        if not isinstance(message.get("text"), str):
            raise InputWrong(f"{path}, line {number}: text must be a text")
        yield message["id"], message["text"]


def write_answers(path: Path, answers: list[dict[str, Any]]) -> None:
    """Write one JSON object a line, all or nothing."""
    lines = []
    for answer in answers:
        # A lone surrogate in a text is valid JSON, but not valid UTF-8: it stays escaped.
        line = json.dumps(answer, ensure_ascii=False)
        if any("\ud800" <= character <= "\udfff" for character in line):
            line = json.dumps(answer)
        lines.append(line + "\n")
    write_whole(path, "".join(lines))


async def _understand(processor: MessageProcessor, messages: list[tuple[Any, str]]) -> list[dict[str, Any]]:
    from bot.nlu.decide import FALLBACK
    from bot.nlu.turn import parse, understood

    answers = []
    for number, (identifier, text) in enumerate(messages, start=1):
        answer = understood(await parse(processor, text))
        intent, confidence = answer["intent"]["name"], answer["intent"]["confidence"]
        if intent == FALLBACK:  # what the bot would ask back about first
            intent, confidence = answer["ranking"][0]
        answers.append(
            {
                "id": identifier,
                "intent": intent,
                "confidence": confidence,
                "ranking": answer["ranking"],
                "entities": answer["entities"],
                "purposes": answer["purposes"] or [intent],
                "choices": answer["choices"],
                "language": answer["language"],
            }
        )
        if number % PROGRESS_EVERY == 0:
            print(f"{number} of {len(messages)}", file=sys.stderr, flush=True)
    return answers


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot.nlu.understand", description="Understand a file of messages."
    )
    parser.add_argument("--model", required=True, help="a model file, models/….tar.gz")
    parser.add_argument("input", help="lines of {id, text}")
    parser.add_argument(
        "output", help="lines of {id, intent, confidence, ranking, entities, purposes, choices, language}"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
