"""What residents answer to "which of these is it?": the many ways to say a number, a thing, both or none."""

from __future__ import annotations

from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.nlu.choosing import (
    Choice,
    Offer,
    in_order,
    offers_of,
    read_beginning,
    read_choice,
    read_tap,
    weigh,
    weigh_beside,
)
from bot.nlu.decide import FALLBACK, NOT_OFFERED, SAFETY
from bot.nlu.turn import TurnRequest, with_choice

ROOT = Path(__file__).parents[2]
DIRECTORY = YAML(typ="safe").load((ROOT / "data" / "directory.yml").read_text(encoding="utf-8"))
OFFERS = {intent: Offer(intent, **words) for intent, words in DIRECTORY["choices"].items()}
DUMPED, LITTER, MISSED = (
    OFFERS[intent] for intent in ("report_fly_tipping", "report_street_litter", "report_missed_bin")
)
THREE, TWO = (DUMPED, LITTER, MISSED), (DUMPED, LITTER)
DOMAIN = set(OFFERS) | NOT_OFFERED | {"nlu_fallback", "restart"}


def chosen(text: str, offers: tuple[Offer, ...] = THREE) -> tuple[str, ...] | None:
    """As in a turn whose text alone means nothing; None when it is no answer."""
    choice = weigh(text, offers, FALLBACK, [])
    return None if choice is None else choice.intents


@pytest.mark.parametrize(
    "text",
    [
        "2", "2.", "2)", "(2)", "#2", "2 pls", "2pls", "no. 2", "No 2", "number 2", "number two", "two", "TWO!!",
        "option 2", "the second one", "second", "2nd pls", "2nd one thanks", "the 2nd", "its the second one mate",
        "I think it's 2", "no, the second one", "yes 2", "maybe 2?", "2️⃣", "②", "２", "٢", "২", "2 please, ta",
        "middle", "2, litter", "litter", "the litter", "Litter on a street", "litter on a street.", "liter",
        "it's the litter one", "the one about litter", "leaves", "sweeping", "2 the litter on the street",
    ],
)  # fmt: skip
def test_the_second_is_chosen(text: str) -> None:
    assert chosen(text) == (LITTER.intent,)


@pytest.mark.parametrize(
    "text",
    ["3", "three", "third", "3rd", "the last one", "last one pls", "bottom one", "bins", "bin", "missed"],
)
def test_the_last_is_chosen(text: str) -> None:
    assert chosen(text) == (MISSED.intent,)


@pytest.mark.parametrize(
    "text", ["1", "one", "one please", "number one", "the first one", "1st", "former", "rubish"]
)
def test_the_first_is_chosen(text: str) -> None:
    assert chosen(text) == (DUMPED.intent,)


@pytest.mark.parametrize(
    "text",
    ["both", "both please", "Both of them", "its both", "all of them", "1 and 2", "1 & 2", "1,2", "2 and 1",
     "one and two", "first one and the second one", "the first two"],
)  # fmt: skip
def test_both_of_two_are_chosen(text: str) -> None:
    assert chosen(text, TWO) == (DUMPED.intent, LITTER.intent)


def test_two_of_three_are_chosen_by_their_numbers_only() -> None:
    assert chosen("1 and 3") == chosen("both 1 and 3") == (DUMPED.intent, MISSED.intent)
    assert chosen("last two") == (LITTER.intent, MISSED.intent)
    assert chosen("both") is None
    assert chosen("all three") is None
    assert chosen("1, 2 and 3") is None


@pytest.mark.parametrize(
    "text",
    ["none", "None of these", "none of the above thanks", "neither", "neither of them", "no", "nope", "nah mate", "No.",
     "something else", "it's something else", "no, something else", "not these", "other", "another thing else",
     "none of them fit", "they are all wrong", "it isn't any of those", "that's not what I meant", "not what I asked"],
)  # fmt: skip
@pytest.mark.parametrize("offers", [TWO, THREE])
def test_none_of_them_is_wanted(text: str, offers: tuple[Offer, ...]) -> None:
    assert chosen(text, offers) == ()


@pytest.mark.parametrize(
    "text",
    ["", " ", "?", "yes", "ok", "hello", "thanks", "no thanks", "no thank you", "not sure", "I don't know", "idk",
     "either", "1 or 2", "that one", "one of them", "which one", "not 1", "not the first", "2 missed bin", "2 bags",
     "when are you open", "👍", "is anybody there", "stop", "person"],
)  # fmt: skip
def test_it_is_no_answer(text: str) -> None:
    assert chosen(text) is None


@pytest.mark.parametrize(
    "text", ["0", "4", "4th", "12", "22", "1 and 4", "-1", "−2", "1.5", "2:30", "1-2", "£2", "2%", "9" * 5000]
)
def test_a_number_out_of_range_is_no_choice(text: str) -> None:
    assert chosen(text) is None


def test_a_word_of_two_labels_is_no_choice_but_the_whole_of_one_is() -> None:
    offers = (OFFERS["ask_parking_permit"], OFFERS["ask_parking_fine"])
    assert chosen("parking", offers) is None
    assert chosen("the parking fine", offers) == ("ask_parking_fine",)
    assert chosen("fine", offers) == ("ask_parking_fine",)


def test_what_comes_after_the_choice_counts_too() -> None:
    for text in (
        "2, it has been there for weeks",
        "the second one, on Mill Lane MR1 2AB",
        "2 on Mill Lane",
        "2 - by the park",
    ):
        assert weigh(text, THREE, FALLBACK, []) == Choice((LITTER.intent,), certain=False, details=True)
    assert read_beginning("2 bags of rubbish on Mill Lane", THREE) is None
    assert read_beginning("4, on Mill Lane", THREE) is None
    assert read_beginning("2.5 miles of it", THREE) is None


def test_danger_goes_before_words_that_could_be_a_choice() -> None:
    assert weigh("the missed one", THREE, "self_harm", []) is None
    assert weigh("2, please help he hits me", THREE, "ask_jobs", ["ask_jobs", "safeguarding"]) is None


def test_a_bare_number_is_a_choice_whatever_the_classifier_makes_of_it() -> None:
    for taken_for in ("deny", "affirm", "out_of_scope", "check_report", "report_pothole"):
        assert weigh("2", THREE, taken_for, [taken_for]) == Choice((LITTER.intent,))


def test_a_longer_message_that_is_clear_by_itself_is_a_new_one() -> None:
    said = "bags or furniture waste left in a public place"
    assert weigh(said, THREE, "partner_police", ["partner_police"]) is None
    assert weigh(said, THREE, "report_fly_tipping", ["report_fly_tipping"]) == Choice(
        (DUMPED.intent,), certain=False
    )
    assert weigh("2, and there is a pothole as well", THREE, "report_pothole", ["report_pothole"]) is None
    assert weigh("litter", THREE, "report_litter_bin", ["report_litter_bin"]) == Choice(
        (LITTER.intent,), certain=False
    )


def test_nothing_is_chosen_when_nothing_was_offered() -> None:
    assert weigh("2", (), FALLBACK, []) is None


def test_yes_is_enough_when_it_is_asked_about_one() -> None:
    assert weigh("yes it is", (LITTER,), "affirm", ["affirm"]) == Choice((LITTER.intent,), certain=False)
    assert weigh("no", (LITTER,), "deny", ["deny"]) == Choice(())
    assert weigh("yes", TWO, "affirm", ["affirm"]) is None
    assert weigh("yes", (LITTER,), "affirm", ["affirm", "safeguarding"]) is None


# --- offered beside an answer, where nothing was asked ---------------------------------------------------------------


def taken(text: str, intent: str = FALLBACK, offers: tuple[Offer, ...] = TWO) -> tuple[str, ...] | None:
    """What a message after such an answer takes of it; None when it is a message of its own."""
    choice = weigh_beside(text, offers, intent, [] if intent == FALLBACK else [intent])
    return None if choice is None else choice.intents


@pytest.mark.parametrize(
    "text",
    ["2", "2.", "2 please", "no, 2", "the second one", "Litter on a street", "litter", "liter"],
)
def test_a_number_or_a_word_takes_what_was_offered_beside(text: str) -> None:
    assert taken(text) == (LITTER.intent,)


def test_one_or_both_can_be_taken() -> None:
    assert taken("1", offers=(LITTER,)) == (LITTER.intent,)
    assert taken("both") == (DUMPED.intent, LITTER.intent)
    assert taken("2", offers=(LITTER,)) is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [("no", "deny"), ("No.", "deny"), ("not that", FALLBACK), ("no not that", "deny"), ("wrong", "make_complaint"),
     ("something else", FALLBACK), ("that's not what I meant", FALLBACK), ("no, that did not help", "deny"),
     ("neither", "out_of_scope"), ("none of these", FALLBACK)],
)  # fmt: skip
def test_no_takes_none_of_what_was_offered_beside(text: str, intent: str) -> None:
    assert taken(text, intent) == ()


@pytest.mark.parametrize(
    ("text", "intent"),
    [("no thanks", "deny"), ("no thank you that's it", "deny"), ("no problem", "thank"), ("no problem", FALLBACK),
     ("thanks", "thank"), ("ok", "affirm"), ("yes", "affirm"), ("that's all", "goodbye"), ("that's all", FALLBACK),
     ("all", FALLBACK), ("no more", "deny"), ("one more question", FALLBACK), ("one more thing", FALLBACK),
     ("another one", FALLBACK), ("just one problem", FALLBACK), ("not you", "goodbye"), ("hello", "greet"),
     ("no worries", "thank"), ("stop", "opt_out"), ("person", "request_human"), ("1234567", "check_report"),
     ("2 bags", FALLBACK), ("2 in my road", FALLBACK), ("one on Mill Lane too", FALLBACK), ("", FALLBACK)],
)  # fmt: skip
def test_an_ordinary_next_message_takes_nothing_of_it(text: str, intent: str) -> None:
    assert taken(text, intent) is None


def test_the_words_of_a_message_that_is_clear_by_itself_take_nothing() -> None:
    assert taken("litter", "report_litter_bin") is None
    assert taken("litter", "report_street_litter") == (LITTER.intent,)
    assert taken("litter on a street", "report_litter_bin") == (
        LITTER.intent,
    )  # the whole label, as it stands there
    assert taken("litter", "self_harm") is None
    assert weigh_beside("no", TWO, "deny", ["deny", "safeguarding"]) is None
    assert weigh_beside("2", (), FALLBACK, []) is None


@pytest.mark.parametrize("intent", sorted(OFFERS))
def test_every_label_takes_its_purpose(intent: str) -> None:
    assert taken(OFFERS[intent].label, "report_tree", (OFFERS[intent],)) == (intent,)


# --- the words of the directory ---------------------------------------------------------------------------------------


def test_every_purpose_that_may_be_offered_has_its_words_and_no_other() -> None:
    assert set(OFFERS) == set(DIRECTORY["destinations"]) - NOT_OFFERED
    assert set(OFFERS) >= SAFETY


@pytest.mark.parametrize("intent", sorted(OFFERS))
def test_every_label_chooses_its_purpose_beside_any_other(intent: str) -> None:
    offer = OFFERS[intent]
    for other in OFFERS.values():
        if other != offer:
            for said in (offer.label, offer.label.upper(), f" {offer.label.lower()}. "):
                assert read_choice(said, (other, offer)) == Choice((intent,)), (said, other.label)


def test_the_ones_that_come_up_together_are_told_apart_by_a_word() -> None:
    for first, second, said in [
        ("report_pothole", "report_pavement", "pavement"),
        ("report_missed_bin", "ask_bin_day", "days"),
        ("partner_power", "report_street_light", "light"),
        ("report_dog_fouling", "report_stray_dog", "the mess"),
        ("ask_schools", "ask_school_admissions", "places"),
        ("ask_council_tax", "ask_benefits", "tax"),
        ("report_noise", "report_antisocial_behaviour", "noise"),
    ]:
        assert (
            len(
                [each for each in (first, second) if (each,) == chosen(said, (OFFERS[first], OFFERS[second]))]
            )
            == 1
        )


# --- any text, any slot -----------------------------------------------------------------------------------------------

ANY_OFFERS = st.lists(st.sampled_from(sorted(OFFERS)), min_size=2, max_size=3, unique=True).map(
    lambda intents: tuple(OFFERS[intent] for intent in intents)
)
ANSWER_WORDS = st.sampled_from(
    ["1", "2", "3", "4", "one", "two", "second", "last", "both", "none", "no", "not", "the", "or", "and", "of", "it's",
     "litter", "bin", "dumped", "please", "thanks", ",", ".", "-", "£", "0", "²", "½", "10" * 30]
)  # fmt: skip


@given(
    text=st.one_of(st.text(), st.lists(ANSWER_WORDS).map(" ".join)),
    offers=ANY_OFFERS,
    taken_for=st.sampled_from(sorted(DOMAIN)),
)
def test_no_text_raises_and_only_what_was_offered_is_chosen(
    text: str, offers: tuple[Offer, ...], taken_for: str
) -> None:
    for reading in (weigh, weigh_beside):
        choice = reading(text, offers, taken_for, [taken_for])
        if choice is not None:
            assert set(choice.intents) <= {offer.intent for offer in offers}
            assert len(set(choice.intents)) == len(choice.intents) <= 2
            assert choice.certain or taken_for not in SAFETY


@given(
    text=st.lists(ANSWER_WORDS).map(" ".join), offers=ANY_OFFERS, taken_for=st.sampled_from(sorted(DOMAIN))
)
def test_whatever_takes_an_offer_beside_would_also_answer_a_question(
    text: str, offers: tuple[Offer, ...], taken_for: str
) -> None:
    beside = weigh_beside(text, offers, taken_for, [taken_for])
    if beside is not None and (beside.intents or taken_for != "deny"):
        assert beside == weigh(text, offers, taken_for, [taken_for])


@given(number=st.integers(-(10**6), 10**6), offers=ANY_OFFERS)
def test_a_number_chooses_exactly_when_it_stands_in_the_list(number: int, offers: tuple[Offer, ...]) -> None:
    expected = (offers[number - 1].intent,) if 1 <= number <= len(offers) else None
    assert chosen(str(number), offers) == expected


@given(
    st.one_of(
        st.none(),
        st.text(),
        st.integers(),
        st.lists(st.one_of(st.none(), st.text(), st.dictionaries(st.text(), st.text()))),
    )
)
def test_a_slot_that_is_not_as_it_was_kept_offers_nothing(slot: object) -> None:
    assert offers_of(slot, OFFERS) == ()


def test_an_intent_that_a_later_model_has_no_more_is_not_offered() -> None:
    kept = [vars(DUMPED), vars(LITTER), vars(MISSED)]
    assert offers_of(kept, OFFERS) == THREE
    assert offers_of(kept, {DUMPED.intent, MISSED.intent}) == (DUMPED, MISSED)


# --- taps and turns ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "intents"),
    [
        ("choose:report_pothole", ("report_pothole",)),
        ("choose:report_pothole,report_tree", ("report_pothole", "report_tree")),
        ("choose:", ()),
        ("choose:opt_out", None),
        ("choose:report_pothole,report_tree,ask_jobs", None),
        ("choose:no_such", None),
        ("affirm", None),
        ("", None),
    ],
)
def test_a_tap_says_what_its_payload_says(payload: str, intents: tuple[str, ...] | None) -> None:
    assert read_tap(payload, OFFERS) == (None if intents is None else Choice(intents))


def request(
    text: str = "2", *, visibility: str = "private", quick_reply: str = "", **slots: Any
) -> TurnRequest:
    kept = {"awaiting": "clarify", "choices": [vars(each) for each in THREE]}
    return TurnRequest(
        "turn-1", text, visibility, "facebook", "2026-11-24T11:00:00+00:00", kept | slots, quick_reply
    )


def parsed(intent: str = FALLBACK, **more: Any) -> dict[str, Any]:
    return {
        "intent": {"name": intent, "confidence": 0.3},
        "intent_ranking": [{"name": "ask_jobs", "confidence": 0.3}],
        "purposes": [] if intent == FALLBACK else [intent],
        "choices": ["ask_jobs", "ask_events"],
        "beside": ["ask_jobs"],
        "entities": [{"entity": "street", "value": "Mill Lane"}],
    } | more


def test_a_chosen_purpose_is_sure_and_says_what_it_was_chosen_from() -> None:
    after = with_choice(parsed(), request(), DOMAIN)
    assert after["intent"] == {"name": LITTER.intent, "confidence": 1.0}
    assert after["intent_ranking"] == [{"name": LITTER.intent, "confidence": 1.0}]
    assert after["purposes"] == [LITTER.intent]
    assert after["chosen_from"] == [each.intent for each in THREE]
    assert (after["choices"], after["beside"], after["entities"]) == ([], [], [])


@pytest.mark.parametrize("awaiting", ["none", None])
def test_what_was_offered_beside_an_answer_is_taken_when_nothing_was_asked(awaiting: str | None) -> None:
    after = with_choice(parsed("report_pothole"), request("2", awaiting=awaiting), DOMAIN)
    assert after["intent"] == {"name": LITTER.intent, "confidence": 1.0}
    assert (after["purposes"], after["beside"]) == ([LITTER.intent], [])
    assert after["chosen_from"] == [each.intent for each in THREE]
    before = parsed("thank")
    assert with_choice(before, request("no problem", awaiting=awaiting), DOMAIN) is before


def test_none_of_them_is_no_purpose_but_says_what_it_was_not() -> None:
    after = with_choice(parsed("deny"), request("none of these"), DOMAIN)
    assert (after["intent"]["name"], after["purposes"]) == (FALLBACK, [])
    assert after["chosen_from"] == [each.intent for each in THREE]


def test_a_place_beside_the_choice_is_kept() -> None:
    after = with_choice(parsed(), request("2, on Mill Lane"), DOMAIN)
    assert after["purposes"] == [LITTER.intent]
    assert after["entities"] == [{"entity": "street", "value": "Mill Lane"}]


@pytest.mark.parametrize(
    "asked",
    [
        request(visibility="public"),
        request(awaiting="helped"),
        request(awaiting="person"),
        request(awaiting="tracking_code"),
        request(awaiting="none", choices=None),
        request("2, there is a fire", awaiting="none"),
        request(choices=None),
        request(choices="nonsense"),
        request("there is a fire"),
        request(visibility="public", quick_reply="choose:report_tree"),
    ],
)
def test_a_message_that_answers_no_such_question_is_left_as_it_was_understood(asked: TurnRequest) -> None:
    before = parsed("emergency_danger")
    assert with_choice(before, asked, DOMAIN) is before


def test_a_tap_counts_also_when_the_question_is_forgotten_and_whatever_its_title_says() -> None:
    forgotten = request("Anything", quick_reply="choose:report_tree", awaiting="none", choices=None)
    after = with_choice(parsed("thank"), forgotten, DOMAIN)
    assert (after["purposes"], after["chosen_from"]) == (["report_tree"], ["report_tree"])
    titled = request("1", quick_reply="choose:report_missed_bin")
    assert with_choice(parsed(), titled, DOMAIN)["purposes"] == [MISSED.intent]


@pytest.mark.parametrize(
    ("intents", "code_known", "first"),
    [
        (("report_noise", "emergency_danger"), False, "emergency_danger"),
        (("report_noise", "request_human"), False, "request_human"),
        (("check_report", "make_complaint"), True, "make_complaint"),
        (("check_report", "ask_bin_day"), False, "ask_bin_day"),
        (("ask_bin_day", "check_report"), True, "check_report"),
        (("bot_question", "check_report"), False, "check_report"),
        (("report_noise", "ask_bin_day"), False, "report_noise"),
    ],
)
def test_both_come_in_an_order_in_which_one_answer_meets_them(
    intents: tuple[str, str], code_known: bool, first: str
) -> None:
    assert in_order(intents, code_known)[0] == first


def test_all_pairs_of_offers_can_be_read_in_any_order() -> None:
    for pair in combinations(THREE, 2):
        for offers in permutations(pair):
            assert chosen("both", offers) == tuple(offer.intent for offer in offers)
