"""Sending on Facebook: what each answer means, look-ups, and asking who wrote a mention."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.base import (
    Author,
    ChannelDown,
    MessageReceived,
    NeverSend,
    OutcomeUnknown,
    Outgoing,
    QuickReply,
    SendFailed,
    SendKind,
    Sent,
    TryAgain,
)
from bot.channels.calls import Caller
from bot.channels.facebook import FacebookChannel, facebook_channel
from bot.settings import Settings
from tests.unit.platform_shapes import APP, PAGE, PSID, body, mention
from tests.unit.scripted_platform import Platform, Reply, free_port, scripted_platform


def settings(address: str) -> Settings:
    given = {
        "meta_api_url": address,
        "meta_app_secret": "app-secret-word",
        "meta_verify_token": "verify-secret-word",
        "meta_page_id": PAGE,
        "meta_page_token": "page-token-secret-word",
        "meta_app_id": APP,
    }
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with scripted_platform() as running:
        yield running


@pytest.fixture
async def facebook(platform: Platform) -> AsyncIterator[FacebookChannel]:
    channel = facebook_channel(settings(platform.address), ["Milford City Council"])
    await channel.initialize()
    yield channel
    await channel.shutdown()


FIRST = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)


def direct(text: str = "hello", **more: object) -> Outgoing:
    return Outgoing(SendKind.DIRECT, text, "t0k", PSID, PSID, **more)  # type: ignore[arg-type]


def public(text: str = "hello", in_reply_to: str = "30_51", **more: object) -> Outgoing:
    return Outgoing(SendKind.PUBLIC_REPLY, text, "t0k", PSID, "30_50", in_reply_to, **more)  # type: ignore[arg-type]


SENT = Reply(200, {"recipient_id": PSID, "message_id": "m_9"})


def refused(code: int, subcode: int | None = None, status: int = 400, **more: object) -> Reply:
    error = {"code": code, "message": "my private words", "type": "OAuthException", "fbtrace_id": "x"} | more
    return Reply(status, {"error": error if subcode is None else error | {"error_subcode": subcode}})


async def test_should_send_a_message_with_our_mark_and_buttons(
    facebook: FacebookChannel, platform: Platform
) -> None:
    platform.replies = [SENT]
    buttons = [QuickReply("Yes", "affirm"), QuickReply("A title that is far too long", "deny")]
    assert await facebook.send(direct(quick_replies=buttons)) == Sent("m_9")
    [called] = platform.calls
    assert (called.method, called.path) == ("POST", f"/v23.0/{PAGE}/messages")
    proof = called.document.pop("appsecret_proof")
    assert called.document | {"appsecret_proof": proof} == {
        "recipient": {"id": PSID},
        "messaging_type": "RESPONSE",
        "message": {
            "text": "hello",
            "metadata": "signpost:t0k",
            "quick_replies": [
                {"content_type": "text", "title": "Yes", "payload": "affirm"},
                {"content_type": "text", "title": "A title that is far ", "payload": "deny"},
            ],
        },
        "appsecret_proof": proof,
    }


async def test_should_answer_a_comment_in_public_and_in_private(
    facebook: FacebookChannel, platform: Platform
) -> None:
    platform.replies = [Reply(200, {"id": "30_90"}), SENT]
    assert await facebook.send(public()) == Sent("30_90")
    private = Outgoing(SendKind.PRIVATE_REPLY, "hello", "t0k", PSID, "30_50", "30_51")
    assert await facebook.send(private) == Sent("m_9")
    comment, message = platform.calls
    assert comment.path == "/v23.0/30_51/comments"
    assert comment.document["message"] == "hello"
    assert message.document["recipient"] == {"comment_id": "30_51"}
    assert message.document["message"]["metadata"] == "signpost:t0k"


async def test_should_never_put_the_token_into_an_address(
    facebook: FacebookChannel, platform: Platform
) -> None:
    platform.replies = [Reply(200, {"id": PAGE, "name": "Milford"})]
    assert (await facebook.check()).ok
    [called] = platform.calls
    assert called.headers["Authorization"] == "Bearer page-token-secret-word"
    assert set(called.query) == {"fields", "appsecret_proof"}


async def test_should_keep_the_version_that_the_address_names(platform: Platform) -> None:
    channel = facebook_channel(settings(f"{platform.address}/graph/v21.0/"))
    await channel.initialize()
    platform.replies = [SENT]
    await channel.send(direct())
    assert platform.calls[0].path == f"/graph/v21.0/{PAGE}/messages"
    await channel.shutdown()


@pytest.mark.parametrize(
    ("reply", "failure", "code"),
    [
        (refused(10, 2018278), NeverSend, "10/2018278"),
        (refused(10, 2534022), NeverSend, "10/2534022"),
        (refused(551, 1545041), NeverSend, "551/1545041"),
        (refused(200, 1545041), NeverSend, "200/1545041"),
        (refused(100, 2018001), NeverSend, "100/2018001"),
        (refused(100, 33), NeverSend, "100/33"),
        (refused(100), NeverSend, "100"),
        (refused(10903), NeverSend, "10903"),
        (refused(10900), OutcomeUnknown, "10900"),
        (refused(506), OutcomeUnknown, "506"),
        (refused(10), ChannelDown, "10"),
        (refused(200), ChannelDown, "200"),
        (refused(190, 463), ChannelDown, "190/463"),
        (refused(190), ChannelDown, "190"),
        (refused(104, status=401), ChannelDown, "104"),
        (refused(10, 1893063), ChannelDown, "10/1893063"),
        (refused(4), TryAgain, "4"),
        (refused(32), TryAgain, "32"),
        (refused(613), TryAgain, "613"),
        (refused(2, status=500), TryAgain, "2"),
        (refused(1200), TryAgain, "1200"),
        (refused(987, is_transient=True), TryAgain, "987"),
        (refused(987, status=500), TryAgain, "987"),
        (refused(987), NeverSend, "987"),
        (Reply(503, text="<html>"), TryAgain, "503"),
        (Reply(429, text="slow down"), TryAgain, "429"),
        (Reply(401, text="no"), ChannelDown, "401"),
        (Reply(404, text="no"), NeverSend, "404"),
        (Reply(302, text="elsewhere", headers={"Location": "/login"}), TryAgain, "302"),
        (Reply(400, {"error": "odd"}), NeverSend, "400"),
        (Reply(200, text="<html>"), OutcomeUnknown, "200"),
        (Reply(200, {"recipient_id": PSID}), OutcomeUnknown, "200"),
        (Reply(breaks=True), OutcomeUnknown, "no_answer"),
    ],
)
async def test_should_tell_what_an_answer_means(
    facebook: FacebookChannel, platform: Platform, reply: Reply, failure: type[SendFailed], code: str
) -> None:
    platform.replies = [reply]
    with pytest.raises(SendFailed) as caught:
        await facebook.send(direct("my private words"))
    assert type(caught.value) is failure
    assert caught.value.code == code
    assert "private words" not in str(caught.value)
    assert "secret-word" not in str(caught.value)


async def test_should_pass_on_how_long_meta_wants_us_to_wait(
    facebook: FacebookChannel, platform: Platform
) -> None:
    usage = '{"105": [{"type": "messenger", "estimated_time_to_regain_access": 2}]}'
    for header, seconds in ((usage, 120.0), ("{}", None), ("nonsense", None), ('{"a": 1}', None)):
        reply = refused(613)
        platform.replies = [Reply(400, reply.document, {"X-Business-Use-Case-Usage": header})]
        with pytest.raises(TryAgain) as caught:
            await facebook.send(direct())
        assert caught.value.after_seconds == seconds


async def test_should_try_again_when_no_connection_was_made() -> None:
    channel = facebook_channel(settings(f"http://127.0.0.1:{free_port()}"))
    await channel.initialize()
    with pytest.raises(TryAgain):
        await channel.send(direct())
    assert not (await channel.check()).ok
    await channel.shutdown()


async def test_should_not_know_the_outcome_when_no_answer_comes_in_time(platform: Platform) -> None:
    channel = facebook_channel(settings(platform.address))
    channel._caller = Caller("Facebook", platform.address, total_seconds=0.3)
    await channel.initialize()
    platform.replies = [Reply(hangs=True)]
    with pytest.raises(OutcomeUnknown):
        await channel.send(direct())
    await channel.shutdown()


@pytest.mark.parametrize(
    ("outgoing", "code"),
    [
        (direct(" "), "empty"),
        (direct("x" * 2001), "too_long"),
        (direct("😀" * 1001), "too_long"),
        (public("x" * 8001), "too_long"),
        (public(in_reply_to=""), "no_target"),
        (Outgoing(SendKind.PRIVATE_REPLY, "x", "t", PSID, "30_50"), "no_target"),
    ],
)
async def test_should_refuse_what_can_never_be_sent_without_a_call(
    facebook: FacebookChannel, platform: Platform, outgoing: Outgoing, code: str
) -> None:
    with pytest.raises(NeverSend) as caught:
        await facebook.send(outgoing)
    assert caught.value.code == code
    assert platform.calls == []


async def test_should_close_the_window_after_a_day(facebook: FacebookChannel) -> None:
    assert facebook.window_closes(FIRST) == FIRST + timedelta(hours=24)
    assert all(facebook.supports(kind) for kind in SendKind)


@pytest.mark.parametrize(
    "reply", [Reply(200, {"id": "1"}), refused(190), Reply(503, text="?"), Reply(200, text="?")]
)
async def test_should_say_when_it_is_not_well(
    facebook: FacebookChannel, platform: Platform, reply: Reply
) -> None:
    platform.replies = [reply]
    assert not (await facebook.check()).ok


# Looking for a send whose outcome is unknown


def said(text: str = "hello", **more: object) -> dict[str, object]:
    return {
        "id": "m_9",
        "message": text,
        "from": {"id": PAGE, "name": "Milford"},
        "created_time": "2026-11-23T09:00:01+0000",
    } | more


def thread(*messages: object) -> Reply:
    return Reply(200, {"data": [{"id": "t_1", "messages": {"data": list(messages)}}]})


@pytest.mark.parametrize(
    ("found", "there"),
    [
        (said(), True),
        (said("hello \n"), True),
        (said(created_time="2026-11-23T08:59:55+0000"), True),
        (said(created_time="2026-11-23T08:59:54+0000"), False),
        (said("hello there"), False),
        (said(**{"from": {"id": PSID}}), False),
        (said(**{"from": None}), False),
        (said(created_time="?"), False),
    ],
)
async def test_should_find_a_message_that_was_sent(
    facebook: FacebookChannel, platform: Platform, found: object, there: bool
) -> None:
    platform.replies = [thread(said("another", id="m_8"), found)]
    assert await facebook.find_sent(direct(first_attempt_at=FIRST)) == (Sent("m_9") if there else None)
    assert platform.calls[0].path == f"/v23.0/{PAGE}/conversations"
    assert platform.calls[0].query["user_id"] == PSID


async def test_should_find_a_private_reply_in_the_persons_thread(
    facebook: FacebookChannel, platform: Platform
) -> None:
    platform.replies = [thread(said())]
    private = Outgoing(SendKind.PRIVATE_REPLY, "hello", "t", PSID, "30_50", "30_51", first_attempt_at=FIRST)
    assert await facebook.find_sent(private) == Sent("m_9")


async def test_should_find_nothing_where_there_is_no_thread(
    facebook: FacebookChannel, platform: Platform
) -> None:
    platform.replies = [Reply(200, {"data": []})]
    assert await facebook.find_sent(direct(first_attempt_at=FIRST)) is None
    assert await facebook.find_sent(direct()) is None


async def test_should_look_under_the_answered_comment_and_under_the_first_one(
    facebook: FacebookChannel, platform: Platform
) -> None:
    platform.replies = [Reply(200, {"data": []}), Reply(200, {"data": [said(id="30_90")]})]
    assert await facebook.find_sent(public(first_attempt_at=FIRST)) == Sent("30_90")
    assert [called.path for called in platform.calls] == ["/v23.0/30_51/comments", "/v23.0/30_50/comments"]


async def test_should_follow_pages_without_following_their_address(
    facebook: FacebookChannel, platform: Platform
) -> None:
    paging = {"cursors": {"after": "c1"}, "next": "https://graph.facebook.com/?access_token=secret"}
    platform.replies = [
        Reply(200, {"data": [said("other")], "paging": paging}),
        Reply(200, {"data": [said(id="30_90")], "paging": {"cursors": {"after": "c2"}}}),
    ]
    assert await facebook.find_sent(public(first_attempt_at=FIRST)) == Sent("30_90")
    assert platform.calls[1].query["after"] == "c1"


async def test_should_find_nothing_under_a_comment_that_is_gone(
    facebook: FacebookChannel, platform: Platform
) -> None:
    platform.replies = [refused(100, 33)]
    assert await facebook.find_sent(public(first_attempt_at=FIRST)) is None


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (refused(4), TryAgain),
        (refused(100), TryAgain),
        (Reply(503, text="<html>"), TryAgain),
        (Reply(200, text="<html>"), TryAgain),
        (Reply(breaks=True), TryAgain),
        (Reply(200, {"data": [said("a")], "paging": {"cursors": {"after": "c"}, "next": "x"}}), TryAgain),
        (refused(190), ChannelDown),
    ],
)
async def test_should_not_say_that_nothing_was_sent_when_it_cannot_look(
    facebook: FacebookChannel, platform: Platform, reply: Reply, failure: type[SendFailed]
) -> None:
    platform.replies = [reply]
    with pytest.raises(failure):
        await facebook.find_sent(public(first_attempt_at=FIRST))


# Mentions


def named(facebook: FacebookChannel, **value: object) -> MessageReceived:
    [event] = facebook.read(body(mention(**value)))
    assert isinstance(event, MessageReceived)
    return event


async def test_should_ask_who_wrote_a_mention_and_where(
    facebook: FacebookChannel, platform: Platform
) -> None:
    told = {
        "from": {"id": PSID, "name": "Robin Field"},
        "message": "the text",
        "parent": {"id": "1_60"},
        "id": "1_70",
    }
    platform.replies = [Reply(200, told)]
    event = await facebook.complete(named(facebook, message=None))
    assert (event.author, event.text) == (Author(PSID, None, "Robin Field"), "the text")
    assert (event.thread, event.reply_to) == ("1_60", "1_60")
    assert platform.calls[0].path == "/v23.0/1_70"
    assert platform.calls[0].query["fields"] == "from,message,parent{id}"


async def test_should_ask_about_a_post_without_asking_for_its_parent(
    facebook: FacebookChannel, platform: Platform
) -> None:
    platform.replies = [Reply(200, {"from": {"id": PSID}, "message": "x"})]
    event = await facebook.complete(named(facebook, comment_id=None, item="post"))
    assert event.author.external_id == PSID
    assert platform.calls[0].query["fields"] == "from,message"


async def test_should_ask_nothing_when_nothing_is_missing(
    facebook: FacebookChannel, platform: Platform
) -> None:
    event = named(facebook, sender_id=PSID)
    assert await facebook.complete(event) is event
    assert platform.calls == []


@pytest.mark.parametrize(
    "reply", [refused(100, 33), refused(10), Reply(200, {"id": "1_70"}), Reply(200, {"from": 5})]
)
async def test_should_leave_a_mention_as_it_is_when_meta_does_not_tell(
    facebook: FacebookChannel, platform: Platform, reply: Reply
) -> None:
    platform.replies = [reply]
    event = named(facebook)
    assert await facebook.complete(event) == event


async def test_should_ask_again_later_when_meta_has_trouble(
    facebook: FacebookChannel, platform: Platform
) -> None:
    platform.replies = [Reply(503, text="<html>")]
    with pytest.raises(TryAgain):
        await facebook.complete(named(facebook))


async def test_should_log_neither_secrets_nor_words(
    facebook: FacebookChannel, platform: Platform, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(0)
    platform.replies = [refused(100)]
    with pytest.raises(NeverSend):
        await facebook.send(direct("my private words"))
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert not any("secret-word" in line or "private words" in line for line in logged)
