"""The training data, domain and rules fit together."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.nlu.codes import CodeForms
from bot.nlu.decide import CODE_ALONE, NO_PURPOSE, POLICY, SAFETY, UNREADABLE

ROOT = Path(__file__).parents[2]
EXAMPLES_AT_LEAST = 20


def _yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def examples() -> list[tuple[str, str, str]]:
    return [
        (path.name, block["intent"], line.removeprefix("- ").strip())
        for path in sorted((ROOT / "data" / "nlu").glob("*.yml"))
        for block in _yaml(path)["nlu"]
        for line in block["examples"].splitlines()
    ]


@pytest.fixture(scope="module")
def intents() -> list[str]:
    return list(_yaml(ROOT / "domain.yml")["intents"])


def test_should_have_95_intents_with_enough_examples(
    examples: list[tuple[str, str, str]], intents: list[str]
) -> None:
    counts = Counter(intent for _, intent, _ in examples)
    assert len(intents) == 95
    assert set(counts) == set(intents)
    assert {intent: count for intent, count in counts.items() if count < EXAMPLES_AT_LEAST} == {}


def test_should_have_no_example_twice(examples: list[tuple[str, str, str]]) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for file, intent, text in examples:
        places[" ".join(text.casefold().split())].append(f"{file}:{intent}")
    assert {text: where for text, where in places.items() if len(where) > 1} == {}


def test_should_have_no_example_that_rasa_reads_as_markup(examples: list[tuple[str, str, str]]) -> None:
    assert [
        text for _, _, text in examples if text.startswith("/") or set(text) & set("[]{}") or not text
    ] == []


def test_should_have_one_rule_for_every_intent(intents: list[str]) -> None:
    rules = _yaml(ROOT / "data" / "rules.yml")["rules"]
    plain = Counter(
        step["intent"]
        for rule in rules
        if "condition" not in rule
        for step in (rule["steps"][0].get("or") or [rule["steps"][0]])
        if "entities" not in step
    )
    assert plain == Counter([*intents, "nlu_fallback"])


def test_should_answer_a_code_that_was_asked_for_whatever_the_intent_but_danger(intents: list[str]) -> None:
    rules = {rule["rule"]: rule for rule in _yaml(ROOT / "data" / "rules.yml")["rules"]}
    steps = rules["A code is awaited and given whatever else the message says"]["steps"][0]["or"]
    assert {step["intent"] for step in steps} == ({*intents, "nlu_fallback"} - SAFETY)


def test_should_know_the_intents_that_the_decision_names(intents: list[str]) -> None:
    assert SAFETY | POLICY | NO_PURPOSE | {UNREADABLE, CODE_ALONE} <= set(intents)
    assert CodeForms().bare_digits[0] >= 6  # or years and house numbers would be codes
