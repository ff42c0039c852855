"""`./signpost screen`: a file of messages through the policy's checks, each with what was found."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from bot.commands.messages import BadMessages, json_line, read_messages, replace_whole
from bot.council import ConfigError
from bot.environments import ROOT
from bot.policy.findings import Context, EarlierMessage, Finding, PersonalDatum, Screening, Visibility
from bot.policy.personal import PersonalData
from bot.policy.screen import Screener

USAGE = 2
LOOKED_BACK = 2000
"""Messages before this one among which repeats are sought."""


def screen_file(messages: Path, out: Path, root: Path = ROOT) -> int:
    """Write what the policy makes of every message; gives the exit code. `out` changes only when all is well."""
    try:
        asked = [
            (message, context_of(message, f"{messages}:{number}"))
            for number, message in read_messages(messages)
        ]
        screener = Screener.from_files(root)
        replace_whole(out, screened(screener, asked))
    except BadMessages as error:
        print(f"signpost: {error}", file=sys.stderr)
        return USAGE
    except ConfigError as error:
        print(f"signpost: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"signpost: {out} cannot be written: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


def screened(screener: Screener, asked: Sequence[tuple[dict[str, Any], Context]]) -> Iterator[str]:
    """A line of JSON for each message, in order, each seen with those before it."""
    earlier: deque[EarlierMessage] = deque(maxlen=LOOKED_BACK)
    for message, known in asked:
        text = message["text"]
        context = replace(known, earlier=tuple(earlier))
        screening = screener.screen(text, context)
        yield json_line({"id": message["id"], **shown(screener.personal, text, screening, context)})
        earlier.append(EarlierMessage(text, known.author_handle, group=known.group))


def shown(personal: PersonalData, text: str, screening: Screening, context: Context) -> dict[str, Any]:
    """A screening as the outside contract has it: each clause once, by its gravest finding.

    The evidence is the words that were found, with personal data masked; of a name, that name.
    """
    clauses: dict[str, dict[str, str]] = {}
    for finding in screening.findings:
        clauses.setdefault(
            finding.clause,
            {
                "clause": finding.clause,
                "severity": finding.severity,
                "evidence": _evidence(personal, text, screening, finding, context),
                "check": finding.check,
            },
        )
    return {
        "clauses": list(clauses.values()),
        "personal_data": [[each.start, each.end, each.kind] for each in screening.personal_data],
        "danger": screening.danger,
    }


def _evidence(
    personal: PersonalData, text: str, screening: Screening, finding: Finding, context: Context
) -> str:
    if finding.start == finding.end:
        return " ".join(name for name in (context.display_name, context.author_handle) if name)
    return personal.mask(text[finding.start : finding.end], _within(screening, finding))


def _within(screening: Screening, finding: Finding) -> Iterator[PersonalDatum]:
    for datum in screening.personal_data:
        if datum.start < finding.end and finding.start < datum.end:
            start, end = max(datum.start, finding.start), min(datum.end, finding.end)
            yield replace(datum, start=start - finding.start, end=end - finding.start)


def context_of(message: dict[str, Any], where: str) -> Context:
    """What a line says beside its text; raises BadMessages for what is of the wrong kind."""

    def words(name: str) -> str:
        value = message.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise BadMessages(f"{where}: {name} must be text")
        return value

    election = message.get("election_period")
    if election is not None and not isinstance(election, bool):
        raise BadMessages(f"{where}: election_period must be true or false")
    group = message.get("group")
    if group is not None and (isinstance(group, bool) or not isinstance(group, str | int)):
        raise BadMessages(f"{where}: group must be text or a whole number")
    visibility = words("visibility") or "public"
    if visibility not in get_args(Visibility):
        raise BadMessages(f"{where}: visibility must be public or private")
    return Context(
        visibility="private" if visibility == "private" else "public",
        author_handle=words("author_handle"),
        display_name=words("display_name"),
        election_period=bool(election),
        group="" if group is None else str(group),
    )
