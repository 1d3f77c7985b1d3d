"""The rows of a log that Tollbook set aside because it could not read them."""

from dashboard.calls.detail.results import AmbiguousLogError
from dashboard.queries.projects import in_projects
from dashboard.results import SetAsideRow
from logsync.models import QuarantinedRow


def set_aside_row(medium: str, log_id: str, project: str | None = None) -> SetAsideRow | None:
    """The row with this log id, or None. Raises AmbiguousLogError if several projects have one and none is named."""
    rows = QuarantinedRow.objects.filter(log_id=log_id, feed__medium=medium)
    if project is not None:
        rows = rows.filter(in_projects([project], "feed__project"))
    latest_last = rows.order_by("last_seen_at", "pk").values_list(*SetAsideRow.COLUMNS)
    by_project = {row.project: row for row in (SetAsideRow(*values) for values in latest_last)} if log_id else {}
    if len(by_project) > 1:
        raise AmbiguousLogError(sorted(by_project))
    return next(iter(by_project.values()), None)
