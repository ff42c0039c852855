"""Reading Meta's deliveries."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channels.base import (
    Author,
    EchoReceived,
    Event,
    Ignored,
    MalformedDelivery,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    ThreadTaken,
    Visibility,
)
from tests.unit.platform_shapes import (
    APP,
    PAGE,
    PSID,
    body,
    echo,
    entry,
    facebook_reader,
    feed,
    mention,
    message,
    messaging,
)

AT = datetime(2026, 11, 23, 8, 59, 59, tzinfo=UTC)


def read(document: object, **reader: Any) -> list[Event]:
    return facebook_reader(**reader).read(body(document))


def received(document: object) -> MessageReceived:
    [event] = read(document)
    assert isinstance(event, MessageReceived), event
    return event


# Messenger


def test_should_read_a_message() -> None:
    assert received(message("my bin")) == MessageReceived(
        external_id="m_1",
        author=Author(PSID),
        visibility=Visibility.PRIVATE,
        thread=PSID,
        text="my bin",
        sent_at=AT,
    )


def test_should_read_a_tapped_button_an_answer_and_what_was_sent_along() -> None:
    attachments = [{"type": "image"}, {"type": "audio"}, {"type": "fallback", "url": "https://a.example"}]
    document = message(
        "Yes", quick_reply={"payload": "affirm"}, reply_to={"mid": "m_0"}, attachments=attachments
    )
    event = received(document)
    assert (event.quick_reply, event.reply_to, event.attachments) == ("affirm", "m_0", 2)


def test_should_read_a_photo_without_words() -> None:
    event = received(messaging(message={"mid": "m_1", "attachments": [{"type": "image"}]}))
    assert (event.text, event.attachments, event.readable) == ("", 1, True)


def test_should_pass_on_a_message_that_meta_does_not_hand_over() -> None:
    assert not received(messaging(message={"mid": "m_1", "is_unsupported": True})).readable


def test_should_read_a_postback_as_its_title() -> None:
    event = received(messaging(postback={"mid": "m_3", "title": "Get started", "payload": "START"}))
    assert (event.external_id, event.text, event.quick_reply) == ("m_3", "Get started", "START")


def test_should_give_a_postback_without_id_the_same_id_every_time() -> None:
    document = messaging(postback={"title": "Get started", "payload": "START"})
    assert (
        received(document).external_id == received(document).external_id == f"postback.{PSID}.1795424399000"
    )


def test_should_read_edits_and_unsent_messages() -> None:
    assert read(messaging(message_edit={"mid": "m_1", "text": "new", "num_edit": 1})) == [
        MessageEdited("m_1", "new")
    ]
    assert read(messaging(message={"mid": "m_1", "is_deleted": True})) == [MessageDeleted("m_1")]


def test_should_know_our_own_send_by_its_mark() -> None:
    [event] = read(echo(app_id=int(APP), metadata="signpost:t0k"))
    assert event == EchoReceived(
        "m_2", Visibility.PRIVATE, PSID, "our answer", AT, PSID, "t0k", other_app=False
    )


@pytest.mark.parametrize(
    ("more", "token"),
    [
        ({"app_id": 263902037430900}, None),
        ({"app_id": int(APP)}, None),
        ({"app_id": int(APP), "metadata": "somebody else's mark"}, None),
        ({"app_id": 5, "metadata": "signpost:t0k"}, "t0k"),
        ({}, None),
    ],
)
def test_should_tell_a_colleagues_or_another_apps_send(more: dict[str, object], token: str | None) -> None:
    [event] = read(echo(**more))
    assert isinstance(event, EchoReceived)
    assert (event.other_app, event.token) == (True, token)


def test_should_trust_the_mark_alone_when_our_apps_id_is_not_set() -> None:
    [event] = read(echo(app_id=5, metadata="signpost:t0k"), app_id="")
    assert isinstance(event, EchoReceived)
    assert not event.other_app


def test_should_mark_messages_of_threads_that_another_app_owns() -> None:
    assert received(message(under="standby")).standby
    assert not received(message()).standby
    assert isinstance(read(entry(standby=echo()["entry"][0]["messaging"]))[0], EchoReceived)


@pytest.mark.parametrize("under", ["messaging", "messaging_handovers"])
@pytest.mark.parametrize(
    ("control", "by_us"),
    [
        ({"pass_thread_control": {"new_owner_app_id": int(APP)}}, True),
        ({"pass_thread_control": {"new_owner_app_id": APP, "previous_owner_app_id": 9}}, True),
        ({"pass_thread_control": {"new_owner_app_id": 9}}, False),
        ({"pass_thread_control": {"metadata": "back to you"}}, True),
        ({"take_thread_control": {"previous_owner_app_id": APP}}, False),
        ({"request_thread_control": {"requested_owner_app_id": 9}}, False),
        ({"release_thread_control": {"previous_owner_app_id": 9}}, True),
        ({"release_thread_control": {"previous_owner_app_id": APP}}, False),
        ({"release_thread_control": {"metadata": "x"}}, False),
    ],
)
def test_should_know_who_may_write_in_a_thread(under: str, control: dict[str, object], by_us: bool) -> None:
    assert read(messaging(under=under, **control)) == [ThreadTaken(PSID, by_us)]


def test_should_ignore_our_own_request_for_a_thread() -> None:
    assert isinstance(read(messaging(request_thread_control={"requested_owner_app_id": APP}))[0], Ignored)


@pytest.mark.parametrize("kind", ["delivery", "read", "reaction", "optin", "app_roles"])
def test_should_ignore_receipts_and_reactions(kind: str) -> None:
    assert read(messaging(**{kind: {"watermark": 1}})) == [Ignored(f"messaging {kind}")]


# The Page


def test_should_read_a_comment_as_the_head_of_its_own_thread() -> None:
    assert received(feed()) == MessageReceived(
        external_id="30_50",
        author=Author(PSID, None, "Robin Field"),
        visibility=Visibility.PUBLIC,
        thread="30_50",
        text="when are bins emptied?",
        sent_at=AT,
        reply_to=f"{PAGE}_30",
        summoned=False,
    )


def test_should_put_an_answer_to_a_comment_into_the_comments_thread() -> None:
    event = received(feed(comment_id="30_51", parent_id="30_50"))
    assert (event.thread, event.reply_to) == ("30_50", "30_50")
    assert received(feed(parent_id="30")).thread == "30_50"
    assert received(feed(parent_id=None)).thread == "30_50"


@pytest.mark.parametrize(
    ("text", "summoned"),
    [
        ("hello Milford City Council, when?", True),
        ("@milfordcitycouncil when?", True),
        ("MilfordCityCouncillors are late", False),
        ("the council is late", False),
    ],
)
def test_should_know_when_a_comment_names_the_page(text: str, summoned: bool) -> None:
    assert received(feed(message=text)).summoned is summoned


def test_should_read_changes_to_comments() -> None:
    assert read(feed(verb="edited", message="new")) == [MessageEdited("30_50", "new")]
    assert read(feed(verb="remove", message=None)) == [MessageDeleted("30_50")]
    assert read(feed(verb="hide", is_hidden=True)) == [Ignored("feed comment hide")]
    assert read(feed(verb="unhide", is_hidden=False)) == [Ignored("feed comment unhide")]


def test_should_know_our_own_comments() -> None:
    ours = {"id": PAGE, "name": "Milford City Council"}
    [event] = read(feed(**{"from": ours}, comment_id="30_52", parent_id="30_50", message="our answer"))
    assert event == EchoReceived("30_52", Visibility.PUBLIC, "30_50", "our answer", AT)
    assert isinstance(read(feed(**{"from": ours}, verb="edited"))[0], Ignored)


def test_should_read_the_older_names_of_the_sender() -> None:
    event = received(feed(**{"from": None}, sender_id=int(PSID), sender_name="Robin Field"))
    assert event.author == Author(PSID, None, "Robin Field")


@pytest.mark.parametrize("item", ["post", "status", "photo"])
def test_should_read_a_visitors_post(item: str) -> None:
    event = received(
        feed(item=item, comment_id=None, parent_id=None, post_id=f"{PAGE}_31", photo="https://p.example")
    )
    assert (event.external_id, event.thread, event.reply_to) == (f"{PAGE}_31", f"{PAGE}_31", None)
    assert (event.attachments, event.summoned) == (1, True)


def test_should_ignore_our_own_posts_and_unpublished_ones() -> None:
    post = {"item": "status", "comment_id": None, "parent_id": None}
    assert read(feed(**post, **{"from": {"id": PAGE}})) == [Ignored("our own post")]
    assert isinstance(read(feed(**post, published=0))[0], Ignored)


def test_should_ignore_reactions_and_fields_that_it_does_not_know() -> None:
    assert read(feed(item="reaction", verb=None)) == [Ignored("feed reaction")]
    assert read(entry(changes=[{"field": "ratings", "value": 5}])) == [Ignored("field ratings")]
    assert read(entry(field="leadgen", value={})) == [Ignored("field leadgen")]
    assert read(entry()) == [Ignored("an entry that tells nothing")]


def test_should_read_a_mention_with_and_without_its_sender() -> None:
    unknown = received(mention())
    assert (unknown.author.external_id, unknown.thread, unknown.reply_to) == ("", "1_70", "990_1")
    assert unknown.summoned
    known = received(mention(comment_id=None, item="post", sender_id=PSID, sender_name="Robin Field"))
    assert (known.external_id, known.author, known.reply_to) == (
        "990_1",
        Author(PSID, None, "Robin Field"),
        None,
    )


def test_should_read_a_flat_entry_and_several_entries_in_their_order() -> None:
    flat = entry(field="feed", value=feed()["entry"][0]["changes"][0]["value"])
    assert received(flat).external_id == "30_50"
    both = {"object": "page", "entry": [*message()["entry"], *flat["entry"]]}
    assert [event.external_id for event in read(both) if isinstance(event, MessageReceived)] == [
        "m_1",
        "30_50",
    ]


def test_should_read_messages_that_come_as_changes() -> None:
    item = message()["entry"][0]["messaging"][0]
    assert received(entry(changes=[{"field": "messages", "value": item}])).external_id == "m_1"
    assert received(entry(changes=[{"field": "standby", "value": item}])).standby


def test_should_take_seconds_and_milliseconds_and_iso_for_times() -> None:
    for time in (1795424399, 1795424399000, "1795424399", "2026-11-23T08:59:59+0000"):
        assert received(feed(created_time=time)).sent_at == AT


@pytest.mark.parametrize("kind", ["instagram", "whatsapp_business_account", "user", "a word of somebody's"])
def test_should_ignore_what_is_not_about_a_page(kind: str) -> None:
    [event] = read({"object": kind, "entry": "anything"})
    assert isinstance(event, Ignored)
    assert "somebody" not in event.reason


def test_should_ignore_other_pages() -> None:
    document = message()
    document["entry"][0]["id"] = "99"
    assert read(document) == [Ignored("about another Page")]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"entry": []}, r"\$\.object is missing"),
        ({"object": "page"}, r"\$\.entry is missing"),
        ({"object": "page", "entry": {}}, r"\$\.entry must be a list"),
        ({"object": "page", "entry": [5]}, r"\$\.entry\[0\] must be an object"),
        ({"object": "page", "entry": [{}]}, r"\$\.entry\[0\]\.id is missing"),
        (messaging(message={"text": "no id"}), r"messaging\[0\]\.message\.mid is missing"),
        (messaging(sender="", message={"mid": "m"}), r"messaging\[0\]\.sender\.id is missing"),
        (message(text=["a"]), r"messaging\[0\]\.message\.text must be a string"),  # type: ignore[arg-type]
        (messaging(timestamp="soon", message={"mid": "m"}), r"messaging\[0\]\.timestamp must be a time"),
        (messaging(timestamp=10**30, message={"mid": "m"}), r"messaging\[0\]\.timestamp must be a time"),
        (message(is_echo="yes"), r"message\.is_echo must be true or false"),
        (feed(comment_id=None), r"changes\[0\]\.value\.comment_id is missing"),
        (feed(verb=None), r"changes\[0\]\.value\.verb is missing"),
        (feed(comment_id=1.5), r"value\.comment_id must be a string or a whole number"),
        (mention(comment_id=None, post_id=None), r"value\.post_id is missing"),
        (entry(changes=[{"value": {}}]), r"changes\[0\]\.field is missing"),
    ],
)
def test_should_say_what_is_wrong_and_where(document: object, said: str) -> None:
    with pytest.raises(MalformedDelivery, match=said):
        read(document)


def test_should_count_nothing_of_a_delivery_that_is_wrong_in_one_place() -> None:
    good, bad = message()["entry"], messaging(message={"text": "no id"})["entry"]
    with pytest.raises(MalformedDelivery):
        read({"object": "page", "entry": [*good, *bad]})
