"""The words of domain.yml, filled as Rasa fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.yamlfile import ConfigError, read_yaml

PLACEHOLDER = re.compile(r"{([^\n{}]+?)}")
"""What Rasa takes for a variable in a response (rasa.core.nlg.interpolator)."""


@dataclass(frozen=True)
class Speech:
    """A response of domain.yml with the values for its placeholders; Rasa puts the text together."""

    response: str
    values: Mapping[str, str] = field(default_factory=dict)


class Wording:
    """The responses of domain.yml, each with one text."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)

    def __contains__(self, response: object) -> bool:
        return response in self._texts

    @property
    def texts(self) -> Mapping[str, str]:
        """Every response's text, unfilled."""
        return dict(self._texts)

    def say(self, response: str, **values: str) -> str:
        """The response's text, filled; raises KeyError for an unknown response or a missing value."""
        return PLACEHOLDER.sub(lambda match: values[match[1]], self._texts[response])

    def text(self, speech: Speech) -> str:
        """What Rasa will make of a speech; raises KeyError as `say` does."""
        return self.say(speech.response, **speech.values)


def load_wording(path: Path = Path("domain.yml")) -> Wording:
    """Read the `responses:` of domain.yml; raises ConfigError with file and line."""
    document = read_yaml(path, unnamed=("responses",))
    responses = document.root.get("responses")
    if not isinstance(responses, Mapping):
        raise ConfigError(path, 1, "has no responses")
    texts: dict[str, str] = {}
    for name, variants in responses.items():
        if (
            not isinstance(variants, list)
            or len(variants) != 1
            or not isinstance(variants[0].get("text"), str)
        ):
            raise document.error(("responses", name), "must have exactly one text")
        texts[str(name)] = str(variants[0]["text"])
    return Wording(texts)
