"""Other languages are known from English of every kind, and danger is heard in each."""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.language import LanguageRecogniser, Recognised, english_words
from bot.nlu.language_component import SignpostLanguage
from bot.nlu.language_words import Language, LanguageWordsBroken, fold, load_language_words

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parent / "data"
WORDS = ROOT / "data" / "language_words.yml"
FALSE_ALARMS_AT_MOST = 0.001
# Examples of the training data that are in other languages indeed.
NOT_ENGLISH = {
    "Diolch!",
    "bore da",
    "diolch yn fawr",
    "hola, alguien habla español?",
    "je ne comprends pas",
    "mi puoi aiutare con una cosa",
    "nos da",
    "هل تتكلم العربية",
    "哪里可以换钱",
}
FOUND_AT_LEAST = 0.95


def lines(name: str) -> Iterator[list[str]]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            yield line.split("\t")


def examples() -> list[str]:
    """Every English message of the training data."""
    files = sorted((ROOT / "data" / "nlu").glob("*.yml"))
    every = (line for path in files for line in path.read_text(encoding="utf-8").splitlines())
    return [line.removeprefix("      - ") for line in every if line.startswith("      - ")]


@pytest.fixture(scope="module")
def languages() -> tuple[Language, ...]:
    return load_language_words(WORDS)


@pytest.fixture(scope="module")
def recogniser(languages: tuple[Language, ...]) -> LanguageRecogniser:
    return LanguageRecogniser(languages, english_words(examples()))


def test_should_find_nearly_all_messages_in_other_languages(recogniser: LanguageRecogniser) -> None:
    found: defaultdict[str, list[bool]] = defaultdict(list)
    for code, text in lines("other_languages.txt"):
        found[code].append(recogniser.recognise(text).language == code)
    every = [each for of_language in found.values() for each in of_language]
    assert len(every) >= 200 and len(found) >= 21
    assert sum(every) >= FOUND_AT_LEAST * len(every)
    assert all(sum(each) >= 0.8 * len(each) for each in found.values())


def test_should_take_no_english_message_for_another_language(languages: tuple[Language, ...]) -> None:
    """The words of English come from one half of the examples, the messages from the other."""
    texts = [text for text in examples() if text not in NOT_ENGLISH]
    wrong = []
    for held_out in (0, 1):
        words = english_words(texts[1 - held_out :: 2])
        recogniser = LanguageRecogniser(languages, words)
        wrong += [text for text in texts[held_out::2] if recogniser.recognise(text) != Recognised()]
    assert len(texts) > 6000
    assert len(wrong) <= FALSE_ALARMS_AT_MOST * len(texts), wrong


@pytest.mark.parametrize("text", [line[0] for line in lines("english_of_all_kinds.txt")])
def test_should_know_english_in_whatever_dress(recogniser: LanguageRecogniser, text: str) -> None:
    assert recogniser.recognise(text) == Recognised()


@pytest.mark.parametrize(("code", "intent", "text"), lines("danger_in_other_languages.txt"))
def test_should_hear_danger_in_every_language(
    recogniser: LanguageRecogniser, code: str, intent: str, text: str
) -> None:
    assert recogniser.recognise(text) == Recognised(code, intent)


def test_should_hear_no_danger_where_there_is_none(recogniser: LanguageRecogniser) -> None:
    wrong = [text for _, text in lines("other_languages.txt") if recogniser.recognise(text).danger]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("gracias", "es"),
        ("Dziękuję!", "pl"),
        ("@MarlstowCouncil nie zabrali śmieci #bins https://example.org/a", "pl"),
        ("RT @council: qashinka lama qaadin maanta", "so"),
        ("mujhe council tax ka form chahiye", "ur"),
        ("menu ghar layi madad chahidi hai", "pa"),
        ("이번 주에 쓰레기를 안 가져갔어요", "ko"),
        ("ゴミが回収されていません", "ja"),
        ("Τα σκουπίδια δεν μαζεύτηκαν", "el"),
        ("האשפה לא נאספה היום", "he"),
        ("زما کثافات نن نه دي وړل شوي ښه", "ps"),
        ("मेरो फोहोर आज उठाइएन, हुन्छ", "ne"),
        ("pizza", ""),
        ("", ""),
        ("12345", ""),
        ("👍🏽🙏", ""),
        ("(ノಠ益ಠ)ノ彡┻━┻ bins again", ""),
        ("ʕ•ᴥ•ʔ", ""),
        ("السلام علیکم, my bin was not collected this week", ""),
        ("Доброго дня! Where can I take an old fridge please", ""),
        ("hоle in the rоad by the schооl", ""),
        ("l'eau vive restaurant bins overflowing", ""),
        ("na na na na batman", ""),
        ("zxcv qwerty blorp fnord", ""),
        ("hay un bache enorme en la calle", "es"),
    ],
)
def test_should_tell_the_language(recogniser: LanguageRecogniser, text: str, language: str) -> None:
    assert recogniser.recognise(text).language == language


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_should_never_fail(recogniser: LanguageRecogniser, text: str) -> None:
    assert len(recogniser.recognise(text).language) in (0, 2)


def test_should_be_quick_for_english_and_bounded_for_anything(recogniser: LanguageRecogniser) -> None:
    seconds = []
    for text in examples()[:1000]:
        started = time.perf_counter()
        recogniser.recognise(text)
        seconds.append(time.perf_counter() - started)
    assert statistics.median(seconds) < 0.001
    for text in ("nie ma " * 15_000, "я " * 50_000, "a" * 100_000, "zzz yyy " * 12_000):
        started = time.perf_counter()
        recogniser.recognise(text)
        assert time.perf_counter() - started < 0.5


def test_should_fold_what_keyboards_write_differently() -> None:
    assert fold("Łódź") == "lodz"
    assert fold("ÇÖPÜ ALINMADI") == fold("çöpü alınmadı")
    assert fold("می‌خواهم") == fold("مي خواهم")
    assert fold("б’є") == fold("б'є")
    assert fold("की") == "की"


def test_should_keep_a_word_as_english_only_when_two_examples_have_it() -> None:
    assert english_words(["the bin is full", "The bin @council", "hole"]) == {"the", "bin"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("languages: {}\n", "should hold languages and romanised"),
        ("languages: []\nromanised: {}\n", "names and entries"),
        ("languages: {pol: {words: [a]}}\nromanised: {}\n", "two letters of ISO 639-1"),
        ("languages: {pl: {wrods: [a]}}\nromanised: {}\n", "should have some of"),
        ("languages: {pl: {words: a}}\nromanised: {}\n", "lists of words"),
        ("languages: {pl: {words: [1]}}\nromanised: {}\n", "lists of words"),
        ("languages: {pl: {letters: abc}}\nromanised: {}\n", "letters should be"),
        ("languages: {pl: {danger: {fire: [a]}}}\nromanised: {}\n", "words of danger stand under"),
        ("languages: {pl: {words: [a]}}\nromanised: {x: {words: [b]}}\n", "`is` should name"),
        ("languages: {", "is not YAML"),
    ],
)
def test_should_name_what_is_wrong_in_the_file(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "words.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LanguageWordsBroken, match=said) as caught:
        load_language_words(path)
    assert "words.yml" in str(caught.value)
    with pytest.raises(LanguageWordsBroken, match="cannot be read"):
        load_language_words(tmp_path / "none.yml")


def test_should_hold_no_phrase_of_danger_twice(languages: tuple[Language, ...]) -> None:
    for language in languages:
        twice = [
            text
            for text, count in Counter(each.text for each in language.danger if not each.alone).items()
            if count > 1
        ]
        assert not twice, language.code


def understood(recogniser: LanguageRecogniser, text: str, intent: str) -> Message:
    message = Message({"text": text, "intent": {"name": intent, "confidence": 0.5}})
    message.set("purposes", [intent], add_to_output=True)
    message.set("choices", ["ask_jobs", "ask_events"], add_to_output=True)
    message.set("beside", ["ask_library"], add_to_output=True)
    component = SignpostLanguage({}, None, None, recogniser)  # type: ignore[arg-type]
    return component.process([message])[0]


def test_should_leave_english_as_the_classifier_understood_it(recogniser: LanguageRecogniser) -> None:
    message = understood(recogniser, "there is a pothole on Mill Lane", "report_pothole")
    assert message.as_dict(only_output_properties=True)["language"] == ""
    assert message.get("purposes") == ["report_pothole"]
    assert message.get("choices") == ["ask_jobs", "ask_events"]
    assert message.get("beside") == ["ask_library"]


def test_should_give_no_purpose_to_what_the_classifier_cannot_read(recogniser: LanguageRecogniser) -> None:
    message = understood(recogniser, "na drodze jest wielka dziura", "ask_jobs")
    assert message.get("language") == "pl"
    assert message.get("intent")["name"] == "ask_jobs"
    assert (message.get("purposes"), message.get("choices"), message.get("beside")) == ([], [], [])


def test_should_put_danger_in_the_place_of_what_the_classifier_took_it_for(
    recogniser: LanguageRecogniser,
) -> None:
    message = understood(recogniser, "mąż mnie bije", "out_of_scope")
    assert message.get("intent") == {"name": "safeguarding", "confidence": 1.0}
    assert (message.get("purposes"), message.get("choices")) == (["safeguarding"], [])


def test_should_keep_danger_that_the_classifier_heard(recogniser: LanguageRecogniser) -> None:
    message = understood(recogniser, "proszę was emergency tutaj jest bardzo", "emergency_danger")
    assert message.get("language") == "pl"
    assert message.get("intent")["name"] == "emergency_danger"
    assert message.get("purposes") == ["emergency_danger"]
