"""The frozen holdout and the training data stay apart, and the holdout stays what it was said to be."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.unit.test_training_data import ROOT, domain_intents, examples, same_in_spirit, shingles

MESSAGES = ROOT / "data" / "holdout" / "messages.jsonl"
ALIKE = 0.75
"""Jaccard index of three-character shingles from which a message is an example, changed a little."""
DANGER = {"emergency_danger", "self_harm", "safeguarding"}


def messages() -> list[dict]:
    return [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]


def near_pairs(ours: list[frozenset[str]], theirs: list[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Pairs of one list and the other that are at least `ALIKE`; such two share one of the rarest shingles of each."""
    count = Counter(shingle for text in (*ours, *theirs) for shingle in text)

    def rarest(text: frozenset[str]) -> list[str]:
        ordered = sorted(text, key=lambda shingle: (count[shingle], shingle))
        return ordered[: len(text) - math.ceil(ALIKE * len(text)) + 1]

    holders: defaultdict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(theirs):
        for shingle in rarest(text):
            holders[shingle].append(index)
    for index, text in enumerate(ours):
        for other in {other for shingle in rarest(text) for other in holders[shingle]}:
            if not ALIKE <= len(text) / len(theirs[other]) <= 1 / ALIKE:
                continue
            shared = len(text & theirs[other])
            if shared >= ALIKE * (len(text) + len(theirs[other]) - shared):
                yield index, other


def test_should_hold_enough_of_each_kind() -> None:
    every = messages()
    tags = Counter(tag for message in every for tag in message["tags"])
    assert len(every) >= 1500
    assert {message["intents"][0] for message in every} == domain_intents()
    assert sum(len(message["intents"]) == 2 for message in every) >= 200
    assert sum(bool(DANGER & set(message["intents"])) for message in every) >= 200
    assert tags["out_of_scope"] >= 250


def test_should_carry_two_labels_of_each_message() -> None:
    assert all(message["first"] and message["second"] for message in messages())


def test_should_hold_no_message_that_is_a_training_example_or_nearly_one() -> None:
    known = {same_in_spirit(example.text) for example in examples()}
    exact = [message["id"] for message in messages() if same_in_spirit(message["text"]) in known]
    near = [
        f"{messages()[message]['id']}: {examples()[example]}"
        for message, example in near_pairs(
            [shingles(message["text"]) for message in messages()],
            [shingles(example.text) for example in examples()],
        )
    ]
    assert not exact, exact[:20]
    assert not near, "\n".join(near[:20])
