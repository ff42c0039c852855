"""`./signpost screen`: files in, files out, what is refused, and that lines are read in order."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.cli import _parsed
from bot.commands import screening
from bot.commands.screening import screen_file
from bot.environments import ROOT
from bot.policy.findings import SEVERITIES, Clause, Danger, PersonalKind
from bot.policy.screen import Screener


@cache
def screener() -> Screener:
    return Screener.from_files(ROOT)


@pytest.fixture(autouse=True)
def one_screener_for_all(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making one takes seconds; tests of that are marked."""
    if "makes_its_own" not in request.fixturenames:
        monkeypatch.setattr(screening, "Screener", Ready)


class Ready:
    """In the place of Screener: gives the one that is made."""

    @staticmethod
    def from_files(_root: Path) -> Screener:
        return screener()


@pytest.fixture
def makes_its_own() -> None:
    """For tests that make a screener from the files."""


def screened(tmp_path: Path, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(message) + "\n" for message in messages), encoding="utf-8")
    assert screen_file(source, out) == 0
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_should_write_what_the_outside_contract_promises(tmp_path: Path) -> None:
    text = "You utter wankers 🤬 my number is 07700 900123 if you can be bothered"
    swearing, clean, danger = screened(
        tmp_path,
        {"id": "a", "text": text},
        {"id": 2, "text": "Is the library open on Sunday?"},
        {"id": "c", "text": "There's a strong smell of gas on our landing"},
    )
    assert [each["id"] for each in (swearing, clean, danger)] == ["a", 2, "c"]
    assert {each["clause"]: each["severity"] for each in swearing["clauses"]} == {
        "civility": "flag",
        "personal_information": "flag",
    }
    assert swearing["clauses"][0]["evidence"] in text
    (start, end, kind), *others = swearing["personal_data"]
    assert (text[start:end], kind, others) == ("07700 900123", "phone", [])
    assert clean == {"id": 2, "clauses": [], "personal_data": [], "danger": None}
    assert danger["danger"] == "emergency_danger"


def test_should_repeat_no_personal_data_as_evidence(tmp_path: Path) -> None:
    (line,) = screened(
        tmp_path, {"id": 1, "text": "Call that lying bastard at number 9 on 07700 900123 or 01632 555 0199"}
    )
    evidence = " ".join(each["evidence"] for each in line["clauses"])
    assert "900123" not in evidence
    assert "0199" not in evidence


def test_should_name_each_clause_once_by_its_gravest_finding(tmp_path: Path) -> None:
    (line,) = screened(tmp_path, {"id": 1, "text": "Fucking potholes. Fucking bins. You retard."})
    assert [(each["clause"], each["severity"]) for each in line["clauses"]] == [("civility", "hide")]


def test_should_count_repeats_by_the_order_of_lines(tmp_path: Path) -> None:
    text = "Nobody has emptied the dog bin by the lock gates at Mill End since August"
    first, second, other = screened(
        tmp_path,
        {"id": 1, "text": text, "author_handle": "jo", "group": "g"},
        {"id": 2, "text": text, "author_handle": "jo", "group": "g"},
        {"id": 3, "text": "When does the tip close on bank holidays?", "author_handle": "jo", "group": "g"},
    )
    assert [[each["clause"] for each in line["clauses"]] for line in (first, second, other)] == [
        [],
        ["spam"],
        [],
    ]


def test_should_take_what_is_known_of_the_author_and_the_time(tmp_path: Path) -> None:
    vote = "Vote Labour on Thursday, they will save our library"
    outside, inside, fake = screened(
        tmp_path,
        {"id": 1, "text": vote, "election_period": False, "group": "a"},
        {
            "id": 2,
            "text": "Vote Conservative next week, they will keep council tax down",
            "election_period": True,
            "group": "b",
        },
        {
            "id": 3,
            "text": "Thanks for getting in touch",
            "author_handle": "Marlst0wCouncil",
            "display_name": None,
        },
    )
    assert not [each for each in outside["clauses"] if each["severity"] != "note"]
    assert ("party_political", "flag") in [(each["clause"], each["severity"]) for each in inside["clauses"]]
    assert ("impersonation", "Marlst0wCouncil") in [
        (each["clause"], each["evidence"]) for each in fake["clauses"]
    ]


def test_should_screen_the_project_s_own_labelled_files(tmp_path: Path) -> None:
    for path in sorted((ROOT / "data" / "holdout" / "policy").glob("*.jsonl")):
        out = tmp_path / path.name
        assert screen_file(path, out) == 0
        asked = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        assert [each["id"] for each in found] == [each["id"] for each in asked]
        for line, answer in zip(asked, found, strict=True):
            assert set(answer) == {"id", "clauses", "personal_data", "danger"}
            assert answer["danger"] in (None, *get_args(Danger))
            for clause in answer["clauses"]:
                assert clause["clause"] in get_args(Clause)
                assert clause["severity"] in SEVERITIES
            for start, end, kind in answer["personal_data"]:
                assert 0 <= start < end <= len(line["text"])
                assert kind in get_args(PersonalKind)


def test_should_keep_text_that_is_no_valid_utf8_escaped(tmp_path: Path) -> None:
    (line,) = screened(tmp_path, {"id": "half \ud83d", "text": "You wankers \ud83d the lot of you"})
    assert line["id"] == "half \ud83d"
    assert line["clauses"][0]["clause"] == "civility"


@pytest.mark.usefixtures("makes_its_own")
def test_should_screen_with_the_files_of_the_project(tmp_path: Path) -> None:
    (line,) = screened(tmp_path, {"id": 1, "text": "You stupid cow"})
    assert line["clauses"] == [
        {"clause": "civility", "severity": "flag", "evidence": "You stupid cow", "check": "civility.abuse"}
    ]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("nonsense", "is not JSON"),
        ('["a"]', "must be an object with id and text"),
        ('{"id": true, "text": "a"}', "id is missing"),
        ('{"id": 1, "text": 2}', "text is missing"),
        ('{"id": 1, "text": "a", "author_handle": 7}', "author_handle must be text"),
        ('{"id": 1, "text": "a", "display_name": []}', "display_name must be text"),
        ('{"id": 1, "text": "a", "election_period": "yes"}', "election_period must be true or false"),
        ('{"id": 1, "text": "a", "group": true}', "group must be text or a whole number"),
        ('{"id": 1, "text": "a", "visibility": "secret"}', "visibility must be public or private"),
    ],
)
def test_should_name_the_line_that_is_wrong_and_leave_the_result_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, complaint: str
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 0, "text": "fine"}\n\n' + line + "\n", encoding="utf-8")
    out.write_text("before")
    assert screen_file(source, out) == 2
    assert f"signpost: {source}:3: {complaint}" in capsys.readouterr().err
    assert out.read_text() == "before"


def test_should_say_what_cannot_be_read_or_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert screen_file(tmp_path / "none", tmp_path / "out") == 2
    assert "none cannot be read: No such file or directory" in capsys.readouterr().err
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": 0, "text": "fine"}\n')
    assert screen_file(source, tmp_path / "nowhere" / "out") == 1
    assert "out cannot be written" in capsys.readouterr().err


@pytest.mark.usefixtures("makes_its_own")
def test_should_name_a_mistake_in_the_council_s_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "policy.yml").write_text("clauses: 7\n")
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": 0, "text": "fine"}\n')
    assert screen_file(source, tmp_path / "out", tmp_path) == 1
    assert f"signpost: {tmp_path / 'data' / 'policy.yml'}:1: " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_should_take_files_from_where_the_caller_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = _parsed(["screen", "in.jsonl", "out.jsonl"])
    assert (options.messages, options.out) == (tmp_path / "in.jsonl", tmp_path / "out.jsonl")
