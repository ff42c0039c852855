"""The client of Rasa over a real socket: a good answer is read, anything else is BrainUnavailable without words."""

from __future__ import annotations

import socket
import traceback
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

import bot.brain
from bot.brain import Brain, BrainAnswer, BrainUnavailable, HandOver
from tests.unit.scripted_platform import Platform, Reply, scripted_platform

NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
TOKEN = "the-shared-secret"
WORDS = "my son Casper is missing from Weir Road"
ANSWER: dict[str, Any] = {
    "message_id": "turn-000000000012",
    "model": "signpost-1",
    "intent": {"name": "report_pothole", "confidence": 0.93},
    "ranking": [["report_pothole", 0.93], ["report_pavement", 0.04]],
    "purposes": ["report_pothole"],
    "entities": [{"entity": "street", "value": "Mill Lane", "start": 11, "end": 20}],
    "replies": [{"text": "You can report it", "response": "utter_report"}],
    "deeds": [{"do": "hand_over", "queue": "complaints", "reason": "complaint", "urgency": "high"}],
    "outcome": "signposted",
    "slots": {"disclosed": True},
}
REQUIRED = ("message_id", "model", "intent", "ranking", "purposes", "entities", "replies", "outcome", "slots")


@pytest.fixture
async def rasa() -> AsyncIterator[Platform]:
    async with scripted_platform() as platform:
        platform.replies = [Reply(document=ANSWER)]
        yield platform


@pytest.fixture
async def brain(rasa: Platform, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Brain]:
    monkeypatch.setattr(bot.brain, "ANSWER_WITHIN_SECONDS", 0.5)
    brain = Brain(rasa.address + "/", TOKEN)
    await brain.initialize()
    yield brain
    await brain.shutdown()


async def ask(brain: Brain) -> BrainAnswer:
    return await brain.ask(
        message_id="turn-000000000012",
        conversation="c-7",
        channel="x",
        visibility="private",
        text=WORDS,
        attachments=2,
        now=NOW,
        slots={"place": WORDS},
    )


async def refusal(brain: Brain) -> BrainUnavailable:
    """How asking fails; neither the error nor its traceback, which is logged, may hold a resident's words."""
    with pytest.raises(BrainUnavailable) as raised:
        await ask(brain)
    said = "".join(traceback.format_exception(raised.value))
    assert "Casper" not in said and "Weir Road" not in said
    assert TOKEN not in said
    return raised.value


async def test_should_send_the_whole_turn_with_the_token(rasa: Platform, brain: Brain) -> None:
    await ask(brain)

    [called] = rasa.calls
    assert (called.method, called.path) == ("POST", "/webhooks/signpost/turn")
    assert called.headers["Authorization"] == f"Bearer {TOKEN}"
    assert called.document == {
        "message_id": "turn-000000000012",
        "conversation": "c-7",
        "channel": "x",
        "visibility": "private",
        "text": WORDS,
        "attachments": 2,
        "now": "2026-11-24T11:00:00+00:00",
        "slots": {"place": WORDS},
    }


async def test_should_read_all_that_rasa_says(brain: Brain) -> None:
    answer = await ask(brain)

    assert (answer.intent.name, answer.intent.confidence, answer.model) == (
        "report_pothole",
        0.93,
        "signpost-1",
    )
    assert answer.ranking[1] == ("report_pavement", 0.04)
    assert [reply.text for reply in answer.replies] == ["You can report it"]
    assert answer.deeds == [HandOver(do="hand_over", queue="complaints", reason="complaint", urgency="high")]
    assert (answer.outcome, answer.slots) == ("signposted", {"disclosed": True})


async def test_should_send_the_payload_of_a_tap_along(rasa: Platform, brain: Brain) -> None:
    await brain.ask(
        message_id="turn-000000000012",
        conversation="c-7",
        channel="facebook",
        visibility="private",
        text="Missed bin",
        attachments=0,
        now=NOW,
        slots={},
        quick_reply="choose:report_missed_bin",
    )
    [called] = rasa.calls
    assert called.document["quick_reply"] == "choose:report_missed_bin"


async def test_should_read_what_was_offered_and_what_was_chosen_from(rasa: Platform, brain: Brain) -> None:
    reply = {"text": "t", "private_text": "p", "private_slots": {"awaiting": "clarify"}}
    about = {"do": "hand_over", "queue": "q", "reason": "r", "about": "turn-000000000007"}
    more = {"chosen_from": ["a", "b"], "offered": ["c", "d"], "replies": [reply], "deeds": [about]}
    rasa.replies = [Reply(document=ANSWER | more)]
    answer = await ask(brain)
    assert (answer.chosen_from, answer.offered) == (["a", "b"], ["c", "d"])
    assert answer.replies[0].private_slots == {"awaiting": "clarify"}
    assert answer.deeds == [HandOver(do="hand_over", queue="q", reason="r", about="turn-000000000007")]


async def test_should_take_silence_on_purpose_for_an_answer(rasa: Platform, brain: Brain) -> None:
    rasa.replies = [Reply(document=ANSWER | {"replies": [], "deeds": [], "outcome": "withheld_policy"})]
    answer = await ask(brain)
    assert (answer.replies, answer.deeds) == ([], [])


async def test_should_answer_again_over_the_same_connection_after_a_failure(
    rasa: Platform, brain: Brain
) -> None:
    rasa.replies = [Reply(503, {"error": "no model"}), Reply(document=ANSWER)]
    await refusal(brain)
    assert (await ask(brain)).outcome == "signposted"


@pytest.mark.parametrize("status", [201, 204, 400, 401, 404, 500, 503])
async def test_should_name_the_status_and_not_the_body_when_rasa_refuses(
    rasa: Platform, brain: Brain, status: int
) -> None:
    rasa.replies = [Reply(status, {"error": f"cannot understand: {WORDS}"})]
    assert str(await refusal(brain)) == f"Rasa answered {status}"


async def test_should_give_up_after_its_time(rasa: Platform, brain: Brain) -> None:
    rasa.replies = [Reply(hangs=True)]
    assert "did not answer" in str(await refusal(brain))


async def test_should_not_wait_longer_than_a_turn_may_take() -> None:
    assert bot.brain.ANSWER_WITHIN_SECONDS == 10.0


async def test_should_say_that_there_was_no_answer_when_the_connection_breaks(
    rasa: Platform, brain: Brain
) -> None:
    rasa.replies = [Reply(breaks=True)]
    assert "did not answer" in str(await refusal(brain))


async def test_should_say_that_there_was_no_answer_when_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        brain = Brain(f"http://127.0.0.1:{unused.getsockname()[1]}", TOKEN)
        await brain.initialize()
        try:
            assert "did not answer" in str(await refusal(brain))
        finally:
            await brain.shutdown()


@pytest.mark.parametrize(
    "text", ["", f"<h1>{WORDS}</h1>", f'{{"model": "{WORDS}', f'["{WORDS}"]', "null", f'"{WORDS}"', "\ufffe"]
)
async def test_should_refuse_what_is_no_json_object(rasa: Platform, brain: Brain, text: str) -> None:
    rasa.replies = [Reply(text=text)]
    assert "not as agreed" in str(await refusal(brain))


@pytest.mark.parametrize("missing", REQUIRED)
async def test_should_name_the_field_that_is_missing(rasa: Platform, brain: Brain, missing: str) -> None:
    rasa.replies = [
        Reply(document={name: value for name, value in ANSWER.items() if name != missing} | {"more": WORDS})
    ]
    assert missing in str(await refusal(brain))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"intent": {"name": WORDS}}, "intent.confidence"),
        ({"intent": {"name": "greet", "confidence": WORDS}}, "intent.confidence"),
        ({"ranking": [[WORDS, "much"]]}, "ranking.0.1"),
        ({"replies": [{"response": WORDS}]}, "replies.0.text"),
        ({"replies": [{"text": "t", "quick_replies": [WORDS]}]}, "replies.0.quick_replies.0"),
        ({"deeds": [{"do": WORDS}]}, "deeds.0"),
        ({"deeds": [{"do": "hand_over", "queue": "q", "reason": "r", "urgency": WORDS}]}, "deeds.0"),
        ({"deeds": [{"do": "record_helped", "helped": WORDS}]}, "deeds.0"),
        ({"slots": WORDS}, "slots"),
        ({"offered": WORDS}, "offered"),
        ({"chosen_from": [7]}, "chosen_from.0"),
        ({"replies": [{"text": "t", "private_slots": WORDS}]}, "replies.0.private_slots"),
    ],
)
async def test_should_name_the_field_that_is_wrong_and_not_its_value(
    rasa: Platform, brain: Brain, changed: dict[str, Any], field: str
) -> None:
    rasa.replies = [Reply(document=ANSWER | changed)]
    assert field in str(await refusal(brain))


async def test_should_say_clearly_that_it_was_not_started() -> None:
    with pytest.raises(RuntimeError, match="initialize"):
        await ask(Brain("http://127.0.0.1:1", TOKEN))


async def test_should_stop_twice_without_complaint(brain: Brain) -> None:
    await brain.shutdown()
    await brain.shutdown()


async def test_should_name_the_model_that_is_loaded(rasa: Platform, brain: Brain) -> None:
    rasa.replies = [Reply(document={"status": "ok", "model": "signpost-1"})]
    assert await brain.health() == "signpost-1"
    assert [called.path for called in rasa.calls] == ["/webhooks/signpost/health"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(503, {"error": "no model"}),
        Reply(401, {"error": "token"}),
        Reply(text="ready"),
        Reply(document={"status": "ok"}),
        Reply(document=["ok"]),
        Reply(hangs=True),
        Reply(breaks=True),
    ],
    ids=["503", "401", "not JSON", "no model named", "a list", "hangs", "breaks"],
)
async def test_should_be_unwell_when_rasa_is(rasa: Platform, brain: Brain, reply: Reply) -> None:
    rasa.replies = [reply]
    with pytest.raises(BrainUnavailable):
        await brain.health()


@pytest.mark.parametrize("path", ["/webhook", "", "/"])
async def test_should_ask_the_action_server_beside_its_webhook(
    rasa: Platform, brain: Brain, path: str
) -> None:
    rasa.replies = [Reply(document={"status": "ok"})]
    assert await brain.actions_health(rasa.address + path) == "ok"
    assert [called.path for called in rasa.calls] == ["/health"]


@pytest.mark.parametrize("url", ["", "nonsense", "http://127.0.0.1:1/webhook"])
async def test_should_be_unwell_when_the_action_server_cannot_be_reached(brain: Brain, url: str) -> None:
    with pytest.raises(BrainUnavailable, match="did not answer"):
        await brain.actions_health(url)


async def test_should_be_unwell_when_the_action_server_is(rasa: Platform, brain: Brain) -> None:
    rasa.replies = [Reply(500, {})]
    with pytest.raises(BrainUnavailable, match="500"):
        await brain.actions_health(rasa.address + "/webhook")
