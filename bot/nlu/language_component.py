"""Rasa component: the language of a message that is not in English, and danger that is told in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.model import InvalidModelError
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.classifier import BESIDE, CHOICES, PURPOSES
from bot.nlu.decide import SAFETY
from bot.nlu.language import LanguageRecogniser, english_words
from bot.nlu.language_words import load_language_words
from bot.nlu.sources import fingerprint_of_sources

LANGUAGE = "language"
_FILE = "english_words.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SignpostLanguage(IntentClassifier, GraphComponent):
    """Sets `language`: ISO 639-1 of a message in another language, empty for English or when it cannot be told.

    Such a message has no purposes, no choices and nothing beside, since the classifier knows English only. If it tells
    of danger, `intent` is that of the danger, with certainty. It trains on the words of the English examples, and
    stands behind SignpostClassifier in config.yml, since it takes back what that one made of the message.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        recogniser: LanguageRecogniser | None,
    ) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._recogniser = recogniser

    @staticmethod
    def required_packages() -> list[str]:
        """Reads YAML; lingua cannot be named here, since Rasa wants one name for a package and its module."""
        return ["ruamel.yaml"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Where the words of other languages are."""
        return {"words": "data/language_words.yml"}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Let a change of how words are read train it anew."""
        return fingerprint_of_sources("language", "language_words", "normalise", "lookalikes")

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SignpostLanguage:
        """One that has yet to be trained."""
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SignpostLanguage:
        """Read the words; raises `LanguageWordsBroken` with the entry, `InvalidModelError` if the model has none."""
        try:
            with model_storage.read_from(resource) as folder:
                english = frozenset(json.loads((folder / _FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise InvalidModelError(f"the model holds no words of English: {error}") from error
        path = Path({**cls.get_default_config(), **config}["words"])
        return cls(config, model_storage, resource, LanguageRecogniser(load_language_words(path), english))

    def train(self, training_data: TrainingData) -> Resource:
        """Keep the words of the examples."""
        texts = [example.get(TEXT) for example in training_data.intent_examples if example.get(TEXT)]
        with self._model_storage.write_to(self._resource) as folder:
            words = json.dumps(sorted(english_words(texts)), ensure_ascii=False)
            (folder / _FILE).write_text(words, encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that later components train on."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Recognise the language of messages that the classifier has seen."""
        if self._recogniser is None:
            raise InvalidModelError("the recogniser of languages has not been trained")
        for message in messages:
            recognised = self._recogniser.recognise(message.get(TEXT) or "")
            message.set(LANGUAGE, recognised.language, add_to_output=True)
            if not recognised.language:
                continue
            danger = recognised.danger
            if danger is not None:
                message.set(INTENT, {"name": danger, "confidence": 1.0}, add_to_output=True)
            elif (message.get(INTENT) or {}).get("name") in SAFETY:
                continue  # a cry in English among words of another language
            message.set(PURPOSES, [danger] if danger else [], add_to_output=True)
            message.set(CHOICES, [], add_to_output=True)
            message.set(BESIDE, [], add_to_output=True)
        return messages
