"""The figures of `./signpost bench policy`: what counts as found, and the tables that are made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.policy import (
    BEGIN,
    END,
    Labelled,
    Share,
    of_clause,
    of_danger,
    of_hate,
    of_personal_data,
    of_texts,
    tables,
    with_tables,
)
from bot.commands.messages import BadMessages
from bot.policy.findings import Clause, Finding, PersonalDatum, Screening, Severity


def seen(line: dict[str, Any], *findings: tuple[Clause, Severity], **rest: Any) -> Labelled:
    found = tuple(Finding(clause, severity, f"{clause}.any", 0, 1) for clause, severity in findings)
    return Labelled(line, Screening(findings=found, **rest), 1.0)


def test_a_share_has_wilson_s_interval() -> None:
    share = Share(8, 10)
    assert (share.share, share.low, share.high) == (0.8, 0.4902, 0.9433)
    assert Share(0, 0).share is None


def test_precision_and_recall_count_one_clause_only() -> None:
    figures = of_clause(
        "civility",
        [
            seen({"id": "a", "clauses": ["civility"], "severity": "flag"}, ("civility", "flag")),
            seen({"id": "b", "clauses": ["civility"], "severity": "hide"}, ("civility", "flag")),
            seen({"id": "c", "clauses": ["civility"]}, ("spam", "flag")),
            seen({"id": "d", "clauses": [], "tricky": True}, ("civility", "note")),
            seen({"id": "e", "clauses": [], "tricky": True}, ("relevance", "note")),
        ],
        misses=True,
    )
    assert (figures["precision"]["right"], figures["precision"]["of"]) == (2, 3)
    assert (figures["recall"]["right"], figures["recall"]["of"]) == (2, 3)
    assert figures["tricky_let_pass"]["share"] == 0.5
    assert figures["severity_right"]["share"] == 0.5
    assert (figures["missed"], figures["false"]) == (["c"], ["d"])


def test_a_piece_of_personal_data_is_found_where_one_of_its_kind_overlaps_it() -> None:
    pieces = (PersonalDatum(2, 6, "phone"), PersonalDatum(10, 12, "email"))
    line = {"id": "a", "personal_data": [[0, 4, "phone"], [10, 12, "address"]]}
    figures = of_personal_data([seen(line, personal_data=pieces)], misses=False)
    assert (figures["precision"]["right"], figures["precision"]["of"]) == (1, 2)
    assert (figures["recall"]["right"], figures["recall"]["of"]) == (1, 2)
    assert figures["kinds"]["phone"]["recall"]["share"] == 1.0


def test_danger_counts_when_seen_under_any_name_and_again_under_its_own() -> None:
    figures = of_danger(
        [
            seen({"id": "a", "danger": "self_harm"}, danger="self_harm"),
            seen({"id": "b", "danger": "self_harm"}, danger="safeguarding"),
            seen({"id": "c", "danger": "safeguarding"}),
            seen({"id": "d", "danger": None}, danger="self_harm"),
        ],
        misses=True,
    )
    assert figures["recall"]["right"] == 2
    assert figures["right_name"]["right"] == 1
    assert figures["false_alarms"]["share"] == 1.0
    assert (figures["missed"], figures["false"]) == (["c"], ["d"])


def test_a_note_is_no_false_flag() -> None:
    figures = of_texts(
        [seen({"id": 1}, ("civility", "note")), seen({"id": 2}, ("personal_information", "flag"))]
    )
    assert figures["flagged"]["share"] == 0.5
    assert figures["flagged_but_for_personal_information"]["share"] == 0.0
    assert figures["noted_or_more"]["share"] == 1.0


class Hater:
    """Finds hate in whatever says so."""

    def screen(self, text: str) -> Screening:
        hateful = (Finding("civility", "hide", "civility.hate", 0, 1),) if "hate" in text else ()
        return Screening(findings=hateful)


def test_cases_of_hate_are_counted_by_what_they_test(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text(
        "functionality,test_case,label_gold\nf1,we hate x,hateful\nf1,x out,hateful\nf2,I hate pears,non-hateful\n"
    )
    figures = of_hate(Hater(), path)  # type: ignore[arg-type]
    assert (figures["precision"]["share"], figures["recall"]["share"], figures["specificity"]["share"]) == (
        0.5,
        0.5,
        0.0,
    )
    assert figures["functionalities"]["f1"]["share"] == 0.5
    path.write_text("test_case,label_gold\nwe hate x,maybe\n")
    with pytest.raises(BadMessages, match=r"cases.csv:2: must have test_case and label_gold"):
        of_hate(Hater(), path)  # type: ignore[arg-type]


def test_the_page_s_tables_are_made_anew_and_the_rest_is_kept() -> None:
    clause = of_clause("spam", [seen({"id": "a", "clauses": ["spam"]}, ("spam", "note"))], misses=False)
    report = {"clauses": {"spam": clause}, "personal_data": None, "danger": None, "texts": {}, "hate": {}}
    page = with_tables(f"before\n{BEGIN}\nold\n{END}\nafter\n", report)
    assert page == f"before\n{BEGIN}\n\n{tables(report)}\n\n{END}\nafter\n"
    assert "| `spam` | 1 | 100.0 % (21–100), 1 of 1 | 100.0 % (21–100), 1 of 1 | – |" in page
    with pytest.raises(ValueError, match="has no"):
        with_tables("nothing here", report)
    json.dumps(report)
