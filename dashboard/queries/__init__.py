"""Every database read of the website, the exports and the commands: filters in, the values of results out.

Totals come from the rollup (DailyCharge) whenever the filter uses nothing that it lacks, else from the logs with the
same meaning, so that the same query string gives the same figures everywhere. `now` is always the caller's.
"""

from dashboard.queries.changes import changes_page, iter_changes, restated
from dashboard.queries.charges import charges
from dashboard.queries.freshness import freshness, reading_state
from dashboard.queries.logs import has_logs, iter_logs, log_totals, logs_page, logs_with_id
from dashboard.queries.metrics import metrics
from dashboard.queries.names import project_names
from dashboard.queries.one_log import AmbiguousLogError, log_detail
from dashboard.queries.overview import overview
from dashboard.queries.storage import why_not_stored
from dashboard.queries.sync import sync_status

__all__ = [
    "AmbiguousLogError",
    "changes_page",
    "charges",
    "freshness",
    "has_logs",
    "iter_changes",
    "iter_logs",
    "log_detail",
    "log_totals",
    "logs_page",
    "logs_with_id",
    "metrics",
    "overview",
    "project_names",
    "reading_state",
    "restated",
    "sync_status",
    "why_not_stored",
]
