"""The training data, linted as code is: enough for each intent, nothing twice, nobody's real details."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from ruamel.yaml import YAML

from bot.council import load_council

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = sorted((ROOT / "data" / "nlu").glob("*.yml"))
INTENTS = 95
FEWEST_EXAMPLES = 50
LONGEST_EXAMPLE = 1000
ALIKE = 0.9
"""Jaccard index of two texts' three-character shingles from which they are the same example, changed a little."""

DRAMA_NUMBERS = (
    # Ofcom, Telephone numbers for use in TV and radio drama programmes; 01632 is a code that no place has.
    re.compile(
        r"01632960\d{3}|01\d{2}4960\d{3}|02[0-9]\d?79460\d{3}|02079460\d{3}|02890180\d{3}|02920180\d{3}"
    ),
    re.compile(r"07700900\d{3}|08081570\d{3}|09098790\d{3}|03069990\d{3}"),
)
RESERVED_DOMAINS = re.compile(
    r"(?:.+\.)?(?:example(?:\.(?:com|net|org))?|test|invalid|localhost)", re.IGNORECASE
)
"""RFC 2606 and RFC 6761."""
POSTCODE = re.compile(r"\b[A-Z]{1,2}[0-9][A-Z0-9]?\s*[0-9][ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE)
"""GOV.UK's Bulk Data Transfer pattern, without its special cases."""
PHONE = re.compile(r"(?<![\w-])(?:\+44|0044|0)[\s()-]*(?:\d[\s()-]*){8,10}(?!\w)")


@dataclass(frozen=True)
class Example:
    """One example, where it stands, and what it is an example of."""

    intent: str
    text: str
    place: str

    def __str__(self) -> str:
        return f"{self.place} ({self.intent}): {self.text}"


@cache
def examples() -> tuple[Example, ...]:
    return tuple(example for path in FILES for example in _in_file(path))


def _in_file(path: Path) -> Iterator[Example]:
    for entry in YAML().load(path.read_text(encoding="utf-8"))["nlu"]:
        if "intent" not in entry:
            continue
        first = entry.lc.value("examples")[0] + 2
        for number, line in enumerate(str(entry["examples"]).splitlines(), first):
            assert line.startswith("- "), f"{path.name}:{number}: an example begins with '- ': {line!r}"
            yield Example(entry["intent"], line.removeprefix("- "), f"{path.name}:{number}")


@cache
def domain_intents() -> frozenset[str]:
    return frozenset(YAML(typ="safe").load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"])


@cache
def words(text: str) -> tuple[str, ...]:
    """The words in small letters, without punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(
        char if char.isalnum() or char.isspace() else "" if char in "'’" else " " for char in plain
    )
    return tuple(kept.split())


def same_in_spirit(text: str) -> tuple[str, ...]:
    """What two examples must not share; emoji and the like count where there are no words."""
    return words(text) or tuple(text.split())


def listed(offenders: list[str]) -> str:
    return "\n" + "\n".join(offenders[:40])


def test_should_read_all_files() -> None:
    assert len(FILES) >= 10
    assert len(examples()) > INTENTS * FEWEST_EXAMPLES


def test_should_have_examples_of_exactly_the_intents_of_the_domain() -> None:
    assert len(domain_intents()) == INTENTS
    assert {example.intent for example in examples()} == domain_intents()


def test_should_have_enough_examples_of_each_intent() -> None:
    counts = Counter(example.intent for example in examples())
    few = [f"{intent} {count}" for intent, count in counts.items() if count < FEWEST_EXAMPLES]
    assert not few, listed(few)


def test_should_have_no_example_twice() -> None:
    found: dict[tuple[str, ...], Example] = {}
    twice = []
    for example in examples():
        first = found.setdefault(same_in_spirit(example.text), example)
        if first is not example:
            twice.append(f"{first}\n    {example}")
    assert not twice, listed(twice)


def test_should_have_no_two_intents_with_the_same_words_in_another_order() -> None:
    """Three words or more: of two, "lost dog" and "dog lost" may well be all that there is to say."""
    found: dict[frozenset[str], Example] = {}
    twice = []
    for example in examples():
        bag = frozenset(words(example.text))
        if len(bag) < 3:
            continue
        first = found.setdefault(bag, example)
        if first.intent != example.intent:
            twice.append(f"{first}\n    {example}")
    assert not twice, listed(twice)


def shingles(text: str) -> frozenset[str]:
    plain = " ".join(words(text)) or text
    return frozenset(plain[start : start + 3] for start in range(max(1, len(plain) - 2)))


def near_pairs(
    ours: list[frozenset[str]], theirs: list[frozenset[str]], alike: float
) -> Iterator[tuple[int, int]]:
    """Pairs of one list and the other whose Jaccard index is at least `alike`."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(theirs):
        for shingle in text:
            found[shingle].append(index)
    holders = {shingle: np.asarray(indices) for shingle, indices in found.items()}
    lengths = np.asarray([len(text) for text in theirs])
    nobody = np.zeros(0, dtype=int)
    for index, text in enumerate(ours):
        held = np.concatenate([holders.get(shingle, nobody) for shingle in text])
        shared = np.bincount(held, minlength=len(theirs))
        for other in np.flatnonzero(shared >= alike * (len(text) + lengths - shared)):
            yield index, int(other)


def test_should_find_what_a_comparison_of_all_pairs_finds() -> None:
    texts = [shingles(example.text) for example in examples()[:200]]
    changed = [frozenset(sorted(text)[1:]) for text in texts]
    every_pair = {
        (first, second)
        for first, one in enumerate(changed)
        for second, other in enumerate(texts)
        if len(one & other) >= ALIKE * len(one | other)
    }
    assert len(every_pair) > 100
    assert set(near_pairs(changed, texts, ALIKE)) == every_pair


@pytest.mark.timeout(60)
def test_should_have_no_two_intents_with_nearly_the_same_example() -> None:
    every = examples()
    texts = [shingles(example.text) for example in every]
    twice = [
        f"{every[first]}\n    {every[second]}"
        for first, second in near_pairs(texts, texts, ALIKE)
        if every[first].intent < every[second].intent
    ]
    assert not twice, listed(twice)


def test_should_hold_nothing_that_rasa_reads_as_more_than_words() -> None:
    """A leading / is a payload of a button; brackets and braces mark entities."""
    marked = [
        str(example)
        for example in examples()
        if example.text.startswith("/") or set(example.text) & set("[]{}<>|`")
    ]
    assert not marked, listed(marked)


def test_should_hold_text_as_people_write_it() -> None:
    wrong = [
        str(example)
        for example in examples()
        if not example.text.strip()
        or example.text != example.text.strip()
        or len(example.text) > LONGEST_EXAMPLE
        or any(unicodedata.category(char) in {"Cc", "Co", "Cs", "Cn"} for char in example.text)
    ]
    assert not wrong, listed(wrong)


def phone_numbers(text: str) -> list[str]:
    found = [re.sub(r"\D", "", match) for match in PHONE.findall(text)]
    return [re.sub(r"^(?:0044|44)0?", "0", number) for number in found]


def is_fictional(number: str) -> bool:
    return any(pattern.fullmatch(number) for pattern in DRAMA_NUMBERS)


@pytest.mark.parametrize(
    ("text", "found", "fictional"),
    [
        ("ring me on 07700 900123", ["07700900123"], True),
        ("ring me on +44 7700 900 123 pls", ["07700900123"], True),
        ("(01632) 960 001", ["01632960001"], True),
        ("020 7946 0018", ["02079460018"], True),
        ("07911 123456", ["07911123456"], False),
        ("01632 961 001", ["01632961001"], False),
        ("0161-234-5000", ["01612345000"], False),
        ("FS-05839921 and 39017745 and 12/11/2026 10:00", [], True),
    ],
)
def test_should_tell_invented_phone_numbers_from_real_ones(
    text: str, found: list[str], fictional: bool
) -> None:
    assert phone_numbers(text) == found
    assert all(is_fictional(number) for number in found) is fictional


def test_should_hold_no_phone_number_that_somebody_may_have() -> None:
    real = [
        f"{number} in {example}"
        for example in examples()
        for number in phone_numbers(example.text)
        if not is_fictional(number)
    ]
    assert not real, listed(real)


def test_should_hold_no_email_address_that_somebody_may_have() -> None:
    real = [
        f"{address} in {example}"
        for example in examples()
        for address in re.findall(r"[\w.+-]+@[\w.-]+\.\w+", example.text)
        if not RESERVED_DOMAINS.fullmatch(address.partition("@")[2])
    ]
    assert not real, listed(real)


def test_should_hold_no_web_address_but_of_reserved_domains() -> None:
    real = [
        f"{host} in {example}"
        for example in examples()
        for host in re.findall(r"(?:https?://|www\.)([\w.-]+)", example.text, re.IGNORECASE)
        if not RESERVED_DOMAINS.fullmatch(host.rstrip(string.punctuation))
    ]
    assert not real, listed(real)


def test_should_hold_only_the_postcodes_of_the_council() -> None:
    ours = {district.upper() for district in load_council(ROOT / "council.yml").postcodes}
    assert ours == {f"MR{number}" for number in range(1, 7)}
    others = [
        f"{postcode} in {example}"
        for example in examples()
        for postcode in POSTCODE.findall(example.text)
        if re.sub(r"\s", "", postcode).upper()[:-3] not in ours
    ]
    assert not others, listed(others)
