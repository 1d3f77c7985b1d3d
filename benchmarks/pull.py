"""200,000 rows from HTTP to rolled-up totals, against bare writes of the same rows; then the same rows again."""

import io
import sys

from benchmarks.ground import (
    LAST_DAY,
    MemoryWatch,
    Report,
    first_day,
    seconds,
    space_of_its_own,
)  # sets Django up first

from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip

from benchmarks.floors import floor_seconds
from logsync.models import Log, Project
from logsync.projects import ensure_project
from logsync.rollups import differences
from logsync.simulator import Project as Account

DAYS = 50
# What a pull of this many rows may need: memory must not grow with the number of rows.
MOST_MEGABYTES = 250
LEAST_OF_FLOOR = {"postgresql": (0.3, 0.7), "sqlite": (0.6, 0.6)}


def main(rows: int) -> bool:
    call_command("migrate", verbosity=0)
    with space_of_its_own("--bulk-rows", str(rows), "--days", str(DAYS), "--until", LAST_DAY.isoformat()) as url:
        ensure_project(name="benchmark", space_url=url, signalwire_id=Account().id, api_token=Account().token)
        with MemoryWatch() as memory:
            new = seconds(pull)
        stored = Log.objects.count()
        with MemoryWatch() as memory_again:
            again = seconds(pull)
    floor = floor_seconds()
    report = Report(f"Pull of {stored:,} rows over {DAYS} days, {connection.vendor}, one process")
    least_new, least_again = LEAST_OF_FLOOR[connection.vendor]
    report.note("floor: bare write of the same rows", f"{stored / floor:,.0f} rows/s")
    report.line("new rows", f"{stored / new:,.0f} rows/s", floor / new, least=least_new)
    report.line("the same rows, unchanged", f"{stored / again:,.0f} rows/s", floor / again, least=least_again)
    for what, watch in (("memory, new rows", memory), ("memory, unchanged", memory_again)):
        report.line(what, f"{watch.most:,.0f} MB", watch.most / MOST_MEGABYTES, most=1)
    project = Project.objects.get()
    wrong = list(differences(first_day(DAYS + 5), LAST_DAY, [project.pk]))
    report.note("totals that are not the sum of their logs", str(len(wrong)))
    return report.holds and not wrong


def pull() -> None:
    since, until = first_day(DAYS + 1).isoformat(), LAST_DAY.isoformat()
    call_command("pull", since=since, until=until, stdout=io.StringIO())


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000) else 1)
