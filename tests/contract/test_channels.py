"""What every channel does, over real sockets against the sandbox's look-alike of its platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.base import (
    BadSignature,
    ChannelDown,
    ChannelName,
    EchoReceived,
    MalformedDelivery,
    MessageDeleted,
    NeverSend,
    OutcomeUnknown,
    Outgoing,
    SendFailed,
    SendKind,
    TryAgain,
    Visibility,
)
from tests.contract.channel_stage import Stage, staged

ODD = 'Ask <us> & "them": see https://www.example.com/bins?a=1&b=2\n\n😀 café ok'
SETUPS = {
    "x": (ChannelName.X, False),
    "x with OAuth 2.0": (ChannelName.X, True),
    "facebook": (ChannelName.FACEBOOK, False),
}
WAYS = [Visibility.PRIVATE, Visibility.PUBLIC]


@pytest.fixture(params=SETUPS)
async def stage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    name, oauth2 = SETUPS[request.param]
    async with staged(name, tmp_path, oauth2=oauth2) as running:
        yield running


async def test_should_pass_the_platforms_challenge(stage: Stage) -> None:
    courier = stage.sandbox.town.x.courier if stage.on_x else stage.sandbox.town.facebook.courier
    assert await courier.challenge_now() == "right"


async def test_should_read_a_private_message(stage: Stage) -> None:
    message = await stage.say("My bin & I <3 you\n\n😀")
    assert message.text == "My bin & I <3 you\n\n😀"
    assert message.visibility is Visibility.PRIVATE
    assert message.thread == message.author.external_id
    assert message.author.external_id
    assert message.readable
    assert message.summoned
    assert abs(message.sent_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_should_read_a_public_message(stage: Stage) -> None:
    message = await stage.say("when are bins emptied?", Visibility.PUBLIC)
    assert message.visibility is Visibility.PUBLIC
    assert message.text.endswith("when are bins emptied?")
    assert message.summoned or not stage.channel.public_reply_needs_summons
    assert message.author.name == "Robin Field"


async def test_should_refuse_what_is_not_signed_or_not_json(stage: Stage) -> None:
    for raw in ({"body": '{"data":{}}', "sign": False}, {"body": "{", "sign": True}):
        await stage.sandbox.control("POST", "raw", {"platform": stage.platform} | raw)
    await stage.sandbox.until(lambda: len(stage.desk.refused) >= 2)
    kinds = {type(error) for error in stage.desk.refused}
    assert kinds == {BadSignature, MalformedDelivery}
    assert stage.desk.events == []


@pytest.mark.parametrize("way", WAYS)
async def test_should_send_an_answer_as_it_was_written(stage: Stage, way: Visibility) -> None:
    message = await stage.say("hello", way)
    sent = await stage.channel.send(stage.answer(message, ODD))
    [told] = await stage.sent()
    assert (told["id"], told["text"], told["visibility"]) == (sent.external_id, ODD, str(way))
    if way is Visibility.PUBLIC:
        assert told["in_reply_to"] == message.external_id


@pytest.mark.parametrize("way", WAYS)
async def test_should_find_what_was_sent_and_only_that(stage: Stage, way: Visibility) -> None:
    message = await stage.say("hello", way)
    outgoing = stage.answer(message, ODD)
    assert await stage.channel.find_sent(outgoing) is None
    sent = await stage.channel.send(outgoing)
    assert await stage.channel.find_sent(outgoing) == sent
    assert await stage.channel.find_sent(stage.answer(message, ODD + " more")) is None
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert await stage.channel.find_sent(_tried(outgoing, later)) is None


def _tried(outgoing: Outgoing, at: datetime) -> Outgoing:
    return Outgoing(
        outgoing.kind,
        outgoing.text,
        outgoing.token,
        outgoing.recipient_id,
        outgoing.thread,
        outgoing.in_reply_to,
        first_attempt_at=at,
    )


async def test_should_recognise_the_echo_of_our_own_send(stage: Stage) -> None:
    message = await stage.say("hello")
    outgoing = stage.answer(message, ODD)
    sent = await stage.channel.send(outgoing)
    echo = await stage.heard(
        lambda event: isinstance(event, EchoReceived) and event.external_id == sent.external_id
    )
    assert isinstance(echo, EchoReceived)
    assert (echo.visibility, echo.thread, echo.text) == (Visibility.PRIVATE, message.thread, ODD)
    assert not echo.other_app
    assert echo.token == (None if stage.on_x else outgoing.token)


async def test_should_tell_of_a_colleagues_answer_in_the_platforms_own_inbox(stage: Stage) -> None:
    message = await stage.say("hello")
    answer = {"platform": stage.platform, "person": "Robin Field", "text": "Sam here, I will look"}
    told = await stage.sandbox.control("POST", "colleague_reply", answer)
    echo = await stage.heard(lambda event: isinstance(event, EchoReceived))
    assert isinstance(echo, EchoReceived)
    assert (echo.external_id, echo.thread, echo.recipient_id) == (
        told["message_id"],
        message.thread,
        message.author.external_id,
    )
    assert echo.token is None
    assert echo.other_app is not stage.on_x  # X does not say who sent it


async def test_should_tell_of_a_deletion(stage: Stage) -> None:
    message = await stage.say("hello", Visibility.PUBLIC)
    await stage.sandbox.control(
        "POST", "delete", {"platform": stage.platform, "message_id": message.external_id}
    )
    assert await stage.heard(lambda event: event == MessageDeleted(message.external_id))


@pytest.mark.parametrize("way", WAYS)
async def test_should_find_a_send_whose_answer_was_lost(stage: Stage, way: Visibility) -> None:
    message = await stage.say("hello", way)
    await stage.fault("timeout_performed", calls=1)
    outgoing = stage.answer(message, ODD)
    with pytest.raises(OutcomeUnknown):
        await stage.channel.send(outgoing)
    found = await stage.channel.find_sent(outgoing)
    assert found is not None
    assert [each["id"] for each in await stage.sent()] == [found.external_id]


@pytest.mark.parametrize("way", WAYS)
async def test_should_find_nothing_when_a_lost_send_was_not_performed(stage: Stage, way: Visibility) -> None:
    message = await stage.say("hello", way)
    await stage.fault("timeout_not_performed", calls=1)
    outgoing = stage.answer(message, ODD)
    with pytest.raises(OutcomeUnknown):
        await stage.channel.send(outgoing)
    assert await stage.channel.find_sent(outgoing) is None
    await stage.channel.send(outgoing)
    assert len(await stage.sent()) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", ["429", "500", "503_html"])
async def test_should_say_that_it_may_be_tried_again(stage: Stage, way: Visibility, fault: str) -> None:
    message = await stage.say("hello", way)
    await stage.fault(fault, calls=1)
    with pytest.raises(TryAgain) as caught:
        await stage.channel.send(stage.answer(message, "answer"))
    if stage.on_x and fault == "429":
        assert caught.value.after_seconds is not None
        assert 0 < caught.value.after_seconds <= 6
    assert await stage.sent() == []


@pytest.mark.parametrize("way", WAYS)
async def test_should_say_that_the_account_is_refused(stage: Stage, way: Visibility) -> None:
    message = await stage.say("hello", way)
    assert (await stage.channel.check()).ok
    await stage.fault("revoked_token")
    with pytest.raises(ChannelDown):
        await stage.channel.send(stage.answer(message, "answer"))
    with pytest.raises(ChannelDown):
        await stage.channel.find_sent(stage.answer(message, "answer"))
    health = await stage.channel.check()
    assert not health.ok
    assert health.detail


async def test_should_say_that_it_can_never_be_sent(stage: Stage) -> None:
    message = await stage.say("hello")
    await stage.fault("window_closed", calls=1)
    with pytest.raises(NeverSend) as caught:
        await stage.channel.send(stage.answer(message, "answer"))
    assert caught.value.code == ("403/no_dm_permission" if stage.on_x else "10/2018278")
    await stage.sandbox.control("POST", "person", {"person": "Robin Field", "blocked": True})
    with pytest.raises(NeverSend):
        await stage.channel.send(stage.answer(message, "answer"))
    with pytest.raises(NeverSend):
        await stage.channel.send(Outgoing(SendKind.DIRECT, "answer", "t", "1600000000000000009", "1"))


async def test_should_say_that_a_post_that_is_gone_can_never_be_answered(stage: Stage) -> None:
    message = await stage.say("hello", Visibility.PUBLIC)
    await stage.sandbox.control(
        "POST", "delete", {"platform": stage.platform, "message_id": message.external_id}
    )
    with pytest.raises(NeverSend):
        await stage.channel.send(stage.answer(message, "answer"))


async def test_should_take_the_longest_text_and_refuse_a_longer_one(stage: Stage) -> None:
    for way in WAYS:
        message = await stage.say("hello", way)
        outgoing = stage.answer(message, "x")
        most = stage.channel.limit(outgoing.kind)
        assert stage.channel.length("x" * most, outgoing.kind) == most
        assert await stage.channel.send(stage.answer(message, "x" * most))
        with pytest.raises(NeverSend):
            await stage.channel.send(stage.answer(message, "x" * (most + 1)))


async def test_should_say_that_it_may_be_tried_again_when_nobody_listens(
    stage: Stage, tmp_path: Path
) -> None:
    message = await stage.say("hello")
    await stage.channel.shutdown()
    stage.channel._caller._base = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    await stage.channel.initialize()
    with pytest.raises(TryAgain):
        await stage.channel.send(stage.answer(message, "answer"))


async def test_should_complete_what_is_complete_to_itself(stage: Stage) -> None:
    message = await stage.say("hello", Visibility.PUBLIC)
    assert await stage.channel.complete(message) is message


async def test_should_go_on_after_a_restart(stage: Stage) -> None:
    message = await stage.say("hello")
    await stage.channel.send(stage.answer(message, "one"))
    await stage.channel.shutdown()
    await stage.channel.initialize()
    await stage.channel.send(stage.answer(message, "two"))
    assert [each["text"] for each in await stage.sent()] == ["one", "two"]


async def test_should_never_repeat_the_words_of_a_message_in_a_failure(stage: Stage) -> None:
    message = await stage.say("hello")
    for fault in ("500", "503_html", "window_closed", "timeout_not_performed", "429", "revoked_token"):
        await stage.fault(fault, calls=1)
        with pytest.raises(SendFailed) as caught:
            await stage.channel.send(stage.answer(message, "Elm Road 4"))
        assert "Elm" not in f"{caught.value} {caught.value.code}"
