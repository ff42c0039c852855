"""Cases on the terminal: the queue as staff see it until they open the console, and closing one."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cases.handover import close
from bot.clock import Clock
from bot.store import cases
from bot.store.database import Database


async def print_cases(
    database: Database, zone: ZoneInfo, *, every: bool = False, as_json: bool = False
) -> None:
    """Print the open cases (or every one), the most urgent first; times are local."""
    async with database.reading() as session:
        rows = await cases.listed(session, state=None if every else "open")
    listed = [
        {
            "case": case.id,
            "urgency": case.urgency,
            "queue": case.queue,
            "reason": case.reason,
            "state": case.state,
            "due": _local(case.due_at, zone),
            "opened": _local(case.opened_at, zone),
            "channel": account.channel,
            "visibility": conversation.visibility,
            "owner": conversation.owner,
            "person": person.handle or person.name or person.external_id,
        }
        for case, conversation, person, account in rows
    ]
    if as_json:
        print(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    if not listed:
        print("No cases." if every else "No open cases.")
        return
    print(f"{'case':>5}  {'urgency':8} {'due':16}  {'queue':12} {'where':18} {'who':20} why")
    for row in listed:
        where = f"{row['channel']} {row['visibility']}"
        print(
            f"{row['case']:>5}  {row['urgency']:8} {row['due']:16}  {row['queue']:12} {where:18} "
            f"{_printable(str(row['person'])):20} {row['reason']}"
        )


async def close_case(database: Database, now: Clock, case_id: int, actor: str) -> bool:
    """Close a case from the terminal; false when there is no such open case."""
    async with database.transaction() as session:
        return await close(session, case_id, actor, now())


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())[:20]
