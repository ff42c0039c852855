"""The page of an evaluation: complete, escaped, needing nothing else; its pictures, and its JSON read again."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from bot.nlu.comparison import compare
from bot.nlu.decide import FALLBACK, Thresholds
from bot.nlu.evaluation import (
    Evaluation,
    EvaluationUnusable,
    HoldoutFacts,
    ModelFacts,
    read_earlier,
)
from bot.nlu.evaluation_page import chance, evaluation_page, percent, points
from bot.nlu.evaluation_svg import (
    COLOURS,
    confusion_picture,
    outcome_bar,
    reliability_plot,
    threshold_plot,
)
from bot.nlu.families import Family
from bot.nlu.figures import figures
from bot.nlu.intent_figures import Cell
from bot.nlu.judging import Judged, Outcome
from tests.nlu.labelled import judged

FAMILIES = (Family("reports & <more>", ("report_tree", "report_noise")), Family("ask", ("ask_jobs",)))
SCRIPT = "<script>alert('x')</script> & \"more\" </p>"
MESSAGES = (
    judged("report_tree", "report_tree", 0.91, id="1", tags=("public",), annotators=("report_tree",) * 2),
    judged("report_tree", "ask_jobs", 0.7, id="2", text=SCRIPT),
    judged("report_tree", "ask_jobs", 0.6, id="3", text="half an emoji \ud83d"),
    judged("ask_jobs", FALLBACK, 0.3, id="4", choices=("ask_jobs", "report_tree")),
    judged("self_harm", "report_tree", 0.5, id="5", text="I am done with it", tags=("danger",)),
    judged("ask_jobs", "self_harm", 0.2, id="6"),
    judged("out_of_scope", "report_tree", 0.8, id="7"),
    judged("ask_jobs", "ask_jobs", id="8", second="report_tree", purposes=("ask_jobs",)),
    judged("ask_jobs", FALLBACK, 0.1, id="9", annotators=("ask_jobs", "report_tree")),
)
HOLDOUT = HoldoutFacts("b" * 64, len(MESSAGES))


def evaluation(
    messages: tuple[Judged, ...] = MESSAGES, others: tuple[Judged, ...] | None = None
) -> Evaluation:
    found = figures(messages, Thresholds())
    return Evaluation(
        model=ModelFacts("new", "a" * 64, "2026-11-22T17:05:56+00:00", 6592, 95, {"clear": 0.4}),
        holdout=HOLDOUT,
        figures=found,
        comparison=compare(messages, "old", found.headline, others) if others else None,
        judged=messages,
    )


class Outline(HTMLParser):
    """What a page is made of: its tags, those left open, its words, its links."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.targets += [named[name] or "" for name in ("href", "src") if name in named]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_what_a_resident_wrote_is_shown_as_text_whatever_it_is() -> None:
    page = evaluation_page(evaluation(), FAMILIES)
    outline = Outline(page)
    assert "script" not in outline.tags
    assert SCRIPT in outline.words
    assert outline.open == []


def test_the_page_needs_nothing_else() -> None:
    page = evaluation_page(evaluation(), FAMILIES)
    outline = Outline(page)
    assert not {"link", "img", "iframe", "script", "object"} & set(outline.tags)
    assert outline.targets
    assert all(target.startswith("#") and target[1:] in outline.ids for target in outline.targets)
    assert "url(" not in page and "@import" not in page
    assert "utf-8" in page[:1000] and 'name="viewport"' in page


def test_the_page_shows_every_miss_of_danger_and_every_false_alarm() -> None:
    words = " ".join(Outline(evaluation_page(evaluation(), FAMILIES)).words.split())
    danger = words[words.index("Someone may be hurt") : words.index("What no council does")]
    missed, alarms = danger.split("False alarms words")
    assert "I am done with it means self_harm answered report_tree" in missed
    assert "means ask_jobs answered self_harm 20% sure 6" in alarms


def test_the_page_of_two_models_shows_what_was_won_and_lost() -> None:
    others = tuple(
        replace(
            each, answer=replace(each.answer, intent="report_tree", purposes=("report_tree",), choices=())
        )
        for each in MESSAGES
    )
    words = " ".join(Outline(evaluation_page(evaluation(others=others), FAMILIES)).words.split())
    assert "Won: right at once only with this model (1)" in words
    assert "Lost: right at once only with the other (2)" in words
    assert "means report_tree this model ask_jobs the other report_tree 2" in words


def test_the_page_says_what_was_offered_beside_and_what_it_counts_for() -> None:
    beside = judged("ask_jobs", "report_tree", 0.6, id="10", text="work with trees", beside=("ask_jobs",))
    words = " ".join(Outline(evaluation_page(evaluation((*MESSAGES, beside)), FAMILIES)).words.split())
    assert "Wrong, but the right one was offered beside 10.0% 1 of 10 messages" in words
    assert "but with the right one offered beside the answer" in words
    listed = "work with trees means ask_jobs answered report_tree offered beside ask_jobs 60% sure 10"
    assert listed in words[words.index("Wrong, but the right one was offered beside (1)") :]


def test_a_page_of_little_says_so() -> None:
    calm = (judged("ask_jobs", "ask_jobs", id="1"),)
    words = " ".join(Outline(evaluation_page(evaluation(calm), FAMILIES)).words.split())
    for said in (
        "no such messages",
        "No message has a tag.",
        "No two intents were confused more than once.",
        "No message was labelled by two people.",
    ):
        assert said in words
    assert "of danger were not found" not in words


def test_the_same_answers_give_the_same_bytes() -> None:
    here, there = evaluation(), evaluation()
    assert here.as_json() == there.as_json()
    assert evaluation_page(here, FAMILIES) == evaluation_page(there, FAMILIES)


def test_numbers_are_written_as_people_read_them() -> None:
    assert (percent(0.1234), percent(None), points(-0.0123), points(0.0)) == (
        "12.3%",
        "–",
        "\u22121.2",
        "+0.0",
    )
    assert (chance(0.0004), chance(0.0412)) == ("less than 0.001", "0.041")


# --- pictures --------------------------------------------------------------------------------------------------------


def parts(svg: str, tag: str) -> list[ElementTree.Element]:
    return [each for each in ElementTree.fromstring(svg).iter() if each.tag == tag]


def titles(svg: str) -> list[str]:
    return [each.text or "" for each in parts(svg, "title")]


def test_the_bar_is_as_long_as_the_whole() -> None:
    svg = outcome_bar([(Outcome.RIGHT_AT_ONCE, 0.5), (Outcome.ASKED_RIGHT, 0.0), (Outcome.WRONG, 0.5)])
    boxes = [(float(each.attrib["x"]), float(each.attrib["width"])) for each in parts(svg, "rect")]
    assert boxes == [(0.0, 500.0), (500.0, 500.0)]
    assert titles(svg) == ["right at once: 50.0%", "wrong: 50.0%"]


def test_the_threshold_plot_has_an_area_for_each_outcome_and_marks_the_present_setting() -> None:
    svg = threshold_plot(evaluation().figures.curve, 0.4)
    assert [each.attrib["fill"] for each in parts(svg, "polygon")] == [COLOURS[each] for each in Outcome]
    assert "now 0.4" in [each.text for each in parts(svg, "text")]
    assert any(title.startswith("at 0.4: right at once 22.2%") for title in titles(svg))


def test_the_reliability_plot_has_a_point_for_each_bin() -> None:
    bins = evaluation().figures.reliability
    svg = reliability_plot(bins)
    assert len(parts(svg, "circle")) == len(bins) == len(MESSAGES)
    assert "1 messages: 91% sure, 100% right" in titles(svg)


def test_the_confusion_picture_draws_only_what_occurs() -> None:
    cells = (
        Cell("report_tree", "report_tree", 2),
        Cell("report_tree", "ask_jobs", 1),
        Cell("gone", "ask_jobs", 3),
    )
    drawn = [title for title in titles(confusion_picture(FAMILIES, cells)) if "report_tree" in title]
    assert drawn == ["report_tree right: 2", "report_tree taken for ask_jobs: 1"]
    assert "1 reports & <more>" in titles(confusion_picture(FAMILIES, cells))
    assert not [title for title in titles(confusion_picture(FAMILIES, cells)) if "gone" in title]


def test_the_confusion_picture_has_a_row_for_what_was_meant_and_a_column_for_what_it_was_taken_for() -> None:
    [wrong] = [
        each
        for each in parts(confusion_picture(FAMILIES, (Cell("report_tree", "ask_jobs", 1),)), "rect")
        if each.attrib.get("fill") == COLOURS[Outcome.WRONG]
    ]
    heights = {
        each.text: float(each.attrib["y"])
        for each in parts(confusion_picture(FAMILIES, ()), "text")
        if each.text in ("report_tree", "ask_jobs")
    }
    assert float(wrong.attrib["y"]) < heights["report_tree"] < heights["ask_jobs"]
    left = float(
        parts(confusion_picture(FAMILIES, (Cell("report_tree", "report_tree", 1),)), "rect")[-1].attrib["x"]
    )
    assert float(wrong.attrib["x"]) == left + 18  # third of three


# --- the JSON --------------------------------------------------------------------------------------------------------


def test_the_json_holds_what_the_page_shows() -> None:
    text = evaluation().as_json()
    text.encode("utf-8")
    content: dict[str, Any] = json.loads(text)
    assert content["headline"]["right_at_once"]["hits"] == 2
    assert [each["text"] for each in content["danger"]["missed"]] == ["I am done with it"]
    assert [each["outcome"] for each in content["answers"]].count("wrong") == 5
    assert content["comparison"] is None


def test_an_earlier_evaluation_can_be_compared_with(tmp_path: Path) -> None:
    path = tmp_path / "old.evaluation.json"
    messages = (*MESSAGES, judged("ask_jobs", "report_tree", 0.6, id="10", beside=("ask_jobs",)))
    path.write_text(evaluation(messages).as_json(), encoding="utf-8")
    earlier = read_earlier(path, HOLDOUT, [each.message for each in messages])
    assert earlier.name == "new"
    assert earlier.headline == evaluation(messages).figures.headline
    assert [each.outcome for each in earlier.judged] == [each.outcome for each in messages]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"holdout": {"sha256": "c" * 64, "messages": 9}}, "was made with another holdout"),
        ({"answers": []}, "is no evaluation of this version"),
        ({"headline": {"messages": 1}}, "is no evaluation of this version"),
        ({"model": None}, "is no evaluation of this version"),
    ],
)
def test_an_evaluation_of_other_messages_or_another_version_is_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path = tmp_path / "old.evaluation.json"
    path.write_text(json.dumps({**json.loads(evaluation().as_json()), **change}))
    with pytest.raises(EvaluationUnusable, match=said):
        read_earlier(path, HOLDOUT, [each.message for each in MESSAGES])


def test_a_file_that_is_no_evaluation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    with pytest.raises(EvaluationUnusable, match="cannot be read"):
        read_earlier(path, HOLDOUT, [])
    path.write_text("[]")
    with pytest.raises(EvaluationUnusable, match="is no evaluation"):
        read_earlier(path, HOLDOUT, [])
