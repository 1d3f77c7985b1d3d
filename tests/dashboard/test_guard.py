"""A guarded command ends when whoever started it says so, or is gone in whatever way."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from dashboard.processes import GUARD, start_guarded, stop_guarded
from tests.waiting import descendants, wait_for, wait_until_gone

ONE_THAT_WAITS = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(600)"]
# Ends itself a while after SIGTERM, and leaves a grandchild that would not.
ONE_WITH_A_CHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys; child = subprocess.Popen(['sleep', '600']); print('begun', flush=True); child.wait()",
]


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log"


def begun(log):
    return log.exists() and b"begun" in log.read_bytes()


def test_stopping_it_leaves_nothing_behind(log):
    guard = start_guarded(ONE_WITH_A_CHILD, log)
    wait_for(lambda: begun(log))
    processes = descendants(guard.pid)
    assert len(processes) == 2
    stop_guarded(guard)
    wait_until_gone(processes)


def test_a_command_that_ignores_the_request_is_killed(log):
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    guard = start_guarded([sys.executable, "-c", deaf + ONE_THAT_WAITS[-1]], log)
    wait_for(lambda: begun(log))
    processes = descendants(guard.pid)
    stop_guarded(guard)
    wait_until_gone(processes)


def test_it_ends_when_its_starter_is_killed(log):
    starter = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-I", {str(GUARD)!r}, *{ONE_THAT_WAITS!r}], stdin=subprocess.PIPE)
time.sleep(600)
"""
    with log.open("wb") as output, subprocess.Popen([sys.executable, "-c", starter], stdout=output) as process:
        wait_for(lambda: begun(log))
        processes = descendants(process.pid)
        assert len(processes) == 2
        process.kill()
    wait_until_gone(processes)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a process of its parent's death")
def test_it_ends_when_the_guard_itself_is_killed(log):
    guard = start_guarded(ONE_THAT_WAITS, log)
    wait_for(lambda: begun(log))
    processes = descendants(guard.pid)
    guard.kill()
    wait_until_gone(processes)
    stop_guarded(guard)


def test_ctrl_c_in_the_terminal_does_not_reach_the_command(log):
    guard = start_guarded(ONE_THAT_WAITS, log)
    wait_for(lambda: begun(log))
    os.killpg(guard.pid, signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        guard.wait(0.5)
    stop_guarded(guard)


@pytest.mark.parametrize(("code", "status"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)])
def test_its_exit_status_is_the_commands(log, code, status):
    guard = start_guarded([sys.executable, "-c", code], log)
    assert guard.wait(20) == status
    stop_guarded(guard)


def test_what_it_says_goes_to_the_end_of_the_log(log):
    log.write_text("before\n")
    guard = start_guarded([sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr)"], log)
    guard.wait(20)
    stop_guarded(guard)
    assert set(log.read_text().split()) == {"before", "out", "err"}


def test_what_was_stopped_can_be_stopped_again(log):
    guard = start_guarded(ONE_THAT_WAITS, log)
    stop_guarded(guard)
    stop_guarded(guard)
    assert not psutil.pid_exists(guard.pid)
