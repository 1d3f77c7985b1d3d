"""Changed charges and their effect on totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from dashboard.results.totals import Freshness


@dataclass(frozen=True, slots=True)
class ChargeChangeRow:
    """A changed charge. `was_final`: the log had ended before the change. `is_first_price`: it was priced within a day
    of its end, as usual. `log_type` is the log's current type.

    `old_log_created_at`: where the log was before, when it moved to another report day; else None. `counts_old` and
    `counts_new`: whether the days of the old and of the new charge belong to the filter.
    """

    project: str
    medium: str
    log_id: str
    log_created_at: datetime
    old_charge: Decimal | None
    new_charge: Decimal | None
    was_final: bool
    changed_at: datetime
    old_log_created_at: datetime | None = None
    is_first_price: bool = False
    log_type: str | None = None
    counts_old: bool = True
    counts_new: bool = True

    @property
    def difference(self) -> Decimal:
        """The effect on the total of the filter's days; an unknown charge counts as zero."""
        old = self.old_charge if self.counts_old else None
        new = self.new_charge if self.counts_new else None
        return (new or Decimal(0)) - (old or Decimal(0))


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of changed charges on totals. `logs` counts each log once, however often it changed or moved."""

    logs: int
    difference: Decimal


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """One page of changed charges. The effects cover all pages; `by_day` has report days of the logs, newest first."""

    rows: Sequence[ChargeChangeRow]
    by_day: Sequence[tuple[date, Effect]]
    total: Effect
    next_cursor: str | None
    previous_cursor: str | None
    freshness: Freshness
