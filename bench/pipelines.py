"""The two NLU pipelines that are compared: this project's, from config.yml, and the one that Rasa gives by default."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Config = dict[str, Any]


class Pipeline(StrEnum):
    """Whose."""

    OURS = "ours"
    DEFAULT = "default"


def configuration(pipeline: Pipeline, root: Path, epochs: int) -> Config:
    """What Rasa trains by; `root` is this project's folder, `epochs` those of Rasa's classifier."""
    return ours(root) if pipeline is Pipeline.OURS else rasa_default(epochs)


def ours(root: Path) -> Config:
    """The pipeline of config.yml as it is, without policies; the files that it names are named from anywhere."""
    config = YAML(typ="safe").load((root / "config.yml").read_text(encoding="utf-8"))
    pipeline = [
        {key: _from_anywhere(value, root) for key, value in component.items()}
        for component in config["pipeline"]
    ]
    return {**_head("signpost"), "language": config["language"], "pipeline": pipeline}


def rasa_default(epochs: int) -> Config:
    """What Rasa 3.6 trains when config.yml names no pipeline, with its 100 epochs if `epochs` is 100.

    Source: `rasa/engine/recipes/config_files/default_config.yml`, less ResponseSelector, since none of the data has
    responses to select from.
    """
    return {
        **_head("rasa_default"),
        "pipeline": [
            {"name": "WhitespaceTokenizer"},
            {"name": "RegexFeaturizer"},
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True},
            {"name": "EntitySynonymMapper"},
            {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
        ],
    }


def write_configuration(config: Config, path: Path) -> None:
    """As Rasa reads it."""
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(config, stream)


def _head(assistant: str) -> Config:
    return {"recipe": "default.v1", "assistant_id": assistant, "language": "en"}


def _from_anywhere(value: Any, root: Path) -> Any:
    return str(root / value) if isinstance(value, str) and (root / value).exists() else value
