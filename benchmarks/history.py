"""A year's first history with 300 ms for each answer: eight Celery workers against one reader of the same days."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from benchmarks.ground import Report, seconds, space_of_its_own  # sets Django up first

from django.conf import settings  # isort: skip
from django.core.management import call_command  # isort: skip

from logsync.choices import RunKind
from logsync.models import DailyCharge, Log, PullUnit, SyncRun
from logsync.projects import ensure_project
from logsync.simulator import Project as Account
from logsync.tasks import dispatch_history

LATENCY_S = 0.3
WORKERS = 8
MOST_OF_SEQUENTIAL = 1 / 6
# Ten times what it should take: then something hangs.
PATIENCE_S = 600
# What Celery says once it listens.
READY = " ready."


def main(days: int) -> bool:
    os.environ["PULL_DAYS_BACK"] = str(days)
    settings.PULL_DAYS_BACK = days
    call_command("migrate", verbosity=0)
    with space_of_its_own("--days", str(days), "--logs-per-day", "140", "--latency", str(LATENCY_S)) as url:
        make_project(url)
        call_command("pull", workers=1, stdout=io.StringIO())
        sequential, units, totals = history_seconds(), PullUnit.objects.count(), total()
        call_command("flush", interactive=False, verbosity=0)
        make_project(url)
        with workers():
            side_by_side = seconds(read_by_workers)
    report = Report(f"First history of {days} days in {units} units, {LATENCY_S * 1000:.0f} ms for each answer")
    report.note("one after the other", f"{sequential:.1f} s")
    report.line(f"{WORKERS} workers", f"{side_by_side:.1f} s", side_by_side / sequential, most=MOST_OF_SEQUENTIAL)
    report.note("logs, charge: one after the other", f"{totals[0]:,}, {totals[1]}")
    report.note("logs, charge: by the workers", "{:,}, {}".format(*total()))
    return report.holds


def history_seconds() -> float:
    """How long the first history took, without what `pull` reads besides."""
    run = SyncRun.objects.get(kind=RunKind.HISTORY)
    assert run.finished_at
    return (run.finished_at - run.started_at).total_seconds()


def read_by_workers() -> None:
    dispatch_history.delay()
    wait_until(lambda: PullUnit.objects.exists() and not PullUnit.objects.filter(read_at=None).exists())


@contextmanager
def workers() -> Iterator[None]:
    """Workers that wait for work: as little of their start is counted as of the one reader's."""
    command = [sys.executable, "manage.py", "worker", "--concurrency", str(WORKERS)]
    path = settings.VAR_DIR / "worker.log"
    with path.open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            wait_until(lambda: READY in path.read_text())
            yield
        finally:
            process.terminate()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{PullUnit.objects.filter(read_at=None).count()} days are still not read")
        time.sleep(0.1)


def make_project(url: str) -> None:
    ensure_project(name="benchmark", space_url=url, signalwire_id=Account().id, api_token=Account().token)


def total() -> tuple[int, Decimal]:
    charges = DailyCharge.objects.values_list("charge", flat=True)
    assert not SyncRun.objects.exclude(error="").exists()
    return Log.objects.count(), sum(charges, Decimal(0))


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 365) else 1)
