"""How well, how fast and how big this project's pipeline is beside Rasa's default, on labelled messages, as JSON.

`.venv-rasa/bin/python -m bench.understanding TRAIN.jsonl TEST.jsonl [--oos OOS.jsonl]`. Each pipeline is trained
through Rasa, then understands the test's messages one at a time, by the same call. Each step has a process to itself.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Any

from bench.labelled import DataWrong, Labelled, read_labelled, write_for_rasa
from bench.pipelines import Pipeline, configuration, write_configuration
from bench.scores import Comparison, Scores, compare, right, scores
from bench.trial import Parsing, Training, Understood
from bot.environments import RASA, ROOT

DONE, FAILED, INPUT_WRONG = 0, 1, 2
STDERR = 2
"""Where the steps' standard output goes: ours is for the figures."""
PACKAGES = ("rasa", "tensorflow-cpu", "scikit-learn", "onnxruntime", "spacy")


class BenchFailed(RuntimeError):
    """A step gave no result; what went wrong stands above, in its own words."""


@dataclass(frozen=True)
class Data:
    """The messages; `outside` mean none of the intents, and may be none."""

    train: tuple[Labelled, ...]
    test: tuple[Labelled, ...]
    outside: tuple[Labelled, ...]

    @property
    def intents(self) -> frozenset[str]:
        """Those that are trained on."""
        return frozenset(each.intent for each in self.train)


@dataclass(frozen=True)
class Result:
    """Figures of one pipeline, and whether it had each of the test's messages right."""

    scores: Scores
    right: list[bool]


class Trials:
    """Runs steps in processes of their own, in a temporary folder, where nothing is known from before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("RASA_")},
            **RASA.variables,
            "PYTHONPATH": str(ROOT),
            "SIGNPOST_VECTOR_CACHE": str(folder / "vectors"),
        }

    def train(self, pipeline: Pipeline, config: Path, data: Path, model: Path) -> Training:
        """Train; Rasa's own cache is a new one each time, vectors are kept from one training to the next."""
        arguments = [f"--config={config}", f"--data={data}", f"--model={model}"]
        return Training(**self._run("train", pipeline, arguments))

    def parse(self, pipeline: Pipeline, texts: Path, model: Path) -> Parsing:
        """Understand the texts."""
        found = self._run("parse", pipeline, [f"--texts={texts}", f"--model={model}"])
        answers = tuple(Understood(**each) for each in found.pop("answers"))
        return Parsing(answers=answers, **found)

    def build_encoder(self) -> None:
        """Once on a machine, so that it is in nobody's training time."""
        self._start(["-m", "bot.nlu.encoder_build"], ROOT, "building the sentence encoder")

    def _run(self, step: str, pipeline: Pipeline, arguments: Sequence[str]) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix=f"{step}-", dir=self._folder) as name:
            result = Path(name) / "result.json"
            command = ["-m", "bench.trial", step, pipeline, *arguments, f"--result={result}"]
            self._start(command, Path(name), f"{step}, {pipeline}")
            found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
            return found

    def _start(self, command: Sequence[str], folder: Path, what: str) -> None:
        _say(what)
        done = subprocess.run(
            [sys.executable, "-P", *command],
            cwd=folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=STDERR,
            check=False,
        )
        if done.returncode != 0:
            raise BenchFailed(f"{what}: no result (exit code {done.returncode}), see above")


def measure(data: Data, pipelines: Sequence[Pipeline], epochs: int) -> dict[Pipeline, Result]:
    """Train and test pipelines, one after the other. Raises `BenchFailed`."""
    with tempfile.TemporaryDirectory(prefix="signpost-bench-") as name:
        folder = Path(name)
        trials = Trials(folder)
        write_for_rasa(data.train, folder / "nlu.json")
        texts = [each.text for each in (*data.test, *data.outside)]
        (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
        return {pipeline: _measure(pipeline, data, trials, folder, epochs) for pipeline in pipelines}


def _measure(pipeline: Pipeline, data: Data, trials: Trials, folder: Path, epochs: int) -> Result:
    config, model = folder / f"{pipeline}.yml", folder / f"{pipeline}.tar.gz"
    write_configuration(configuration(pipeline, ROOT, epochs), config)
    again = None
    if pipeline is Pipeline.OURS:
        trials.build_encoder()
    training = trials.train(pipeline, config, folder / "nlu.json", model)
    if pipeline is Pipeline.OURS:
        again = trials.train(pipeline, config, folder / "nlu.json", model)
    parsing = trials.parse(pipeline, folder / "texts.json", model)
    found = scores(data.test, data.intents, parsing, training, again)
    return Result(found, right(data.test, parsing.answers[: len(data.test)]))


def report(data: Data, results: dict[Pipeline, Result], options: argparse.Namespace) -> dict[str, Any]:
    """All figures, as JSON has them."""
    comparison: Comparison | None = None
    if len(results) == len(Pipeline):
        ours, default = results[Pipeline.OURS], results[Pipeline.DEFAULT]
        comparison = compare(ours.scores, default.scores, ours.right, default.right)
    return {
        "data": {
            "train": "/".join(options.train.parts[-2:]),
            "test": "/".join(options.test.parts[-2:]),
            "train_messages": len(data.train),
            "test_messages": len(data.test),
            "out_of_scope_messages": len(data.outside),
            "intents": len(data.intents),
        },
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "versions": {package: version(package) for package in PACKAGES},
        "epochs": options.epochs,
        "pipelines": {str(pipeline): asdict(result.scores) for pipeline, result in results.items()},
        "comparison": asdict(comparison) if comparison else None,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """0 with the figures on standard output; 1 if a step fails; 2 with the line if a file is wrong."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    try:
        data = _read(options)
        pipelines = [Pipeline(options.only)] if options.only else list(Pipeline)
        results = measure(data, pipelines, options.epochs)
    except DataWrong as error:
        print(f"bench: {error}", file=sys.stderr)
        return INPUT_WRONG
    except BenchFailed as error:
        print(f"bench: {error}", file=sys.stderr)
        return FAILED
    print(json.dumps(report(data, results, options), indent=2))
    return DONE


def _read(options: argparse.Namespace) -> Data:
    for name in ("train", "test", "oos"):
        path = getattr(options, name)
        if path is not None:
            setattr(options, name, options.folder / path)
    train = read_labelled(options.train)
    test = read_labelled(options.test, known={each.intent for each in train})
    return Data(train, test, read_labelled(options.oos) if options.oos else ())


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, not {text!r}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./signpost bench understanding", description=__doc__)
    parser.add_argument("train", type=Path, metavar="TRAIN.jsonl", help="lines of {text, intent}")
    parser.add_argument("test", type=Path, metavar="TEST.jsonl", help="lines of {text, intent}")
    parser.add_argument(
        "--oos", type=Path, metavar="OOS.jsonl", help="messages that mean none of the intents"
    )
    parser.add_argument("--epochs", type=_count, default=100, help="of Rasa's classifier (default: 100)")
    parser.add_argument("--only", choices=[str(each) for each in Pipeline], help="one of the pipelines")
    parser.add_argument(
        "--folder", type=Path, default=Path(), help="what relative paths start from (default: this folder)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
