"""What only Facebook does, over real sockets against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.base import (
    ChannelName,
    EchoReceived,
    MessageDeleted,
    MessageEdited,
    NeverSend,
    OutcomeUnknown,
    QuickReply,
    SendKind,
    TryAgain,
    Visibility,
)
from tests.contract.channel_stage import Stage, staged


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(ChannelName.FACEBOOK, tmp_path) as running:
        yield running


async def test_should_offer_buttons_and_read_the_one_that_is_tapped(stage: Stage) -> None:
    message = await stage.say("hello")
    buttons = [QuickReply("Yes", "affirm"), QuickReply("No", "deny")]
    await stage.channel.send(replace(stage.answer(message, "Did it help?"), quick_replies=buttons))
    [told] = await stage.sent()
    assert [each["payload"] for each in told["detail"]["quick_replies"]] == ["affirm", "deny"]
    tapped = await stage.say("Yes", quick_reply="affirm")
    assert (tapped.text, tapped.quick_reply) == ("Yes", "affirm")


async def test_should_see_that_another_app_owns_the_thread(stage: Stage) -> None:
    assert (await stage.say("hello", standby=True)).standby
    assert not (await stage.say("hello")).standby


async def test_should_read_photos_edits_and_what_is_taken_back(stage: Stage) -> None:
    message = await stage.say("", attachments=["https://pictures.example.com/1.jpg"])
    assert (message.text, message.attachments) == ("", 1)
    written = await stage.say("hallo")
    about = {"platform": "facebook", "message_id": written.external_id}
    await stage.sandbox.control("POST", "edit", about | {"text": "hello"})
    assert await stage.heard(lambda event: event == MessageEdited(written.external_id, "hello"))
    await stage.sandbox.control("POST", "delete", about)
    assert await stage.heard(lambda event: event == MessageDeleted(written.external_id))


async def test_should_answer_within_a_thread_of_comments_and_find_the_answer(stage: Stage) -> None:
    first = await stage.say("when are bins emptied?", Visibility.PUBLIC)
    assert first.thread == first.external_id
    second = await stage.say("me too", Visibility.PUBLIC, person="Kim Marsh", in_reply_to=first.external_id)
    assert second.thread == first.external_id
    outgoing = stage.answer(second, "On Tuesdays.")
    sent = await stage.channel.send(outgoing)
    assert await stage.channel.find_sent(outgoing) == sent
    echo = await stage.heard(lambda event: isinstance(event, EchoReceived))
    assert isinstance(echo, EchoReceived)
    assert (echo.external_id, echo.thread, echo.visibility) == (
        sent.external_id,
        first.external_id,
        Visibility.PUBLIC,
    )


async def test_should_answer_a_visitors_post(stage: Stage) -> None:
    post = await stage.say("a lamp is out", Visibility.PUBLIC, visitor_post=True)
    assert (post.thread, post.reply_to, post.summoned) == (post.external_id, None, True)
    outgoing = stage.answer(post, "Thank you.")
    sent = await stage.channel.send(outgoing)
    assert await stage.channel.find_sent(outgoing) == sent


async def test_should_answer_a_comment_in_private_once(stage: Stage) -> None:
    comment = await stage.say("my neighbour …", Visibility.PUBLIC)
    outgoing = stage.answer(comment, "Please tell us more here.", SendKind.PRIVATE_REPLY)
    sent = await stage.channel.send(outgoing)
    assert await stage.channel.find_sent(outgoing) == sent
    echo = await stage.heard(
        lambda event: isinstance(event, EchoReceived) and event.external_id == sent.external_id
    )
    assert isinstance(echo, EchoReceived)
    assert (echo.token, echo.thread) == (outgoing.token, comment.author.external_id)
    with pytest.raises(OutcomeUnknown):
        await stage.channel.send(outgoing)


async def test_should_find_a_lost_private_reply(stage: Stage) -> None:
    comment = await stage.say("my neighbour …", Visibility.PUBLIC)
    outgoing = stage.answer(comment, "Please tell us more here.", SendKind.PRIVATE_REPLY)
    await stage.fault("timeout_performed", calls=1)
    with pytest.raises(OutcomeUnknown):
        await stage.channel.send(outgoing)
    assert await stage.channel.find_sent(outgoing)


async def test_should_ask_who_mentioned_the_page_somewhere_else(stage: Stage) -> None:
    message = await stage.say("the council should know", Visibility.PUBLIC, mention=True)
    assert (message.author.external_id, message.summoned) == ("", True)
    complete = await stage.channel.complete(message)
    assert complete.author.name == "Robin Field"
    assert complete.author.external_id
    await stage.fault("503_html", reads=True)
    with pytest.raises(TryAgain):
        await stage.channel.complete(message)


async def test_should_close_the_window_when_the_platform_does(stage: Stage) -> None:
    message = await stage.say("hello")
    await stage.sandbox.control("POST", "advance_clock", {"hours": 24, "minutes": 1})
    with pytest.raises(NeverSend) as caught:
        await stage.channel.send(stage.answer(message, "too late"))
    assert caught.value.code == "10/2018278"


async def test_should_read_a_batch_in_its_order(stage: Stage) -> None:
    await stage.sandbox.control("PUT", "faults", {"facebook": {"webhook": {"batch_ms": 200}}})
    one = {"platform": "facebook", "person": "Robin Field"}
    told = await stage.sandbox.control(
        "POST", "say", {"messages": [one | {"text": f"line {n}"} for n in range(50)]}
    )
    ids = [each["message_id"] for each in told["messages"]]
    await stage.received(ids[-1])
    assert [getattr(event, "external_id", None) for event in stage.desk.events] == ids
