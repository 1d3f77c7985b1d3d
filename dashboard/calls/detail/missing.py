"""What is done about a parent that is not stored."""

from collections.abc import Collection

from dashboard.calls.detail.results import ParentSearch
from logsync.models import Feed, MissingParent


def parent_search(log_id: str, project_ids: Collection[int]) -> ParentSearch:
    """When SignalWire is next asked for this parent of logs of these projects: the soonest of their feeds."""
    found = MissingParent.objects.filter(log_id=log_id, feed__project__in=project_ids).select_related("feed__project")
    records = list(found.order_by("next_read_at", "pk"))
    asked = [record for record in records if _is_read(record.feed)]
    for record in asked:
        if record.failures < MissingParent.MAX_FAILURES:
            return ParentSearch(record.next_read_at, record.failures)
    if asked:
        return ParentSearch(None, asked[0].failures)
    return ParentSearch(None, 0, not_read=", ".join(sorted({str(record.feed) for record in records})))


def _is_read(feed: Feed) -> bool:
    return feed.project.is_active and feed.medium in feed.project.media
