"""YAML files checked against pydantic models, with every fault named by file and line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Model = TypeVar("Model", bound=BaseModel)
Location = Sequence[str | int]


class ConfigError(Exception):
    """A file that people edit is wrong; the text is `file:line: what`, and is meant for those people."""

    def __init__(self, path: Path | str, line: int, message: str) -> None:
        self.path = Path(path)
        self.line = line
        self.message = message
        super().__init__(f"{path}:{line}: {message}")


class Document:
    """One YAML file as read: its data, and the line on which each part of it stands.

    `unnamed` are the names that every location has and that errors therefore leave out.
    """

    def __init__(self, path: Path, root: CommentedMap, unnamed: Sequence[str] = ()) -> None:
        self.path = path
        self.root = root
        self.unnamed = tuple(unnamed)

    def line(self, location: Location) -> int:
        """The line (from 1) of the deepest part of the location that the file holds."""
        node: object = self.root
        line = 1
        for part in location:
            if isinstance(node, CommentedMap) and part in node:
                line = node.lc.key(part)[0] + 1
                node = node[part]
            elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
                line = node.lc.item(part)[0] + 1
                node = node[part]
            # Else the part is a union's tag or a missing key, which stands nowhere: its holder has the line.
        return line

    def names(self, location: Location) -> str:
        """The location as `a: b: ` without the union tags that pydantic puts in."""
        node: object = self.root
        named: list[str] = []
        for index, part in enumerate(location):
            if _holds(node, part):
                node = node[part]  # type: ignore[index]
            elif index != len(location) - 1 or part == "[key]":
                continue
            named.append(str(part))
        if len(named) > 1 and named[0] in self.unnamed:
            named = named[1:]
        return "".join(f"{part}: " for part in named)

    def error(self, location: Location, message: str) -> ConfigError:
        """A ConfigError at that location."""
        return ConfigError(self.path, self.line(location), f"{self.names(location)}{message}")

    def checked(self, model: type[Model]) -> Model:
        """The file as the model; raises ConfigError for the fault that stands first in the file."""
        try:
            return model.model_validate(self.root)
        except ValidationError as error:
            faults = error.errors(include_url=False, include_context=False)
            # A misspelt name is missing under its right name too: the misspelling is what helps.
            first = min(faults, key=lambda fault: (fault["type"] == "missing", self.line(fault["loc"])))
            raise self.error(first["loc"], _plain(first["msg"])) from None


def read_yaml(path: Path, unnamed: Sequence[str] = ()) -> Document:
    """Read one YAML file; raises ConfigError when it is missing, no YAML, no mapping, or has a key twice."""
    try:
        root: Any = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(path, 1, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(path, 1, "is not UTF-8 text") from None
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(path, line, (error.problem or "is not YAML").splitlines()[0].strip()) from None
    except YAMLError as error:
        raise ConfigError(path, 1, f"is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(root, CommentedMap):
        raise ConfigError(path, 1, "must hold names and values")
    return Document(path, root, unnamed)


def _holds(node: object, part: str | int) -> bool:
    if isinstance(node, Mapping):
        return part in node
    return isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node)


def _plain(message: str) -> str:
    replaced = {
        "Field required": "is missing",
        "Extra inputs are not permitted": "is not a name that is known here",
    }
    return replaced.get(message, message.removeprefix("Value error, "))
