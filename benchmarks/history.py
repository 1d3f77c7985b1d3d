"""A year's first history with 300 ms per request: eight Celery workers against one reader of the same days."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from benchmarks.common import Report, seconds, simulator_process  # sets Django up first

from django.conf import settings  # isort: skip
from django.core.management import call_command  # isort: skip

from logsync.models import DailyCharge, Log, PullUnit, SyncRun
from logsync.models.choices import RunKind
from logsync.projects import ensure_project
from logsync.simulator import Project as Account
from logsync.tasks import dispatch_history

LATENCY_S = 0.3
WORKERS = 8
MAX_OF_SEQUENTIAL = 1 / 6
# Ten times what it should take: beyond that, something hangs.
TIMEOUT_S = 600
# Celery logs this once it accepts tasks.
READY = " ready."


def main(days: int) -> bool:
    os.environ["PULL_DAYS_BACK"] = str(days)
    settings.PULL_DAYS_BACK = days
    call_command("migrate", verbosity=0)
    with simulator_process("--days", str(days), "--logs-per-day", "140", "--latency", str(LATENCY_S)) as url:
        make_project(url)
        call_command("pull", workers=1, stdout=io.StringIO())
        sequential, units, totals = history_seconds(), PullUnit.objects.count(), total()
        call_command("flush", interactive=False, verbosity=0)
        make_project(url)
        with workers():
            parallel = seconds(read_by_workers)
    report = Report(f"First history of {days} days in {units} units, {LATENCY_S * 1000:.0f} ms per request")
    report.note("sequential", f"{sequential:.1f} s")
    report.line(f"{WORKERS} workers", f"{parallel:.1f} s", parallel / sequential, maximum=MAX_OF_SEQUENTIAL)
    report.note("logs, charge: sequential", f"{totals[0]:,}, {totals[1]}")
    report.note("logs, charge: workers", "{:,}, {}".format(*total()))
    return report.passed


def history_seconds() -> float:
    """How long the first history took, without the other reads of `pull`."""
    run = SyncRun.objects.get(kind=RunKind.HISTORY)
    assert run.finished_at
    return (run.finished_at - run.started_at).total_seconds()


def read_by_workers() -> None:
    dispatch_history.delay()
    wait_until(lambda: PullUnit.objects.exists() and not PullUnit.objects.filter(read_at=None).exists())


@contextmanager
def workers() -> Iterator[None]:
    """Start the workers and wait until they accept tasks, so that their start-up is not measured."""
    command = [sys.executable, "manage.py", "worker", "--concurrency", str(WORKERS)]
    path = settings.VAR_DIR / "worker.log"
    with path.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_until(lambda: READY in path.read_text())
            yield
        finally:
            process.terminate()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{PullUnit.objects.filter(read_at=None).count()} days are still unread")
        time.sleep(0.1)


def make_project(url: str) -> None:
    ensure_project(name="benchmark", space_url=url, signalwire_id=Account().id, api_token=Account().token)


def total() -> tuple[int, Decimal]:
    charges = DailyCharge.objects.values_list("charge", flat=True)
    assert not SyncRun.objects.exclude(error="").exists()
    return Log.objects.count(), sum(charges, Decimal(0))


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 365) else 1)
