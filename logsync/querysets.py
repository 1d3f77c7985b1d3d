"""Conditions on logs that more than one reader needs."""

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Q, Value, When

from logsync.choices import Deleted

if TYPE_CHECKING:
    from logsync.models import Log  # noqa: F401  # named in a base class, where ruff does not look

# A tombstone that was never read alive: of a deleted log SignalWire keeps no more than its id and two times.
UNSEEN = Q(discarded_at__isnull=False, log_type__isnull=True, source__isnull=True, charge__isnull=True)


class LogQuerySet(models.QuerySet["Log"]):
    def created_between(self, start: datetime, end: datetime) -> Self:
        """Logs created from start up to, but not at, end."""
        return self.filter(created_at__gte=start, created_at__lt=end)

    def with_deleted(self) -> Self:
        """Each log with `deleted`, a value of choices.Deleted."""
        return self.annotate(
            deleted=Case(
                When(discarded_at__isnull=True, then=Value(Deleted.NO.value)),
                When(UNSEEN, then=Value(Deleted.UNSEEN.value)),
                default=Value(Deleted.YES.value),
                output_field=models.CharField(),
            )
        )

    def totals_by(self, **groups: Any) -> Any:
        """Sums for each group of the named expressions, and counts of the logs that carry each figure: null is
        unknown, so it counts for nothing."""
        return (
            self.order_by()
            .values(**groups)
            .annotate(
                logs=models.Count("*"),
                charge_sum=models.Sum("charge"),
                charged_logs=models.Count("charge"),
                billing_ms_sum=models.Sum("billing_ms"),
                billed_logs=models.Count("billing_ms"),
                seconds_sum=models.Sum("seconds"),
                timed_logs=models.Count("seconds"),
            )
        )
