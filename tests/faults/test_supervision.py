"""What the supervisor does when processes die, hang, fail or are told to stop, and when it is killed itself."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from bot.run.child import ChildPlan
from bot.run.screen import Screen
from bot.run.supervisor import Supervisor, Timing
from tests.faults.children import Stand
from tests.running import ROOT

QUICK = Timing(first_wait=0.1, longest_wait=0.4, healthy_after=60, last_started_alone=0.5, until_kill=1.5)


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


def supervisor(stand: Stand, plans: Sequence[ChildPlan], timing: Timing = QUICK) -> Supervisor:
    return Supervisor(plans, Screen(tuple(plan.name for plan in plans)), stand.folder, ROOT, timing)


@asynccontextmanager
async def running(supervised: Supervisor) -> AsyncIterator[asyncio.Task[int]]:
    """Started and ready; told to stop at the end, if it is not over by then."""
    ready = asyncio.Event()

    async def when_ready() -> None:
        ready.set()

    task = asyncio.create_task(supervised.run(when_ready))
    try:
        async with asyncio.timeout(20):
            await asyncio.wait({task, asyncio.create_task(ready.wait())}, return_when=asyncio.FIRST_COMPLETED)
        yield task
    finally:
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await task


async def started_again(supervised: Supervisor, stand: Stand, times: int) -> None:
    """Until the first process is ready for the so many-th time."""
    name = supervised.children[0].name
    await eventually(lambda: len(stand.starts(name)) == times and supervised.children[0].ready_at)


async def eventually(condition: object, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_should_start_in_order_and_stop_the_last_first(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    supervised = supervisor(stand, [stand.plan("actions"), stand.plan("rasa"), stand.plan("service")])
    async with running(supervised) as task:
        assert not task.done()
    assert task.result() == 0
    assert stand.stopped()[0] == "service"
    assert sorted(stand.stopped()) == ["actions", "rasa", "service"]
    shown = capsys.readouterr().out
    order = [shown.index(f"{name} is ready") for name in ("actions", "rasa", "service")]
    assert order == sorted(order)
    assert "rasa     | this is rasa start 1" in shown


async def test_should_start_again_what_was_killed_and_say_so(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    supervised = supervisor(stand, [stand.plan("rasa"), stand.plan("service")])
    async with running(supervised):
        os.kill(stand.starts("rasa")[0], signal.SIGKILL)
        await started_again(supervised, stand, 2)
    shown = capsys.readouterr().out
    assert "rasa was ended by SIGKILL; starting it again in 0.1 s" in shown
    assert shown.count("rasa is ready") == 2
    assert len(stand.starts("service")) == 1


async def test_should_wait_longer_each_time_when_a_process_keeps_failing(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    supervised = supervisor(stand, [stand.plan("rasa", "fails-again"), stand.plan("service")])
    async with running(supervised):
        os.kill(stand.starts("rasa")[0], signal.SIGKILL)
        await started_again(supervised, stand, 4)
    shown = capsys.readouterr().out
    waits = [shown.index(f"starting it again in {wait} s") for wait in ("0.1", "0.2", "0.4")]
    assert waits == sorted(waits)
    assert "ValueError: the model is of another age" in shown


async def test_should_begin_with_the_short_wait_again_after_a_time_of_health(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    timing = Timing(first_wait=0.1, longest_wait=5, healthy_after=0, last_started_alone=0.5, until_kill=1.5)
    supervised = supervisor(stand, [stand.plan("rasa"), stand.plan("service")], timing)
    async with running(supervised):
        for start in range(3):
            os.kill(stand.starts("rasa")[start], signal.SIGKILL)
            await started_again(supervised, stand, start + 2)
    assert capsys.readouterr().out.count("starting it again in 0.1 s") == 3


async def test_should_start_again_what_died_while_a_later_one_was_still_starting(stand: Stand) -> None:
    supervised = supervisor(stand, [stand.plan("actions"), stand.plan("rasa", "unready", ready_within=3)])

    async def kill_early() -> None:
        await eventually(lambda: stand.starts("rasa"))
        os.kill(stand.starts("actions")[0], signal.SIGKILL)

    killing = asyncio.create_task(kill_early())
    async with running(supervised):
        await killing
    assert len(stand.starts("actions")) == 2


async def test_should_end_with_one_sentence_when_a_process_fails_at_the_first_start(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    supervised = supervisor(
        stand, [stand.plan("actions"), stand.plan("rasa", "fails"), stand.plan("service")]
    )
    async with running(supervised) as task:
        pass
    assert task.result() == 1
    out, error = capsys.readouterr()
    assert error.count("\n") == 1
    said = "rasa ended with code 1 before it was ready: ValueError: the model is of another age (all of it is in "
    assert error.startswith(f"signpost: {said}")
    assert "this is rasa" not in out
    assert stand.stopped() == ["actions"]
    assert stand.starts("service") == []
    assert "this is rasa start 1" in (stand.folder / "rasa.log").read_text()


async def test_should_say_what_is_not_ready_when_it_takes_too_long(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    supervised = supervisor(stand, [stand.plan("service", "unready", ready_within=0.6)])
    async with running(supervised) as task:
        pass
    assert task.result() == 1
    error = capsys.readouterr().err
    assert (
        "service was not ready after 0.6 s (it answers 503 database: locked): this is service start 1"
        in error
    )
    assert not alive(stand.starts("service")[0])


async def test_should_say_that_a_program_is_not_there(
    stand: Stand, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = ChildPlan("rasa", (str(stand.folder / "nothing"),), {}, "http://127.0.0.1:1/", 5)
    async with running(supervisor(stand, [missing])) as task:
        pass
    assert task.result() == 1
    assert capsys.readouterr().err == "signpost: rasa could not be started: No such file or directory.\n"


async def test_should_kill_what_ignores_the_signal_within_the_time(stand: Stand) -> None:
    supervised = supervisor(stand, [stand.plan("rasa", "deaf"), stand.plan("service", "deaf")])
    async with running(supervised) as task:
        started = time.monotonic()
        os.kill(os.getpid(), signal.SIGTERM)
        await task
    assert 1 < time.monotonic() - started < 4
    assert not any(alive(pid) for name in ("rasa", "service") for pid in stand.starts(name))


async def test_should_kill_at_once_at_the_second_signal(stand: Stand) -> None:
    timing = Timing(last_started_alone=30, until_kill=60)
    supervised = supervisor(stand, [stand.plan("rasa", "deaf"), stand.plan("service", "deaf")], timing)
    async with running(supervised) as task:
        started = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.3)
        assert not task.done()
        os.kill(os.getpid(), signal.SIGINT)
        await task
    assert time.monotonic() - started < 3


async def test_should_stop_when_told_to_while_still_starting(stand: Stand) -> None:
    supervised = supervisor(stand, [stand.plan("actions"), stand.plan("rasa", "silent")])
    task = asyncio.create_task(supervised.run(_nothing))
    await eventually(lambda: stand.starts("rasa"))
    os.kill(os.getpid(), signal.SIGTERM)
    assert await task == 0
    assert not any(alive(pid) for name in ("actions", "rasa") for pid in stand.starts(name))


async def test_should_leave_nothing_behind_that_a_process_started(stand: Stand) -> None:
    supervised = supervisor(stand, [stand.plan("rasa", "parent"), stand.plan("service", "parent")])
    async with running(supervised):
        first = stand.grandchild("rasa")
        os.kill(stand.starts("rasa")[0], signal.SIGKILL)
        await started_again(supervised, stand, 2)
        assert not alive(first)
        left = [stand.grandchild("rasa"), stand.grandchild("service")]
        assert all(alive(pid) for pid in left)
    assert not any(alive(pid) for pid in left)


async def _nothing() -> None:
    return None


def test_should_end_every_process_when_the_supervisor_itself_is_killed(stand: Stand) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from bot.run.screen import Screen; from bot.run.supervisor import Supervisor\n"
        "from tests.faults.children import Stand\n"
        "stand = Stand(Path(sys.argv[1]))\n"
        "plans = [stand.plan('rasa', 'deaf,parent'), stand.plan('service', 'parent')]\n"
        "async def ready(): print('ready', flush=True)\n"
        "asyncio.run(Supervisor(plans, Screen(('rasa',)), stand.folder, stand.folder).run(ready))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(stand.folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != "ready":
            assert process.poll() is None
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) == 5  # two processes, what each started, and the keeper
        process.kill()
        process.wait()
        _, left = psutil.wait_procs(family, timeout=3)
    assert [each for each in left if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []
