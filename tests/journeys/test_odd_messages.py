"""What people and machines send that is no plain sentence: each is clear, nothing is lost, nothing breaks."""

from __future__ import annotations

import json
import urllib.error
from typing import Any

import pytest

from tests.running import Running, call, eventually


@pytest.mark.parametrize(
    "said", ["/restart", "/session_start", '/emergency_danger{"place": "x"}', "  /opt_out"]
)
def test_should_read_a_leading_slash_as_text(by_day: Running, said: str) -> None:
    person = f"slash_{said.strip(' /')[:7]}"
    by_day.ask("x", "private", said, person)
    # Had it selected an intent or an action there would be an urgent case, or no words at all.
    assert "automated" in by_day.answers("x", "private", person)[0].casefold()
    assert not [case for case in by_day.cases() if case["person"] == person and case["urgency"] == "urgent"]


@pytest.mark.parametrize("said", ["😀😀😀", "👍", "?", "...", "\u200b\u200bhello\u200b"])
def test_should_answer_messages_without_words(by_day: Running, said: str) -> None:
    assert by_day.ask("facebook", "private", said)


def test_should_answer_a_photo_without_words(by_day: Running) -> None:
    answer = by_day.ask("facebook", "private", "", attachments=["photo.jpg"])
    assert "photo" in answer.casefold()


def test_should_answer_a_message_of_five_thousand_characters(by_day: Running) -> None:
    said = "there is a huge pothole on Mill Lane and it has burst my tyre. " * 80
    assert len(said) > 5000
    assert "/report" in by_day.ask("x", "private", said)


def test_should_hand_over_an_encrypted_chat_that_it_cannot_read(by_day: Running) -> None:
    by_day.say("x", "private", "secret_sam", "nobody can read this", encrypted=True)
    eventually(lambda: any("cannot be read" in case["reason"] for case in by_day.cases()))


def test_should_show_markup_as_text_only(by_day: Running) -> None:
    said = "<script>alert(1)</script> pothole on {system} Mill Lane %s {opening}"
    answer = by_day.ask("facebook", "private", said)
    assert "<script>" not in answer and "{opening}" not in answer


@pytest.mark.parametrize("path", ["/webhooks/x", "/webhooks/meta"])
def test_should_refuse_a_wrong_signature_and_store_nothing(by_day: Running, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        call("POST", by_day.service + path, {"data": {}})
    assert refused.value.code == 401


@pytest.mark.parametrize("platform", ["x", "facebook"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("not json", 400),
        ("[]", 400),
        ("{}", 400),
        (json.dumps({"data": {"event_uuid": "1", "event_type": "no.such.event", "payload": {}}}), None),
        (
            json.dumps(
                {"object": "page", "entry": [{"id": "1", "time": 1, "changes": [{"field": "no_such"}]}]}
            ),
            None,
        ),
        (json.dumps({"object": "page", "entry": [], "padding": "x" * 1_000_000}), None),
    ],
    ids=["text", "list", "empty", "unknown-x", "unknown-meta", "a-megabyte"],
)
def test_should_answer_a_signed_body_that_makes_no_sense_clearly(
    by_day: Running, platform: str, body: str, status: int | None
) -> None:
    before = {row["number"] for row in by_day.control("GET", f"deliveries?platform={platform}")}
    by_day.control("POST", "raw", {"platform": platform, "body": body})

    def attempts() -> list[dict[str, Any]]:
        rows = by_day.control("GET", f"deliveries?platform={platform}")
        return [attempt for row in rows if row["number"] not in before for attempt in row["attempts"]]

    eventually(lambda: bool(attempts()))
    assert {attempt["status"] for attempt in attempts()} <= ({status} if status else {200, 400})
    assert by_day.ask(platform, "private", "massive pothole on Mill Lane")
