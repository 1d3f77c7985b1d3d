"""What the page of changed charges asks for: the filter language of all pages, about the logs that moved, and two
parameters more. Without a period it asks for all days: a charge may change long after its day.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.http import QueryDict

from dashboard import links, periods, reading
from dashboard.filters import DEFAULT_PAGE_SIZE, DEFAULT_SORT, Filter, FilterError, parse_filter
from logsync.days import day_of

RESTATED, FIRST, EVERY = "restated", "first", "all"
# Which changes, in words. The first is the default.
KINDS = {
    RESTATED: "Restated",
    FIRST: "First charges",
    EVERY: "All",
}
# When the change was read; the first is the default.
CHANGED = (periods.ALL, "today", "last-7-days", "last-30-days", "last-90-days", "this-month", "last-month")
LATELY = "last-7-days"
_OF_THE_DAYS = ("period", "start", "end")
# They order and group logs and totals; changes are always the newest first.
_NOT_HERE = ("sort", "group_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """`logs` says which logs, its days being theirs; `changed` is the period in which the change was read."""

    logs: Filter
    kind: str
    changed: str
    changed_span: periods.Span

    def own(self) -> dict[str, str | None]:
        """Its own parameters as they stand in an address; None where it is the default."""
        return {
            "kind": None if self.kind == RESTATED else self.kind,
            "changed": None if self.changed == periods.ALL else self.changed,
        }

    def query(self) -> str:
        """The canonical query string, without the position on the page."""
        return links.replaced(self.logs.query(), **self.own())


def parse_change_filter(query: QueryDict, now: datetime) -> ChangeFilter:
    """Raises FilterError naming the parameter."""
    given = query.copy()
    kind = _chosen(given, "kind", tuple(KINDS))
    changed = _chosen(given, "changed", CHANGED)
    for name in _NOT_HERE:
        if given.get(name):
            raise FilterError(name, "Changed charges are listed one by one, the newest first.")
    if not any(given.get(name) for name in _OF_THE_DAYS):
        given["period"] = periods.ALL
    return _of(parse_filter(given, now), kind, changed, now)


def restated_lately(logs: Filter, now: datetime) -> ChangeFilter:
    """The restated charges of the last days among the logs of a filter of another page."""
    bare = replace(logs, group_by=(), sort=DEFAULT_SORT, page_size=DEFAULT_PAGE_SIZE, cursor=None)
    return _of(bare, RESTATED, LATELY, now)


def _of(logs: Filter, kind: str, changed: str, now: datetime) -> ChangeFilter:
    span = periods.span_of(changed, day_of(now, settings.REPORT_TIME_ZONE))
    return ChangeFilter(logs=logs, kind=kind, changed=changed, changed_span=span)


def _chosen(given: QueryDict, name: str, names: tuple[str, ...]) -> str:
    texts = {text.strip() for text in given.pop(name, []) if text.strip()}
    if len(texts) > 1:
        raise FilterError(name, "It can have one value only.")
    try:
        return reading.choice(names)(texts.pop()) if texts else names[0]
    except ValueError as error:
        raise FilterError(name, str(error)) from None
