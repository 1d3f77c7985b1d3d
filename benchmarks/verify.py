"""`verify` over a year of a million logs, against one bare SUM over the same rows."""

import io
import sys

from benchmarks.common import LAST_DAY, Report, first_day, seconds  # sets Django up first

from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip

from benchmarks.pages import DAYS, fill
from logsync.models import Log

MAX_OF_BASELINE = {"postgresql": 12, "sqlite": 12}
MAX_SECONDS_PER_MILLION = 20


def main(rows: int) -> bool:
    call_command("migrate", verbosity=0)
    fill(rows)
    logs = Log.objects.count()
    seconds(bare_sum)  # warm up: the first run reads the table from disk
    baseline = min(seconds(bare_sum) for _ in range(3))
    took = min(seconds(verify) for _ in range(2))
    report = Report(f"Verify {logs:,} logs of {DAYS} days, {connection.vendor}")
    report.note("baseline: one bare SUM of all charges", f"{baseline:.2f} s")
    report.line("totals against logs", f"{took:.2f} s", took / baseline, maximum=MAX_OF_BASELINE[connection.vendor])
    per_million = took / logs * 1_000_000
    report.line("per million logs", f"{per_million:.2f} s", per_million, maximum=MAX_SECONDS_PER_MILLION)
    return report.passed


def bare_sum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), SUM(charge), SUM(billing_ms), SUM(seconds) FROM logsync_log")
        cursor.fetchall()


def verify() -> None:
    call_command("verify", since=str(first_day(DAYS)), until=str(LAST_DAY), stdout=io.StringIO())


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000) else 1)
