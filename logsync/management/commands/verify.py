import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from logsync import arguments
from logsync.checks import TAG
from logsync.database import require_tables
from logsync.models import Project
from logsync.money import plain
from logsync.progress import Told, console_to
from logsync.remote import RemoteDifference
from logsync.rollups import Difference
from logsync.verification import Findings, as_json, compare, known_days, mend

MOST_ROWS_SHOWN = 200
PLAIN: dict[str, Any] = {"markup": False, "highlight": False, "soft_wrap": True}


class Command(BaseCommand):
    help = (
        "Compares the daily totals with the logs, and with --remote the logs with SignalWire, row by row. Exit status 0"
        " only if nothing differs."
    )

    requires_system_checks = (TAG,)  # not what only the website needs

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DATE", help="the first report day (the first there is)")
        parser.add_argument("--until", metavar="DATE", help="the last report day (the last there is)")
        parser.add_argument("--remote", action="store_true", help="read all of it again from SignalWire and compare")
        parser.add_argument("--repair", action="store_true", help="make totals anew, and store what was read")
        parser.add_argument("--json", action="store_true", help="for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        since, until = report_days(options["since"], options["until"])
        feeds = arguments.feeds_of([], None) if options["remote"] else []
        findings = compare(feeds, since, until, remote=options["remote"])
        if options["repair"] and not findings.fine:
            mend(feeds, findings, Told(Console(stderr=True)))
            findings = compare(feeds, since, until, remote=options["remote"])
        if options["json"]:
            self.stdout.write(json.dumps(as_json(findings), indent=2))
        else:
            show(console_to(self.stdout), findings, remote=options["remote"])
        if findings.errors:
            raise CommandError("Not everything could be compared.")
        if not findings.fine:
            raise CommandError("There are differences.")


def report_days(since: str | None, until: str | None) -> tuple[date, date]:
    first, last = known_days()
    first = arguments.date_of("--since", since) or first
    last = arguments.date_of("--until", until) or last
    if first > last:
        raise arguments.bad_value(f"--since {first} lies after --until {last}.")
    return first, last


def show(console: Console, findings: Findings, *, remote: bool) -> None:
    console.print(f"{findings.since} to {findings.until}, both included.", highlight=False)
    if findings.totals:
        console.print(table_of_totals(findings.totals))
    console.print(f"Totals that differ from their logs: {len(findings.totals):,}", highlight=False)
    if not remote:
        return
    if findings.remote:
        console.print(table_of_rows(findings.remote[:MOST_ROWS_SHOWN]))
    for feed, days in (findings.beyond or {}).items():
        console.print(
            f"{feed}: SignalWire keeps no more what was created up to {max(days)}; not compared.", markup=False
        )
    for feed, error in (findings.errors or {}).items():
        console.print(f"{feed}: {error}", **PLAIN)
    kinds = Counter(row.kind for row in findings.remote)
    counted = ", ".join(f"{kinds[kind]:,} {kind}" for kind in ("missing", "extra", "different"))
    console.print(f"Logs that differ from SignalWire: {len(findings.remote):,} ({counted})", highlight=False)
    console.print(f"Charge that SignalWire has more: {plain(findings.charge)}", highlight=False)


def table_of_totals(totals: Sequence[Difference]) -> Table:
    table = Table("day", "project", "group", "logs", "charge", "total logs", "total charge", box=None)
    names = dict(Project.objects.values_list("pk", "name"))
    for total in totals[:MOST_ROWS_SHOWN]:
        group = " ".join(word or "-" for word in total.group)
        figures = (total.logs, plain(total.charge), total.total_logs, plain(total.total_charge))
        table.add_row(str(total.day), names[total.project_id], group, *map(str, figures))
    return table


def table_of_rows(rows: Sequence[RemoteDifference]) -> Table:
    table = Table("what", "project", "medium", "id", "created", "stored", "SignalWire", box=None)
    for row in rows:
        charges = ("-" if charge is None else plain(charge) for charge in (row.stored_charge, row.remote_charge))
        created = row.created_at.strftime("%Y-%m-%d %H:%M:%S")
        table.add_row(row.kind, row.feed.project.name, row.feed.medium, escape(row.log_id), created, *charges)
    return table
