"""Who calls the X look-alike: OAuth 1.0a signatures and OAuth 2.0 user tokens, checked for real."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import time
import urllib.parse
from collections import OrderedDict

from aiohttp import web
from oauthlib.oauth1 import Client
from oauthlib.oauth1.rfc5849 import signature

from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.documents import answer

TOKEN_SECONDS = 7200
SCOPES = (
    "tweet.read tweet.write users.read dm.read dm.write tweet.moderate.write "
    "mute.read mute.write offline.access"
)

_TIMESTAMP_LEEWAY = 300.0
_NONCES_KEPT = 50_000
_PARAMETER = re.compile(r'\s*([A-Za-z_]+)="([^"]*)"\s*')


class Credentials:
    """Checks the Authorization header of calls, and hands out OAuth 2.0 tokens."""

    def __init__(self, config: SandboxConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._account = Client(
            config.x_consumer_key,
            client_secret=config.x_consumer_secret,
            resource_owner_key=config.x_access_token,
            resource_owner_secret=config.x_access_token_secret,
        )
        self._nonces: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._expiry_of: dict[str, float] = {}
        self._used_refresh_tokens: set[str] = set()

    async def accepts(self, request: web.Request) -> bool:
        """Whether the account calls, with an OAuth 1.0a signature or an unexpired bearer token."""
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "oauth":
            return await self._signed(request, rest)
        if scheme.lower() == "bearer":
            return self._expiry_of.get(rest.strip(), 0.0) > self._clock.running()
        return False

    async def _signed(self, request: web.Request, header: str) -> bool:
        given = {
            found[1]: urllib.parse.unquote(found[2])
            for part in header.split(",")
            if (found := _PARAMETER.fullmatch(part))
        }
        if (
            given.get("oauth_signature_method") != "HMAC-SHA1"
            or given.get("oauth_consumer_key") != self._config.x_consumer_key
            or given.get("oauth_token") != self._config.x_access_token
            or not self._timely(given.get("oauth_timestamp", ""))
        ):
            return False
        try:
            expected = await self._expected_signature(request)
        except ValueError:
            return False
        right = hmac.compare_digest(given.get("oauth_signature", "").encode(), expected.encode())
        return right and self._fresh(given.get("oauth_nonce", ""), given["oauth_timestamp"])

    async def _expected_signature(self, request: web.Request) -> str:
        form = await request.text() if request.content_type == "application/x-www-form-urlencoded" else ""
        parameters = signature.collect_parameters(
            uri_query=request.rel_url.raw_query_string,
            body=form,
            headers={"Authorization": request.headers["Authorization"]},
            exclude_oauth_signature=True,
            with_realm=False,
        )
        base = signature.signature_base_string(
            request.method,  # type: ignore[arg-type]
            signature.base_string_uri(f"{request.scheme}://{request.host}{request.rel_url.raw_path}"),
            signature.normalize_parameters(parameters),  # type: ignore[arg-type]
        )
        return str(signature.sign_hmac_sha1_with_client(base, self._account))

    def _timely(self, timestamp: str) -> bool:
        """Within five minutes of the real time, or of the sandbox's: in a rehearsal it may be either."""
        if not timestamp.isdecimal():
            return False
        moments = (time.time(), self._clock.running(), self._clock.now().timestamp())
        return any(abs(int(timestamp) - each) <= _TIMESTAMP_LEEWAY for each in moments)

    def _fresh(self, nonce: str, timestamp: str) -> bool:
        if not nonce or (nonce, timestamp) in self._nonces:
            return False
        self._nonces[nonce, timestamp] = None
        if len(self._nonces) > _NONCES_KEPT:
            self._nonces.popitem(last=False)
        return True

    async def refresh(self, request: web.Request) -> web.Response:
        """Answer `POST /2/oauth2/token`: a new pair of tokens for a refresh token, which serves only once."""
        form = await request.post()
        token, client = str(form.get("refresh_token", "")), str(form.get("client_id", ""))
        if form.get("grant_type") != "refresh_token":
            return _refused("unsupported_grant_type", "Only the grant type refresh_token is supported here.")
        if self._config.x_client_id not in (client, _basic_user(request)):
            return _refused("invalid_client", "Missing or unknown client.", 401)
        if not self._issued(token) or token in self._used_refresh_tokens:
            return _refused("invalid_request", "Value passed for the token was invalid.")
        self._used_refresh_tokens.add(token)
        access = secrets.token_urlsafe(40)
        self._expiry_of[access] = self._clock.running() + TOKEN_SECONDS
        document = {
            "token_type": "bearer",
            "expires_in": TOKEN_SECONDS,
            "access_token": access,
            "scope": SCOPES,
            "refresh_token": self._new_refresh_token(),
        }
        return answer(document)

    def _new_refresh_token(self) -> str:
        number = secrets.token_urlsafe(12)
        return f"{number}.{self._seal(number)}"

    def _issued(self, token: str) -> bool:
        """Whether the token is the configured one, or made from it here, by this run or an earlier one."""
        number, _, seal = token.partition(".")
        ours = hmac.compare_digest(seal.encode(), self._seal(number).encode())
        return ours or hmac.compare_digest(token.encode(), self._config.x_refresh_token.encode())

    def _seal(self, number: str) -> str:
        return hmac.new(self._config.x_refresh_token.encode(), number.encode(), hashlib.sha256).hexdigest()


def _basic_user(request: web.Request) -> str:
    """The client id of a confidential client, from HTTP Basic; its secret is not checked."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded, validate=True).decode().partition(":")[0]
    except ValueError:
        return ""


def _refused(error: str, description: str, status: int = 400) -> web.Response:
    return answer({"error": error, "error_description": description}, status)
