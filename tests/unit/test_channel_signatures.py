"""Signatures and challenges, against worked examples."""

from __future__ import annotations

import pytest

from bot.channels import signatures
from bot.channels.base import BadSignature, MalformedDelivery
from bot.channels.facebook import FacebookChannel, facebook_channel
from bot.channels.registry import channels_from
from bot.channels.x import XChannel, x_channel
from bot.settings import Settings

X_BODY = b'{"data":{"event_uuid":"1","event_type":"dm.received"}}'
META_BODY = b'{"object":"page","entry":[]}'


def settings(**more: str) -> Settings:
    given = {
        "x_user_id": "1",
        "x_handle": "us",
        "x_consumer_key": "key",
        "x_consumer_secret": "test_consumer_secret",
        "x_access_token": "token",
        "x_access_token_secret": "token-secret",
        "meta_app_secret": "test_app_secret",
        "meta_verify_token": "meatyhamhock",
        "meta_page_id": "2",
        "meta_page_token": "page-token",
    }
    return Settings(_env_file=None, **(given | more))  # type: ignore[arg-type]


@pytest.fixture
def x() -> XChannel:
    return x_channel(settings())


@pytest.fixture
def facebook() -> FacebookChannel:
    return facebook_channel(settings())


def test_should_answer_the_crc_as_in_the_worked_example(x: XChannel) -> None:
    answer = x.challenge({"crc_token": "challenge_string"})
    assert answer.status == 200
    assert answer.content_type == "application/json"
    assert answer.body == '{"response_token": "sha256=583uAmerwtjpykYEAEm+CEIRm6dOywK4QKRr0ha/Pd4="}'


def test_should_take_the_signatures_of_the_worked_examples(x: XChannel, facebook: FacebookChannel) -> None:
    x.verify({"X-Twitter-Webhooks-Signature": "sha256=8Cs1utkzlmVX/NfgYoP7UnbTDCceSiHTLsRbpR4cMyA="}, X_BODY)
    digest = "5da47c9c7409e70d7a1851f0cfd9bc27786bd99587a9bf1dd5b51e23a2de03cf"
    facebook.verify({"X-Hub-Signature-256": f"sha256={digest}"}, META_BODY)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "sha256=",
        "8Cs1utkzlmVX/NfgYoP7UnbTDCceSiHTLsRbpR4cMyA=",
        "sha256=8Cs1utkzlmVX/NfgYoP7UnbTDCceSiHTLsRbpR4cMyB=",
        "sha1=8Cs1utkzlmVX",
        "sha256=ü€😀",
        "sha256=\udcff",
    ],
)
def test_should_refuse_any_other_signature(x: XChannel, facebook: FacebookChannel, given: str) -> None:
    with pytest.raises(BadSignature):
        x.verify({"x-twitter-webhooks-signature": given}, X_BODY)
    with pytest.raises(BadSignature):
        facebook.verify({"x-hub-signature-256": given}, META_BODY)


def test_should_refuse_a_delivery_without_signature(x: XChannel, facebook: FacebookChannel) -> None:
    with pytest.raises(BadSignature, match="missing"):
        x.verify({}, X_BODY)
    with pytest.raises(BadSignature, match="missing"):
        facebook.verify({"X-Hub-Signature": "sha1=1"}, META_BODY)


def test_should_refuse_a_body_that_was_changed_by_one_byte(x: XChannel) -> None:
    header = {"x-twitter-webhooks-signature": signatures.x_signature("test_consumer_secret", X_BODY)}
    x.verify(header, X_BODY)
    with pytest.raises(BadSignature):
        x.verify(header, X_BODY + b" ")


@pytest.mark.parametrize("token", [None, "", '{"data":{}}', "a b", "{", "x" * 513, "ü"])
def test_should_sign_no_challenge_that_could_be_a_delivery(x: XChannel, token: str | None) -> None:
    with pytest.raises(MalformedDelivery, match="crc_token"):
        x.challenge({} if token is None else {"crc_token": token})


def test_should_answer_metas_verification_with_the_raw_challenge(facebook: FacebookChannel) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "meatyhamhock"}
    answer = facebook.challenge(query)
    assert (answer.status, answer.body, answer.content_type) == (200, "1158201444", "text/plain")


@pytest.mark.parametrize("token", ["", "wrong", "meatyhamhock ", "ü\udcff"])
def test_should_refuse_a_wrong_verify_token(facebook: FacebookChannel, token: str) -> None:
    with pytest.raises(BadSignature):
        facebook.challenge({"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": token})


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hub.mode": "unsubscribe", "hub.challenge": "1", "hub.verify_token": "meatyhamhock"},
        {"hub.mode": "subscribe", "hub.verify_token": "meatyhamhock"},
        {"hub.mode": "subscribe", "hub.challenge": "1" * 1001, "hub.verify_token": "meatyhamhock"},
    ],
)
def test_should_refuse_a_verification_that_is_none(facebook: FacebookChannel, query: dict[str, str]) -> None:
    with pytest.raises(MalformedDelivery, match="hub"):
        facebook.challenge(query)


def test_should_turn_on_only_channels_whose_settings_are_given() -> None:
    assert sorted(channels_from(settings())) == ["facebook", "x"]
    assert list(channels_from(settings(meta_page_token=""))) == ["x"]
    assert list(channels_from(settings(x_consumer_secret=""))) == ["facebook"]
    assert channels_from(Settings(_env_file=None)) == {}


def test_should_say_what_each_platform_takes(x: XChannel, facebook: FacebookChannel) -> None:
    assert x.public_reply_needs_summons
    assert not facebook.public_reply_needs_summons
    assert (x.account_id, facebook.account_id) == ("1", "2")
