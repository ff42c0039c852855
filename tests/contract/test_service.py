"""The service over a real socket, with the real channels and each database: what is taken, refused, told and logged."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from sqlalchemy import select, text

import bot.service
from bot.brain import BrainUnavailable
from bot.channels.registry import channels_from
from bot.council import load_council
from bot.service import LARGEST_BODY_BYTES, WEBHOOKS, Parts, application
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Account, Base, Case, Conversation, Decision, Message, Person, Reply
from bot.turns import deliver
from tests.contract.conftest import DatabaseUrls
from tests.scripted import TUESDAY_11, ScriptedAdvice, ScriptedBrain, Unmasked, Unwatched
from tests.unit import platform_shapes as shapes
from tests.unit import scripted_platform as stage

X, META = "/webhooks/x", "/webhooks/meta"
SECRETS = {
    "x_consumer_secret": "x-consumer-secret-31",
    "x_access_token": "x-access-token-32",
    "x_access_token_secret": "x-access-token-secret-33",
    "meta_app_secret": "meta-app-secret-34",
    "meta_verify_token": "meta-verify-token-35",
    "meta_page_token": "meta-page-token-36",
    "rasa_token": "rasa-token-37",
}
WORDS = "my neighbour Perpetua of 14 Quince Close is at it again"
ANSWER = "Perpetua, you can report it"

Client = TestClient[Any, Any]


class Brain(ScriptedBrain):
    """A scripted Rasa that can also be down, wait, or fall over."""

    rasa_down = False
    actions_down = False
    falls_over: Exception | None = None
    waits_for: asyncio.Event | None = None
    begun = 0

    async def ask(self, **turn: Any) -> Any:
        self.begun += 1
        if self.waits_for is not None:
            await self.waits_for.wait()
        if self.falls_over is not None:
            raise self.falls_over
        return await super().ask(**turn)

    async def health(self) -> str:
        if self.rasa_down:
            raise BrainUnavailable("Rasa answered 503")
        return await super().health()

    async def actions_health(self, url: str) -> str:
        if self.actions_down:
            raise BrainUnavailable("the action server did not answer: ClientConnectorError")
        return "ok"


@dataclass
class Running:
    """A running service, with a hand on each of its parts."""

    client: Client
    database: Database
    brain: Brain
    platform: stage.Platform
    settings: Settings = field(repr=False)

    async def deliver(
        self,
        path: str,
        document: object,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str]:
        """Deliver as the platform does, signed unless other headers are given; the status and the text."""
        body = shapes.body(document) if raw is None else raw
        signed = self.signed(path, body) if headers is None else headers
        response = await self.client.post(path, data=io.BytesIO(body), headers=signed)
        return response.status, await response.text()

    def signed(self, path: str, body: bytes) -> dict[str, str]:
        # Made here, not by bot.channels.signatures, as the platforms' documentation says.
        if path == X:
            digest = hmac.digest(SECRETS["x_consumer_secret"].encode(), body, hashlib.sha256)
            return {"x-twitter-webhooks-signature": "sha256=" + base64.b64encode(digest).decode()}
        digest = hmac.digest(SECRETS["meta_app_secret"].encode(), body, hashlib.sha256)
        return {"X-Hub-Signature-256": "sha256=" + digest.hex()}

    async def rows(self, table: type[Any]) -> list[Any]:
        async with self.database.transaction() as session:
            return list(await session.scalars(select(table)))

    async def stored(self) -> dict[str, int]:
        """How many rows there are, of those tables that have any."""
        counts = {}
        async with self.database.transaction() as session:
            for table in Base.metadata.sorted_tables:
                if count := len((await session.execute(select(table))).all()):
                    counts[table.name] = count
        return counts

    async def turned(self, messages: int = 1) -> list[Message]:
        """The messages received, once the turns of all of them have ended."""
        async with asyncio.timeout(20):
            while True:
                rows: list[Message] = [row for row in await self.rows(Message) if row.direction == "in"]
                if len(rows) >= messages and all(row.finished_at for row in rows):
                    return rows
                await asyncio.sleep(0.03)

    def sent(self) -> list[Any]:
        """What reached the platform's sending end."""
        return [called.document for called in self.platform.calls if called.method == "POST"]

    async def figure(self, name: str) -> float:
        """A figure from /metrics; 0 when it is not there."""
        lines = (await (await self.client.get("/metrics")).text()).splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), 0.0)


def settings_for(platform: str, folder: Path, turns: DatabaseUrls, *, off: str = "") -> Settings:
    given: dict[str, Any] = {
        "data_dir": folder,
        "database_url": turns.url,
        "x_api_url": platform,
        "x_user_id": "" if off == "x" else shapes.US,
        "x_handle": shapes.HANDLE,
        "x_consumer_key": "x-consumer-key",
        "meta_api_url": platform,
        "meta_page_id": "" if off == "facebook" else shapes.PAGE,
        "meta_app_id": shapes.APP,
    }
    given |= {name: SecretStr(value) for name, value in SECRETS.items()}
    return Settings(_env_file=None, **given)  # type: ignore[call-arg]


def taken(number: int) -> stage.Reply:
    """What either platform answers to a send, and to the question who we are."""
    return stage.Reply(
        document={
            "data": {"dm_event_id": f"90{number}", "id": shapes.US, "username": shapes.HANDLE},
            "message_id": f"m_out_{number}",
            "id": shapes.PAGE,
            "name": "Milford City Council",
        }
    )


@asynccontextmanager
async def running(database_url: DatabaseUrls, folder: Path, *, off: str = "") -> AsyncIterator[Running]:
    """One service; DBOS is global to a process, so there is one at a time and it stops before the next."""
    async with stage.scripted_platform() as platform:
        platform.replies = [taken(number) for number in range(40)]
        settings = settings_for(platform.address, folder, database_url, off=off)
        database, brain = Database(database_url.records), Brain()
        parts = Parts(
            settings=settings,
            council=load_council(),
            database=database,
            brain=brain,  # type: ignore[arg-type]
            channels={str(name): channel for name, channel in channels_from(settings).items()},
            now=lambda: TUESDAY_11,
            personal=Unmasked(),
            watch=Unwatched(),
            advice=ScriptedAdvice(),
        )
        async with TestClient(TestServer(application(parts))) as client:
            yield Running(client, database, brain, platform, settings)


@pytest.fixture
async def service(database_url: DatabaseUrls, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as service:
        yield service


@pytest.fixture
async def lean(tmp_path: Path) -> AsyncIterator[Running]:
    """A service over SQLite alone, for what no database has a part in."""
    async with running(DatabaseUrls(f"sqlite:///{tmp_path / 'signpost.sqlite'}"), tmp_path) as service:
        yield service


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "PAUSES_SECONDS", (0.05,) * 4)
    monkeypatch.setattr(deliver, "LOOK_AFTER_SECONDS", 0.05)


def x_dm(said: str = "pothole on Mill Lane", message_id: str = "5001", event: str = "-77001") -> Any:
    return shapes.activity(
        "dm.received", shapes.dms(shapes.dm(said, message_id=message_id)), event_uuid=event
    )


ONE_OF_EACH = [
    pytest.param(X, x_dm(), "900000000000000001", id="x"),
    pytest.param(META, shapes.message("pothole on Mill Lane"), "105000000000001", id="meta"),
]


# --- deliveries ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "document", "account"), ONE_OF_EACH)
async def test_should_take_store_and_answer_a_signed_message(
    service: Running, path: str, document: Any, account: str
) -> None:
    assert await service.deliver(path, document) == (200, '{"received": 1, "known": 0}')

    [message] = await service.turned()
    assert message.text == "pothole on Mill Lane"
    assert [row.external_id for row in await service.rows(Account)] == [account]
    [sent] = service.sent()
    assert "Answer to pothole on Mill Lane" in json.dumps(sent)
    [reply] = await service.rows(Reply)
    assert reply.state == "sent"


@pytest.mark.parametrize(("path", "document", "account"), ONE_OF_EACH)
async def test_should_know_a_delivery_that_comes_again_and_answer_once(
    service: Running, path: str, document: Any, account: str
) -> None:
    await service.deliver(path, document)
    assert await service.deliver(path, document) == (200, '{"received": 0, "known": 1}')
    await service.turned()
    assert await service.deliver(path, document) == (200, '{"received": 0, "known": 1}')

    assert len(service.brain.asked) == len(service.sent()) == 1
    assert len([row for row in await service.rows(Message) if row.direction == "in"]) == 1


async def test_should_store_once_and_answer_once_when_a_delivery_comes_many_times_at_once(
    service: Running,
) -> None:
    answers = await asyncio.gather(*(service.deliver(X, x_dm()) for _ in range(8)))

    assert [status for status, _ in answers] == [200] * 8
    assert sum(json.loads(said)["received"] for _, said in answers) == 1
    await service.turned()
    assert len(service.sent()) == 1


async def test_should_have_stored_the_message_when_it_says_200_whatever_rasa_does(service: Running) -> None:
    service.brain.waits_for = asyncio.Event()
    assert (await service.deliver(X, x_dm()))[0] == 200

    [message] = await service.rows(Message)
    assert (message.text, message.finished_at) == ("pothole on Mill Lane", None)
    assert service.sent() == []
    service.brain.waits_for.set()
    await service.turned()
    assert len(service.sent()) == 1


async def test_should_not_say_200_to_what_could_not_be_stored(service: Running) -> None:
    async with service.database.transaction() as session:
        await session.execute(text("ALTER TABLE messages RENAME COLUMN text TO gone"))
    status, _ = await service.deliver(X, x_dm())
    async with service.database.transaction() as session:
        await session.execute(text("ALTER TABLE messages RENAME COLUMN gone TO text"))

    assert status == 500
    assert await service.stored() == {}
    # The platform delivers again, and nothing is lost.
    assert await service.deliver(X, x_dm()) == (200, '{"received": 1, "known": 0}')
    await service.turned()


def test_should_go_on_with_what_was_taken_when_the_service_starts_again(
    database_url: DatabaseUrls, tmp_path: Path
) -> None:
    async def first_run() -> None:
        async with running(database_url, tmp_path) as service:
            service.brain.waits_for = asyncio.Event()
            assert (await service.deliver(X, x_dm()))[0] == 200
            while not service.brain.begun:
                await asyncio.sleep(0.01)

    async def second_run() -> None:
        async with running(database_url, tmp_path) as service:
            await service.turned()
            assert await service.deliver(X, x_dm()) == (200, '{"received": 0, "known": 1}')
            assert len(service.sent()) == 1
            assert [row.outcome for row in await service.rows(Decision)] == ["signposted"]
            assert await service.rows(Case) == []

    # Each in a loop of its own, as in a process of its own: DBOS shuts the loop's threads when it stops.
    asyncio.run(first_run())
    asyncio.run(second_run())


async def test_should_take_what_no_database_can_store(service: Running) -> None:
    odd = "a\x00b\ud800c 👨‍👩‍👧‍👦 \u202egnirts"
    assert (await service.deliver(X, x_dm(odd)))[0] == 200
    [message] = await service.turned()
    assert message.text == "a\ufffdb\ufffdc 👨‍👩‍👧‍👦 \u202egnirts"


async def test_should_take_all_messages_of_a_batch_in_their_order(service: Running) -> None:
    batch = shapes.entry()
    batch["entry"] = [
        shapes.messaging(sender=f"{number}", message={"mid": f"m_{number}", "text": f"text {number}"})[
            "entry"
        ][0]
        for number in range(1, 9)
    ]
    assert await service.deliver(META, batch) == (200, '{"received": 8, "known": 0}')
    messages = await service.turned(8)
    assert [row.text for row in sorted(messages, key=lambda row: row.id)] == [
        f"text {n}" for n in range(1, 9)
    ]


@pytest.mark.parametrize(("path", "document", "account"), ONE_OF_EACH)
async def test_should_refuse_a_wrong_signature_and_store_nothing(
    service: Running, path: str, document: Any, account: str
) -> None:
    body = shapes.body(document)
    [(name, right)] = service.signed(path, body).items()
    refused: dict[str, dict[str, str]] = {
        "missing": {},
        "of another body": service.signed(path, body + b" "),
        "of the other platform": {name: service.signed(META if path == X else X, body).popitem()[1]},
        "under another name": {"X-Signature": right},
        "empty": {name: ""},
        "cut": {name: right[:-1]},
        "nonsense": {name: "sha256=é"},
    }
    for wrong, headers in refused.items():
        status, said = await service.deliver(path, document, headers=headers)
        assert status == 401, wrong
        assert name.lower() in said and right not in said, wrong
    assert await service.stored() == {}
    assert service.brain.asked == []
    channel = WEBHOOKS[path]
    counted = await service.figure(f'signpost_deliveries_total{{channel="{channel}",status="401"}}')
    assert counted == len(refused)


async def test_should_say_what_is_wrong_with_a_signed_body_that_is_no_object(service: Running) -> None:
    wrong = [
        (b"", "JSON"),
        (b"hello", "JSON"),
        (b"\xff\xfe", "UTF-8: byte 0"),
        (b"[]", "$"),
        (b"null", "$"),
        (b"5", "$"),
    ]
    for path in WEBHOOKS:
        for raw, said in [*wrong, (b"[" * 50_000, ""), (b'{"a":' * 50_000, "")]:
            status, answer = await service.deliver(path, None, raw=raw)
            assert status == 400, (path, raw[:20], answer)
            assert said in answer and 0 < len(answer) < 300, (path, raw[:20], answer)
    assert await service.stored() == {}


async def test_should_say_what_is_missing_and_where_and_store_nothing(service: Running) -> None:
    for path, document, said in (
        (X, {"hello": WORDS}, "no event of X's"),
        (X, {"data": {}}, "$.data.event_type is missing"),
        (X, x_dm(WORDS, message_id=""), "direct_message_events[0].id is missing"),
        (X, shapes.activity("dm.received", shapes.dms(shapes.dm(WORDS, sender=""))), "sender_id is missing"),
        (META, {"object": "page"}, "$.entry is missing"),
        (META, shapes.messaging(message={"text": WORDS}), "messaging[0].message.mid is missing"),
        (META, shapes.messaging(sender="", message={"mid": "m", "text": WORDS}), "sender.id is missing"),
    ):
        status, answer = await service.deliver(path, document)
        assert status == 400, answer
        assert said in answer
        assert "Perpetua" not in answer
    assert await service.stored() == {}


async def test_should_store_nothing_of_a_delivery_that_is_wrong_in_one_place(service: Running) -> None:
    good, bad = shapes.dm(message_id="5001"), shapes.dm(message_id="")
    status, _ = await service.deliver(X, shapes.activity("dm.received", shapes.dms(good, bad)))
    assert status == 400
    assert await service.stored() == {}


async def test_should_take_and_pass_over_events_that_are_not_for_it(service: Running) -> None:
    for path, document in (
        (X, shapes.activity("profile.update.bio", {"anything": 1})),
        (X, shapes.activity("a.kind.of.tomorrow", {"anything": [1]})),
        (X, {"for_user_id": shapes.US, "favorite_events": [{"id": "1"}]}),
        (META, shapes.entry(changes=[{"field": "ratings", "value": 5}])),
        (META, shapes.entry(changes=[{"field": "ratings", "value": {"review": "x" * 900}}] * 1_000)),
        (META, shapes.messaging(read={"watermark": 1})),
        (META, {"object": "instagram", "entry": "anything"}),
    ):
        assert await service.deliver(path, document) == (200, '{"received": 0, "known": 0}')
    assert await service.stored() == {}


async def test_should_take_a_megabyte(service: Running) -> None:
    said = "pothole " * 131_072
    service.brain.answers = {said: {"replies": []}, said.strip(): {"replies": []}}
    for document, path in ((x_dm(said), X), (shapes.message(said), META)):
        assert await service.deliver(path, document) == (200, '{"received": 1, "known": 0}')
    assert [message.text.strip() for message in await service.turned(2)] == [said.strip()] * 2


async def test_should_refuse_what_is_too_large_and_go_on(service: Running) -> None:
    raw = b'{"padding": "' + b"x" * LARGEST_BODY_BYTES + b'"}'
    for path, document in ((X, x_dm()), (META, shapes.message())):
        assert (await service.deliver(path, None, raw=raw))[0] == 413
        assert (await service.deliver(path, document))[0] == 200
    assert {message.text for message in await service.turned(2)} == {"pothole on Mill Lane", "hello"}


# --- challenges and channels -----------------------------------------------------------------------------------------


async def got(service: Running, path: str, query: dict[str, str]) -> tuple[ClientResponse, str]:
    response = await service.client.get(path, params=query)
    return response, await response.text()


async def test_should_prove_to_x_that_the_webhook_is_ours(lean: Running) -> None:
    response, said = await got(lean, X, {"crc_token": "challenge-1"})
    digest = hmac.digest(SECRETS["x_consumer_secret"].encode(), b"challenge-1", hashlib.sha256)
    assert (response.status, response.content_type) == (200, "application/json")
    assert json.loads(said) == {"response_token": "sha256=" + base64.b64encode(digest).decode()}


async def test_should_sign_nothing_for_who_is_not_x(lean: Running) -> None:
    for query in ({}, {"crc_token": ""}, {"crc_token": '{"data": {}}'}, {"crc_token": "a" * 600}):
        response, said = await got(lean, X, query)
        assert response.status == 400
        assert "crc_token" in said and "sha256" not in said


META_ASKS = {
    "hub.mode": "subscribe",
    "hub.verify_token": SECRETS["meta_verify_token"],
    "hub.challenge": "1158201444",
}


async def test_should_give_meta_its_challenge_back_as_text_that_no_browser_runs(lean: Running) -> None:
    for challenge in ("1158201444", "<script>alert(1)</script>"):
        response, said = await got(lean, META, META_ASKS | {"hub.challenge": challenge})
        assert (response.status, response.content_type, said) == (200, "text/plain", challenge)


async def test_should_give_who_is_not_meta_no_challenge_back(lean: Running) -> None:
    for changed, status in (
        ({"hub.verify_token": "guess"}, 403),
        ({"hub.verify_token": ""}, 403),
        ({"hub.verify_token": "é"}, 403),
        ({"hub.mode": "unsubscribe"}, 400),
        ({"hub.challenge": ""}, 400),
    ):
        response, said = await got(lean, META, META_ASKS | changed)
        assert response.status == status, changed
        assert "1158201444" not in said and SECRETS["meta_verify_token"] not in said


@pytest.mark.parametrize(("name", "path"), [(name, path) for path, name in WEBHOOKS.items()])
async def test_should_not_know_the_webhook_of_a_channel_that_is_off(
    tmp_path: Path, name: str, path: str
) -> None:
    database_url = DatabaseUrls(f"sqlite:///{tmp_path / 'signpost.sqlite'}")
    async with running(database_url, tmp_path, off=name) as service:
        document = x_dm() if path == X else shapes.message()
        status, said = await service.deliver(path, document)
        assert (status, name in said) == (404, True)
        assert (await got(service, path, META_ASKS | {"crc_token": "a"}))[0].status == 404
        assert await service.stored() == {}
        on = next(each for each in WEBHOOKS.values() if each != name)
        report = await (await service.client.get("/readyz")).json()
        assert report["status"] == "ready"
        assert report["channels"][name] == {"ok": False, "detail": "off: not configured"}
        assert report["channels"][on]["ok"] is True


async def test_should_have_no_other_doors(lean: Running) -> None:
    for method, path, status in (
        ("PUT", X, 405),
        ("DELETE", META, 405),
        ("POST", "/healthz", 405),
        ("GET", "/webhooks/other", 404),
        ("GET", "/", 404),
    ):
        assert (await lean.client.request(method, path)).status == status, (method, path)


# --- how it is -------------------------------------------------------------------------------------------------------


async def test_should_be_alive_and_ready_part_by_part(service: Running) -> None:
    alive = await service.client.get("/healthz")
    assert (alive.status, await alive.json()) == (200, {"status": "ok"})
    ready = await service.client.get("/readyz")
    report = await ready.json()
    assert (ready.status, report["status"]) == (200, "ready")
    assert report["parts"] == {
        "database": {"ok": True, "detail": service.database.dialect},
        "rasa": {"ok": True, "detail": "scripted-1"},
        "actions": {"ok": True, "detail": "ok"},
    }
    assert {name: channel["ok"] for name, channel in report["channels"].items()} == {
        "x": True,
        "facebook": True,
    }


async def test_should_not_be_ready_and_name_the_part_that_is_down(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise ConnectionError("postgresql://signpost:pass-38@db refused")

    for part in ("database", "rasa", "actions"):
        service.brain.rasa_down = part == "rasa"
        service.brain.actions_down = part == "actions"
        with monkeypatch.context() as patch:
            if part == "database":
                patch.setattr(service.database, "check", broken)
            ready = await service.client.get("/readyz")
        report = await ready.json()
        assert (ready.status, report["status"]) == (503, "not ready")
        assert [name for name, found in report["parts"].items() if not found["ok"]] == [part]
        assert report["parts"][part]["detail"]
        assert "pass-38" not in json.dumps(report)
        assert (await service.client.get("/healthz")).status == 200


async def test_should_say_that_a_part_does_not_answer_instead_of_waiting_for_it(
    lean: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.service, "CHECK_WITHIN_SECONDS", 0.1)

    async def hangs() -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr(lean.database, "check", hangs)
    async with asyncio.timeout(5):
        ready = await lean.client.get("/readyz")
    assert ready.status == 503
    assert (await ready.json())["parts"]["database"] == {"ok": False, "detail": "no answer: TimeoutError"}


async def test_should_stay_ready_when_only_the_platforms_are_down(lean: Running) -> None:
    for reply in (
        stage.Reply(401, {"errors": [{"code": 89}]}),
        stage.Reply(503, {}),
        stage.Reply(breaks=True),
        stage.Reply(text="oops"),
    ):
        lean.platform.replies = [reply]
        ready = await lean.client.get("/readyz")
        report = await ready.json()
        assert (ready.status, report["status"]) == (200, "ready")
        for channel in report["channels"].values():
            assert channel["ok"] is False and channel["detail"], reply
        assert not any(secret in json.dumps(report) for secret in SECRETS.values())


async def test_should_count_deliveries_and_messages(service: Running) -> None:
    await service.deliver(X, x_dm())
    await service.deliver(X, x_dm())
    await service.deliver(X, {"hello": 1})
    await service.deliver(X, x_dm(), headers={})
    await service.deliver(META, shapes.message())
    await service.turned(2)

    assert await service.figure('signpost_deliveries_total{channel="x",status="200"}') == 2
    assert await service.figure('signpost_deliveries_total{channel="x",status="400"}') == 1
    assert await service.figure('signpost_deliveries_total{channel="x",status="401"}') == 1
    assert await service.figure('signpost_messages_total{channel="x"}') == 1
    assert await service.figure('signpost_messages_total{channel="facebook"}') == 1
    assert await service.figure("signpost_accept_seconds_count") == 5
    response = await service.client.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=")


# --- what the log holds ----------------------------------------------------------------------------------------------


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """The log at the level that settings give, with DBOS's, which has handlers of its own."""
    caplog.set_level(Settings.model_fields["log_level"].default)
    for name in ("dbos", "alembic", "aiohttp.access"):  # as bot.service.main has it
        caplog.set_level(logging.WARNING, logger=name)
    dbos = logging.getLogger("dbos")
    dbos.addHandler(caplog.handler)
    yield caplog
    dbos.removeHandler(caplog.handler)


def must_hold_nothing_private(log: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> str:
    """The whole log, tracebacks included; fails when it holds a resident's words, an id of theirs or a secret."""
    printed = capfd.readouterr()
    said = f"{log.text}\n{printed.out}\n{printed.err}"
    private = ["Perpetua", "Quince", shapes.THEM, shapes.PSID, "Person 2", "user02", *SECRETS.values()]
    for each in private:
        lines = [line for line in said.splitlines() if each in line]
        assert not lines, f"{each} is in the log: {lines[0][:300]}"
    return said


async def whole_turns(service: Running, expected: int = 2) -> None:
    service.brain.answers[WORDS] = {"replies": [{"text": ANSWER}], "slots": {"place": "14 Quince Close"}}
    await service.deliver(X, x_dm(WORDS))
    await service.deliver(META, shapes.message(WORDS))
    await service.turned(expected)


async def test_should_log_nothing_private_in_a_turn_that_goes_well(
    service: Running, everything_logged: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    await whole_turns(service)
    assert len(service.sent()) == 2
    must_hold_nothing_private(everything_logged, capfd)


async def test_should_log_nothing_private_when_rasa_and_the_platforms_fail_on_the_way(
    service: Running,
    short_pauses: None,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    service.brain.outages = 2
    refusals = [
        stage.Reply(503, {"detail": WORDS, "error": {"message": WORDS, "code": 2}}),
        stage.Reply(500, {"detail": WORDS, "error": {"message": WORDS, "code": 1}}),
    ]
    service.platform.replies = [*refusals, *(taken(number) for number in range(20))]
    await whole_turns(service)

    assert len(service.sent()) >= 4
    said = must_hold_nothing_private(everything_logged, capfd)
    assert "was not sent at attempt 1" in said


async def test_should_log_nothing_private_when_a_platform_refuses_for_good(
    service: Running,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    refusal = {
        "title": "Forbidden",
        "detail": WORDS,
        "error": {"message": WORDS, "code": 10, "error_subcode": 2018278},
    }
    service.platform.replies = [stage.Reply(403, refusal)]
    await whole_turns(service)

    assert {case.queue for case in await service.rows(Case)} == {"unsent"}
    must_hold_nothing_private(everything_logged, capfd)


async def test_should_log_nothing_private_when_understanding_fails_for_good(
    service: Running,
    monkeypatch: pytest.MonkeyPatch,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("bot.turns.workflow.ANSWER_PAUSE_SECONDS", 0.001)
    service.brain.falls_over = BrainUnavailable("Rasa answered 503")
    await whole_turns(service)

    assert {row.outcome for row in await service.rows(Decision)} == {"failed_handed_over"}
    assert {case.queue for case in await service.rows(Case)} == {"failed"}
    said = must_hold_nothing_private(everything_logged, capfd)
    assert "failed for good" in said


async def test_should_log_nothing_private_when_the_database_refuses_a_delivery(
    service: Running, everything_logged: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    async with service.database.transaction() as session:
        await session.execute(text("ALTER TABLE messages RENAME COLUMN text TO gone"))
    assert (await service.deliver(X, x_dm(WORDS)))[0] == 500
    assert (await service.deliver(META, shapes.message(WORDS)))[0] == 500

    said = must_hold_nothing_private(everything_logged, capfd)
    assert "Error" in said


async def test_should_log_nothing_private_when_the_database_refuses_an_answer(
    service: Running,
    monkeypatch: pytest.MonkeyPatch,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("bot.turns.workflow.ANSWER_PAUSE_SECONDS", 0.001)
    async with service.database.transaction() as session:
        await session.execute(text("ALTER TABLE replies RENAME COLUMN text TO gone"))
    await whole_turns(service)

    said = must_hold_nothing_private(everything_logged, capfd)
    assert "failed for good" in said
    assert {case.queue for case in await service.rows(Case)} == {"failed"}


async def test_should_log_nothing_private_when_it_refuses_a_delivery(
    service: Running, everything_logged: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    await service.deliver(X, x_dm(WORDS), headers={})
    await service.deliver(X, x_dm(WORDS, message_id=""))
    await service.deliver(META, None, raw=WORDS.encode())
    await got(service, META, META_ASKS | {"hub.verify_token": SECRETS["meta_verify_token"] + "x"})
    must_hold_nothing_private(everything_logged, capfd)


async def test_should_leave_no_words_behind_of_people_it_does_not_know(service: Running) -> None:
    """A refusal leaves no trace of the person either."""
    await service.deliver(X, x_dm(WORDS), headers={})
    assert await service.rows(Person) == await service.rows(Conversation) == []
