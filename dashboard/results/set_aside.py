"""Rows that could not be read."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class SetAsideRow:
    """A row that could not be read. `created_at` and `charge` are None where that is why; `listed_on` is a UTC date."""

    COLUMNS: ClassVar = (
        "feed__project_id",
        "feed__project__name",
        "feed__medium",
        "log_id",
        "reason",
        "raw",
        "created_at",
        "charge",
        "listed_on",
        "first_seen_at",
        "last_seen_at",
    )

    project_id: int
    project: str
    medium: str
    log_id: str
    reason: str
    raw: str
    created_at: datetime | None
    charge: Decimal | None
    listed_on: date | None
    first_seen_at: datetime
    last_seen_at: datetime

    @property
    def seen_until(self) -> datetime:
        """`last_seen_at` is when the request was sent, which the first time is just before the row was stored."""
        return max(self.first_seen_at, self.last_seen_at)
