"""Reading X's deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.base import (
    AccessRevoked,
    Author,
    EchoReceived,
    Event,
    Ignored,
    MalformedDelivery,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Visibility,
)
from tests.unit.platform_shapes import (
    HANDLE,
    NOW,
    OTHER,
    THEM,
    US,
    activity,
    body,
    dm,
    dms,
    legacy_post,
    x_post,
    x_reader,
    x_reply,
    x_user,
)


def read(document: object, **reader: Any) -> list[Event]:
    return x_reader(**reader).read(body(document))


def received(document: object, **reader: Any) -> MessageReceived:
    [event] = read(document, **reader)
    assert isinstance(event, MessageReceived), event
    return event


def mentioned(post: dict[str, Any], kind: str = "post.mention.create", **reader: Any) -> MessageReceived:
    return received(activity(kind, post, {"users": [x_user()]}), **reader)


# Direct messages


def test_should_read_a_direct_message() -> None:
    assert received(activity("dm.received", dms(dm("my bin &amp; I")))) == MessageReceived(
        external_id="5001",
        author=Author(THEM, "user02", "Person 2"),
        visibility=Visibility.PRIVATE,
        thread=THEM,
        text="my bin & I",
        sent_at=datetime(2026, 11, 23, 9, 0, 0, 123000, UTC),
        delivery_id="-77001",
    )


def test_should_read_the_older_shape_of_a_direct_message_to_the_same() -> None:
    users = {THEM: {"id": THEM, "screen_name": "user02", "name": "Person 2"}}
    legacy = {"for_user_id": US, "direct_message_events": [dm("hello")], "users": users, "apps": {}}
    modern = received(activity("dm.received", dms(dm("hello")), event_uuid=None))
    assert received(legacy) == modern


def test_should_give_each_message_of_a_delivery_its_own_delivery_id() -> None:
    events = read(activity("dm.received", dms(dm(message_id="1"), dm(message_id="2"))))
    assert [event.delivery_id for event in events if isinstance(event, MessageReceived)] == [
        "-77001",
        "-77001.1",
    ]


@pytest.mark.parametrize("kind", ["dm.sent", "dm.received"])
def test_should_know_our_own_direct_message_as_an_echo(kind: str) -> None:
    [event] = read(activity(kind, dms(dm("our answer", sender=US, to=THEM))))
    assert event == EchoReceived(
        "5001", Visibility.PRIVATE, THEM, "our answer", datetime(2026, 11, 23, 9, 0, 0, 123000, UTC), THEM
    )


def test_should_see_the_automated_label_of_the_author_in_either_shape() -> None:
    label = {"affiliation": {"description": "Automated"}}
    for user in (x_user(**label), {"data": x_user(**label)}):
        assert received(activity("dm.received", dms(dm(), users={THEM: user}))).author.automated
    other = {THEM: x_user(affiliation={"description": "Milford Rovers"})}
    assert not received(activity("dm.received", dms(dm(), users=other))).author.automated
    legacy = {"for_user_id": US, "tweet_create_events": [legacy_post(user=x_user(**label))]}
    assert received(legacy).author.automated


def test_should_read_a_photo_without_words_as_an_attachment_without_text() -> None:
    photo = {"type": "media", "media": {"url": "https://t.co/pic", "id_str": "9"}}
    message = received(activity("dm.received", dms(dm(" https://t.co/pic", attachment=photo))))
    assert (message.text, message.attachments, message.readable) == ("", 1, True)


def test_should_give_links_as_they_were_typed() -> None:
    links = {"urls": [{"url": "https://t.co/x", "expanded_url": "https://report.milford.example/1234567"}]}
    message = received(activity("dm.received", dms(dm("see https://t.co/x now", entities=links))))
    assert message.text == "see https://report.milford.example/1234567 now"


def test_should_pass_on_a_message_that_nobody_can_read() -> None:
    payload = {
        "id": "e4f4",
        "sender_id": THEM,
        "created_at_msec": "1795424400123",
        "conversation_id": f"{THEM}:{US}",
    }
    message = received(activity("chat.received", payload))
    assert (message.readable, message.text, message.thread) == (False, "", THEM)


def test_should_know_our_own_encrypted_message_as_an_echo_in_the_persons_thread() -> None:
    payload = {
        "id": "e4f5",
        "sender_id": US,
        "created_at_msec": "1795424400123",
        "conversation_id": f"{THEM}:{US}",
    }
    [event] = read(activity("chat.sent", payload))
    assert isinstance(event, EchoReceived)
    assert (event.thread, event.recipient_id, event.text) == (THEM, THEM, "")


def test_should_ignore_direct_messages_between_others() -> None:
    assert isinstance(read(activity("dm.received", dms(dm(to=OTHER))))[0], Ignored)


# Posts


def test_should_read_a_mention() -> None:
    text = f"@{HANDLE} a lamp is out"
    assert mentioned(x_post(text)) == MessageReceived(
        external_id="6001",
        author=Author(THEM, "user02", "Person 2"),
        visibility=Visibility.PUBLIC,
        thread="6001",
        text=text,
        sent_at=datetime(2026, 11, 23, 8, 59, 58, tzinfo=UTC),
        delivery_id="-77001",
        summoned=True,
    )


def test_should_read_a_reply_without_the_mentions_that_x_put_before_it() -> None:
    message = mentioned(x_reply(f"@{HANDLE} @other thanks!", len(HANDLE) + 9), "post.reply.create")
    assert (message.text, message.thread, message.reply_to) == ("thanks!", "4001", "4002")
    assert not message.summoned


@pytest.mark.parametrize("kind", ["post.mention.create", "post.reply.create"])
@pytest.mark.parametrize(
    ("text", "shown_from", "summoned"),
    [
        (f"@{HANDLE} thanks", len(HANDLE) + 2, False),
        (f"@{HANDLE} thanks", len(HANDLE) + 3, False),  # X's own samples count one too far
        (f"@{HANDLE} thanks", 0, True),
        (f"@other @{HANDLE} please look", 7, True),
        (f"@other @{HANDLE} please look", len(HANDLE) + 9, False),
        (f"@{HANDLE} so @{HANDLE.upper()}, what now?", len(HANDLE) + 2, True),
        ("@other no", 7, False),
    ],
)
def test_should_tell_the_same_summons_from_either_event_of_a_post(
    kind: str, text: str, shown_from: int, summoned: bool
) -> None:
    assert mentioned(x_reply(text, shown_from), kind).summoned is summoned


def test_should_take_every_leading_mention_of_a_reply_for_xs_own_when_no_range_is_told() -> None:
    message = mentioned(x_reply(f"@other @{HANDLE} please", 0, display_text_range=None))
    assert (message.summoned, message.text) == (False, "please")
    assert mentioned(x_post(f"@{HANDLE} please", display_text_range=None)).summoned


def test_should_count_an_implicit_mention_when_the_setting_says_so() -> None:
    reply = x_reply(f"@{HANDLE} thanks", len(HANDLE) + 2)
    assert mentioned(reply, implicit=True).summoned
    assert not mentioned(x_reply("@other thanks", 7), implicit=True).summoned


def test_should_find_a_mention_in_the_text_when_none_are_listed() -> None:
    assert mentioned(x_post(f"well, @{HANDLE.lower()}!", entities=None)).summoned
    assert not mentioned(x_post(f"write to bins@{HANDLE}", entities=None)).summoned
    assert not mentioned(x_post(f"@{HANDLE}lors are late", entities=None)).summoned


def test_should_know_a_mention_by_id_when_the_handle_has_changed() -> None:
    renamed = {"mentions": [{"start": 0, "end": 8, "username": "NewName", "id": US}]}
    assert mentioned(x_post("@NewName hello", entities=renamed)).summoned


QUOTE = {
    "referenced_tweets": [{"type": "quoted", "id": "4002"}],
    "entities": {
        "urls": [
            {"url": "https://t.co/q", "expanded_url": f"https://twitter.com/{HANDLE}/status/4002", "start": 9}
        ]
    },
}


def test_should_be_summoned_by_a_quote_of_ours_and_leave_its_link_out() -> None:
    for kind in ("post.quote.create", "post.mention.create"):
        message = mentioned(x_post("look here https://t.co/q", **QUOTE), kind)
        assert (message.summoned, message.text) == (True, "look here")


def test_should_know_whose_post_is_quoted_from_the_posts_sent_along() -> None:
    post = x_post("look", referenced_tweets=QUOTE["referenced_tweets"], entities={})
    for author_id, summoned in ((US, True), (OTHER, False)):
        includes = {"tweets": [{"id": "4002", "author_id": author_id}]}
        assert received(activity("post.mention.create", post, includes)).summoned is summoned


def test_should_count_media_and_leave_their_links_out() -> None:
    urls = [
        {
            "url": "https://t.co/m",
            "expanded_url": "https://x.com/user02/status/6001/photo/1",
            "media_key": f"3_{number}",
        }
        for number in (1, 2)
    ]
    post = x_post(
        "broken https://t.co/m", entities={"urls": urls}, attachments={"media_keys": ["3_1", "3_2"]}
    )
    message = mentioned(post)
    assert (message.text, message.attachments) == ("broken", 2)


def test_should_read_long_posts_in_full() -> None:
    full = f"@{HANDLE} " + "word " * 100
    message = mentioned(x_post("cut…", note_tweet={"text": full, "entities": {"mentions": []}}))
    assert message.text == full.strip()


def test_should_take_a_new_version_for_the_same_post() -> None:
    post = x_post(f"@{HANDLE} corrected", id="6002", edit_history_tweet_ids=["6001", "6002"])
    edited, message = read(activity("post.mention.create", post))
    assert edited == MessageEdited("6001", f"@{HANDLE} corrected")
    assert isinstance(message, MessageReceived)
    assert message.external_id == "6001"


def test_should_take_the_time_from_the_id_when_none_is_told() -> None:
    message = mentioned(x_post(id="1992520000000000000", created_at=None))
    assert message.sent_at.date().isoformat() == "2025-11-23"


def test_should_know_our_own_reply_as_an_echo_and_ignore_our_own_post() -> None:
    [echo] = read(
        activity("post.create", x_reply("@user02 our answer", 8, author_id=US, in_reply_to_user_id=THEM))
    )
    assert isinstance(echo, EchoReceived)
    assert (echo.visibility, echo.thread, echo.text, echo.recipient_id) == (
        Visibility.PUBLIC,
        "4001",
        "our answer",
        THEM,
    )
    assert read(activity("post.create", x_post("news", author_id=US))) == [Ignored("our own post")]


def test_should_ignore_reposts_and_posts_that_only_pass_by() -> None:
    repost = x_post("RT", referenced_tweets=[{"type": "retweeted", "id": "1"}])
    assert read(activity("post.mention.create", repost)) == [Ignored("a repost")]
    assert isinstance(read(activity("post.create", x_post("hello")))[0], Ignored)


def test_should_read_the_older_shape_of_a_post() -> None:
    text = f"@{HANDLE} a lamp &lt;3"
    message = received({"for_user_id": US, "tweet_create_events": [legacy_post(text)]})
    assert (message.external_id, message.thread, message.text) == ("6001", "6001", f"@{HANDLE} a lamp <3")
    assert message.sent_at == datetime(2026, 11, 23, 8, 59, 58, tzinfo=UTC)
    assert message.summoned


def test_should_read_replies_quotes_and_long_texts_of_the_older_shape() -> None:
    cut = legacy_post(
        "@user…",
        truncated=True,
        in_reply_to_status_id_str="4002",
        in_reply_to_user_id_str=US,
        extended_tweet={
            "full_text": f"@{HANDLE} the whole text",
            "display_text_range": [len(HANDLE) + 2, 40],
            "entities": {
                "user_mentions": [{"screen_name": HANDLE, "id_str": US, "indices": [0, len(HANDLE) + 1]}]
            },
        },
    )
    message = received({"for_user_id": US, "tweet_create_events": [cut]})
    assert (message.text, message.reply_to, message.thread, message.summoned) == (
        "the whole text",
        "4002",
        "4002",
        False,
    )
    quote = legacy_post("see", quoted_status_id_str="4002", quoted_status={"user": {"id_str": US}})
    assert received({"for_user_id": US, "tweet_create_events": [quote]}).summoned
    assert read({"for_user_id": US, "tweet_create_events": [legacy_post(retweeted_status={"id": 1})]}) == [
        Ignored("a repost")
    ]


# Everything else


def test_should_read_deletions_in_either_shape() -> None:
    assert read(activity("post.delete", {"id": "6001", "author_id": THEM})) == [MessageDeleted("6001")]
    legacy = {"for_user_id": US, "tweet_delete_events": [{"status": {"id": 6001, "user_id": THEM}}]}
    assert read(legacy) == [MessageDeleted("6001")]


def test_should_tell_when_access_was_revoked_in_either_shape() -> None:
    when = "2026-11-23T09:00:00+00:00"
    for document in (
        activity("oauth.revoke", {"date_time": when, "user_id": US, "app_id": "1"}, filter={}),
        {"user_event": {"revoke": {"date_time": when, "target": {"app_id": "1"}, "source": {"user_id": US}}}},
    ):
        [event] = read(document)
        assert isinstance(event, AccessRevoked)
        assert when in event.reason


def test_should_leave_other_accounts_alone() -> None:
    for document in (
        activity("dm.received", dms(dm()), filter={"user_id": OTHER}),
        activity("oauth.revoke", {"user_id": OTHER}),
        {"for_user_id": OTHER, "tweet_create_events": [legacy_post()]},
        {"user_event": {"revoke": {"source": {"user_id": OTHER}}}},
    ):
        assert all(isinstance(event, Ignored) for event in read(document))


@pytest.mark.parametrize(
    "kind",
    [
        "follow.follow",
        "like.create",
        "profile.update.bio",
        "dm.read",
        "dm.indicate_typing",
        "post.repost.create",
    ],
)
def test_should_ignore_what_asks_nothing(kind: str) -> None:
    assert read(activity(kind, {"anything": 1})) == [Ignored(kind)]


def test_should_ignore_event_types_that_it_does_not_know_and_say_so() -> None:
    assert read(activity("post.telepathy", {})) == [Ignored("unknown event type post.telepathy")]
    assert read(activity("some words of a\nresident", {})) == [Ignored("unknown event type")]
    assert read({"for_user_id": US, "new_events": [1]}) == [Ignored("unknown event type new_events")]
    assert read({"for_user_id": US, "favorite_events": [1]}) == [Ignored("favorite_events")]


def test_should_take_numbers_for_ids_and_stand_in_for_a_missing_time() -> None:
    message = dm(sender=THEM)
    message["id"], message["message_create"]["sender_id"], message["created_timestamp"] = (
        5001,
        int(THEM),
        None,
    )
    assert received(activity("dm.received", dms(message))).external_id == "5001"
    assert received(activity("dm.received", dms(message))).sent_at == NOW


def test_should_replace_what_no_database_stores() -> None:
    assert received(activity("dm.received", dms(dm("a\x00b\ud800c")))).text == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"data": {}}, r"\$\.data\.event_type is missing"),
        ({"data": {"event_type": 5}}, r"\$\.data\.event_type must be a string"),
        ({"data": {"event_type": "dm.received"}}, r"\$\.data\.payload is missing"),
        (activity("dm.received", {}), r"payload\.direct_message_events must hold an event"),
        (
            activity("dm.received", dms({"type": "message_create", "id": "1"})),
            r"events\[0\]\.message_create is missing",
        ),
        (activity("dm.received", dms(dm(message_id=""))), r"events\[0\]\.id is missing"),
        (activity("dm.received", dms(dm(message_id="a b"))), r"events\[0\]\.id must be 1 to 255 printable"),
        (
            activity("dm.received", dms(dm(), dm(sender=""))),
            r"events\[1\]\.message_create\.sender_id is missing",
        ),
        (activity("dm.sent", dms(dm(sender=US, to=""))), r"target\.recipient_id is missing"),
        (activity("post.mention.create", x_post(author_id=None)), r"payload\.author_id is missing"),
        (
            activity("post.mention.create", x_post(created_at="yesterday")),
            r"payload\.created_at must be a time",
        ),
        (activity("post.mention.create", x_post(entities=[])), r"payload\.entities must be an object"),
        (activity("post.mention.create", x_post(), {"users": {}}), r"includes\.users must be a list"),
        (activity("post.delete", {"id": True}), r"payload\.id must be a string or a whole number"),
        (activity("oauth.revoke", {}), r"payload\.user_id is missing"),
        ({"for_user_id": US, "tweet_create_events": {}}, r"tweet_create_events must be a list"),
        ({"hello": 1}, "no event of X's"),
    ],
)
def test_should_say_what_is_wrong_and_where(document: object, said: str) -> None:
    with pytest.raises(MalformedDelivery, match=said):
        read(document)
