"""A guarded command ends when its parent stops it or dies."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from dashboard.runtime.supervisor import CHILD_GUARD, start_child, stop_child
from tests.waiting import descendants, wait_for, wait_until_gone

WAITING = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(600)"]
# Leaves a grandchild that does not end by itself.
WITH_A_CHILD = [
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
    guard = start_child(WITH_A_CHILD, log)
    wait_for(lambda: begun(log))
    processes = descendants(guard.pid)
    assert len(processes) == 2
    stop_child(guard)
    wait_until_gone(processes)


def test_a_command_that_ignores_sigterm_is_killed(log):
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    guard = start_child([sys.executable, "-c", deaf + WAITING[-1]], log, grace_seconds=0.5)
    wait_for(lambda: begun(log))
    processes = descendants(guard.pid)
    stop_child(guard)
    assert guard.returncode == 137
    wait_until_gone(processes)


def test_it_ends_when_its_parent_is_killed(log):
    starter = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-I", {str(CHILD_GUARD)!r}, "10", *{WAITING!r}], stdin=subprocess.PIPE)
time.sleep(600)
"""
    with log.open("wb") as output, subprocess.Popen([sys.executable, "-c", starter], stdout=output) as process:
        wait_for(lambda: begun(log))
        processes = descendants(process.pid)
        assert len(processes) == 2
        process.kill()
    wait_until_gone(processes)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux signals the death of a parent")
def test_it_ends_when_the_guard_itself_is_killed(log):
    guard = start_child(WAITING, log)
    wait_for(lambda: begun(log))
    processes = descendants(guard.pid)
    guard.kill()
    wait_until_gone(processes)
    stop_child(guard)


def test_ctrl_c_in_the_terminal_does_not_reach_the_command(log):
    guard = start_child(WAITING, log)
    wait_for(lambda: begun(log))
    os.killpg(guard.pid, signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        guard.wait(0.5)
    stop_child(guard)


@pytest.mark.parametrize(("code", "status"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", 137)])
def test_its_exit_status_is_the_commands(log, code, status):
    guard = start_child([sys.executable, "-c", code], log)
    assert guard.wait(20) == status
    stop_child(guard)


def test_its_output_is_appended_to_the_log(log):
    log.write_text("before\n")
    guard = start_child([sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr)"], log)
    guard.wait(20)
    stop_child(guard)
    assert set(log.read_text().split()) == {"before", "out", "err"}


def test_stopping_twice_does_no_harm(log):
    guard = start_child(WAITING, log)
    stop_child(guard)
    stop_child(guard)
    assert not psutil.pid_exists(guard.pid)
