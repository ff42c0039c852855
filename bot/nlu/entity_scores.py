"""How well places, times, codes and the like are found: `python -m bot.nlu.entity_scores [--model M] [FILE]`.

FILE holds lines of `{"id", "text", "entities": [[start, end, type], …]}`, offsets in Python characters; it is
data/holdout/entities.jsonl if none is named. Without a model the components are run as config.yml sets them up, which
gives the same entities, since none of them is trained.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.nlu.process import prepare_process

HOLDOUT = Path("data/holdout/entities.jsonl")
CONFIG = Path("config.yml")
# Types that answer the same question of whoever deals with a report, for which it does not matter which of them it is.
KINDS = {
    "place": ("street", "area", "place", "named_place"),
    "time": ("date", "time"),
    "postcode": ("postcode",),
    "what3words": ("what3words",),
    "tracking_code": ("tracking_code",),
    "plate": ("plate",),
    "organisation": ("organisation",),
}
_KIND_OF = {each: kind for kind, types in KINDS.items() for each in types}
_ARTICLES = ("the ", "a ", "an ")


class AnnotationWrong(ValueError):
    """A line cannot be used; the message names the file and the line."""


@dataclass(frozen=True, order=True)
class Span:
    """`text[start:end]` is of this type."""

    start: int
    end: int
    type: str


@dataclass(frozen=True)
class Annotated:
    """A message with the spans that a person marked in it."""

    id: str
    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Score:
    """How many spans are right, of those found and of those there; the shares are from 0 to 1."""

    right: int
    found: int
    there: int

    @property
    def precision(self) -> float:
        """The share of those found that are right; 1 when none is found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """The share of those there that are found; 1 when there are none."""
        return self.right / self.there if self.there else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Row:
    """The figures of one kind: `exact` for spans of just these characters, but for an article before them; `overlap`
    for spans that share a character.
    """

    kind: str
    exact: Score
    overlap: Score


def main(arguments: list[str] | None = None) -> int:
    """Print the table, and each miss if asked to; 1 with a sentence on stderr if there is nothing to measure."""
    options = _parser().parse_args(arguments)
    prepare_process()
    try:
        messages = read_annotated(Path(options.file))
        find = finder_of_model(Path(options.model)) if options.model else finder_of_components()
    except (AnnotationWrong, OSError) as error:
        print(f"entity_scores: {error}", file=sys.stderr)
        return 1
    found = [find(message.text) for message in messages]
    rows = score(messages, found)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        print("\n".join(table(rows)))
    if options.misses:
        print("\n".join(misses(messages, found)))
    return 0


def read_annotated(path: Path) -> list[Annotated]:
    """Read a file of annotated messages; raises `AnnotationWrong` with the line, `OSError` without a file."""
    messages = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            entry = json.loads(line)
            spans = tuple(sorted(Span(*each) for each in entry["entities"]))
            message = Annotated(entry["id"], entry["text"], spans)
        except (ValueError, KeyError, TypeError) as error:
            raise AnnotationWrong(f"{path}:{number}: {error}") from error
        for span in spans:
            marked = message.text[span.start : span.end]
            if span.type not in _KIND_OF or not marked or marked != marked.strip():
                raise AnnotationWrong(f"{path}:{number}: {span} marks {marked!r}")
        if any(one.end > other.start for one, other in itertools.pairwise(spans)):
            raise AnnotationWrong(f"{path}:{number}: two spans overlap")
        messages.append(message)
    return messages


def score(messages: Sequence[Annotated], found: Sequence[Iterable[Span]]) -> list[Row]:
    """One row for each kind that is marked or found anywhere."""
    rows = []
    for kind in KINDS:
        exact, overlap = [0, 0, 0], [0, 0, 0]
        for message, spans in zip(messages, found, strict=True):
            there = [span for span in message.spans if _KIND_OF[span.type] == kind]
            seen = [span for span in spans if _KIND_OF.get(span.type) == kind]
            for counts, agree in ((exact, _same(message.text)), (overlap, _share)):
                counts[0] += len(_pairs(there, seen, agree))
                counts[1] += len(seen)
                counts[2] += len(there)
        if overlap[1] or overlap[2]:
            rows.append(Row(kind, Score(*exact), Score(*overlap)))
    return rows


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as lines of text."""
    measures = "".join(f"{name:>7}" for name in ("P", "R", "F1"))
    lines = [f"{'kind':14} there found   exact{measures}   overlap{measures}"]
    for row in rows:
        exact, overlap = (
            "".join(f"{each:7.3f}" for each in _shares(score)) for score in (row.exact, row.overlap)
        )
        lines.append(
            f"{row.kind:14} {row.exact.there:5} {row.exact.found:5}        {exact}          {overlap}"
        )
    return lines


def misses(messages: Sequence[Annotated], found: Sequence[Iterable[Span]]) -> list[str]:
    """What was not found (-), and what was found where nothing of the kind is (+)."""
    lines = []
    for message, spans in zip(messages, found, strict=True):
        seen = [span for span in spans if span.type in _KIND_OF]
        lost = [
            each
            for each in message.spans
            if not any(_share(each, span) and _alike(each, span) for span in seen)
        ]
        extra = [
            span
            for span in seen
            if not any(_share(each, span) and _alike(each, span) for each in message.spans)
        ]
        told = [f"-{each.type}:{message.text[each.start : each.end]}" for each in lost]
        told += [f"+{each.type}:{message.text[each.start : each.end]}" for each in extra]
        if told:
            lines.append(f"{message.id} {message.text!r}: {' '.join(told)}")
    return lines


def finder_of_components(config: Path = CONFIG) -> Callable[[str], list[Span]]:
    """Finds entities by the components that config.yml names, without a model."""
    from rasa.nlu.constants import SPACY_DOCS
    from rasa.shared.nlu.constants import ENTITIES, TEXT
    from rasa.shared.nlu.training_data.message import Message
    from ruamel.yaml import YAML

    from bot.nlu.places import SignpostPlaces
    from bot.nlu.spacy_model import SpacyModelLoader, SpacyNames

    pipeline = YAML(typ="safe").load(config.read_text(encoding="utf-8"))["pipeline"]
    settings: dict[str, Mapping[str, Any]] = {each["name"].rpartition(".")[2]: each for each in pipeline}
    loaded = SpacyModelLoader.load_model(settings["SpacyModelLoader"]["model"])
    nothing: Any = None
    names = SpacyNames.create(dict(settings["SpacyNames"]), nothing, nothing, nothing)
    places = SignpostPlaces.create(dict(settings["SignpostPlaces"]), nothing, nothing, nothing)

    def find(text: str) -> list[Span]:
        message = Message({TEXT: text})
        message.set(SPACY_DOCS[TEXT], loaded.model(text))
        places.process(names.process([message]))
        return [Span(each["start"], each["end"], each["entity"]) for each in message.get(ENTITIES)]

    return find


def finder_of_model(model: Path) -> Callable[[str], list[Span]]:
    """Finds entities as a trained model does."""
    from rasa.core.agent import Agent

    from bot.nlu.turn import parse

    agent = Agent.load(str(model))
    if agent.processor is None:
        raise AnnotationWrong(f"{model} will not load")
    processor = agent.processor

    def find(text: str) -> list[Span]:
        parsed = asyncio.run(parse(processor, text))
        return [Span(each["start"], each["end"], each["entity"]) for each in parsed["entities"]]

    return find


def _shares(figures: Score) -> tuple[float, float, float]:
    return figures.precision, figures.recall, figures.f1


def _pairs(
    there: Sequence[Span], found: Sequence[Span], agree: Callable[[Span, Span], bool]
) -> list[tuple[Span, Span]]:
    """Each span with one other at most, in the order of the text."""
    left, pairs = list(found), []
    for span in there:
        other = next((each for each in left if agree(span, each)), None)
        if other is not None:
            left.remove(other)
            pairs.append((span, other))
    return pairs


def _share(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


def _alike(one: Span, other: Span) -> bool:
    return _KIND_OF[one.type] == _KIND_OF[other.type]


def _same(text: str) -> Callable[[Span, Span], bool]:
    def bare(span: Span) -> tuple[int, int]:
        written = text[span.start : span.end].casefold()
        article = next((each for each in _ARTICLES if written.startswith(each)), "")
        return span.start + len(article), span.end

    return lambda one, other: bare(one) == bare(other)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot.nlu.entity_scores", description="Measure the entities."
    )
    parser.add_argument("file", nargs="?", default=str(HOLDOUT), help="annotated messages, as JSON lines")
    parser.add_argument(
        "--model", help="a model file; without one, the components as config.yml sets them up"
    )
    parser.add_argument("--misses", action="store_true", help="show what is missed and what is found wrongly")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
