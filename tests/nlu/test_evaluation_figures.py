"""The figures of an evaluation: small cases that can be counted by hand, and what must hold of any."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.nlu.comparison import compare
from bot.nlu.decide import FALLBACK, Thresholds
from bot.nlu.figures import CLEAR_TRIED, curve, figures
from bot.nlu.judging import SMALL_TALK, Judged, Outcome
from bot.nlu.measures import calibration_error, difference, kappa, reliability, share
from tests.nlu.labelled import judged

LIMITS = Thresholds(clear=0.5)
INTENTS = ("report_tree", "ask_jobs", "self_harm", "greet", "out_of_scope")


# --- what a resident feels -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        (judged("ask_jobs", "ask_jobs"), Outcome.RIGHT_AT_ONCE),
        (judged("ask_jobs", "greet", accept=("greet",)), Outcome.RIGHT_AT_ONCE),
        (judged("ask_jobs", "greet"), Outcome.WRONG),
        (judged("ask_jobs", FALLBACK, choices=("greet", "ask_jobs")), Outcome.ASKED_RIGHT),
        (judged("ask_jobs", FALLBACK, choices=("greet", "thank"), accept=("thank",)), Outcome.ASKED_RIGHT),
        (judged("ask_jobs", FALLBACK, choices=("greet", "thank")), Outcome.HANDED_OVER),
        (judged("ask_jobs", FALLBACK), Outcome.HANDED_OVER),
        (judged("ask_jobs", "ask_jobs", beside=("greet",)), Outcome.RIGHT_AT_ONCE),
        (judged("ask_jobs", "report_tree", beside=("greet", "ask_jobs")), Outcome.BESIDE_RIGHT),
        (judged("ask_jobs", "report_tree", beside=("thank",), accept=("thank",)), Outcome.BESIDE_RIGHT),
        (judged("ask_jobs", "report_tree", beside=("greet", "thank")), Outcome.WRONG),
        (judged("ask_jobs", "report_tree", second="greet", beside=("greet",)), Outcome.WRONG),
        (judged("out_of_scope", "out_of_scope"), Outcome.RIGHT_AT_ONCE),
        (judged("out_of_scope", FALLBACK), Outcome.RIGHT_AT_ONCE),
        (judged("out_of_scope", FALLBACK, choices=("greet", "thank")), Outcome.HANDED_OVER),
        (judged("out_of_scope", "ask_jobs"), Outcome.WRONG),
        (judged("out_of_scope", "ask_jobs", language="pl"), Outcome.RIGHT_AT_ONCE),
        (judged("ask_jobs", "ask_jobs", language="pl"), Outcome.WRONG),
        (judged("ask_jobs", "ask_jobs", language="en"), Outcome.RIGHT_AT_ONCE),
        (judged("self_harm", "self_harm", language="pl"), Outcome.RIGHT_AT_ONCE),
        (judged("ask_jobs", "ask_jobs", second="greet"), Outcome.RIGHT_AT_ONCE),
        (judged("ask_jobs", "greet", second="greet"), Outcome.WRONG),
    ],
)
def test_each_message_has_the_outcome_that_its_resident_feels(message: Judged, outcome: Outcome) -> None:
    assert message.outcome == outcome


def test_small_talk_is_what_the_directory_says_it_is() -> None:
    destinations = YAML(typ="safe").load(Path("data/directory.yml").read_text())["destinations"]
    behaviours = {intent: each.get("behaviour") for intent, each in destinations.items()}
    assert {intent for intent, name in behaviours.items() if name in ("small_talk", "about")} == SMALL_TALK


# --- measures --------------------------------------------------------------------------------------------------------


def test_a_share_has_wilsons_interval() -> None:
    # Of 8 of 10 the middle is (0.8 + 0.1921) / 1.3841 = 0.7167, the reach 0.2266.
    found = share(8, 10)
    assert (found.share, found.low, found.high) == (0.8, 0.4902, 0.9433)
    assert share(0, 0).share is None


def test_kappa_is_computed_by_cohens_formula() -> None:
    # 50 proposals: 20 yes-yes, 15 no-no, 5 yes-no, 10 no-yes: alike 0.7, by chance 0.5.
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    assert kappa(first, second) == 0.4
    assert kappa(["a", "b"], ["a", "b"]) == 1.0
    assert kappa(["a", "a"], ["a", "a"]) is None
    assert kappa([], []) is None


labels = st.sampled_from("abc")


@given(st.lists(st.tuples(labels, labels)))
def test_kappa_lies_between_minus_one_and_one_and_does_not_ask_who_was_first(
    pairs: list[tuple[str, str]],
) -> None:
    found = kappa([one for one, _ in pairs], [other for _, other in pairs])
    assert found == kappa([other for _, other in pairs], [one for one, _ in pairs])
    assert found is None or -1.0 <= found <= 1.0
    if found == 1.0:
        assert all(one == other for one, other in pairs)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_share_lies_in_its_interval_and_both_between_0_and_1(hits: int, misses: int) -> None:
    found = share(hits, hits + misses)
    if found.share is not None and found.low is not None and found.high is not None:
        assert 0.0 <= found.low <= found.share <= found.high <= 1.0


def test_the_calibration_error_is_the_mean_distance_of_sure_and_right() -> None:
    bins = reliability([0.9] * 15 + [0.5] * 15, [True] * 15 + [False] * 15)
    assert [each.count for each in bins] == [2] * 15
    # 14 messages at 0.5 in 7 bins of none right, 14 at 0.9 all right, one bin of each: |0.7 - 0.5| for 2 of 30.
    assert calibration_error(bins) == round((14 * 0.5 + 14 * 0.1 + 2 * 0.2) / 30, 4)
    assert calibration_error(reliability([], [])) == 0.0


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_the_bins_hold_every_message_and_differ_by_one_at_most(answers: list[tuple[float, bool]]) -> None:
    bins = reliability([sure for sure, _ in answers], [right for _, right in answers])
    counts = [each.count for each in bins]
    assert sum(counts) == len(answers)
    assert max(counts) - min(counts) <= 1
    assert 0.0 <= calibration_error(bins) <= 1.0


def test_a_difference_is_tested_exactly() -> None:
    mine = [True] * 9 + [False] * 1 + [True] * 10
    theirs = [False] * 9 + [True] * 1 + [True] * 10
    found = difference(mine, theirs)
    assert (found.won, found.lost, found.difference) == (9, 1, 0.4)
    assert found.p == round(2 * (1 + 10) / 2**10, 4)
    assert 0.1 <= found.low < 0.4 < found.high <= 0.7
    assert difference(mine, mine).p == 1.0
    assert difference([], []).difference == 0.0


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_a_difference_turns_its_sign_when_the_models_change_places(pairs: list[tuple[bool, bool]]) -> None:
    mine, theirs = [one for one, _ in pairs], [other for _, other in pairs]
    here, there = difference(mine, theirs), difference(theirs, mine)
    assert (here.difference, here.p) == (-there.difference, there.p)
    assert here.low <= here.difference <= here.high


# --- all figures -----------------------------------------------------------------------------------------------------

SMALL = [
    judged("report_tree", "report_tree", 0.9, id="1"),
    judged("report_tree", "ask_jobs", 0.7, id="2", tags=("public",)),
    judged("report_tree", "ask_jobs", 0.6, id="3"),
    judged("ask_jobs", FALLBACK, 0.3, id="4", choices=("ask_jobs", "greet"), tags=("public",)),
    judged("ask_jobs", "ask_jobs", 0.8, id="5"),
    judged("greet", FALLBACK, 0.2, id="6", ranking=(("thank", 0.2), ("report_tree", 0.1), ("greet", 0.1))),
    judged("out_of_scope", FALLBACK, 0.3, id="7", ranking=(("ask_jobs", 0.3), ("out_of_scope", 0.2))),
    judged("ask_jobs", "report_tree", 0.5, id="8", accept=("report_tree",)),
]


def test_the_outcomes_are_counted() -> None:
    found = figures(SMALL, LIMITS).headline
    assert [found.right_at_once.hits, found.asked_right.hits, found.handed_over.hits, found.wrong.hits] == [
        4, 1, 1, 2,
    ]  # fmt: skip
    assert (found.right.hits, found.right.share) == (5, 0.625)
    assert [found.likeliest.hits, found.likeliest_two.hits, found.likeliest_three.hits] == [4, 5, 6]


def test_a_wrong_answer_with_the_right_one_beside_is_counted_by_itself() -> None:
    messages = [
        *SMALL,
        judged("report_tree", "ask_jobs", 0.6, id="9", tags=("public",), beside=("report_tree",)),
    ]
    before, found = figures(SMALL, LIMITS), figures(messages, LIMITS)
    assert (found.headline.beside_right.hits, found.headline.wrong.hits) == (1, before.headline.wrong.hits)
    assert found.headline.right_at_once.hits == before.headline.right_at_once.hits
    assert found.headline.right.hits == before.headline.right.hits + 1
    assert [each.id for each in found.offered_beside] == ["9"]
    assert found.offered_beside[0].beside == ("report_tree",)
    assert [each.id for each in found.wrong] == [each.id for each in before.wrong]
    [tag] = found.tags
    assert (tag.right_at_once.hits, tag.right.hits, tag.wrong.hits) == (0, 2, 1)
    [confusion] = found.confusions
    assert (confusion.count, confusion.answered) == (3, 3)


def test_precision_and_recall_are_of_what_is_acted_on_and_what_is_accepted_is_right() -> None:
    found = figures(SMALL, LIMITS)
    rows = {row.intent: row for row in found.intents}
    tree, jobs = rows["report_tree"], rows["ask_jobs"]
    assert (tree.messages, tree.answered, tree.precision, tree.recall, tree.f1) == (3, 1, 1.0, 0.3333, 0.5)
    assert (tree.taken_for, tree.taken_for_count, tree.asked) == ("ask_jobs", 2, 0)
    assert (jobs.messages, jobs.answered, jobs.precision, jobs.recall) == (3, 4, 0.5, 0.6667)
    assert (jobs.asked, jobs.taken_for) == (1, "")
    assert (rows["greet"].precision, rows["greet"].recall, rows["greet"].f1) == (None, 0.0, 0.0)
    assert rows["out_of_scope"].f1 == 1.0
    assert found.headline.macro_f1 == round((0.5 + 0.5714 + 0.0 + 1.0) / 4, 4)
    assert [row.intent for row in found.intents] == ["greet", "report_tree", "ask_jobs", "out_of_scope"]


def test_confusions_are_listed_with_their_messages_the_most_frequent_first() -> None:
    found = figures(SMALL, LIMITS)
    [confusion] = found.confusions
    assert (confusion.meant, confusion.taken_for, confusion.count, confusion.answered) == (
        "report_tree", "ask_jobs", 2, 2,
    )  # fmt: skip
    assert [each.id for each in confusion.messages] == [each.id for each in found.wrong] == ["2", "3"]
    cells = {(cell.meant, cell.taken_for): cell.count for cell in found.cells}
    assert cells == {
        ("report_tree", "report_tree"): 1,
        ("report_tree", "ask_jobs"): 2,
        ("ask_jobs", "ask_jobs"): 3,
        ("greet", "thank"): 1,
        ("out_of_scope", "out_of_scope"): 1,
    }


def test_every_tag_has_its_figures() -> None:
    [tag] = figures(SMALL, LIMITS).tags
    assert (tag.tag, tag.messages, tag.right_at_once.hits, tag.right.hits, tag.wrong.hits) == (
        "public", 2, 0, 1, 1,
    )  # fmt: skip


def test_danger_is_found_by_any_purpose_and_a_doubtful_message_is_no_false_alarm() -> None:
    messages = [
        judged("self_harm", "self_harm", id="found", tags=("danger",)),
        judged("self_harm", "safeguarding", id="another", tags=("danger",)),
        judged(
            "ask_jobs", "ask_jobs", id="second", second="safeguarding", purposes=("ask_jobs", "safeguarding")
        ),
        judged("safeguarding", "ask_jobs", id="missed", tags=("danger",)),
        judged("report_tree", "report_tree", id="tagged", tags=("danger",)),
        judged("report_tree", "emergency_danger", id="alarm"),
        judged("report_tree", "emergency_danger", id="accepted", accept=("emergency_danger",)),
        judged("report_tree", "self_harm", id="doubted", annotators=("report_tree", "self_harm")),
        judged("report_tree", "report_tree", id="calm"),
        judged("report_tree", FALLBACK, id="asked", choices=("report_tree", "self_harm")),
    ]
    found = figures(messages, LIMITS).danger
    assert (found.found.hits, found.found.of) == (3, 5)
    assert (found.right_one.hits, found.right_one.of) == (2, 4)
    assert (found.false_alarms.hits, found.false_alarms.of) == (1, 3)
    assert {each.id for each in found.missed} == {"missed", "tagged"}
    assert [each.id for each in found.alarmed] == ["alarm"]


def test_what_is_out_of_scope_should_be_sent_nowhere_and_nothing_else_be_refused() -> None:
    messages = [
        judged("out_of_scope", "out_of_scope", id="a"),
        judged("out_of_scope", FALLBACK, id="b", choices=("ask_jobs", "report_tree")),
        judged("out_of_scope", "thank", id="c"),
        judged("out_of_scope", "ask_jobs", id="d", language="so"),
        judged("out_of_scope", "ask_jobs", id="e"),
        judged("ask_jobs", "out_of_scope", id="f"),
        judged("greet", "out_of_scope", id="g", accept=("out_of_scope",)),
        judged("ask_jobs", "ask_jobs", id="h"),
    ]
    found = figures(messages, LIMITS).out_of_scope
    assert (found.sent_nowhere.hits, found.sent_nowhere.of) == (4, 5)
    assert (found.refused.hits, found.refused.of) == (1, 2)
    assert [each.id for each in found.sent] == ["e"]
    assert [each.id for each in found.turned_away] == ["f"]


def test_two_purposes_are_found_when_exactly_they_are_answered() -> None:
    def two(id: str, *purposes: str, second: str = "greet") -> Judged:  # noqa: A002
        return judged("ask_jobs", purposes[0], id=id, second=second, purposes=purposes)

    messages = [
        two("both", "ask_jobs", "greet"),
        two("turned", "greet", "ask_jobs"),
        two("main", "ask_jobs"),
        two("another", "ask_jobs", "report_tree"),
        two("second", "greet"),
        two("neither", "report_tree"),
        two("danger", "self_harm", "ask_jobs", second="self_harm"),
        two("later", "ask_jobs", "self_harm", second="self_harm"),
        judged("ask_jobs", "ask_jobs", id="one", purposes=("ask_jobs", "greet")),
    ]
    found = figures(messages, LIMITS).two_purposes
    assert [found.both.hits, found.main_only.hits, found.second_only.hits, found.both.of] == [4, 2, 1, 8]
    assert (found.danger_first.hits, found.danger_first.of) == (1, 2)
    assert (found.needless.hits, found.needless.of) == (1, 1)
    assert {each.id for each in found.not_both} == {"main", "another", "second", "neither"}


def test_annotators_are_compared_where_there_are_two() -> None:
    messages = [
        judged("ask_jobs", "ask_jobs", id="1", annotators=("ask_jobs", "ask_jobs")),
        judged("ask_jobs", "ask_jobs", id="2", annotators=("ask_jobs", "greet")),
        judged("ask_jobs", "ask_jobs", id="3", annotators=("greet", "ask_jobs")),
        judged("ask_jobs", "ask_jobs", id="4"),
    ]
    found = figures(messages, LIMITS).agreement
    assert (found.alike.hits, found.alike.of) == (1, 3)
    assert found.disagreements == (("ask_jobs", "greet", 2),)
    assert found.kappa == -0.5


# --- the threshold ---------------------------------------------------------------------------------------------------


def test_the_curve_decides_every_message_anew() -> None:
    messages = [
        judged("ask_jobs", "ask_jobs", 0.8, id="a", ranking=(("ask_jobs", 0.8), ("report_tree", 0.2))),
        judged("ask_jobs", "report_tree", 0.5, id="b", ranking=(("report_tree", 0.5), ("ask_jobs", 0.4))),
    ]
    points = {point.clear: point for point in curve(messages, LIMITS)}
    low, now, high, highest = points[0.1], points[LIMITS.clear], points[0.6], points[0.9]
    assert (low.right_at_once, low.wrong) == (now.right_at_once, now.wrong) == (0.5, 0.5)
    assert (high.right_at_once, high.asked_right) == (0.5, 0.5)
    assert (highest.right_at_once, highest.asked_right) == (0.0, 1.0)


def test_the_curve_counts_what_is_offered_beside() -> None:
    ranking = (("report_tree", 0.6), ("ask_jobs", 0.3), ("greet", 0.1))
    message = judged("ask_jobs", "report_tree", 0.6, beside=("ask_jobs",), ranking=ranking)
    points = {point.clear: point for point in curve([message], LIMITS)}
    assert (points[LIMITS.clear].beside_right, points[LIMITS.clear].wrong) == (1.0, 0.0)
    assert (points[0.7].beside_right, points[0.7].asked_right) == (0.0, 1.0)
    sure = {point.clear: point for point in curve([message], replace(LIMITS, sure=0.5))}
    assert sure[0.1].beside_right == 1.0  # nothing changes there, so that what was answered stands


def test_the_present_point_of_the_curve_is_what_was_measured() -> None:
    # Decided on the whole message nothing is clear, but its parts were: both were answered.
    ranking = (("ask_jobs", 0.35), ("report_tree", 0.3), ("greet", 0.2))
    message = judged("ask_jobs", "ask_jobs", 0.35, second="report_tree", ranking=ranking)
    [point] = [point for point in curve([message], LIMITS) if point.clear == LIMITS.clear]
    assert point.right_at_once == 1.0


def test_the_answer_to_another_language_is_the_same_at_every_setting() -> None:
    ranking = (("ask_jobs", 0.5), ("greet", 0.3))
    message = judged("self_harm", "self_harm", 1.0, language="pl", ranking=ranking)
    assert {point.right_at_once for point in curve([message], LIMITS)} == {1.0}


def test_a_present_setting_between_those_tried_has_its_point() -> None:
    settings = [point.clear for point in curve(SMALL, Thresholds(clear=0.4321))]
    assert settings == sorted({*CLEAR_TRIED, 0.4321})


# --- what must hold of any -------------------------------------------------------------------------------------------

names = st.sampled_from(INTENTS)


@st.composite
def any_judged(draw: st.DrawFn) -> Judged:
    ranking = draw(st.permutations(INTENTS))
    weights = sorted(draw(st.lists(st.integers(1, 100), min_size=5, max_size=5)), reverse=True)
    meant, got = draw(names), draw(st.one_of(names, st.just(FALLBACK)))
    return judged(
        meant,
        got,
        draw(st.floats(0, 1)),
        id=str(draw(st.integers())),
        accept=tuple(draw(st.sets(names, max_size=1)) - {meant}),
        tags=tuple(draw(st.sets(st.sampled_from(("danger", "public"))))),
        second=draw(st.sampled_from(("", *(set(INTENTS) - {meant})))),
        choices=tuple(draw(st.sets(names, max_size=3))) if got == FALLBACK else (),
        beside=() if got == FALLBACK else tuple(draw(st.sets(names, max_size=2))),
        language=draw(st.sampled_from(("", "en", "pl"))),
        ranking=tuple((name, weight / sum(weights)) for name, weight in zip(ranking, weights, strict=True)),
        annotators=draw(st.sampled_from((("", ""), ("greet", "greet"), ("greet", "ask_jobs")))),
    )


@given(st.lists(any_judged(), max_size=12))
def test_the_outcomes_make_up_the_whole(messages: list[Judged]) -> None:
    found = figures(messages, LIMITS)
    shares = [getattr(found.headline, outcome.value) for outcome in Outcome]
    assert sum(each.hits for each in shares) == len(messages)
    right = (found.headline.right_at_once, found.headline.asked_right, found.headline.beside_right)
    assert found.headline.right.hits == sum(each.hits for each in right)
    for point in found.curve if messages else ():
        whole = sum(getattr(point, outcome.value) for outcome in Outcome)
        assert whole == pytest.approx(1.0, abs=0.0005)
    assert sum(cell.count for cell in found.cells) == len(messages)
    assert sum(row.messages for row in found.intents) == len(messages)
    assert len(found.wrong) == found.headline.wrong.hits
    assert len(found.offered_beside) == found.headline.beside_right.hits
    assert found.headline.likeliest.hits <= found.headline.likeliest_two.hits
    assert found.danger.found.hits + len(found.danger.missed) == found.danger.found.of
    assert 0.0 <= found.headline.macro_f1 <= 1.0


@given(st.lists(any_judged(), min_size=1, max_size=12))
def test_the_present_point_is_the_headline_when_the_model_decided_so(messages: list[Judged]) -> None:
    found = figures(messages, LIMITS)
    [now] = [point for point in found.curve if point.clear == LIMITS.clear]
    assert now.right_at_once == found.headline.right_at_once.share
    assert now.wrong == found.headline.wrong.share


@given(st.lists(any_judged(), max_size=12), st.integers(0, 5))
def test_the_order_of_the_messages_changes_no_figure(messages: list[Judged], shift: int) -> None:
    turned = messages[shift:] + messages[:shift]
    here, there = figures(messages, LIMITS), figures(turned, LIMITS)
    assert (here.headline.macro_f1, here.curve, here.cells) == (
        there.headline.macro_f1,
        there.curve,
        there.cells,
    )
    assert here.danger.found == there.danger.found


# --- against another -------------------------------------------------------------------------------------------------


def test_won_and_lost_are_the_messages_that_only_one_has_right() -> None:
    mine = [
        judged("ask_jobs", "ask_jobs", id="both"),
        judged("ask_jobs", "ask_jobs", id="won"),
        judged("ask_jobs", "greet", id="lost"),
        judged("ask_jobs", FALLBACK, id="asked", choices=("ask_jobs", "greet")),
    ]
    theirs = [
        judged("ask_jobs", "ask_jobs", id="both"),
        judged("ask_jobs", FALLBACK, id="won", choices=("ask_jobs", "greet")),
        judged("ask_jobs", "ask_jobs", id="lost"),
        judged("ask_jobs", "greet", id="asked"),
    ]
    found = compare(mine, "old", figures(theirs, LIMITS).headline, theirs)
    assert [each.id for each in found.won] == ["won"]
    assert [each.id for each in found.lost] == ["lost"]
    assert found.others == {"won": (FALLBACK,), "lost": ("ask_jobs",)}
    assert (found.at_once.won, found.at_once.lost) == (1, 1)
    assert (found.after_a_question.won, found.after_a_question.lost) == (1, 1)
    with pytest.raises(ValueError, match="different messages"):
        compare(mine, "old", found.other_headline, theirs[:2])
