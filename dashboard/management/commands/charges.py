import json
from datetime import datetime

from dashboard import queries
from dashboard.exports import tables
from dashboard.exports.about import About
from dashboard.exports.commands import QueryCommand, period_and_freshness
from dashboard.filters.parser import Filter


class Command(QueryCommand):
    help = "Prints the spend by day or by any group_by: the figures of /charges.json and /charges.csv."
    example = "period=last-month&group_by=type,direction&sort=-charge"

    @staticmethod
    def parse(query: str, now: datetime) -> Filter:
        return queries.read_charges_filter(query, now)

    def report(self, wanted: Filter, kind: str, now: datetime) -> None:
        table = queries.charges(wanted, now)
        if kind == "json":
            self.stdout.write(json.dumps(tables.charges_json(wanted, table), indent=2, ensure_ascii=False))
        elif kind == "csv":
            about = About(kind="charges", filter=wanted, freshness=table.freshness)
            self.write_csv(about, tables.charges_table(table))
        else:
            fresh = table.freshness
            completeness = tables.completeness_cells(fresh.state, fresh.set_aside)
            totals = ("total", *[""] * (len(table.group_by) - 1), *tables.sums(table.total), *completeness)
            self.show(tables.charges_table(table), totals, period_and_freshness(wanted, fresh))
