"""The processes of one installation, to be killed and restarted, and checks that its pull is complete."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from decimal import Decimal

import httpx
import psutil
from django.db import connection

from dashboard.runtime.ports import free_port
from logsync.models import Log, PullUnit, StaleDay, SyncRun
from logsync.scheduling.leases import held_names
from tests.support.commands import run
from tests.support.processes import ROOT
from tests.support.pulling import total
from tests.waiting import descendants, wait_for

SERVICES = {
    "worker": ("worker", "--concurrency", "4"),
    "second worker": ("worker", "--concurrency", "2"),
    "worker with beat": ("worker", "--beat"),
    "beat": ("beat",),
    "second beat": ("beat",),
    "web": ("serve", "--workers", "1"),
}


class Installation:
    """Each service is its own process group, as under a container or a service manager."""

    def __init__(self, env, logs):
        logs.mkdir(exist_ok=True)
        self.env = env
        self.port = free_port("127.0.0.1")
        self._logs, self._processes = logs, {}

    def start(self, name, *arguments):
        """Start one of SERVICES, or any other command with its arguments. Returns the process."""
        command = [sys.executable, "manage.py", *SERVICES.get(name, (name,)), *arguments]
        if name == "web":
            command += ["--port", str(self.port)]
        with self.log(name).open("ab") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        return self._processes[name]

    def log(self, name):
        return self._logs / f"{name}.log"

    def output(self, name):
        return self.log(name).read_text()

    def kill(self, name):
        """Send SIGKILL to the process and all its children."""
        process = self._processes[name]
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def kill_child(self, name, choose):
        """Send SIGKILL to one child of the service, as the kernel does when memory runs out."""
        with suppress(psutil.NoSuchProcess, IndexError):
            choose(descendants(self._processes[name].pid)).kill()

    def keep_running(self):
        """Restart the services that ended, as a service manager does."""
        for name in SERVICES.keys() & self._processes.keys():
            if self._processes[name].poll() is not None:
                self.start(name)

    def end(self):
        for name in self._processes:
            self.kill(name)

    def get(self, path):
        """Status and text of a page; None while the server is unreachable."""
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=30, cookies={"sessionid": "of somebody"})
        except httpx.TransportError:
            return None
        return answer.status_code, answer.text


def is_reading():
    """Whether days are still unread."""
    connection.close()  # the database server may have been restarted
    return not PullUnit.objects.exists() or PullUnit.objects.filter(read_at=None).exists()


def unfinished_work():
    """Unread days, stale totals, and runs that are marked as running."""
    connection.close()  # the database server may have been restarted
    units = PullUnit.objects.filter(read_at=None).values_list("feed__medium", "day", "state", "error")
    runs = SyncRun.objects.filter(state="running").values_list("kind", "started_at")
    return [*units, *StaleDay.objects.values_list("day"), *runs]


def assert_next_pull_completes(space, installation):
    wait_for(lambda: not held_names(""))  # a pull closes only runs whose leases have expired
    status, output = run("pull", "--workers", "1")
    assert status == 0, output
    assert_complete(space, installation)


def assert_complete(space, installation):
    """Wait until the pull has finished by itself, and assert that logs and totals equal the space's."""

    def is_finished():
        installation.keep_running()
        return not is_reading() and not unfinished_work()

    with suppress(AssertionError):  # the next assertion shows what is unfinished
        wait_for(is_finished, 90)
    assert unfinished_work() == []
    status, output = run("verify", "--remote")
    assert status == 0, output
    rows = [row for medium in ("voice", "video") for row in space.rows(medium)]
    charges = [row["charge"] for row in rows if row.get("charge") is not None]
    assert Log.objects.count() == len(rows)
    assert total() == (len(rows), sum(charges, Decimal(0)))
