"""What is read of SignalWire, by whom, and how far it is. Every `day` is a UTC date, as `created_on` takes it."""

from django.db import models

from logsync.choices import Medium, RunKind, RunState, UnitState
from logsync.models.logs import Project
from logsync.visible import visible


class Retried(models.Model):
    """What is tried again after a failure, ever more rarely. `error` is '' and `failures` 0 once it went well."""

    error = models.TextField(blank=True)
    failed_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Feed(Retried):
    """One list of one project (its voice or its video logs) and how far it has been read."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="feeds")
    medium = models.CharField(max_length=5, choices=Medium)
    # Everything created before this was read at least once ("data until").
    read_until = models.DateTimeField(null=True)
    # The created_at of the newest row that a head pass has read.
    newest_at = models.DateTimeField(null=True)
    # The first day that SignalWire still keeps, once it has said so.
    history_from = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "medium"], name="feed_once")]

    def __str__(self) -> str:
        return f"{self.medium} logs of {self.project}"


class PullUnit(Retried):
    """The unit of a pull: the logs of one feed that SignalWire lists for `created_on` one UTC date."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="units")
    day = models.DateField()
    state = models.CharField(max_length=14, choices=UnitState, default=UnitState.WAITING)
    # When the first request of the last complete read was sent. The day is complete once this lies after its end.
    read_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "day"], name="unit_once")]
        indexes = [models.Index(fields=["day"], name="unit_by_day")]

    def __str__(self) -> str:
        return f"{self.feed} of {self.day}"


class MissingParent(models.Model):
    """A parent_id that logs of a feed name and the database lacks: to be read by id, or known not to exist."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="missing_parents")
    log_id = models.TextField()
    next_read_at = models.DateTimeField()
    # How often SignalWire said that there is no such log.
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "log_id"], name="missing_parent_once")]
        indexes = [models.Index(fields=["next_read_at"], name="missing_parent_by_time")]

    def __str__(self) -> str:
        return self.log_id


class Lease(models.Model):
    """The lock of a unit of work: held until it is released or runs out, on every database alike."""

    name = models.CharField(primary_key=True, max_length=200)
    owner = models.CharField(max_length=64)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.until}"


class SyncRun(models.Model):
    """One pass over SignalWire: what it set out to read, how far it is, what it found."""

    kind = models.CharField(max_length=12, choices=RunKind)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.RUNNING)
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    units = models.PositiveIntegerField(default=0)
    units_done = models.PositiveIntegerField(default=0)
    units_failed = models.PositiveIntegerField(default=0)
    requests = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    rows_new = models.BigIntegerField(default=0)
    rows_changed = models.BigIntegerField(default=0)
    rows_quarantined = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["-started_at"], name="run_by_time")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.started_at:%Y-%m-%d %H:%M}"


class QuarantinedRow(models.Model):
    """A row that could not be read: kept as received, with the reason, until the same log reads well."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE)
    # The log's id where it could be read; else ''.
    log_id = models.TextField(blank=True)
    reason = models.TextField()
    raw = models.TextField()
    fingerprint = models.BigIntegerField()
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "fingerprint"], name="quarantined_once")]
        indexes = [models.Index(fields=["log_id"], name="quarantined_by_log")]

    def __str__(self) -> str:
        return f"{self.feed}: {visible(self.reason)}"
