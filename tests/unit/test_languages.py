"""data/languages.yml: words in every language that is recognised, whole, and short enough for a public reply."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bot.languages import Languages, load_languages
from bot.yamlfile import ConfigError

ROOT = Path(__file__).parents[2]
FILE = ROOT / "data" / "languages.yml"
GOOD = FILE.read_text(encoding="utf-8")
LANGUAGES = load_languages(FILE)
MOST_SPOKEN = "pl ro pa ur pt es ar bn gu it fr tr so zh ta uk fa hi lt bg cy".split()  # noqa: SIM905
SCRIPTS = {
    "pa": "GURMUKHI",
    "ur": "ARABIC",
    "ar": "ARABIC",
    "fa": "ARABIC",
    "bn": "BENGALI",
    "gu": "GUJARATI",
    "zh": "CJK",
    "ta": "TAMIL",
    "uk": "CYRILLIC",
    "ru": "CYRILLIC",
    "bg": "CYRILLIC",
    "hi": "DEVANAGARI",
}


def recognised() -> dict[str, dict[str, object]]:
    """The languages that bot/nlu can recognise by words."""
    words = YAML(typ="safe").load((ROOT / "data" / "language_words.yml").read_text(encoding="utf-8"))
    return dict(words["languages"])


def test_should_have_words_in_the_languages_that_are_most_spoken() -> None:
    assert set(MOST_SPOKEN) <= set(LANGUAGES.languages)


def test_should_know_every_language_that_is_recognised() -> None:
    assert [code for code in recognised() if LANGUAGES.english_name(code) is None] == []
    scripts = re.findall(
        r'^    \("([a-z]{2})", r"', (ROOT / "bot" / "nlu" / "language.py").read_text("utf-8"), re.M
    )
    assert len(scripts) > 10
    assert [code for code in scripts if LANGUAGES.english_name(code) is None] == []


def test_should_know_words_of_danger_in_every_language_that_it_answers_in() -> None:
    for code in LANGUAGES.languages:
        assert recognised()[code]["danger"], code


@pytest.mark.parametrize("code", LANGUAGES.languages)
def test_should_be_written_in_the_script_of_the_language(code: str) -> None:
    words = LANGUAGES.languages[code]
    for text in (words.help.replace("{phone}", ""), words.person, words.danger):
        letters = [letter for letter in text if letter.isalpha()]
        ours = [
            letter for letter in letters if unicodedata.name(letter).startswith(SCRIPTS.get(code, "LATIN"))
        ]
        assert len(letters) > 10
        assert ours == letters


@pytest.mark.parametrize(
    ("there", "instead", "fragment", "message"),
    [
        ("english: Polish", "english: polish", "english: polish", "pl: english: String should match"),
        ("zadzwoń pod {phone}", "zadzwoń", '    help: "To jest', "pl: help: must say {phone} once"),
        ("zadzwoń pod {phone}", "{phone} {name}", "{name}", "pl: help: must have no words in braces"),
        ("teraz pod 999 lub 112.", "teraz pod 999.", "teraz pod 999.", "pl: danger: must name 999 and 112"),
        ("person: Nasz", "nasz: Nasz", "nasz:", "pl: nasz: is not a name that is known"),
        ("  am: Amharic or Tigrinya", "  amh: Amharic", "  amh:", "amh"),
        ("  am: Amharic or Tigrinya", "  pl: Polish", "others", "others names pl again"),
    ],
)
def test_should_name_the_line_of_what_is_wrong(
    tmp_path: Path, there: str, instead: str, fragment: str, message: str
) -> None:
    assert there in GOOD
    path = tmp_path / "languages.yml"
    path.write_text(GOOD.replace(there, instead, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_languages(path)
    assert message in caught.value.message
    if fragment != "others":
        assert fragment in path.read_text(encoding="utf-8").splitlines()[caught.value.line - 1]


def test_should_have_nothing_to_say_in_a_language_without_words() -> None:
    assert LANGUAGES.get("th") is None
    assert LANGUAGES.english_name("th") == "Thai"
    assert LANGUAGES.english_name("xx") is None
    assert isinstance(LANGUAGES, Languages)
