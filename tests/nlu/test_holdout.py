"""The holdout is read whole or refused with the line and the field; the families follow domain.yml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.families import DomainUnreadable, read_families
from bot.nlu.holdout import HoldoutWrong, messages_file, read_holdout

KNOWN = {"report_tree", "ask_jobs", "greet"}
GOOD: dict[str, Any] = {"id": "a", "text": "a branch is down", "intents": ["report_tree"]}


def holdout(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "messages.jsonl"
    path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))
    return path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": None}, "id: is missing"),
        ({"id": 3}, "id: is missing, or is no text"),
        ({"text": "  "}, "text: is missing"),
        ({"intents": []}, "intents: must name one or two, not 0"),
        ({"intents": "report_tree"}, "intents: must be a list of names"),
        ({"intents": ["report_tree", "ask_jobs", "greet"]}, "intents: must name one or two, not 3"),
        ({"intents": ["report_trees"]}, "intents: 'report_trees' is no intent"),
        ({"intents": ["greet", "greet"]}, "intents: a name stands twice"),
        ({"accept": ["report_trees"]}, "accept: 'report_trees' is no intent"),
        ({"accept": ["report_tree"]}, "accept: 'report_tree' is the main purpose already"),
        ({"acept": ["greet"]}, "acept: is no field of the holdout"),
        ({"tags": ["Two Purposes"]}, "tags: 'Two Purposes' must be small letters"),
        ({"first": "greet"}, "first, second: must both be there, or neither"),
        ({"first": "greet", "second": "wave"}, "second: 'wave' is no intent"),
    ],
)
def test_a_wrong_field_is_named_with_its_line(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = holdout(tmp_path, json.dumps(GOOD), "", json.dumps({**GOOD, "id": "b", **change}))
    with pytest.raises(HoldoutWrong) as refused:
        read_holdout(path, KNOWN)
    assert str(refused.value).startswith(f"{path}:3: {said}")


@pytest.mark.parametrize(
    ("line", "said"),
    [(b"{", "is not JSON"), (b'"text"', "must be an object"), (b'{"id": "\xff"}', "is not JSON")],
)
def test_a_broken_line_is_named(tmp_path: Path, line: bytes, said: str) -> None:
    path = holdout(tmp_path, json.dumps(GOOD), line)
    with pytest.raises(HoldoutWrong) as refused:
        read_holdout(path, KNOWN)
    assert str(refused.value).startswith(f"{path}:2: {said}")


def test_an_id_that_stands_twice_is_named(tmp_path: Path) -> None:
    path = holdout(tmp_path, json.dumps(GOOD), json.dumps(GOOD))
    with pytest.raises(HoldoutWrong, match=r":2: id: 'a' stands twice"):
        read_holdout(path, KNOWN)


def test_a_missing_and_an_empty_holdout_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HoldoutWrong, match="cannot be read: No such file"):
        read_holdout(messages_file(tmp_path), KNOWN)
    with pytest.raises(HoldoutWrong, match="holds no message"):
        read_holdout(holdout(tmp_path, "", " "), KNOWN)


def test_everything_of_a_message_is_read(tmp_path: Path) -> None:
    line = {**GOOD, "intents": ["report_tree", "greet"], "accept": ["ask_jobs"], "tags": ["public"]}
    [message] = read_holdout(
        messages_file(holdout(tmp_path, json.dumps({**line, "first": "report_tree", "second": "greet"}))),
        KNOWN,
    )
    assert (message.main, message.right) == ("report_tree", {"report_tree", "ask_jobs"})
    assert (message.tags, message.first, message.second) == (("public",), "report_tree", "greet")


@given(st.binary(max_size=200))
def test_whatever_stands_in_the_file_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("holdout") / "messages.jsonl"
    path.write_bytes(content)
    try:
        assert read_holdout(path, KNOWN)
    except HoldoutWrong as error:
        assert str(error).startswith(str(path))


def test_the_small_holdout_of_the_tests_can_be_read() -> None:
    known = {intent for family in read_families(Path("domain.yml")) for intent in family.intents}
    messages = read_holdout(Path("tests/nlu/data/holdout/messages.jsonl"), known)
    assert len(messages) == 40
    assert {"danger", "two_purposes", "out_of_scope", "no_keyword", "follow_up", "public"} == {
        tag for message in messages for tag in message.tags
    }


def test_the_families_hold_every_intent_once_in_the_order_of_the_domain() -> None:
    families = read_families(Path("domain.yml"))
    intents = [intent for family in families for intent in family.intents]
    assert len(intents) == len(set(intents)) == 95
    assert (intents[0], intents[-1]) == ("report_fly_tipping", "out_of_scope")
    assert {"emergency_danger", "self_harm", "safeguarding"} in [set(family.intents) for family in families]


def test_families_are_read_as_people_write_them(tmp_path: Path) -> None:
    domain = tmp_path / "domain.yml"
    domain.write_text(
        "# the domain\nintents:\n- greet\n# reports\n  # in the street\n  - report_tree:\n      use_entities: []\n"
        "  # nothing under it\n  # last\n  - nlu_fallback\n  - thank # said often\nentities:\n  - place\n"
    )
    assert [(family.name, family.intents) for family in read_families(domain)] == [
        ("intents", ("greet",)),
        ("in the street", ("report_tree",)),
        ("last", ("thank",)),
    ]


def test_a_domain_without_intents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DomainUnreadable, match="cannot be read"):
        read_families(tmp_path / "none.yml")
    (tmp_path / "domain.yml").write_text("entities:\n  - place\n")
    with pytest.raises(DomainUnreadable, match="lists no intents"):
        read_families(tmp_path / "domain.yml")
