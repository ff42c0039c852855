"""The measure of entities counts rightly, and what it measures is good enough."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.nlu.entity_scores import (
    HOLDOUT,
    KINDS,
    Annotated,
    AnnotationWrong,
    Row,
    Score,
    Span,
    finder_of_components,
    main,
    misses,
    read_annotated,
    score,
    table,
)

DEVELOPMENT = Path(__file__).parent / "data" / "entities_development.jsonl"
# Shares of F1 by overlap, below which a change of the extractors is for the worse.
AT_LEAST = {
    "place": 0.9,
    "time": 0.9,
    "postcode": 0.98,
    "what3words": 0.98,
    "tracking_code": 0.98,
    "plate": 0.98,
    "organisation": 0.8,
}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    messages = read_annotated(HOLDOUT)
    find = finder_of_components()
    return score(messages, [find(message.text) for message in messages])


@pytest.mark.parametrize("kind", list(KINDS))
def test_should_find_entities_of_messages_that_they_were_not_made_from(rows: list[Row], kind: str) -> None:
    row = next(each for each in rows if each.kind == kind)
    assert row.overlap.f1 >= AT_LEAST[kind], "\n".join(table(rows))


def test_should_measure_on_enough_messages_of_which_a_third_hold_none() -> None:
    messages = read_annotated(HOLDOUT)
    assert len(messages) >= 320
    assert sum(not message.spans for message in messages) >= len(messages) * 0.3
    assert (
        len({message.text for message in messages})
        == len({message.id for message in messages})
        == len(messages)
    )


def test_should_develop_on_other_messages_than_it_measures() -> None:
    measured = {message.text.casefold() for message in read_annotated(HOLDOUT)}
    assert not measured & {message.text.casefold() for message in read_annotated(DEVELOPMENT)}


MESSAGE = Annotated(
    "1", "the Co-op on Mill Lane today", (Span(4, 9, "place"), Span(13, 22, "street"), Span(23, 28, "date"))
)


def test_should_count_exact_and_overlapping_spans_by_kind() -> None:
    found = [Span(0, 9, "named_place"), Span(18, 22, "street"), Span(23, 28, "time"), Span(23, 28, "plate")]
    counted = {row.kind: row for row in score([MESSAGE], [found])}
    assert set(counted) == {"place", "time", "plate"}
    assert counted["place"].exact == Score(1, 2, 2)  # an article before it does not matter
    assert counted["place"].overlap == Score(2, 2, 2)
    assert counted["time"].overlap == Score(1, 1, 1)
    assert counted["plate"].overlap == Score(0, 1, 0)


def test_should_count_a_span_once_only() -> None:
    [row] = score(
        [Annotated("1", "Mill Lane", (Span(0, 9, "street"),))], [[Span(0, 4, "place"), Span(5, 9, "place")]]
    )
    assert row.overlap == Score(1, 2, 1)


def test_should_give_shares() -> None:
    assert (Score(1, 2, 4).precision, Score(1, 2, 4).recall) == (0.5, 0.25)
    assert Score(1, 2, 4).f1 == pytest.approx(1 / 3)
    assert (Score(0, 0, 0).f1, Score(0, 3, 3).f1) == (1.0, 0.0)


def test_should_show_what_was_missed_and_what_was_made_up() -> None:
    [line] = misses([MESSAGE], [[Span(4, 9, "place"), Span(23, 28, "date"), Span(10, 12, "organisation")]])
    assert "-street:Mill Lane" in line and "+organisation:on" in line
    assert "Co-op: " not in line
    assert misses([MESSAGE], [MESSAGE.spans]) == []


def test_should_print_one_line_for_each_kind() -> None:
    lines = table(score([MESSAGE], [MESSAGE.spans]))
    assert [line.split()[0] for line in lines] == ["kind", "place", "time"]
    assert lines[1].split()[1:3] == ["2", "2"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "2"),
        ('{"id": "x", "text": "a"}', "entities"),
        ('{"id": "x", "text": "a b", "entities": [[0, 1, "dinosaur"]]}', "dinosaur"),
        ('{"id": "x", "text": "a b", "entities": [[0, 2, "place"]]}', "marks 'a '"),
        ('{"id": "x", "text": "a b", "entities": [[5, 9, "place"]]}', "marks ''"),
        ('{"id": "x", "text": "a b", "entities": [[0, 3, "place"], [2, 3, "place"]]}', "overlap"),
        ('{"id": "x", "text": "a b", "entities": [[0]]}', "2"),
    ],
)
def test_should_name_a_broken_line(
    tmp_path: Path, line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "entities.jsonl"
    path.write_text('{"id": "1", "text": "a", "entities": []}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(AnnotationWrong, match=said) as caught:
        read_annotated(path)
    assert f"{path}:2" in str(caught.value)
    assert main([str(path)]) == 1
    assert f"{path}:2" in capsys.readouterr().err


def test_should_print_the_figures_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "entities.jsonl"
    entry = {"id": "1", "text": "hole on Mill Lane", "entities": [[8, 17, "street"]]}
    path.write_text(json.dumps(entry) + "\n", encoding="utf-8")
    assert main([str(path), "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)
    assert row == {
        "kind": "place",
        "exact": {"right": 1, "found": 1, "there": 1},
        "overlap": {"right": 1, "found": 1, "there": 1},
    }
