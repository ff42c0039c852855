"""Checked reading of what platforms send: every value with its place, so that an error says what is wrong and where."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.channels.base import MalformedDelivery

LONGEST_ID = 255
"""Ids are keys in the database of record; the longest known (Messenger's `mid`) has some 120 characters."""

_ID = re.compile(rf"[\x21-\x7e]{{1,{LONGEST_ID}}}", re.ASCII)
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MILLISECONDS_FROM = 10**11
"""A number this large is milliseconds: as seconds it would be the year 5138, as milliseconds it is 1973."""


@dataclass(frozen=True, slots=True)
class Part:
    """A JSON object within a delivery, and its path from the root `$`.

    The methods raise MalformedDelivery with the path, never with the value, which may be private.
    """

    value: dict[str, object]
    path: str

    def has(self, name: str) -> bool:
        """Whether there is something other than null under the name."""
        return self.value.get(name) is not None

    def part(self, name: str) -> Part:
        """The object under the name, which must be there."""
        return _as_object(self._needed(name), self.at(name))

    def part_or_none(self, name: str) -> Part | None:
        """The object under the name, None when missing or null."""
        return self.part(name) if self.has(name) else None

    def parts(self, name: str) -> list[Part]:
        """The list of objects under the name, empty when missing or null."""
        if not self.has(name):
            return []
        return [_as_object(each, f"{self.at(name)}[{index}]") for index, each in enumerate(self.items(name))]

    def items(self, name: str) -> list[object]:
        """The list under the name, empty when missing or null."""
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise wrong(self.at(name), "must be a list")
        return value

    def members(self) -> Iterator[Part]:
        """The objects among the values, for maps whose names are ids."""
        for value in self.value.values():
            if isinstance(value, dict):
                yield Part(value, f"{self.path}.*")

    def id(self, *names: str) -> str:
        """The id under the first of the names that is there; a whole number is turned into a string."""
        found = self.id_or_none(*names)
        if found is None:
            raise wrong(self.at(names[0]), "is missing")
        return found

    def id_or_none(self, *names: str) -> str | None:
        """Like `id`; None when there is none."""
        for name in names:
            value = self.value.get(name)
            if value is None or value == "":
                continue
            if isinstance(value, int) and not isinstance(value, bool):
                value = str(value)
            if not isinstance(value, str):
                raise wrong(self.at(name), "must be a string or a whole number")
            if not _ID.fullmatch(value) or value in (".", ".."):
                raise wrong(self.at(name), f"must be 1 to {LONGEST_ID} printable characters without spaces")
            return value
        return None

    def text(self, name: str) -> str:
        """The text under the name, empty when missing or null; what no database can store is replaced by U+FFFD."""
        value = self.value.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise wrong(self.at(name), "must be a string")
        return _UNSTORABLE.sub("\ufffd", value)

    def word(self, name: str) -> str:
        """A string of the platform's own that must be there, such as the kind of an event."""
        value = self._needed(name)
        if not isinstance(value, str) or not value:
            raise wrong(self.at(name), "must be a string that is not empty")
        return value

    def label(self, name: str) -> str | None:
        """A string that is only for show, such as a name; None when it is missing, empty or something else."""
        value = self.value.get(name)
        return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) and value else None

    def flag(self, name: str) -> bool:
        """The truth value under the name; false when missing."""
        value = self.value.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        if value in (0, 1):
            return value == 1
        raise wrong(self.at(name), "must be true or false")

    def time_or_none(self, name: str) -> datetime | None:
        """The time under the name in UTC: ISO with offset, or epoch seconds or milliseconds, as number or string."""
        value = self.value.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 20:
            value = int(value)
        try:
            if isinstance(value, int | float) and not isinstance(value, bool):
                seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
                return datetime.fromtimestamp(seconds, UTC)
            if isinstance(value, str):
                moment = datetime.fromisoformat(value)
                if moment.tzinfo is not None:
                    return moment.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            pass
        raise wrong(self.at(name), "must be a time: ISO with offset, or epoch seconds or milliseconds")

    def at(self, name: str) -> str:
        """The path of what is under the name."""
        return f"{self.path}.{name}"

    def _needed(self, name: str) -> object:
        value = self.value.get(name)
        if value is None:
            raise wrong(self.at(name), "is missing")
        return value


def parse(body: bytes) -> Part:
    """The JSON object in the body; raises MalformedDelivery."""
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise MalformedDelivery(f"the body is not UTF-8: byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise MalformedDelivery(f"the body is not JSON: line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise MalformedDelivery("the body is not JSON that can be read: nested too deeply") from None
    except ValueError:
        raise MalformedDelivery(
            "the body is not JSON: it holds a number that is none, or has too many digits"
        ) from None
    return _as_object(document, "$")


def wrong(path: str, what: str) -> MalformedDelivery:
    """The error for what is wrong at the path."""
    return MalformedDelivery(f"{path} {what}")


def _as_object(value: object, path: str) -> Part:
    if not isinstance(value, dict):
        raise wrong(path, "must be an object")
    return Part(value, path)


def _no_constant(name: str) -> object:
    raise ValueError(name)
