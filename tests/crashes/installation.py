"""The processes of one installation, to be killed and started again; and whether its pull came to its end."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from decimal import Decimal

import httpx
import psutil
from django.db import connection

from dashboard.ports import free_port
from logsync.models import Log, PullUnit, StaleDay, SyncRun
from tests.logsync.commands import run
from tests.logsync.processes import ROOT
from tests.logsync.pulling import total
from tests.waiting import descendants, wait_for

SERVICES = {
    "worker": ("worker", "--concurrency", "4"),
    "second worker": ("worker", "--concurrency", "2"),
    "beat": ("beat",),
    "second beat": ("beat",),
    "web": ("serve", "--workers", "1"),
}


class Installation:
    """Each process leads a group of its own, as a container or a service manager keeps them together."""

    def __init__(self, env, logs):
        logs.mkdir(exist_ok=True)
        self.env = env
        self.port = free_port("127.0.0.1")
        self._logs, self._processes = logs, {}

    def start(self, name, *arguments):
        """Start one of SERVICES by its name, or any other command with its arguments; answers the process."""
        words = [*SERVICES.get(name, (name,)), *arguments]
        if name == "web":
            words += ["--port", str(self.port)]
        command = [sys.executable, "manage.py", *words]
        with self.log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        return self._processes[name]

    def log(self, name):
        return self._logs / f"{name}.log"

    def said(self, name):
        return self.log(name).read_text()

    def kill(self, name):
        """SIGKILL to the process and all that it started."""
        process = self._processes[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def kill_child(self, name, choose):
        """SIGKILL to one of the processes that the service has started, as the kernel does when memory is short."""
        with suppress(psutil.NoSuchProcess, IndexError):
            choose(descendants(self._processes[name].pid)).kill()

    def keep_running(self):
        """Start again what ended, as whoever keeps services running does."""
        for name in SERVICES.keys() & self._processes.keys():
            if self._processes[name].poll() is not None:
                self.start(name)

    def end(self):
        for name in self._processes:
            self.kill(name)

    def get(self, path):
        """Status and text of a page; None while nobody answers."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=30, cookies={"sessionid": "of somebody"})
        except httpx.TransportError:
            return None
        return answer.status_code, answer.text


def is_reading():
    """Whether there is anything left to be read."""
    connection.close()  # the server may have been another's since
    return not PullUnit.objects.exists() or PullUnit.objects.filter(read_at=None).exists()


def unsettled():
    """The days not read, the totals not made, and the runs that go on, in fact or in name."""
    connection.close()  # the server may have been another's since
    units = PullUnit.objects.filter(read_at=None).values_list("feed__medium", "day", "state", "error")
    runs = SyncRun.objects.filter(state="running").values_list("kind", "started_at")
    return [*units, *StaleDay.objects.values_list("day"), *runs]


def prove(space, installation):
    """Wait until the pull has come to its end by itself; then nothing differs, in any way of looking at it."""

    def settled():
        installation.keep_running()
        return not is_reading() and not unsettled()

    with suppress(AssertionError):  # what is left says more
        wait_for(settled, 90)
    assert unsettled() == []
    status, said = run("verify", "--remote")
    assert status == 0, said
    rows = [row for medium in ("voice", "video") for row in space.rows(medium)]
    charges = [row["charge"] for row in rows if row.get("charge") is not None]
    assert Log.objects.count() == len(rows)
    assert total() == (len(rows), sum(charges, Decimal(0)))
