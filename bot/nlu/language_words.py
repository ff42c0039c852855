"""The words by which other languages are known, and their words of danger, from data/language_words.yml."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.nlu.decide import SAFETY

LETTERS_BY_ITSELF = 5  # shorter words of danger are too often something else where the language is not known
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")

# Letters and the signs that Python counts as no letters, though in Indian scripts a word goes on after them.
_IN_WORD = r"\w\u0900-\u0dff"
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_ACCENTS = re.compile(r"[\u0300-\u036f\u0610-\u061a\u064b-\u0652\u0670\u0640]")
_SPELT_OTHERWISE = str.maketrans(
    {
        "ł": "l", "đ": "d", "ı": "i", "ø": "o", "ß": "ss", "’": "'", "‘": "'", "ʼ": "'", "`": "'",
        "ى": "ي", "ی": "ي", "ک": "ك", "ہ": "ه", "ۀ": "ه", "ة": "ه", "\u200c": " ", "\u200d": None,
    }
)  # fmt: skip
_NAMES = {"letters", "words", "alone", "danger", "danger_alone"}


class LanguageWordsBroken(ValueError):
    """data/language_words.yml cannot be used; the message names the file and the entry."""


@dataclass(frozen=True)
class Phrase:
    """A phrase of danger, folded, that an intent of safety answers; `alone` if it counts only as the whole message."""

    intent: str
    text: str
    alone: bool

    def tells_by_itself(self, english: frozenset[str]) -> bool:
        """Whether it can be nothing else, whatever language the rest of a message is in."""
        if not self.text.isascii():
            return True
        words = WORD.findall(self.text)
        if "*" in self.text and len(words) == 1:
            known = any(each.startswith(words[0]) for each in english)
        else:
            known = all(word in english for word in words)
        return not known and sum(map(len, words)) >= LETTERS_BY_ITSELF


@dataclass(frozen=True)
class Language:
    """What is known of one language, all folded but its letters; `romanised` if it usually has another script."""

    code: str
    letters: frozenset[str]
    words: frozenset[str]
    alone: frozenset[str]
    danger: tuple[Phrase, ...]
    romanised: bool = False


def fold(text: str) -> str:
    """Put a text into the form that is compared: small, without accents, one spelling where keyboards differ."""
    decomposed = unicodedata.normalize("NFD", text.casefold().translate(_SPELT_OTHERWISE))
    return unicodedata.normalize("NFC", _ACCENTS.sub("", decomposed))


def pattern_of(phrases: list[Phrase]) -> re.Pattern[str]:
    """What finds any of the phrases in a folded text."""
    anywhere = [each.text for each in phrases if not each.alone]
    chinese = [re.escape(text) for text in anywhere if _CHINESE.search(text)]
    others = [_words_of(text) for text in anywhere if not _CHINESE.search(text)]
    alone = [_words_of(each.text) for each in phrases if each.alone]
    found = [*chinese]
    if others:
        found.append(rf"(?<![{_IN_WORD}])(?:{'|'.join(others)})(?![{_IN_WORD}])")
    if alone:
        cries = "|".join(alone)
        found.append(rf"\A\W*(?:{cries})(?:\W*\Z|\s*[!！]|(?:\W+(?:{cries}))+\W*\Z)")
    return re.compile("|".join(found))


def load_language_words(path: Path) -> tuple[Language, ...]:
    """Read the file.

    Raises:
        LanguageWordsBroken: the file is missing, is no YAML, or an entry is not as the others.
    """
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LanguageWordsBroken(f"{path} cannot be read: {error.strerror}") from error
    except YAMLError as error:
        raise LanguageWordsBroken(f"{path} is not YAML: {error}") from error
    if not isinstance(content, dict) or set(content) != {"languages", "romanised"}:
        raise LanguageWordsBroken(f"{path} should hold languages and romanised")
    if not all(isinstance(part, dict) for part in content.values()):
        raise LanguageWordsBroken(f"{path}: languages and romanised should each hold names and entries")
    return tuple(_languages(path, content))


def _languages(path: Path, content: Mapping[str, Any]) -> Iterator[Language]:
    for code, entry in content["languages"].items():
        yield _language(f"{path}: {code}", str(code), entry, romanised=False)
    for name, entry in content["romanised"].items():
        if not isinstance(entry, dict) or entry.get("is") not in content["languages"]:
            raise LanguageWordsBroken(f"{path}: {name}: `is` should name one of the languages")
        rest = {key: value for key, value in entry.items() if key != "is"}
        yield _language(f"{path}: {name}", str(entry["is"]), rest, romanised=True)


def _language(where: str, code: str, entry: Any, romanised: bool) -> Language:
    if not re.fullmatch(r"[a-z]{2}", code):
        raise LanguageWordsBroken(f"{where}: a language is named by its two letters of ISO 639-1")
    if not isinstance(entry, dict) or not entry or set(entry) - _NAMES:
        raise LanguageWordsBroken(f"{where} should have some of {', '.join(sorted(_NAMES))} and nothing else")
    letters = entry.get("letters", "")
    if not isinstance(letters, str) or (letters.isascii() and letters):
        raise LanguageWordsBroken(f"{where}: letters should be those that English has not, in one word")
    danger = [
        Phrase(intent, " ".join(fold(text).split()), alone)
        for name, alone in (("danger", False), ("danger_alone", True))
        for intent, texts in _by_intent(where, entry.get(name, {})).items()
        for text in texts
    ]
    return Language(
        code,
        frozenset(letters),
        frozenset(map(fold, _texts(where, entry.get("words", [])))),
        frozenset(map(fold, _texts(where, entry.get("alone", [])))),
        tuple(danger),
        romanised,
    )


def _by_intent(where: str, value: Any) -> dict[str, list[str]]:
    if not isinstance(value, dict) or set(value) - SAFETY:
        raise LanguageWordsBroken(f"{where}: words of danger stand under {', '.join(sorted(SAFETY))}")
    return {intent: _texts(where, texts) for intent, texts in value.items()}


def _texts(where: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
        raise LanguageWordsBroken(f"{where} should hold lists of words")
    return value


def _words_of(phrase: str) -> str:
    # Persian may join words by a sign that nobody sees.
    between = r"\s*" if _ARABIC.search(phrase) else r"\s+"
    return between.join(re.escape(word).replace(r"\*", rf"[{_IN_WORD}]*") for word in phrase.split())
