"""Strong language: the graded words of data/policy/language.yml, and finding them however they are disguised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.policy.reading import Reading
from bot.yamlfile import read_yaml

Kind = Literal["swearing", "insult", "slur", "sexual"]
Group = Literal["race", "religion", "disability", "gender", "sexuality", "age"]
REMEMBERED = 20_000
"""Words whose disguise is kept in memory; then it begins anew."""

_CHUNK = re.compile(r"\S+")
_LEADING = re.compile(r"[\"'(\[{<,;:.…/\\>~|+=&%^-]*")
_TRAILING = re.compile(r"[\"')\]}>,;:.…/\\<~|+=?!^-]*$")
_SENTENCE_ENDS = re.compile(r"[.?!;…]")
_PARTS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LINK = re.compile(r"https?:|www\.|@\w+\.\w|\w\.(?:com|org|uk|net|gov|example)\b")
_STARS = re.compile(r"[*#%&$@!?x]*[*#%][*#%&$@!]*|-{2,}|_+|\.{2,}")
_ALL_STARS = re.compile(r"[*#@$%&!]{3,6}(ing|in|er|ers|ed|s|face|wit)?")
_STRETCH = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED = re.compile(r"([^\W\d_])\1")
_LETTERS = str.maketrans("@4365$708!€+9|", "aaegsstobietgi")
_CAN_BE_LEET = re.compile(r"[a-z]*[@4365$708!€+9|1][a-z@4365$708!€+9|1]*")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Part):
    """One graded word with its forms; what each part means stands at the head of language.yml."""

    grade: Annotated[int, Field(ge=1, le=4)]
    kind: Kind
    group: Group | None = None
    forms: str = ""
    aimed: bool = False
    inside: bool = False
    masked: bool = False
    harmless: str = ""
    ours: bool = False


class LanguageFile(_Part):
    """data/policy/language.yml."""

    safe_words: str
    words: dict[Annotated[str, Field(pattern=r"^[a-z ]+$")], Entry] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Spoken:
    """One word of a message: what it means to say, where it stands in the plain text, and its grade if it has one."""

    word: str
    start: int
    end: int
    sentence: int
    entry: str | None = None


class Language:
    """The graded words, made ready once."""

    def __init__(self, words: Mapping[str, Entry], safe_words: str = "", also: Iterable[str] = ()) -> None:
        """`also` are words without a grade that are found in disguise too, and signs that stand for words."""
        self.words = dict(words)
        self.phrases: dict[str, str] = {}
        """Entries and forms of several words, each with its entry."""
        self._forms: dict[str, str | None] = {}
        for name, entry in words.items():
            for form in (name, *entry.forms.split()):
                spoken = form.replace("-", " ")
                if " " in spoken:
                    self.phrases.setdefault(spoken, name)
                    continue
                self._forms.setdefault(spoken, name)
        for name in words:
            if " " not in name and not name.endswith("s"):
                self._forms.setdefault(name + "s", name)
        self._safe = frozenset(safe_words.split())
        self._safe_inside = re.compile(
            "|".join(sorted(map(re.escape, self._safe), key=len, reverse=True)) or r"(?!)"
        )
        inside = [name for name, entry in words.items() if entry.inside]
        self._inside = re.compile("|".join(map(re.escape, inside)) or r"(?!)")
        strong: dict[str, str | None] = {
            form: name for form, name in self._forms.items() if name and self._is_strong(words[name])
        }
        self._signs = frozenset(word for word in also if len(word) == 1)
        plain = [word for word in also if len(word) >= 4 and word not in self._forms]
        strong.update(dict.fromkeys(plain))
        self._forms.update(dict.fromkeys(plain))
        self._strong = strong
        self._single = {
            form: form
            for form, name in strong.items()
            if name and words[name].masked and not _DOUBLED.search(form)
        }
        self._by_letter: dict[str, list[str]] = {}
        for form in strong:
            self._by_letter.setdefault(form[0], []).append(form)
        self._known: dict[str, str | None] = {}

    @classmethod
    def from_file(cls, path: Path, also: Iterable[str] = ()) -> Language:
        """Read language.yml; raises ConfigError with file and line."""
        file = read_yaml(path, unnamed=("words",)).checked(LanguageFile)
        return cls(file.words, file.safe_words, also)

    def forms(self, *kinds: Kind, aimed: bool | None = None, grades: range = range(1, 5)) -> tuple[str, ...]:
        """Every way to say the entries of those kinds, of several words too."""
        wanted = {
            name
            for name, entry in self.words.items()
            if entry.kind in kinds and entry.grade in grades and (aimed is None or entry.aimed == aimed)
        }
        return tuple(form for form, name in (*self._forms.items(), *self.phrases.items()) if name in wanted)

    def spoken(self, reading: Reading) -> list[Spoken]:
        """The words of a message without their disguise; links and handles are left out."""
        found: list[Spoken] = []
        for chunk, start, sentence in _chunks(reading.plain):
            if chunk.isalpha():
                found.append(self._spoken(chunk, start, start + len(chunk), sentence))
            else:
                found.extend(self._taken_apart(chunk, start, sentence))
        return self._joined(found)

    @staticmethod
    def _is_strong(entry: Entry) -> bool:
        return entry.grade >= 2 and not entry.aimed

    def _spoken(self, word: str, start: int, end: int, sentence: int) -> Spoken:
        form = self._undisguised(word)
        if form is None:
            return Spoken(word, start, end, sentence)
        return Spoken(form, start, end, sentence, self._forms[form])

    def _taken_apart(self, chunk: str, start: int, sentence: int) -> Iterator[Spoken]:
        if _LINK.search(chunk):
            return
        signs = [place for place, sign in enumerate(chunk) if sign in self._signs]
        for place in signs[:1]:
            yield Spoken(chunk[place], start + place, start + place + 1, sentence)
        if signs:
            chunk = "".join(" " if sign in self._signs else sign for sign in chunk).rstrip()
        leading, trailing = _LEADING.match(chunk), _TRAILING.search(chunk)
        assert leading and trailing  # both may be empty
        first, last = leading.end(), max(leading.end(), trailing.start())
        core = chunk[first:last]
        if not core:
            return
        begin = start + first
        if core.isalpha() or "'" not in core:
            form = self._undisguised(core)
            if form is not None:
                yield Spoken(form, begin, begin + len(core), sentence, self._forms[form])
                return
        if core.startswith("@"):
            return
        for part in _PARTS.finditer(core):
            yield self._spoken(part[0], begin + part.start(), begin + part.end(), sentence)

    def _undisguised(self, word: str) -> str | None:
        """The form of a graded word that this is, if it is one."""
        if word in self._forms:
            return word
        if word in self._safe:
            return None
        try:
            return self._known[word]
        except KeyError:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            known = self._known[word] = self._found_out(word)
            return known

    def _found_out(self, word: str) -> str | None:
        if len(word) > 60 or not any(char.isalpha() for char in word):
            return None
        if word.isalpha():
            return self._stretched(word) or self._within(word)
        bare = word.strip("*_~#")
        if bare in self._forms:  # *word* and #word
            return bare
        return self._in_digits(word) or self._starred(word) or self._dotted(bare) or self._tagged(bare)

    def _tagged(self, bare: str) -> str | None:
        return (self._stretched(bare) or self._within(bare)) if bare.isalpha() else None

    def _stretched(self, word: str) -> str | None:
        runs = list(_STRETCH.finditer(word))
        if runs:
            for lengths in product((1, 2), repeat=min(len(runs), 4)):
                tried, place = "", 0
                for run, length in zip(runs, lengths, strict=False):
                    tried += word[place : run.start()] + run[1] * length
                    place = run.end()
                tried += word[place:]
                if tried in self._forms:
                    return tried
            word = _STRETCH.sub(r"\1", word)
        return self._single.get(_DOUBLED.sub(r"\1", word)) if _DOUBLED.search(word) or runs else None

    def _within(self, word: str) -> str | None:
        if not self._inside.search(word):
            return None
        bare = self._safe_inside.sub(" ", word)
        found = self._inside.search(bare)
        # Names in other languages hold such letters in their middle; the strongest are sought there too.
        if found is None or (
            self.words[found[0]].grade < 4 and found.start() > 0 and found.end() < len(bare.rstrip("s"))
        ):
            return None
        return found[0]

    def _in_digits(self, word: str) -> str | None:
        """Digits and signs in the place of letters, for no more than half of them."""
        if not _CAN_BE_LEET.fullmatch(word) or sum(map(str.isalpha, word)) * 2 < len(word):
            return None
        letters = word.translate(_LETTERS)
        for choice in ("i", "l"):
            tried = letters.replace("1", choice)
            if tried in self._strong:
                return tried
            if (
                found := self._stretched(tried) if tried.isalpha() else None
            ) is not None and found in self._strong:
                return found
        return None

    def _starred(self, word: str) -> str | None:
        """Asterisks and the like in the place of letters: as many as there are letters, or any number of them."""
        if whole := _ALL_STARS.fullmatch(word):
            return "fucking" if whole[1] in ("ing", "in") and "fucking" in self._forms else None
        if not word[0].isalpha() or not _STARS.search(word):
            return None
        shown = sum(map(str.isalpha, word))
        exact, loose, place = "", "", 0
        for run in _STARS.finditer(word):
            between = re.escape(word[place : run.start()])
            exact += between + f"[a-z]{{{len(run[0])}}}"
            loose += between + "[a-z]+"
            place = run.end()
        rest = re.escape(word[place:])
        for pattern in (exact + rest, loose + rest):
            expression = re.compile(pattern)
            for form in self._by_letter.get(word[0], ()):
                enough = shown >= 2 or (self._is_masked(form) and pattern == exact + rest)
                if enough and expression.fullmatch(form):
                    return form
        return None

    def _is_masked(self, form: str) -> bool:
        name = self._strong[form]
        return name is not None and self.words[name].masked

    def _dotted(self, word: str) -> str | None:
        """f.u.c.k, f-u-c-k, arse-hole: a strong word with signs between its letters."""
        joined = re.sub(r"[^\w]|_", "", word)
        if joined == word or joined not in self._strong:
            return None
        pieces = re.split(r"[^\w]+|_+", word)
        return joined if any(len(piece) <= 2 for piece in pieces) or joined in self._single else None

    def _joined(self, words: list[Spoken]) -> list[Spoken]:
        """The same with words put together that were written letter by letter, or in two."""
        if not any(each.end - each.start <= 3 and each.entry is None for each in words):
            return words
        found: list[Spoken] = []
        place = 0
        while place < len(words):
            joined, used = self._letter_by_letter(words, place)
            if joined is None:
                joined, used = self._in_two(words, place)
            found.append(joined or words[place])
            place += used
        return found

    def _letter_by_letter(self, words: list[Spoken], place: int) -> tuple[Spoken | None, int]:
        end = place
        while end < len(words) and len(words[end].word) == 1 and end - place < 24:
            end += 1
        for last in range(end, place + 2, -1):
            letters = "".join(each.word for each in words[place:last])
            form = letters if letters in self._strong else None
            form = form or (self._in_digits(letters) if not letters.isalpha() else None)
            if form is not None:
                return self._put_together(words, place, last, form), last - place
        return None, 1

    def _in_two(self, words: list[Spoken], place: int) -> tuple[Spoken | None, int]:
        """`fu ck`, `c unt`: one of the two is no word by itself."""
        if place + 1 >= len(words):
            return None, 1
        first, second = words[place], words[place + 1]
        if first.entry or second.entry or second.start - first.end != 1:
            return None, 1
        joined = first.word + second.word
        entry = self._strong.get(joined)
        if not entry or self.words[entry].grade < 3 or len(joined) < 4:
            return None, 1
        fragments = (each for each in (first.word, second.word) if each not in ("a", "i"))
        if any(len(each) == 1 or not re.search("[aeiouy]", each) for each in fragments):
            return self._put_together(words, place, place + 2, joined), 2
        return None, 1

    def _put_together(self, words: list[Spoken], first: int, last: int, form: str) -> Spoken:
        return Spoken(form, words[first].start, words[last - 1].end, words[first].sentence, self._forms[form])


def _chunks(plain: str) -> Iterator[tuple[str, int, int]]:
    """What stands between white space, with its start and the number of its sentence."""
    sentence, before = 0, 0
    for found in _CHUNK.finditer(plain):
        chunk, start = found[0], found.start()
        if "\n" in plain[before:start]:
            sentence += 1
        before = found.end()
        if chunk.isalpha():
            yield chunk, start, sentence
            continue
        yield from _sentences_of(chunk, start, sentence)
        if _SENTENCE_ENDS.search(chunk):
            sentence += len(_SENTENCE_ENDS.findall(chunk.rstrip("\"')*")))


def _sentences_of(chunk: str, start: int, sentence: int) -> Iterator[tuple[str, int, int]]:
    """`done.Next` is two words of two sentences; `f.u.c.k` and `www.x.y` are one."""
    parts = re.split(r"(?<=[a-z*]{3})[.?!;,]+(?=[a-z]{3})", chunk)
    if len(parts) == 1 or _LINK.search(chunk):
        yield chunk, start, sentence
        return
    place = 0
    for number, part in enumerate(parts):
        at = chunk.index(part, place)
        yield part, start + at, sentence + number
        place = at + len(part)
