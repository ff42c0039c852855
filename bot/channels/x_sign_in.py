"""Signing in to X: OAuth 1.0a signatures, or OAuth 2.0 tokens that are renewed and kept."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from oauthlib.oauth1 import Client

from bot.channels.base import ChannelDown, OutcomeUnknown, TryAgain
from bot.channels.calls import Answer, Caller, Method

log = logging.getLogger(__name__)

RENEW_BEFORE_SECONDS = 120.0
"""An access token is renewed so long before it ends, so that no call meets its end on the way."""
TOKEN_SECONDS = 7200.0
"""What X documents for access tokens, for answers that do not say (docs.x.com, OAuth 2.0 with PKCE)."""


class SignIn(Protocol):
    """How calls prove that they are the account's."""

    async def authorization(self, method: Method, url: str) -> str:
        """The Authorization header for a call; raises TryAgain or ChannelDown."""
        ...

    async def renew(self) -> bool:
        """After a 401: get new proof, if there is any to get; false when a second try would be the same."""
        ...


class SignedCalls:
    """OAuth 1.0a: every call carries a signature of its own. JSON bodies are no part of it (RFC 5849, 3.4.1.3.1)."""

    def __init__(self, consumer_key: str, consumer_secret: str, token: str, token_secret: str) -> None:
        self._client = Client(consumer_key, consumer_secret, token, token_secret)

    async def authorization(self, method: Method, url: str) -> str:
        """The signed header."""
        _, headers, _ = self._client.sign(url, http_method=method)
        return str(headers["Authorization"])

    async def renew(self) -> bool:
        """There is nothing to renew."""
        return False


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of OAuth 2.0 tokens. `given` is a digest of the refresh token in the settings that they come from."""

    given: str
    refresh_token: str
    access_token: str = ""
    ends_at: float = 0.0
    """Epoch seconds."""

    def fresh(self) -> bool:
        """Whether the access token still serves."""
        return bool(self.access_token) and time.time() < self.ends_at - RENEW_BEFORE_SECONDS


class TokenFile:
    """Where tokens outlive the process. A refresh token serves once, so that the one in the settings is soon spent."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, configured: str) -> Tokens:
        """The tokens kept, or the configured refresh token when that is newer than the file or there is none."""
        given = hashlib.sha256(configured.encode()).hexdigest()
        try:
            kept = Tokens(**json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Tokens(given, configured)
        except (OSError, ValueError, TypeError) as error:
            log.warning(
                "the kept X tokens cannot be read (%s); using the configured one", type(error).__name__
            )
            return Tokens(given, configured)
        return kept if kept.given == given else Tokens(given, configured)

    def write(self, tokens: Tokens) -> None:
        """Keep the tokens, readable by this user only, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(
                {
                    "given": tokens.given,
                    "refresh_token": tokens.refresh_token,
                    "access_token": tokens.access_token,
                    "ends_at": tokens.ends_at,
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        try:
            fresh.replace(self._path)
        finally:
            fresh.unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Hold the right to renew against other processes of this machine; false when another has it now."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(
                self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600
            )
        except OSError as error:
            # Better no renewal than one whose new refresh token is lost: then the account must be connected again.
            raise ChannelDown(
                f"X: tokens cannot be kept in the data dir: {error.strerror}", "data_dir"
            ) from None
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(descriptor)


class RenewedTokens:
    """OAuth 2.0: an access token for two hours, and a refresh token that is replaced at every renewal."""

    _WAIT_SECONDS = 0.1
    _WAITS = 100

    def __init__(self, caller: Caller, client_id: str, refresh_token: str, file: TokenFile) -> None:
        self._caller = caller
        self._client_id = client_id
        self._configured = refresh_token
        self._file = file
        self._tokens: Tokens | None = None
        self._lock = asyncio.Lock()

    async def authorization(self, method: Method, url: str) -> str:
        """The bearer token, renewed when it is about to end."""
        async with self._lock:
            if self._tokens is None or not self._tokens.fresh():
                await self._renew(spent="")
            assert self._tokens is not None
            return f"Bearer {self._tokens.access_token}"

    async def renew(self) -> bool:
        """Replace an access token that X refuses."""
        async with self._lock:
            await self._renew(spent=self._tokens.access_token if self._tokens else "")
        return True

    async def _renew(self, spent: str) -> None:
        """Take over tokens that another process has renewed, or renew them; `spent` is one that X refuses."""
        for _ in range(self._WAITS):
            with self._file.alone() as alone:
                if alone:
                    tokens = self._file.read(self._configured)
                    if not tokens.fresh() or tokens.access_token == spent:
                        tokens = await self._exchange(tokens)
                        self._keep(tokens)
                    self._tokens = tokens
                    return
            await asyncio.sleep(self._WAIT_SECONDS)
        raise TryAgain("X: another process is still renewing the access token", "renewing")

    def _keep(self, tokens: Tokens) -> None:
        try:
            self._file.write(tokens)
        except OSError as error:
            # They still serve until this process ends; after that the account has to be connected again.
            log.error("the renewed X tokens cannot be kept: %s", error.strerror)

    async def _exchange(self, tokens: Tokens) -> Tokens:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": tokens.refresh_token,
            "client_id": self._client_id,
        }
        try:
            answer = await self._caller.call(
                "POST", self._caller.url("/2/oauth2/token"), headers={}, form=form
            )
        except OutcomeUnknown as error:
            # The message itself was not sent: only the renewal's outcome is unknown, and it is simply tried again.
            raise TryAgain(f"X: the access token could not be renewed: {error}", "renewal") from None
        renewed = _renewed(tokens, answer)
        log.info("the X access token was renewed")
        return renewed


def _renewed(tokens: Tokens, answer: Answer) -> Tokens:
    if answer.status == 429 or answer.status >= 500:
        raise TryAgain(f"X: the access token could not be renewed: HTTP {answer.status}", "renewal")
    document = answer.document
    access, refresh, seconds = (
        document.get(name) for name in ("access_token", "refresh_token", "expires_in")
    )
    if not answer.ok or not isinstance(access, str) or not access:
        raise ChannelDown(
            f"X refuses the refresh token (HTTP {answer.status}): connect the account again",
            f"oauth2/{answer.status}",
        )
    lifetime = float(seconds) if isinstance(seconds, int | float) else TOKEN_SECONDS
    return Tokens(
        tokens.given,
        refresh if isinstance(refresh, str) and refresh else tokens.refresh_token,
        access,
        time.time() + lifetime,
    )
