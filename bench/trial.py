"""One step with one pipeline in a process of its own, so that time and peak memory are those of this step alone:
`python -m bench.trial train|parse ours|default …`, started by `bench.understanding`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.labelled import FALLBACK
from bench.pipelines import Pipeline

if TYPE_CHECKING:
    from rasa.core.processor import MessageProcessor

PROGRESS_EVERY = 500
WARMING_UP = 5
"""Messages understood before the clock runs: TensorFlow builds its graph at the first."""


@dataclass(frozen=True)
class Training:
    """What a training took.

    Attributes:
        wall_seconds: of the training, from reading the data to the model's file.
        cpu_seconds: the same on all processors together.
        start_seconds: of loading Rasa before it.
        peak_mb: most memory that the process ever had (1 MB = 1,000,000 bytes).
    """

    wall_seconds: float
    cpu_seconds: float
    start_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Understood:
    """What became of one message.

    Attributes:
        likeliest: head of the ranking, passing over `nlu_fallback`; empty if there is no other.
        confidence: of that, 0…1.
        intent: what would be acted on: `nlu_fallback` if none was sure enough, empty if the answer would be that to a
            message in another language.
        milliseconds: from the text to the result.
    """

    likeliest: str
    confidence: float
    intent: str
    milliseconds: float


@dataclass(frozen=True)
class Parsing:
    """What understanding took; `start_seconds` goes until the first message is understood, and `cpu_ms` is the mean of
    a message on all processors together.
    """

    answers: tuple[Understood, ...]
    cpu_ms: float
    start_seconds: float
    peak_mb: float


def train(config: Path, data: Path, out: Path, started: float) -> Training:
    """Train a model `out` through Rasa; raises SystemExit if it gives none."""
    from rasa.model_training import train_nlu

    loaded, used = time.monotonic(), _cpu_seconds()
    model = train_nlu(
        config=str(config), nlu_data=str(data), output=str(out.parent), fixed_model_name=out.name
    )
    ended = time.monotonic()
    if model is None or not out.is_file():
        raise SystemExit("bench: Rasa gave no model; it says why above")
    return Training(
        wall_seconds=round(ended - loaded, 2),
        cpu_seconds=round(_cpu_seconds() - used, 2),
        start_seconds=round(loaded - started, 2),
        peak_mb=peak_mb(),
    )


def parse(model: Path, texts: list[str], started: float) -> Parsing:
    """Understand texts one at a time by the call that the service's messages take."""
    from rasa.core.agent import Agent

    processor = Agent.load(model).processor
    assert processor is not None
    return asyncio.run(_parse(processor, texts, started))


async def _parse(processor: MessageProcessor, texts: list[str], started: float) -> Parsing:
    from bot.nlu.turn import in_other_language
    from bot.nlu.turn import parse as understand

    await understand(processor, texts[0])
    loaded = time.monotonic()
    for text in texts[:WARMING_UP]:
        await understand(processor, text)
    answers = []
    used = _cpu_seconds()
    for number, text in enumerate(texts, start=1):
        began = time.perf_counter()
        parsed = await understand(processor, text)
        milliseconds = (time.perf_counter() - began) * 1000
        answers.append(as_understood(parsed, in_other_language(parsed), milliseconds))
        if number % PROGRESS_EVERY == 0:
            print(f"… {number} of {len(texts)} messages", file=sys.stderr, flush=True)
    return Parsing(
        answers=tuple(answers),
        cpu_ms=round((_cpu_seconds() - used) * 1000 / len(texts), 2),
        start_seconds=round(loaded - started, 2),
        peak_mb=peak_mb(),
    )


def as_understood(parsed: dict[str, Any], in_other_language: bool, milliseconds: float) -> Understood:
    """What Rasa says of a message, as it counts here."""
    ranking = [each for each in parsed.get("intent_ranking") or [] if each["name"] != FALLBACK]
    return Understood(
        likeliest=str(ranking[0]["name"]) if ranking else "",
        confidence=float(ranking[0]["confidence"]) if ranking else 0.0,
        intent="" if in_other_language else str(parsed["intent"]["name"] or ""),
        milliseconds=milliseconds,
    )


def peak_mb() -> float:
    """Most memory that this process ever had, in MB."""
    # Linux hands getrusage's figure on from the process that started this one; the one in /proc starts afresh.
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return round(int(lines["VmHWM"].split()[0]) * 1024 / 1e6, 1)
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


def _cpu_seconds() -> float:
    """Of this process, all its threads, and the children that have ended."""
    return sum(os.times()[:4])


def prepare(pipeline: Pipeline) -> None:
    """Before Rasa is loaded: ours goes without TensorFlow, as in service; the default cannot."""
    if pipeline is Pipeline.OURS:
        from bot.nlu.process import prepare_process

        prepare_process()
        return
    import structlog

    os.environ["LOG_LEVEL"] = "INFO"  # else Rasa does not show its epochs; what is logged is decided below
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def main() -> int:
    """Do one step and write what it took to a file."""
    started = time.monotonic()
    options = _parser().parse_args()
    prepare(options.pipeline)
    result: Training | Parsing
    if options.step == "train":
        result = train(options.config, options.data, options.model, started)
    else:
        texts = json.loads(options.texts.read_text(encoding="utf-8"))
        result = parse(options.model, texts, started)
    options.result.write_text(json.dumps(asdict(result)), encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.trial", description=__doc__)
    steps = parser.add_subparsers(dest="step", required=True)
    for step, files in (("train", ("config", "data", "model")), ("parse", ("texts", "model"))):
        command = steps.add_parser(step)
        command.add_argument("pipeline", type=Pipeline, choices=list(Pipeline))
        for name in (*files, "result"):
            command.add_argument(f"--{name}", type=Path, required=True)
    return parser


if __name__ == "__main__":
    sys.exit(main())
