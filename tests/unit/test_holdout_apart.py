"""The frozen holdout and the training data stay apart, and the holdout stays what it was said to be."""

from __future__ import annotations

import json
from collections import Counter

from tests.unit.test_training_data import (
    ROOT,
    domain_intents,
    examples,
    near_pairs,
    same_in_spirit,
    shingles,
)

MESSAGES = ROOT / "data" / "holdout" / "messages.jsonl"
ALIKE = 0.75
"""Jaccard index of three-character shingles from which a message is an example, changed a little."""
DANGER = {"emergency_danger", "self_harm", "safeguarding"}


def messages() -> list[dict]:
    return [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]


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
            ALIKE,
        )
    ]
    assert not exact, exact[:20]
    assert not near, "\n".join(near[:20])
