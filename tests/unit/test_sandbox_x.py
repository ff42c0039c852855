"""The sandbox's X: signatures, sends, permissions, limits and what the service is told."""

from collections.abc import AsyncIterator

import pytest

from sandbox.rehearsal import Rehearsal, rehearse
from sandbox.signatures import x_signature

pytestmark = pytest.mark.asyncio


@pytest.fixture
async def stage() -> AsyncIterator[Rehearsal]:
    async with rehearse() as rehearsal:
        yield rehearsal


async def say(
    stage: Rehearsal, text: str, visibility: str = "private", person: str = "Ama Mensah", **more: object
):
    return await stage.control(
        "POST", "say", {"platform": "x", "visibility": visibility, "person": person, "text": text, **more}
    )


def dm_path(stage: Rehearsal, person: str = "Ama Mensah") -> str:
    return f"/2/dm_conversations/with/{stage.town.people.called(person).x_id}/messages"


def reply(text: str, post_id: str) -> dict[str, object]:
    return {"text": text, "reply": {"in_reply_to_tweet_id": post_id}}


async def test_webhook_signature_agrees_with_the_worked_example() -> None:
    body = b'{"data":{"event_uuid":"1","event_type":"dm.received"}}'
    assert x_signature("test_consumer_secret", body) == "sha256=8Cs1utkzlmVX/NfgYoP7UnbTDCceSiHTLsRbpR4cMyA="
    token = x_signature("test_consumer_secret", b"challenge_string")
    assert token == "sha256=583uAmerwtjpykYEAEm+CEIRm6dOywK4QKRr0ha/Pd4="


async def test_direct_message_reaches_the_service_signed_over_its_raw_bytes(stage: Rehearsal) -> None:
    said = await say(stage, "Mattress dumped — again ☹")
    (event,) = await stage.heard("x", 1)
    received = stage.service.received[0]
    assert received.headers["x-twitter-webhooks-signature"] == x_signature(
        stage.config.x_consumer_secret, received.raw
    )
    data = event["data"]
    assert (data["event_type"], data["filter"]) == ("dm.received", {"user_id": stage.config.x_user_id})
    (message,) = data["payload"]["direct_message_events"]
    assert message["id"] == said["message_id"]
    assert message["message_create"]["message_data"]["text"] == "Mattress dumped — again ☹"
    assert message["message_create"]["target"]["recipient_id"] == stage.config.x_user_id


async def test_answer_by_direct_message_is_seen_by_the_resident_and_echoed_to_the_service(
    stage: Rehearsal,
) -> None:
    await say(stage, "hello")
    sent = await stage.x("POST", dm_path(stage), {"text": "Hello, this is automated."})
    assert sent.status == 201
    data = sent.document["data"]
    assert set(data) == {"dm_conversation_id", "dm_event_id"}
    echo = (await stage.heard("x", 2))[1]["data"]
    assert echo["event_type"] == "dm.sent"
    assert echo["payload"]["direct_message_events"][0]["id"] == data["dm_event_id"]
    lines = await stage.control("GET", "conversation?platform=x&visibility=private&person=Ama+Mensah")
    assert [(each["from"], each["text"]) for each in lines] == [
        ("resident", "hello"),
        ("council", "Hello, this is automated."),
    ]
    (record,) = await stage.control("GET", "sent")
    assert (record["kind"], record["to"], record["id"]) == ("dm", "Ama Mensah", data["dm_event_id"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"x_consumer_secret": "other"},
        {"x_access_token_secret": "other"},
        {"x_access_token": "other"},
        {"x_consumer_key": "other"},
    ],
)
async def test_call_with_a_wrong_signature_is_refused(stage: Rehearsal, wrong: dict[str, str]) -> None:
    await say(stage, "hello")
    refused = await stage.x("POST", dm_path(stage), {"text": "Hello"}, **wrong)
    assert refused.status == 401
    assert refused.document == {
        "title": "Unauthorized",
        "type": "about:blank",
        "status": 401,
        "detail": "Unauthorized",
    }
    assert await stage.control("GET", "sent") == []


async def test_call_signed_for_another_address_or_sent_twice_is_refused(stage: Rehearsal) -> None:
    headers = stage.signed("GET", "/x/2/users/me")
    assert (await stage.call("GET", "/x/2/users/me?user.fields=id", headers=headers)).status == 401
    assert (await stage.call("GET", "/x/2/users/me", headers=headers)).status == 200
    assert (await stage.call("GET", "/x/2/users/me", headers=headers)).status == 401
    assert (await stage.call("GET", "/x/2/users/me")).status == 401


async def test_query_is_part_of_what_is_signed(stage: Rehearsal) -> None:
    path = f"/2/users/{stage.config.x_user_id}/tweets?max_results=50&tweet.fields=created_at,conversation_id"
    assert (await stage.x("GET", path)).status == 200


async def test_refresh_token_serves_once_and_its_access_token_lasts_two_hours(stage: Rehearsal) -> None:
    async def refresh(token: str) -> dict[str, str]:
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": stage.config.x_client_id}
        async with stage.session.post(f"{stage.config.address}/x/2/oauth2/token", data=form) as response:
            return await response.json()

    first = await refresh(stage.config.x_refresh_token)
    assert (first["token_type"], first["expires_in"]) == ("bearer", 7200)
    bearer = {"Authorization": f"Bearer {first['access_token']}"}
    assert (await stage.call("GET", "/x/2/users/me", headers=bearer)).status == 200
    assert "error" in await refresh(stage.config.x_refresh_token)
    await stage.control("POST", "advance_clock", {"hours": 2})
    assert (await stage.call("GET", "/x/2/users/me", headers=bearer)).status == 401
    second = await refresh(first["refresh_token"])
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    assert (await stage.call("GET", "/x/2/users/me", headers=bearer)).status == 200


async def test_nobody_gets_a_direct_message_who_did_not_write_first(stage: Rehearsal) -> None:
    await say(stage, "in public only", "public")
    refused = await stage.x("POST", dm_path(stage), {"text": "Hello"})
    assert refused.status == 403
    assert refused.document["detail"] == "You do not have permission to DM one or more participants."


async def test_sixteenth_direct_message_in_a_quarter_of_an_hour_is_refused_until_the_reset(
    stage: Rehearsal,
) -> None:
    await say(stage, "hello")
    for number in range(15):
        sent = await stage.x("POST", dm_path(stage), {"text": f"Answer {number}"})
        assert sent.status == 201
        assert sent.headers["x-rate-limit-limit"] == "15"
        assert sent.headers["x-rate-limit-remaining"] == str(14 - number)
    over = await stage.x("POST", dm_path(stage), {"text": "One more"})
    assert over.status == 429
    assert over.document["title"] == "Too Many Requests"
    assert over.headers["x-rate-limit-remaining"] == "0"
    assert int(over.headers["x-rate-limit-reset"]) > stage.town.clock.running()
    await stage.control("POST", "advance_clock", {"minutes": 15})
    assert (await stage.x("POST", dm_path(stage), {"text": "One more"})).status == 201


async def test_limits_can_be_switched_off_and_set(stage: Rehearsal) -> None:
    await say(stage, "hello")
    await stage.control("PUT", "limits", {"limits": "off"})
    for number in range(20):
        sent = await stage.x("POST", dm_path(stage), {"text": f"Answer {number}"})
        assert sent.status == 201
        assert "x-rate-limit-limit" not in sent.headers
    await stage.control("PUT", "limits", {"limits": {"x.dm.send": [[1, 900]]}})
    assert (await stage.x("POST", dm_path(stage), {"text": "Answer a"})).status == 201
    assert (await stage.x("POST", dm_path(stage), {"text": "Answer b"})).status == 429


async def test_mention_may_be_answered_and_the_answer_stands_under_it(stage: Rehearsal) -> None:
    said = await say(stage, "who clears a mattress?", "public")
    (event,) = await stage.heard("x", 1)
    assert event["data"]["event_type"] == "post.mention.create"
    assert event["data"]["payload"]["text"] == "@SandboxCouncil who clears a mattress?"
    sent = await stage.x("POST", "/2/tweets", reply("Please report it.", said["message_id"]))
    assert sent.status == 201
    assert sent.document["data"]["text"] == "@AmaMensah Please report it."
    fields = "tweet.fields=conversation_id,referenced_tweets"
    posts = await stage.x("GET", f"/2/users/{stage.config.x_user_id}/tweets?{fields}")
    (post,) = posts.document["data"]
    assert post["referenced_tweets"] == [{"type": "replied_to", "id": said["message_id"]}]
    assert post["conversation_id"] == said["thread"]
    lines = await stage.control("GET", "conversation?platform=x&visibility=public&person=Ama+Mensah")
    assert [each["from"] for each in lines] == ["resident", "council"]


async def test_post_that_did_not_summon_the_account_must_not_be_answered(stage: Rehearsal) -> None:
    said = await say(stage, "nice weather", "public", mention=False)
    refused = await stage.x("POST", "/2/tweets", reply("It is.", said["message_id"]))
    assert refused.status == 403
    assert refused.document["detail"].startswith(
        "Reply to this conversation is not allowed because you have not"
    )


async def test_implicit_mention_in_a_reply_is_told_but_summons_only_if_so_configured() -> None:
    for summons, status in ((False, 403), (True, 201)):
        async with rehearse(implicit_mentions_summon=summons) as stage:
            own = await stage.x("POST", "/2/tweets", {"text": "Bins will be late on Friday."})
            own_id = own.document["data"]["id"]
            said = await say(stage, "what a mess", "public", in_reply_to=own_id)
            events = await stage.heard("x", 2)
            assert [each["data"]["event_type"] for each in events] == [
                "post.mention.create",
                "post.reply.create",
            ]
            assert {each["data"]["payload"]["id"] for each in events} == {said["message_id"]}
            answered = await stage.x("POST", "/2/tweets", reply("We are sorry.", said["message_id"]))
            assert answered.status == status


async def test_quote_summons_the_account(stage: Rehearsal) -> None:
    own = await stage.x("POST", "/2/tweets", {"text": "Bins will be late on Friday."})
    said = await say(stage, "typical", "public", quotes=own.document["data"]["id"])
    (event,) = await stage.heard("x", 1)
    assert event["data"]["event_type"] == "post.quote.create"
    assert (await stage.x("POST", "/2/tweets", reply("We are sorry.", said["message_id"]))).status == 201


async def test_same_text_twice_is_refused_as_duplicate_content(stage: Rehearsal) -> None:
    first, second = await say(stage, "one", "public"), await say(stage, "two", "public", person="Bo")
    assert (await stage.x("POST", "/2/tweets", reply("Report it.", first["message_id"]))).status == 201
    refused = await stage.x("POST", "/2/tweets", reply("Report it.", second["message_id"]))
    assert refused.status == 403
    assert refused.document["detail"] == "You are not allowed to create a Tweet with duplicate content."


async def test_text_is_measured_as_x_measures_it(stage: Rehearsal) -> None:
    said = await say(stage, "hello", "public")
    assert (await stage.x("POST", "/2/tweets", reply("界" * 141, said["message_id"]))).status == 400
    assert (await stage.x("POST", "/2/tweets", reply("界" * 140, said["message_id"]))).status == 201
    long_link = "https://example.org/" + "a" * 300
    assert (await stage.x("POST", "/2/tweets", reply(long_link, said["message_id"]))).status == 201
    automatic = "@AmaMensah " + "b" * 280
    assert (await stage.x("POST", "/2/tweets", reply(automatic, said["message_id"]))).status == 201
    over = await stage.x("POST", "/2/tweets", reply("@Somebody " + "b" * 280, said["message_id"]))
    assert over.status == 400
    assert over.document["type"] == "https://api.x.com/2/problems/invalid-request"


async def test_links_are_shortened_in_what_comes_back_and_kept_in_the_entities(stage: Rehearsal) -> None:
    said = await say(stage, "hello", "public")
    await stage.x("POST", "/2/tweets", reply("See https://example.org/report now", said["message_id"]))
    posts = await stage.x("GET", f"/2/users/{stage.config.x_user_id}/tweets?tweet.fields=entities")
    (post,) = posts.document["data"]
    (link,) = post["entities"]["urls"]
    assert "example.org" not in post["text"]
    assert post["text"][link["start"] : link["end"]] == link["url"]
    assert link["expanded_url"] == "https://example.org/report"
    (record,) = await stage.control("GET", "sent")
    assert record["text"] == "See https://example.org/report now"


async def test_direct_messages_can_be_looked_up_newest_first(stage: Rehearsal) -> None:
    await say(stage, "hello")
    await stage.x("POST", dm_path(stage), {"text": "First"})
    await stage.x("POST", dm_path(stage), {"text": "Second"})
    path = (
        dm_path(stage).replace("messages", "dm_events")
        + "?dm_event.fields=sender_id,created_at&max_results=2"
    )
    found = await stage.x("GET", path)
    assert [each["text"] for each in found.document["data"]] == ["Second", "First"]
    assert found.document["data"][0]["sender_id"] == stage.config.x_user_id
    assert found.document["meta"] == {"result_count": 2, "next_token": "2"}


async def test_only_replies_to_own_posts_can_be_hidden(stage: Rehearsal) -> None:
    own = await stage.x("POST", "/2/tweets", {"text": "Bins will be late on Friday."})
    under = await say(stage, "rude words", "public", in_reply_to=own.document["data"]["id"])
    apart = await say(stage, "rude words too", "public")
    hidden = await stage.x("PUT", f"/2/tweets/{under['message_id']}/hidden", {"hidden": True})
    assert hidden.document == {"data": {"hidden": True}}
    refused = await stage.x("PUT", f"/2/tweets/{apart['message_id']}/hidden", {"hidden": True})
    assert refused.status == 403
    muted = await stage.x(
        "POST",
        f"/2/users/{stage.config.x_user_id}/muting",
        {"target_user_id": stage.town.people.called("Ama Mensah").x_id},
    )
    assert muted.document == {"data": {"muting": True}}


async def test_deleted_post_is_told_and_gone(stage: Rehearsal) -> None:
    said = await say(stage, "hello", "public")
    await stage.control("POST", "delete", {"platform": "x", "message_id": said["message_id"]})
    event = (await stage.heard("x", 2))[1]["data"]
    assert (event["event_type"], event["payload"]["id"]) == ("post.delete", said["message_id"])
    assert "errors" in (await stage.x("GET", f"/2/tweets/{said['message_id']}")).document
    assert (await stage.x("POST", "/2/tweets", reply("Hello", said["message_id"]))).status == 403


async def test_encrypted_chat_is_told_as_ciphertext_only(stage: Rehearsal) -> None:
    await say(stage, "a secret mattress", encrypted=True)
    (event,) = await stage.heard("x", 1)
    assert event["data"]["event_type"] == "chat.received"
    assert b"secret mattress" not in stage.service.received[0].raw


async def test_legacy_shapes_by_switch(stage: Rehearsal) -> None:
    await stage.control("PUT", "faults", {"x": {"webhook": {"legacy_shapes": True}}})
    await say(stage, "hello")
    post = await say(stage, "hello", "public", person="Bo")
    await stage.heard("x", 2)
    await stage.control("POST", "delete", {"platform": "x", "message_id": post["message_id"]})
    events = await stage.heard("x", 3)
    kinds = {kind for each in events for kind in each if kind.endswith("_events")}
    assert kinds == {"direct_message_events", "tweet_create_events", "tweet_delete_events"}
    assert all(each["for_user_id"] == stage.config.x_user_id for each in events)


async def test_colleague_in_xs_own_app_shows_as_an_echo_the_service_did_not_cause(stage: Rehearsal) -> None:
    await say(stage, "hello")
    reply_id = (
        await stage.control(
            "POST", "colleague_reply", {"platform": "x", "person": "Ama Mensah", "text": "Hello, it's Jo."}
        )
    )["message_id"]
    echo = (await stage.heard("x", 2))[1]["data"]
    assert echo["event_type"] == "dm.sent"
    assert echo["payload"]["direct_message_events"][0]["id"] == reply_id
    assert await stage.control("GET", "sent") == []


async def test_revoked_app_is_told_and_refused(stage: Rehearsal) -> None:
    await stage.control("POST", "revoke", {})
    (event,) = await stage.heard("x", 1)
    assert event["data"]["event_type"] == "oauth.revoke"
    assert (await stage.x("GET", "/2/users/me")).status == 401
