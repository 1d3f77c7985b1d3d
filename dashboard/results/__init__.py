"""Frozen results of `queries` that several pages show. Imports no other dashboard package.

Money is `Decimal` dollars. `None` means unknown or absent, never zero. Days are report days; instants are UTC.
"""

from dashboard.results.changes import ChangesPage, ChargeChangeRow, Effect
from dashboard.results.logs import Facet, LogRow, LogsPage
from dashboard.results.set_aside import SetAsideRow
from dashboard.results.totals import (
    BEING_REBUILT,
    CLOSING,
    COMPLETE,
    ChargeRow,
    ChargeTable,
    Freshness,
    SetAside,
    Totals,
)

__all__ = [
    "BEING_REBUILT",
    "CLOSING",
    "COMPLETE",
    "ChangesPage",
    "ChargeChangeRow",
    "ChargeRow",
    "ChargeTable",
    "Effect",
    "Facet",
    "Freshness",
    "LogRow",
    "LogsPage",
    "SetAside",
    "SetAsideRow",
    "Totals",
]
