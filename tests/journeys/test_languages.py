"""A resident who writes in another language hears in it where help is, and a person gets the message."""

from __future__ import annotations

import pytest

from tests.running import Running


@pytest.mark.parametrize(
    ("said", "language", "own_words"),
    [
        ("na naszej ulicy jest wielka dziura w drodze", "Polish", "Możemy pomóc po angielsku"),
        ("ہماری سڑک پر بہت بڑا گڑھا ہے", "Urdu", "انگریزی"),
        ("waxaan u baahanahay caawimaad guri", "Somali", "Ingiriisi"),
        ("我家门口的路上有一个大坑", "Chinese", "英语"),
    ],
)
def test_should_answer_in_the_residents_language_and_tell_a_person(
    by_day: Running, said: str, language: str, own_words: str
) -> None:
    for platform, visibility in (("x", "private"), ("facebook", "public")):
        person = f"writes_{language.lower()}_{platform}"
        answer = by_day.ask(platform, visibility, said, person)
        assert own_words in answer
        assert language in answer
        assert "01632 960150" in answer and "/languages" in answer
        assert "filter_category" not in answer
    cases = [case for case in by_day.cases() if case["queue"] == "language"]
    assert f"language: {language}" in {case["reason"] for case in cases}


@pytest.mark.parametrize(
    ("said", "own_words"),
    [
        ("mój mąż mnie bije, boję się", "zadzwoń teraz pod 999 lub 112"),
        ("у сусідів пожежа!", "телефонуйте 999 або 112"),
        ("میں مرنا چاہتی ہوں", "999 یا 112"),
    ],
)
def test_should_say_in_the_residents_language_whom_to_call_in_danger(
    by_night: Running, said: str, own_words: str
) -> None:
    before = len([case for case in by_night.cases() if case["queue"] == "safety"])
    assert own_words in by_night.ask("facebook", "private", said).splitlines()[0]
    assert own_words in by_night.ask("x", "public", said)
    assert len([case for case in by_night.cases() if case["queue"] == "safety"]) == before + 2


def test_should_answer_english_with_a_greeting_in_another_language_as_english(by_day: Running) -> None:
    answer = by_day.ask("x", "private", "Dzień dobry, there is a massive pothole on Mill Lane")
    assert "/report" in answer
    assert "01632 960150" not in answer
