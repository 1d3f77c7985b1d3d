from datetime import datetime

from dashboard import queries
from dashboard.exports import tables
from dashboard.exports.about import About
from dashboard.exports.commands import QueryCommand, period_and_freshness
from dashboard.filters.parser import Filter
from logsync.money import plain
from logsync.text import counted

# The columns that fit in a terminal; csv and json have all of them.
TABLE_COLUMNS = ("created_at", "type", "direction", "status", "from", "to", "seconds", "charge", "id")


class Command(QueryCommand):
    help = "Prints logs: one page of /logs/ as a table, or all rows as CSV or JSON."
    example = "period=today&status=failed&sort=-charge"

    def report(self, wanted: Filter, kind: str, now: datetime) -> None:
        if kind == "json":
            freshness, total = queries.freshness(wanted, now), queries.log_totals(wanted)
            self.write(tables.logs_json_chunks(wanted, queries.iter_logs(wanted), total, freshness))
        elif kind == "csv":
            about = About(kind="logs", filter=wanted, freshness=queries.freshness(wanted, now))
            self.write_csv(about, tables.logs_table(queries.iter_logs(wanted)))
        else:
            self._show_page(wanted, now)

    def _show_page(self, wanted: Filter, now: datetime) -> None:
        page = queries.logs_page(wanted, now)
        logs, charge = page.totals.logs, plain(page.totals.charge)
        self.show(
            tables.some_columns(page.rows, TABLE_COLUMNS),
            (),
            f"{len(page.rows):,} of {counted(logs, 'log')}, {charge} dollars in total; --format csv prints all.",
            period_and_freshness(wanted, page.freshness),
        )
