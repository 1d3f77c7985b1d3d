"""A year's first history with 300 ms for each answer: eight Celery workers against one reader of the same days."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from benchmarks.ground import Report, seconds, space_of_its_own  # sets Django up first

from django.conf import settings  # isort: skip
from django.core.management import call_command  # isort: skip

from logsync.models import DailyCharge, Log, PullUnit, SyncRun
from logsync.projects import ensure_project
from logsync.simulator import Project as Account
from logsync.tasks import dispatch_history

LATENCY_S = 0.3
WORKERS = 8
MOST_OF_SEQUENTIAL = 1 / 6
# Ten times what it should take: then something hangs.
PATIENCE_S = 600


def main(days: int) -> bool:
    os.environ["PULL_DAYS_BACK"] = str(days)
    settings.PULL_DAYS_BACK = days
    call_command("migrate", verbosity=0)
    with space_of_its_own("--days", str(days), "--logs-per-day", "140", "--latency", str(LATENCY_S)) as url:
        sequential = seconds(lambda: one_after_the_other(url))
        units, totals = PullUnit.objects.count(), total()
        call_command("flush", interactive=False, verbosity=0)
        side_by_side = seconds(lambda: by_workers(url))
    report = Report(f"First history of {days} days in {units} units, {LATENCY_S * 1000:.0f} ms for each answer")
    report.note("one after the other", f"{sequential:.1f} s")
    report.line(f"{WORKERS} workers", f"{side_by_side:.1f} s", side_by_side / sequential, most=MOST_OF_SEQUENTIAL)
    report.note("logs, charge: one after the other", f"{totals[0]:,}, {totals[1]}")
    report.note("logs, charge: by the workers", "{:,}, {}".format(*total()))
    return report.holds


def one_after_the_other(url: str) -> None:
    make_project(url)
    call_command("pull", workers=1, stdout=io.StringIO())


def by_workers(url: str) -> None:
    make_project(url)
    with worker():
        dispatch_history.delay()
        deadline = time.monotonic() + PATIENCE_S
        while PullUnit.objects.filter(read_at=None).exists() or not PullUnit.objects.exists():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{PullUnit.objects.filter(read_at=None).count()} days are still not read")
            time.sleep(0.1)


@contextmanager
def worker() -> Iterator[None]:
    command = [sys.executable, "manage.py", "worker", "--concurrency", str(WORKERS)]
    with (
        (settings.VAR_DIR / "worker.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


def make_project(url: str) -> None:
    ensure_project(name="benchmark", space_url=url, signalwire_id=Account().id, api_token=Account().token)


def total() -> tuple[int, Decimal]:
    charges = DailyCharge.objects.values_list("charge", flat=True)
    assert not SyncRun.objects.exclude(error="").exists()
    return Log.objects.count(), sum(charges, Decimal(0))


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 365) else 1)
