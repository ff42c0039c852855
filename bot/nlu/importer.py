"""Rasa importer: reads the training examples once, however often Rasa asks for them.

Rasa's own reads and checks every file twice, and copies and compares all examples deeply at each of a dozen steps:
with twenty thousand of them, that takes longer than the training.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

from rasa.shared.exceptions import YamlSyntaxException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

_PLAIN = {"version", "nlu"}
_MARKS = frozenset("[]{}")


class Example(Message):
    """A training example of nothing but its text and its intent."""

    def fingerprint(self) -> str:
        """What tells it from others, which Rasa asks for some ten times an example."""
        if set(self.data) != {TEXT, INTENT} or self.features:
            return str(super().fingerprint())
        return hashlib.md5(
            f"{self.data[INTENT]}\n{self.data[TEXT]}".encode(), usedforsecurity=False
        ).hexdigest()

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        """A copy that shares the strings."""
        copy = Example(dict(self.data), output_properties=set(self.output_properties))
        copy.features = list(self.features)
        return copy


class SignpostImporter(RasaFileImporter):
    """As Rasa's importer of files; those with only intents and their examples are read the short way."""

    _nlu_data: TrainingData | None = None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """All training data; raises `YamlSyntaxException`, which names the file."""
        if self._nlu_data is None:
            examples: list[Message] = []
            other = TrainingData()
            for path in map(Path, self._nlu_files):
                read = _plain_examples(path, path.stat().st_mtime_ns)
                if read is None:
                    other = other.merge(load_data(str(path), language or "en"))
                else:
                    examples += read
            self._nlu_data = (
                TrainingData(examples).merge(other) if other.training_examples else TrainingData(examples)
            )
        return self._nlu_data


@functools.lru_cache(maxsize=1000)
def _plain_examples(path: Path, changed_at: int) -> list[Message] | None:
    """The examples of a file as it was when it was changed at that time (ns).

    None if it holds anything that only Rasa's own reader understands.
    """
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        raise YamlSyntaxException(str(path), error) from error
    if not isinstance(content, dict) or not set(content) <= _PLAIN:
        return None
    examples: list[Message] = []
    for item in content.get("nlu") or ():
        if not isinstance(item, dict) or set(item) != {INTENT, "examples"}:
            return None
        intent, lines = item[INTENT], item["examples"]
        if not isinstance(intent, str) or not isinstance(lines, str):
            return None
        for line in filter(None, map(str.strip, lines.splitlines())):
            if not line.startswith("- ") or _MARKS & set(line):
                return None
            examples.append(Example({TEXT: line[2:].strip(), INTENT: intent}))
    return examples
