"""Settings from the environment and `.env`: every name begins with SIGNPOST_ and stands in `.env.example`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting is missing or wrong; the text names it and says what is expected. Never holds its value."""


class Settings(BaseSettings):
    """All settings. Secrets are `SecretStr`, so that neither logs nor errors show them."""

    model_config = SettingsConfigDict(
        env_prefix="SIGNPOST_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(
        Path("var"), description="Folder of the databases, logs and secrets of this machine"
    )
    database_url: str = Field(
        "", description="sqlite:///path or postgresql://user@host/name; default in the data dir"
    )
    now: datetime | None = Field(None, description="A fixed ISO time with offset, for rehearsals and tests")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    rasa_url: HttpUrl | None = Field(None, description="Where Rasa listens; set by run")
    rasa_token: SecretStr = Field(
        SecretStr(""), description="Shared secret between the service and Rasa; made by run"
    )
    actions_url: HttpUrl | None = Field(None, description="Where the action server listens; set by run")
    reporting_url: HttpUrl | None = Field(
        None, description="The reporting tool, if not the one in council.yml"
    )

    x_api_url: HttpUrl = Field(HttpUrl("https://api.x.com"), description="X's API")
    x_user_id: str = ""
    x_handle: str = ""
    x_consumer_key: str = ""
    x_consumer_secret: SecretStr = SecretStr("")
    x_access_token: SecretStr = SecretStr("")
    x_access_token_secret: SecretStr = SecretStr("")
    x_client_id: str = ""
    x_refresh_token: SecretStr = SecretStr("")
    x_implicit_mention_is_summons: bool = Field(
        False, description="Whether the @mention that X itself puts before a reply to us lets the bot answer"
    )

    meta_api_url: HttpUrl = Field(HttpUrl("https://graph.facebook.com"), description="Meta's Graph API")
    meta_app_secret: SecretStr = SecretStr("")
    meta_verify_token: SecretStr = SecretStr("")
    meta_page_id: str = ""
    meta_page_token: SecretStr = SecretStr("")
    meta_app_id: str = Field(
        "", description="Our app's id at Meta: tells our app from others in thread control"
    )

    open311_url: HttpUrl | None = Field(None, description="The reporting tool's Open311 server")
    open311_jurisdiction: str = ""

    @field_validator("now")
    @classmethod
    def now_must_carry_an_offset(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("must carry an offset, for example 2026-12-25T03:00:00+00:00")
        return value

    @field_validator("database_url")
    @classmethod
    def database_must_be_known(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        if value.startswith("sqlite:///") and value.removeprefix("sqlite:///") in ("", ":memory:"):
            raise ValueError("must name a file: nothing that is acknowledged may be lost")
        return value

    @property
    def x_configured(self) -> bool:
        """X is on when the account and either way of signing in are given."""
        signed = self.x_consumer_key and self.x_access_token.get_secret_value()
        refreshed = self.x_client_id and self.x_refresh_token.get_secret_value()
        return bool(self.x_user_id and self.x_consumer_secret.get_secret_value() and (signed or refreshed))

    @property
    def meta_configured(self) -> bool:
        """Facebook is on when the Page, its token and both webhook secrets are given."""
        secrets = (self.meta_app_secret, self.meta_verify_token, self.meta_page_token)
        return bool(self.meta_page_id and all(secret.get_secret_value() for secret in secrets))

    @property
    def records_url(self) -> str:
        """SQLAlchemy's async URL of the database of record."""
        url = self.database_url or f"sqlite:///{self.data_dir.resolve() / 'signpost.sqlite'}"
        return url.replace("sqlite:///", "sqlite+aiosqlite:///").replace(
            "postgresql://", "postgresql+psycopg://"
        )

    @property
    def turns_url(self) -> str:
        """DBOS's URL: a file of its own beside SQLite's, a schema of its own in PostgreSQL."""
        if self.database_url.startswith("postgresql://"):
            return self.database_url
        path = (
            Path(self.database_url.removeprefix("sqlite:///"))
            if self.database_url
            else self.data_dir / "signpost.sqlite"
        )
        return f"sqlite:///{path.resolve().with_name(path.stem + '-turns.sqlite')}"


def load_settings() -> Settings:
    """Read the settings; raises SettingsError that names each wrong one (never its value)."""
    try:
        return Settings()  # type: ignore[call-arg]  # the values come from the environment
    except ValidationError as error:
        faults = [
            f"SIGNPOST_{'_'.join(map(str, fault['loc'])).upper()} {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_input=False, include_url=False)
        ]
        raise SettingsError("; ".join(faults)) from None
