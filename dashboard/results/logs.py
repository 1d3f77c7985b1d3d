"""Logs as tables and exports show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dashboard.results.totals import Freshness, Totals


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of the table of logs and of its exports."""

    project: str
    medium: str
    id: str
    created_at: datetime
    log_type: str | None
    direction: str | None
    status: str | None
    source: str | None
    from_number: str | None
    to_number: str | None
    room_name: str | None
    duration: int | None
    duration_ms: int | None
    billing_ms: int | None
    seconds: int | None
    charge: Decimal | None
    itemised: Decimal | None
    parent_id: str | None
    started_at: datetime | None
    ended_at: datetime | None
    discarded_at: datetime | None
    url: str | None
    locked: bool | None


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one parameter, with the number of logs of each under the filter's other conditions."""

    parameter: str
    values: Sequence[tuple[str | None, int]]


@dataclass(frozen=True, slots=True)
class LogsPage:
    """One page of rows. Totals and facets cover all pages. The cursors are opaque, and None at the ends."""

    rows: Sequence[LogRow]
    totals: Totals
    facets: Sequence[Facet]
    next_cursor: str | None
    previous_cursor: str | None
    freshness: Freshness
