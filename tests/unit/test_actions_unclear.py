"""What is not understood: asked about once, handed over the second time on end."""

from __future__ import annotations

import pytest

from tests.unit.rehearsal import play


@pytest.mark.parametrize("public", [True, False])
def test_should_ask_once_to_put_it_another_way(public: bool) -> None:
    played = play("out_of_scope", action="action_unclear", public=public)
    assert played.outcome == "clarified"
    assert played.deeds == []
    assert (played.slots["unclear_count"], played.slots["awaiting"]) == (1.0, "clarify")


@pytest.mark.parametrize("public", [True, False])
def test_should_hand_over_the_second_time_on_end(public: bool) -> None:
    first = play("out_of_scope", action="action_unclear", public=public)
    second = play("out_of_scope", action="action_unclear", public=public, slots=first.slots)
    assert second.outcome == "handed_over"
    assert second.deeds == [
        {
            "do": "hand_over",
            "queue": "unclear",
            "reason": "not_understood_twice",
            "urgency": "normal",
            "about": "t-1",
        }
    ]
    assert "A person will answer by 11am tomorrow." in (second.text or "")
    assert second.slots["unclear_count"] == 0.0


@pytest.mark.parametrize("public", [True, False])
def test_should_ask_for_words_when_there_is_only_a_picture(public: bool) -> None:
    played = play("out_of_scope", action="action_unclear", public=public, text="📷")
    assert played.outcome == "clarified"
    assert "cannot see pictures" in (played.text or "")


def test_should_begin_again_after_a_clear_turn() -> None:
    first = play("out_of_scope", action="action_unclear")
    between = play("ask_bin_day", slots=first.slots)
    assert between.slots["unclear_count"] == 0.0
    assert play("out_of_scope", action="action_unclear", slots=between.slots).outcome == "clarified"


def test_should_hand_over_without_an_earlier_message_when_none_is_known() -> None:
    second = play("out_of_scope", action="action_unclear", slots={"unclear_count": 1.0})
    assert "about" not in second.deeds[0]


def test_should_hand_over_the_second_time_on_end_also_when_the_second_leaves_a_choice() -> None:
    first = play("out_of_scope", action="action_unclear")
    choices = ["report_pothole", "report_pavement"]
    assert (
        play("nlu_fallback", action="action_unclear", slots=first.slots, choices=choices).outcome
        == "handed_over"
    )


def test_should_give_examples_of_what_it_understands() -> None:
    assert "pothole" in (play("out_of_scope", action="action_unclear").text or "")


def test_should_read_a_count_that_came_back_as_text_or_nothing() -> None:
    assert play("greet", action="action_unclear", slots={"unclear_count": None}).outcome == "clarified"
    assert play("greet", action="action_unclear", slots={"unclear_count": 1.0}).outcome == "handed_over"
