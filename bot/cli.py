"""The command `./signpost`: reads its arguments, sees to the environments, and does what was asked.

Begins on a bare Python 3.11, where it only parses and installs; then it starts itself again in the service's
environment. So nothing but the standard library and `bot.environments` is imported at the top.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from bot.environments import RASA, ROOT, SERVICE, Need, SetupError, prepare, report, running_in

DONE, FAILED, USAGE, NOT_YET = 0, 1, 2, 3

DESCRIPTION = """\
Signpost answers residents who write to a council on social media.

  run          set up what is missing and start everything, with the sandbox to try it in
  test         set up what is missing and run the tests
  train        train a model from data/ and make it the live one
  understand   what the live model makes of a file of messages
  evaluate     how good a model is, alone or against another
  screen       what the policy finds in a file of messages
  cases        the conversations that wait for a person
  doctor       what is missing or wrong on this machine
  bench        measure speed and memory
  check        format, lint, types and import rules, for developers

Not there yet: user.
"""
EPILOGUE = """\
./signpost COMMAND --help says more. Settings are environment variables, also read from .env; .env.example lists them.
Only Python 3.11 must be there; everything else is installed into this folder on first use.
"""
LATER = {
    "user": "people who may use the console",
}
PASSED_ON = ("test", "bench", *LATER)
"""Commands whose options belong to another program, or to one that is still to be written."""


@dataclass(frozen=True)
class Command:
    """What a command needs before it can be carried out, and how it is."""

    carry_out: Callable[[argparse.Namespace], int]
    needs: tuple[Need, ...] = (Need(SERVICE),)
    unmet: Callable[[], int] | None = None
    """What to do instead when the needs are not met; None = install what is missing."""


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(
        prog="signpost",
        usage="./signpost COMMAND [options]",
        description=DESCRIPTION,
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = top.add_subparsers(dest="command", metavar="COMMAND", help=argparse.SUPPRESS, required=True)

    def add(name: str, description: str, usage: str = "", epilogue: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            prog=f"signpost {name}",
            usage=f"./signpost {name} {usage}".strip() or None,
            description=description,
            epilog=epilogue,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    _add_run(add("run", RUN, "[--port 8080] [--data-dir var] [--no-sandbox]"))
    add("test", TEST, "[pytest arguments]", TEST_EXAMPLES)
    add("train", TRAIN)
    _add_understand(add("understand", UNDERSTAND, "IN.jsonl OUT.jsonl [--model MODEL]"))
    _add_screen(add("screen", SCREEN, "IN.jsonl OUT.jsonl"))
    _add_evaluate(add("evaluate", EVALUATE, EVALUATE_USAGE, EVALUATE_EXAMPLES))
    _add_cases(add("cases", CASES, "[--all] [--json] | close NUMBER"))
    _add_doctor(add("doctor", DOCTOR, "[--port 8080] [--data-dir var]"))
    add("bench", BENCH, BENCH_USAGE, BENCH_EXAMPLES)
    add("check", CHECK)
    for name, description in LATER.items():
        add(name, f"Not there yet: {description}.", "…")
    return top


RUN = """\
Set up what is missing, train a model if there is none, start the action server, Rasa, the sandbox and the service,
print their addresses, start again what dies, and stop all of it on Ctrl-C or SIGTERM."""
TEST = """\
Set up what is missing and run the tests; all arguments go to pytest. tests/nlu/ run in Rasa's environment."""
TEST_EXAMPLES = """\
  ./signpost test                       everything
  ./signpost test tests/unit            one folder
  ./signpost test -k holiday -x         by name, stopping at the first failure
"""
TRAIN = "Train a model from config.yml, domain.yml and data/, and make it the live one."
UNDERSTAND = """\
Read messages, one JSON object {"id", "text"} a line, and write what the model makes of each: {"id", "intent",
"confidence", "ranking", "entities", "destination"}. OUT is only replaced once every line is done."""
SCREEN = """\
Read IN, one JSON object {"id", "text"} a line, which may also have "author_handle", "display_name", "election_period",
"group" and "visibility" (public or private), and write what the policy finds in each: {"id", "clauses",
"personal_data", "danger"}. Lines are read in order, so that repeats count. OUT is only replaced once all are done."""
EVALUATE = """\
Run a model over labelled messages that it was not trained on, as if they came in, and write MODEL.evaluation.json and
MODEL.evaluation.html: how many are right, where it errs and how sure it is, danger and other kinds by themselves."""
EVALUATE_USAGE = "[--model MODEL] [--against live|MODEL] [--holdout DIR] [--out DIR] [--json]"
EVALUATE_EXAMPLES = """\
  ./signpost evaluate                                        the live model
  ./signpost evaluate --model new.tar.gz --against live      which messages a new model wins and loses
  ./signpost evaluate --against models/old.evaluation.json   against a model that loads no more
"""
CASES = "List the conversations that wait for a person, the most urgent first, or close one."
DOCTOR = """\
Say what is in order, missing or wrong: Python, disk, environments, model, settings, council.yml, data, database,
ports, and the access to each platform. Exit code 1 when something needed is missing or wrong."""
BENCH = """\
Measure accept rate, turn latency, turns per second and memory, or the understanding of labelled messages beside Rasa's
default pipeline, or how well the policy's checks find what they should; JSON on standard output."""
BENCH_USAGE = "[options] | understanding TRAIN.jsonl TEST.jsonl [options] | policy [options]"
BENCH_EXAMPLES = """\
  ./signpost bench                                              a Signpost of its own, under load
  ./signpost bench understanding train.jsonl test.jsonl         lines of {text, intent}; --help tells the options
  ./signpost bench policy                                       each clause on data/holdout/policy; --help likewise
"""
CHECK = "Check format, lint, types and the rules of who imports whom (ruff, mypy, import-linter)."


def _add_run(command: argparse.ArgumentParser) -> None:
    _add_place(command)
    command.add_argument(
        "--no-sandbox", dest="sandbox", action="store_false", help="use the real accounts of the settings"
    )


def _add_place(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--port",
        type=_port,
        default=8080,
        help="of the service; the sandbox takes the next one (default: 8080)",
    )
    command.add_argument(
        "--data-dir",
        type=_path,
        metavar="DIR",
        help="databases, secrets and logs (default: SIGNPOST_DATA_DIR, or var in this folder)",
    )


def _add_understand(command: argparse.ArgumentParser) -> None:
    command.add_argument("messages", type=_path, metavar="IN.jsonl")
    command.add_argument("out", type=_path, metavar="OUT.jsonl")
    command.add_argument("--model", type=_path, help="a trained model's file instead of the live one")


def _add_screen(command: argparse.ArgumentParser) -> None:
    command.add_argument("messages", type=_path, metavar="IN.jsonl")
    command.add_argument("out", type=_path, metavar="OUT.jsonl")


def _add_evaluate(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", type=_path, help="a trained model's file instead of the live one")
    command.add_argument(
        "--against",
        type=_live_or_path,
        metavar="live|MODEL",
        help="compare with the live model, another model's file, or its ….evaluation.json",
    )
    command.add_argument(
        "--holdout",
        type=_path,
        default=ROOT / "data" / "holdout",
        metavar="DIR",
        help="folder of messages.jsonl (default: data/holdout)",
    )
    command.add_argument(
        "--out",
        type=_path,
        default=ROOT / "models",
        metavar="DIR",
        help="folder of what is written (default: models)",
    )
    command.add_argument("--json", action="store_true", help="print the figures instead of the summary")


def _add_cases(command: argparse.ArgumentParser) -> None:
    command.add_argument("--all", action="store_true", help="closed ones too")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument("--data-dir", type=_path, metavar="DIR", help="as for run")
    what = command.add_subparsers(dest="what", metavar="")
    close = what.add_parser("close", usage="./signpost cases close NUMBER", description="Close a case.")
    close.add_argument("number", type=int)


def _add_doctor(command: argparse.ArgumentParser) -> None:
    _add_place(command)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535, not {text!r}")
    return int(text)


def _path(text: str) -> Path:
    # Made absolute here: what people type is relative to where they stand, what we do to the project's folder.
    return Path(text).absolute()


def _live_or_path(text: str) -> Path | str:
    return text if text == "live" else _path(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line; gives the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given:
        parser().print_help()
        return USAGE
    options = _parsed(given)
    command = COMMANDS[options.command]
    signal.signal(signal.SIGTERM, _end)
    try:
        if command.unmet is None:
            prepare(command.needs)
        elif not all(need.met for need in command.needs):
            return command.unmet()
        if command.needs and not running_in(SERVICE):
            sys.stdout.flush()
            os.execv(SERVICE.python, [str(SERVICE.python), "-P", "-m", "bot.cli", *given])
        return command.carry_out(options)
    except SetupError as error:
        print(f"signpost: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("signpost: stopped", file=sys.stderr)
        return 128 + signal.SIGINT


def _parsed(given: list[str]) -> argparse.Namespace:
    if given[0] in PASSED_ON and given[1:2] not in (["-h"], ["--help"]):
        return argparse.Namespace(command=given[0], rest=given[1:])
    return parser().parse_args(given)


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


# --- the commands; each imports what it needs, since the parser must work without any of it --------------------------


def _run(options: argparse.Namespace) -> int:
    os.chdir(ROOT)
    from bot.run.command import run

    return run(options.port, options.data_dir, options.sandbox)


def _test(options: argparse.Namespace) -> int:
    from bot.commands.testing import run_tests

    return run_tests(options.rest)


def _check(_options: argparse.Namespace) -> int:
    from bot.commands.testing import run_checks

    return run_checks()


def _train(_options: argparse.Namespace) -> int:
    os.chdir(ROOT)
    from bot.run.livemodel import ModelError, train

    try:
        train()
    except ModelError as error:
        print(f"signpost: {error}", file=sys.stderr)
        return FAILED
    return DONE


def _understand(options: argparse.Namespace) -> int:
    os.chdir(ROOT)
    from bot.commands.understanding import understand_file

    return understand_file(options.messages, options.out, options.model)


def _screen(options: argparse.Namespace) -> int:
    os.chdir(ROOT)
    from bot.commands.screening import screen_file

    return screen_file(options.messages, options.out)


def _evaluate(options: argparse.Namespace) -> int:
    os.chdir(ROOT)
    from bot.commands.evaluating import Asked, evaluate_model

    return evaluate_model(
        Asked(options.model, options.against, options.holdout, options.out, as_json=options.json)
    )


def _cases(options: argparse.Namespace) -> int:
    os.chdir(ROOT)
    from bot.commands.cases import close_one, list_all

    if options.what == "close":
        return close_one(options.data_dir, options.number)
    return list_all(options.data_dir, every=options.all, as_json=options.json)


def _doctor(options: argparse.Namespace) -> int:
    os.chdir(ROOT)
    from bot.commands.doctor import examine

    return examine(options.port, options.data_dir)


def _bench(options: argparse.Namespace) -> int:
    from bot.run.tool import run_tool

    if options.rest[:1] == ["understanding"]:
        # What people type is relative to where they stand, and the tool stands in the project's folder.
        command = [str(RASA.python), "-m", "bench.understanding", "--folder", str(Path.cwd())]
        return run_tool([*command, *options.rest[1:]], RASA.variables)
    if options.rest[:1] == ["policy"]:
        command = [str(SERVICE.python), "-m", "bench.policy", "--folder", str(Path.cwd())]
        return run_tool([*command, *options.rest[1:]])
    return run_tool([str(SERVICE.python), "-m", "bench", *options.rest])


def _not_yet(options: argparse.Namespace) -> int:
    print(f"signpost: {options.command} is not there yet: {LATER[options.command]}.", file=sys.stderr)
    return NOT_YET


BOTH = (Need(SERVICE), Need(RASA))
BOTH_WITH_TESTS = (Need(SERVICE, tests=True), Need(RASA, tests=True))
COMMANDS: dict[str, Command] = {
    "run": Command(_run, BOTH),
    "test": Command(_test, BOTH_WITH_TESTS),
    "train": Command(_train, BOTH),
    "understand": Command(_understand, BOTH),
    "screen": Command(_screen),
    "evaluate": Command(_evaluate, BOTH),
    "cases": Command(_cases),
    "doctor": Command(_doctor, unmet=report),
    "bench": Command(_bench, BOTH),
    "check": Command(_check, (Need(SERVICE, tests=True),)),
    **{name: Command(_not_yet, ()) for name in LATER},
}


if __name__ == "__main__":
    sys.exit(main())
