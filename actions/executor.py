"""Runs the actions for Rasa 3.6, which sends no domain with a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk.executor import ActionExecutor  # type: ignore[import-untyped,unused-ignore]

from actions import build_actions
from actions.facts import Facts


class DomainlessExecutor(ActionExecutor):  # type: ignore[misc,unused-ignore]
    """The SDK's executor, content without a domain.

    endpoints.yml sets `enable_selective_domain`: no action here reads the domain, and it would be most of every
    request. The SDK of 3.21 answers such a call with 449, "send the domain", which Rasa 3.6.21 takes for a
    failure.
    """

    def update_and_return_domain(self, payload: Mapping[str, Any], action_name: str) -> dict[str, Any]:
        """What the call brought, or nothing."""
        return dict(payload.get("domain") or {})


def build_executor(facts: Facts, environ: Mapping[str, str]) -> DomainlessExecutor:
    """Every action, registered."""
    executor = DomainlessExecutor()
    for action in build_actions(facts, environ):
        executor.register_action(action)
    return executor
