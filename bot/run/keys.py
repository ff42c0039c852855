"""The secrets that one data directory needs and nobody has to know: Rasa's token, and the sandbox's credentials."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from bot.run.errors import RunError

FILE = "keys.json"
NAMES = (
    "SIGNPOST_RASA_TOKEN",
    "SIGNPOST_X_CONSUMER_KEY",
    "SIGNPOST_X_CONSUMER_SECRET",
    "SIGNPOST_X_ACCESS_TOKEN",
    "SIGNPOST_X_ACCESS_TOKEN_SECRET",
    "SIGNPOST_X_CLIENT_ID",
    "SIGNPOST_X_REFRESH_TOKEN",
    "SIGNPOST_META_APP_SECRET",
    "SIGNPOST_META_VERIFY_TOKEN",
    "SIGNPOST_META_PAGE_TOKEN",
)
RASA_TOKEN = NAMES[0]
RANDOM_BYTES = 32


def load_or_make(data_dir: Path) -> Mapping[str, str]:
    """The keys by the names of their settings, made at the first call for a data directory; raises RunError."""
    path = data_dir / FILE
    keys: dict[str, str] = {}
    if path.exists():
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            keys = {
                name: value
                for name, value in content.items()
                if name in NAMES and isinstance(value, str) and value
            }
        except (OSError, ValueError, AttributeError):
            raise RunError(f"{path} cannot be read as keys: delete it, and new ones are made.") from None
    missing = [name for name in NAMES if name not in keys]
    if missing:
        keys |= {name: secrets.token_urlsafe(RANDOM_BYTES) for name in missing}
        _write(path, keys)
    return keys


def _write(path: Path, keys: Mapping[str, str]) -> None:
    """Write the file so that nobody else can read it at any moment, and so that it is never half there."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(keys, file, indent=1)
        unfinished.replace(path)
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror}.") from None
