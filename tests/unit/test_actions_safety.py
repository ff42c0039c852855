"""Safety: the numbers come first, nothing is asked, a person is told, and nothing is given away in public."""

from __future__ import annotations

import pytest

from tests.unit.rehearsal import IN_HOURS, OUT_OF_HOURS, play

SAFETY = ["emergency_danger", "self_harm", "safeguarding"]


@pytest.mark.parametrize("now", [IN_HOURS, OUT_OF_HOURS])
@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize("intent", SAFETY)
def test_should_put_it_in_front_of_staff_at_once(intent: str, public: bool, now: str) -> None:
    played = play(intent, public=public, now=now)
    assert played.outcome == "advised_safety"
    assert played.deeds == [{"do": "hand_over", "queue": "safety", "reason": intent, "urgency": "urgent"}]
    assert "999" in (played.text or "")
    assert "?" not in (played.text or "")
    assert "quick_replies" not in played.custom


@pytest.mark.parametrize(
    ("intent", "numbers"),
    [
        ("emergency_danger", ["999", "0800 111 999", "105", "55", "999bsl.co.uk"]),
        ("self_harm", ["999", "116 123", "111", "85258", "0800 1111", "A&E"]),
        ("safeguarding", ["999", "0808 2000 247", "0808 800 5000", "0800 1111", "55"]),
    ],
)
def test_should_name_who_to_call(intent: str, numbers: list[str]) -> None:
    text = play(intent).text or ""
    assert all(number in text for number in numbers)


@pytest.mark.parametrize("intent", SAFETY)
def test_should_say_999_before_it_says_what_it_is(intent: str) -> None:
    text = play(intent).text or ""
    assert text.index("999") < text.index("automated")


@pytest.mark.parametrize("intent", SAFETY)
def test_should_not_say_in_public_what_the_matter_is(intent: str) -> None:
    text = (play(intent, public=True).text or "").lower()
    for word in ("suicid", "self-harm", "abuse", "domestic", "child", "you are", "your "):
        assert word not in text


def test_should_give_samaritans_and_an_invitation_in_public() -> None:
    text = play("self_harm", public=True).text or ""
    assert "116 123" in text and "private message" in text


def test_should_call_the_number_that_is_answered_at_this_hour() -> None:
    assert "01632 960100" in (play("safeguarding").text or "")
    assert "01632 960199" in (play("safeguarding", now=OUT_OF_HOURS).text or "")


def test_should_go_first_when_danger_is_the_second_purpose() -> None:
    played = play("report_tree", purposes=["report_tree", "emergency_danger"], action="action_safety")
    assert played.response == "utter_emergency_danger"


def test_should_fail_loudly_for_anything_else() -> None:
    with pytest.raises(LookupError):
        play("greet", action="action_safety")
