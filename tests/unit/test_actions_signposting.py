"""Signposting: links with the place, numbers that cannot wait, and one question afterwards."""

from __future__ import annotations

import pytest

from tests.unit.rehearsal import IN_HOURS, OUT_OF_HOURS, play


def test_should_link_to_the_form_at_the_postcode_that_was_given() -> None:
    played = play("report_fly_tipping", entities={"postcode": "mr1 2ab"})
    assert "https://report.marlstow.example/around?pc=MR1+2AB&filter_category=Fly-tipping" in (
        played.text or ""
    )
    assert played.slots["postcode"] == "mr1 2ab"
    assert played.slots["last_purpose"] == "report_fly_tipping"


def test_should_remember_the_postcode_of_an_earlier_message() -> None:
    assert "pc=MR1+2AB" in (play("report_pothole", slots={"postcode": "MR1 2AB"}).text or "")


def test_should_link_to_the_street_when_there_is_no_postcode() -> None:
    played = play("report_pothole", entities={"street": "Mill Lane", "area": "Old Town"})
    assert "/around?pc=Mill+Lane%2C+Old+Town&filter_category=Potholes" in (played.text or "")


def test_should_not_put_what_is_no_postcode_into_the_link() -> None:
    played = play("report_pothole", slots={"postcode": "MR1 2AB&filter_category=Noise\u202e"})
    assert "https://report.marlstow.example/?filter_category=Potholes\n" in (played.text or "")


def test_should_not_let_a_long_or_odd_place_change_the_link() -> None:
    text = play("report_pothole", entities={"place": "{place}&x=1 " * 40}).text or ""
    assert "%7Bplace%7D%26x%3D1" in text
    assert "&x=1" not in text


def test_should_say_what_to_have_ready_and_what_comes_back() -> None:
    text = play("report_street_light").text or ""
    assert "Have ready: the place, the number on the lamp post, what is wrong." in text
    assert "If wires show or the post may fall, call 01632 960199." in text
    assert "You get a tracking code." in text


def test_should_ask_once_whether_it_helped() -> None:
    first = play("ask_bin_day")
    assert {"do": "ask_helped"} in first.deeds
    assert first.slots["awaiting"] == "helped" and first.slots["helped_asked"] is True
    assert first.custom["quick_replies"] == [
        {"title": "Yes", "payload": "affirm"},
        {"title": "No", "payload": "deny"},
    ]
    second = play("ask_library", slots=first.slots)
    assert second.deeds == [] and "quick_replies" not in second.custom
    assert second.slots["awaiting"] == "none" and second.slots["helped_asked"] is True


def test_should_not_ask_in_public_nor_in_what_may_follow_in_private() -> None:
    played = play("ask_bin_day", public=True)
    assert played.deeds == []
    assert "quick_replies" not in played.custom
    assert "Did that" not in (played.text or "") + (played.private_text or "")
    assert "https://www.marlstow.example/bins/collection-days" in (played.private_text or "")
    assert "helped_asked" not in played.slots


def test_should_tell_who_a_partner_is_and_how_to_reach_them() -> None:
    text = play("partner_environment_agency").text or ""
    assert (
        "The Environment Agency: call 0800 80 70 60 or see https://www.gov.uk/report-environmental-problem"
        in text
    )
    assert "They are on X as @EnvAgency." in text
    assert "If water puts someone in danger, call 999." in text
    assert "Floodline on 0345 988 1188" in text


def test_should_name_the_emergency_number_in_public_too() -> None:
    text = play("partner_police", public=True).text or ""
    assert "call 101" in text and "call 999" in text


def test_should_answer_two_purposes_in_one_message() -> None:
    played = play(
        "report_pothole", purposes=["report_pothole", "ask_bin_day"], entities={"postcode": "MR1 2AB"}
    )
    text = played.text or ""
    assert text.index("pc=MR1+2AB") < text.index("/bins/collection-days")
    assert text.count("automated reply from") == 1
    assert text.count("Did that tell you") == 1


def test_should_hand_a_complaint_over_that_comes_with_a_report() -> None:
    played = play("report_missed_bin", purposes=["report_missed_bin", "make_complaint"])
    assert played.outcome == "handed_over"
    assert [deed["queue"] for deed in played.deeds] == ["complaints"]
    assert "I have also passed your message to our team. A person will answer by 11am tomorrow." in (
        played.text or ""
    )


def test_should_ask_for_the_code_when_a_report_comes_with_a_question_after_another() -> None:
    played = play("report_pothole", purposes=["report_pothole", "check_report"])
    assert "send me its tracking code" in (played.text or "")
    assert played.slots["awaiting"] == "tracking_code"
    assert played.outcome == "signposted"


def test_should_ignore_courtesies_beside_a_purpose() -> None:
    assert play("report_pothole", purposes=["report_pothole", "thank"]).response == "utter_report"


@pytest.mark.parametrize("now", [IN_HOURS, OUT_OF_HOURS])
def test_should_thank_for_praise(now: str) -> None:
    text = play("give_compliment", now=now).text or ""
    assert "that is kind of you" in text and "/compliments" in text


def test_should_fail_loudly_when_nothing_leads_anywhere() -> None:
    with pytest.raises(LookupError):
        play("greet", action="action_signpost")


def test_should_say_until_when_people_are_there_today() -> None:
    assert "Our team is here until 5pm today." in (play("ask_jobs").text or "")
    assert "Our team is here until" not in (play("ask_jobs", now=OUT_OF_HOURS).text or "")


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-24T07:00:00+00:00", "back today at 9am"),
        ("2026-11-24T19:00:00+00:00", "back tomorrow at 9am"),
        ("2026-11-28T12:00:00+00:00", "back on Monday at 9am"),
        ("2026-12-23T18:00:00+00:00", "back on Monday 4 January 2027 at 9am"),
        ("2026-07-01T22:30:00+00:00", "back tomorrow at 9am"),
        ("2026-07-01T23:30:00+00:00", "back today at 9am"),  # half past midnight in London
    ],
)
def test_should_say_when_people_are_back(now: str, words: str) -> None:
    assert words in (play("ask_jobs", now=now).text or "")
    assert words in (play("ask_jobs", now=now, public=True).text or "")


def test_should_refuse_a_time_without_an_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        play("ask_jobs", now="2026-11-24T11:00:00")
