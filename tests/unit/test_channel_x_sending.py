"""Sending on X: what each answer means, limits, look-ups and signing in."""

from __future__ import annotations

import json
import stat
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.base import (
    ChannelDown,
    NeverSend,
    OutcomeUnknown,
    Outgoing,
    SendFailed,
    SendKind,
    Sent,
    TryAgain,
)
from bot.channels.calls import Caller
from bot.channels.x import XChannel, x_channel
from bot.channels.x_errors import DUPLICATE
from bot.settings import Settings
from tests.unit.platform_shapes import HANDLE, THEM, US
from tests.unit.scripted_platform import Platform, Reply, free_port, scripted_platform

SIGNED = {
    "x_consumer_key": "key",
    "x_access_token": "access-token-secret-word",
    "x_access_token_secret": "second-secret-word",
}
RENEWED = {"x_client_id": "client", "x_refresh_token": "refresh-secret-word"}


def settings(address: str, folder: Path, **more: str) -> Settings:
    given = {
        "x_api_url": address,
        "x_user_id": US,
        "x_handle": HANDLE,
        "x_consumer_secret": "consumer-secret-word",
        "data_dir": str(folder),
    }
    return Settings(_env_file=None, **(given | more))  # type: ignore[arg-type]


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with scripted_platform() as running:
        yield running


@pytest.fixture
async def x(platform: Platform, tmp_path: Path) -> AsyncIterator[XChannel]:
    channel = x_channel(settings(platform.address, tmp_path, **SIGNED))
    await channel.initialize()
    yield channel
    await channel.shutdown()


@pytest.fixture
async def renewed(platform: Platform, tmp_path: Path) -> AsyncIterator[XChannel]:
    channel = x_channel(settings(platform.address, tmp_path, **RENEWED))
    await channel.initialize()
    yield channel
    await channel.shutdown()


def direct(text: str = "hello", **more: object) -> Outgoing:
    return Outgoing(SendKind.DIRECT, text, "t0k", THEM, THEM, **more)  # type: ignore[arg-type]


def public(text: str = "hello", **more: object) -> Outgoing:
    return Outgoing(SendKind.PUBLIC_REPLY, text, "t0k", THEM, "4001", "6001", **more)  # type: ignore[arg-type]


SENT_DM = Reply(201, {"data": {"dm_conversation_id": "1-2", "dm_event_id": "9001"}})
SENT_POST = Reply(201, {"data": {"id": "9002", "text": "hello"}})


async def test_should_send_a_direct_message_signed_with_oauth_1(x: XChannel, platform: Platform) -> None:
    platform.replies = [SENT_DM]
    assert await x.send(direct()) == Sent("9001")
    [called] = platform.calls
    assert (called.method, called.path) == ("POST", f"/2/dm_conversations/with/{THEM}/messages")
    assert called.document == {"text": "hello"}
    assert called.headers["Authorization"].startswith("OAuth ")
    assert 'oauth_signature_method="HMAC-SHA1"' in called.headers["Authorization"]


async def test_should_send_a_public_reply(x: XChannel, platform: Platform) -> None:
    platform.replies = [SENT_POST]
    assert await x.send(public()) == Sent("9002")
    assert platform.calls[0].path == "/2/tweets"
    assert platform.calls[0].document == {"text": "hello", "reply": {"in_reply_to_tweet_id": "6001"}}


async def test_should_keep_an_odd_id_within_its_place_in_the_path(x: XChannel, platform: Platform) -> None:
    platform.replies = [SENT_DM]
    await x.send(Outgoing(SendKind.DIRECT, "hello", "t", "1/../../tweets?x=1", "1"))
    assert (
        platform.calls[0].path == "/2/dm_conversations/with/1/../../tweets?x=1/messages"
    )  # decoded: one segment
    assert platform.calls[0].query == {}


PROBLEM = "about:blank"


@pytest.mark.parametrize(
    ("reply", "failure", "code"),
    [
        (Reply(429, {"title": "Too Many Requests", "type": PROBLEM, "status": 429}), TryAgain, "429"),
        (Reply(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}), TryAgain, "429"),
        (
            Reply(429, {"type": "https://api.twitter.com/2/problems/usage-capped"}),
            ChannelDown,
            "429/usage-capped",
        ),
        (Reply(500, {"title": "Internal Server Error"}), TryAgain, "500"),
        (Reply(503, text="<html>Over capacity</html>"), TryAgain, "503"),
        (Reply(302, text="moved", headers={"Location": "/login"}), TryAgain, "302"),
        (Reply(401, {"title": "Unauthorized", "status": 401}), ChannelDown, "401"),
        (Reply(402, {"title": "Payment Required"}), ChannelDown, "402"),
        (Reply(403, {"errors": [{"code": 64, "message": "Your account is suspended"}]}), ChannelDown, "403"),
        (
            Reply(403, {"type": "https://api.x.com/2/problems/oauth1-permissions"}),
            ChannelDown,
            "403/oauth1-permissions",
        ),
        (
            Reply(403, {"detail": "You do not have permission to DM one or more participants."}),
            NeverSend,
            "403/no_dm_permission",
        ),
        (
            Reply(
                403,
                {"detail": "Reply … because you have not been mentioned or otherwise engaged by the author"},
            ),
            NeverSend,
            "403/not_summoned",
        ),
        (
            Reply(403, {"detail": "You are not allowed to create a Tweet with duplicate content."}),
            OutcomeUnknown,
            DUPLICATE,
        ),
        (Reply(403, {"detail": "something new"}), NeverSend, "403"),
        (
            Reply(400, {"type": "https://api.x.com/2/problems/invalid-request"}),
            NeverSend,
            "400/invalid-request",
        ),
        (Reply(404, text="nothing"), NeverSend, "404"),
        (Reply(201, {"data": {}}), OutcomeUnknown, "201"),
        (Reply(200, text="<html>"), OutcomeUnknown, "200"),
    ],
)
async def test_should_tell_what_an_answer_means(
    x: XChannel, platform: Platform, reply: Reply, failure: type[SendFailed], code: str
) -> None:
    platform.replies = [reply]
    with pytest.raises(SendFailed) as caught:
        await x.send(public())
    assert type(caught.value) is failure
    assert caught.value.code == code


async def test_should_not_know_the_outcome_when_the_connection_breaks_after_the_request_left(
    x: XChannel, platform: Platform
) -> None:
    platform.replies = [Reply(breaks=True)]
    with pytest.raises(OutcomeUnknown):
        await x.send(direct())


async def test_should_not_know_the_outcome_when_no_answer_comes_in_time(
    platform: Platform, tmp_path: Path
) -> None:
    channel = x_channel(settings(platform.address, tmp_path, **SIGNED))
    channel._caller = Caller("X", platform.address, total_seconds=0.3)
    await channel.initialize()
    platform.replies = [Reply(hangs=True)]
    with pytest.raises(OutcomeUnknown, match="TimeoutError"):
        await channel.send(direct())
    with pytest.raises(TryAgain):
        await channel.find_sent(direct(first_attempt_at=datetime.now(UTC)))
    await channel.shutdown()


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:{port}", "http://no-such-host.invalid", "https://127.0.0.1:{plain}"]
)
async def test_should_try_again_when_no_connection_was_made(
    platform: Platform, tmp_path: Path, address: str
) -> None:
    plain = platform.address.rpartition(":")[2]
    channel = x_channel(settings(address.format(port=free_port(), plain=plain), tmp_path, **SIGNED))
    await channel.initialize()
    with pytest.raises(TryAgain):
        await channel.send(direct())
    await channel.shutdown()


async def test_should_say_so_when_it_is_used_before_it_is_initialized(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not initialized"):
        await x_channel(settings("http://127.0.0.1:1", tmp_path, **SIGNED)).send(direct())


@pytest.mark.parametrize(
    ("outgoing", "code"),
    [
        (direct(" \n"), "empty"),
        (direct("x" * 10_001), "too_long"),
        (public("x" * 281), "too_long"),
        (public("😀" * 141), "too_long"),
        (Outgoing(SendKind.PUBLIC_REPLY, "x", "t", THEM, "4001"), "no_target"),
        (Outgoing(SendKind.DIRECT, "x", "t", "", "4001"), "no_target"),
        (Outgoing(SendKind.PRIVATE_REPLY, "x", "t", THEM, "4001", "6001"), "unsupported"),
    ],
)
async def test_should_refuse_what_can_never_be_sent_without_a_call(
    x: XChannel, platform: Platform, outgoing: Outgoing, code: str
) -> None:
    with pytest.raises(NeverSend) as caught:
        await x.send(outgoing)
    assert caught.value.code == code
    assert platform.calls == []


async def test_should_count_text_as_x_does(x: XChannel) -> None:
    address = "https://www.example.com/" + "a" * 100
    assert x.length(f"see {address}", SendKind.PUBLIC_REPLY) == 27
    assert x.length("😀", SendKind.PUBLIC_REPLY) == 2
    assert x.length("😀", SendKind.DIRECT) == 1
    assert (x.limit(SendKind.PUBLIC_REPLY), x.limit(SendKind.DIRECT)) == (280, 10_000)
    assert x.window_closes(datetime.now(UTC)) is None
    assert not x.supports(SendKind.PRIVATE_REPLY)


# Limits


def limited(remaining: int, reset: float, limit: int = 15, prefix: str = "x-rate-limit") -> dict[str, str]:
    return {
        f"{prefix}-limit": str(limit),
        f"{prefix}-remaining": str(remaining),
        f"{prefix}-reset": str(int(reset)),
    }


async def test_should_not_call_while_the_limit_is_used_up(x: XChannel, platform: Platform) -> None:
    platform.replies = [Reply(201, SENT_DM.document, limited(0, time.time() + 600)), SENT_POST]
    await x.send(direct())
    with pytest.raises(TryAgain) as caught:
        await x.send(direct())
    assert caught.value.after_seconds == pytest.approx(600, abs=3)
    assert len(platform.calls) == 1
    assert await x.send(public()) == Sent("9002")  # another limit


async def test_should_call_again_when_the_window_is_over(x: XChannel, platform: Platform) -> None:
    platform.replies = [Reply(201, SENT_DM.document, limited(0, time.time() - 1))]
    await x.send(direct())
    await x.send(direct())
    assert len(platform.calls) == 2


async def test_should_wait_for_the_days_window_too(x: XChannel, platform: Platform) -> None:
    day = limited(0, time.time() + 40_000, 1440, "x-user-limit-24hour")
    platform.replies = [Reply(201, SENT_DM.document, limited(14, time.time() + 600) | day)]
    await x.send(direct())
    with pytest.raises(TryAgain) as caught:
        await x.send(direct())
    assert caught.value.after_seconds == pytest.approx(40_000, abs=3)


async def test_should_pass_on_how_long_x_wants_us_to_wait(x: XChannel, platform: Platform) -> None:
    platform.replies = [Reply(429, {}, limited(0, time.time() + 90))]
    with pytest.raises(TryAgain) as caught:
        await x.send(direct())
    assert caught.value.after_seconds == pytest.approx(90, abs=3)
    platform.replies = [Reply(503, {}, {"Retry-After": "7"})]
    with pytest.raises(TryAgain) as caught:
        await x.send(public())
    assert caught.value.after_seconds == 7


async def test_should_never_wait_longer_than_a_window_lasts(x: XChannel, platform: Platform) -> None:
    platform.replies = [Reply(429, {}, limited(0, time.time() + 10_000_000))]
    with pytest.raises(TryAgain) as caught:
        await x.send(direct())
    assert caught.value.after_seconds == pytest.approx(900, abs=1)


@pytest.mark.parametrize("value", ["", "soon", "-1", "9" * 400, "²"])
async def test_should_not_mind_headers_that_are_no_numbers(
    x: XChannel, platform: Platform, value: str
) -> None:
    headers = {"x-rate-limit-limit": "15", "x-rate-limit-remaining": "0", "x-rate-limit-reset": value}
    encoded = {name: each for name, each in headers.items() if each.isascii()}
    platform.replies = [Reply(201, SENT_DM.document, encoded)]
    assert await x.send(direct()) == Sent("9001")


async def test_should_say_how_it_is(x: XChannel, platform: Platform) -> None:
    me = {"data": {"id": US, "username": HANDLE}}
    platform.replies = [
        Reply(201, SENT_DM.document, limited(3, time.time() + 600)),
        Reply(200, me, limited(0, time.time() + 600)),
    ]
    await x.send(direct())
    health = await x.check()
    assert health.ok
    assert HANDLE in health.detail
    assert health.limits[SendKind.DIRECT].remaining == 3
    assert SendKind.PUBLIC_REPLY not in health.limits
    assert (await x.check()).ok  # from memory: that question may not be asked again yet
    assert len(platform.calls) == 2


@pytest.mark.parametrize(
    "reply",
    [Reply(401, {}), Reply(503, text="<html>"), Reply(200, {"data": {"id": "1"}}), Reply(200, text="?")],
)
async def test_should_say_when_it_is_not_well(x: XChannel, platform: Platform, reply: Reply) -> None:
    platform.replies = [reply]
    assert not (await x.check()).ok


# Looking for a send whose outcome is unknown

FIRST = datetime(2026, 11, 23, 9, 0, 0, tzinfo=UTC)
LINK = {"url": "https://t.co/abc", "expanded_url": "https://www.milford.example/bins", "start": 4, "end": 20}


def listed(*documents: object, following: str | None = None) -> Reply:
    return Reply(200, {"data": list(documents), "meta": {"next_token": following} if following else {}})


def their_dm(text: str, **more: object) -> dict[str, object]:
    return {"id": "9001", "text": text, "sender_id": US, "created_at": "2026-11-23T09:00:01.000Z"} | more


def own_post(text: str, **more: object) -> dict[str, object]:
    reply = {
        "referenced_tweets": [{"type": "replied_to", "id": "6001"}],
        "created_at": "2026-11-23T09:00:01.000Z",
    }
    return {"id": "9002", "text": text} | reply | more


@pytest.mark.parametrize(
    ("found", "sent"),
    [
        (their_dm("hello"), "hello"),
        (their_dm("a &amp; b"), "a & b"),
        (their_dm("hello \n\n there"), "hello\nthere "),
        (their_dm("see https://t.co/abc", entities={"urls": [LINK]}), "see https://www.milford.example/bins"),
        (their_dm("see https://t.co/abc", entities={"urls": [LINK]}), "see www.milford.example/bins/"),
        (their_dm("see https://t.co/abc now"), "see https://www.milford.example/bins now"),
        (their_dm("hello", created_at="2026-11-23T08:59:56.000Z"), "hello"),
    ],
)
async def test_should_find_a_direct_message_that_was_sent(
    x: XChannel, platform: Platform, found: object, sent: str
) -> None:
    platform.replies = [listed(their_dm("something else", id="9009"), found)]
    assert await x.find_sent(direct(sent, first_attempt_at=FIRST)) == Sent("9001")
    assert platform.calls[0].path == f"/2/dm_conversations/with/{THEM}/dm_events"
    assert platform.calls[0].query["expansions"] == "sender_id"


@pytest.mark.parametrize(
    "found",
    [
        their_dm("hello there"),
        their_dm("hello", sender_id=THEM),
        their_dm("hello", created_at="2026-11-23T08:59:54.000Z"),
        their_dm("hello", created_at=None),
        their_dm("hello", created_at="some day"),
        their_dm("see https://t.co/abc", entities={"urls": [LINK]}),
    ],
)
async def test_should_not_take_another_direct_message_for_it(
    x: XChannel, platform: Platform, found: object
) -> None:
    platform.replies = [listed(found)]
    assert await x.find_sent(direct("hello", first_attempt_at=FIRST)) is None


async def test_should_not_take_another_link_for_it(x: XChannel, platform: Platform) -> None:
    platform.replies = [listed(their_dm("see https://t.co/abc", entities={"urls": [LINK]}))]
    assert await x.find_sent(direct("see https://www.milford.example/tax", first_attempt_at=FIRST)) is None


@pytest.mark.parametrize(
    ("found", "there"),
    [
        (own_post("@user02 hello"), True),
        (own_post("@user02 @other hello"), True),
        (own_post("hello"), True),
        (own_post("@user02 hello", referenced_tweets=[{"type": "replied_to", "id": "6009"}]), False),
        (own_post("hello", referenced_tweets=None), False),
        (own_post("@user02 hello", created_at="2026-11-23T08:50:00.000Z"), False),
        (own_post("@user02 hello again"), False),
    ],
)
async def test_should_find_a_public_reply_by_what_it_answers(
    x: XChannel, platform: Platform, found: object, there: bool
) -> None:
    platform.replies = [listed(found)]
    assert await x.find_sent(public(first_attempt_at=FIRST)) == (Sent("9002") if there else None)
    assert platform.calls[0].path == f"/2/users/{US}/tweets"
    assert platform.calls[0].query["start_time"] == "2026-11-23T08:59:54Z"


async def test_should_look_on_the_next_page_until_it_is_too_early(x: XChannel, platform: Platform) -> None:
    platform.replies = [
        listed(their_dm("a"), following="p2"),
        listed(their_dm("old", created_at="2026-11-23T08:00:00.000Z"), following="p3"),
    ]
    assert await x.find_sent(direct("hello", first_attempt_at=FIRST)) is None
    assert [called.query.get("pagination_token") for called in platform.calls] == [None, "p2"]


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (Reply(429, {}), TryAgain),
        (Reply(503, text="<html>"), TryAgain),
        (Reply(403, {}), TryAgain),
        (Reply(200, {"errors": [{"title": "Not Found Error"}]}), TryAgain),
        (Reply(200, text="<html>"), TryAgain),
        (Reply(breaks=True), TryAgain),
        (listed(their_dm("a"), following="more"), TryAgain),
        (Reply(401, {}), ChannelDown),
    ],
)
async def test_should_not_say_that_nothing_was_sent_when_it_cannot_look(
    x: XChannel, platform: Platform, reply: Reply, failure: type[SendFailed]
) -> None:
    platform.replies = [reply]
    with pytest.raises(failure):
        await x.find_sent(direct(first_attempt_at=FIRST))


async def test_should_not_look_for_what_was_never_tried(x: XChannel, platform: Platform) -> None:
    assert await x.find_sent(direct()) is None
    assert platform.calls == []


# OAuth 2.0


def tokens(access: str = "access-1", refresh: str = "refresh-1", seconds: int = 7200) -> Reply:
    return Reply(
        200, {"access_token": access, "refresh_token": refresh, "expires_in": seconds, "token_type": "bearer"}
    )


async def test_should_renew_the_access_token_and_keep_the_new_refresh_token_for_us_alone(
    renewed: XChannel, platform: Platform, tmp_path: Path
) -> None:
    platform.replies = [tokens(), SENT_DM]
    await renewed.send(direct())
    await renewed.send(direct())
    form, first, second = platform.calls
    assert form.path == "/2/oauth2/token"
    assert form.body == b"grant_type=refresh_token&refresh_token=refresh-secret-word&client_id=client"
    assert first.headers["Authorization"] == second.headers["Authorization"] == "Bearer access-1"
    kept = tmp_path / "x-tokens.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert json.loads(kept.read_text())["refresh_token"] == "refresh-1"


async def test_should_go_on_with_the_kept_tokens_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    platform.replies = [tokens(seconds=10), SENT_DM]
    for refresh_token in ("refresh-secret-word", "refresh-1"):
        channel = x_channel(settings(platform.address, tmp_path, **RENEWED))
        await channel.initialize()
        platform.replies = [tokens(seconds=10), SENT_DM]
        await channel.send(direct())
        await channel.shutdown()
        assert f"refresh_token={refresh_token}&" in platform.calls[-2].body.decode()


async def test_should_prefer_a_refresh_token_that_was_newly_configured(
    platform: Platform, tmp_path: Path
) -> None:
    for configured in ("old", "new"):
        given = RENEWED | {"x_refresh_token": configured}
        channel = x_channel(settings(platform.address, tmp_path, **given))
        await channel.initialize()
        platform.replies = [tokens(), SENT_DM]
        await channel.send(direct())
        await channel.shutdown()
    assert [b"refresh_token=old&" in called.body for called in platform.calls if "oauth2" in called.path] == [
        True,
        False,
    ]


async def test_should_renew_once_when_x_refuses_the_token(renewed: XChannel, platform: Platform) -> None:
    platform.replies = [tokens(), Reply(401, {}), tokens("access-2", "refresh-2"), SENT_DM]
    assert await renewed.send(direct()) == Sent("9001")
    assert platform.calls[-1].headers["Authorization"] == "Bearer access-2"
    platform.replies = [Reply(401, {}), tokens("access-3", "refresh-3"), Reply(401, {})]
    with pytest.raises(ChannelDown):
        await renewed.send(direct())


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (Reply(400, {"error": "invalid_request"}), ChannelDown),
        (Reply(401, {"error": "invalid_client"}), ChannelDown),
        (Reply(200, text="<html>"), ChannelDown),
        (Reply(503, text="<html>"), TryAgain),
        (Reply(429, {}), TryAgain),
        (Reply(breaks=True), TryAgain),
    ],
)
async def test_should_tell_what_it_means_when_the_token_cannot_be_renewed(
    renewed: XChannel, platform: Platform, reply: Reply, failure: type[SendFailed]
) -> None:
    platform.replies = [reply]
    with pytest.raises(SendFailed) as caught:
        await renewed.send(direct())
    assert type(caught.value) is failure


async def test_should_start_from_the_configured_token_when_the_file_is_broken(
    renewed: XChannel, platform: Platform, tmp_path: Path
) -> None:
    (tmp_path / "x-tokens.json").write_text("{")
    platform.replies = [tokens(), SENT_DM]
    assert await renewed.send(direct()) == Sent("9001")


async def test_should_take_over_what_another_process_renewed(platform: Platform, tmp_path: Path) -> None:
    first, second = (x_channel(settings(platform.address, tmp_path, **RENEWED)) for _ in range(2))
    platform.replies = [tokens(), SENT_DM]
    for channel in (first, second):
        await channel.initialize()
        await channel.send(direct())
    assert [called.path for called in platform.calls].count("/2/oauth2/token") == 1
    for channel in (first, second):
        await channel.shutdown()


async def test_should_work_on_when_the_tokens_cannot_be_kept(platform: Platform, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    channel = x_channel(settings(platform.address, folder, **RENEWED))
    await channel.initialize()
    folder.mkdir()
    (folder / "x-tokens.json").mkdir()
    platform.replies = [tokens(), SENT_DM]
    assert await channel.send(direct()) == Sent("9001")
    await channel.shutdown()


# Secrets and words

SECRETS = ("secret-word", "refresh-1", "access-1", "my private words")


async def test_should_never_show_secrets_or_words(
    platform: Platform, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    quoted = {
        "detail": "my private words",
        "title": "my private words",
        "errors": [{"message": "my private words"}],
    }
    for signing in (SIGNED, RENEWED):
        for reply in (
            Reply(400, quoted),
            Reply(403, quoted),
            Reply(401, quoted),
            Reply(500, quoted),
            Reply(breaks=True),
        ):
            channel = x_channel(settings(platform.address, tmp_path, **signing))
            await channel.initialize()
            platform.replies = [tokens(), reply] if signing is RENEWED else [reply]
            with pytest.raises(SendFailed) as caught:
                await channel.send(direct("my private words"))
            await channel.shutdown()
            for secret in SECRETS:
                assert secret not in f"{caught.value} {caught.value.code} {caught.value.__cause__}"
                assert not any(
                    secret in record.getMessage()
                    for record in caplog.records
                    if record.name.startswith("bot")
                )


async def test_should_ask_for_answers_within_a_day_of_a_fixed_clock(
    platform: Platform, tmp_path: Path
) -> None:
    fixed = datetime.now(UTC) + timedelta(days=40)
    channel = x_channel(settings(platform.address, tmp_path, **SIGNED, now=fixed.isoformat()))
    await channel.initialize()
    platform.replies = [Reply(429, {}, limited(0, fixed.timestamp() + 30))]
    with pytest.raises(TryAgain) as caught:
        await channel.send(direct())
    assert caught.value.after_seconds == pytest.approx(30, abs=3)
    await channel.shutdown()
