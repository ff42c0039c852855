"""Rasa component: messages about another council's matter, told by the place that they name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classifier import BESIDE, CHOICES, PURPOSES
from bot.nlu.decide import POLICY, SAFETY
from bot.nlu.elsewhere import ElsewhereFinder
from bot.nlu.elsewhere_names import load_elsewhere, load_own
from bot.nlu.language_component import LANGUAGE

ELSEWHERE = "elsewhere"
OUT_OF_SCOPE = "out_of_scope"
PARTNERS = "partner_"
# Meant wherever the writer lives, or answered so that the place does no harm.
_WHEREVER = SAFETY | POLICY | {"greet", "thank", "goodbye", "affirm", "deny", "opt_out", "request_human"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class SignpostElsewhere(GraphComponent, EntityExtractorMixin):
    """Makes a message `out_of_scope` whose matter is another council's, and marks the place as an entity `elsewhere`.

    Danger, what breaks the policy, courtesies, matters of partners and messages in another language stay what they
    are. The intent's confidence is then 1.0, as of all that a rule finds; `intent_ranking` remains the classifier's.
    It stands behind SignpostClassifier and SignpostLanguage in config.yml, since it takes back what those made of the
    message, and behind SignpostPlaces, whose entities it leaves as they are.
    """

    def __init__(self, finder: ElsewhereFinder) -> None:
        self._finder = finder

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SignpostElsewhere:
        """Read the names, also those of the council; raises `GazetteerBroken` with the file and the entry."""
        settings = {**cls.get_default_config(), **config}
        folder = Path(settings["folder"])
        own = load_own(Path(settings["council"]), folder, settings["near"])
        return cls(ElsewhereFinder(load_elsewhere(folder / "elsewhere.yml"), own))

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Where the names are; where the council's own are; `near`: names of the file that are not elsewhere."""
        return {"folder": "data/places", "council": "council.yml", "near": []}

    @staticmethod
    def required_packages() -> list[str]:
        """Reads YAML."""
        return ["ruamel.yaml"]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that later components train on."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Look for the place in messages that have an intent."""
        for message in messages:
            if not _may_be_elsewhere(message):
                continue
            found = self._finder.find(message.get(TEXT) or "")
            if found is None:
                continue
            entity = {
                "entity": ELSEWHERE,
                "value": found.name,
                "start": found.start,
                "end": found.end,
                "confidence": 1.0,
            }
            entities = [*message.get(ENTITIES, []), *self.add_extractor_name([entity])]
            message.set(ENTITIES, sorted(entities, key=lambda each: each["start"]), add_to_output=True)
            message.set(INTENT, {"name": OUT_OF_SCOPE, "confidence": 1.0}, add_to_output=True)
            message.set(PURPOSES, [OUT_OF_SCOPE], add_to_output=True)
            message.set(CHOICES, [], add_to_output=True)
            message.set(BESIDE, [], add_to_output=True)
        return messages


def _may_be_elsewhere(message: Message) -> bool:
    intent = (message.get(INTENT) or {}).get("name") or ""
    purposes = {intent, *(message.get(PURPOSES) or ())}
    if not intent or message.get(LANGUAGE):
        return False
    return not purposes & _WHEREVER and not intent.startswith(PARTNERS)
