import json
from datetime import datetime

from dashboard import exports, queries
from dashboard.filters import Filter
from dashboard.reports import Report, days_and_freshness


class Command(Report):
    help = "Prints what was spent, by day or by any group_by: the figures of /charges.json and /charges.csv."
    example = "period=last-month&group_by=type,direction"

    def report(self, wanted: Filter, kind: str, now: datetime) -> None:
        found = queries.charges(wanted, now)
        if kind == "json":
            self.stdout.write(json.dumps(exports.charges_json(wanted, found), indent=2, ensure_ascii=False))
        elif kind == "csv":
            self.write(exports.csv_chunks(exports.charges_table(found)))
        else:
            totals = ("total", *[""] * (len(found.group_by) - 1), *exports.sums(found.total), "")
            self.show(exports.charges_table(found), totals, days_and_freshness(wanted, found.freshness))
