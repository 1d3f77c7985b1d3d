"""The overview over 365 days and the first and 1,000th pages of logs, over a million logs and over none."""

import io
import sys
from collections.abc import Callable
from http import HTTPStatus

from benchmarks.common import LAST_DAY, Report, first_day, seconds, simulator_process  # sets Django up first

from django.contrib.auth import get_user_model  # isort: skip
from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip
from django.test import Client  # isort: skip
from django.utils import timezone  # isort: skip

from dashboard.filters.parser import parse_filter
from dashboard.queries import logs_page
from logsync.models import Log
from logsync.projects import ensure_project
from logsync.rollups.rebuild import rebuild_all
from logsync.simulator import Project as Account
from logsync.storage.bulk import COLUMNS

DAYS = 365
COPIES = 10
MAX_OF_EMPTY = 3
WARM_UP, ROUNDS = 3, 15
YEAR = f"start={first_day(DAYS)}&end={LAST_DAY}"
DEEP_PAGE = 1_000


def main(rows: int) -> bool:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = signed_in()
    pages: dict[str, Callable[[], str]] = {
        "overview, 365 days": lambda: f"/?{YEAR}",
        "logs, first page": lambda: f"/logs/?{YEAR}",
        f"logs, page {DEEP_PAGE:,}": lambda: f"/logs/?{YEAR}{deep_cursor()}",
    }
    empty = {name: milliseconds(client, address()) for name, address in pages.items()}
    fill(rows)
    report = Report(f"Pages over {Log.objects.count():,} logs against none, {connection.vendor}, best of {ROUNDS}")
    for name, address in pages.items():
        full = milliseconds(client, address())
        report.line(name, f"{empty[name]:.1f} -> {full:.1f} ms", full / empty[name], maximum=MAX_OF_EMPTY)
    return report.passed


def fill(rows: int) -> None:
    """Pull a tenth of the rows from the simulator, and copy them under other ids for the rest."""
    with simulator_process("--bulk-rows", str(rows // COPIES), "--days", str(DAYS), "--until", str(LAST_DAY)) as url:
        ensure_project(name="benchmark", space_url=url, signalwire_id=Account().id, api_token=Account().token)
        call_command("pull", since=str(first_day(DAYS)), until=str(LAST_DAY), stdout=io.StringIO())
    values = ", ".join(COLUMNS).replace("parent_id", "parent_id || '-' || %s").replace("id, ", "id || '-' || %s, ", 1)
    with connection.cursor() as cursor:
        for copy in range(1, COPIES):
            cursor.execute(
                f"INSERT INTO logsync_log ({', '.join(COLUMNS)}) SELECT {values} FROM logsync_log"
                " WHERE id NOT LIKE '%%-_'",
                [str(copy)] * 2,
            )
        rebuild_all()
        cursor.execute("ANALYZE")


def deep_cursor() -> str:
    """The cursor of page 1,000 with 50 rows per page, or of the last page."""
    cursor = ""
    for _ in range(DEEP_PAGE * 50 // 1000):
        page = logs_page(parse_filter(f"{YEAR}&page_size=1000{cursor}", timezone.now()), timezone.now())
        if page.next_cursor is None:
            break
        cursor = f"&cursor={page.next_cursor}"
    return cursor


def signed_in() -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.create_user("benchmark"))
    return client


def milliseconds(client: Client, address: str) -> float:
    def get() -> None:
        assert client.get(address).status_code == HTTPStatus.OK, address

    for _ in range(WARM_UP):
        get()
    return min(seconds(get) for _ in range(ROUNDS)) * 1000


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000) else 1)
