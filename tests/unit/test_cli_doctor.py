"""What `./signpost doctor` and `./signpost cases` say, and that neither shows a secret."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bot.commands import cases, doctor
from bot.environments import ROOT, Finding
from bot.run.prepare import prepare_database
from bot.settings import Settings

X = {
    "SIGNPOST_X_USER_ID": "1",
    "SIGNPOST_X_CONSUMER_KEY": "k",
    "SIGNPOST_X_CONSUMER_SECRET": "s3cret",
    "SIGNPOST_X_ACCESS_TOKEN": "t0ken",
    "SIGNPOST_X_ACCESS_TOKEN_SECRET": "s3cret",
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the project, without this machine's settings, environments, model and accounts."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(doctor, "findings", list)
    monkeypatch.setattr(doctor, "_model", lambda: Finding("ok", "model", "there"))
    monkeypatch.setattr(doctor, "_accounts", lambda _: [])
    for name in [name for name in doctor.given_settings() if name.startswith("SIGNPOST_")]:
        monkeypatch.delenv(name, raising=False)


def examine(tmp_path: Path, capsys: pytest.CaptureFixture[str], port: int = 0) -> tuple[int, str]:
    code = doctor.examine(port or _free(), tmp_path / "var")
    return code, capsys.readouterr().out


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_should_find_all_in_order_with_the_sandbox(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, shown = examine(tmp_path, capsys)
    assert code == 0, shown
    assert "off      X " in shown
    assert "off      Facebook " in shown
    assert shown.endswith("All is in order.\n")


def test_should_name_the_setting_that_a_channel_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in X.items():
        monkeypatch.setenv(name, value)
    assert "ok       X " in examine(tmp_path, capsys)[1]
    monkeypatch.delenv("SIGNPOST_X_CONSUMER_SECRET")
    code, shown = examine(tmp_path, capsys)
    assert code == 1
    assert "wrong    X              begun but not on: SIGNPOST_X_CONSUMER_SECRET missing" in shown
    assert "s3cret" not in shown
    assert "t0ken" not in shown


def test_should_ask_for_the_rest_of_the_way_of_signing_in_that_was_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"USER_ID": "1", "CONSUMER_SECRET": "s3cret", "CLIENT_ID": "c"}.items():
        monkeypatch.setenv(f"SIGNPOST_X_{name}", value)
    assert "begun but not on: SIGNPOST_X_REFRESH_TOKEN missing" in examine(tmp_path, capsys)[1]


def test_should_name_a_bad_value_without_showing_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNPOST_DATABASE_URL", "mysql://root:hunter2@db/x")
    code, shown = examine(tmp_path, capsys)
    assert code == 1
    assert (
        "wrong    settings       SIGNPOST_DATABASE_URL must begin with sqlite:/// or postgresql://" in shown
    )
    assert "hunter2" not in shown


def test_should_say_that_the_database_does_not_answer_without_its_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNPOST_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/x")
    code, shown = examine(tmp_path, capsys)
    assert code == 1
    assert "wrong    database       postgresql+psycopg://u:***@127.0.0.1:1/x cannot be used" in shown
    assert "hunter2" not in shown


def test_should_see_that_the_tables_are_up_to_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "var").mkdir(mode=0o700)
    prepare_database(Settings(data_dir=tmp_path / "var", database_url=""))
    assert "tables up to date (0" in examine(tmp_path, capsys)[1]


def test_should_say_that_a_port_is_taken_and_by_whom_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = int(holder.getsockname()[1])
        code, shown = examine(tmp_path, capsys, port)
    assert code == 1
    assert f"port {port}" in shown
    assert "taken by another program, so the service cannot have it" in shown


def test_should_warn_when_others_may_look_into_the_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var").chmod(0o755)
    assert "chmod 700 it" in examine(tmp_path, capsys)[1]


def test_should_say_that_there_are_no_records_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cases.list_all(tmp_path, every=False, as_json=False) == 1
    assert capsys.readouterr().err == f"signpost: there are no records in {tmp_path} yet.\n"
    assert list(tmp_path.iterdir()) == []


def test_should_list_cases_and_say_that_one_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare_database(Settings(data_dir=tmp_path, database_url=""))
    assert cases.list_all(tmp_path, every=False, as_json=False) == 0
    assert capsys.readouterr().out == "No open cases.\n"
    assert cases.list_all(tmp_path, every=True, as_json=True) == 0
    assert capsys.readouterr().out == "[]\n"
    assert cases.close_one(tmp_path, 7) == 1
    assert capsys.readouterr().err == "signpost: there is no open case 7.\n"
