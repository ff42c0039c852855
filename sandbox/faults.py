"""Faults by switch: what goes wrong on purpose, for webhooks and for calls, per platform."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum

from sandbox.documents import Document, MalformedDocument

PLATFORMS = ("x", "facebook", "open311")


class ApiFault(StrEnum):
    """What happens to a call of the platform's API."""

    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    HTML_503 = "503_html"
    TIMEOUT_PERFORMED = "timeout_performed"
    TIMEOUT_NOT_PERFORMED = "timeout_not_performed"
    REVOKED_TOKEN = "revoked_token"  # noqa: S105 - the name of a fault
    WINDOW_CLOSED = "window_closed"


@dataclass(frozen=True)
class ApiSwitch:
    """The fault that calls meet. `calls` is how many more will (None: until switched off)."""

    fault: ApiFault | None = None
    calls: int | None = None
    reads: bool = False
    """Whether calls that only read meet it too. A revoked token always concerns every call."""


@dataclass(frozen=True)
class WebhookSwitches:
    """How deliveries to the service go wrong, or differ."""

    duplicate: bool = False
    reorder: bool = False
    delay_ms: int = 0
    batch_ms: int = 0
    """Facebook only: gather updates for so long and deliver them as one batch."""
    legacy_shapes: bool = False
    """X only: the deprecated Account Activity shapes instead of activity events."""
    receipts: bool = False
    """Facebook only: also tell of deliveries and reads of the council's messages."""


@dataclass(frozen=True)
class PlatformFaults:
    """All switches of one platform."""

    api: ApiSwitch = field(default_factory=ApiSwitch)
    webhook: WebhookSwitches = field(default_factory=WebhookSwitches)


class Faults:
    """The switches as they stand, per platform."""

    def __init__(self) -> None:
        self._switches = {platform: PlatformFaults() for platform in PLATFORMS}

    def webhook(self, platform: str) -> WebhookSwitches:
        """How the platform's deliveries go wrong now."""
        return self._switches[platform].webhook

    def meet(self, platform: str, *, reads: bool, conversation: bool = False) -> ApiFault | None:
        """The fault that this call meets, if any; counts it off.

        `reads` tells that the call changes nothing, `conversation` that it writes to one person in private.
        """
        switch = self._switches[platform].api
        if switch.fault is None:
            return None
        if reads and not switch.reads and switch.fault is not ApiFault.REVOKED_TOKEN:
            return None
        if switch.fault is ApiFault.WINDOW_CLOSED and not conversation:
            return None
        if switch.calls is not None:
            left = switch.calls - 1
            after = replace(switch, calls=left) if left > 0 else ApiSwitch()
            self._switches[platform] = replace(self._switches[platform], api=after)
        return switch.fault

    def as_document(self) -> Document:
        """The switches for the control API: platform to `{api, webhook}`."""
        return {platform: asdict(switches) for platform, switches in self._switches.items()}

    def change(self, document: Document) -> None:
        """Set the switches that the document names and leave the others.

        Raises MalformedDocument, having changed nothing, if it names what there is not.
        """
        changed = dict(self._switches)
        for platform, switches in document.items():
            if platform not in changed:
                raise MalformedDocument(f"There is no platform {platform!r}: use {', '.join(PLATFORMS)}.")
            changed[platform] = _with(changed[platform], platform, switches)
        self._switches = changed

    def reset(self) -> None:
        """Everything off."""
        self.__init__()  # type: ignore[misc]


def _with(current: PlatformFaults, platform: str, switches: object) -> PlatformFaults:
    if not isinstance(switches, dict) or not set(switches) <= {"api", "webhook"}:
        raise MalformedDocument(f"'{platform}' takes 'api' and 'webhook'.")
    if "api" in switches:
        current = replace(current, api=_api_switch(switches["api"]))
    if "webhook" in switches:
        current = replace(current, webhook=_webhook_switches(current.webhook, switches["webhook"]))
    return current


def _api_switch(document: object) -> ApiSwitch:
    if not isinstance(document, dict) or not set(document) <= {"fault", "calls", "reads"}:
        raise MalformedDocument("'api' takes 'fault', 'calls' and 'reads'.")
    name, calls, reads = document.get("fault"), document.get("calls"), document.get("reads", False)
    try:
        fault = ApiFault(name) if name else None
    except ValueError as error:
        choices = ", ".join(each.value for each in ApiFault)
        raise MalformedDocument(f"There is no fault {name!r}: use null, {choices}.") from error
    if calls is not None and (not isinstance(calls, int) or isinstance(calls, bool) or calls < 1):
        raise MalformedDocument("'calls' must be null or a whole number from 1.")
    if not isinstance(reads, bool):
        raise MalformedDocument("'reads' must be true or false.")
    return ApiSwitch(fault, calls if fault else None, reads)


def _webhook_switches(current: WebhookSwitches, document: object) -> WebhookSwitches:
    kinds = {each.name: type(getattr(current, each.name)) for each in fields(WebhookSwitches)}
    if not isinstance(document, dict) or not set(document) <= set(kinds):
        raise MalformedDocument(f"'webhook' takes {', '.join(kinds)}.")
    for name, value in document.items():
        if type(value) is not kinds[name] or (isinstance(value, int) and value < 0):
            raise MalformedDocument(
                f"'{name}' must be {'true or false' if kinds[name] is bool else 'a number from 0'}."
            )
    return replace(current, **document)
