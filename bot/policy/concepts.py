"""Patterns of words: concepts that are put together, and found in what people write in haste.

A pattern is written as words with spaces between them, after the words that carry nothing (`fillers`) were left out:

    word        that word, as `spellings` would write it      a|b_c   either `a` or `b c`
    <child>     any of the concept's own patterns             burn*   any word that begins so    word?   may be missing
    ..          up to four words of the same sentence         ...     up to twelve words, from sentence to sentence
    one & two   both occur somewhere in the message

A pattern list holds one pattern in a line, or several with semicolons between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

NEAR, FAR = 4, 12
"""Words that `..` and `...` may pass over."""
LONG_ENOUGH, LONG = 5, 9
"""Letters from which a key word may be misspelt by one edit, and by two."""
REMEMBERED = 50_000
"""Words whose meaning is kept in memory; then it begins anew."""
MATCHES_EACH = 4
"""Places at which one pattern is found in one message; more add nothing."""

_TOKEN = re.compile(r"[^\W_]+(?:['*@$!][^\W_]+)*'?|[.?!\n;]+", re.ASCII)
_STRETCHED = re.compile(r"(.)\1{2,}")
_LEET = str.maketrans("013457@$!", "oieastasi")
_ENDINGS = {"n't": "not", "'m": "", "'re": "", "'ve": "", "'s": "", "'ll": "will", "'d": "would"}
_IRREGULAR = {
    "can't": "can not",
    "won't": "will not",
    "shan't": "will not",
    "y'all": "you",
    "o'clock": "oclock",
}


class PatternInvalid(ValueError):
    """A pattern that cannot be read; the text says which and why, `pattern` is the pattern."""

    def __init__(self, why: str, pattern: str) -> None:
        self.pattern = pattern
        super().__init__(f"{why}: {pattern!r}")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as patterns see it: `start` and `end` count characters of the text that was read."""

    text: str
    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern that was found: `key` names it, `spans` are word numbers (first, after the last), one for each part."""

    key: int
    spans: tuple[tuple[int, int], ...]

    @property
    def words(self) -> frozenset[int]:
        """The numbers of the words between the ends of each part."""
        return frozenset(number for first, end in self.spans for number in range(first, end))


class Spelling:
    """How people write the words that patterns know."""

    def __init__(
        self, spellings: Mapping[str, str], fillers: Iterable[str], keys: Iterable[str], others: Iterable[str]
    ) -> None:
        """`spellings` gives for a word what stands for it; `keys` may be misspelt; `others` are words in their own
        right that a misspelt key looks like.
        """
        self._spellings = {word: tuple(each.split()) for word, each in spellings.items()}
        self._fillers = frozenset(fillers)
        self._others = frozenset(others)
        self._keys = sorted(keys)
        self._near: dict[str, list[str]] = {}
        for key in self._keys:
            for shorter in _shorter(key, 2 if len(key) >= LONG else 1):
                self._near.setdefault(shorter, []).append(key)

    def words(self, plain: str) -> list[Word]:
        """The words of a folded text, spelt out, without those that carry nothing."""
        found: list[Word] = []
        sentence = 0
        for token in _TOKEN.finditer(plain):
            text = token[0]
            if text[0] in ".?!\n;":
                sentence += 1
                continue
            place = token.span()
            found.extend(
                Word(each, *place, sentence) for each in self._spelt(text) if each not in self._fillers
            )
        return found

    def pattern_words(self, text: str) -> list[str]:
        """A pattern's word as `words` would give it; nothing for a filler."""
        return [each for each in self._spelt(text) if each not in self._fillers]

    def near(self, word: str) -> str | None:
        """The key word that this is a misspelling of, if it is one."""
        if len(word) < LONG_ENOUGH or word in self._others:
            return None
        if "*" in word:
            return self._starred(word)
        found = {
            key
            for shorter in _shorter(word, 2 if len(word) >= LONG else 1)
            for key in self._near.get(shorter, ())
            if abs(len(key) - len(word)) <= (2 if len(key) >= LONG else 1)
        }
        return min(found, key=lambda key: (_unlike(key, word), key), default=None)

    def _starred(self, word: str) -> str | None:
        pattern = re.compile(re.escape(word).replace(r"\*", "."))
        return next((key for key in self._keys if pattern.fullmatch(key)), None)

    def _spelt(self, text: str) -> Iterator[str]:
        text = text.rstrip("'")
        known = self._spellings.get(text)
        if known is None and text in _IRREGULAR:
            known = tuple(_IRREGULAR[text].split())
        if known is not None:
            yield from known
            return
        if "'" in text:
            yield from self._apart(text)
            return
        if not text.isalpha() and not text.isdigit() and "*" not in text:
            text = (
                text.translate(_LEET)
                if any(char.isalpha() for char in text) and text[-1:].isalpha()
                else text
            )
        if _STRETCHED.search(text) and not text.isdigit():
            text = _STRETCHED.sub(r"\1", text)
        yield from self._spellings.get(text, (text,))

    def _apart(self, text: str) -> Iterator[str]:
        for ending, meaning in _ENDINGS.items():
            if text.endswith(ending) and text != ending:
                head = text.removesuffix(ending)
                yield from self._spellings.get(head, (head,))
                if meaning:
                    yield meaning
                return
        for part in text.split("'"):
            if part:
                yield from self._spellings.get(part, (part,))


def _unlike(one: str, other: str) -> tuple[int, int]:
    """How far two words are apart: in length, then in letters at the same place."""
    differing = sum(a != b for a, b in zip(one, other, strict=False))
    return abs(len(one) - len(other)), differing


def _shorter(word: str, letters: int) -> Iterator[str]:
    """The word itself, and with up to so many letters left out."""
    seen = {word}
    edge = [word]
    yield word
    for _ in range(letters):
        following = []
        for each in edge:
            for index in range(len(each)):
                less = each[:index] + each[index + 1 :]
                if less not in seen:
                    seen.add(less)
                    following.append(less)
                    yield less
        edge = following


@dataclass(frozen=True, slots=True)
class _Element:
    """One place in a sequence: a class of words, a concept of several words, or a gap."""

    word: int = -1
    concept: str = ""
    gap: int = 0
    crosses: bool = False


_GAPS = {"..": _Element(gap=NEAR), "...": _Element(gap=FAR, crosses=True)}


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Elements in order; `anchor` is the one that is looked for first; found for `target`."""

    elements: tuple[_Element, ...]
    anchor: int
    target: str | tuple[int, int]


class Grammar:
    """Concepts, and the classes of words that they and all patterns speak of."""

    def __init__(self, spelling: Spelling, concepts: Mapping[str, str]) -> None:
        """Raises PatternInvalid for a concept that cannot be read, is unknown or speaks of itself."""
        self.spelling = spelling
        self._sources = {name: split_patterns(text) for name, text in concepts.items()}
        self._classes: dict[frozenset[str], int] = {}
        self._weight: list[float] = []
        self._literal: dict[str, set[int]] = {}
        self._prefix: dict[str, set[int]] = {}
        self._prefix_lengths: tuple[int, ...] = ()
        self._plain: dict[str, frozenset[str]] = {}
        self.levels: dict[str, int] = {}
        for name in concepts:
            self._level(name, ())
        self.concept_sequences = {
            name: [each for pattern in self._sources[name] for each in self.sequences(pattern, name)]
            for name in concepts
            if name not in self._plain
        }
        self._meaning: dict[str, frozenset[int]] = {}

    def meaning(self, word: str) -> frozenset[int]:
        """The classes that a word belongs to, as it is written or as the key word that it nearly is."""
        known = self._meaning.get(word)
        if known is None:
            if len(self._meaning) >= REMEMBERED:
                self._meaning.clear()
            found = self._exactly(word)
            if word not in self._literal and (near := self.spelling.near(word)) is not None:
                found |= self._exactly(near)
            known = self._meaning[word] = frozenset(found)
        return known

    def sequences(self, pattern: str, target: str | tuple[int, int]) -> list[_Sequence]:
        """A pattern without `&` as sequences, one for each choice of what may be missing."""
        choices: list[list[list[_Element]]] = []
        for token in pattern.split():
            optional = token.endswith("?")
            either = self._either(token.removesuffix("?"), pattern)
            choices.append([*either, []] if optional else either)
        found = []
        for choice in product(*choices):
            elements = [each for part in choice for each in part]
            if all(each.gap for each in elements):
                raise PatternInvalid("holds no word", pattern)
            self._check_length(elements, pattern)
            found.append(_Sequence(tuple(elements), self._anchor(elements), target))
        return found

    def _check_length(self, elements: Sequence[_Element], pattern: str) -> None:
        """Refuse a pattern of several words of which fillers leave one: it would be found far too often."""
        written = [token for token in pattern.split() if token not in _GAPS and not token.endswith("?")]
        left = [each for each in elements if not each.gap]
        plain = not any(sign in pattern for sign in "|<*")
        if plain and len(written) > 1 and len(left) == 1:
            raise PatternInvalid("only one word is left of it", pattern)

    def _exactly(self, word: str) -> set[int]:
        found = set(self._literal.get(word, ()))
        for length in self._prefix_lengths:
            if length <= len(word):
                found |= self._prefix.get(word[:length], set())
        return found

    def _either(self, token: str, pattern: str) -> list[list[_Element]]:
        """What one token of a pattern may be: elements, for each concept of several words in it and for the rest."""
        if token in _GAPS:
            return [[_GAPS[token]]]
        found: list[list[_Element]] = []
        words: set[str] = set()
        for each in token.split("|"):
            if each.startswith("<"):
                name = self._named(each)
                if name in self._plain:
                    words |= self._plain[name]
                else:
                    found.append([_Element(concept=name)])
                continue
            spelt = self._spelt(each, pattern)
            if len(spelt) == 1:
                words.add(spelt[0])
            elif spelt or "|" not in token:  # among alternatives, one that is left out anyway says nothing
                found.append([_Element(word=self._class(frozenset({word}))) for word in spelt])
        if words:
            found.append([_Element(word=self._class(frozenset(words)))])
        return found

    def _named(self, token: str) -> str:
        name = token[1:-1]
        if not token.endswith(">") or name not in self._sources:
            raise PatternInvalid("names an unknown concept", token)
        return name

    def _spelt(self, alternative: str, pattern: str) -> list[str]:
        """The words of one alternative, as `words` of a message would give them."""
        found = []
        for word in alternative.split("_"):
            self._check(word, pattern)
            found += [word] if word.endswith("*") else self.spelling.pattern_words(word)
        return found

    def _check(self, word: str, pattern: str) -> None:
        if not re.fullmatch(r"[a-z0-9']+\*?", word):
            raise PatternInvalid(f"cannot be read, for {word!r}", pattern)

    def _alternatives(self, token: str, pattern: str) -> frozenset[str]:
        found: set[str] = set()
        for each in token.split("|"):
            found.update(self._spelt(each, pattern))
        return frozenset(found)

    def _class(self, alternatives: frozenset[str]) -> int:
        number = self._classes.get(alternatives)
        if number is None:
            number = self._classes[alternatives] = len(self._classes)
            self._weight.append(sum(_frequency(each) for each in alternatives))
            for each in alternatives:
                if each.endswith("*"):
                    self._prefix.setdefault(each[:-1], set()).add(number)
                else:
                    self._literal.setdefault(each, set()).add(number)
            self._prefix_lengths = tuple(sorted({len(each) for each in self._prefix}))
        return number

    def _anchor(self, elements: Sequence[_Element]) -> int:
        def cost(index: int) -> float:
            element = elements[index]
            if element.gap:
                return float("inf")
            return 40.0 if element.concept else self._weight[element.word]

        return min(range(len(elements)), key=cost)

    def _level(self, name: str, above: tuple[str, ...]) -> int:
        """How deep a concept stands: 0 for single words, else one more than the deepest that it speaks of."""
        if name in self.levels:
            return self.levels[name]
        if name in above:
            raise PatternInvalid("speaks of itself", f"<{name}>")
        level, single = 0, True
        words: set[str] = set()
        for pattern in self._sources[name]:
            tokens = pattern.split()
            for token in tokens:
                for each in token.removesuffix("?").split("|"):
                    if each.startswith("<"):
                        inner = self._named(each)
                        level = max(level, self._level(inner, (*above, name)))
                        single = single and inner in self._plain
                        words |= self._plain.get(inner, frozenset())
                    elif len(tokens) == 1 and len(self._single(token)) == 1:
                        words |= self._alternatives(each, pattern)
            single = single and len(tokens) == 1 and len(self._single(tokens[0])) == 1
        if single:
            self._plain[name] = frozenset(words)
            self.levels[name] = 0
        else:
            self.levels[name] = level + 1
        return self.levels[name]

    def _single(self, token: str) -> list[str]:
        """The token if each of its alternatives is one word, else nothing."""
        parts = [each for each in token.split("|") if each[-1] not in "*>"]
        each_one = ("_" not in each and len(self.spelling.pattern_words(each)) <= 1 for each in parts)
        return [token] if all(each_one) else []


def _frequency(word: str) -> float:
    """A guess at how common a word is: short ones are."""
    length = len(word.rstrip("*"))
    return 100.0 if length <= 3 else 12.0 if length == 4 else 2.0


def split_patterns(text: str) -> list[str]:
    """The patterns of a list, as written; a line that begins with # is a remark."""
    lines = (line.strip() for line in text.splitlines())
    parts = (part.strip() for line in lines if not line.startswith("#") for part in line.split(";"))
    return [part for part in parts if part]


class PatternBook:
    """Patterns of one purpose, found together in one pass over a message."""

    def __init__(self, grammar: Grammar, patterns: Sequence[str]) -> None:
        """Raises PatternInvalid; a match's key is the pattern's number in `patterns`."""
        self._grammar = grammar
        self._parts: list[int] = []
        own: list[_Sequence] = []
        for key, pattern in enumerate(patterns):
            parts = [part.strip() for part in pattern.split("&")]
            self._parts.append(len(parts))
            for index, part in enumerate(parts):
                own.extend(grammar.sequences(part, (key, index)))
        needed = self._needed(own)
        deepest = max((grammar.levels[name] for name in needed), default=0)
        self._levels: list[tuple[dict[int, list[_Sequence]], dict[str, list[_Sequence]]]] = [
            ({}, {}) for _ in range(deepest + 2)
        ]
        for name in needed:
            for sequence in grammar.concept_sequences[name]:
                self._put(sequence, grammar.levels[name])
        for sequence in own:
            self._put(sequence, deepest + 1)

    def find(self, words: Sequence[Word], masked: frozenset[int] = frozenset()) -> list[Match]:
        """All patterns that occur, without the words whose numbers are masked."""
        return _Search(self._grammar, self._levels, self._parts, words, masked).run()

    def _needed(self, own: Iterable[_Sequence]) -> list[str]:
        needed: dict[str, None] = {}
        todo = [element.concept for sequence in own for element in sequence.elements if element.concept]
        while todo:
            name = todo.pop()
            if name not in needed:
                needed[name] = None
                todo.extend(
                    element.concept
                    for sequence in self._grammar.concept_sequences[name]
                    for element in sequence.elements
                    if element.concept
                )
        return list(needed)

    def _put(self, sequence: _Sequence, level: int) -> None:
        by_word, by_concept = self._levels[level]
        anchor = sequence.elements[sequence.anchor]
        if anchor.concept:
            by_concept.setdefault(anchor.concept, []).append(sequence)
        else:
            by_word.setdefault(anchor.word, []).append(sequence)


class _Search:
    """One pass over one message."""

    def __init__(
        self,
        grammar: Grammar,
        levels: Sequence[tuple[dict[int, list[_Sequence]], dict[str, list[_Sequence]]]],
        parts: Sequence[int],
        words: Sequence[Word],
        masked: frozenset[int],
    ) -> None:
        self._levels = levels
        self._parts = parts
        self._sentences = [word.sentence for word in words]
        nothing: frozenset[int] = frozenset()
        self._classes = [
            nothing if number in masked else grammar.meaning(word.text) for number, word in enumerate(words)
        ]
        self._places: dict[int, list[int]] = {}
        for place, classes in enumerate(self._classes):
            for each in classes:
                self._places.setdefault(each, []).append(place)
        self._from: dict[str, dict[int, set[int]]] = {}
        self._to: dict[str, dict[int, set[int]]] = {}
        self._found: dict[int, dict[int, list[tuple[int, int]]]] = {}

    def run(self) -> list[Match]:
        for by_word, by_concept in self._levels:
            for number in self._places.keys() & by_word.keys():
                for sequence in by_word[number]:
                    for place in self._places[number]:
                        self._try(sequence, place, place + 1)
            for name in sorted(self._from.keys() & by_concept.keys()):
                for sequence in by_concept[name]:
                    for start, ends in list(self._from[name].items()):
                        for end in list(ends):
                            self._try(sequence, start, end)
        return list(self._matches())

    def _matches(self) -> Iterator[Match]:
        for key in sorted(self._found):
            parts = self._found[key]
            if len(parts) == self._parts[key]:
                places = [sorted(set(parts[index])) for index in range(self._parts[key])]
                if len(places) == 1:
                    yield from (Match(key, (span,)) for span in places[0][:MATCHES_EACH])
                else:
                    yield Match(key, tuple(spans[0] for spans in places))

    def _try(self, sequence: _Sequence, start: int, end: int) -> None:
        elements, anchor = sequence.elements, sequence.anchor
        last = self._onward(elements, anchor + 1, end)
        if last is None:
            return
        first = self._back(elements, anchor - 1, start)
        if first is None:
            return
        if isinstance(sequence.target, str):
            self._from.setdefault(sequence.target, {}).setdefault(first, set()).add(last)
            self._to.setdefault(sequence.target, {}).setdefault(last, set()).add(first)
        else:
            key, part = sequence.target
            self._found.setdefault(key, {}).setdefault(part, []).append((first, last))

    def _onward(self, elements: tuple[_Element, ...], index: int, place: int) -> int | None:
        """Where the elements from `index` on end, when they begin at `place`."""
        while index < len(elements):
            element = elements[index]
            if element.gap:
                return self._over_gap(elements, index, place)
            if element.concept:
                for end in self._from.get(element.concept, {}).get(place, ()):
                    if (last := self._onward(elements, index + 1, end)) is not None:
                        return last
                return None
            if place >= len(self._classes) or element.word not in self._classes[place]:
                return None
            index, place = index + 1, place + 1
        return place

    def _over_gap(self, elements: tuple[_Element, ...], index: int, place: int) -> int | None:
        element = elements[index]
        for passed in range(element.gap + 1):
            here = place + passed
            if here > len(self._classes):
                return None
            if (
                not element.crosses
                and place > 0
                and here < len(self._classes)
                and self._sentences[here] != self._sentences[place - 1]
            ):
                return None
            if (last := self._onward(elements, index + 1, here)) is not None:
                return last
        return None

    def _back(self, elements: tuple[_Element, ...], index: int, place: int) -> int | None:
        """Where the elements up to `index` begin, when they end before `place`."""
        while index >= 0:
            element = elements[index]
            if element.gap:
                return self._back_over_gap(elements, index, place)
            if element.concept:
                for start in self._to.get(element.concept, {}).get(place, ()):
                    if (first := self._back(elements, index - 1, start)) is not None:
                        return first
                return None
            if place <= 0 or element.word not in self._classes[place - 1]:
                return None
            index, place = index - 1, place - 1
        return place

    def _back_over_gap(self, elements: tuple[_Element, ...], index: int, place: int) -> int | None:
        element = elements[index]
        for passed in range(element.gap + 1):
            here = place - passed
            if here < 0:
                return None
            if (
                not element.crosses
                and here > 0
                and place < len(self._classes)
                and self._sentences[here - 1] != self._sentences[place]
            ):
                return None
            if (first := self._back(elements, index - 1, here)) is not None:
                return first
        return None
