"""Totals of the logs. Every `day` is a day of REPORT_TIME_ZONE."""

from django.db import connection, models

from logsync.fields import MoneyField
from logsync.models.choices import Deleted, Medium
from logsync.models.logs import Project


class DailyCharge(models.Model):
    """Totals of one report day, rebuilt from the logs and never incremented. A null in a grouping column becomes ''."""

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
    # The numbers of logs that have a charge, a billing_ms and a length: null is unknown, not zero.
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
    """Records that the totals of a report day were built. `seal` is a random version, new with every rebuild: the same
    seal means the same totals."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    day = models.DateField()
    seal = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "project"], name="rolled_once")]

    def __str__(self) -> str:
        return f"{self.day} is totalled"


class StaleDay(models.Model):
    """Marks the totals of a report day as older than its logs. A day may have several marks: a rebuild deletes only
    those that it saw when it began, so a mark added meanwhile survives."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False)
    day = models.DateField()
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["project", "day"], name="stale_by_day")]

    def __str__(self) -> str:
        return f"{self.day} is stale"


# Tollbook's own key among PostgreSQL's advisory locks.
ZONE_LOCK = 0x70_12


class ReportZoneQuerySet(models.QuerySet["ReportZone"]):
    def current(self, *, to_change: bool = False) -> "ReportZone | None":
        """The timezone of the stored totals, which no other transaction changes before this one ends.

        SQLite needs no lock: its immediate transactions exclude each other.
        """
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_xact_lock{'' if to_change else '_shared'}(%s)", [ZONE_LOCK])
        return self.first()


class ReportZone(models.Model):
    """The timezone of the stored totals: a single row, used to detect a change of REPORT_TIME_ZONE."""

    name = models.CharField(max_length=64)
    # When the totals were last marked stale for this timezone.
    changed_at = models.DateTimeField(null=True)

    objects = ReportZoneQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name
