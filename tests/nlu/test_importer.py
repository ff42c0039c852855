"""Reading the training examples: the short way gives what Rasa's own reader gives."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import pytest
from rasa.shared.exceptions import YamlSyntaxException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.importer import Example, SignpostImporter

PLAIN = """\
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hello - you there?
      - "hi" she said
      - don't know: maybe
  - intent: thank
    examples: |
      - ta
"""
WITH_ENTITIES = """\
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hello from [Mill Lane](street)
  - synonym: lane
    examples: |
      - ln
"""


def read(importer: type[RasaFileImporter], *files: Path) -> TrainingData:
    return importer(training_data_paths=[str(file) for file in files]).get_nlu_data()


def pairs(data: TrainingData) -> list[tuple[str, str]]:
    return [(example.get("intent"), example.get("text")) for example in data.training_examples]


@pytest.mark.parametrize("content", [PLAIN, WITH_ENTITIES], ids=["plain", "with entities"])
def test_a_file_is_read_as_rasa_reads_it(tmp_path: Path, content: str) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text(content)
    ours, rasas = read(SignpostImporter, file), read(RasaFileImporter, file)
    assert pairs(ours) == pairs(rasas)
    assert ours.entity_synonyms == rasas.entity_synonyms
    assert [example.get("entities") for example in ours.training_examples] == [
        example.get("entities") for example in rasas.training_examples
    ]


def test_the_projects_own_files_are_read_as_rasa_reads_them() -> None:
    files = sorted(Path("data/nlu").glob("*.yml"))[:3]
    assert sorted(pairs(read(SignpostImporter, *files))) == sorted(pairs(read(RasaFileImporter, *files)))


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text(PLAIN)
    before = read(SignpostImporter, file)
    file.write_text(PLAIN + "      - cheers\n")
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1))
    assert len(read(SignpostImporter, file).training_examples) == len(before.training_examples) + 1


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "nlu.yml"
    file.write_text(PLAIN)
    importer = SignpostImporter(training_data_paths=[str(file)])
    file.write_text("nlu: [")
    with pytest.raises(YamlSyntaxException, match=r"nlu\.yml"):
        importer.get_nlu_data()


def test_examples_differ_by_text_and_by_intent_and_copies_do_not() -> None:
    one = Example({"text": "ta", "intent": "thank"})
    assert copy.deepcopy(one) == one
    assert len({one, copy.deepcopy(one), Example({"text": "ta", "intent": "goodbye"})}) == 2
    changed = copy.deepcopy(one)
    changed.set("intent", "goodbye")
    assert changed != one and one.get("intent") == "thank"
