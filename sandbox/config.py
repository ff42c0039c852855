"""What a sandbox is set up with: where it listens, whom it serves, and the credentials both sides share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from zoneinfo import ZoneInfo

SECOND = 1.0
HOUR = 3600.0

DOCUMENTED_LIMITS: Mapping[str, tuple[tuple[int, float], ...]] = {
    # X, per user: platforms/README.md for the sends; X's published table of limits for the reads.
    "x.dm.send": ((15, HOUR / 4), (1440, 24 * HOUR)),
    "x.dm.read": ((15, HOUR / 4),),
    "x.post.create": ((100, HOUR / 4),),
    "x.post.hide": ((50, HOUR / 4),),
    "x.user.mute": ((50, HOUR / 4),),
    "x.post.read": ((900, HOUR / 4),),
    "x.user.posts": ((900, HOUR / 4),),
    "x.user.me": ((75, HOUR / 4),),
    # Meta, per Page: 300 text sends a second.
    "facebook.message.send": ((300, SECOND),),
}
"""Operation to its windows, each (calls, seconds)."""


class BadSetting(ValueError):
    """A setting that can't be used; the message is one sentence for the person who set it."""


def _secret(name: str, default: str) -> str:
    return field(default=default, repr=False, metadata={"environment": name})


def _setting(name: str, default: str) -> str:
    return field(default=default, metadata={"environment": name})


@dataclass(frozen=True)
class SandboxConfig:
    """Everything a sandbox needs to know. Every value has a default fit for tests on one machine.

    Fields that carry an environment name are shared with the service: both read the same variable, so both
    sign with the same secret. The defaults are for the sandbox only and worth nothing anywhere else.
    """

    host: str = "127.0.0.1"
    port: int = 8081
    service_url: str = "http://127.0.0.1:8080"

    x_user_id: str = _setting("SIGNPOST_X_USER_ID", "1750000000000000001")
    x_handle: str = _setting("SIGNPOST_X_HANDLE", "SandboxCouncil")
    x_consumer_key: str = _setting("SIGNPOST_X_CONSUMER_KEY", "sandbox-consumer-key")
    x_consumer_secret: str = _secret("SIGNPOST_X_CONSUMER_SECRET", "sandbox-consumer-secret")
    x_access_token: str = _setting("SIGNPOST_X_ACCESS_TOKEN", "sandbox-access-token")
    x_access_token_secret: str = _secret("SIGNPOST_X_ACCESS_TOKEN_SECRET", "sandbox-access-token-secret")
    x_client_id: str = _setting("SIGNPOST_X_CLIENT_ID", "sandbox-client-id")
    x_refresh_token: str = _secret("SIGNPOST_X_REFRESH_TOKEN", "sandbox-refresh-token")
    meta_app_secret: str = _secret("SIGNPOST_META_APP_SECRET", "sandbox-app-secret")
    meta_verify_token: str = _secret("SIGNPOST_META_VERIFY_TOKEN", "sandbox-verify-token")
    meta_page_id: str = _setting("SIGNPOST_META_PAGE_ID", "105000000000001")
    meta_page_token: str = _secret("SIGNPOST_META_PAGE_TOKEN", "sandbox-page-token")
    open311_jurisdiction: str = _setting("SIGNPOST_OPEN311_JURISDICTION", "sandbox")

    council_name: str = "Sandbox Council"
    meta_app_id: int = 1517000000000001
    now: datetime | None = None
    """A clock that stands still at this aware time; None is the real time."""

    limits: Mapping[str, tuple[tuple[int, float], ...]] | None = field(
        default_factory=lambda: dict(DOCUMENTED_LIMITS)
    )
    """Operation to its windows; None means that nothing is limited."""

    retry_seconds: tuple[float, ...] = (1, 2, 5, 10, 30)
    """Waits between attempts to deliver a webhook; the last one repeats."""
    delivery_timeout: float = 10.0
    """Seconds that the service has to answer a webhook (X documents 10)."""
    give_up_after: Mapping[str, float] = field(
        default_factory=lambda: {"x": 28 * HOUR, "facebook": 36 * HOUR}
    )
    """Seconds after which a delivery is no longer retried."""
    check_webhooks: bool = True
    """Whether to check at the start and hourly, and to hold deliveries if a challenge is answered wrong."""
    recheck_seconds: float = 2.0
    """Wait between challenge checks as long as none has been answered rightly."""
    hang_seconds: float = 120.0
    """How long a call that meets the time-out fault is kept without an answer."""

    duplicates: str = "everywhere"
    """Where X refuses a repeated text: "everywhere", or only in the same "conversation"."""
    implicit_mentions_summon: bool = False
    """Whether a reply to the council's post that mentions it only implicitly lets the council answer."""
    wrap_links: bool = True
    """Whether X shortens links to t.co in what it hands back and delivers, as the real one does."""
    dm_length: int = 10_000
    message_length: int = 2_000
    comment_length: int = 8_000

    open311_dialect: str = "plain"
    """"plain", "fixmystreet" or "xml"."""
    open311_needs_jurisdiction: bool = False
    first_report: int | None = None
    """The first tracking code, seven digits; None picks one, so that codes of two runs seldom meet."""

    @property
    def address(self) -> str:
        """Where the sandbox answers, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def environment(self) -> dict[str, str]:
        """What to set for a service that is to work against this sandbox."""
        shared = {
            each.metadata["environment"]: str(getattr(self, each.name))
            for each in fields(self)
            if "environment" in each.metadata
        }
        return shared | {
            "SIGNPOST_X_API_URL": f"{self.address}/x",
            "SIGNPOST_META_API_URL": f"{self.address}/graph",
            "SIGNPOST_META_APP_ID": str(self.meta_app_id),
            "SIGNPOST_OPEN311_URL": f"{self.address}/report/open311/v2",
        }


def from_environment(environ: Mapping[str, str]) -> SandboxConfig:
    """The configuration that the environment asks for; what is unset or empty keeps its default.

    Raises BadSetting if SIGNPOST_NOW is not an ISO time.
    """
    given = {
        each.name: environ[each.metadata["environment"]]
        for each in fields(SandboxConfig)
        if environ.get(each.metadata.get("environment", ""), "")
    }
    return SandboxConfig(**given, now=_fixed_time(environ.get("SIGNPOST_NOW", "")))  # type: ignore[arg-type]


def _fixed_time(value: str) -> datetime | None:
    """The aware time in `value`; a time without an offset is the council's local time."""
    if not value:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadSetting(f"SIGNPOST_NOW is not an ISO time: {value!r}.") from error
    return time if time.tzinfo else time.replace(tzinfo=ZoneInfo("Europe/London"))
