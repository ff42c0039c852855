"""Whatever is delivered, the readers give events or say what is wrong; nothing else ever comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Event, MalformedDelivery, MessageReceived
from tests.unit import platform_shapes as shapes

Read = Callable[[bytes], list[Event]]
READERS: list[Read] = [shapes.x_reader().read, shapes.facebook_reader().read]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        [shapes.US, shapes.THEM, shapes.PAGE, shapes.PSID, "6001", "page", "comment", "add", ""]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)

GOOD: list[dict[str, Any]] = [
    shapes.activity("dm.received", shapes.dms(shapes.dm())),
    shapes.activity(
        "chat.received", {"id": "e1", "sender_id": shapes.THEM, "created_at_msec": "1795424400123"}
    ),
    shapes.activity(
        "post.mention.create",
        shapes.x_reply(
            f"@{shapes.HANDLE} help https://t.co/a",
            16,
            entities={
                "mentions": shapes.mentions(f"@{shapes.HANDLE} help"),
                "urls": [
                    {
                        "start": 21,
                        "end": 35,
                        "url": "https://t.co/a",
                        "expanded_url": "https://x.com/a/status/4002",
                    }
                ],
            },
            attachments={"media_keys": ["3_1"]},
            note_tweet={"text": "longer"},
            edit_history_tweet_ids=["6000", "6001"],
        ),
        {"users": [{"data": shapes.x_user()}], "tweets": [{"id": "4002", "author_id": shapes.US}]},
    ),
    shapes.activity("post.delete", {"id": "6001", "author_id": shapes.THEM}),
    shapes.activity("oauth.revoke", {"date_time": "2026-11-23T09:00:00+00:00", "user_id": shapes.US}),
    {"for_user_id": shapes.US, "tweet_create_events": [shapes.legacy_post()]},
    {"for_user_id": shapes.US, "tweet_delete_events": [{"status": {"id": "1", "user_id": "2"}}]},
    shapes.message(attachments=[{"type": "image"}], quick_reply={"payload": "p"}, reply_to={"mid": "m_0"}),
    shapes.echo(app_id=1, metadata="signpost:abc"),
    shapes.messaging(postback={"title": "Start", "payload": "START"}),
    shapes.messaging(pass_thread_control={"new_owner_app_id": 5}),
    shapes.feed(),
    shapes.mention(),
]


def changed(document: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """The document with one place in it replaced or left out."""
    if isinstance(document, dict) and document and draw(st.integers(0, 4)):
        name = draw(st.sampled_from(sorted(document)))
        if not draw(st.integers(0, 3)):
            return {key: value for key, value in document.items() if key != name}
        return document | {name: changed(document[name], draw)}
    if isinstance(document, list) and document and draw(st.integers(0, 4)):
        return [changed(document[0], draw), *document[1:]]
    return draw(values)


@st.composite
def almost_good(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    return changed(draw(st.sampled_from(GOOD)), draw)


def read_or_refused(read: Read, body: bytes) -> None:
    try:
        events = read(body)
    except MalformedDelivery as error:
        assert str(error)
        return
    for event in events:
        if isinstance(event, MessageReceived):
            assert event.sent_at.tzinfo is not None
            assert event.external_id
            event.text.encode()  # can be stored: no lone surrogates
            assert "\x00" not in event.text


@pytest.mark.parametrize("read", READERS)
@given(body=st.binary(max_size=300))
def test_should_survive_any_bytes(read: Read, body: bytes) -> None:
    read_or_refused(read, body)


@pytest.mark.parametrize("read", READERS)
@given(document=values)
def test_should_survive_any_json(read: Read, document: object) -> None:
    read_or_refused(read, json.dumps(document).encode())


@settings(max_examples=1500, deadline=None)
@given(document=almost_good())
def test_should_survive_deliveries_that_are_wrong_in_one_place(document: object) -> None:
    for read in READERS:
        read_or_refused(read, json.dumps(document).encode())


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "line 1"),
        (b"{", "line 1, column 2"),
        (b"\xff\xfe", "UTF-8: byte 0"),
        (b"[]", r"\$ must be an object"),
        (b"null", r"\$ must be an object"),
        (b'"text"', r"\$ must be an object"),
        (b'{"data": NaN}', "number"),
        (b'{"data": ' + b"1" * 5000 + b"}", "number"),
        (b"[" * 100_000, "nested too deeply"),
        (b"{}", "is missing|no event"),
    ],
)
def test_should_say_what_is_wrong_with_the_body(read: Read, body: bytes, said: str) -> None:
    with pytest.raises(MalformedDelivery, match=said):
        read(body)


@pytest.mark.parametrize("good", GOOD)
def test_should_read_the_shapes_that_these_tests_are_made_from(good: dict[str, Any]) -> None:
    read = shapes.facebook_reader().read if good.get("object") else shapes.x_reader().read
    assert read(json.dumps(good).encode())


def test_should_never_repeat_what_was_delivered_in_an_error() -> None:
    secret = "my neighbour at 4 Elm Road"
    for document in (
        shapes.activity("dm.received", shapes.dms(shapes.dm(text=[secret]))),  # type: ignore[arg-type]
        shapes.activity("dm.received", shapes.dms(shapes.dm(message_id=secret))),
        shapes.message(text={"a": secret}),  # type: ignore[arg-type]
        shapes.feed(comment_id=f"{secret}"),
    ):
        read = shapes.facebook_reader().read if document.get("object") else shapes.x_reader().read
        with pytest.raises(MalformedDelivery) as caught:
            read(json.dumps(document).encode())
        assert "Elm" not in str(caught.value)
        assert str(caught.value).startswith("$.")
