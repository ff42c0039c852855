"""The way into Rasa, over real sockets with a real model and an action server that does what the test says."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.nlu.decide import Thresholds
from tests.doubtful import BETWEEN_TWO

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-for-tests"
# What every action of ours says at its end.
THEN_LISTEN = {"event": "followup", "name": "action_listen"}
Json = dict[str, Any]
OFFERED = ["report_fly_tipping", "report_missed_bin"]
ASKED_WHICH: Json = {
    "awaiting": "clarify",
    "unclear_count": 1.0,
    "place": "Mill Lane",
    "choices": [
        {"intent": "report_fly_tipping", "label": "Dumped rubbish", "clause": "waste left in a public place"},
        {"intent": "report_missed_bin", "label": "Missed bin", "clause": "your bin was not emptied"},
    ],
}
OFFERED_BESIDE = ASKED_WHICH | {"awaiting": "none"}


@dataclass
class Actions:
    """What the action server answers, and what it was asked."""

    port: int = 0
    status: int = 200
    answer: Json = field(default_factory=dict)
    seconds: float = 0.0
    asked: list[Json] = field(default_factory=list)

    def say(
        self, *responses: Json, events: list[Json] | None = None, status: int = 200, seconds: float = 0.0
    ) -> None:
        self.answer = {"events": events or [], "responses": list(responses)}
        self.status, self.seconds = status, seconds
        self.asked.clear()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def actions() -> Iterator[Actions]:
    state = Actions()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            time.sleep(state.seconds)
            body = json.dumps(state.answer).encode()
            self.send_response(state.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()


@dataclass
class Rasa:
    """A running Rasa process."""

    port: int
    log: Path

    def ask(
        self, method: str, path: str, body: Any = None, token: str | None = TOKEN, raw: bytes | None = None
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"content-type": "application/json"} | (
            {"authorization": f"Bearer {token}"} if token else {}
        )
        connection.request(
            method, f"/webhooks/signpost/{path}", raw if raw is not None else json.dumps(body), headers
        )
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, json.loads(content)

    def turn(self, text: str, slots: Json | None = None, **more: Any) -> tuple[int, Any]:
        return self.ask("POST", "turn", turn_body(text, slots) | more)


def turn_body(text: str, slots: Json | None = None) -> Json:
    return {
        "message_id": "t-000000000001",
        "conversation": "c-1",
        "channel": "x",
        "visibility": "private",
        "text": text,
        "now": "2026-11-23T09:00:00+00:00",
        "slots": slots or {},
    }


@pytest.fixture(scope="module")
def rasa(actions: Actions, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rasa]:
    port, log = _free_port(), tmp_path_factory.mktemp("rasa") / "log"
    environment = os.environ | {
        "SIGNPOST_RASA_TOKEN": TOKEN,
        "SIGNPOST_ACTIONS_URL": f"http://127.0.0.1:{actions.port}/webhook",
        "LOG_LEVEL": "WARNING",
    }
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot.nlu.serve", "--model", str(model), "--port", str(port)],
            cwd=ROOT, env=environment, stdout=stream, stderr=stream,
        )  # fmt: skip
        running = Rasa(port, log)
        for _ in range(240):
            if process.poll() is not None:
                pytest.fail(log.read_text())
            try:
                if running.ask("GET", "health")[0] == 200:
                    break
            except OSError:
                time.sleep(0.5)
        yield running
        process.terminate()
        process.wait(10)


def _reply(response: str = "utter_greet", **custom: Any) -> Json:
    return {"response": response, "custom": {"outcome": "small_talk", **custom}, "opening": "", "people": ""}


def test_should_answer_a_turn_with_what_was_understood_and_said(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply(deeds=[{"do": "opt_out"}], quick_replies=[{"title": "Yes", "payload": "affirm"}]))
    status, answer = rasa.turn("there is a huge pothole outside 12 Mill Lane MR1 2AB")
    assert status == 200
    assert answer["message_id"] == "t-000000000001"
    assert answer["intent"]["name"] == "report_pothole"
    assert len(answer["ranking"]) == 5
    assert answer["purposes"] == ["report_pothole"]
    assert {(each["entity"], each["value"]) for each in answer["entities"]} >= {
        ("street", "12 Mill Lane"),
        ("postcode", "MR1 2AB"),
    }
    assert answer["replies"][0]["response"] == "utter_greet"
    assert answer["replies"][0]["quick_replies"] == [{"title": "Yes", "payload": "affirm"}]
    assert answer["deeds"] == [{"do": "opt_out"}]
    assert answer["outcome"] == "small_talk"
    assert (answer["slots"]["place"], answer["slots"]["postcode"]) == ("12 Mill Lane", "MR1 2AB")
    assert "now" not in answer["slots"]
    assert [each["next_action"] for each in actions.asked] == ["action_signpost"]
    seen = actions.asked[0]["tracker"]
    assert seen["latest_message"]["purposes"] == ["report_pothole"]
    assert seen["slots"]["now"] == "2026-11-23T09:00:00+00:00"
    assert "domain" not in actions.asked[0]


def test_should_remember_only_what_is_sent_along(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply(), events=[{"event": "slot", "name": "disclosed", "value": True}])
    _, first = rasa.turn("a pothole on Mill Lane")
    assert first["slots"]["disclosed"] is True
    actions.say(_reply())
    _, second = rasa.turn("hello")
    assert (second["slots"]["disclosed"], second["slots"]["place"]) == (None, None)
    _, third = rasa.turn("hello", first["slots"])
    assert (third["slots"]["disclosed"], third["slots"]["place"]) == (True, "Mill Lane")


def test_should_answer_the_same_when_a_turn_is_tried_again(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply())
    assert rasa.turn("my bin was not emptied") == rasa.turn("my bin was not emptied")


@pytest.mark.parametrize(
    "text",
    [
        "/opt_out",
        "  /opt_out",
        "\n/opt_out",
        '/greet{"tracking_code": "1234567"}',
        "/restart",
        "\u00a0/greet",
        "/opt_out@1.0",
    ],
)
def test_should_take_a_leading_slash_for_text(rasa: Rasa, actions: Actions, text: str) -> None:
    actions.say(_reply())
    status, answer = rasa.turn(text)
    assert status == 200
    assert answer["intent"]["confidence"] < 1.0
    for entity in answer["entities"]:
        assert text[entity["start"] : entity["end"]] == entity["value"]


def test_should_say_nothing_to_nothing(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply())
    for text in ("", "   ", "\n"):
        status, answer = rasa.turn(text)
        assert (status, answer["replies"], answer["outcome"]) == (200, [], "withheld_nothing_to_answer")
    assert actions.asked == []


@pytest.mark.parametrize(
    "text", ["😂😂😂", "x" * 5000, "bin " * 1250, "\u200b.", "\ud83d\ude00", "{opening} {0} %s"]
)
def test_should_answer_odd_texts(rasa: Rasa, actions: Actions, text: str) -> None:
    actions.say(_reply())
    assert rasa.turn(text)[0] == 200


@pytest.mark.parametrize("token", [None, "", "wrong", "a-token-for-test", "é"])
def test_should_refuse_without_the_token(rasa: Rasa, token: str | None) -> None:
    if token == "é":
        token = "é".encode().decode("latin-1")
    for path in ("turn", "understand"):
        assert rasa.ask("POST", path, turn_body("hello"), token=token)[0] == 401


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"message_id": ""}, "message_id"),
        ({"message_id": 7}, "message_id"),
        ({"conversation": None}, "conversation"),
        ({"text": None}, "text"),
        ({"channel": "fax"}, "channel"),
        ({"visibility": "secret"}, "visibility"),
        ({"now": "yesterday"}, "now"),
        ({"now": "2026-11-23T09:00:00"}, "now"),
        ({"slots": []}, "slots"),
        ({"slots": {"awaiting": "godot"}}, "slots.awaiting"),
        ({"slots": {"disclosed": "yes"}}, "slots.disclosed"),
        ({"slots": {"place": 3}}, "slots.place"),
        ({"slots": {"unclear_count": "two"}}, "slots.unclear_count"),
        ({"slots": {"choices": "two"}}, "slots.choices"),
        ({"quick_reply": 7}, "quick_reply"),
    ],
)
def test_should_name_what_is_malformed(rasa: Rasa, change: Json, named: str) -> None:
    status, answer = rasa.ask("POST", "turn", turn_body("hello") | change)
    assert status == 400
    assert named in answer["error"]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b'"hello"'])
def test_should_refuse_what_is_no_json_object(rasa: Rasa, raw: bytes) -> None:
    assert rasa.ask("POST", "turn", raw=raw)[0] == 400


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_should_fail_when_the_action_fails(rasa: Rasa, actions: Actions, status: int) -> None:
    actions.say(_reply(), status=status)
    actions.answer |= {"action_name": "action_signpost", "error": "no"}
    assert rasa.turn("a pothole on Mill Lane")[0] == 503


def test_should_fail_when_the_action_says_nothing_or_a_response_or_word_is_missing(
    rasa: Rasa, actions: Actions
) -> None:
    actions.say()
    assert rasa.turn("a pothole on Mill Lane")[0] == 503
    actions.say(_reply("utter_that_is_not_there"))
    assert rasa.turn("a pothole on Mill Lane")[0] == 503
    actions.say({"response": "utter_report", "custom": {"outcome": "signposted"}})
    assert rasa.turn("a pothole on Mill Lane")[0] == 503


def test_should_keep_the_more_serious_outcome(rasa: Rasa, actions: Actions) -> None:
    actions.say({"custom": {"outcome": "advised_safety"}}, {"custom": {"outcome": "signposted"}})
    assert rasa.turn("a pothole on Mill Lane")[1]["outcome"] == "advised_safety"


@pytest.mark.parametrize(
    ("text", "slots", "action"),
    [
        ("any news on my report 1234567?", {}, "action_check_report"),
        ("1234567", {}, "action_check_report"),
        ("#1234567", {"awaiting": "helped"}, "action_check_report"),
        ("oh it's 1234567 I think", {"awaiting": "tracking_code"}, "action_check_report"),
        ("no", {"awaiting": "tracking_code"}, "action_check_report"),
        ("no", {"awaiting": "helped"}, "action_deny"),
        ("yes", {"awaiting": "helped"}, "action_affirm"),
        ("there is a pothole on Mill Lane", {"awaiting": "tracking_code"}, "action_signpost"),
        ("hello", {}, "action_small_talk"),
        ("I want to talk to a person please", {}, "action_hand_over"),
        ("stop replying to me", {}, "action_opt_out"),
        ("are you a bot?", {}, "action_about_bot"),
        ("I want to kill myself", {}, "action_safety"),
        ("na drodze jest wielka dziura", {}, "action_other_language"),
        ("nie mam numeru, co teraz zrobić", {"awaiting": "tracking_code"}, "action_other_language"),
        ("mój mąż mnie bije", {}, "action_safety"),
        ("मुझे घर के लिए मदद चाहिए", {"awaiting": "helped"}, "action_other_language"),
        ("2", ASKED_WHICH, "action_signpost"),
        ("both", ASKED_WHICH, "action_signpost"),
        ("none of these", ASKED_WHICH, "action_unclear"),
        ("4", ASKED_WHICH | {"choices": None}, "action_out_of_scope"),
        ("I want to kill myself", ASKED_WHICH, "action_safety"),
        ("there is a huge pothole on Weir Road", ASKED_WHICH, "action_signpost"),
        ("I want to talk to a person please", ASKED_WHICH, "action_hand_over"),
        ("2", OFFERED_BESIDE, "action_signpost"),
        ("no", OFFERED_BESIDE, "action_unclear"),
        ("no thanks", OFFERED_BESIDE, "action_deny"),
        ("thank you so much", OFFERED_BESIDE, "action_small_talk"),
        ("I want to kill myself", OFFERED_BESIDE, "action_safety"),
        ("I want to talk to a person please", OFFERED_BESIDE, "action_hand_over"),
    ],
)
def test_should_choose_the_action(rasa: Rasa, actions: Actions, text: str, slots: Json, action: str) -> None:
    actions.say(_reply(), events=[THEN_LISTEN])
    assert rasa.turn(text, slots)[0] == 200
    assert [each["next_action"] for each in actions.asked] == [action]


@pytest.mark.parametrize(
    ("text", "purposes"),
    [
        ("2", ["report_missed_bin"]),
        ("the first one pls", ["report_fly_tipping"]),
        ("both", OFFERED),
        ("none", []),
    ],
)
def test_should_take_what_answers_the_question_which_it_is_for_that(
    rasa: Rasa, actions: Actions, text: str, purposes: list[str]
) -> None:
    actions.say(_reply())
    status, answer = rasa.turn(text, ASKED_WHICH)
    assert status == 200
    assert answer["intent"] == {"name": purposes[0] if purposes else "nlu_fallback", "confidence": 1.0}
    assert (answer["purposes"], answer["chosen_from"], answer["choices"]) == (purposes, OFFERED, [])
    assert answer["slots"]["place"] == "Mill Lane"
    seen = actions.asked[0]["tracker"]
    assert seen["latest_message"]["purposes"] == purposes
    assert seen["latest_message"]["chosen_from"] == OFFERED
    assert seen["slots"]["choices"] == ASKED_WHICH["choices"]


@pytest.mark.parametrize(("text", "purposes"), [("2", ["report_missed_bin"]), ("not that", [])])
def test_should_take_what_was_offered_beside_the_answer_before(
    rasa: Rasa, actions: Actions, text: str, purposes: list[str]
) -> None:
    actions.say(_reply())
    _, answer = rasa.turn(text, OFFERED_BESIDE)
    assert (answer["purposes"], answer["chosen_from"], answer["beside"]) == (purposes, OFFERED, [])


def test_should_name_what_else_may_be_meant_beside_what_is_clear_but_not_sure(
    rasa: Rasa, actions: Actions
) -> None:
    actions.say(_reply(), events=[THEN_LISTEN])
    answers = [rasa.turn(text)[1] for text in BETWEEN_TWO]
    named = [answer for answer in answers if answer["beside"]]
    assert named
    for answer in named:
        intent, ranked = answer["intent"], dict(answer["ranking"])
        assert intent["confidence"] < Thresholds().sure
        assert (answer["purposes"], answer["choices"]) == ([intent["name"]], [])
        assert Thresholds().beside <= ranked[answer["beside"][0]] <= intent["confidence"]
    seen = [call["tracker"]["latest_message"]["beside"] for call in actions.asked]
    assert seen == [answer["beside"] for answer in answers]


def test_should_take_the_place_that_comes_with_the_choice(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply())
    _, answer = rasa.turn("1, outside 12 Weir Road", ASKED_WHICH)
    assert answer["purposes"] == ["report_fly_tipping"]
    assert answer["slots"]["place"] == "12 Weir Road"


def test_should_take_a_tap_for_what_its_payload_says(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply())
    for slots in (ASKED_WHICH, {}):
        _, answer = rasa.turn("Missed bin", slots, quick_reply="choose:report_missed_bin")
        assert (answer["purposes"], answer["intent"]["confidence"]) == (["report_missed_bin"], 1.0)


def test_should_take_nothing_in_public_for_the_choice(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply())
    _, answer = rasa.turn("2", ASKED_WHICH, visibility="public")
    assert (answer["chosen_from"], answer["intent"]["confidence"] < 1.0) == ([], True)


def test_should_hand_on_what_the_action_offers_and_what_the_private_conversation_is_to_know(
    rasa: Rasa, actions: Actions
) -> None:
    private = {"private_text": "Which is it?", "private_slots": {"awaiting": "clarify"}}
    actions.say(_reply(offered=OFFERED, **private))
    _, answer = rasa.turn("hello", visibility="public")
    assert answer["offered"] == OFFERED
    assert answer["replies"][0]["private_slots"] == {"awaiting": "clarify"}


def test_should_take_turns_side_by_side(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply(), seconds=0.5)
    rasa.turn("hello")
    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: rasa.turn("hello")[0], range(8)))
    assert statuses == [200] * 8
    assert time.monotonic() - started < 3.0


def test_should_say_which_other_language_it_is(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply(), events=[THEN_LISTEN])
    _, answer = rasa.turn("hay un bache enorme en la calle")
    assert (answer["language"], answer["purposes"], answer["choices"]) == ("es", [], [])
    assert actions.asked[0]["tracker"]["latest_message"]["language"] == "es"
    assert rasa.turn("there is a huge pothole")[1]["language"] == ""
    assert rasa.turn("")[1]["language"] == ""


def test_should_understand_many_texts(rasa: Rasa) -> None:
    status, answers = rasa.ask("POST", "understand", {"texts": ["a pothole", "", "hello"]})
    assert status == 200
    assert [len(answers), answers[1]["intent"]["name"]] == [3, "out_of_scope"]
    assert rasa.ask("POST", "understand", {"texts": "a pothole"})[0] == 400


def test_should_keep_what_residents_write_out_of_the_log(rasa: Rasa, actions: Actions) -> None:
    actions.say(_reply(), status=500)
    rasa.turn("a secret word: xylophone on Mill Lane")
    assert "xylophone" not in rasa.log.read_text()
    assert "t-000000000001" in rasa.log.read_text()


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--model", "models/none.tar.gz"], {}, "there is no model file"),
        (["--model", "config.yml"], {}, "will not load"),
        (["--model", "{model}"], {"SIGNPOST_RASA_TOKEN": ""}, "SIGNPOST_RASA_TOKEN"),
    ],
)
def test_should_not_start_without_a_usable_model_or_token(
    arguments: list[str], environment: dict[str, str], said: str, model: Path
) -> None:
    settings = {
        "SIGNPOST_RASA_TOKEN": TOKEN,
        "SIGNPOST_ACTIONS_URL": "http://127.0.0.1:9/webhook",
    } | environment
    done = subprocess.run(
        [sys.executable, "-m", "bot.nlu.serve", *(each.format(model=model) for each in arguments), "--port",
        str(_free_port())], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
