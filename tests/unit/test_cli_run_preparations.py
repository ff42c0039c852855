"""What `run` checks and prepares before the first process is started."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.council import load_council
from bot.environments import ROOT
from bot.run import keys, livemodel, prepare
from bot.run.errors import RunError
from bot.run.livemodel import ModelError, ensure_model, live_model, sources_sha256
from bot.run.plan import ChildPlan, Ports, plans
from bot.run.ports import INTERNAL, choose, is_free
from bot.run.prepare import make_data_dir, prepare_database, real_accounts, sole_user, without_unknown
from bot.settings import Settings

PORTS = Ports(service=8080, sandbox=8081, rasa=20_001, actions=20_002)
REAL = {
    "SIGNPOST_X_CONSUMER_SECRET": "real-secret",
    "SIGNPOST_META_PAGE_TOKEN": "real-token",
    "SIGNPOST_DATABASE_URL": "postgresql://council:real-password@db/signpost",
    "SIGNPOST_OPEN311_URL": "https://report.example/open311",
    "SIGNPOST_NOW": "2026-12-25T03:00:00+00:00",
}


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


# --- ports -----------------------------------------------------------------------------------------------------------


def test_should_refuse_a_taken_port_in_one_sentence(taken: int) -> None:
    with pytest.raises(RunError, match=f"^port {taken} is taken: stop what uses it"):
        choose(taken, sandbox=True)


def test_should_name_the_sandbox_when_its_port_is_taken(taken: int) -> None:
    with pytest.raises(RunError, match=f"^port {taken}, which the sandbox takes, is taken"):
        choose(taken - 1, sandbox=True)
    assert choose(taken - 1, sandbox=False).sandbox is None


def test_should_have_a_port_left_for_the_sandbox() -> None:
    with pytest.raises(RunError, match="the port after 65535"):
        choose(65_535, sandbox=True)


def test_should_pick_inner_ports_that_nothing_else_is_given(taken: int) -> None:
    assert not is_free(taken)
    chosen = choose(_free(), sandbox=False)
    assert {chosen.rasa, chosen.actions} < set(INTERNAL)
    assert chosen.rasa != chosen.actions


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- the data directory ----------------------------------------------------------------------------------------------


def test_should_make_the_data_directory_for_this_user_alone(tmp_path: Path) -> None:
    make_data_dir(tmp_path / "new" / "var")
    assert stat.S_IMODE((tmp_path / "new" / "var").stat().st_mode) == 0o700


def test_should_say_that_the_data_directory_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(RunError, match="cannot be written to"):
        make_data_dir(tmp_path / "var")


def test_should_refuse_a_second_run_on_one_data_directory(tmp_path: Path) -> None:
    with (
        sole_user(tmp_path),
        pytest.raises(RunError, match=r"another \./signpost run uses"),
        sole_user(tmp_path),
    ):
        raise AssertionError("two at once")
    with sole_user(tmp_path):
        pass


def test_should_make_keys_once_and_for_this_user_alone(tmp_path: Path) -> None:
    first = keys.load_or_make(tmp_path)
    assert keys.load_or_make(tmp_path) == first
    assert set(first) == set(keys.NAMES)
    assert len(set(first.values())) == len(first)
    assert stat.S_IMODE((tmp_path / keys.FILE).stat().st_mode) == 0o600


def test_should_make_only_the_keys_that_are_missing(tmp_path: Path) -> None:
    (tmp_path / keys.FILE).write_text(json.dumps({"SIGNPOST_RASA_TOKEN": "kept"}))
    assert keys.load_or_make(tmp_path)["SIGNPOST_RASA_TOKEN"] == "kept"


@pytest.mark.parametrize("content", ["{", "[1]", "null"])
def test_should_say_what_to_do_when_the_keys_are_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / keys.FILE).write_text(content)
    with pytest.raises(RunError, match="delete it, and new ones are made"):
        keys.load_or_make(tmp_path)


# --- the database ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["postgresql://u:hunter2@127.0.0.1:1/x", "postgresql://u:hunter2@127.0.0.1:port/x"]
)
def test_should_say_that_the_database_is_not_there_without_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(RunError, match=r"^the database .* cannot be used: ") as failed:
        prepare_database(Settings(data_dir=tmp_path, database_url=url))
    assert "hunter2" not in str(failed.value)
    assert "\n" not in str(failed.value)


def test_should_make_the_tables(tmp_path: Path) -> None:
    prepare_database(Settings(data_dir=tmp_path, database_url=""))
    assert (tmp_path / "signpost.sqlite").stat().st_size > 0


# --- settings and environments of the processes ----------------------------------------------------------------------


@pytest.fixture
def no_dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(prepare, "ROOT", tmp_path)
    for name in [name for name in prepare.os.environ if name.startswith("SIGNPOST_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_should_let_the_environment_win_over_the_file(
    no_dotenv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (no_dotenv / ".env").write_text(
        "SIGNPOST_LOG_LEVEL=DEBUG\nSIGNPOST_NOW=\nOTHER=1\nSIGNPOST_X_HANDLE=FromFile\n"
    )
    monkeypatch.setenv("SIGNPOST_LOG_LEVEL", "ERROR")
    assert prepare.given_settings() == {"SIGNPOST_LOG_LEVEL": "ERROR", "SIGNPOST_X_HANDLE": "FromFile"}


def test_should_notice_a_misspelt_setting() -> None:
    assert without_unknown({"SIGNPOST_X_USER": "1", "SIGNPOST_X_USER_ID": "1"}) == ["SIGNPOST_X_USER"]


def test_should_notice_credentials_of_real_accounts() -> None:
    assert not real_accounts(Settings(_env_file=None))  # type: ignore[call-arg]
    assert real_accounts(Settings(_env_file=None, meta_page_token="token"))  # type: ignore[call-arg, arg-type]


def planned(tmp_path: Path, sandbox: bool) -> dict[str, ChildPlan]:
    ports = PORTS if sandbox else Ports(PORTS.service, None, PORTS.rasa, PORTS.actions)
    council = load_council(ROOT / "council.yml")
    made = plans(REAL, keys.load_or_make(tmp_path), council, ports, tmp_path, tmp_path / "model.tar.gz")
    return {each.name: each for each in made}


def test_should_start_what_others_need_first(tmp_path: Path) -> None:
    assert list(planned(tmp_path, sandbox=True)) == ["actions", "rasa", "sandbox", "service"]
    assert list(planned(tmp_path, sandbox=False)) == ["actions", "rasa", "service"]


def test_should_use_the_look_alikes_and_nothing_of_the_real_accounts_with_the_sandbox(tmp_path: Path) -> None:
    children = planned(tmp_path, sandbox=True)
    for child in (children["service"], children["sandbox"]):
        assert "real-secret" not in child.environment.values()
        assert "real-token" not in child.environment.values()
    service, sandbox = children["service"].environment, children["sandbox"].environment
    assert service["SIGNPOST_X_API_URL"] == "http://127.0.0.1:8081/x"
    assert service["SIGNPOST_META_API_URL"] == "http://127.0.0.1:8081/graph"
    assert service["SIGNPOST_REPORTING_URL"] == "http://127.0.0.1:8081/report"
    assert service["SIGNPOST_X_HANDLE"] == load_council(ROOT / "council.yml").handles.x
    shared = [name for name in sandbox if name.startswith("SIGNPOST_X_")]
    assert shared
    assert all(service[name] == sandbox[name] for name in shared)
    assert (
        children["actions"].environment["SIGNPOST_OPEN311_URL"] == "http://127.0.0.1:8081/report/open311/v2"
    )


def test_should_use_the_real_accounts_without_the_sandbox(tmp_path: Path) -> None:
    service = planned(tmp_path, sandbox=False)["service"].environment
    assert REAL.items() <= service.items()


@pytest.mark.parametrize("sandbox", [True, False])
def test_should_give_nobody_a_secret_that_it_has_no_use_for(tmp_path: Path, sandbox: bool) -> None:
    children = planned(tmp_path, sandbox)
    allowed = {
        "rasa": {"SIGNPOST_RASA_TOKEN", "SIGNPOST_ACTIONS_URL", "SIGNPOST_NOW"},
        "actions": {
            "SIGNPOST_OPEN311_URL",
            "SIGNPOST_OPEN311_JURISDICTION",
            "SIGNPOST_REPORTING_URL",
            "SIGNPOST_NOW",
        },
    }
    for name, names in allowed.items():
        assert {each for each in children[name].environment if each.startswith("SIGNPOST_")} <= names
    assert children["rasa"].environment["SIGNPOST_NOW"] == REAL["SIGNPOST_NOW"]
    assert children["rasa"].environment["RASA_TELEMETRY_ENABLED"] == "false"
    assert children["rasa"].environment["LOG_LEVEL"] == "WARNING"
    token = children["service"].environment["SIGNPOST_RASA_TOKEN"]
    assert token == children["rasa"].environment["SIGNPOST_RASA_TOKEN"]
    assert not any(token in " ".join(child.command) for child in children.values())
    if sandbox:
        assert "SIGNPOST_DATABASE_URL" not in children["sandbox"].environment


# --- the live model --------------------------------------------------------------------------------------------------


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    for name, value in {"ROOT": tmp_path, "MODELS": folder, "REGISTER": folder / "live.json"}.items():
        monkeypatch.setattr(livemodel, name, value)
    (tmp_path / "config.yml").write_text("pipeline: []\n")
    return folder


def train_nothing(models: Path, monkeypatch: pytest.MonkeyPatch, code: int = 0) -> list[str]:
    """Instead of the training: writes the files that it leaves."""
    trained: list[str] = []

    def run_tool(command: list[str], *_: object) -> int:
        name = command[command.index("--name") + 1]
        trained.append(name)
        if code == 0:
            model = models / f"{name}.tar.gz"
            model.write_bytes(name.encode())
            facts = {
                "model": name,
                "sha256": livemodel.hashlib.sha256(name.encode()).hexdigest(),
                "intents": 95,
            }
            (models / f"{name}.json").write_text(json.dumps(facts))
        return code

    monkeypatch.setattr(livemodel, "run_tool", run_tool)
    return trained


def test_should_train_when_there_is_no_model_and_only_then(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = train_nothing(models, monkeypatch)
    assert live_model() is None
    path = ensure_model()
    assert path == models / f"{trained[0]}.tar.gz"
    assert ensure_model() == path
    assert len(trained) == 1


def test_should_go_on_with_the_old_model_and_say_so_when_its_words_changed(
    models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = train_nothing(models, monkeypatch)
    ensure_model()
    before = sources_sha256()
    (models.parent / "domain.yml").write_text("intents: [other]\n")
    assert sources_sha256() != before
    ensure_model()
    assert len(trained) == 1
    assert "going on with it (./signpost train makes a new one)" in capsys.readouterr().err
    ensure_model(current=True)
    assert len(trained) == 2


def test_should_train_by_itself_when_the_pipeline_or_a_component_changed_but_not_what_only_judges(
    models: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = train_nothing(models, monkeypatch)
    components = models.parent / "bot" / "nlu"
    components.mkdir(parents=True)
    (components / "ensemble.py").write_text("one = 1\n")
    ensure_model()
    (components / "evaluate.py").write_text("two = 2\n")
    ensure_model()
    assert len(trained) == 1
    (components / "ensemble.py").write_text("one = 2\n")
    ensure_model()
    assert len(trained) == 2
    (models.parent / "config.yml").write_text("pipeline: [other]\n")
    ensure_model()
    assert len(trained) == 3
    assert "training a model, since the pipeline has changed" in capsys.readouterr().err


def test_should_refuse_a_damaged_model(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train_nothing(models, monkeypatch)
    path = ensure_model()
    path.write_bytes(b"half")
    with pytest.raises(ModelError, match="is damaged; "):
        ensure_model()
    path.unlink()
    with pytest.raises(ModelError, match=r"cannot be read \(No such file or directory\)"):
        ensure_model()


@pytest.mark.parametrize("content", ["", "{}", '{"model": 1}'])
def test_should_refuse_a_damaged_register(models: Path, content: str) -> None:
    (models / "live.json").write_text(content)
    with pytest.raises(ModelError, match=r"live\.json cannot be read"):
        live_model()


def test_should_keep_the_live_model_when_a_training_fails(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train_nothing(models, monkeypatch)
    path = ensure_model()
    train_nothing(models, monkeypatch, code=1)
    with pytest.raises(ModelError, match="the training failed"):
        livemodel.train()
    assert ensure_model() == path
