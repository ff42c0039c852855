"""Small talk, yes and no, opting out, what the bot is, and what breaks the policy."""

from __future__ import annotations

import pytest

from bot.text import fits
from tests.unit.rehearsal import IN_HOURS, OUT_OF_HOURS, play


def test_should_record_that_it_helped_and_only_thank() -> None:
    played = play("affirm", slots={"awaiting": "helped", "disclosed": True})
    assert played.deeds == [{"do": "record_helped", "helped": True}]
    assert played.outcome == "recorded_feedback"
    assert played.text == "Good to know. Thank you for telling us."
    assert played.slots["awaiting"] == "none"


def test_should_record_that_it_did_not_help_and_offer_a_person() -> None:
    played = play("deny", slots={"awaiting": "helped", "disclosed": True})
    assert played.deeds == [{"do": "record_helped", "helped": False}]
    assert played.slots["awaiting"] == "person"
    assert [each["payload"] for each in played.custom["quick_replies"]] == ["affirm", "deny"]


def test_should_hand_over_when_the_offer_of_a_person_is_taken() -> None:
    refused = play("deny", slots={"awaiting": "helped"})
    played = play("affirm", slots=refused.slots)
    assert played.outcome == "handed_over"
    assert played.deeds == [
        {"do": "hand_over", "queue": "person", "reason": "accepted_offer", "urgency": "normal"}
    ]


def test_should_take_no_for_an_answer() -> None:
    played = play("deny", slots={"awaiting": "person", "disclosed": True})
    assert (played.outcome, played.deeds) == ("small_talk", [])
    assert played.slots["awaiting"] == "none"


@pytest.mark.parametrize("awaiting", ["none", "clarify"])
@pytest.mark.parametrize("intent", ["affirm", "deny"])
def test_should_not_take_a_stray_yes_or_no_for_an_answer(intent: str, awaiting: str) -> None:
    played = play(intent, slots={"awaiting": awaiting})
    assert (played.outcome, played.deeds) == ("small_talk", [])


@pytest.mark.parametrize("awaiting", ["helped", "person", "tracking_code"])
@pytest.mark.parametrize("intent", ["affirm", "deny"])
def test_should_take_nothing_in_public_for_an_answer(intent: str, awaiting: str) -> None:
    played = play(intent, public=True, slots={"awaiting": awaiting})
    assert (played.outcome, played.deeds) == ("small_talk", [])


def test_should_ask_again_for_the_code_after_a_yes_and_give_up_after_a_no() -> None:
    asked = {"awaiting": "tracking_code", "disclosed": True}
    assert play("affirm", slots=asked).slots["awaiting"] == "tracking_code"
    given_up = play("deny", slots=asked)
    assert given_up.response == "utter_no_code" and given_up.slots["awaiting"] == "person"


@pytest.mark.parametrize(
    ("intent", "word"), [("greet", "Hello"), ("thank", "welcome"), ("goodbye", "Goodbye")]
)
def test_should_be_friendly(intent: str, word: str) -> None:
    assert word in (play(intent).text or "")
    assert word.lower() in (play(intent, public=True).text or "").lower()


@pytest.mark.parametrize("public", [True, False])
def test_should_stop_when_asked_and_say_how_to_come_back(public: bool) -> None:
    played = play("opt_out", public=public)
    assert played.outcome == "opted_out"
    assert played.deeds == [{"do": "opt_out"}]
    assert "no more automated replies" in (played.text or "")
    assert 'write "start"' in (played.text or "")
    assert played.private_text is None


def test_should_say_plainly_what_it_is() -> None:
    played = play("bot_question")
    assert played.outcome == "described_itself"
    assert (played.text or "").startswith("I am an automated assistant, not a person.")
    assert played.slots["disclosed"] is True


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize(
    ("intent", "clause"),
    [
        ("abuse_of_staff", "civility"),
        ("advert_or_spam", "advertising"),
        ("party_political", "party_political"),
    ],
)
def test_should_leave_what_breaks_the_policy_to_staff_in_silence(
    intent: str, clause: str, public: bool
) -> None:
    played = play(intent, public=public)
    assert played.text is None and played.private_text is None
    assert played.outcome == "withheld_policy"
    assert played.deeds == [{"do": "finding", "clause": clause, "severity": "flag"}]
    assert not played.slots["disclosed"]


def test_should_fail_loudly_when_nothing_breaks_the_policy() -> None:
    with pytest.raises(LookupError):
        play("greet", action="action_policy")


def test_should_kindly_say_what_it_can_do_instead() -> None:
    played = play("out_of_scope", now=OUT_OF_HOURS)
    assert played.outcome == "out_of_scope"
    assert "council services in Marlstow" in (played.text or "")


@pytest.mark.parametrize("now", [IN_HOURS, OUT_OF_HOURS])
@pytest.mark.parametrize("public", [False, True])
def test_should_say_where_another_council_is_found_when_the_matter_is_elsewhere(
    public: bool, now: str
) -> None:
    named = {"elsewhere": "Leeds", "street": "Kirkgate"}
    played = play("out_of_scope", public=public, now=now, entities=named, slots={"place": "Kirkgate"})
    text = played.text or ""
    assert played.outcome == "out_of_scope" and not played.deeds
    assert "another council" in text and "https://www.gov.uk/find-local-council" in text
    assert "automated" in text.lower() and fits(text, 280 if public else 5000)
    assert "Leeds" not in text and "Kirkgate" not in text
    assert played.slots["place"] is None and played.slots["postcode"] is None
