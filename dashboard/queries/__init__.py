"""Database reads that several pages share: they take `filters` and return `results`, and import only these two.

Totals come from the rollup (DailyCharge) if it can answer the filter, else from the logs, with the same meaning: one
query string gives the same figures everywhere. The caller passes `now`.
"""

from dashboard.queries.changes import changes_page, iter_changes, restated
from dashboard.queries.completeness import freshness, reading_state
from dashboard.queries.logs import has_logs, iter_logs, log_totals, logs_page, logs_with_id
from dashboard.queries.projects import (
    nothing_to_show,
    present_names,
    project_names,
    read_change_filter,
    read_charges_filter,
    read_filter,
)
from dashboard.queries.set_aside import set_aside_with_id
from dashboard.queries.totals import charges

__all__ = [
    "changes_page",
    "charges",
    "freshness",
    "has_logs",
    "iter_changes",
    "iter_logs",
    "log_totals",
    "logs_page",
    "logs_with_id",
    "nothing_to_show",
    "present_names",
    "project_names",
    "read_change_filter",
    "read_charges_filter",
    "read_filter",
    "reading_state",
    "restated",
    "set_aside_with_id",
]
