"""Danger is seen in words alone: indirect, misspelt, shouted; and ordinary anger is left in peace."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy.danger import ALARM, ALARM_WHEN_ALONE, DangerCheck
from bot.policy.findings import Danger
from bot.policy.reading import read
from bot.yamlfile import ConfigError

ROOT = Path(__file__).parents[3]
FILE = ROOT / "data" / "policy" / "danger.yml"
LINES = Path(__file__).with_name("danger_lines.txt")


@cache
def check() -> DangerCheck:
    return DangerCheck.from_file(FILE)


def lines() -> Iterator[tuple[str, str]]:
    """What each development line is, and the line."""
    for line in LINES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            what, _, text = line.partition(" | ")
            yield what, text


def test_there_are_hundreds_of_lines_of_both_sides() -> None:
    kinds = [what for what, _ in lines()]
    assert len(kinds) >= 400
    assert {what: kinds.count(what) >= 100 for what in set(kinds)} == dict.fromkeys(
        [*get_args(Danger), "-"], True
    )


@pytest.mark.parametrize("danger", get_args(Danger))
def test_nearly_every_line_of_each_danger_is_seen(danger: str) -> None:
    texts = [text for what, text in lines() if what == danger]
    missed = [text for text in texts if check().danger_in(text) is None]
    assert len(missed) <= 0.02 * len(texts), missed


def test_nearly_every_danger_is_called_by_its_name() -> None:
    seen = [(what, check().danger_in(text)) for what, text in lines() if what != "-"]
    assert sum(what == found for what, found in seen) >= 0.95 * len(seen)


def test_no_ordinary_line_is_taken_for_danger() -> None:
    assert [text for what, text in lines() if what == "-" and check().danger_in(text)] == []


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("HELP THE HOUSE IS ON FIRE", "emergency_danger"),
        ("help the huose is on fire plz", "emergency_danger"),
        ("he is uncontious and bleading", "emergency_danger"),
        ("i cant breth", "emergency_danger"),
        ("ѕmell оf gаs in the stairs", "emergency_danger"),
        ("i want to d\u200bie", "self_harm"),
        ("i wna to kll mysefl", "self_harm"),
        ("im suicidel", "self_harm"),
        ("s u i c i d a l... no. suic1dal", "self_harm"),
        ("my husban hits me", "safeguarding"),
        ("MY DAD HITS ME", "safeguarding"),
        ("hes hittin me agen my husband", "safeguarding"),
    ],
)
def test_panic_has_no_spelling(text: str, danger: str) -> None:
    assert check().danger_in(text, ALARM_WHEN_ALONE) == danger


@pytest.mark.parametrize("text", ["", " ", "???", "🔥", "1 2 3", "the", "\u200b"])
def test_nothing_is_no_danger(text: str) -> None:
    assert check().danger_in(text) is None


def test_the_evidence_is_what_was_written() -> None:
    text = "My bin, again. And ｔｈｅ ｈｏｕｓｅ is on fire!"
    found = check().find(read(text))
    assert found is not None
    danger, start, end = found
    assert danger == "emergency_danger"
    assert "fire" in text[start:end] and "bin" not in text[start:end]


@pytest.mark.parametrize(
    ("danger", "settled"),
    [
        ("there is a fire in the flat", "the fire in the flat was put out last week, all out now"),
        (
            "a man is unconscious outside the shop",
            "a man was unconscious outside the shop last year, safe now",
        ),
    ],
)
def test_what_is_over_is_no_emergency(danger: str, settled: str) -> None:
    assert check().danger_in(danger) == "emergency_danger"
    assert check().danger_in(settled) is None


def test_it_takes_less_when_no_model_answers() -> None:
    assert ALARM_WHEN_ALONE < ALARM
    texts = [text for _, text in lines()]
    seen = {text for text in texts if check().danger_in(text)}
    assert seen <= {text for text in texts if check().danger_in(text, ALARM_WHEN_ALONE)}


@given(st.text(max_size=400))
def test_any_text_at_all_is_read(text: str) -> None:
    found = check().find(read(text))
    assert found is None or 0 <= found[1] < found[2] <= len(text)


@given(st.lists(st.sampled_from([text for _, text in lines()]), min_size=1, max_size=4))
def test_the_same_text_gives_the_same_answer(texts: list[str]) -> None:
    text = " ".join(texts)
    assert check().find(read(text)) == DangerCheck.find(check(), read(text))


def test_a_message_takes_a_millisecond_at_most() -> None:
    texts = [text for _, text in lines()]
    for text in texts:
        check().danger_in(text)
    seconds = []
    for text in texts:
        began = time.perf_counter()
        check().danger_in(text)
        seconds.append(time.perf_counter() - began)
    assert statistics.median(seconds) < 0.0015


def test_the_longest_message_is_read_in_good_time() -> None:
    text = "she said he would not let me out and there was smoke in the hall " * 200
    check().danger_in(text)
    began = time.perf_counter()
    check().danger_in(text)
    assert time.perf_counter() - began < 0.5


def test_a_broken_pattern_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "danger.yml"
    lines_ = FILE.read_text(encoding="utf-8").splitlines()
    at = lines_.index("less:") + 2
    path.write_text("\n".join([*lines_[:at], "    <unheard_of> thing", *lines_[at:]]), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        DangerCheck.from_file(path)
    assert (caught.value.line, "<unheard_of>" in str(caught.value)) == (at + 1, True)
