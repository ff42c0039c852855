"""The house rules about the project itself: what it promises it has, and what it must not hold it has not."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, get_args

import pytest
from aiohttp import web
from alembic.config import Config
from alembic.script import ScriptDirectory
from ruamel.yaml import YAML

from actions.answering import Outcome as ActionOutcome
from bot import cli
from bot.brain import Deed
from bot.channels.base import ChannelName
from bot.council import load_council
from bot.directory import load_directory
from bot.service import WEBHOOKS, Parts, application
from bot.settings import Settings
from bot.store.database import MIGRATIONS, Database
from bot.turns.outcomes import Outcome
from tests.scripted import TUESDAY_11, ScriptedAdvice, ScriptedBrain, Unmasked, Unwatched

ROOT = Path(__file__).resolve().parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENV_EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
TEXT = {
    ".py",
    ".yml",
    ".yaml",
    ".toml",
    ".md",
    ".txt",
    ".in",
    ".html",
    ".js",
    ".css",
    ".mako",
    ".service",
    "",
}
READ_ELSEWHERE = {"SIGNPOST_PYTHON": "signpost", "SIGNPOST_VECTOR_CACHE": "bot/nlu/encoder.py"}
"""Variables that are no settings of the service, and who reads them."""
ONLY_FOR_TESTS = {"SIGNPOST_TEST_MODEL"}


@cache
def files() -> tuple[Path, ...]:
    """The project's files: all that .gitignore does not leave out. Needs no git: an archive will do."""
    ignored = [
        line.strip()
        for line in _read(ROOT / ".gitignore").splitlines()
        if line.strip() and line[0] not in "#!"
    ]
    at_the_top = [pattern.strip("/").removesuffix("/*") for pattern in ignored if pattern.startswith("/")] + [
        ".git"
    ]
    anywhere = [pattern.strip("/") for pattern in ignored if not pattern.startswith("/")]

    def walk(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            name = str(path.relative_to(ROOT))
            if name in at_the_top or any(fnmatch(path.name, pattern) for pattern in anywhere):
                continue
            if path.is_dir():
                yield from walk(path)
            else:
                yield path

    return tuple(walk(ROOT))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def texts() -> Iterator[tuple[str, str]]:
    """The name and the words of every text file, but for this one, which must name what it looks for."""
    for path in files():
        if path.suffix in TEXT and path != Path(__file__).resolve():
            yield str(path.relative_to(ROOT)), _read(path)


def modules() -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in texts() if name.endswith(".py"))


def lines_with(pattern: str, found_in: Iterator[tuple[str, str]], flags: int = 0) -> list[str]:
    expression = re.compile(pattern, flags)
    return [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in found_in
        for number, line in enumerate(text.splitlines(), 1)
        if expression.search(line)
    ]


def section(heading: str) -> str:
    """What stands under a heading of the README."""
    _, _, rest = README.partition(f"\n## {heading}\n")
    assert rest, f"README.md has no section {heading!r}"
    return rest.partition("\n## ")[0]


@cache
def yaml(name: str) -> Any:
    return YAML(typ="safe").load((ROOT / name).read_text(encoding="utf-8"))


@cache
def intents() -> frozenset[str]:
    return frozenset(yaml("domain.yml")["intents"])


def test_should_look_at_all_files() -> None:
    names = {str(path.relative_to(ROOT)) for path in files()}
    assert {
        "README.md",
        "bot/service.py",
        ".env.example",
        "data/nlu/waste.yml",
        "signpost",
        ".ci/run",
    } <= names
    assert not [
        name for name in names if name.startswith((".git/", ".venv", "var/")) or "__pycache__" in name
    ]


# --- settings --------------------------------------------------------------------------------------------------------


def settings_names() -> set[str]:
    return {f"SIGNPOST_{name.upper()}" for name in Settings.model_fields}


def example_names() -> list[str]:
    return re.findall(r"^#?(SIGNPOST_[A-Z0-9_]+)=", ENV_EXAMPLE, re.MULTILINE)


def test_should_have_every_setting_in_the_example_and_no_others() -> None:
    names = example_names()
    assert len(names) == len(set(names))
    assert set(names) - READ_ELSEWHERE.keys() == settings_names()


@pytest.mark.parametrize(("name", "reader"), READ_ELSEWHERE.items())
def test_should_read_what_the_example_offers_besides(name: str, reader: str) -> None:
    assert name in example_names()
    assert name in _read(ROOT / reader)


def test_should_explain_each_setting_in_the_example() -> None:
    """Settings that belong together share the comment above them; none stands alone."""
    for block in ENV_EXAMPLE.split("\n\n"):
        lines = block.strip().splitlines()
        if any(re.match(r"#?SIGNPOST_", line) for line in lines):
            assert re.match(r"# \S.{10,}", lines[0]), block


def test_should_set_nothing_by_being_copied() -> None:
    assert [line for line in ENV_EXAMPLE.splitlines() if line.strip() and not line.startswith("#")] == []


def test_should_show_the_real_defaults_in_the_example() -> None:
    shown = dict(re.findall(r"^#(SIGNPOST_[A-Z0-9_]+)=(.+)$", ENV_EXAMPLE, re.MULTILINE))
    for name, field in Settings.model_fields.items():
        example = shown.get(f"SIGNPOST_{name.upper()}")
        if example is not None and name != "now":
            assert str(field.default).rstrip("/").lower() == example.rstrip("/").lower(), name


def test_should_know_every_setting_that_is_spoken_of() -> None:
    known = settings_names() | READ_ELSEWHERE.keys() | ONLY_FOR_TESTS
    for name, text in texts():
        if name.startswith("tests/"):
            continue
        spoken_of = set(re.findall(r"\bSIGNPOST_[A-Z0-9]+(?:_[A-Z0-9]+)*\b(?!_)", text))
        assert spoken_of <= known, f"{name}: {spoken_of - known}"


def test_should_point_to_the_example_from_the_readme() -> None:
    assert "[.env.example](.env.example) explains each" in README


# --- commands --------------------------------------------------------------------------------------------------------


def test_should_have_every_command_in_the_readme_and_the_other_way_round() -> None:
    table = "\n".join(line for line in section("Start").splitlines() if line.startswith("| `./signpost"))
    there = set(cli.COMMANDS) - set(cli.LATER)
    assert set(re.findall(r"\./signpost (\w+)", table)) == there


def test_should_have_every_command_in_the_help_and_the_other_way_round() -> None:
    listed, _, later = cli.DESCRIPTION.partition("Not there yet:")
    assert set(re.findall(r"^  (\w+)  ", listed, re.MULTILINE)) == set(cli.COMMANDS) - set(cli.LATER)
    assert set(re.findall(r"\w+", later)) == set(cli.LATER)


def test_should_say_in_the_readme_which_commands_are_not_there_yet() -> None:
    told = re.search(
        r"^(.*) (?:is|are) known to the command and says? that (?:it is|they are) not there yet",
        README,
        re.MULTILINE,
    )
    assert set(re.findall(r"`(\w+)`", told[1] if told else "")) == set(cli.LATER)


def test_should_give_the_same_options_in_the_readme_as_in_the_help() -> None:
    for line in section("Start").splitlines():
        command = re.match(r"\| `\./signpost (\w+)", line)
        if command is None:
            continue
        options = set(re.findall(r"--[a-z-]+", line))
        help_text = cli.parser()._subparsers._group_actions[0].choices[command[1]].format_help()  # type: ignore[union-attr,index]
        assert options <= set(re.findall(r"--[a-z-]+", help_text)), line


# --- dependencies ----------------------------------------------------------------------------------------------------


def requirements(name: str) -> Iterator[tuple[str, bool]]:
    """The names in a requirements/*.in, and whether a comment above explains them; the first comment is the file's."""
    explained = False
    for number, line in enumerate(_read(ROOT / "requirements" / name).splitlines()):
        if line.startswith("#"):
            explained = number > 0
        elif match := re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line):
            yield match[0].lower(), explained


def explained_in_the_readme() -> set[str]:
    rows = re.findall(r"^\| ([^|]+) \| [^|]{5,} \|$", section("Why these dependencies"), re.MULTILINE)
    return {re.sub(r" \(.*\)", "", name).strip() for row in rows for name in row.split(",")}


@pytest.mark.parametrize("name", ["service.in", "rasa.in", "uv.in"])
def test_should_say_why_each_dependency_is_there(name: str) -> None:
    missing = [
        each for each, comment in requirements(name) if not comment and each not in explained_in_the_readme()
    ]
    assert not missing


def test_should_explain_no_dependency_that_is_not_there() -> None:
    named = {name for path in (ROOT / "requirements").glob("*.in") for name, _ in requirements(path.name)}
    assert explained_in_the_readme() - named <= {"scikit-learn"}  # Rasa's own bound names it
    assert "scikit-learn" in named


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_should_lock_everything_with_hashes_and_from_nowhere_in_particular(path: Path) -> None:
    text = _read(path)
    assert "://" not in text
    assert not re.search(
        r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host)\b", text, re.MULTILINE
    )
    if path.name == "rasa-overrides.txt":
        return
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n?", "", text, flags=re.MULTILINE).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z0-9,-]+\])?==\S+", entry, re.IGNORECASE), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]


def test_should_lock_all_that_is_asked_for() -> None:
    for path in sorted((ROOT / "requirements").glob("*.in")):
        locked = _read(path.with_suffix(".txt")).lower()
        for name, _ in requirements(path.name):
            spelt = re.sub(r"[-_.]", "[-_.]", name)
            assert re.search(rf"^{spelt}(\[|==)", locked, re.MULTILINE), (path.name, name)


# --- what no file may hold -------------------------------------------------------------------------------------------


def test_should_begin_every_module_with_its_subject() -> None:
    for name, text in modules():
        if name.endswith("__init__.py") and not text.strip():
            continue
        first = text.splitlines()[0]
        docstring = ast.get_docstring(ast.parse(text)) or ""
        assert first.startswith('"""') and len(docstring.splitlines()[0]) > 15, f"{name}: {first!r}"


def test_should_name_no_package_registry() -> None:
    hosts = (
        "pypi.org",
        "pythonhosted",
        "piwheels",
        "npmjs",
        "conda.anaconda",
        "download.pytorch",
        "huggingface.co",
    )
    assert lines_with("|".join(map(re.escape, hosts)), texts(), re.IGNORECASE) == []


def test_should_hold_no_path_of_a_machine() -> None:
    assert lines_with(r"(?<![\w.~-])/(?:work|root|home|Users|mnt|workspace)/", texts()) == []


def test_should_leave_nothing_to_do() -> None:
    assert lines_with(r"\b(?:TODO|FIXME|XXX|HACK|WIP)\b", texts()) == []


def test_should_say_nothing_of_how_it_was_written() -> None:
    assert lines_with(r"<<<<<<<|>>>>>>>|^=======$", texts()) == []


def test_should_pass_over_no_error_without_a_word() -> None:
    """An error that is caught for nothing is lost; but for where the very next statement raises one that says more."""
    found = []
    for name, text in modules():
        for block in blocks(ast.parse(text)):
            for statement, following in zip_longest(block, block[1:]):
                if isinstance(statement, ast.Try) and not isinstance(following, ast.Raise):
                    lost = [handler for handler in statement.handlers if says_nothing(handler)]
                    found += [f"{name}:{handler.lineno}" for handler in lost]
    assert found == []


def blocks(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield value


def says_nothing(handler: ast.ExceptHandler) -> bool:
    empty = (isinstance(each, ast.Pass) or _is_constant(each) for each in handler.body)
    return handler.type is None or all(empty)


def _is_constant(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def test_should_have_no_module_for_everything() -> None:
    names = {Path(name).stem for name, _ in modules()} | {path.parent.name for path in files()}
    assert not names & {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}


def test_should_hold_no_secret() -> None:
    # Keys as their makers shape them: X's bearer, Meta's page token, private keys.
    shapes = r"AAAAAAAAAAAAAAAAAAAAA[\w%]{20,}|\bEAA[A-Za-z0-9]{40,}|-----BEGIN [A-Z ]*PRIVATE KEY"
    assert lines_with(shapes, texts()) == []


def calls(text: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))


def test_should_print_only_where_people_read_it() -> None:
    """The service logs; only commands and programs of their own print."""
    people_read = ("bot/commands/", "bot/run/", "bot/nlu/", "bench/", "sandbox/", "tests/")
    printing = {
        name
        for name, text in modules()
        if not name.startswith(people_read)
        and any(isinstance(call.func, ast.Name) and call.func.id == "print" for call in calls(text))
    }
    listing = "bot/cases/listing.py"  # ./signpost cases
    assert printing <= {"bot/cli.py", "bot/environments.py", "bot/service.py", "actions/__main__.py", listing}


def test_should_log_constant_sentences() -> None:
    """A message that is put together may hold a resident's words; the fields say what varies."""
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    put_together = [
        f"{name}:{call.lineno}"
        for name, text in modules()
        for call in calls(text)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in levels
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in {"log", "logger", "logging"}
        and not (call.args and isinstance(call.args[0], ast.Constant))
    ]
    assert put_together == []


# --- Rasa's files ----------------------------------------------------------------------------------------------------


def test_should_give_every_intent_examples_a_rule_and_a_destination() -> None:
    trained = {
        entry["intent"]
        for path in sorted((ROOT / "data" / "nlu").glob("*.yml"))
        for entry in yaml(str(path.relative_to(ROOT)))["nlu"]
        if "intent" in entry
    }
    assert trained == intents()
    directory = load_directory(
        load_council(ROOT / "council.yml"), ROOT / "data" / "directory.yml", ROOT / "domain.yml"
    )
    assert set(directory.destinations) == intents()
    assert set(ruled()) - {"nlu_fallback"} == intents()  # Rasa's own, when no intent is sure enough


def ruled() -> dict[str, list[str]]:
    """The actions that the rules give each intent by itself: whatever is awaited, whatever else was found in it."""
    found: dict[str, list[str]] = {}
    for rule in yaml("data/rules.yml")["rules"]:
        first, *then = rule["steps"]
        if "condition" in rule:
            continue
        for each in first.get("or", [first]):
            if "intent" in each and "entities" not in each:
                found.setdefault(each["intent"], []).extend(
                    step["action"] for step in then if "action" in step
                )
    return found


def test_should_give_every_intent_exactly_one_action() -> None:
    several = {intent: actions for intent, actions in ruled().items() if len(set(actions)) != 1}
    assert not several


def test_should_declare_exactly_the_actions_that_are_there() -> None:
    classes = "\n".join(text for name, text in modules() if name.startswith("actions/"))
    declared = set(yaml("domain.yml")["actions"])
    used = {action for actions in ruled().values() for action in actions}
    assert used <= declared
    for action in declared:
        assert f'"{action}"' in classes, action


def test_should_tell_only_stories_of_intents_and_actions_that_are_there() -> None:
    for story in yaml("data/stories.yml")["stories"]:
        for step in story["steps"]:
            for each in step.get("or", [step]):
                assert each.get("intent", "greet") in intents(), story["story"]
            assert step.get("action", "action_signpost") in yaml("domain.yml")["actions"], story["story"]


def test_should_count_every_outcome_that_actions_give() -> None:
    assert set(get_args(ActionOutcome)) <= set(Outcome)


def test_should_give_in_actions_only_outcomes_that_are_named() -> None:
    given = set()
    for name, text in modules():
        if name.startswith("actions/"):
            given |= set(re.findall(r'\bAnswer\(\s*"(\w+)"', text))
    assert given and given <= set(get_args(ActionOutcome))


def test_should_do_every_deed_that_actions_ask_for() -> None:
    known = {each for deed in get_args(Deed) for each in get_args(deed.model_fields["do"].annotation)}
    asked_for = set()
    for name, text in modules():
        if name.startswith("actions/"):
            asked_for |= set(re.findall(r'"do": "(\w+)"', text))
    assert asked_for and asked_for <= known


def test_should_say_every_response_that_is_there_and_have_every_response_that_is_said() -> None:
    """What is put together from parts, `utter_part_by_…` for example, counts by the words before the first gap."""
    responses = set(yaml("domain.yml")["responses"])
    literal: set[str] = set()
    shaped: list[re.Pattern[str]] = []
    for name, text in modules():
        if not name.startswith("actions/"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"
                    for part in node.values
                ]
                if parts[0].startswith("utter_"):
                    shaped.append(re.compile("".join(parts)))
            elif (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"utter_\w+[a-z]", node.value)
            ):
                literal.add(node.value)
    assert literal - responses == set()
    unused = {each for each in responses - literal if not any(pattern.fullmatch(each) for pattern in shaped)}
    assert unused <= {f"{each}_public" for each in literal}, unused


# --- the service -----------------------------------------------------------------------------------------------------


def test_should_have_a_webhook_for_each_channel() -> None:
    assert sorted(WEBHOOKS.values()) == sorted(str(name) for name in ChannelName)


def test_should_route_exactly_what_is_promised(tmp_path: Path) -> None:
    parts = Parts(
        settings=Settings(_env_file=None),  # type: ignore[call-arg]
        council=load_council(ROOT / "council.yml"),
        database=Database(f"sqlite+aiosqlite:///{tmp_path / 'signpost.sqlite'}"),
        brain=ScriptedBrain(),  # type: ignore[arg-type]
        channels={},
        now=lambda: TUESDAY_11,
        personal=Unmasked(),
        watch=Unwatched(),
        advice=ScriptedAdvice(),
    )
    app: web.Application = application(parts)
    routes = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    webhooks = {(method, path) for method in ("GET", "HEAD", "POST") for path in WEBHOOKS}
    others = {(method, path) for method in ("GET", "HEAD") for path in ("/healthz", "/readyz", "/metrics")}
    assert routes == webhooks | others


def test_should_tell_of_each_webhook_in_the_readme() -> None:
    for path in WEBHOOKS:
        assert f"https://your-host{path}" in README


def test_should_have_one_line_of_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]


def test_should_name_every_folder_that_the_readme_speaks_of() -> None:
    table = README[README.index("| Folder |") : README.index("A module imports only")]
    for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", row):
            assert (ROOT / name).exists(), name


def test_should_link_only_to_what_is_there() -> None:
    for name, text in texts():
        if name.endswith(".md"):
            for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text):
                assert ((ROOT / name).parent / target).exists(), f"{name}: {target}"


def test_should_hold_the_floors_of_every_part_of_the_bot() -> None:
    contracts = tomllib.loads(_read(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract for contract in contracts if contract["type"] == "layers")
    named = set(re.findall(r"\w+", " ".join([*layers["layers"], *layers["exhaustive_ignores"]])))
    there = {
        path.stem
        for path in (ROOT / "bot").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - {"__init__"} <= named
