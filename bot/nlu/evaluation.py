"""An evaluation: which model, on which holdout, with which figures and answers; its JSON, written and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.nlu.comparison import Comparison
from bot.nlu.figures import Figures, Headline
from bot.nlu.holdout import Labelled
from bot.nlu.judging import Answer, Judged, Outcome
from bot.nlu.measures import Share, rounded

RANKING_KEPT = 5


class EvaluationUnusable(ValueError):
    """An earlier evaluation cannot be compared with; the message says why."""


@dataclass(frozen=True)
class ModelFacts:
    """The model that was evaluated.

    Attributes:
        name: its file's, without `.tar.gz`.
        sha256: of its file.
        trained_at: ISO 8601; empty when no facts lie beside the file.
        examples, intents: how many it was trained on.
        thresholds: those it decides with, as in config.yml.
    """

    name: str
    sha256: str
    trained_at: str
    examples: int
    intents: int
    thresholds: Mapping[str, float]


@dataclass(frozen=True)
class HoldoutFacts:
    """The messages: SHA-256 of their file, and how many there are."""

    sha256: str
    messages: int


@dataclass(frozen=True)
class Evaluation:
    """All that is known of one model's answers to one holdout."""

    model: ModelFacts
    holdout: HoldoutFacts
    figures: Figures
    comparison: Comparison | None
    judged: tuple[Judged, ...]

    def as_json(self) -> str:
        """One object; the same evaluation gives the same bytes."""
        content = {
            "model": asdict(self.model),
            "holdout": asdict(self.holdout),
            **asdict(self.figures),
            "comparison": asdict(self.comparison) if self.comparison else None,
            "answers": [_answer(each) for each in self.judged],
        }
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        # Half an emoji is valid JSON, but not valid UTF-8: then all that is not ASCII stays escaped.
        if any("\ud800" <= character <= "\udfff" for character in text):
            text = json.dumps(content, indent=1) + "\n"
        return text


@dataclass(frozen=True)
class Earlier:
    """What an evaluation's JSON still tells of its model when that loads no more."""

    name: str
    headline: Headline
    judged: tuple[Judged, ...]


def read_earlier(path: Path, holdout: HoldoutFacts, messages: Sequence[Labelled]) -> Earlier:
    """Read the evaluation of another model on the same holdout.

    Raises:
        EvaluationUnusable: the file cannot be read, is no evaluation, or is one of other messages.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["holdout"]["sha256"] != holdout.sha256:
            raise EvaluationUnusable(f"{path} was made with another holdout; evaluate that model again")
        answers = {each["id"]: _read_answer(each) for each in content["answers"]}
        judged = tuple(Judged(message, answers[message.id]) for message in messages)
        return Earlier(content["model"]["name"], _read_headline(content["headline"]), judged)
    except OSError as error:
        raise EvaluationUnusable(f"{path} cannot be read: {error.strerror}") from error
    except EvaluationUnusable:
        raise
    except (ValueError, KeyError, TypeError) as error:
        raise EvaluationUnusable(
            f"{path} is no evaluation of this version ({type(error).__name__}: {error})"
        ) from error


def _answer(judged: Judged) -> dict[str, Any]:
    answer = judged.answer
    return {
        "id": judged.message.id,
        "outcome": judged.outcome,
        "intent": answer.intent,
        "confidence": rounded(answer.confidence),
        "purposes": answer.purposes,
        "choices": answer.choices,
        "beside": answer.beside,
        "language": answer.language,
        "ranking": [[intent, rounded(confidence)] for intent, confidence in answer.ranking[:RANKING_KEPT]],
    }


def _read_answer(content: dict[str, Any]) -> Answer:
    answer = Answer(
        intent=str(content["intent"]),
        confidence=float(content["confidence"]),
        purposes=tuple(map(str, content["purposes"])),
        choices=tuple(map(str, content["choices"])),
        beside=tuple(map(str, content["beside"])),
        language=str(content["language"]),
        ranking=tuple((str(intent), float(confidence)) for intent, confidence in content["ranking"]),
    )
    Outcome(content["outcome"])  # one of ours, or the file is from another version
    return answer


def _read_headline(content: dict[str, Any]) -> Headline:
    return Headline(
        **{name: Share(**value) if isinstance(value, dict) else value for name, value in content.items()}
    )
