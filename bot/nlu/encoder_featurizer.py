"""Rasa component: puts the sentence encoder's vector on each message."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.encoder import Encoder, shared_encoder
from bot.nlu.normalise import normalise
from bot.nlu.sources import fingerprint_of_sources


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds the sentence vector of the normalised text as a dense sentence feature."""

    def __init__(self, execution_context: ExecutionContext, config: dict[str, Any]) -> None:
        super().__init__(execution_context.node_name, config)
        self._encoder: Encoder = shared_encoder()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        """Load the encoder; raises `EncoderUnavailable` rather than go on without."""
        return cls(execution_context, config)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Nothing to set but what every dense featurizer has."""
        return DenseFeaturizer.get_default_config()

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check: which encoder is used is fixed in `bot/nlu/encoder.py`."""

    @staticmethod
    def required_packages() -> list[str]:
        """Packages of the encoder."""
        return ["onnxruntime", "tokenizers"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Let a change of the encoder or of the normalisation compute the features anew."""
        return fingerprint_of_sources("encoder", "encoder_recipe", "normalise", "emoji", "lookalikes")

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing: the classifier takes its vectors from the cache, and Rasa would store them here a second time."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add vectors to messages; one without words gets the zero vector."""
        for message in messages:
            text = normalise(message.get(TEXT) or "")
            if text:
                self._add(message, self._encoder.encode([text])[0])
            else:
                self._add(message, np.zeros(self._encoder.dimension, dtype=np.float32))
        return messages

    def _add(self, message: Message, vector: np.ndarray[Any, np.dtype[np.float32]]) -> None:
        message.add_features(Features(vector[None, :], FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
