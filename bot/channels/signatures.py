"""The signatures on deliveries: made and compared here, in constant time, on the raw bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping

from bot.channels.base import BadSignature

X_HEADER = "x-twitter-webhooks-signature"
META_HEADER = "x-hub-signature-256"


def x_signature(consumer_secret: str, data: bytes) -> str:
    """What X signs deliveries with, and expects in answer to a `crc_token`."""
    digest = hmac.new(consumer_secret.encode(), data, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def meta_signature(app_secret: str, data: bytes) -> str:
    """What Meta signs deliveries with."""
    return "sha256=" + hmac.new(app_secret.encode(), data, hashlib.sha256).hexdigest()


def appsecret_proof(app_secret: str, token: str) -> str:
    """Proof for the Graph API that who has the token has the app's secret too (Meta, Securing Graph API Requests)."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def check(headers: Mapping[str, str], name: str, expected: str) -> None:
    """Compare the header (its name in any case) with the signature; raises BadSignature."""
    given = next((value for key, value in headers.items() if key.lower() == name), None)
    if given is None:
        raise BadSignature(f"the header {name} is missing")
    if not same(given, expected):
        raise BadSignature(f"the header {name} does not fit the body")


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in constant time; any characters may be in them."""
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass")
    )
