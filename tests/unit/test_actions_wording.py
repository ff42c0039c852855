"""The words in domain.yml: every one is used, every one can be filled, and none is written in Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actions.wording import PLACEHOLDER, Speech, Wording, load_wording
from bot.yamlfile import ConfigError
from tests.unit.rehearsal import ROOT, facts

TEXTS = facts().wording.texts
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "actions").glob("*.py")))
PUT_TOGETHER = re.compile(
    r"utter_(part_(when|by|status)_\w+|(emergency_danger|self_harm|safeguarding)(_public)?|(greet|thank|goodbye|ready)_public)"
)
RASA_OWN = {
    "text",
    "image",
    "custom",
    "buttons",
    "elements",
    "attachment",
    "quick_replies",
    "template",
    "response",
}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_should_be_used(name: str) -> None:
    assert f'"{name}"' in SOURCE or PUT_TOGETHER.fullmatch(name)


@pytest.mark.parametrize("name", sorted(set(re.findall(r'"(utter_\w+)"', SOURCE))))
def test_should_exist(name: str) -> None:
    assert name in TEXTS


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_should_have_placeholders_that_rasa_keeps_apart_from_its_own(name: str) -> None:
    assert not set(PLACEHOLDER.findall(TEXTS[name])) & RASA_OWN
    assert "{{" not in TEXTS[name] and "0[" not in TEXTS[name]


@pytest.mark.parametrize(
    "name", sorted(each for each in TEXTS if each.endswith("_public") and "_part_" not in each)
)
def test_should_say_in_public_that_it_is_automated(name: str) -> None:
    assert TEXTS[name].startswith("Automated reply")


def test_should_hold_no_number_or_address_of_the_council() -> None:
    for name, text in TEXTS.items():
        assert "01632" not in text and "marlstow" not in text.lower(), name


def test_should_be_plain_english() -> None:
    # GOV.UK style: words to avoid.
    for name, text in TEXTS.items():
        for word in (
            "please note",
            "in order to",
            "utilise",
            "regarding",
            "via ",
            "e.g.",
            "i.e.",
            "etc",
            "!",
        ):
            assert word not in text.lower(), (name, word)


def test_should_refuse_a_missing_value() -> None:
    with pytest.raises(KeyError):
        Wording({"utter_x": "Hello {name}"}).say("utter_x")
    with pytest.raises(KeyError):
        Wording({}).text(Speech("utter_x"))


def test_should_fill_as_rasa_does() -> None:
    wording = Wording({"utter_x": "{a} and {b}"})
    assert wording.say("utter_x", a="{b}", b="2") == "{b} and 2"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("intents: []\n", "has no responses"),
        ("responses:\n  utter_x:\n  - text: one\n  - text: two\n", "utter_x: must have exactly one text"),
        ("responses:\n  utter_x:\n  - image: one\n", "utter_x: must have exactly one text"),
        ("responses:\n  utter_x: []\n", "utter_x: must have exactly one text"),
    ],
)
def test_should_name_the_line_of_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "domain.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(message)):
        load_wording(path)
