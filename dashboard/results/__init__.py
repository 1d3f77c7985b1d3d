"""What dashboard.queries answers: small frozen values, the only thing views, charts, exports and commands see.

Money is `Decimal` dollars. `None` is unknown or absent, never zero. Days are report days; instants are UTC.
"""

from dashboard.results.charges import ChargeRow, ChargeTable, Comparison, DayRow, Freshness, Overview, Totals
from dashboard.results.logs import (
    ChangesPage,
    ChargeChangeRow,
    ChargeLineRow,
    Effect,
    Facet,
    Family,
    FamilyMember,
    LogDetail,
    LogRow,
    LogsPage,
)
from dashboard.results.sync import FeedStatus, QuarantineRow, RunRow, SyncStatus, UnitRow

__all__ = [
    "ChangesPage",
    "ChargeChangeRow",
    "ChargeLineRow",
    "ChargeRow",
    "ChargeTable",
    "Comparison",
    "DayRow",
    "Effect",
    "Facet",
    "Family",
    "FamilyMember",
    "FeedStatus",
    "Freshness",
    "LogDetail",
    "LogRow",
    "LogsPage",
    "Overview",
    "QuarantineRow",
    "RunRow",
    "SyncStatus",
    "Totals",
    "UnitRow",
]
