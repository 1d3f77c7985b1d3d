"""The filter of changed charges: the usual filter of their logs, plus the parameters `kind` and `changed`.

Without a period it covers all days, because a charge may change long after its day.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.http import QueryDict

from dashboard.filters import periods, query_string, values
from dashboard.filters.parser import DEFAULT_PAGE_SIZE, DEFAULT_SORT, Filter, parse_filter, single
from dashboard.filters.values import FilterError
from logsync.days import day_of

RESTATED, FIRST, EVERY = "restated", "first", "all"
# Kind of change -> label. The first is the default.
KINDS = {
    RESTATED: "Restated",
    FIRST: "First charges",
    EVERY: "All",
}
# Periods in which a change was read. The first is the default.
CHANGED = (periods.ALL, "today", "last-7-days", "last-30-days", "last-90-days", "this-month", "last-month")
RECENT_PERIOD = "last-7-days"
_DAY_PARAMETERS = ("period", "start", "end")
# Changes are always listed newest first, without groups.
_UNSUPPORTED = ("sort", "group_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """`logs` selects the logs by their own days; `changed` is the period in which their changes were read."""

    logs: Filter
    kind: str
    changed: str
    changed_span: periods.Span

    def own(self) -> dict[str, str | None]:
        """The parameters that only this filter has; None stands for the default."""
        return {
            "kind": None if self.kind == RESTATED else self.kind,
            "changed": None if self.changed == periods.ALL else self.changed,
        }

    def query(self) -> str:
        """The canonical query string, without the cursor."""
        return query_string.with_parameters(self.logs.query(), **self.own())


def parse_change_filter(query: QueryDict, now: datetime) -> ChangeFilter:
    """Raises FilterError, which names the parameter."""
    parameters = query.copy()
    kind = _pop_choice(parameters, "kind", tuple(KINDS))
    changed = _pop_choice(parameters, "changed", CHANGED)
    for name in _UNSUPPORTED:
        if parameters.get(name):
            raise FilterError(name, "Changed charges cannot be sorted or grouped. Remove this parameter.")
    if not any(parameters.get(name) for name in _DAY_PARAMETERS):
        parameters["period"] = periods.ALL
    return _change_filter(parse_filter(parameters, now), kind, changed, now)


def recently_restated(logs: Filter, now: datetime) -> ChangeFilter:
    """The charges of the logs of another page's filter that were restated in the last 7 days."""
    unsorted = replace(logs, group_by=(), sort=DEFAULT_SORT, page_size=DEFAULT_PAGE_SIZE, cursor=None)
    return _change_filter(unsorted, RESTATED, RECENT_PERIOD, now)


def _change_filter(logs: Filter, kind: str, changed: str, now: datetime) -> ChangeFilter:
    span = periods.span_of(changed, day_of(now, settings.REPORT_TIME_ZONE))
    return ChangeFilter(logs=logs, kind=kind, changed=changed, changed_span=span)


def _pop_choice(parameters: QueryDict, name: str, choices: tuple[str, ...]) -> str:
    texts = [text for text in parameters.pop(name, []) if text.strip()]
    return single({name: texts}, name, values.choice(choices)) or choices[0]
