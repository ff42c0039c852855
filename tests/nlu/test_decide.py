"""Which intent is acted on, and when a message has two purposes."""

from __future__ import annotations

from bot.nlu.decide import FALLBACK, Thresholds, decide
from bot.nlu.purposes import choose_purposes, may_have_two, split_parts

LIMITS = Thresholds(clear=0.4, safety=0.25, safety_rank=2, policy=0.6, purpose=0.55)


def test_should_take_a_clear_intent() -> None:
    assert decide([("report_tree", 0.7), ("ask_jobs", 0.1)], LIMITS) == ("report_tree", 0.7)


def test_should_ask_back_when_nothing_is_clear() -> None:
    assert decide([("report_tree", 0.3), ("ask_jobs", 0.2)], LIMITS) == (FALLBACK, 0.3)


def test_should_take_danger_at_little_confidence_even_in_second_place() -> None:
    assert decide([("report_tree", 0.5), ("self_harm", 0.26)], LIMITS) == ("self_harm", 0.26)
    assert decide([("report_tree", 0.5), ("ask_jobs", 0.3), ("self_harm", 0.2)], LIMITS) == (
        "report_tree",
        0.5,
    )
    assert decide([("report_tree", 0.5), ("self_harm", 0.15), ("safeguarding", 0.12)], LIMITS) == (
        "self_harm",
        0.15,
    )


def test_should_not_fall_silent_without_being_sure() -> None:
    assert decide([("abuse_of_staff", 0.5), ("report_tree", 0.45)], LIMITS) == ("report_tree", 0.45)
    assert decide([("abuse_of_staff", 0.5), ("report_tree", 0.2)], LIMITS) == (FALLBACK, 0.5)
    assert decide([("abuse_of_staff", 0.8), ("report_tree", 0.1)], LIMITS) == ("abuse_of_staff", 0.8)


def test_should_divide_where_another_matter_begins() -> None:
    assert split_parts("my street light is out. Also when is my bin day?") == [
        "my street light is out",
        "when is my bin day",
    ]
    assert split_parts("there is a pothole on the road and when is bin day please") == [
        "there is a pothole on the road",
        "when is bin day please",
    ]
    assert split_parts("St. Mary's at 10.30 is muddy") == ["St. Mary's at 10.30 is muddy"]
    assert split_parts("") == []


WHOLE = [("report_street_light", 0.5), ("ask_bin_day", 0.4), ("report_tree", 0.05)]


def test_should_answer_two_clear_purposes_main_first() -> None:
    parts = [("report_street_light", 0.8), ("ask_bin_day", 0.9)]
    assert choose_purposes("ask_bin_day", WHOLE, parts, LIMITS) == ("ask_bin_day", "report_street_light")


def test_should_answer_one_purpose_when_the_other_part_is_not_clear_or_is_courtesy() -> None:
    assert choose_purposes(
        "ask_bin_day", WHOLE, [("report_street_light", 0.5), ("ask_bin_day", 0.9)], LIMITS
    ) == ("ask_bin_day",)
    assert choose_purposes("ask_bin_day", WHOLE, [("thank", 0.9), ("ask_bin_day", 0.9)], LIMITS) == (
        "ask_bin_day",
    )


def test_should_put_danger_first() -> None:
    whole = [("ask_bin_day", 0.6), ("report_tree", 0.2), ("self_harm", 0.1)]
    assert choose_purposes("ask_bin_day", whole, [("ask_bin_day", 0.8), ("self_harm", 0.6)], LIMITS) == (
        "self_harm",
        "ask_bin_day",
    )


def test_should_have_no_purpose_when_asking_back() -> None:
    assert choose_purposes(FALLBACK, [("a", 0.2), ("b", 0.1)], [("a", 0.3), ("b", 0.3)], LIMITS) == ()


def test_should_look_for_a_second_purpose_unless_all_but_sure_of_one_and_of_no_danger() -> None:
    assert may_have_two("", [("ask_bin_day", 0.8), ("report_tree", 0.1)])
    assert not may_have_two("", [("ask_bin_day", 0.9), ("report_tree", 0.05)])
    assert may_have_two("", [("ask_bin_day", 0.9), ("self_harm", 0.03)])
