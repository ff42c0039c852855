"""Learns the weights of words of the policy's checks from our examples: `python -m bot.policy.learn [clause …]`.

Logistic regression over what `bot.policy.wordweights.signs` sees, by AdaGrad in a fixed order of examples, so that
the same examples give the same file. Examples: `data/policy/examples/`, and the messages of `data/nlu/` with their
intents.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from bot.council import load_council
from bot.policy.adverts import Adverts
from bot.policy.civility import Civility
from bot.policy.copied import Copied
from bot.policy.defamation import Defamation
from bot.policy.reading import Reading, read
from bot.policy.relevance import Relevance
from bot.policy.wordweights import WordWeights, signs, stem
from bot.yamlfile import read_yaml

WEIGHTS = Path("data/policy/weights")
_EPOCHS, _STEP, _SHRINK = 6, 0.2, 3e-3
_SHAPE_SEEN, _LEAST_KNOWN, _LEAST_WEIGHT = 3, 3, 0.1
_MARKED = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


class Examples(BaseModel):
    """A file of `data/policy/examples/`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    breaking: list[str]
    acceptable: list[str]


class GradedExamples(BaseModel):
    """`data/policy/examples/civility.yml`: texts by the gravest finding that they should get."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    nothing: list[str]
    note: list[str]
    flag: list[str]
    hide: list[str]


@dataclass(frozen=True)
class Example:
    """A text, whether it breaks the clause, how much it counts, and what signs of its own the check sees in it."""

    text: str
    breaking: bool
    weight: float = 1.0
    besides: tuple[str, ...] = ()


UNLEARNED = WordWeights(0.0, {}, frozenset())
"""For a check that is asked for its signs only."""


def messages(root: Path) -> list[tuple[str, str]]:
    """Every example of `data/nlu/` as (intent, text), without the marks of entities."""
    found: list[tuple[str, str]] = []
    for path in sorted((root / "data" / "nlu").glob("*.yml")):
        for block in YAML(typ="safe").load(path.read_text(encoding="utf-8")).get("nlu", []):
            if "intent" in block:
                lines = (line.strip() for line in block["examples"].splitlines())
                found += [
                    (block["intent"], _MARKED.sub(r"\1", line[2:])) for line in lines if line.startswith("- ")
                ]
    return found


def learn(examples: Sequence[Example], *, word_seen: int = 3, seed: int = 7) -> WordWeights:
    """The weights that tell the breaking examples from the others; raises ValueError without both.

    Words and pairs count if that many examples hold them: a few dozen breaking examples teach no rare words.
    """
    if len({example.breaking for example in examples}) != 2:
        raise ValueError("needs breaking and acceptable examples")
    readings = [read(example.text) for example in examples]
    counts = Counter(
        word
        for example, reading in zip(examples, readings, strict=True)
        if not example.breaking
        for word in {stem(word) for word, _, _ in reading.words}
    )
    known = frozenset(word for word, count in counts.items() if count >= _LEAST_KNOWN)
    seen = [
        signs(reading, known).union(example.besides)
        for example, reading in zip(examples, readings, strict=True)
    ]
    often = Counter(sign for each in seen for sign in each)
    rows = [
        (
            sorted(sign for sign in each if often[sign] >= (_SHAPE_SEEN if _is_shape(sign) else word_seen)),
            example.breaking,
            example.weight,
        )
        for each, example in zip(seen, examples, strict=True)
    ]
    bias, weights = _descend(rows, seed)
    kept = {
        sign: round(weight, 2) for sign, weight in sorted(weights.items()) if abs(weight) >= _LEAST_WEIGHT
    }
    return WordWeights(round(bias, 2), kept, known)


def _is_shape(sign: str) -> bool:
    return sign.startswith("<") and not sign.startswith(("<begins>", "<ends>"))


def _descend(rows: list[tuple[list[str], bool, float]], seed: int) -> tuple[float, dict[str, float]]:
    breaking = sum(weight for _, is_breaking, weight in rows if is_breaking)
    others = sum(weight for _, is_breaking, weight in rows if not is_breaking)
    balance = sqrt(
        others / breaking
    )  # half-way to equal shares: a breach is rare, but not as rare as in our examples
    weights: dict[str, float] = {}
    squares: dict[str, float] = {}
    bias = bias_square = 0.0
    order = random.Random(seed)  # noqa: S311 - an order of examples, no secret
    for _ in range(_EPOCHS):
        order.shuffle(rows)
        for row, is_breaking, weight in rows:
            score = bias + sum(weights.get(sign, 0.0) for sign in row)
            error = (1.0 / (1.0 + exp(-max(-30.0, min(30.0, score))))) - is_breaking
            error *= weight * (balance if is_breaking else 1.0)
            if abs(error) < 1e-4:
                continue
            bias_square += error * error
            bias -= _STEP * error / sqrt(bias_square + 1e-6)
            for sign in row:
                held = weights.get(sign, 0.0)
                gradient = error + _SHRINK * held
                squares[sign] = squares.get(sign, 0.1) + gradient * gradient
                weights[sign] = held - _STEP * gradient / sqrt(squares[sign])
    return bias, weights


def _own(root: Path, name: str) -> list[Example]:
    """Our examples of one clause; those that look like a breach and are none count twice."""
    own = read_yaml(root / "data" / "policy" / "examples" / f"{name}.yml").checked(Examples)
    return [Example(text, True) for text in own.breaking] + [
        Example(text, False, 2.0) for text in own.acceptable
    ]


def _others(root: Path, *names: str) -> list[Example]:
    """Examples of other clauses, which are none of this one."""
    texts: list[str] = []
    for name in names:
        if name == "civility":
            graded = read_yaml(root / "data" / "policy" / "examples" / "civility.yml").checked(GradedExamples)
            texts += [*graded.nothing, *graded.note, *graded.flag, *graded.hide]
        else:
            texts += [example.text for example in _own(root, name)]
    return [Example(text, False) for text in texts]


def _with_signs(examples: Iterable[Example], besides: Callable[[Reading], list[str]]) -> list[Example]:
    return [replace(example, besides=tuple(besides(read(example.text)))) for example in examples]


def adverts(root: Path) -> list[Example]:
    """Examples for adverts: chain letters are no adverts, and left out."""
    chain = re.compile(
        r"(?i)\b(?:copy and paste|forward this|send this|pass this|share this candle|copy this|copy copy)\b"
    )
    heard = [(intent, text) for intent, text in messages(root) if not chain.search(text)]
    examples = _own(root, "adverts") + [Example(text, intent == "advert_or_spam") for intent, text in heard]
    examples += _others(root, "relevance", "defamation", "civility", "copied")
    check = Adverts.from_files(root, load_council(root / "council.yml"), weights=UNLEARNED)
    return _with_signs(examples, check.signs)


def relevance(root: Path) -> list[Example]:
    """Examples for relevance.

    `out_of_scope` holds other towns' affairs, unfinished words and what firms did to people beside what is nothing
    to us: of these only what says nothing of a council's work counts, and that little.
    """
    check = Relevance.from_files(root, load_council(root / "council.yml"), weights=UNLEARNED)
    examples = _own(root, "relevance") + _others(root, "adverts", "defamation", "civility")
    # Songs, recipes and horoscopes are pasted from elsewhere and about something else; articles often are not.
    pasted = [example for example in _own(root, "copied") if example.breaking]
    examples += [example for example in pasted if "<remit 2>" not in check.signs(read(example.text))]
    for intent, text in messages(root):
        if intent == "out_of_scope":
            seen = check.signs(read(text))
            if "<remit 1>" not in seen and len(text.split()) > 4 and not _NOT_SURE.search(text):
                examples.append(Example(text, True, 0.5))
        elif intent not in ("advert_or_spam", "party_political", "bot_question"):
            examples.append(Example(text, False))
    return _with_signs(examples, check.signs)


_NOT_SURE = re.compile(
    r"(?i)\b(?:refund\w*|landlord|parcel|courier|bank|loan|insurance|insurer|deliver\w*|direct debit|meter|"
    r"broadband|boiler|rent|"
    r"deposit|solicitor|next door|neighbour\w*|builder|owes?|owed|charged?|paid|pay|legal|rights?|court|firm|"
    r"company|airline|"
    r"this one|same|here|there|photo|pic|picture|attached|it again|someone needs)\b"
)


def defamation(root: Path) -> list[Example]:
    """Examples for defamation: only what names somebody, and that without the names."""
    check = Defamation.from_files(root, load_council(root / "council.yml"), weights=UNLEARNED)
    heard = [Example(text, False, 0.7) for _, text in messages(root)]
    others = _others(root, "adverts", "relevance", "civility", "copied")
    return [
        replace(example, text=seen[0].text, besides=tuple(seen[1]))
        for example in (*_own(root, "defamation"), *others, *heard)
        if (seen := check.signs(read(example.text))) is not None
    ]


def copied(root: Path) -> list[Example]:
    """Examples for copied content: of people's own words the long ones."""
    check = Copied.from_files(root, weights=UNLEARNED)
    heard = [
        Example(text, False, 0.5)
        for intent, text in messages(root)
        if len(text) >= 120 and intent != "advert_or_spam"
    ]
    return _with_signs([*_own(root, "copied"), *heard], check.signs)


def civility(root: Path) -> list[Example]:
    """Examples for civility: what is flagged or hidden against what is noted at most, and abuse of staff as abuse."""
    own = read_yaml(root / "data" / "policy" / "examples" / "civility.yml").checked(GradedExamples)
    examples = [Example(text, True) for text in (*own.flag, *own.hide)]
    examples += [Example(text, False, 2.0) for text in (*own.nothing, *own.note)]
    examples += [Example(text, intent == "abuse_of_staff") for intent, text in messages(root)]
    return _with_signs(examples, Civility.from_files(root, weights=UNLEARNED).signs)


LEARNED: dict[str, Callable[[Path], list[Example]]] = {
    "adverts": adverts,
    "relevance": relevance,
    "defamation": defamation,
    "civility": civility,
    "copied": copied,
}
WORD_SEEN = {"copied": 10**9}
"""How many examples a word must be in to count, where that is not three; of pasted texts ours teach no words at all."""


def save(weights: WordWeights, path: Path) -> None:
    """Write the file that `WordWeights.load` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "bias": weights.bias,
        "known": " ".join(sorted(weights.known)),
        "weights": dict(weights.weights),
    }
    path.write_text(json.dumps(content, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def main(root: Path, names: Sequence[str]) -> None:
    """Learn and write the named files, or all."""
    for name in names or LEARNED:
        save(learn(LEARNED[name](root), word_seen=WORD_SEEN.get(name, 3)), root / WEIGHTS / f"{name}.json")


if __name__ == "__main__":
    main(Path(), sys.argv[1:])
