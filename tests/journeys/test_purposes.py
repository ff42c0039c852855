"""A resident's message gets its answer: signed webhooks in, a trained model, the right words out, on every channel."""

from __future__ import annotations

import pytest

from bot.council import load_council
from bot.directory import load_directory
from bot.environments import ROOT
from tests.running import Running, eventually
from tests.unclear import question_asked

PURPOSES = {
    "someone has dumped a mattress and bin bags in the alley behind our flats": "filter_category=Fly-tipping",
    "broken glass and litter all over the pavement on Mill Lane": "/report",
    "the public litter bin by the park gate is overflowing": "/report",
    "dog poo all over the path outside the school": "/report",
    "somebody has sprayed graffiti on the underpass wall": "/report",
    "illegal posters stuck all over the lampposts on the High Street": "/report",
    "a car has been abandoned on our street for two months, flat tyres and no tax": "/report",
    "massive pothole outside number 12, it has burst my tyre": "/report",
    "the street light outside my house has been out for a week": "/report",
    "the drain is blocked and the road floods every time it rains": "/report",
    "a tree branch is hanging down over the footpath and needs cutting back": "/report",
    "there is a dead fox in the road": "/report",
    "used needles and syringes in the doorway": "/report",
    "my neighbours have loud parties every night until 4am": "/report",
    "there are rats running around our back yard": "/report",
    "my recycling bin was not collected this morning": "/report",
    "which bin goes out this week?": "marlstow.example",
    "how do I pay my council tax and can I get a single person discount": "marlstow.example",
    "I want to apply for a blue badge": "gov.uk",
    "how do I renew my resident parking permit": "marlstow.example",
    "I got a parking ticket and want to appeal": "marlstow.example",
    "how do I register a birth": "marlstow.example",
    "when is the library open on Saturday": "marlstow.example",
    "how do I apply for a school place for September": "marlstow.example",
    "how do I register to vote": "",
    "where can I look at a planning application": "marlstow.example",
    "there is a power cut in our street": "105",
    "water main burst and leaking in the street": "Water",
    "I need to renew my passport": "gov.uk",
    "can I book a slot at the tip": "marlstow.example",
    "I need to get rid of an old sofa, can you collect it from my house": "marlstow.example",
}


@pytest.mark.parametrize("said", list(PURPOSES))
@pytest.mark.parametrize("hours", ["by_day", "by_night"])
def test_should_send_a_resident_to_the_right_place(
    request: pytest.FixtureRequest, hours: str, said: str
) -> None:
    """Each purpose by all four ways: a message and a mention on X, a message and a comment on Facebook."""
    running: Running = request.getfixturevalue(hours)
    private, public = ("x", "facebook") if hours == "by_day" else ("facebook", "x")
    for platform, visibility in ((private, "private"), (public, "public")):
        answer = running.ask(platform, visibility, said)
        assert PURPOSES[said] in answer, f"{platform} {visibility}: {answer}"
        assert "automated" in answer.casefold()
        assert "{" not in answer


@pytest.mark.parametrize("platform", ["x", "facebook"])
@pytest.mark.parametrize("said", ["someone has dumped a mattress in the alley behind Mill Lane MR1 2AB"])
def test_should_answer_a_public_mention_briefly_and_name_nothing_private(
    by_day: Running, platform: str, said: str
) -> None:
    answer = by_day.ask(platform, "public", said)
    assert "/report" in answer
    assert "automated" in answer.casefold()
    assert "MR1 2AB" not in answer and "MR1+2AB" not in answer and "Mill Lane" not in answer


def test_should_fill_the_postcode_into_the_link_of_a_private_answer(by_day: Running) -> None:
    answer = by_day.ask("facebook", "private", "sofa dumped on the corner by MR1 2AB")
    assert "pc=MR1+2AB" in answer or "pc=MR1%202AB" in answer


def test_should_answer_both_purposes_of_a_message(by_day: Running) -> None:
    said = "There is a huge pothole on Mill Lane. Also my recycling bin was not collected this morning."
    answer = by_day.ask("x", "private", said)
    assert "pothole" in answer.casefold()
    assert "bin" in answer.casefold()


def test_should_say_that_it_is_automated_once_in_a_conversation(by_day: Running) -> None:
    person = "jo_once"
    first = by_day.ask("facebook", "private", "massive pothole on Mill Lane", person)
    second = by_day.ask("facebook", "private", "the street light outside is out too", person)
    assert "automated" in first.casefold()
    assert "automated" not in second.casefold()


def test_should_say_when_people_are_back_out_of_hours(by_night: Running) -> None:
    answer = by_night.ask("x", "private", "I want to make a complaint about how the council treated me")
    assert "Monday 4 January 2027" in answer
    [case] = [case for case in by_night.cases() if case["queue"] == "complaints"]
    assert case["due"] == "2027-01-05 09:00"


def test_should_give_the_number_to_call_in_an_emergency_at_any_hour(by_night: Running) -> None:
    before = {case["case"] for case in by_night.cases()}
    for platform, visibility in (
        ("x", "private"),
        ("facebook", "private"),
        ("x", "public"),
        ("facebook", "public"),
    ):
        answer = by_night.ask(
            platform, visibility, "help the house next door is on fire and people are inside"
        )
        assert "999" in answer
    opened = [case for case in by_night.cases() if case["case"] not in before]
    assert [case["urgency"] for case in opened] == ["urgent"] * 4
    assert by_night.cases()[0]["urgency"] == "urgent"


def test_should_hand_a_complaint_to_a_person_and_then_be_silent(by_day: Running) -> None:
    person = "cross_carol"
    answer = by_day.ask("facebook", "private", "I want to make a formal complaint about your staff", person)
    assert "complain" in answer.casefold()
    by_day.say("facebook", "private", person, "there is also a pothole on Mill Lane")
    by_day.ask("facebook", "private", "massive pothole on Mill Lane", "somebody_else_1")
    assert len(by_day.answers("facebook", "private", person)) == 1
    assert [case["person"] for case in by_day.cases() if case["queue"] == "complaints"] != []


def test_should_ask_once_when_unclear_and_then_hand_over(by_day: Running) -> None:
    directory = load_directory(
        load_council(ROOT / "council.yml"), ROOT / "data" / "directory.yml", ROOT / "domain.yml"
    )
    person = "unclear_una"
    before = {case["case"] for case in by_day.cases()}
    by_day.ask("facebook", "private", question_asked(by_day, directory).said, person)
    second = by_day.ask("facebook", "private", "", person, attachments=["blurred.jpg"])
    assert "person" in second.casefold() or "team" in second.casefold()
    assert [case["queue"] for case in by_day.cases() if case["case"] not in before] == ["unclear"]


def test_should_tell_how_a_report_is_getting_on(by_day: Running) -> None:
    report = by_day.control(
        "POST", "report", {"service_code": "fly-tipping", "title": "Sofa in the alley", "place": "Mill Lane"}
    )
    person = "tracker_tom"
    asked = by_day.ask("x", "private", "what is happening with my report?", person)
    assert "code" in asked.casefold()
    told = by_day.ask("x", "private", f"it is {report['id']}", person)
    assert str(report["id"]) in told
    assert "open" in told.casefold() or "fly-tipping" in told.casefold()


def test_should_not_tell_a_reports_progress_in_public(by_day: Running) -> None:
    report = by_day.control(
        "POST", "report", {"service_code": "fly-tipping", "title": "Sofa", "place": "Mill Lane"}
    )
    answer = by_day.ask("x", "public", f"any news on my report {report['id']}?")
    assert str(report["id"]) not in answer
    assert "message" in answer.casefold()


def test_should_say_kindly_that_a_code_is_unknown(by_day: Running) -> None:
    answer = by_day.ask("facebook", "private", "what is happening with my report 9999999")
    assert "9999999" in answer or "find" in answer.casefold()


def test_should_take_yes_and_no_as_the_answer_to_did_that_help(by_day: Running) -> None:
    person = "helped_hal"
    first = by_day.ask("facebook", "private", "massive pothole on Mill Lane has burst my tyre", person)
    assert "yes or no" in first.casefold()
    thread = by_day.thread("facebook", "private", person)
    assert [button["payload"] for button in thread[-1]["quick_replies"]] == ["affirm", "deny"]
    thanks = by_day.ask("facebook", "private", "Yes", person, quick_reply="affirm")
    assert "thank" in thanks.casefold()


def test_should_stop_when_asked_to_and_come_back_on_start(by_day: Running) -> None:
    person = "quiet_quentin"
    by_day.ask("x", "private", "stop sending me automated messages", person)
    by_day.say("x", "private", person, "massive pothole on Mill Lane")
    by_day.ask("x", "private", "massive pothole on Mill Lane", "somebody_else_2")
    assert len(by_day.answers("x", "private", person)) == 1


def test_should_fall_silent_when_a_colleague_answers_in_the_platforms_own_inbox(by_day: Running) -> None:
    person = "inbox_ines"
    by_day.ask("facebook", "private", "massive pothole on Mill Lane", person)
    delivered = "deliveries?platform=facebook&state=delivered"
    before = len(by_day.control("GET", delivered))
    said = {"platform": "facebook", "visibility": "private", "person": person, "text": "Hello, Priya here"}
    by_day.control("POST", "colleague_reply", said)
    eventually(lambda: len(by_day.control("GET", delivered)) > before)
    by_day.say("facebook", "private", person, "and the street light is out")
    by_day.ask("facebook", "private", "massive pothole on Mill Lane", "somebody_else_3")
    assert len(by_day.answers("facebook", "private", person)) == 2


def test_should_not_answer_another_program(by_day: Running) -> None:
    by_day.say("x", "private", "robo_rob", "massive pothole on Mill Lane", automated=True)
    by_day.ask("x", "private", "massive pothole on Mill Lane", "somebody_else_4")
    assert by_day.answers("x", "private", "robo_rob") == []
