"""Every intent, in public and in private, in and out of hours: what no reply may ever do."""

from __future__ import annotations

import re

import pytest

from bot.directory import Behaviour, Partner
from bot.text import weighted_length
from tests.unit.rehearsal import IN_HOURS, OUT_OF_HOURS, Played, facts, play

INTENTS = sorted(facts().directory.destinations)
SILENT = {"abuse_of_staff", "advert_or_spam", "party_political"}
CODE, POSTCODE, STREET = "7654321", "MR1 2AB", "Zebedee Terrace"
GIVEN = {"postcode": POSTCODE, "street": STREET, "tracking_code": CODE}
MESSENGER_LIMIT = 2000
SANDBOX = "http://127.0.0.1:8081/report"


def texts(played: Played) -> list[str]:
    return [text for text in (played.text, played.private_text) if text is not None]


@pytest.mark.parametrize("now", [IN_HOURS, OUT_OF_HOURS], ids=["in-hours", "out-of-hours"])
@pytest.mark.parametrize("public", [True, False], ids=["public", "private"])
@pytest.mark.parametrize("disclosed", [True, False], ids=["told", "new"])
@pytest.mark.parametrize("intent", INTENTS)
def test_every_reply_is_whole_and_honest(intent: str, public: bool, now: str, disclosed: bool) -> None:
    played = play(intent, public=public, now=now, entities=GIVEN, slots={"disclosed": disclosed})
    if intent in SILENT:
        assert (played.text, played.private_text) == (None, None)
        assert played.outcome == "withheld_policy"
        return
    assert played.text
    for text in texts(played):
        assert not re.search(r"[{}]", text), text
        assert "None" not in text
        assert text == text.strip()
        assert "\n\n\n" not in text
        assert "  " not in text
        assert ".." not in text
        assert len(text) <= MESSENGER_LIMIT
    if public:
        assert played.text.startswith("Automated reply")
        assert not played.slots["disclosed"] or disclosed
    else:
        assert played.private_text is None
        assert disclosed or "automated" in played.text
        assert played.slots["disclosed"] is True


@pytest.mark.parametrize("reporting", [None, SANDBOX], ids=["real", "sandbox"])
@pytest.mark.parametrize("now", [IN_HOURS, OUT_OF_HOURS], ids=["in-hours", "out-of-hours"])
@pytest.mark.parametrize("intent", [each for each in INTENTS if each not in SILENT])
def test_should_fit_a_post_and_name_nothing_private_in_public(
    intent: str, now: str, reporting: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reporting:
        monkeypatch.setenv("SIGNPOST_REPORTING_URL", reporting)
    remembered = {"postcode": POSTCODE, "place": STREET, "tracking_code": CODE}
    text = play(intent, public=True, now=now, entities=GIVEN, slots=remembered).text
    assert text is not None
    assert weighted_length(text) <= 280, (weighted_length(text), text)
    for private in (CODE, POSTCODE, "MR1+2AB", STREET, "Zebedee"):
        assert private not in text


@pytest.mark.parametrize("intent", [each for each in INTENTS if each not in SILENT])
def test_should_not_repeat_the_disclosure_once_it_has_been_said(intent: str) -> None:
    first = play(intent)
    again = play(intent, slots={"disclosed": first.slots["disclosed"]})
    assert again.text is not None
    assert "To stop automated replies" not in again.text or intent == "bot_question"


@pytest.mark.parametrize("intent", [each for each in INTENTS if each not in SILENT])
def test_should_say_out_of_hours_when_people_are_back(intent: str) -> None:
    text = play(intent, now=OUT_OF_HOURS).text or ""
    quiet = {"thank", "goodbye", "opt_out"}
    assert ("on Monday at 9am" in text) or intent in quiet
    if intent in ("emergency_danger", "self_harm", "safeguarding", "request_human", "make_complaint"):
        assert "01632 960199" in text


@pytest.mark.parametrize("public", [True, False])
@pytest.mark.parametrize(
    "first", [each for each in INTENTS if each.startswith(("report_", "ask_", "partner_"))]
)
def test_should_answer_both_of_two_purposes(first: str, public: bool) -> None:
    seconds = ["ask_bin_day", "report_pothole", "partner_national_highways"]
    for second in (each for each in seconds if each != first):
        played = play(first, public=public, now=OUT_OF_HOURS, purposes=[first, second])
        assert played.text is not None
        if public:
            assert weighted_length(played.text) <= 280
            assert played.text.startswith("Automated reply")
        else:
            assert len(played.text) <= MESSENGER_LIMIT
            assert (facts().directory.page(first) or "") in played.text
            assert (facts().directory.page(second) or "") in played.text


def test_should_give_every_report_a_link_to_its_category() -> None:
    for intent in INTENTS:
        destination = facts().directory[intent]
        if destination.kind == "report":
            text = play(intent, entities={"postcode": "mr1 2ab"}).text or ""
            assert "/around?pc=MR1+2AB&filter_category=" in text
            assert "tracking code" in text


def test_should_never_ask_whether_it_helped_after_an_emergency_number() -> None:
    for intent in INTENTS:
        destination = facts().directory[intent]
        if (isinstance(destination, Partner) and destination.emergency) or isinstance(destination, Behaviour):
            assert {"do": "ask_helped"} not in play(intent).deeds
