"""Rasa component: the intent, the true ranking of all intents, and the purposes of a message."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.codes import CodeForms, is_only_a_code
from bot.nlu.decide import CODE_ALONE, FALLBACK, PICTURE, UNREADABLE, Decision, Thresholds, decide
from bot.nlu.encoder import Encoder, VectorCache, shared_encoder, vector_folder
from bot.nlu.encoder_featurizer import EncoderFeaturizer
from bot.nlu.ensemble import ClassifierUnusable, EnsembleClassifier, FitSettings, fit
from bot.nlu.features import Floats
from bot.nlu.heldout import held_out_report
from bot.nlu.normalise import normalise
from bot.nlu.purposes import choose_purposes, may_have_two, moves_on, split_parts
from bot.nlu.sources import fingerprint_of_sources

PURPOSES = "purposes"
CHOICES = "choices"
BESIDE = "beside"
_FIT_SETTINGS = tuple(each.name for each in fields(FitSettings))
_THRESHOLDS = tuple(each.name for each in fields(Thresholds))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SignpostClassifier(IntentClassifier, GraphComponent):
    """Sets `intent` (what to act on), `intent_ranking` (calibrated, true order), `purposes` (one or two
    intents to answer), `choices` (two or three to ask about, if none is clear) and `beside` (one or two to name
    beside the answer, if that is not sure).

    `intent` may differ from the head of the ranking: see `bot/nlu/decide.py`. Its confidence is always its
    own probability, for `nlu_fallback` that of the likeliest intent.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        classifier: EnsembleClassifier | None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._classifier = classifier
        self._encoder: Encoder = shared_encoder()
        self._forms = CodeForms()
        self._thresholds = Thresholds(**{name: self._config[name] for name in _THRESHOLDS})

    @property
    def thresholds(self) -> Thresholds:
        """Those that it decides with."""
        return self._thresholds

    def rank_all(self) -> None:
        """From now on show every intent in `intent_ranking`, whatever `ranking_length` says, as an evaluation needs."""
        self._config["ranking_length"] = None

    @classmethod
    def required_components(cls) -> list[type]:
        """The vectors have to be there first."""
        return [EncoderFeaturizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages of the classifier."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`FitSettings`, `Thresholds` and how many intents the ranking shows."""
        return {**asdict(FitSettings()), **asdict(Thresholds()), "ranking_length": 10}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Refuse thresholds that are no probabilities."""
        for name in (each for each in _THRESHOLDS if each != "safety_rank"):
            value = config.get(name, getattr(Thresholds(), name))
            if not 0.0 <= float(value) <= 1.0:
                raise ValueError(
                    f"config.yml: {name} of SignpostClassifier must be between 0 and 1, not {value}"
                )

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Let a change of what this component is made of train it anew."""
        return fingerprint_of_sources(
            "ensemble",
            "features",
            "linear",
            "metric",
            "neighbours",
            "decide",
            "purposes",
            "normalise",
            "emoji",
            "lookalikes",
            "encoder",
            "encoder_recipe",
            "heldout",
            "measures",
            "codes",
        )

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SignpostClassifier:
        """A classifier that has yet to be trained."""
        return cls(config, model_storage, resource, None)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SignpostClassifier:
        """Load a trained classifier; raises `ClassifierUnusable` rather than answer with an untrained one."""
        try:
            with model_storage.read_from(resource) as folder:
                classifier = EnsembleClassifier.load(folder, shared_encoder().id)
        except ValueError as error:
            raise ClassifierUnusable(f"the model holds no intent classifier: {error}") from error
        return cls(config, model_storage, resource, classifier)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the intent examples and store the classifier with its held-out report."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [normalise(example.get(TEXT)) for example in examples]
        labels = [example.get(INTENT) for example in examples]
        readable = [row for row, text in enumerate(texts) if text]
        texts, labels = [texts[row] for row in readable], [labels[row] for row in readable]
        vectors = VectorCache(self._encoder, vector_folder()).encode(texts)
        settings = FitSettings(**{name: self._config[name] for name in _FIT_SETTINGS})
        self._classifier, held_out = fit(
            texts, vectors, labels, self._encoder.id, self._encoder.layers, settings
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._classifier.save(folder)
            report = {**asdict(self._classifier.report), **held_out_report(held_out, self._thresholds)}
            (folder / "report.json").write_text(json.dumps(report, indent=2), encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing that later components train on."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify messages that carry the encoder's vector."""
        if self._classifier is None:
            raise ClassifierUnusable("the intent classifier has not been trained")
        for message in messages:
            text = normalise(message.get(TEXT) or "")
            if (message.get(TEXT) or "").strip() == PICTURE:
                self._set(message, [(UNREADABLE, 1.0)], Decision(FALLBACK, 1.0), ())
                continue
            if not text:
                self._set(message, [(UNREADABLE, 1.0)], Decision(UNREADABLE, 1.0), (UNREADABLE,))
                continue
            if is_only_a_code(text, self._forms):
                self._set(message, [(CODE_ALONE, 1.0)], Decision(CODE_ALONE, 1.0), (CODE_ALONE,))
                continue
            _, sentence = message.get_dense_features(TEXT)
            if sentence is None:
                raise ClassifierUnusable("config.yml: EncoderFeaturizer must stand before SignpostClassifier")
            ranking = self._rankings([text], np.asarray(sentence.features, dtype=np.float32))[0]
            decision = decide(ranking, self._thresholds)
            purposes = self._purposes(text, decision.intent, ranking)
            if purposes and purposes[0] != decision.intent:
                decision = Decision(purposes[0], dict(ranking)[purposes[0]])
            self._set(message, ranking, decision, purposes)
        return messages

    def _purposes(self, text: str, intent: str, ranking: list[tuple[str, float]]) -> tuple[str, ...]:
        parts = split_parts(text) if may_have_two(text, ranking) else []
        if len(parts) < 2:
            return () if intent == FALLBACK else (intent,)
        tops = [each[0] for each in self._rankings(parts, self._encoder.encode(parts))]
        return choose_purposes(intent, ranking, tops, self._thresholds, moves_on(text))

    def _rankings(self, texts: list[str], vectors: Floats) -> list[list[tuple[str, float]]]:
        if self._classifier is None:
            raise ClassifierUnusable("the intent classifier has not been trained")
        intents = self._classifier.intents
        rankings = []
        for row in self._classifier.probabilities(texts, vectors):
            order = np.argsort(-row, kind="stable")
            rankings.append([(intents[number], float(row[number])) for number in order])
        return rankings

    def _set(
        self,
        message: Message,
        ranking: list[tuple[str, float]],
        decision: Decision,
        purposes: tuple[str, ...],
    ) -> None:
        shown = ranking[: self._config["ranking_length"]]
        intent = {"name": decision.intent, "confidence": decision.confidence}
        message.set("intent", intent, add_to_output=True)
        message.set(
            "intent_ranking", [{"name": name, "confidence": each} for name, each in shown], add_to_output=True
        )
        message.set(PURPOSES, list(purposes), add_to_output=True)
        message.set(CHOICES, list(decision.choices), add_to_output=True)
        beside = decision.beside if purposes == (decision.intent,) else ()  # not beside a second purpose
        message.set(BESIDE, list(beside), add_to_output=True)
