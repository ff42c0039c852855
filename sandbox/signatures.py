"""The signatures that the platforms put on webhooks, and the challenges they check a webhook with."""

import base64
import hashlib
import hmac

X_SIGNATURE = "x-twitter-webhooks-signature"
META_SIGNATURE = "X-Hub-Signature-256"


def x_signature(consumer_secret: str, body: bytes) -> str:
    """`sha256=` and the base64 HMAC-SHA256 of the raw body; also the answer due to a `crc_token`."""
    digest = hmac.new(consumer_secret.encode(), body, hashlib.sha256).digest()
    return "sha256=" + base64.b64encode(digest).decode()


def meta_signature(app_secret: str, body: bytes) -> str:
    """`sha256=` and the hexadecimal HMAC-SHA256 of the raw body."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def appsecret_proof(app_secret: str, access_token: str) -> str:
    """What a careful caller of the Graph API sends along with the token."""
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()


def same(given: str, expected: str) -> bool:
    """Whether two signatures are equal, in constant time."""
    return hmac.compare_digest(given.encode(), expected.encode())
