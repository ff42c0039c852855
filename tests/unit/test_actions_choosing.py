"""Asking which of two or three purposes is meant: the words, the taps, what is remembered, and how it ends."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from bot.channels.facebook import QUICK_REPLY_TITLE
from bot.text import weighted_length
from tests.unit.rehearsal import IN_HOURS, OUT_OF_HOURS, Played, facts, play

SIGNPOSTED = sorted(
    intent
    for intent, destination in facts().directory.destinations.items()
    if destination.kind != "behaviour" and intent != "give_compliment"
)

TWO = ("report_fly_tipping", "report_street_litter")
THREE = (*TWO, "report_missed_bin")
CHOICES = facts().directory.choices
OFFERED = [
    *pairwise(sorted(CHOICES)),
    *zip(sorted(CHOICES), sorted(CHOICES)[7:], sorted(CHOICES)[23:], strict=False),
]
QUESTION_SLOTS = ("awaiting", "unclear_count", "choices", "asked_about")


def asked(*choices: str, **more: object) -> Played:
    return play("nlu_fallback", action="action_unclear", choices=choices, **more)  # type: ignore[arg-type]


def test_the_question_names_each_in_plain_words_with_its_number() -> None:
    played = asked(*THREE, slots={"disclosed": True})
    assert played.outcome == "clarified"
    assert played.text == (
        "I want to send you to the right place. Is it about one of these?\n\n"
        "1. Dumped rubbish: bags, furniture or other waste left in a public place\n"
        "2. Litter on a street: litter, leaves or glass that needs sweeping up\n"
        "3. Missed bin: your bin was not emptied\n\n"
        'Please answer with its number. If it is none of these, write "none" and a person will answer.'
    )
    assert played.custom["offered"] == list(THREE)
    assert played.deeds == []


def test_each_has_a_tap_and_so_has_none_of_them_and_both_of_two() -> None:
    assert asked(*TWO).taps == [
        ("Dumped rubbish", "choose:report_fly_tipping"),
        ("Litter on a street", "choose:report_street_litter"),
        ("Both", "choose:report_fly_tipping,report_street_litter"),
        ("None of these", "choose:"),
    ]
    assert 'write "both"' in (asked(*TWO).text or "")
    assert [title for title, _ in asked(*THREE).taps] == [
        "Dumped rubbish", "Litter on a street", "Missed bin", "None of these",
    ]  # fmt: skip
    assert 'write "both"' not in (asked(*THREE).text or "")


@pytest.mark.parametrize("now", [IN_HOURS, OUT_OF_HOURS], ids=["in-hours", "out-of-hours"])
@pytest.mark.parametrize("offers", OFFERED, ids=" ".join)
def test_every_question_is_whole_honest_and_short_enough(offers: tuple[str, ...], now: str) -> None:
    private, public = asked(*offers, now=now), asked(*offers, now=now, public=True)
    for text in (private.text or "", public.text or "", public.private_text or ""):
        assert "utomated" in text
        assert not re.search(r"[{}]|\n\n\n|  |None\b(?! of these)", text), text
        assert text == text.strip()
        assert len(text) <= 2000
    assert weighted_length(public.text or "") <= 280
    assert (public.text or "").startswith("Automated reply")
    assert public.private_text == private.text
    assert public.taps == private.taps
    assert all(len(title) <= QUICK_REPLY_TITLE for title, _ in private.taps)
    for intent in offers:
        assert CHOICES[intent].label not in (public.text or "") or len(CHOICES[intent].label) < 7


def test_what_was_offered_and_about_which_message_is_remembered() -> None:
    played = asked(*TWO, entities={"street": "Mill Lane"})
    assert (played.slots["awaiting"], played.slots["unclear_count"], played.slots["asked_about"]) == (
        "clarify",
        1.0,
        "t-1",
    )
    assert played.slots["choices"] == [
        {"intent": intent, "label": CHOICES[intent].label, "clause": CHOICES[intent].clause} for intent in TWO
    ]


def test_in_public_the_question_is_for_the_private_conversation_with_all_that_is_known() -> None:
    given = {"street": "Zebedee Terrace", "postcode": "MR1 2AB", "tracking_code": "7654321"}
    played = asked(*TWO, public=True, entities=given)
    assert (played.slots["awaiting"], played.slots["choices"], played.slots["unclear_count"]) == (
        "none",
        None,
        1.0,
    )
    told = played.custom["private_slots"]
    assert (told["place"], told["postcode"], told["tracking_code"]) == (
        "Zebedee Terrace",
        "MR1 2AB",
        "7654321",
    )
    assert (told["awaiting"], told["unclear_count"], told["asked_about"]) == ("clarify", 1.0, "t-1")
    assert [each["intent"] for each in told["choices"]] == list(TWO)
    assert told["disclosed"] is True
    assert not any(private in (played.text or "") for private in given.values())
    assert "place" not in asked(*TWO, public=True).custom["private_slots"]


@pytest.mark.parametrize("danger", ["emergency_danger", "self_harm", "safeguarding"])
@pytest.mark.parametrize("public", [True, False])
def test_whom_to_call_comes_first_when_danger_is_among_them(danger: str, public: bool) -> None:
    played = asked("report_noise", danger, public=public, slots={"disclosed": True})
    text = (played.text or "").removeprefix("Automated reply. ")
    assert text.startswith("If anyone is in danger or a life is at risk, call 999 now.")
    assert "999" not in (asked(*TWO, public=public).text or "")


def test_it_asks_for_other_words_when_fewer_than_two_can_be_offered() -> None:
    for choices in (
        [],
        ["report_pothole"],
        ["report_pothole", "greet"],
        ["no_such", "nor_such"],
        ["report_pothole"] * 2,
    ):
        played = asked(*choices)
        assert played.response == "utter_clarify"
        assert played.slots["choices"] is None and "offered" not in played.custom


def test_the_answer_after_a_choice_is_as_if_it_had_been_understood_at_once() -> None:
    slots = asked(*TWO, entities={"postcode": "MR1 2AB"}).slots | {"postcode": "MR1 2AB"}
    chosen = play("report_fly_tipping", slots=slots, text="1", chosen_from=TWO)
    at_once = play("report_fly_tipping", slots={"disclosed": True}, entities={"postcode": "MR1 2AB"})
    assert chosen.text == at_once.text
    assert chosen.outcome == "signposted"
    assert (chosen.slots["choices"], chosen.slots["asked_about"], chosen.slots["unclear_count"]) == (
        None,
        None,
        0.0,
    )


def test_both_are_answered() -> None:
    played = play("report_fly_tipping", purposes=TWO, slots=asked(*TWO).slots, chosen_from=TWO)
    for intent in TWO:
        assert facts().directory.report_link(intent) in (played.text or "")


def test_none_of_them_goes_to_a_person_with_the_message_that_it_is_about() -> None:
    slots = dict(asked(*TWO).slots) | {"asked_about": "turn-000000000007"}
    played = play("nlu_fallback", action="action_unclear", text="none", slots=slots, chosen_from=TWO)
    assert played.outcome == "handed_over"
    assert played.deeds == [
        {
            "do": "hand_over",
            "queue": "unclear",
            "reason": "none_of_the_choices",
            "urgency": "normal",
            "about": "turn-000000000007",
        }
    ]
    assert (played.text or "").startswith(
        "I have passed this to our team. A person will answer by 11am tomorrow."
    )
    assert played.slots["awaiting"] == "none" and played.slots["choices"] is None


def test_a_mere_yes_is_asked_once_which_and_then_goes_to_a_person() -> None:
    first = asked(*TWO)
    again = play("affirm", slots=first.slots, text="yes")
    assert again.outcome == "clarified"
    assert (again.text or "").startswith("Which one do you mean?\n\n1. Dumped rubbish: ")
    assert again.taps == first.taps
    assert again.slots["choices"] == first.slots["choices"] and again.slots["asked_about"] == "t-1"
    third = play("affirm", slots=again.slots, text="yes")
    assert third.outcome == "handed_over"
    assert [deed["queue"] for deed in third.deeds] == ["unclear"]


def test_no_thank_you_ends_it() -> None:
    played = play("deny", slots=asked(*TWO).slots, text="no thanks")
    assert (played.outcome, played.deeds, played.response) == ("small_talk", [], "utter_no_person")
    assert [played.slots[name] for name in QUESTION_SLOTS] == ["none", 0.0, None, None]


@pytest.mark.parametrize("intent", ["greet", "thank", "goodbye", "bot_question"])
def test_the_question_stands_while_courtesies_are_exchanged(intent: str) -> None:
    first = asked(*TWO)
    between = play(intent, slots=first.slots)
    assert [between.slots[name] for name in QUESTION_SLOTS] == [first.slots[name] for name in QUESTION_SLOTS]


def test_another_clear_message_ends_it() -> None:
    between = play("ask_bin_day", slots=asked(*TWO).slots)
    assert [between.slots[name] for name in QUESTION_SLOTS] == ["helped", 0.0, None, None]


@pytest.mark.parametrize("kept", [None, "nonsense", ["nonsense"], [{"label": "x"}], {"intent": "x"}])
def test_a_question_that_was_kept_wrongly_is_none(kept: object) -> None:
    played = play("affirm", slots={"awaiting": "clarify", "choices": kept})
    assert (played.outcome, played.response) == ("small_talk", "utter_ready")


# --- offered beside an answer ----------------------------------------------------------------------------------------


def unsure(intent: str = "report_missed_bin", *beside: str, **more: object) -> Played:
    return play(intent, beside=beside or TWO, **more)  # type: ignore[arg-type]


def test_an_answer_that_is_not_sure_ends_with_what_else_may_be_meant() -> None:
    told = {"disclosed": True, "helped_asked": True}
    sure, played = play("report_missed_bin", slots=told), unsure(slots=told)
    line = 'Not what you meant? Write 1 for "Dumped rubbish" or 2 for "Litter on a street".'
    assert played.text == f"{sure.text}\n\n{line}"
    assert played.outcome == "signposted"
    assert played.taps == [
        ("Dumped rubbish", "choose:report_fly_tipping"),
        ("Litter on a street", "choose:report_street_litter"),
    ]
    assert played.custom["offered"] == list(TWO)
    one = unsure("report_missed_bin", "ask_bin_day", slots=told)
    assert (one.text or "").endswith('\n\nNot what you meant? Write 1 for "Bin days".')
    assert one.taps == [("Bin days", "choose:ask_bin_day")]


def test_what_was_offered_beside_is_remembered_and_nothing_is_awaited() -> None:
    slots = unsure().slots
    assert (slots["awaiting"], slots["unclear_count"], slots["asked_about"]) == ("none", 0.0, "t-1")
    assert slots["choices"] == asked(*TWO).slots["choices"]
    assert slots["last_purpose"] == "report_missed_bin"


def test_it_does_not_ask_as_well_whether_that_helped_but_does_so_the_next_time() -> None:
    first = unsure()
    assert first.deeds == [] and "yes or no" not in (first.text or "")
    chosen = play("report_fly_tipping", slots=first.slots, chosen_from=TWO)
    assert {"do": "ask_helped"} in chosen.deeds
    assert chosen.slots["choices"] is None


@pytest.mark.parametrize("now", [IN_HOURS, OUT_OF_HOURS], ids=["in-hours", "out-of-hours"])
@pytest.mark.parametrize("intent", SIGNPOSTED)
def test_every_answer_with_others_beside_is_whole_and_short_enough(intent: str, now: str) -> None:
    longest = sorted(CHOICES, key=lambda each: -len(CHOICES[each].label))
    others = tuple(each for each in longest if each != intent)[:2]
    for beside in (others, others[:1], ("emergency_danger", others[0])):
        played = unsure(intent, *beside, now=now, entities={"postcode": "MR1 2AB"})
        text = played.text or ""
        assert len(text) <= 2000
        assert "automated" in text
        assert not re.search(r"[{}]|\n\n\n|  |None\b", text), text
        assert text.splitlines()[-1].endswith(f'"{CHOICES[beside[-1]].label}".')
        assert all(len(title) <= QUICK_REPLY_TITLE for title, _ in played.taps)


def test_whom_to_call_comes_before_danger_that_is_offered_beside() -> None:
    played = unsure("report_noise", "safeguarding")
    assert (played.text or "").splitlines()[-1] == (
        "If anyone is in danger or a life is at risk, call 999 now. "
        'Not what you meant? Write 1 for "Abuse or neglect".'
    )


@pytest.mark.parametrize(
    "played",
    [
        unsure(public=True),
        unsure(chosen_from=("report_missed_bin", *TWO)),
        unsure(purposes=["report_missed_bin", "report_pothole"]),
        unsure(purposes=["report_missed_bin", "make_complaint"]),
        unsure(purposes=["report_missed_bin", "check_report"]),
        unsure("check_report"),
        unsure("make_complaint"),
        unsure("request_human"),
        unsure("emergency_danger"),
        unsure("thank"),
        unsure("opt_out"),
        unsure("out_of_scope"),
        unsure("report_missed_bin", "greet", "no_such"),
    ],
)
def test_nothing_is_offered_beside_other_answers_nor_in_public_nor_after_a_choice(played: Played) -> None:
    for text in (played.text or "", played.private_text or ""):
        assert "Not what you meant" not in text
    assert "offered" not in played.custom
    assert not any(payload.startswith("choose:") for _, payload in played.taps)
    assert played.slots["choices"] is None


def test_no_to_what_was_offered_beside_asks_which_it_is_and_the_next_no_brings_a_person() -> None:
    first = dict(unsure().slots) | {"asked_about": "turn-000000000007"}
    second = play("nlu_fallback", action="action_unclear", text="no", slots=first, chosen_from=TWO)
    assert (second.outcome, second.response) == ("clarified", "utter_which_again")
    assert (second.text or "").startswith("Which one do you mean?\n\n1. Dumped rubbish: ")
    assert second.taps == asked(*TWO).taps
    assert [second.slots[name] for name in QUESTION_SLOTS] == [
        "clarify", 1.0, first["choices"], "turn-000000000007",
    ]  # fmt: skip
    third = play("nlu_fallback", action="action_unclear", text="none", slots=second.slots, chosen_from=TWO)
    assert third.outcome == "handed_over"
    assert third.deeds[0]["about"] == "turn-000000000007"


def test_of_a_single_other_it_is_asked_whether_that_is_it() -> None:
    first = unsure("report_missed_bin", "ask_bin_day")
    offers = ["ask_bin_day"]
    second = play("nlu_fallback", action="action_unclear", text="no", slots=first.slots, chosen_from=offers)
    assert second.text == (
        "Is this what you mean?\n\nBin days: when your bins are emptied\n\n"
        "Please answer yes or no. If it is not, a person will answer."
    )
    assert second.taps == [("Yes", "choose:ask_bin_day"), ("No", "choose:")]
    third = play("nlu_fallback", action="action_unclear", text="no", slots=second.slots, chosen_from=offers)
    assert third.outcome == "handed_over"
    danger = unsure("report_noise", "self_harm")
    again = play("nlu_fallback", action="action_unclear", slots=danger.slots, chosen_from=["self_harm"])
    assert (again.text or "").startswith(
        "If anyone is in danger or a life is at risk, call 999 now.\n\nIs this"
    )


@pytest.mark.parametrize("intent", ["affirm", "deny", "thank", "ask_library", "bot_question"])
def test_another_message_ends_what_was_offered_beside(intent: str) -> None:
    played = play(intent, slots=unsure().slots)
    assert played.slots["choices"] is None and played.slots["asked_about"] is None
    assert played.outcome != "clarified"
