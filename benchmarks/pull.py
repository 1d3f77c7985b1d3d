"""Pull 200,000 rows from HTTP to totals, against bare writes of the same rows; then pull the same rows again."""

import io
import sys

from benchmarks.common import (
    LAST_DAY,
    MemoryWatch,
    Report,
    first_day,
    seconds,
    simulator_process,
)  # sets Django up first

from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip

from benchmarks.baselines import baseline_seconds
from logsync.models import Log, Project
from logsync.projects import ensure_project
from logsync.rollups.compare import differences
from logsync.simulator import Project as Account

DAYS = 50
# Memory must not grow with the number of rows.
MAX_MEGABYTES = 250
MIN_OF_BASELINE = {"postgresql": (0.3, 0.7), "sqlite": (0.6, 0.6)}


def main(rows: int) -> bool:
    call_command("migrate", verbosity=0)
    with simulator_process("--bulk-rows", str(rows), "--days", str(DAYS), "--until", LAST_DAY.isoformat()) as url:
        ensure_project(name="benchmark", space_url=url, signalwire_id=Account().id, api_token=Account().token)
        with MemoryWatch() as memory:
            new = seconds(pull)
        stored = Log.objects.count()
        with MemoryWatch() as memory_again:
            again = seconds(pull)
    baseline = baseline_seconds()
    report = Report(f"Pull of {stored:,} rows over {DAYS} days, {connection.vendor}, one process")
    min_new, min_again = MIN_OF_BASELINE[connection.vendor]
    report.note("baseline: bare write of the same rows", f"{stored / baseline:,.0f} rows/s")
    report.line("new rows", f"{stored / new:,.0f} rows/s", baseline / new, minimum=min_new)
    report.line("the same rows, unchanged", f"{stored / again:,.0f} rows/s", baseline / again, minimum=min_again)
    for label, watch in (("memory, new rows", memory), ("memory, unchanged", memory_again)):
        report.line(label, f"{watch.peak:,.0f} MB", watch.peak / MAX_MEGABYTES, maximum=1)
    project = Project.objects.get()
    wrong = list(differences(first_day(DAYS + 5), LAST_DAY, [project.pk]))
    report.note("totals that differ from the sum of their logs", str(len(wrong)))
    return report.passed and not wrong


def pull() -> None:
    since, until = first_day(DAYS + 1).isoformat(), LAST_DAY.isoformat()
    call_command("pull", since=since, until=until, stdout=io.StringIO())


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000) else 1)
