"""Rasa components: spaCy's words, vectors and names of places, in one pass over the text as written."""

from __future__ import annotations

import functools
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import SPACY_DOCS
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.nlu.model import InvalidModelError
from rasa.nlu.utils.spacy_utils import SpacyModel, SpacyNLP
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from spacy.language import Language

CHARACTERS_AT_MOST = 2000
# The entities that this bot has for spaCy's labels. A place that spaCy suspects is not one of the council's:
# it is shown to staff, put into no link. What it takes for dates, times and organisations in residents' English is too
# often none (ages, prices, any word with a capital): `times.py` and data/places/organisations.yml find those.
ENTITY_OF_LABEL = {
    "GPE": "named_place",
    "LOC": "named_place",
    "FAC": "named_place",
}


@functools.cache  # Rasa's graph makes this component twice, and each spaCy pipeline takes 200 MB
def _language(name: str) -> Language:
    try:
        return spacy.load(name, exclude=["parser", "tagger", "attribute_ruler", "lemmatizer", "senter"])
    except (OSError, ValueError) as error:
        raise InvalidModelError(f"spaCy cannot load {name}: {error}") from error


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.MODEL_LOADER, DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER],
    is_trainable=False,
    model_from="SpacyModelLoader",
)
class SpacyModelLoader(SpacyNLP):
    """Rasa's SpacyNLP without the parser, tagger and lemmatizer, which nothing here uses and which take half
    the time.
    """

    @staticmethod
    def load_model(spacy_model_name: str) -> SpacyModel:
        """Load the pipeline; raises `InvalidModelError` if it is not installed or not made for this spaCy."""
        return SpacyModel(model=_language(spacy_model_name), model_name=spacy_model_name)

    def _preprocess_text(self, text: str | None) -> str:
        return (text or "")[:CHARACTERS_AT_MOST]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class SpacyNames(GraphComponent, EntityExtractorMixin):
    """Adds the places that spaCy found, from the pass that the tokenizer used."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpacyNames:
        """Nothing to load."""
        return cls()

    @classmethod
    def required_components(cls) -> list[type]:
        """The text has to be read by spaCy first."""
        return [SpacyModelLoader]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that later components train on."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add spaCy's entities under this bot's names."""
        for message in messages:
            doc = message.get(SPACY_DOCS[TEXT])
            found = [
                {
                    "entity": ENTITY_OF_LABEL[span.label_],
                    "value": span.text,
                    "start": span.start_char,
                    "end": span.end_char,
                    "confidence": None,
                }
                for span in (doc.ents if doc is not None else ())
                if span.label_ in ENTITY_OF_LABEL and span.text[:1].isalpha()
            ]
            message.set(
                ENTITIES, message.get(ENTITIES, []) + self.add_extractor_name(found), add_to_output=True
            )
        return messages
