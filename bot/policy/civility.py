"""Civility: swearing, abuse, threats, hate and harassment, told apart by whom they are about and how they are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from bot.policy.concepts import Grammar, Match, PatternBook, PatternInvalid, Spelling, Word, split_patterns
from bot.policy.findings import Context, Finding, Severity
from bot.policy.language import Language, Spoken
from bot.policy.reading import Reading
from bot.policy.wordweights import WordWeights
from bot.yamlfile import ConfigError, read_yaml

SECTIONS: Mapping[str, str] = {
    "abuse": "abuse",
    "abuse_of_slur_only": "slur",
    "hate": "hate",
    "hate_of_they": "hate",
    "hate_of_whom": "hate_perhaps",
    "hate_if_short": "hate_perhaps",
    "hate_near": "hate_perhaps",
    "threat": "threat",
    "wish": "threat",
    "harassment": "harassment",
    "obscene": "obscene",
}
"""The sections of abuse.yml whose patterns break the clause, each with the ground that it gives."""
EXCUSES = ("idiom", "of_oneself")
"""Sections whose patterns take away what they overlap: threats in jest, and what is said of oneself."""
GROUNDS: Mapping[str, Severity] = {
    "swearing": "note",
    "abuse": "flag",
    "obscene": "flag",
    "hate_perhaps": "flag",
    "abuse_perhaps": "flag",
    "slur": "hide",
    "hate": "hide",
    "threat": "hide",
    "harassment": "flag",
    "quoted_slur": "flag",
}
"""Every ground that this check gives, with its severity where data/policy.yml does not say otherwise."""
SHORT = 6
"""Words of a message that says nothing else: for `hate_if_short`, which in a longer one may be about bins."""
SHORT_SENTENCE = 4
NEAR, FAR = 6, 10
"""Words before a saying within which a word of calling names, or of saying, makes it somebody else's."""
_THE_TWO_OF_US = frozenset({"i", "we", "you"})
_IS_WHAT = (["is", "what"], ["was", "what"])
_OPINIONS = frozenset({"hate", "hate_perhaps", "threat"})
"""Grounds of whole sentences, which others may also be reported to have said, written or thought."""
_QUOTED = re.compile(r'"[^"\n]{2,300}"|(?<!\w)\'[^\'\n]{2,300}\'(?!\w)|(?<!\w)\'[^"\n]{2,200}?\'(?!\w)')


OF_PERSONS = frozenset(
    f"<{name}>"
    for name in ("you", "they", "worker", "kin", "origin", "belief", "orientation", "sexes", "degrade")
)
"""Signs that somebody is spoken of."""
NEEDED = frozenset(
    {"call", "say", "condemn", "agree", "wellmeant", "not_true", "fill", "swear"}
    | {"beast", "origin", "belief", "nasty_name", "nasty_names"}
)
"""Concepts of abuse.yml that this module itself speaks of."""
GIVEN = frozenset({"insult", "mild_insult", "slur", "crude"})
"""Concepts that language.yml gives."""


class CivilityLimits(BaseModel):
    """What counts.

    Attributes:
        swearing_from_grade: words of Ofcom's lower grades are let pass; with 5 all are.
        learned_from: score of the learned weights from which a message that breaks no pattern is flagged.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    swearing_from_grade: int = Field(default=2, ge=1, le=5)
    learned_from: float = Field(default=1.5, ge=0)


class AbuseFile(BaseModel):
    """data/policy/abuse.yml; how patterns are written stands in bot/policy/concepts.py."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    spellings: dict[str, str]
    signs: str
    concepts: dict[str, str] = Field(min_length=1)
    patterns: dict[str, str] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one pattern is for: a ground or an excuse, or the entry that it makes harmless.

    `crosses` tells of a pattern that may go from one sentence to the next.
    """

    section: str
    entry: str = ""
    crosses: bool = False


class Civility:
    """The check of the clause `civility`."""

    def __init__(
        self, language: Language, abuse: AbuseFile, weights: WordWeights, limits: CivilityLimits | None = None
    ) -> None:
        """Raises PatternInvalid when a pattern cannot be read."""
        self._language = language
        self._weights = weights
        self.limits = limits or CivilityLimits()
        self._spelling = Spelling(abuse.spellings, (), (), ())
        concepts = {**abuse.concepts, **_concepts_of(language)}
        self._rules: list[_Rule] = []
        patterns: list[str] = []
        for rule, pattern in _all_patterns(language, abuse):
            self._rules.append(rule)
            patterns.append(pattern)
        grammar = Grammar(self._spelling, concepts)
        self._book = PatternBook(grammar, patterns)
        self._call = _single_words(concepts["call"])
        self._say = self._call | _single_words(concepts["say"])
        self._condemn = _single_words(concepts["condemn"])
        self._agree = _single_words(concepts["agree"])
        self._fill = _single_words(concepts["fill"]) | _single_words(concepts["swear"])
        self._names = _single_words(concepts["nasty_name"]) | _single_words(concepts["nasty_names"]) - {
            "bastards"
        }
        self._beasts = _single_words(concepts["beast"])
        self._groups = _single_words(concepts["origin"]) | _single_words(concepts["belief"])
        self._well_meant = _single_words(concepts["wellmeant"])
        self._not_true = _single_words(concepts["not_true"])
        self._signs: dict[str, list[str]] = {}
        for name in abuse.signs.split():
            for word in _single_words(concepts[name]):
                self._signs.setdefault(word, []).append(name)
        self._cache: dict[str, tuple[str, ...]] = {}

    @classmethod
    def from_files(
        cls, root: Path, limits: CivilityLimits | None = None, weights: WordWeights | None = None
    ) -> Civility:
        """Read language.yml, abuse.yml and, unless given, the weights below `root`; raises ConfigError."""
        folder = root / "data" / "policy"
        document = read_yaml(folder / "abuse.yml")
        file = document.checked(AbuseFile)
        known = {*SECTIONS, *EXCUSES}
        for name in file.patterns:
            if name not in known:
                raise document.error(("patterns", name), f"must be one of {', '.join(sorted(known))}")
        for name in (*NEEDED, *file.signs.split()):
            if name not in file.concepts and name not in GIVEN:
                raise document.error(("concepts",), f"must have {name}")
        try:
            language = Language.from_file(folder / "language.yml", _said_in_disguise(file))
            return cls(
                language, file, weights or WordWeights.load(folder / "weights" / "civility.json"), limits
            )
        except PatternInvalid as error:
            raise ConfigError(document.path, _line_of(document.path, str(error)), str(error)) from None

    def check(self, reading: Reading, _context: Context) -> list[Finding]:
        """The findings, one for each ground and place."""
        spoken = self._language.spoken(reading)
        if not spoken:
            return []
        scene = _Scene(reading, self._words(spoken), self._spans_of_quotes(reading))
        matches = self._book.find(scene.words)
        found = _without_doubles(self._judged(scene, matches))
        if all(finding.severity == "note" for finding in found):
            found += self._learned(scene)
        return found

    def signs(self, reading: Reading) -> list[str]:
        """What the learned weights see beside the words: which concepts are there, and which two in one sentence."""
        return self._signs_of(_Scene(reading, self._words(self._language.spoken(reading)), ()))

    # --- what is found ---------------------------------------------------------------------------------------------

    def _judged(self, scene: _Scene, matches: Sequence[Match]) -> Iterator[Finding]:
        harmless, excused, graver = self._sorted_out(scene, matches)
        for rule, first, last in graver:
            if (rule.section != "wish" and excused & set(range(first, last))) or self._all_harmless(
                scene, first, last, harmless
            ):
                continue
            ground = SECTIONS[rule.section]
            if rule.section == "hate_if_short" and len(scene.words) > SHORT:
                continue
            if ground.startswith("hate") and self._is_denied(scene, first):
                continue
            if rule.section == "hate_near" and self._is_well_meant(scene, first, last):
                continue
            if not self._is_reported(scene, first, ground):
                yield self._finding(scene, ground, first, last)
            elif ground == "slur":
                yield self._finding(scene, "quoted_slur", first, last)
        yield from self._alone(scene, harmless)
        yield from self._graded(scene, harmless, excused)
        yield from self._phrases(scene, matches, harmless)

    def _sorted_out(
        self, scene: _Scene, matches: Sequence[Match]
    ) -> tuple[set[tuple[str, int]], set[int], list[tuple[_Rule, int, int]]]:
        """Which words are harmless, which are excused, and the other matches as first and last word."""
        harmless: set[tuple[str, int]] = set()
        excused: set[int] = set()
        graver: list[tuple[_Rule, int, int]] = []
        for match in matches:
            rule = self._rules[match.key]
            first, last = match.spans[0]
            if rule.section == "harmless":
                harmless.update((rule.entry, number) for number in range(first, last))
            elif rule.section in EXCUSES:
                if scene.in_one_sentence(first, last):
                    excused.update(range(first, last))
            elif rule.section in SECTIONS and (rule.crosses or scene.in_one_sentence(first, last)):
                graver.append((rule, first, last))
        return harmless, excused, graver

    def _alone(self, scene: _Scene, harmless: set[tuple[str, int]]) -> Iterator[Finding]:
        """Sentences that are nothing but a name: `Absolute wanker.`, and `Animals.` after one about a group."""
        for first, last in scene.short_sentences():
            said = [word.text for word in scene.words[first:last]]
            if not all(word in self._fill for word in said[:-1]):
                continue
            if said[-1] in self._names and not any(number == last - 1 for _, number in harmless):
                yield self._finding(scene, "abuse", first, last)
            elif said[-1] in self._beasts and any(word.text in self._groups for word in scene.words[:first]):
                yield self._finding(scene, "hate", first, last)

    def _graded(self, scene: _Scene, harmless: set[tuple[str, int]], excused: set[int]) -> Iterator[Finding]:
        for number, entry_name in scene.entries():
            entry = self._language.words[entry_name]
            if entry.aimed or (entry_name, number) in harmless:
                continue
            if entry.kind == "slur":
                apart = number in excused or self._is_reported(scene, number, entry.kind)
                yield self._finding(scene, "quoted_slur" if apart else "slur", number, number + 1)
            elif entry.grade >= self.limits.swearing_from_grade and not (
                entry.kind == "insult" and self._is_reported(scene, number, entry.kind)
            ):
                yield self._finding(scene, "swearing", number, number + 1)

    def _phrases(
        self, scene: _Scene, matches: Sequence[Match], harmless: set[tuple[str, int]]
    ) -> Iterator[Finding]:
        """Graded entries of several words."""
        for match in matches:
            rule = self._rules[match.key]
            if rule.section != "phrase":
                continue
            first, last = match.spans[0]
            entry = self._language.words[rule.entry]
            if (rule.entry, first) in harmless or not scene.in_one_sentence(first, last):
                continue
            if entry.kind == "slur":
                yield self._finding(
                    scene,
                    "quoted_slur" if self._is_reported(scene, first, entry.kind) else "slur",
                    first,
                    last,
                )
            elif entry.grade >= self.limits.swearing_from_grade:
                yield self._finding(scene, "swearing", first, last)

    def _all_harmless(self, scene: _Scene, first: int, last: int, harmless: set[tuple[str, int]]) -> bool:
        graded = [(entry, number) for number, entry in scene.entries() if first <= number < last]
        return bool(graded) and all(each in harmless for each in graded)

    def _is_reported(self, scene: _Scene, first: int, ground: str) -> bool:
        """Whether others' words are told here: in quotes, or after a word for saying that is not the writer's own."""
        start = scene.words[first].start
        for begin, end in scene.quotes:
            if begin < start < end:
                return self._is_told(scene, begin, end)
        if [word.text for word in scene.words[first + 1 : first + 3]] in _IS_WHAT:
            return True  # "… is what they shouted at us"
        sentence = scene.words[first].sentence
        reach, tellers = (FAR, self._say) if ground in _OPINIONS else (NEAR, self._call)
        for number in range(first - 1, max(-1, first - 1 - reach), -1):
            word = scene.words[number]
            if word.sentence != sentence:
                break
            if word.text in tellers:
                following = {each.text for each in scene.words[first:]}
                own = number > 0 and scene.words[number - 1].text in _THE_TWO_OF_US
                return not own and not following & self._agree
        return False

    def _is_told(self, scene: _Scene, begin: int, end: int) -> bool:
        """Whether what is quoted there is told of others, without agreeing."""
        outside = {word.text for word in scene.words if not begin < word.start < end}
        return bool(outside & (self._condemn | self._say)) and not outside & self._agree

    def _is_denied(self, scene: _Scene, first: int) -> bool:
        """Whether it is said not to be so: `not all …`, `nobody should say …`."""
        sentence = scene.words[first].sentence
        before = [word.text for word in scene.words[max(0, first - 2) : first] if word.sentence == sentence]
        return not self._not_true.isdisjoint(before)

    def _is_well_meant(self, scene: _Scene, first: int, last: int) -> bool:
        """Whether the sentence denies it, or speaks of help, of harm done to a group or of services and places."""
        sentence = scene.words[first].sentence
        if any(word.text in self._not_true for word in scene.words[first:last]):
            return True
        return any(word.sentence == sentence and word.text in self._well_meant for word in scene.words)

    def _finding(self, scene: _Scene, ground: str, first: int, last: int) -> Finding:
        start, end = scene.reading.at(scene.words[first].start, scene.words[last - 1].end)
        return Finding("civility", GROUNDS[ground], f"civility.{ground}", start, end)

    def _learned(self, scene: _Scene) -> list[Finding]:
        """What no pattern knows, but much speaks for, if somebody is spoken of and it is not told of others."""
        signs = self._signs_of(scene)
        if OF_PERSONS.isdisjoint(signs) or {"<call>", "<condemn>"} <= set(signs):
            return []
        if any(self._is_told(scene, begin, end) for begin, end in scene.quotes):
            return []
        if self._weights.score(scene.reading, signs) < self.limits.learned_from:
            return []
        return [self._finding(scene, "abuse_perhaps", 0, len(scene.words))]

    def _signs_of(self, scene: _Scene) -> list[str]:
        by_sentence: dict[int, set[str]] = {}
        for word in scene.words:
            if (names := self._signs.get(word.text)) is not None:
                by_sentence.setdefault(word.sentence, set()).update(names)
        found: set[str] = set()
        for together in by_sentence.values():
            found.update(f"<{name}>" for name in together)
            found.update(f"<{one}+{two}>" for one, two in combinations(sorted(together - {"fill"}), 2))
        return sorted(found)

    # --- how it is read ----------------------------------------------------------------------------------------------

    def _words(self, spoken: Sequence[Spoken]) -> list[_Told]:
        return [
            _Told(Word(word, each.start, each.end, each.sentence), each.entry)
            for each in spoken
            for word in self._spelt(each.word)
        ]

    def _spelt(self, word: str) -> tuple[str, ...]:
        known = self._cache.get(word)
        if known is None:
            if len(self._cache) > 20_000:
                self._cache.clear()
            known = self._cache[word] = tuple(self._spelling.pattern_words(word))
        return known

    @staticmethod
    def _spans_of_quotes(reading: Reading) -> tuple[tuple[int, int], ...]:
        if '"' not in reading.plain and "'" not in reading.plain:
            return ()
        return tuple(found.span() for found in _QUOTED.finditer(reading.plain))


@dataclass(frozen=True, slots=True)
class _Told:
    word: Word
    entry: str | None


class _Scene:
    """One message, as its words and what stands in quotes."""

    def __init__(
        self,
        reading: Reading,
        told: Sequence[_Told],
        quotes: tuple[tuple[int, int], ...],
    ) -> None:
        self.reading = reading
        self.words = [each.word for each in told]
        self._entries = [(number, each.entry) for number, each in enumerate(told) if each.entry is not None]
        self.quotes = quotes

    def entries(self) -> list[tuple[int, str]]:
        """The graded words, by their number."""
        return self._entries

    def short_sentences(self) -> Iterator[tuple[int, int]]:
        """Sentences of few words, as first and last word."""
        first = 0
        for number in range(1, len(self.words) + 1):
            if number == len(self.words) or self.words[number].sentence != self.words[first].sentence:
                if number - first <= SHORT_SENTENCE:
                    yield first, number
                first = number

    def in_one_sentence(self, first: int, last: int) -> bool:
        return self.words[first].sentence == self.words[last - 1].sentence


def _without_doubles(findings: Iterator[Finding]) -> list[Finding]:
    """Of findings of one ground that overlap, the longest; in the order of the text."""
    kept: list[Finding] = []
    for each in sorted(findings, key=lambda finding: (finding.start - finding.end, finding.start)):
        if not any(
            other.check == each.check and other.start < each.end and each.start < other.end for other in kept
        ):
            kept.append(each)
    return sorted(kept, key=lambda finding: (finding.start, finding.end, finding.check))


def _concepts_of(language: Language) -> dict[str, str]:
    """The concepts that language.yml gives to abuse.yml."""
    strong = language.forms("insult", aimed=False, grades=range(2, 5))
    # Verbs and adjectives are no names for a person.
    names = [form for form in strong if not form.endswith(("ing", "in", "ed", "y", "ish"))]
    mild = {*language.forms("insult", aimed=True), *language.forms("insult", grades=range(1, 2))}
    return {
        "insult": ";".join(names),
        "mild_insult": ";".join(sorted(mild)),
        "slur": ";".join(language.forms("slur", aimed=False)),
        "crude": ";".join(language.forms("sexual")),
    }


def _all_patterns(language: Language, abuse: AbuseFile) -> Iterator[tuple[_Rule, str]]:
    for section, text in abuse.patterns.items():
        for pattern in split_patterns(text):
            yield _Rule(section, crosses=" ... " in pattern), pattern
    for phrase, name in language.phrases.items():
        if not language.words[name].aimed:
            yield _Rule("phrase", name), phrase
    for name, entry in language.words.items():
        for pattern in split_patterns(entry.harmless):
            yield _Rule("harmless", name), pattern


def _said_in_disguise(abuse: AbuseFile) -> frozenset[str]:
    """Ungraded words that people disguise all the same: groups, and what they are called."""
    signs = {sign for sign in abuse.spellings if not sign.isascii()}
    names = ("group", "belief", "beast", "bad", "contempt_verb", "kill")
    return frozenset(signs).union(*(_single_words(abuse.concepts.get(name, "")) for name in names))


def _single_words(concept: str) -> frozenset[str]:
    return frozenset(
        word for pattern in split_patterns(concept) if " " not in pattern for word in pattern.split("|")
    )


def _line_of(path: Path, message: str) -> int:
    """The line that holds what the message quotes; 1 if none does."""
    quoted = [
        part for parts in re.findall(r"\"([^\"]*)\"|'([^']*)'|(<\w+>)", message) for part in parts if part
    ]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if any(part in line for part in quoted):
            return number
    return 1
