"""The council's own place names, found in a message however they are capitalised, shortened or slightly misspelt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_LETTERS_FOR_A_SLIP = 7  # shorter names are one letter away from too many words
_WORDS_AT_MOST = 5
_TOKEN = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*", re.UNICODE)

# Written out on both sides before comparing. "St" begins a saint's name and ends a street's.
_SHORT_FORMS = {
    "rd": "road", "ln": "lane", "la": "lane", "ave": "avenue", "av": "avenue", "dr": "drive", "cl": "close",
    "cres": "crescent", "crs": "crescent", "ct": "court", "pl": "place", "sq": "square", "gdns": "gardens",
    "gro": "grove", "gr": "grove", "terr": "terrace", "ter": "terrace", "pde": "parade", "bldgs": "buildings",
    "saint": "st", "str": "street", "rec": "recreation",
}  # fmt: skip


class GazetteerBroken(ValueError):
    """A file of data/places cannot be used; the message names the file and the line or entry."""


@dataclass(frozen=True)
class Place:
    """One name to look for; `kind` is the entity: area, place or street."""

    kind: str
    name: str
    only_capitalised: bool = False


@dataclass(frozen=True)
class Found:
    """A place in a message, `text[start:end]`."""

    place: Place
    start: int
    end: int
    exact: bool


class Gazetteer:
    """Looks up place names in texts, and with `slips` also those of which one letter is wrong."""

    def __init__(self, places: Iterable[tuple[Place, Iterable[str]]], slips: bool = True) -> None:
        self._exact: dict[tuple[str, ...], Place] = {}
        self._slips: dict[str, list[tuple[str, Place]]] = {}
        for place, spellings in places:
            for spelling in spellings:
                words = tuple(_plain(word) for word in _TOKEN.findall(spelling))
                self._exact.setdefault(_ending_written_out(words), place)
                joined = " ".join(_ending_written_out(words))
                if slips and len(joined) >= _LETTERS_FOR_A_SLIP and not place.only_capitalised:
                    for shorter in _shorter_by_one(joined):
                        self._slips.setdefault(shorter, []).append((joined, place))

    def find(self, text: str) -> Iterator[Found]:
        """The places named in a text, longest first where names overlap, in order."""
        tokens = [(match.start(), match.end(), _plain(match[0])) for match in _TOKEN.finditer(text)]
        at = 0
        while at < len(tokens):
            found = self._at(text, tokens, at)
            if found is None:
                at += 1
            else:
                yield found[0]
                at += found[1]

    def _at(self, text: str, tokens: list[tuple[int, int, str]], at: int) -> tuple[Found, int] | None:
        for length in range(min(_WORDS_AT_MOST, len(tokens) - at), 0, -1):
            window = tokens[at : at + length]
            words = _ending_written_out(tuple(word for _, _, word in window))
            start, end = window[0][0], window[-1][1]
            place = self._exact.get(words)
            exact = place is not None
            if place is None:
                place = self._slip(" ".join(words))
            if place is None or (place.only_capitalised and not text[start].isupper()):
                continue
            return Found(place, start, end, exact), length
        return None

    def _slip(self, joined: str) -> Place | None:
        if not self._slips or len(joined) < _LETTERS_FOR_A_SLIP - 1:
            return None
        for shorter in _shorter_by_one(joined):
            for name, place in self._slips.get(shorter, ()):
                if name[0] == joined[0] and joined != f"{name}s" and _one_slip_apart(name, joined):
                    return place
        return None


def load_gazetteer(folder: Path) -> Gazetteer:
    """Read areas.yml, landmarks.yml and streets.yml of a folder.

    Raises:
        GazetteerBroken: a file is missing, is no YAML, or an entry is not as the others.
    """
    return Gazetteer(load_places(folder))


def load_places(folder: Path) -> Iterator[tuple[Place, list[str]]]:
    """Each place of those files with its spellings, as `load_gazetteer` reads them; raises `GazetteerBroken`."""
    kinds = {"areas": "area", "landmarks": "place", "streets": "street"}
    for key, kind in kinds.items():
        yield from _names(folder / f"{key}.yml", key, kind)


def load_names(path: Path, kind: str) -> Gazetteer:
    """Read one file of names in the same form, whose list is called as the file is, to be found as they are spelt;
    raises `GazetteerBroken`.
    """
    return Gazetteer(_names(path, path.stem, kind), slips=False)


def _names(path: Path, key: str, kind: str) -> Iterator[tuple[Place, list[str]]]:
    for entry in _entries(path, key):
        if isinstance(entry, str):
            entry = {"name": entry}
        name, aliases = entry.get("name"), entry.get("aliases", [])
        unknown = set(entry) - {"name", "aliases", "only_capitalised"}
        if not isinstance(name, str) or not isinstance(aliases, list) or unknown:
            raise GazetteerBroken(
                f"{path}: {dict(entry)} should have a name, and may have aliases and only_capitalised"
            )
        place = Place(kind, name, bool(entry.get("only_capitalised", False)))
        yield place, [name, *map(str, aliases)]


def _entries(path: Path, key: str) -> list[Any]:
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GazetteerBroken(f"{path} cannot be read: {error.strerror}") from error
    except YAMLError as error:
        raise GazetteerBroken(f"{path} is not YAML: {error}") from error
    if not isinstance(content, dict) or set(content) != {key} or not isinstance(content[key], list):
        raise GazetteerBroken(f"{path} should hold one list named {key}")
    return content[key]


def _plain(word: str) -> str:
    return word.casefold().replace("'", "").replace("’", "").replace(".", "")


def _ending_written_out(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(words) > 1 and words[-1] == "st":
        return (*(_SHORT_FORMS.get(word, word) for word in words[:-1]), "street")
    return tuple(_SHORT_FORMS.get(word, word) if len(words) > 1 else word for word in words)


def _shorter_by_one(word: str) -> set[str]:
    return {word[:index] + word[index + 1 :] for index in range(len(word))} | {word}


def _one_slip_apart(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing, too much, or changed places with its neighbour."""
    if abs(len(one) - len(other)) > 1:
        return False
    first = next(
        (index for index, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None
    )
    if first is None:
        return True
    if len(one) == len(other):
        swapped = one[:first] + one[first + 1 : first + 2] + one[first : first + 1] + one[first + 2 :]
        return one[first + 1 :] == other[first + 1 :] or swapped == other
    longer, shorter = (one, other) if len(one) > len(other) else (other, one)
    return longer[first + 1 :] == shorter[first:]
