"""The project's two Python environments, made from the locked requirements before anything else can run, and what is
built with their packages once they stand.

Runs on a bare Python 3.11: nothing but the standard library is imported here.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = Path("requirements")
BOOTSTRAP = Path(".bootstrap")
STAMP = "signpost-locks.json"
GIGABYTE = 1024**3
STILL_AT_IT_SECONDS = 15.0
LINES_SHOWN = 12


class SetupError(Exception):
    """The environments can't be made; the text says why and what to do."""


@dataclass(frozen=True)
class Product:
    """What a module of ours builds with an environment's packages, by a recipe that is one file.

    The module does nothing when it is already built, and leaves the recipe's SHA-256 in the mark when it is.
    """

    name: str
    module: str
    recipe: Path
    mark: Path
    gigabytes: float
    """Free disk to ask for before it is built."""

    @property
    def built(self) -> bool:
        """Whether it was built by the present recipe."""
        try:
            mark = (ROOT / self.mark).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return False
        return mark.strip() == _sha256(ROOT / self.recipe)


@dataclass(frozen=True)
class Environment:
    """One virtual environment: its folder, what it is for, its locked requirements and those its tests add."""

    folder: str
    purpose: str
    lock: str
    test_lock: str
    gigabytes: float
    """Free disk to ask for before it is made; its packages are held twice, unpacked and in uv's cache."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What its programs must find in their environment."""
    product: Product | None = None

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return ROOT / self.folder / "bin" / "python"

    def locks(self, tests: bool) -> tuple[str, ...]:
        """Names of the lock files in requirements/ that it is made from."""
        return (self.lock, self.test_lock) if tests else (self.lock,)


ENCODER = Product(
    "sentence encoder",
    "bot.nlu.encoder_build",
    Path("bot/nlu/encoder_recipe.py"),
    Path(".rasa/encoder/recipe"),
    0.5,
)
SERVICE = Environment(".venv", "the service", "service.txt", "test.txt", 1)
RASA = Environment(
    ".venv-rasa",
    "Rasa",
    "rasa.txt",
    "rasa-test.txt",
    5.5,
    {
        # Off, or it reports to its makers; above DEBUG, or it logs residents' words.
        "RASA_TELEMETRY_ENABLED": "false",
        "LOG_LEVEL": "WARNING",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Its old packages warn about each other at every start; nobody here can mend that.
        "PYTHONWARNINGS": "ignore",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    },
    ENCODER,
)


@dataclass(frozen=True)
class Need:
    """An environment that a command needs, with or without what the tests need."""

    environment: Environment
    tests: bool = False

    @property
    def wanted(self) -> dict[str, str]:
        """Lock file to SHA-256, as it should be installed."""
        return {name: _sha256(ROOT / REQUIREMENTS / name) for name in self.environment.locks(self.tests)}

    @property
    def met(self) -> bool:
        """Whether the environment stands and holds what its lock files say."""
        found = installed(self.environment)
        return found is not None and self.wanted.items() <= found.items()


def installed(environment: Environment) -> dict[str, str] | None:
    """What the environment was last made from (lock file to SHA-256); None when it is missing or half made."""
    if not os.access(environment.python, os.X_OK):
        return None
    try:
        content = json.loads((ROOT / environment.folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def running_in(environment: Environment) -> bool:
    """Whether this very process runs in the environment."""
    return Path(sys.prefix).resolve() == (ROOT / environment.folder).resolve()


def prepare(needs: Sequence[Need]) -> None:
    """Make or update the environments that are not as needed and what is built with them; raises SetupError.

    Returns at once when all is there.
    """
    if all(need.met for need in needs) and not _unbuilt(needs):
        return
    (ROOT / BOOTSTRAP).mkdir(exist_ok=True)
    with _only_one():
        unmet = [need for need in needs if not need.met]
        unbuilt = _unbuilt(needs)
        check_disk(
            sum(need.environment.gigabytes for need in unmet)
            + sum(product.gigabytes for _, product in unbuilt)
        )
        install_uv = bool(unmet) and not _uv_is_installed()
        steps = _Steps(total=install_uv + len(unmet) + len(unbuilt))
        if unmet:
            check_venv_module()
        if install_uv:
            with steps.step("installing uv, which installs the rest"):
                _install_uv()
        for need in unmet:
            with steps.step(
                f"installing the packages of {need.environment.purpose} into {need.environment.folder}"
            ):
                _install(need)
        for environment, product in unbuilt:
            with steps.step(f"building the {product.name}"):
                _build(environment, product)


def check_venv_module() -> None:
    """Raise SetupError when this Python can't make virtual environments, as Debian's can't by default."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            "this Python 3.11 cannot make virtual environments; install its venv module "
            "(Debian, Ubuntu: apt-get install python3.11-venv) and run the command again."
        )


def check_disk(gigabytes: float) -> None:
    """Raise SetupError when less than this is free where the environments go."""
    free = shutil.disk_usage(ROOT).free / GIGABYTE
    if free < gigabytes:
        raise SetupError(
            f"the disk of {ROOT} has {free:.1f} GB free and the installation needs {gigabytes:g} GB; "
            "free some and run the command again."
        )


@dataclass(frozen=True)
class Finding:
    """One line of `./signpost doctor`: `ok`, `off`, `missing` or `wrong`, of what, and one sentence about it."""

    status: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.status:8} {self.subject:14} {self.detail}"


def findings() -> list[Finding]:
    """Whether Python, the disk and the environments are as they should be."""
    found = [Finding("ok", "Python", f"{sys.version.split()[0]} at {_base_python()}")]
    unmet = [need for need in (Need(SERVICE), Need(RASA)) if not need.met]
    checks = (
        ("venv module", check_venv_module),
        ("disk", lambda: check_disk(sum(n.environment.gigabytes for n in unmet))),
    )
    for subject, check in checks:
        try:
            check()
            found.append(Finding("ok", subject, ""))
        except SetupError as error:
            found.append(Finding("wrong" if unmet else "off", subject, str(error)))
    for environment in (SERVICE, RASA):
        if Need(environment).met:
            found.append(Finding("ok", environment.folder, f"as requirements/{environment.lock} says"))
        elif installed(environment) is None:
            found.append(Finding("missing", environment.folder, "./signpost run makes it"))
        else:
            found.append(
                Finding(
                    "wrong",
                    environment.folder,
                    f"older than requirements/{environment.lock}; ./signpost run updates it",
                )
            )
        if environment.product is not None:
            found.append(_finding_of(environment.product))
    return found


def _finding_of(product: Product) -> Finding:
    subject = product.name.split()[-1]
    if product.built:
        return Finding("ok", subject, f"as {product.recipe} says")
    return Finding("missing", subject, f"the {product.name} is not built; ./signpost run builds it")


def report() -> int:
    """Print the findings when nothing more can be examined yet; gives the exit code."""
    for finding in findings():
        print(str(finding).rstrip())
    print(f"\nThe rest can be examined once {SERVICE.folder} is as it should be: ./signpost run sees to it.")
    return 1


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Hold the lock of the installation, waiting for another ./signpost that has it."""
    with (ROOT / BOOTSTRAP / "lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another ./signpost is installing; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class _Steps:
    """Numbered steps on the screen, each with its seconds."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0

    @contextlib.contextmanager
    def step(self, what: str) -> Iterator[None]:
        self._number += 1
        label = f"[{self._number}/{self._total}]"
        _say(f"{label} {what} …")
        started = time.monotonic()
        yield
        _say(f"{label} done in {time.monotonic() - started:.0f} s")


def _say(line: str) -> None:
    # Standard error: standard output belongs to the command that was asked for, which may print JSON.
    print(f"signpost: {line}", file=sys.stderr, flush=True)


def _uv() -> Path:
    return ROOT / BOOTSTRAP / "uv" / "bin" / "uv"


def _uv_is_installed() -> bool:
    stamp = ROOT / BOOTSTRAP / "uv" / STAMP
    return (
        os.access(_uv(), os.X_OK)
        and stamp.is_file()
        and stamp.read_text() == _sha256(ROOT / REQUIREMENTS / "uv.txt")
    )


def _install_uv() -> None:
    folder = ROOT / BOOTSTRAP / "uv"
    stamp = folder / STAMP
    stamp.unlink(missing_ok=True)
    python = folder / "bin" / "python"
    _execute("Python's venv module", [_base_python(), "-m", "venv", "--clear", str(folder)])
    lock = ROOT / REQUIREMENTS / "uv.txt"
    _execute(
        "uv",
        [str(python), "-m", "pip", "install", "--require-hashes", "--no-deps", "--requirement", str(lock)],
    )
    stamp.write_text(_sha256(lock))


def _install(need: Need) -> None:
    environment = need.environment
    before = installed(environment)
    wanted = need.wanted
    # What the tests added stays when only a run is asked for, or run and test would take turns at removing it.
    for name in environment.locks(tests=True):
        if before is not None and name in before:
            wanted[name] = _sha256(ROOT / REQUIREMENTS / name)
    folder = ROOT / environment.folder
    (folder / STAMP).unlink(missing_ok=True)
    if before is None:
        _execute(
            environment.purpose,
            [str(_uv()), "venv", "--quiet", "--clear", "--python", _base_python(), str(folder)],
        )
    _execute(
        environment.purpose,
        [str(_uv()), "pip", "sync", "--require-hashes", "--python", str(environment.python)]
        + ["--build-constraints", str(ROOT / REQUIREMENTS / "build.txt")]
        + [str(ROOT / REQUIREMENTS / name) for name in wanted],
    )
    (folder / STAMP).write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")


def _unbuilt(needs: Sequence[Need]) -> list[tuple[Environment, Product]]:
    environments = [need.environment for need in needs]
    return [(each, each.product) for each in environments if each.product and not each.product.built]


def _build(environment: Environment, product: Product) -> None:
    variables = {**environment.variables, "PYTHONPATH": str(ROOT)}
    failed = _run([str(environment.python), "-m", product.module], variables)
    if failed:
        raise SetupError(
            f"the {product.name} could not be built {failed}\n"
            f"If a package is damaged, remove {environment.folder} and run the same command again."
        )


def _base_python() -> str:
    """The interpreter itself, not that of an environment which we may be running in."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def _execute(what: str, command: list[str]) -> None:
    """Run an installer of packages; raises SetupError."""
    failed = _run(command)
    if failed:
        raise SetupError(
            f"the packages of {what} could not be installed {failed}\n"
            "If the network failed, run the same command again: it goes on where it stopped."
        )


def _run(command: list[str], variables: Mapping[str, str] | None = None) -> str:
    """Run a program: on a terminal with its own progress, else quietly. Gives how it ended and its last lines if badly,
    else nothing. `variables` are added to the environment.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH")
    }
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    environment.setdefault("UV_HTTP_TIMEOUT", "120")
    environment.update(variables or {})
    log = ROOT / BOOTSTRAP / "install.log"
    with log.open("w+", encoding="utf-8", errors="replace") as captured:
        output: TextIO | None = None if sys.stderr.isatty() else captured
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=ROOT
        ) as process:
            try:
                code = _wait(process)
            except BaseException:
                process.terminate()
                raise
        if code == 0:
            return ""
        captured.seek(0)
        last = [line.rstrip() for line in captured if line.strip()][-LINES_SHOWN:]
    shown = "".join(f"\n    {line}" for line in last)
    return f"({Path(command[0]).name} ended with code {code}):{shown}"


def _wait(process: subprocess.Popen[bytes]) -> int:
    started = time.monotonic()
    while True:
        try:
            return process.wait(timeout=STILL_AT_IT_SECONDS)
        except subprocess.TimeoutExpired:
            if not sys.stderr.isatty():
                _say(f"… still at it, {time.monotonic() - started:.0f} s")


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}.") from None
