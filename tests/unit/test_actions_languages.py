"""A message in another language: help in it, in its own words first, a person, and danger before all else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.languages import ActionOtherLanguage
from actions.safety import ActionSafety
from bot.text import weighted_length
from tests.unit.rehearsal import IN_HOURS, OUT_OF_HOURS, Played, facts, play

LANGUAGES = sorted(facts().languages.languages)
OTHERS = [*sorted(facts().languages.others), "xx"]
SAFETY = ["emergency_danger", "self_harm", "safeguarding"]
MESSENGER_LIMIT = 2000
PHONE, PAGE = "01632 960150", "https://www.marlstow.example/languages"


def asked(language: str, *, public: bool = False, now: str = IN_HOURS, hand_over: bool = True) -> Played:
    ours = facts()
    council = ours.council.model_copy(
        update={"languages": ours.council.languages.model_copy(update={"hand_over": hand_over})}
    )
    action = ActionOtherLanguage(replace(ours, council=council))
    return play("out_of_scope", public=public, now=now, language=language, with_action=action)


@pytest.mark.parametrize("now", [IN_HOURS, OUT_OF_HOURS], ids=["in-hours", "out-of-hours"])
@pytest.mark.parametrize("language", [*LANGUAGES, *OTHERS])
def test_should_say_where_help_is_and_that_a_person_has_the_message(language: str, now: str) -> None:
    played = asked(language, now=now)
    text = played.text or ""
    name = facts().languages.english_name(language)
    assert played.outcome == "handed_over"
    assert played.deeds == [
        {
            "do": "hand_over",
            "queue": "language",
            "reason": f"language: {name or 'your language'}",
            "urgency": "normal",
        }
    ]
    assert PHONE in text and PAGE in text
    assert f"For help in {name or 'your language'}" in text
    assert "A person will answer by" in text
    assert "{" not in text and "\n\n\n" not in text and "None" not in text
    assert text == text.strip()
    assert len(text) <= MESSENGER_LIMIT
    assert played.slots["disclosed"] is True


@pytest.mark.parametrize("language", LANGUAGES)
def test_should_begin_with_the_residents_own_words(language: str) -> None:
    text = asked(language).text or ""
    words = facts().languages.languages[language]
    assert text.startswith(words.help.replace("{phone}", PHONE) + f"\n{PAGE}\n{words.person}\n\n")


@pytest.mark.parametrize("now", [IN_HOURS, OUT_OF_HOURS], ids=["in-hours", "out-of-hours"])
@pytest.mark.parametrize("language", [*LANGUAGES, *OTHERS])
def test_should_fit_a_post_in_public(language: str, now: str) -> None:
    played = asked(language, public=True, now=now)
    text = played.text or ""
    assert text.startswith("Automated reply")
    assert PHONE in text and text.endswith(PAGE)
    assert weighted_length(text) <= 280, (weighted_length(text), text)
    assert played.private_text is not None and PHONE in played.private_text


@pytest.mark.parametrize("text", ["Dziękuję", "Dzień dobry!", "谢谢", "Добрий день", "नमस्ते"])
def test_should_keep_a_greeting_from_staff(text: str) -> None:
    played = play("out_of_scope", action="action_other_language", language="pl", text=text)
    assert (played.outcome, played.deeds) == ("signposted", [])
    assert PHONE in (played.text or "")


@pytest.mark.parametrize("text", ["垃圾桶没有收", "nie zabrali śmieci", "Мусорныйконтейнерпереполненсовсем"])
def test_should_hand_over_what_says_more(text: str) -> None:
    played = play("out_of_scope", action="action_other_language", language="zh", text=text)
    assert played.outcome == "handed_over"


def test_should_only_signpost_when_the_council_does_not_hand_over() -> None:
    played = asked("pl", hand_over=False)
    text = played.text or ""
    assert (played.outcome, played.deeds) == ("signposted", [])
    assert facts().languages.languages["pl"].person not in text
    assert "passed" not in text and 'write "person"' in text
    assert "on Monday at 9am" in (asked("pl", hand_over=False, now=OUT_OF_HOURS).text or "")


@pytest.mark.parametrize("intent", SAFETY)
@pytest.mark.parametrize("language", LANGUAGES)
def test_should_say_first_in_the_residents_words_whom_to_call_in_danger(language: str, intent: str) -> None:
    danger = facts().languages.languages[language].danger
    private, public = play(intent, language=language), play(intent, language=language, public=True)
    assert (private.text or "").startswith(f"{danger}\n\n")
    assert (public.text or "").endswith(f"\n{danger}")
    assert (public.text or "").startswith("Automated reply")
    assert weighted_length(public.text or "") <= 280
    for played in (private, public):
        assert played.outcome == "advised_safety"
        assert [deed["queue"] for deed in played.deeds] == ["safety"]


@pytest.mark.parametrize("intent", SAFETY)
def test_should_say_nothing_more_about_danger_in_english_or_an_unknown_language(intent: str) -> None:
    action = ActionSafety(facts())
    english = play(intent, with_action=action)
    assert play(intent, language="th", with_action=action).text == english.text
    assert (english.text or "").startswith(("If anyone", "Thank you"))
