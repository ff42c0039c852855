"""The sandbox's Facebook: messages, windows, comments, private replies, errors and what the service is told."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.rehearsal import Answer, Rehearsal, rehearse
from sandbox.signatures import appsecret_proof, meta_signature

pytestmark = pytest.mark.asyncio

PERSON = "Ama Mensah"


@pytest.fixture
async def stage() -> AsyncIterator[Rehearsal]:
    async with rehearse() as rehearsal:
        yield rehearsal


async def say(stage: Rehearsal, text: str, visibility: str = "private", **more: object) -> Any:
    said = {"platform": "facebook", "visibility": visibility, "person": PERSON, "text": text}
    return await stage.control("POST", "say", said | more)


def psid(stage: Rehearsal) -> str:
    return stage.town.people.called(PERSON).psid


async def send(stage: Rehearsal, text: str = "Hello.", message: Any = None, **more: object) -> Answer:
    body = {
        "recipient": {"id": psid(stage)},
        "messaging_type": "RESPONSE",
        "message": {"text": text} | (message or {}),
    }
    return await stage.graph("POST", f"/{stage.config.meta_page_id}/messages", body | more)


def code(answer: Answer) -> tuple[int, int, int | None]:
    error = answer.document["error"]
    assert set(error) <= {"message", "type", "code", "error_subcode", "fbtrace_id"}
    assert len(error["fbtrace_id"]) == 11
    return answer.status, error["code"], error.get("error_subcode")


async def test_webhook_signature_agrees_with_the_worked_example() -> None:
    signed = meta_signature("test_app_secret", b'{"object":"page","entry":[]}')
    assert signed == "sha256=5da47c9c7409e70d7a1851f0cfd9bc27786bd99587a9bf1dd5b51e23a2de03cf"


async def test_message_reaches_the_service_signed_over_its_raw_bytes(stage: Rehearsal) -> None:
    said = await say(stage, "Bin not emptied ☹", quick_reply="MISSED_BIN")
    (event,) = await stage.heard("meta", 1)
    received = stage.service.received[0]
    assert received.headers["X-Hub-Signature-256"] == meta_signature(
        stage.config.meta_app_secret, received.raw
    )
    (entry,) = event["entry"]
    (update,) = entry["messaging"]
    assert (event["object"], entry["id"]) == ("page", stage.config.meta_page_id)
    assert update["sender"]["id"] == psid(stage)
    assert update["message"] == {
        "mid": said["message_id"],
        "text": "Bin not emptied ☹",
        "quick_reply": {"payload": "MISSED_BIN"},
    }


async def test_answer_is_seen_with_its_buttons_and_echoed_with_its_metadata(stage: Rehearsal) -> None:
    await say(stage, "hello")
    buttons = [{"content_type": "text", "title": "Missed bin", "payload": "MISSED_BIN"}]
    sent = await send(stage, "How can I help?", {"metadata": "turn-1", "quick_replies": buttons})
    assert sent.status == 200
    assert sent.document["recipient_id"] == psid(stage)
    echo = (await stage.heard("meta", 2))[1]["entry"][0]["messaging"][0]
    assert echo["sender"]["id"] == stage.config.meta_page_id
    assert echo["message"] == {
        "is_echo": True,
        "app_id": stage.config.meta_app_id,
        "mid": sent.document["message_id"],
        "text": "How can I help?",
        "metadata": "turn-1",
    }
    path = "conversation?platform=facebook&visibility=private&person=Ama+Mensah"
    lines = await stage.control("GET", path)
    assert lines[1]["quick_replies"] == [{"title": "Missed bin", "payload": "MISSED_BIN"}]


async def test_colleague_in_metas_inbox_echoes_another_app_and_no_metadata(stage: Rehearsal) -> None:
    await say(stage, "hello")
    said = {"platform": "facebook", "person": PERSON, "text": "Hello, it's Jo."}
    await stage.control("POST", "colleague_reply", said)
    echo = (await stage.heard("meta", 2))[1]["entry"][0]["messaging"][0]["message"]
    assert echo["is_echo"] is True
    assert echo["app_id"] != stage.config.meta_app_id
    assert "metadata" not in echo
    assert await stage.control("GET", "sent") == []


async def test_window_closes_after_a_day_and_stays_open_a_week_for_human_agents(stage: Rehearsal) -> None:
    await say(stage, "hello")
    await stage.control("POST", "advance_clock", {"hours": 23, "minutes": 59})
    assert (await send(stage)).status == 200
    await stage.control("POST", "advance_clock", {"minutes": 2})
    assert code(await send(stage)) == (400, 10, 2018278)
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    assert (await send(stage, **human)).status == 200
    await stage.control("POST", "advance_clock", {"days": 6, "hours": 1})
    assert code(await send(stage, **human)) == (400, 10, 2018278)
    await say(stage, "still there?")
    assert (await send(stage)).status == 200


async def test_token_is_taken_from_header_query_or_body_and_a_wrong_one_is_190(stage: Rehearsal) -> None:
    token = stage.config.meta_page_token
    assert (await stage.call("GET", f"/graph/me?access_token={token}")).document[
        "id"
    ] == stage.config.meta_page_id
    assert (await stage.call("GET", f"/graph/v23.0/me?access_token={token}")).status == 200
    await say(stage, "hello")
    form = {
        "recipient": f'{{"id":"{psid(stage)}"}}',
        "message": '{"text":"Hello from a form"}',
        "access_token": token,
    }
    address = f"{stage.config.address}/graph/v23.0/me/messages"
    async with stage.session.post(address, data=form) as response:
        assert response.status == 200
    assert code(await stage.call("GET", "/graph/me?access_token=wrong"))[:2] == (400, 190)
    assert code(await stage.call("GET", "/graph/me"))[:2] == (400, 104)


async def test_proof_of_the_app_secret_is_checked_if_given(stage: Rehearsal) -> None:
    proof = appsecret_proof(stage.config.meta_app_secret, stage.config.meta_page_token)
    assert (await stage.graph("GET", f"/me?appsecret_proof={proof}")).status == 200
    assert code(await stage.graph("GET", "/me?appsecret_proof=00"))[:2] == (400, 100)


async def test_errors_of_sends_carry_their_codes(stage: Rehearsal) -> None:
    await say(stage, "hello")
    assert code(await send(stage, recipient={"id": "42"})) == (400, 100, 2018001)
    assert code(await send(stage, text=" "))[:2] == (400, 100)
    assert code(await send(stage, text="a" * 2001))[:2] == (400, 100)
    assert (await send(stage, text="a" * 2000)).status == 200
    assert code(await send(stage, tag="OTHER", messaging_type="MESSAGE_TAG"))[:2] == (400, 100)
    long_title = [{"content_type": "text", "title": "a" * 21, "payload": "A"}]
    assert code(await send(stage, message={"quick_replies": long_title}))[:2] == (400, 100)
    await stage.control("POST", "person", {"person": PERSON, "blocked": True})
    assert code(await send(stage)) == (400, 551, 1545041)


async def test_comment_is_told_and_answered_and_the_answer_comes_back_unflagged(stage: Rehearsal) -> None:
    said = await say(stage, "overflowing bin", "public")
    (event,) = await stage.heard("meta", 1)
    (change,) = event["entry"][0]["changes"]
    assert change["field"] == "feed"
    assert change["value"]["comment_id"] == said["message_id"]
    assert change["value"]["from"] == {"id": psid(stage), "name": PERSON}
    assert change["value"]["post_id"] == change["value"]["parent_id"] == said["thread"]
    sent = await stage.graph("POST", f"/{said['message_id']}/comments", {"message": "Thank you."})
    assert set(sent.document) == {"id"}
    own = (await stage.heard("meta", 2))[1]["entry"][0]["changes"][0]["value"]
    assert own["from"]["id"] == stage.config.meta_page_id
    assert (own["verb"], own["parent_id"]) == ("add", said["message_id"])
    listed = await stage.graph("GET", f"/{said['message_id']}/comments")
    assert [each["message"] for each in listed.document["data"]] == ["Thank you."]
    path = "conversation?platform=facebook&visibility=public&person=Ama+Mensah"
    assert [each["from"] for each in await stage.control("GET", path)] == ["resident", "council"]


async def test_comment_has_one_private_reply_within_a_week(stage: Rehearsal) -> None:
    first, second = await say(stage, "one", "public"), await say(stage, "two", "public")

    async def answer_privately(comment: Any) -> Answer:
        body = {"recipient": {"comment_id": comment["message_id"]}, "message": {"text": "Hello."}}
        return await stage.graph("POST", f"/{stage.config.meta_page_id}/messages", body)

    assert (await answer_privately(first)).document["recipient_id"] == psid(stage)
    assert code(await answer_privately(first))[:2] == (400, 10900)
    assert code(await send(stage)) == (400, 10, 2018278)
    await stage.control("POST", "advance_clock", {"days": 7, "seconds": 1})
    assert code(await answer_privately(second))[:2] == (400, 10903)
    assert code(await answer_privately({"message_id": "1_2"}))[:2] == (400, 100)


async def test_comment_can_be_hidden_and_read(stage: Rehearsal) -> None:
    said = await say(stage, "rude words", "public")
    hidden = await stage.graph("POST", f"/{said['message_id']}", {"is_hidden": True})
    assert hidden.document == {"success": True}
    fields = "from,message,is_hidden,can_reply_privately"
    read = (await stage.graph("GET", f"/{said['message_id']}?fields={fields}")).document
    assert read == {
        "id": said["message_id"],
        "from": {"id": psid(stage), "name": PERSON},
        "message": "rude words",
        "is_hidden": True,
        "can_reply_privately": True,
    }
    verb = (await stage.heard("meta", 2))[1]["entry"][0]["changes"][0]["value"]["verb"]
    assert verb == "hide"


async def test_mention_elsewhere_names_no_sender_who_can_then_be_asked_for(stage: Rehearsal) -> None:
    said = await say(stage, "tell the council", "public", mention=True)
    (event,) = await stage.heard("meta", 1)
    (change,) = event["entry"][0]["changes"]
    assert change["field"] == "mention"
    assert not {"from", "sender_id", "sender_name"} & set(change["value"])
    read = await stage.graph("GET", f"/{said['message_id']}?fields=from,message")
    assert read.document["from"]["id"] == psid(stage)


async def test_conversation_with_a_person_can_be_looked_up(stage: Rehearsal) -> None:
    await say(stage, "hello")
    sent = await send(stage, "Hello.")
    path = (
        f"/{stage.config.meta_page_id}/conversations?user_id={psid(stage)}&fields=messages{{id,message,from}}"
    )
    (thread,) = (await stage.graph("GET", path)).document["data"]
    newest = thread["messages"]["data"][0]
    assert newest == {
        "id": sent.document["message_id"],
        "message": "Hello.",
        "from": {"name": stage.config.council_name, "id": stage.config.meta_page_id},
    }
    empty = await stage.graph("GET", f"/{stage.config.meta_page_id}/conversations?user_id=1")
    assert empty.document == {"data": []}


async def test_taking_back_and_changing_are_told(stage: Rehearsal) -> None:
    message, comment = await say(stage, "hello"), await say(stage, "hello", "public")
    await stage.heard("meta", 2)
    for said in (message, comment):
        about = {"platform": "facebook", "message_id": said["message_id"]}
        await stage.control("POST", "edit", about | {"text": "hello!"})
        await stage.control("POST", "delete", about)
    await stage.heard("meta", 6)
    entries = [event["entry"][0] for event in stage.service.events("meta")[2:]]
    updates = [each for entry in entries for each in entry.get("messaging", [])]
    verbs = [each["value"]["verb"] for entry in entries for each in entry.get("changes", [])]
    assert [each for each in updates if "message_edit" in each]
    assert [each for each in updates if each.get("message", {}).get("is_deleted")]
    assert verbs == ["edited", "remove"]


async def test_updates_are_gathered_into_a_batch_by_switch(stage: Rehearsal) -> None:
    await stage.control("PUT", "faults", {"facebook": {"webhook": {"batch_ms": 50}}})
    messages = [
        {"platform": "facebook", "person": f"Person {number}", "text": "hello"} for number in range(1200)
    ]
    await stage.control("POST", "say", {"messages": messages})
    events = await stage.heard("meta", 2)
    assert [len(each["entry"]) for each in events] == [1000, 200]


async def test_standby_events_and_receipts(stage: Rehearsal) -> None:
    await stage.control("PUT", "faults", {"facebook": {"webhook": {"receipts": True}}})
    await say(stage, "hello", standby=True)
    await send(stage)
    events = await stage.heard("meta", 4)
    assert "standby" in events[0]["entry"][0]
    kinds = {kind for each in events[1:] for kind in each["entry"][0]["messaging"][0]}
    assert {"message", "delivery", "read"} <= kinds


async def test_more_than_300_messages_a_second_are_too_many(stage: Rehearsal) -> None:
    await say(stage, "hello")
    limits = {"limits": {"facebook.message.send": [[2, 60]]}}
    await stage.control("PUT", "limits", limits)
    assert [(await send(stage)).status for _ in range(2)] == [200, 200]
    assert code(await send(stage))[:2] == (400, 613)
