"""Totals of a filter by the groups it asks for."""

from datetime import datetime

from dashboard.filters import Filter
from dashboard.queries.freshness import freshness
from dashboard.queries.memory import pieces_of
from dashboard.queries.sums import added, as_totals, by_group, sums_by
from dashboard.results import ChargeTable


def charges(wanted: Filter, now: datetime) -> ChargeTable:
    """One row for each group that has logs, by day unless the filter says otherwise; sorted by the groups."""
    group_by = wanted.group_by or ("day",)
    rows = sums_by(pieces_of(wanted), group_by)
    return ChargeTable(
        group_by=group_by,
        rows=by_group(rows),
        total=as_totals(added(sums for _, sums in rows)),
        freshness=freshness(wanted, now),
    )
