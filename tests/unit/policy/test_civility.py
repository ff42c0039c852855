"""Civility: what residents write, and what it is graded; every sentence here is our own."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.council import ConfigError
from bot.environments import ROOT
from bot.policy.civility import GROUNDS, Civility, CivilityLimits
from bot.policy.findings import SEVERITIES, Context, Finding
from bot.policy.learn import GradedExamples
from bot.policy.reading import read
from bot.yamlfile import read_yaml

EXAMPLES = ROOT / "data" / "policy" / "examples" / "civility.yml"
KNOWN_TO_DIFFER = 0.06
"""Share of the examples that get another grade than they should: the figure in docs/policy.md is of other texts."""


@cache
def civility() -> Civility:
    return Civility.from_files(ROOT)


def found(text: str) -> list[Finding]:
    return civility().check(read(text), Context())


def grounds(text: str) -> set[str]:
    return {finding.check.removeprefix("civility.") for finding in found(text)}


def gravest(text: str) -> str:
    severities = {finding.severity for finding in found(text)}
    return max(severities, key=SEVERITIES.__getitem__, default="nothing")


@cache
def examples() -> tuple[tuple[str, str], ...]:
    """The text of each example with the gravest severity that it should get."""
    file = read_yaml(EXAMPLES).checked(GradedExamples)
    return tuple((severity, text) for severity, texts in file for text in texts)


def test_what_residents_write_is_graded_as_it_should_be() -> None:
    differ = [(severity, gravest(text), text) for severity, text in examples() if gravest(text) != severity]
    assert len(differ) <= KNOWN_TO_DIFFER * len(examples()), differ


def test_nothing_that_is_acceptable_is_hidden() -> None:
    assert not [
        text for severity, text in examples() if severity in ("nothing", "note") and gravest(text) == "hide"
    ]


def test_hardly_any_breach_is_let_pass() -> None:
    breaches = [text for severity, text in examples() if severity in ("flag", "hide")]
    missed = [text for text in breaches if gravest(text) == "nothing"]
    assert len(missed) <= 0.03 * len(breaches), missed


def test_there_are_examples_of_every_severity() -> None:
    assert {severity for severity, _ in examples()} == {"nothing", *SEVERITIES}


@pytest.mark.parametrize(
    "text",
    [
        "fuck", "f*ck", "f**k", "f***", "fuuuuck", "FUCK", "f u c k", "f.u.c.k", "f-u-c-k", "f_u_c_k",
        "fu ck", "fvck", "phuck", "ｆｕｃｋ", "𝒇𝒖𝒄𝒌", "fυck", "fuc\u200bk", "f\u0336u\u0336c\u0336k\u0336",
        "*fuck*", "#fuck", "fuck!!!", "(fuck)", "sh1t", "$hit", "sh!t", "5hit", "shiiit", "b0llocks",
        "w@nker", "c**t", "a$$hole", "ᴛwᴀᴛ",
    ],
)  # fmt: skip
def test_a_disguised_word_is_found(text: str) -> None:
    (finding,) = found(f"well, {text} then")
    assert finding.check == "civility.swearing"


HARMLESS = """
    Scunthorpe Penistone Arsenal cockerel Lightwater Clitheroe assess assessment Cockermouth Cockfosters Hancock Dickens
    Sussex Essex Middlesex Twatt Shitterton Prickwillow Scunthorpes cocktail peacock shuttlecock analysis document
    Takeshita Matsushita Yoshitaka Swank Saltwater grass passenger constitution therapist Cumbria A55 5* Wankhede
    titanic
"""


@pytest.mark.parametrize("name", HARMLESS.split())
def test_a_word_within_a_harmless_one_is_let_be(name: str) -> None:
    assert found(f"They are repairing {name} this week") == []


def test_evidence_is_the_word_as_it_was_written() -> None:
    text = "The s\u200bh!t lights, fυcking lights"
    evidence = [text[finding.start : finding.end] for finding in found(text)]
    assert evidence == ["s\u200bh!t", "fυcking"]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("the fucking lights are out", "swearing"),
        ("you absolute wanker", "abuse"),
        ("the warden is a wanker", "abuse"),
        ("what a spastic", "slur"),
        ("gypsies are vermin", "hate"),
        ("send them back where they came from", "hate"),
        ("I will break your legs", "threat"),
        ("show us your tits", "harassment"),
        ("I was called a paki", "quoted_slur"),
    ],
)
def test_the_ground_is_named(text: str, ground: str) -> None:
    assert ground in grounds(text)


def test_milder_words_are_counted_only_from_the_grade_that_is_set() -> None:
    strict, lax = (Civility.from_files(ROOT, CivilityLimits(swearing_from_grade=grade)) for grade in (1, 4))
    for text, by_strict, by_lax in (
        ("bloody hell", True, False),
        ("this is shit", True, False),
        ("fuck", True, True),
    ):
        assert bool(strict.check(read(text), Context())) is by_strict, text
        assert bool(lax.check(read(text), Context())) is by_lax, text


@pytest.mark.parametrize(
    "text",
    [
        "This council is a disgrace, a shambles and an insult to everyone who pays for it. Resign!",
        "Worst council in England. Incompetent from top to bottom. Liars.",
        "You should be ashamed, you let our park rot while you pay yourselves more",
    ],
)
def test_criticism_of_the_council_is_no_breach(text: str) -> None:
    assert found(text) == []


def test_a_furious_swearing_report_is_only_noted() -> None:
    text = "THIRD FUCKING WEEK. The bins on Elm Road are overflowing with shit and maggots, sort it out for fuck's sake"
    assert gravest(text) == "note"


@pytest.mark.parametrize(
    "text",
    [
        "they're all parasites",
        "send them back",
        "Muslims are vermin",
        "all these migrants should be deported",
    ],
)
def test_hate_without_a_slur_is_found(text: str) -> None:
    assert gravest(text) in ("flag", "hide")


def test_what_others_said_is_not_held_against_who_reports_it() -> None:
    assert found('Someone wrote "Muslims are vermin" on our mosque, it is disgusting') == []
    assert gravest('People say "Muslims are vermin" and they are correct, I agree') == "hide"


def test_every_ground_is_one_of_those_that_are_told() -> None:
    given_by_examples = {ground for _, text in examples() for ground in grounds(text)}
    assert given_by_examples == set(GROUNDS)


PIECES = (
    "fuck",
    "f**k",
    "you",
    "Muslims",
    "are",
    "vermin",
    '"',
    ".",
    "\n",
    "🔪",
    "ﬁ",
    "\u200b",
    "i'll",
    "kill",
    "s h i t",
    "@",
    "1",
    "*",
)


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=14).map(" ".join))
def test_any_text_is_judged_alike_each_time_with_evidence_within_it(text: str) -> None:
    findings = found(text)
    assert findings == found(text)
    for finding in findings:
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.check.removeprefix("civility.") in GROUNDS


def test_a_long_message_is_judged_in_time() -> None:
    text = "The fucking bins, and you lot are a joke; immigrants get the blame and it is not fair. " * 60
    found(text)
    began = time.process_time()
    found(text)
    assert time.process_time() - began < 0.5


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "policy"
    folder.mkdir(parents=True)
    for name in ("language.yml", "abuse.yml", "weights/civility.json"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(
            (ROOT / "data" / "policy" / name).read_text(encoding="utf-8"), encoding="utf-8"
        )
    abuse = folder / "abuse.yml"
    good = abuse.read_text(encoding="utf-8")

    def complaint(text: str) -> str:
        abuse.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as wrong:
            Civility.from_files(tmp_path)
        return str(wrong.value).removeprefix(f"{abuse}:")

    lines = good.splitlines()
    section = lines.index("  abuse: |") + 1
    lines.insert(section, "    you <nobody>")
    assert complaint("\n".join(lines)).startswith(f"{section + 1}: names an unknown concept: '<nobody>'")
    assert "patterns: insults: must be one of" in complaint(good.replace("\n  abuse: |", "\n  insults: |"))
    language = folder / "language.yml"
    abuse.write_text(good, encoding="utf-8")
    words = language.read_text(encoding="utf-8")
    language.write_text(words.replace("fuck: {grade: 4", "fuck: {grade: 9"), encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"language.yml:\d+: fuck: grade: Input should be less than or equal to 4"
    ):
        Civility.from_files(tmp_path)
