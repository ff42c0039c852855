"""The live model: where it is, whether its file is whole, whether what it was trained from has changed since."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from bot.environments import RASA, ROOT
from bot.run.tool import run_tool

MODELS = ROOT / "models"
REGISTER = MODELS / "live.json"
WORDS = (
    "domain.yml",
    "data/nlu",
    "data/rules.yml",
    "data/stories.yml",
    "data/places",
    "data/language_words.yml",
)
"""What a model is made from, of which an older state serves too: words, examples, places, other languages."""
WORKS = ("config.yml", "bot/nlu")
"""The pipeline and our components: a model that others made may not load, or not mean the same."""
_ONLY_JUDGE = (
    "comparison.py",
    "entity_scores.py",
    "evaluat",
    "families.py",
    "figures.py",
    "holdout.py",
    "intent_figures.py",
    "judging.py",
    "kinds.py",
    "shown.py",
    "understand.py",
    "whole_file.py",
)
"""Beginnings of the names of those modules in bot/nlu that only use models."""


class ModelError(Exception):
    """There is no model that could be used, and none could be made; the text is one sentence."""


class _Register(BaseModel):
    """models/live.json: which of the trained models is live, and from which sources it was made."""

    model: str
    sha256: str
    sources_sha256: str
    works_sha256: str = ""


class _Facts(BaseModel):
    """What we need of models/<name>.json, which the training writes beside each model."""

    sha256: str


@dataclass(frozen=True)
class LiveModel:
    """A model whose file is whole.

    `current` is false when its sources have changed since it was trained, `loads` when those of them have without which
    it may not load.
    """

    path: Path
    sha256: str
    current: bool
    loads: bool


def live_model() -> LiveModel | None:
    """The live model; None when none was trained yet. Raises ModelError when its file is missing or damaged."""
    try:
        register = _Register.model_validate_json(REGISTER.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        raise ModelError(f"{_short(REGISTER)} cannot be read; ./signpost train writes a new one.") from None
    path = _file(register.model)
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"the live model {_short(path)} cannot be read ({error.strerror}); ./signpost train makes a new one."
        ) from None
    if found != register.sha256:
        raise ModelError(f"the live model {_short(path)} is damaged; ./signpost train makes a new one.")
    return LiveModel(
        path, found, register.sources_sha256 == sources_sha256(), register.works_sha256 == works_sha256()
    )


def ensure_model(current: bool = False) -> Path:
    """The live model's file, trained now when there is none that loads (with `current`, none of the present sources).

    Raises ModelError.
    """
    with _only_one():
        live = live_model()
        if live is None or not live.loads or (current and not live.current):
            if live is None:
                why = "there is no model yet"
            else:
                why = "its sources have changed" if live.loads else "the pipeline has changed"
            print(f"signpost: training a model, since {why} …", file=sys.stderr, flush=True)
            _train()
            live = live_model()
            if live is None:
                raise ModelError("the training gave no live model.")
        elif not live.current:
            print(
                "signpost: the training data or the domain changed since the live model was trained; "
                "going on with it (./signpost train makes a new one)",
                file=sys.stderr,
                flush=True,
            )
        return live.path


def train() -> None:
    """Train a model and make it the live one; raises ModelError."""
    with _only_one():
        _train()


def _train() -> None:
    sources, works = sources_sha256(), works_sha256()
    name = f"signpost-{datetime.now(UTC):%Y%m%d-%H%M%S}-{sources[:8]}"
    code = run_tool(
        [str(RASA.python), "-m", "bot.nlu.train", "--out", str(MODELS), "--name", name],
        RASA.variables,
        sys.stderr,
    )
    if code != 0:
        raise ModelError("the training failed; what it said stands above.")
    try:
        facts = _Facts.model_validate_json((MODELS / f"{name}.json").read_bytes())
    except (OSError, ValidationError):
        raise ModelError(f"the training left no facts in {_short(MODELS / name)}.json.") from None
    register = _Register(model=name, sha256=facts.sha256, sources_sha256=sources, works_sha256=works)
    unfinished = REGISTER.with_suffix(".new")
    unfinished.write_text(register.model_dump_json(indent=1) + "\n", encoding="utf-8")
    unfinished.replace(REGISTER)


def sources_sha256() -> str:
    """A hash over everything that a model is made from."""
    return _hash_of((*WORKS, *WORDS))


def works_sha256() -> str:
    """A hash over the pipeline and the components."""
    return _hash_of(WORKS)


def _hash_of(sources: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        top = ROOT / source
        files = (
            [top]
            if top.is_file()
            else sorted(path for path in top.rglob("*") if path.suffix in (".yml", ".py", ".txt"))
        )
        for path in files:
            if source == "bot/nlu" and path.name.startswith(_ONLY_JUDGE):
                continue
            content = path.read_bytes()
            digest.update(f"{path.relative_to(ROOT).as_posix()}:{len(content)}:".encode())
            digest.update(content)
    return digest.hexdigest()


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Hold the lock of the models, waiting for another training to end."""
    MODELS.mkdir(exist_ok=True)
    with (MODELS / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("signpost: another ./signpost is training; waiting for it …", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _file(model: str) -> Path:
    return MODELS / f"{Path(model).name}.tar.gz"


def _short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
