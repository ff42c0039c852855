"""Rasa component: where and when it is, which report and which vehicle it is about, and who else is named."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.codes import (
    CodeForms,
    Piece,
    find_outward_codes,
    find_plates,
    find_postcodes,
    find_streets,
    find_tracking_codes,
    find_what3words,
)
from bot.nlu.gazetteer import Found, Gazetteer, load_gazetteer, load_names
from bot.nlu.landmarks import find_landmarks, says_where
from bot.nlu.times import find_times

CHARACTERS_AT_MOST = 5000


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class SignpostPlaces(GraphComponent, EntityExtractorMixin):
    """Adds entities found by form and from data/places; where two overlap, the surer kind stays, and spaCy's
    give way to all.
    """

    def __init__(
        self, config: dict[str, Any], gazetteer: Gazetteer, chains: Gazetteer, organisations: Gazetteer
    ) -> None:
        settings = {**self.get_default_config(), **config}
        self._gazetteer = gazetteer
        self._chains = chains
        self._organisations = organisations
        self._districts = frozenset(str(each).upper() for each in settings["postcode_districts"])
        self._forms = CodeForms(
            bare_digits=tuple(settings["bare_digits"]),
            announced_digits=tuple(settings["announced_digits"]),
            prefixes=tuple(settings["prefixes"]),
        )

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SignpostPlaces:
        """Read the place names; raises `GazetteerBroken` with the file and the entry."""
        folder = Path(config.get("folder", cls.get_default_config()["folder"]))
        chains = load_names(folder / "chains.yml", "named_place")
        organisations = load_names(folder / "organisations.yml", "organisation")
        return cls(config, load_gazetteer(folder), chains, organisations)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Where the names are, the council's postcode districts, and the form of its tracking codes (see
        `CodeForms`).
        """
        forms = CodeForms()
        return {
            "folder": "data/places",
            "postcode_districts": [],
            "bare_digits": list(forms.bare_digits),
            "announced_digits": list(forms.announced_digits),
            "prefixes": list(forms.prefixes),
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Reads YAML."""
        return ["ruamel.yaml"]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that later components train on."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what is found to each message's entities."""
        for message in messages:
            found = self._find((message.get(TEXT) or "")[:CHARACTERS_AT_MOST])
            others = [
                entity
                for entity in message.get(ENTITIES, [])
                if not any(entity["start"] < piece.end and piece.start < entity["end"] for piece in found)
            ]
            mine = [
                {
                    "entity": piece.entity,
                    "value": piece.value,
                    "start": piece.start,
                    "end": piece.end,
                    "confidence": 1.0,
                }
                for piece in found
            ]
            together = sorted(
                self.add_extractor_name(mine) + others, key=lambda entity: (entity["start"], entity["end"])
            )
            message.set(ENTITIES, together, add_to_output=True)
        return messages

    def _find(self, text: str) -> list[Piece]:
        """The surest first, since what overlaps with what stands before it falls out."""
        named = [_piece(each) for each in self._gazetteer.find(text)]
        chains = [_piece(each) for each in self._chains.find(text) if _is_a_place(text, each)]
        streets = list(find_streets(text))
        numbered = [piece for piece in streets if piece.value[:1].isdigit()]
        return _without_overlaps(
            [
                *find_postcodes(text, self._districts),
                *find_what3words(text),
                *find_plates(text),
                *numbered,
                *_longest_first(named),
                *_longest_first([*streets, *find_landmarks(text), *chains]),
                *find_tracking_codes(text, self._forms),
                *find_outward_codes(text, self._districts),
                *find_times(text),
                *(_piece(each) for each in self._organisations.find(text)),
            ]
        )


def _piece(found: Found) -> Piece:
    return Piece(found.place.kind, found.place.name, found.start, found.end)


def _longest_first(pieces: Iterable[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda piece: piece.start - piece.end)


def _is_a_place(text: str, chain: Found) -> bool:
    """Whether the name of a chain is that of a place here: behind "outside" and the like, or with a capital."""
    if says_where(text, chain.start):
        return True
    return chain.exact and text[chain.start].isupper() and not chain.place.only_capitalised


def _without_overlaps(pieces: Iterable[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    for piece in pieces:
        if not any(piece.start < other.end and other.start < piece.end for other in kept):
            kept.append(piece)
    return sorted(kept, key=lambda piece: piece.start)
