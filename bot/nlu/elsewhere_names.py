"""The names by which another council's matter is told from this council's: data/places/elsewhere.yml, and our own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.nlu.gazetteer import Gazetteer, GazetteerBroken, Place, load_places

_KEYS = {"councils", "towns", "also_called", "only_surely"}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ALIKE = 0.75  # "Marlsow", "Marlstowe"; between different towns it is rarely above 0.7
# Names of such words alone are found in every town: "Church Lane", "the old town".
_EVERYWHERE = frozenset(
    """
    abbey bridge bus car castle cathedral central centre chapel church city civic close corn court cross east
    exchange green guildhall hall harbour side hill high house lane leisure library lower market mill new north
    old park place riverside road row school south square st station street the terrace town upper victoria walk
    way west yard
    """.split()  # noqa: SIM905  (a list of words, to be read as one)
)


@dataclass(frozen=True)
class PlaceElsewhere:
    """A council's area or a town; `only_surely`: the name is also a word or a person's."""

    name: str
    only_surely: bool = False


@dataclass(frozen=True)
class Own:
    """This council: what it and its city are called (the shortest way first); its wards and areas, and what else is not
    elsewhere; its accounts' names; its places but for those that every town has; the districts of its postcodes.
    """

    names: tuple[str, ...]
    parts: frozenset[str]
    handles: frozenset[str]
    places: Gazetteer
    districts: frozenset[str]

    @property
    def called(self) -> frozenset[str]:
        """Its own names and those of its parts."""
        return self.parts.union(self.names)

    def is_its_name(self, name: str) -> bool:
        """Whether the words name this council or one of its places, or all but do."""
        words = without_kind(words_of(name))
        if any(SequenceMatcher(None, words, words_of(each)).ratio() >= _ALIKE for each in self.names):
            return True
        return words in self.parts or any(
            found.end - found.start >= len(words) for found in self.places.find(words)
        )


def load_elsewhere(path: Path) -> list[tuple[PlaceElsewhere, list[str]]]:
    """Each place of data/places/elsewhere.yml with its spellings.

    Raises:
        GazetteerBroken: the file is missing, is no YAML, or does not hold what it should.
    """
    content = _content(path)
    listed = [name for names in content["councils"].values() for name in names] + content["towns"]
    also, surely = content["also_called"], set(content["only_surely"])
    spellings = {name: [name, *also.get(name, ())] for name in listed}
    unknown = set(also).difference(listed) | surely.difference(listed, *also.values())
    if unknown:
        raise GazetteerBroken(f"{path}: {', '.join(sorted(unknown))} is no council or town of it")
    return [
        (PlaceElsewhere(name, only_surely), chosen)
        for name, all_spellings in spellings.items()
        for only_surely in (False, True)
        if (chosen := [each for each in all_spellings if (each in surely) is only_surely])
    ]


def load_own(council: Path, folder: Path, near: Iterable[str] = ()) -> Own:
    """Read what is needed of council.yml, and the places of data/places.

    Args:
        council: council.yml.
        folder: data/places.
        near: names that are not elsewhere though they are not the council's, such as its county's.

    Raises:
        GazetteerBroken: council.yml cannot be read or has no name, or a file of the folder is broken.
    """
    content = _yaml(council)
    try:
        short, name = str(content["short_name"]), str(content["name"])
        handles = frozenset(str(each).casefold() for each in content["handles"].values())
        districts = frozenset(str(each).upper() for each in content["postcodes"])
        parts = [str(each) for key in ("wards", "areas") for each in content.get(key, ())]
    except (KeyError, TypeError, AttributeError) as error:
        raise GazetteerBroken(f"{council} lacks {error}") from error
    city = without_kind(words_of(short))
    named = [(Place("area", each), [each]) for each in (city, *parts)]
    places = [
        (place, spellings)
        for place, spellings in [*named, *load_places(folder)]
        if not set(words_of(place.name).split()) <= _EVERYWHERE
    ]
    return Own(
        (city, words_of(short), words_of(name)),
        frozenset(map(words_of, parts)) | {without_kind(words_of(each)) for each in near},
        handles,
        Gazetteer(places),
        districts,
    )


def words_of(name: str) -> str:
    """The words of a name in one spelling: "King's Lynn & West Norfolk" is "kings lynn west norfolk"."""
    words = (re.sub("['’]", "", word).casefold() for word in _WORD.findall(name))
    return " ".join(word for word in words if word != "and")


def without_kind(name: str) -> str:
    """Without what a council is: "city of marlstow council" is "marlstow"."""
    bare = re.sub(r"\b(?:council|city|borough|district|county|metropolitan|royal|london|of|the)\b", " ", name)
    return " ".join(bare.split()) or name


def tokens_of(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and plain form of each word but "and", in order."""
    for match in _WORD.finditer(text):
        word = match[0].casefold()
        if word != "and":
            yield match.start(), match.end(), word


def _content(path: Path) -> Mapping[str, Any]:
    content = _yaml(path)
    if set(content) != _KEYS:
        raise GazetteerBroken(f"{path} should hold {', '.join(sorted(_KEYS))}")
    for key in ("councils", "also_called"):
        if not isinstance(content[key], dict) or not all(map(_are_names, content[key].values())):
            raise GazetteerBroken(f"{path}: {key} should hold lists of names")
    for key in ("towns", "only_surely"):
        if not _are_names(content[key]):
            raise GazetteerBroken(f"{path}: {key} should be a list of names")
    return content


def _are_names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GazetteerBroken(f"{path} cannot be read: {error.strerror}") from error
    except YAMLError as error:
        raise GazetteerBroken(f"{path} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise GazetteerBroken(f"{path} should hold names and values")
    return content
