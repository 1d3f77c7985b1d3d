from datetime import datetime

from dashboard import exports, queries
from dashboard.filters import Filter
from dashboard.reports import Report, days_and_freshness
from logsync.money import plain

# What fits beside each other; csv and json have every column.
SHOWN = ("created_at", "type", "direction", "status", "from", "to", "seconds", "charge", "id")


class Command(Report):
    help = "Prints logs: the rows of /logs/ (as a table one page of them) and of /logs.csv (all of them)."
    example = "period=today&status=failed&sort=-charge"

    def report(self, wanted: Filter, kind: str, now: datetime) -> None:
        if kind == "json":
            state, total = queries.freshness(wanted, now), queries.log_totals(wanted)
            self.write(exports.logs_json_chunks(wanted, queries.iter_logs(wanted), total, state))
        elif kind == "csv":
            self.write(exports.csv_chunks(exports.logs_table(queries.iter_logs(wanted))))
        else:
            self._show_page(wanted, now)

    def _show_page(self, wanted: Filter, now: datetime) -> None:
        page = queries.logs_page(wanted, now)
        logs, charge = page.totals.logs, plain(page.totals.charge)
        self.show(
            exports.logs_table(page.rows, SHOWN),
            (),
            f"{len(page.rows):,} of {logs:,} logs, {charge} dollars in all; --format csv prints every one.",
            days_and_freshness(wanted, page.freshness),
        )
