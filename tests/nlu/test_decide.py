"""Which intent is acted on, between which the bot asks, and when a message has two purposes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.decide import (
    ANSWERED_ALONE,
    BESIDE_AT_MOST,
    CHOICES_AT_MOST,
    FALLBACK,
    NOT_OFFERED,
    POLICY,
    SAFETY,
    Decision,
    Thresholds,
    decide,
)
from bot.nlu.purposes import choose_purposes, may_have_two, split_parts

LIMITS = Thresholds(
    clear=0.4,
    safety=0.25,
    safety_rank=2,
    policy=0.6,
    purpose=0.55,
    choice=0.08,
    choices_together=0.45,
    sure=0.4,
)
DOUBTING = replace(LIMITS, sure=0.85, beside=0.05)
INTENTS = ("report_tree", "report_noise", "ask_jobs", "ask_library", "thank", *sorted(POLICY | SAFETY))


def test_should_take_a_clear_intent() -> None:
    assert decide([("report_tree", 0.7), ("ask_jobs", 0.1)], LIMITS) == Decision("report_tree", 0.7)


def test_should_ask_back_when_nothing_is_clear() -> None:
    assert decide([("report_tree", 0.3), ("ask_jobs", 0.1)], LIMITS) == Decision(FALLBACK, 0.3)


def test_should_take_danger_at_little_confidence_even_in_second_place() -> None:
    assert decide([("report_tree", 0.5), ("self_harm", 0.26)], LIMITS) == Decision("self_harm", 0.26)
    far = [("report_tree", 0.5), ("ask_jobs", 0.3), ("self_harm", 0.2)]
    assert decide(far, LIMITS) == Decision("report_tree", 0.5)
    together = [("report_tree", 0.5), ("self_harm", 0.15), ("safeguarding", 0.12)]
    assert decide(together, LIMITS) == Decision("self_harm", 0.15)


def test_should_not_fall_silent_without_being_sure() -> None:
    clear = [("abuse_of_staff", 0.5), ("report_tree", 0.45)]
    assert decide(clear, LIMITS) == Decision("report_tree", 0.45)
    unclear = [("abuse_of_staff", 0.5), ("report_tree", 0.2)]
    assert decide(unclear, LIMITS) == Decision(FALLBACK, 0.5)
    sure = [("abuse_of_staff", 0.8), ("report_tree", 0.1)]
    assert decide(sure, LIMITS) == Decision("abuse_of_staff", 0.8)


def test_should_ask_which_of_the_close_ones_is_meant_likeliest_first() -> None:
    two = [("report_tree", 0.35), ("ask_jobs", 0.3), ("report_noise", 0.05)]
    assert decide(two, LIMITS) == Decision(FALLBACK, 0.35, ("report_tree", "ask_jobs"))
    four = [("report_tree", 0.3), ("ask_jobs", 0.2), ("report_noise", 0.15), ("ask_library", 0.14)]
    assert decide(four, LIMITS).choices == ("report_tree", "ask_jobs", "report_noise")


@pytest.mark.parametrize(
    "ranking",
    [
        [("report_tree", 0.39), ("ask_jobs", 0.07), ("report_noise", 0.07)],  # one alone is no choice
        [("report_tree", 0.2), ("ask_jobs", 0.14), ("report_noise", 0.1)],  # too often it is none of them
    ],
)
def test_should_not_offer_a_choice_that_is_none(ranking: list[tuple[str, float]]) -> None:
    assert decide(ranking, LIMITS).choices == ()


@pytest.mark.parametrize("never", sorted(NOT_OFFERED))
def test_should_offer_the_next_one_instead_of_what_nobody_is_asked(never: str) -> None:
    ranking = [("report_tree", 0.3), (never, 0.28), ("ask_jobs", 0.2)]
    assert decide(ranking, LIMITS).choices == ("report_tree", "ask_jobs")


def test_should_offer_a_matter_of_safety_that_is_too_unlikely_to_act_on() -> None:
    ranking = [("report_noise", 0.35), ("report_tree", 0.2), ("safeguarding", 0.1)]
    assert decide(ranking, LIMITS).choices == ("report_noise", "report_tree", "safeguarding")


@given(st.lists(st.integers(0, 100), min_size=len(INTENTS), max_size=len(INTENTS)).filter(sum))
def test_should_offer_two_or_three_close_ones_and_only_when_nothing_is_clear(weights: list[int]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    ranking = sorted(zip(INTENTS, shares, strict=True), key=lambda each: -each[1])
    decision = decide(ranking, LIMITS)
    assert decision.confidence in shares
    if decision.choices:
        likely = dict(ranking)
        named = [likely[intent] for intent in decision.choices]
        assert decision.intent == FALLBACK
        assert 2 <= len(named) <= CHOICES_AT_MOST
        assert named == sorted(named, reverse=True)
        assert min(named) >= LIMITS.choice and sum(named) >= LIMITS.choices_together
        assert not set(decision.choices) & NOT_OFFERED


def test_should_name_the_next_likeliest_beside_what_it_is_not_sure_of() -> None:
    ranking = [("report_tree", 0.7), ("ask_jobs", 0.15), ("report_noise", 0.08), ("ask_library", 0.06)]
    assert decide(ranking, DOUBTING) == Decision("report_tree", 0.7, beside=("ask_jobs", "report_noise"))
    assert decide(ranking, replace(DOUBTING, beside=0.1)).beside == ("ask_jobs",)
    assert decide(ranking, replace(DOUBTING, beside=0.2)).beside == ()


@pytest.mark.parametrize(("confidence", "beside"), [(0.84, ("ask_jobs",)), (0.85, ()), (0.9, ())])
def test_should_name_nothing_beside_what_is_sure(confidence: float, beside: tuple[str, ...]) -> None:
    assert decide([("report_tree", confidence), ("ask_jobs", 0.1)], DOUBTING).beside == beside


@pytest.mark.parametrize("alone", sorted(ANSWERED_ALONE))
def test_should_name_nothing_beside_danger_courtesy_or_a_person(alone: str) -> None:
    decision = decide([(alone, 0.7), ("ask_jobs", 0.2)], DOUBTING)
    assert (decision.intent, decision.beside) == (alone, ())


@pytest.mark.parametrize("never", sorted(NOT_OFFERED))
def test_should_name_the_next_one_beside_instead_of_what_nobody_is_asked(never: str) -> None:
    ranking = [("report_tree", 0.6), (never, 0.2), ("ask_jobs", 0.1)]
    assert decide(ranking, DOUBTING).beside == ("ask_jobs",)


def test_should_name_others_beside_what_is_likeliest_after_a_policy_intent() -> None:
    ranking = [("abuse_of_staff", 0.45), ("report_tree", 0.43), ("ask_jobs", 0.12)]
    assert decide(ranking, DOUBTING) == Decision("report_tree", 0.43, beside=("ask_jobs",))


@given(st.lists(st.integers(0, 100), min_size=len(INTENTS), max_size=len(INTENTS)).filter(sum))
def test_should_name_one_or_two_others_beside_only_what_is_clear_but_not_sure(weights: list[int]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    ranking = sorted(zip(INTENTS, shares, strict=True), key=lambda each: -each[1])
    decision, calm = decide(ranking, DOUBTING), decide(ranking, LIMITS)
    assert replace(decision, beside=()) == calm
    if decision.beside:
        likely = dict(ranking)
        named = [likely[intent] for intent in decision.beside]
        assert DOUBTING.clear <= decision.confidence < DOUBTING.sure
        assert len(named) <= BESIDE_AT_MOST
        assert named == sorted(named, reverse=True) and min(named) >= DOUBTING.beside
        assert not {decision.intent} & {*decision.beside, *ANSWERED_ALONE}
        assert not set(decision.beside) & NOT_OFFERED and not decision.choices


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
