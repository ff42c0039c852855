"""The action server: chooses words and destinations, and says in `custom` what the service is to do."""

from __future__ import annotations

from collections.abc import Mapping

from actions.about import ActionAboutBot
from actions.answering import SpeakingAction
from actions.facts import Facts
from actions.handing_over import ActionHandOver
from actions.languages import ActionOtherLanguage
from actions.open311 import Open311
from actions.opting_out import ActionOptOut
from actions.policy import ActionPolicy
from actions.safety import ActionSafety
from actions.signposting import ActionSignpost
from actions.small_talk import ActionAffirm, ActionDeny, ActionSmallTalk
from actions.tracking import ActionCheckReport
from actions.unclear import ActionOutOfScope, ActionUnclear

__all__ = ["build_actions"]


def build_actions(facts: Facts, environ: Mapping[str, str]) -> tuple[SpeakingAction, ...]:
    """Every action, ready to be registered; the reporting tool's server comes from the environment."""
    url = environ.get("SIGNPOST_OPEN311_URL", "")
    server = Open311(url, environ.get("SIGNPOST_OPEN311_JURISDICTION", "")) if url else None
    simple = (
        ActionSignpost,
        ActionSafety,
        ActionHandOver,
        ActionSmallTalk,
        ActionAffirm,
        ActionDeny,
        ActionAboutBot,
        ActionOptOut,
        ActionPolicy,
        ActionOutOfScope,
        ActionOtherLanguage,
        ActionUnclear,
    )
    return (*(action(facts) for action in simple), ActionCheckReport(facts, server))
