"""What only X does, over real sockets against the sandbox."""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.base import (
    AccessRevoked,
    ChannelName,
    EchoReceived,
    MessageReceived,
    NeverSend,
    OutcomeUnknown,
    SendKind,
    TryAgain,
    Visibility,
)
from bot.channels.x_errors import DUPLICATE
from tests.contract.channel_stage import ROBIN, Stage, staged


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(ChannelName.X, tmp_path) as running:
        yield running


@pytest.mark.parametrize("shape", ["activity", "older"])
async def test_should_read_either_shape_of_xs_events_to_the_same(shape: str, tmp_path: Path) -> None:
    async with staged(ChannelName.X, tmp_path) as stage:
        await stage.sandbox.control("PUT", "faults", {"x": {"webhook": {"legacy_shapes": shape == "older"}}})
        private = await stage.say("a & b <c>")
        public = await stage.say("bins?", Visibility.PUBLIC)
        answer = await stage.say("and?", Visibility.PUBLIC, in_reply_to=public.external_id)
        assert (private.text, private.thread) == ("a & b <c>", private.author.external_id)
        assert (public.text, public.summoned) == (f"@{stage.sandbox.config.x_handle} bins?", True)
        assert answer.reply_to == public.external_id
        assert answer.text == "and?"
        assert not answer.summoned


async def test_should_know_automated_authors(stage: Stage) -> None:
    assert not (await stage.say("hello", Visibility.PUBLIC)).author.automated
    assert (await stage.say("hello again", Visibility.PUBLIC, automated=True)).author.automated
    assert (await stage.say("hello in private", automated=True)).author.automated


async def test_should_pass_on_encrypted_messages_as_unreadable(stage: Stage) -> None:
    message = await stage.say("nobody reads this", encrypted=True)
    assert (message.readable, message.text) == (False, "")


async def test_should_count_photos(stage: Stage) -> None:
    message = await stage.say("look", attachments=["https://pictures.example.com/1.jpg"])
    assert (message.text, message.attachments) == ("look", 1)


async def test_should_be_answered_by_the_platform_exactly_when_it_holds_itself_summoned(stage: Stage) -> None:
    called = await stage.say("bins?", Visibility.PUBLIC)
    ours = await stage.channel.send(stage.answer(called, "On Tuesdays."))
    quoting = await stage.say("is that so", Visibility.PUBLIC, quotes=ours.external_id)
    assert quoting.summoned
    assert await stage.channel.send(stage.answer(quoting, "Yes, on Tuesdays."))
    stranger = {"person": "Kim Marsh", "in_reply_to": ours.external_id}
    implicit = await stage.say("thanks", Visibility.PUBLIC, **stranger)
    assert (implicit.summoned, implicit.text) == (False, "thanks")
    with pytest.raises(NeverSend) as caught:
        await stage.channel.send(stage.answer(implicit, "You are welcome."))
    assert caught.value.code == "403/not_summoned"
    explicit = await stage.say("and cardboard?", Visibility.PUBLIC, mention=True, **stranger)
    assert explicit.summoned
    assert await stage.channel.send(stage.answer(explicit, "Cardboard too."))


async def test_should_tell_the_same_of_a_post_from_each_of_its_events(stage: Stage) -> None:
    called = await stage.say("bins?", Visibility.PUBLIC)
    ours = await stage.channel.send(stage.answer(called, "On Tuesdays."))
    both = await stage.say("and today?", Visibility.PUBLIC, in_reply_to=ours.external_id, mention=True)
    await stage.sandbox.until(lambda: len(_of(stage, both.external_id)) == 2)
    first, second = _of(stage, both.external_id)
    assert first.delivery_id != second.delivery_id
    assert (first.summoned, first.text, first.thread) == (second.summoned, second.text, second.thread)
    assert first.thread == called.external_id


def _of(stage: Stage, message_id: str) -> list[MessageReceived]:
    return [
        event
        for event in stage.desk.events
        if isinstance(event, MessageReceived) and event.external_id == message_id
    ]


async def test_should_look_up_a_text_that_x_has_already(stage: Stage) -> None:
    message = await stage.say("bins?", Visibility.PUBLIC)
    outgoing = stage.answer(message, "On Tuesdays, see www.example.com/bins")
    sent = await stage.channel.send(outgoing)
    with pytest.raises(OutcomeUnknown) as caught:
        await stage.channel.send(outgoing)
    assert caught.value.code == DUPLICATE
    assert await stage.channel.find_sent(outgoing) == sent


async def test_should_know_our_own_public_reply_in_the_older_shape_as_an_echo(stage: Stage) -> None:
    message = await stage.say("bins?", Visibility.PUBLIC)
    await stage.sandbox.control("PUT", "faults", {"x": {"webhook": {"legacy_shapes": True}}})
    sent = await stage.channel.send(stage.answer(message, "On Tuesdays."))
    echo = await stage.heard(lambda event: isinstance(event, EchoReceived))
    assert isinstance(echo, EchoReceived)
    assert (echo.external_id, echo.text, echo.visibility) == (
        sent.external_id,
        "On Tuesdays.",
        Visibility.PUBLIC,
    )


async def test_should_not_call_when_the_limit_is_used_up(stage: Stage) -> None:
    message = await stage.say("hello")
    await stage.sandbox.control("PUT", "limits", {"limits": {"x.dm.send": [[2, 900]]}})
    for text in ("one", "two"):
        await stage.channel.send(stage.answer(message, text))
    calls = len(await stage.sandbox.control("GET", "calls"))
    with pytest.raises(TryAgain) as caught:
        await stage.channel.send(stage.answer(message, "three"))
    assert caught.value.after_seconds == pytest.approx(900, abs=5)
    assert len(await stage.sandbox.control("GET", "calls")) == calls
    health = await stage.channel.check()
    assert health.limits[SendKind.DIRECT].remaining == 0


async def test_should_keep_within_the_limit_of_the_day(stage: Stage) -> None:
    message = await stage.say("hello")
    await stage.sandbox.control("PUT", "limits", {"limits": {"x.dm.send": [[15, 900], [1, 86400]]}})
    await stage.channel.send(stage.answer(message, "one"))
    with pytest.raises(TryAgain) as caught:
        await stage.channel.send(stage.answer(message, "two"))
    assert caught.value.after_seconds == pytest.approx(86_400, abs=5)


async def test_should_tell_when_the_account_throws_us_out(stage: Stage) -> None:
    await stage.sandbox.control("POST", "revoke", {})
    assert await stage.heard(lambda event: isinstance(event, AccessRevoked))


async def test_should_find_a_message_among_many(stage: Stage) -> None:
    message = await stage.say("hello")
    await stage.sandbox.control("PUT", "limits", {"limits": "off"})
    outgoing = stage.answer(message, "the first of many")
    sent = await stage.channel.send(outgoing)
    for number in range(120):
        await stage.channel.send(stage.answer(message, f"number {number}"))
    assert await stage.channel.find_sent(outgoing) == sent


async def test_should_go_on_with_renewed_tokens_after_a_restart(tmp_path: Path) -> None:
    async with staged(ChannelName.X, tmp_path, oauth2=True) as stage:
        message = await stage.say("hello")
        await stage.channel.send(stage.answer(message, "one"))
        # The access token ends after two hours; the refresh token that it came with serves once.
        await stage.sandbox.control("POST", "advance_clock", {"hours": 3})
        await stage.say("hello again")
        assert await stage.channel.send(stage.answer(message, "two"))
        assert stat.S_IMODE((tmp_path / "x-tokens.json").stat().st_mode) == 0o600
        assert {each["to"] for each in await stage.sent()} == {ROBIN}
