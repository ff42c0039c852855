"""What residents read who write in another language than English; from data/languages.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.yamlfile import read_yaml

EMERGENCY_NUMBERS = ("999", "112")


def _without_gaps(value: str) -> str:
    if "{" in value or "}" in value:
        raise ValueError("must have no words in braces")
    return value


def _with_the_phone(value: str) -> str:
    if value.count("{phone}") != 1:
        raise ValueError("must say {phone} once")
    _without_gaps(value.replace("{phone}", ""))
    return value


def _with_999(value: str) -> str:
    if not all(number in value for number in EMERGENCY_NUMBERS):
        raise ValueError(f"must name {' and '.join(EMERGENCY_NUMBERS)}, in these digits")
    return _without_gaps(value)


Code = Annotated[str, Field(pattern=r"^[a-z]{2}$")]
"""Of a language, by ISO 639-1."""
EnglishName = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z ]{2,39}$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Language(_Part):
    """A language that we have words in. `help` holds `{phone}`; the address of the page is to stand below it."""

    english: EnglishName
    help: Annotated[str, Field(max_length=140), AfterValidator(_with_the_phone)]
    person: Annotated[str, Field(min_length=2, max_length=100), AfterValidator(_without_gaps)]
    danger: Annotated[str, Field(max_length=100), AfterValidator(_with_999)]


class Languages(_Part):
    """All languages that are recognised; `others` are those without words of their own, by their English names."""

    languages: dict[Code, Language] = Field(min_length=1)
    others: dict[Code, EnglishName] = {}

    @model_validator(mode="after")
    def must_name_each_once(self) -> Languages:
        if twice := sorted(set(self.languages) & set(self.others)):
            raise ValueError(f"others names {', '.join(twice)} again")
        return self

    def get(self, code: str) -> Language | None:
        """The words in a language, or None when there are none."""
        return self.languages.get(code)

    def english_name(self, code: str) -> str | None:
        """What a language is called in English, or None when the code is not known."""
        language = self.languages.get(code)
        return language.english if language else self.others.get(code)


def load_languages(path: Path = Path("data/languages.yml")) -> Languages:
    """Read and check data/languages.yml; raises ConfigError with file and line."""
    return read_yaml(path, unnamed=("languages",)).checked(Languages)
