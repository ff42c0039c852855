"""Which language a message is in, if it is not English, and whether it speaks of danger."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lingua import IsoCode639_1, LanguageDetector, LanguageDetectorBuilder

from bot.nlu.language_words import WORD, Language, Phrase, fold, pattern_of
from bot.nlu.normalise import without_platform

CHARACTERS_AT_MOST = 1000
_EXAMPLES_AT_LEAST = 2  # a word of one example only may be a misspelling, a name, or another language
_ENGLISH_ENOUGH = 0.5
_ENGLISH_FEW = 0.25
_ENGLISH_AT_MOST = 0.1
_MOST = 0.5
_SENTENCE = 3
_MARKED_AT_LEAST = 0.12
_WORTH_OF_A_MARK = 2.0
_LEAST_LIKELY = 0.0005
_LIKELY = 0.1
_CERTAIN = 0.9995
_SHORT = 2
_SHORT_ENGLISH = frozenset(
    "a ah am an as at be by do go ha he hi i if im in is it iv me mr my no of oh ok on or so to up us we".split()  # noqa: SIM905
)
_ROMANISED_AT_LEAST = 0.5
_LETTERS_OF_A_SCRIPT = 3

# What lingua has to tell apart; the other languages have a script of their own. In its low-accuracy mode (three
# letters at a time) these take 45 MB and 0.1 ms; with all its models they would take 500 MB.
_LATIN = (
    "en",
    "pl",
    "ro",
    "pt",
    "es",
    "it",
    "fr",
    "tr",
    "so",
    "lt",
    "cy",
    "de",
    "nl",
    "sq",
    "hu",
    "cs",
    "sk",
    "vi",
)
_SHARED_BY = {"cyrillic": ("ru", "uk", "bg"), "arabic": ("ar", "ur", "fa")}

_SCRIPTS = (
    ("el", r"\u0370-\u03ff\u1f00-\u1fff"),
    ("cyrillic", r"\u0400-\u052f"),
    ("hy", r"\u0530-\u058f"),
    ("he", r"\u0590-\u05ff"),
    ("arabic", r"\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff"),
    ("devanagari", r"\u0900-\u097f"),
    ("bn", r"\u0980-\u09ff"),
    ("pa", r"\u0a00-\u0a7f"),
    ("gu", r"\u0a80-\u0aff"),
    ("ta", r"\u0b80-\u0bff"),
    ("te", r"\u0c00-\u0c7f"),
    ("kn", r"\u0c80-\u0cff"),
    ("ml", r"\u0d00-\u0d7f"),
    ("si", r"\u0d80-\u0dff"),
    ("th", r"\u0e00-\u0e7f"),
    ("my", r"\u1000-\u109f"),
    ("ka", r"\u10a0-\u10ff"),
    ("am", r"\u1200-\u137f"),
    ("ja", r"\u3041-\u3096\u30a1-\u30fa"),
    ("han", r"\u3400-\u4dbf\u4e00-\u9fff"),
    ("ko", r"\uac00-\ud7a3"),
)
_OTHER_SCRIPT = re.compile(f"[{''.join(letters for _, letters in _SCRIPTS)}]")
_JAPANESE = "".join(letters for name, letters in _SCRIPTS if name in ("ja", "han"))
_RUN = re.compile("|".join(f"[{_JAPANESE if name == 'ja' else letters}]{{2,}}" for name, letters in _SCRIPTS))
_OF_SCRIPT = {name: re.compile(f"[{letters}]") for name, letters in _SCRIPTS}
_WORDS_IN_ONE = {"han": 2, "ja": 2, "ko": 2}  # a character says as much as so many letters

# Letters that only these languages of a shared script have.
_TELLTALE = (
    ("ps", re.compile(r"[ښځڅډړږېۍ]")),
    ("ku", re.compile(r"[ۆێڕڵ]")),
    ("be", re.compile(r"ў")),
    ("sr", re.compile(r"[ђјљњћџ]")),
    ("uk", re.compile(r"[іїєґ]")),
    ("ru", re.compile(r"[ыэё]")),
)
_NEPALI = re.compile(r"(?<![\u0900-\u097f])(?:छ|छैन|हुन्छ|मेरो|हाम्रो|तपाईं|गर्नुहोस्|भयो)(?![\u0900-\u097f])")


@dataclass(frozen=True)
class Recognised:
    """Of a message: its language by ISO 639-1, empty for English or when it cannot be told; and the intent of
    safety that its words of danger call for.
    """

    language: str = ""
    danger: str | None = None


def english_words(texts: Iterable[str]) -> frozenset[str]:
    """The words of English as these examples use them, folded; what only one example has is left out."""
    counts = Counter(word for text in texts for word in set(_words(without_platform(text))))
    return frozenset(word for word, count in counts.items() if count >= _EXAMPLES_AT_LEAST)


class LanguageRecogniser:
    """Tells the language of messages.

    A message is English until three things agree that it is not: few of its words are known from English messages,
    it holds a word or letter that marks another language, and its letters follow each other as in that language.
    Dialect, slang, misspellings and learners' English fail on one of them.
    """

    def __init__(self, languages: Sequence[Language], english: frozenset[str]) -> None:
        self._english = english
        self._worded = {each.code: each for each in languages if each.words and not each.romanised}
        self._romanised = [each for each in languages if each.romanised]
        self._words_romanised = frozenset().union(*(each.words for each in self._romanised)) - english
        self._alone = {phrase: each.code for each in languages for phrase in each.alone}
        self._danger = _patterns(languages, lambda phrase: True)
        self._danger_by_itself = _patterns(languages, lambda phrase: phrase.tells_by_itself(english))
        self._detector = _detector()

    def recognise(self, text: str) -> Recognised:
        """The language of a message as it was written, and its danger; never raises."""
        text = without_platform(text)[:CHARACTERS_AT_MOST]
        words = _words(text)
        if not self._may_be_other(text, words):
            return Recognised()
        language = self._language(text, words)
        folded = fold(text)
        for _, intent, pattern in (each for each in self._danger if each[0] == language):
            if pattern.search(folded):
                return Recognised(language, intent)
        for code, intent, pattern in self._danger_by_itself:
            if pattern.search(folded):
                return Recognised(language or code, intent)
        return Recognised(language)

    def _may_be_other(self, text: str, words: Sequence[str]) -> bool:
        if not self._is_english(words) or _OTHER_SCRIPT.search(text):
            return True
        return self._may_be_romanised(words)

    def _may_be_romanised(self, words: Sequence[str]) -> bool:
        telling = [word for word in words if word in self._words_romanised]
        return len(set(telling)) > 1 and len(telling) >= _ROMANISED_AT_LEAST * len(words)

    def _is_english(self, words: Sequence[str]) -> bool:
        return not words or self._share_of_english(words) >= _ENGLISH_ENOUGH

    def _share_of_english(self, words: Sequence[str]) -> float:
        # Words of one or two letters are in most languages.
        counted = [word for word in words if len(word) > _SHORT] or words
        return sum(word in self._english for word in counted) / len(counted)

    def _language(self, text: str, words: Sequence[str]) -> str:
        script, letters = _script(text)
        latin = [word for word in words if not _OTHER_SCRIPT.search(word)]
        if script and letters >= sum(map(len, latin)):
            return self._of_script(script, text)
        if " ".join(latin) in self._alone:
            return self._alone[" ".join(latin)]
        if len(set(latin)) < _SENTENCE:
            return ""
        return self._romanised_language(latin) or (
            "" if self._is_english(latin) else self._of_words(text, latin)
        )

    def _romanised_language(self, words: Sequence[str]) -> str:
        if not self._may_be_romanised(words):
            return ""
        marks = {each.code: self._marks(words, each) for each in self._romanised}
        best = max(marks, key=lambda code: marks[code])
        return best if marks[best] >= _ROMANISED_AT_LEAST * len(words) else ""

    def _of_script(self, script: str, text: str) -> str:
        if script == "han":
            return "zh"
        if script == "devanagari":
            return "ne" if _NEPALI.search(text) else "hi"
        if script not in _SHARED_BY:
            return script
        for code, letters in _TELLTALE:
            if letters.search(text.casefold()):
                return code
        return self._likeliest(text, _SHARED_BY[script])[0] or _SHARED_BY[script][0]

    def _of_words(self, text: str, words: Sequence[str]) -> str:
        code, probability, of_english = self._likeliest(text, _LATIN)
        if code not in self._worded:
            return ""
        written = WORD.findall(text)
        marks = self._marks([word.casefold() for word in written], self._worded[code])
        needed = 1.0 if probability >= _LIKELY else 2.0
        if marks >= max(needed, _MARKED_AT_LEAST * len(words)):
            return code
        # The letters alone suffice for what is no name and nothing like English.
        certain = probability >= _CERTAIN and of_english <= 1 - _CERTAIN
        no_names = sum(word.islower() for word in written) > len(written) / 2
        few_english = self._share_of_english(words) <= _ENGLISH_FEW
        return code if certain and no_names and few_english and len(words) > _SENTENCE else ""

    def _marks(self, words: Iterable[str], language: Language) -> int:
        """How many words are common in a language, or have its letters, and are not known as English."""
        return sum(
            plain not in (self._english if len(plain) > _SHORT else _SHORT_ENGLISH)
            and (plain in language.words or (accents != "" and language.letters.issuperset(accents)))
            for plain, accents in ((fold(word), _accented(word)) for word in words)
        )

    def _likeliest(self, text: str, candidates: Sequence[str]) -> tuple[str, float, float]:
        """The likeliest of some languages, letters and common words taken together; its probability and that of English
        by the letters alone. Empty if none is likely.
        """
        values = {
            each.language.iso_code_639_1.name.lower(): each.value
            for each in self._detector.compute_language_confidence_values(text)
        }
        words = WORD.findall(text.casefold())
        if values["en"] > _ENGLISH_AT_MOST:
            # Only if most of the words say that it is another language all the same.
            candidates = [
                code
                for code in candidates
                if code in self._worded and self._marks(set(words), self._worded[code]) > _MOST * len(words)
            ]
        scores = {
            code: math.log(values[code]) + _WORTH_OF_A_MARK * self._marks(words, self._worded[code])
            for code in candidates
            if code in self._worded and values[code] > _LEAST_LIKELY
        }
        best = max(scores, key=lambda code: scores[code], default="")
        return best, values.get(best, 0.0), values["en"]


def _patterns(
    languages: Sequence[Language], wanted: Callable[[Phrase], bool]
) -> list[tuple[str, str, re.Pattern[str]]]:
    grouped: dict[tuple[str, str], list[Phrase]] = {}
    for language in languages:
        for phrase in filter(wanted, language.danger):
            grouped.setdefault((language.code, phrase.intent), []).append(phrase)
    return [(code, intent, pattern_of(phrases)) for (code, intent), phrases in grouped.items()]


def _accented(word: str) -> str:
    return "".join(letter for letter in word if not letter.isascii())


def _words(text: str) -> list[str]:
    return WORD.findall(fold(text))


def _script(text: str) -> tuple[str, int]:
    """The script other than Latin that the text has most of, and for how many Latin letters it counts; one that is
    seen only in single letters (faces, formulas) does not count.
    """
    pieces = "".join(_RUN.findall(text))
    if len(pieces) < _LETTERS_OF_A_SCRIPT:
        return "", 0
    counts = {name: len(letters.findall(pieces)) for name, letters in _OF_SCRIPT.items()}
    # Japanese is written in Chinese characters too, but never without its own.
    name = "ja" if counts["ja"] else max(counts, key=lambda each: counts[each])
    return name, len(pieces) * _WORDS_IN_ONE.get(name, 1)


@functools.cache  # its models are in memory once, whoever asks
def _detector() -> LanguageDetector:
    codes = [
        getattr(IsoCode639_1, code.upper())
        for code in (*_LATIN, *_SHARED_BY["cyrillic"], *_SHARED_BY["arabic"])
    ]
    builder = LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    return builder.with_low_accuracy_mode().with_preloaded_language_models().build()
