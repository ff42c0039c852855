"""The words for somebody in danger come from the real action server's own action, without Rasa between."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from actions.executor import build_executor
from bot.advice import Advice
from bot.brain import BrainAnswer, BrainUnavailable, HandOver
from bot.policy.findings import Danger
from tests.unit.rehearsal import facts

NOW = datetime(2026, 12, 25, 3, 0, tzinfo=UTC)


class ActionServer:
    """The actions behind a socket; `status` and `body` spoil the answer."""

    def __init__(self) -> None:
        self.executor = build_executor(facts(), {})
        self.called: list[dict[str, Any]] = []
        self.status = 200
        self.body: str | None = None

    async def webhook(self, request: web.Request) -> web.Response:
        self.called.append(await request.json())
        result = await self.executor.run(self.called[-1])
        return web.Response(text=self.body or json.dumps(dict(result.model_dump())), status=self.status)


@pytest.fixture
async def server() -> AsyncIterator[tuple[ActionServer, str]]:
    actions = ActionServer()
    app = web.Application()
    app.router.add_post("/webhook", actions.webhook)
    async with TestServer(app) as running:
        yield actions, str(running.make_url("/webhook"))


async def advise(url: str, danger: Danger = "emergency_danger", visibility: str = "private") -> BrainAnswer:
    advice = Advice(url)
    await advice.initialize()
    try:
        return await advice.advise(
            danger,
            message_id="turn-000000000012",
            visibility=visibility,
            now=NOW,
            slots={"disclosed": False, "place": "Mill Lane", "awaiting": "helped"},
            ranking=[("report_tree", 0.6), ("emergency_danger", 0.3)],
        )
    finally:
        await advice.shutdown()


@pytest.mark.parametrize("danger", get_args(Danger))
async def test_should_say_whom_to_call_and_tell_a_person(
    server: tuple[ActionServer, str], danger: Danger
) -> None:
    answer = await advise(server[1], danger)

    assert (answer.intent.name, answer.outcome, answer.purposes) == (danger, "advised_safety", [danger])
    [reply] = answer.replies
    assert reply.response == f"utter_{danger}"
    assert "999" in reply.text and "?" not in reply.text and "{" not in reply.text
    assert reply.quick_replies == []
    assert answer.deeds == [HandOver(do="hand_over", queue="safety", reason=danger, urgency="urgent")]


async def test_should_give_the_number_that_is_answered_at_that_hour(server: tuple[ActionServer, str]) -> None:
    answer = await advise(server[1])
    assert "01632 960199" in answer.replies[0].text


async def test_should_say_little_in_public_and_the_rest_in_private(server: tuple[ActionServer, str]) -> None:
    [reply] = (await advise(server[1], "safeguarding", "public")).replies
    assert reply.response == "utter_safeguarding_public"
    assert "0808 2000 247" in (reply.private_text or "")


async def test_should_keep_what_the_conversation_knows_and_await_nothing(
    server: tuple[ActionServer, str],
) -> None:
    slots = (await advise(server[1])).slots
    assert (slots["place"], slots["awaiting"]) == ("Mill Lane", "none")


async def test_should_tell_how_sure_rasa_was_of_the_danger(server: tuple[ActionServer, str]) -> None:
    answer = await advise(server[1])
    assert answer.intent.confidence == 0.3
    assert answer.ranking == [("report_tree", 0.6), ("emergency_danger", 0.3)]


async def test_should_not_send_the_residents_words(server: tuple[ActionServer, str]) -> None:
    await advise(server[1])
    assert server[0].called[0]["tracker"]["latest_message"]["text"] == ""


@pytest.mark.parametrize("body", ["", "[]", '{"responses": [], "events": []}', '{"events": []}'])
async def test_should_ask_again_later_when_the_answer_is_not_as_agreed(
    server: tuple[ActionServer, str], body: str
) -> None:
    server[0].body = body or "no json"
    with pytest.raises(BrainUnavailable, match="not as agreed"):
        await advise(server[1])


async def test_should_ask_again_later_when_the_action_server_fails(server: tuple[ActionServer, str]) -> None:
    server[0].status = 500
    with pytest.raises(BrainUnavailable, match="500"):
        await advise(server[1])


async def test_should_ask_again_later_when_nobody_listens() -> None:
    with pytest.raises(BrainUnavailable, match="did not answer"):
        await advise("http://127.0.0.1:9/webhook")
