"""Totals made of the logs. Every `day` is a day of REPORT_TIME_ZONE."""

from django.db import models

from logsync.choices import Deleted, Medium
from logsync.fields import MoneyField
from logsync.models.logs import Project


class DailyCharge(models.Model):
    """Totals of one report day, rebuilt from the logs and never incremented. An absent value of a key is ''."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, db_index=False)
    day = models.DateField()
    medium = models.CharField(max_length=5, choices=Medium)
    log_type = models.TextField()
    direction = models.TextField()
    status = models.TextField()
    source = models.TextField()
    deleted = models.CharField(max_length=6, choices=Deleted)

    logs = models.BigIntegerField()
    charge = MoneyField()
    # How many of the logs carry a charge, a billing_ms, a length: null is unknown, not zero.
    charged_logs = models.BigIntegerField()
    billing_ms = models.BigIntegerField()
    billed_logs = models.BigIntegerField()
    seconds = models.BigIntegerField()
    timed_logs = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "project", "medium", "log_type", "direction", "status", "source", "deleted"],
                name="daily_charge_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.medium} {self.log_type}: {self.charge}"


class RolledDay(models.Model):
    """That the totals of a report day were made. Each time they get a new random seal: as long as the seals of some
    days are the same, so are their totals."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    day = models.DateField()
    seal = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "project"], name="rolled_once")]

    def __str__(self) -> str:
        return f"{self.day} is totalled"


class StaleDay(models.Model):
    """A mark that the totals of a report day are older than its logs. Marks are added, never shared:
    a rebuild removes just those that it saw, so a mark made meanwhile survives it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    day = models.DateField()
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["project", "day"], name="stale_by_day")]

    def __str__(self) -> str:
        return f"{self.day} is stale"


class ReportZone(models.Model):
    """The timezone that the stored totals were made in: a single row, to notice that REPORT_TIME_ZONE changed."""

    name = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name
