"""The sandbox's faults: deliveries that fail, repeat and stray, and calls that meet trouble."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from sandbox.rehearsal import Rehearsal, rehearse

pytestmark = pytest.mark.asyncio

PERSON = "Ama Mensah"


@pytest.fixture
async def stage() -> AsyncIterator[Rehearsal]:
    async with rehearse() as rehearsal:
        yield rehearsal


async def say(stage: Rehearsal, text: str, platform: str = "x", person: str = PERSON) -> None:
    await stage.control("POST", "say", {"platform": platform, "person": person, "text": text})


async def send(stage: Rehearsal, platform: str, text: str = "Hello.", **more: object):
    person = stage.town.people.called(PERSON)
    if platform == "x":
        path = f"/2/dm_conversations/with/{person.x_id}/messages"
        return await stage.x("POST", path, {"text": text})
    return await stage.graph(
        "POST", "/me/messages", {"recipient": {"id": person.psid}, "message": {"text": text}}
    )


async def set_fault(stage: Rehearsal, platform: str, fault: str | None, calls: int | None = None) -> None:
    await stage.control("PUT", "faults", {platform: {"api": {"fault": fault, "calls": calls}}})


@pytest.mark.parametrize("platform", ["x", "facebook"])
async def test_delivery_is_retried_until_the_service_takes_it(stage: Rehearsal, platform: str) -> None:
    stage.service.status = 503
    await say(stage, "hello", platform)
    await asyncio.sleep(0.2)
    (delivery,) = await stage.control("GET", "deliveries")
    assert delivery["state"] == "pending"
    assert {each["status"] for each in delivery["attempts"]} == {503}
    stage.service.status = 200
    await stage.until(lambda: len(stage.service.received) == 1)
    await stage.until(lambda: stage.town.courier(platform).pending() == 0)
    await asyncio.sleep(0.2)
    assert len(stage.service.received) == 1


async def test_deliveries_wait_for_a_service_that_is_down() -> None:
    async with rehearse(service_up=False) as stage:
        for number in range(5):
            await say(stage, f"message {number}")
        await asyncio.sleep(0.2)
        assert stage.town.x.courier.pending() == 5
        async with stage.service_runs():
            await stage.heard("x", 5)
            await stage.until(lambda: stage.town.x.courier.pending() == 0)


async def test_delivery_is_given_up_in_the_end() -> None:
    async with rehearse(give_up_after={"x": 0.1, "facebook": 0.1}) as stage:
        stage.service.status = 500
        await say(stage, "hello")
        await stage.until(lambda: stage.town.x.courier.log[0].state == "given_up")


async def test_first_attempts_for_one_person_keep_their_order(stage: Rehearsal) -> None:
    messages = [{"platform": "x", "person": PERSON, "text": str(number)} for number in range(30)]
    await stage.control("POST", "say", {"messages": messages})
    events = await stage.heard("x", 30)
    texts = [
        each["data"]["payload"]["direct_message_events"][0]["message_create"]["message_data"]["text"]
        for each in events
    ]
    assert texts == [str(number) for number in range(30)]


async def test_duplicates_are_the_very_same_bytes(stage: Rehearsal) -> None:
    await stage.control("PUT", "faults", {"x": {"webhook": {"duplicate": True}}})
    await say(stage, "hello")
    await stage.heard("x", 2)
    first, second = stage.service.received
    assert first.raw == second.raw


async def test_reordered_deliveries_all_arrive_and_not_in_order(stage: Rehearsal) -> None:
    await stage.control("PUT", "faults", {"facebook": {"webhook": {"reorder": True}}})
    texts = [str(number) for number in range(5)]
    for text in texts:
        await say(stage, text, "facebook")
    events = await stage.heard("meta", 5)
    heard = [each["entry"][0]["messaging"][0]["message"]["text"] for each in events]
    assert heard != texts
    assert sorted(heard) == texts


async def test_delay_holds_a_delivery_back(stage: Rehearsal) -> None:
    await stage.control("PUT", "faults", {"x": {"webhook": {"delay_ms": 300}}})
    await say(stage, "hello")
    await asyncio.sleep(0.15)
    assert stage.service.received == []
    await stage.heard("x", 1)


async def test_wrong_answer_to_the_challenge_holds_deliveries_until_one_is_right() -> None:
    async with rehearse() as stage:
        stage.service.answers_challenges = False
        for platform in ("x", "facebook"):
            checked = await stage.control("POST", "check_webhook", {"platform": platform})
            assert checked == {"check": "wrong"}
            await say(stage, "hello", platform)
        stage.service.answers_challenges = True
        await stage.heard("x", 1)
        await stage.heard("meta", 1)


async def test_raw_bodies_are_delivered_signed_or_not(stage: Rehearsal) -> None:
    await stage.control("POST", "raw", {"platform": "x", "body": "not json", "sign": False})
    await stage.control("POST", "raw", {"platform": "x", "body": {"a": 1}})
    await stage.until(lambda: len(stage.service.received) == 2)
    first, second = sorted(stage.service.received, key=lambda each: each.raw, reverse=True)
    assert first.raw == b'{"a":1}' or second.raw == b'{"a":1}'
    signed = {each.raw: "x-twitter-webhooks-signature" in each.headers for each in stage.service.received}
    assert signed == {b"not json": False, b'{"a":1}': True}


@pytest.mark.parametrize(
    ("platform", "fault", "status"),
    [
        ("x", "429", 429),
        ("x", "500", 500),
        ("x", "503_html", 503),
        ("x", "revoked_token", 401),
        ("x", "window_closed", 403),
        ("facebook", "429", 400),
        ("facebook", "500", 500),
        ("facebook", "503_html", 503),
        ("facebook", "revoked_token", 400),
        ("facebook", "window_closed", 400),
    ],
)
async def test_fault_meets_as_many_calls_as_asked_for_and_no_more(
    stage: Rehearsal, platform: str, fault: str, status: int
) -> None:
    await say(stage, "hello", platform)
    await set_fault(stage, platform, fault, calls=2)
    assert [(await send(stage, platform)).status for _ in range(2)] == [status, status]
    assert await stage.control("GET", "sent") == []
    assert (await send(stage, platform)).status in (200, 201)


async def test_too_many_requests_tell_when_to_come_again(stage: Rehearsal) -> None:
    await say(stage, "hello")
    await set_fault(stage, "x", "429")
    refused = await send(stage, "x")
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert 0 < int(refused.headers["x-rate-limit-reset"]) - stage.town.clock.running() < 10


async def test_fault_leaves_reads_alone_unless_asked_to_meet_them(stage: Rehearsal) -> None:
    await set_fault(stage, "x", "500")
    assert (await stage.x("GET", "/2/users/me")).status == 200
    await stage.control("PUT", "faults", {"x": {"api": {"fault": "500", "reads": True}}})
    assert (await stage.x("GET", "/2/users/me")).status == 500
    await set_fault(stage, "x", "revoked_token")
    assert (await stage.x("GET", "/2/users/me")).status == 401


@pytest.mark.parametrize("platform", ["x", "facebook"])
@pytest.mark.parametrize(("fault", "performed"), [("timeout_performed", 1), ("timeout_not_performed", 0)])
async def test_time_out_leaves_the_call_unanswered_performed_or_not(
    stage: Rehearsal, platform: str, fault: str, performed: int
) -> None:
    await say(stage, "hello", platform)
    await set_fault(stage, platform, fault, calls=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(send(stage, platform), 0.2)
    assert len(await stage.control("GET", "sent")) == performed
    calls = await stage.control("GET", "calls")
    assert [(each["status"], each["fault"]) for each in calls] == [(None, fault)]


async def test_fault_that_there_is_not_is_refused_and_changes_nothing(stage: Rehearsal) -> None:
    before = await stage.control("GET", "faults")
    for wrong in (
        {"x": {"api": {"fault": "earthquake"}}},
        {"y": {}},
        {"x": {"webhook": {"duplicate": "yes"}}},
        {"x": {"webhook": {"delay_ms": -1}}},
        {"facebook": {"api": {"fault": "500"}}, "x": {"api": {"calls": 0}}},
    ):
        refused = await stage.call("PUT", "/sandbox/faults", wrong)
        assert refused.status == 400
        assert set(refused.document) == {"error"}
    assert await stage.control("GET", "faults") == before
