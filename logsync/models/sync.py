"""The state of the sync: feeds, days, leases, runs. Every `day` is a UTC date, as passed in `created_on`."""

from typing import Self

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When

from logsync.fields import MoneyField
from logsync.models.choices import Medium, RunKind, RunState, UnitState
from logsync.models.logs import Log, Project
from logsync.text import visible


class Retried(models.Model):
    """Work that is retried with backoff. After a success `error` is '' and `failures` is 0."""

    error = models.TextField(blank=True)
    failed_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


PULLED_MEDIUM = Q(medium=Medium.VOICE, project__pulls_voice=True) | Q(medium=Medium.VIDEO, project__pulls_video=True)
PROJECT_OFF = "project is switched off"
MEDIUM_OFF = "medium is switched off for this project"


class FeedQuerySet(models.QuerySet["Feed"]):
    def active(self) -> Self:
        """The feeds to read: the media that active projects pull. Ordered by project, voice before video."""
        return self.filter(PULLED_MEDIUM, project__is_active=True).order_by("project__name", "-medium")

    def with_off(self) -> Self:
        """Annotate each feed with `off`: why it is not read any more, '' for an active feed."""
        why = Case(
            When(project__is_active=False, then=Value(PROJECT_OFF)),
            When(PULLED_MEDIUM, then=Value("")),
            default=Value(MEDIUM_OFF),
            output_field=models.CharField(),
        )
        return self.annotate(off=why).order_by("project__name", "-medium")


class Feed(Retried):
    """One list of one project (its voice or its video logs) and how far it has been read."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="feeds")
    medium = models.CharField(max_length=5, choices=Medium)
    # All logs created before this were read at least once ("data until").
    read_until = models.DateTimeField(null=True)
    # The created_at of the newest row that a pass over the newest logs has read.
    newest_at = models.DateTimeField(null=True)
    # The first day that SignalWire still keeps, once known.
    history_from = models.DateField(null=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "medium"], name="feed_once")]

    def __str__(self) -> str:
        return f"{self.medium} logs of {self.project}"


class PullUnit(Retried):
    """The unit of work of a pull: the logs of one feed that SignalWire lists for one `created_on` date."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="units")
    day = models.DateField()
    state = models.CharField(max_length=14, choices=UnitState, default=UnitState.WAITING)
    # When the first request of the last complete read was sent. The day is complete when this is after its end.
    read_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "day"], name="unit_once")]
        indexes = [models.Index(fields=["day"], name="unit_by_day")]

    def __str__(self) -> str:
        return f"{self.feed} of {self.day}"


class MissingParent(models.Model):
    """A parent_id of stored logs whose own log is not stored: still to be read by id, or known not to exist."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="missing_parents")
    log_id = models.TextField()
    next_read_at = models.DateTimeField()
    # How often SignalWire responded that there is no such log. It is no longer asked after MAX_FAILURES.
    failures = models.PositiveIntegerField(default=0)
    # How often it could not be read for any other reason. It is asked for less and less often, but never given up.
    unread = models.PositiveIntegerField(default=0)

    MAX_FAILURES = 5

    class Meta:
        constraints = [models.UniqueConstraint(fields=["feed", "log_id"], name="missing_parent_once")]
        indexes = [models.Index(fields=["next_read_at"], name="missing_parent_by_time")]

    def __str__(self) -> str:
        return self.log_id


class Lease(models.Model):
    """A lock on a unit of work, held by `owner` until it is released or expires."""

    name = models.CharField(primary_key=True, max_length=200)
    owner = models.CharField(max_length=64)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} until {self.until}"


class SyncRun(models.Model):
    """One pass over SignalWire: what it reads, its progress and its results."""

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
    """A row that could not be read, as received. Deleted when a readable version of the same log arrives."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE)
    # The log's id, or '' when it could not be read.
    log_id = models.TextField(blank=True)
    reason = models.TextField()
    raw = models.TextField()
    # What could be read of it: when it was created, its charge, and the UTC date it was listed under.
    created_at = models.DateTimeField(null=True)
    charge = MoneyField(null=True)
    listed_on = models.DateField(null=True)
    fingerprint = models.BigIntegerField()
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "row set aside"
        verbose_name_plural = "rows set aside"
        constraints = [models.UniqueConstraint(fields=["feed", "fingerprint"], name="quarantined_once")]
        indexes = [models.Index(fields=["log_id"], name="quarantined_by_log")]

    def __str__(self) -> str:
        return f"{self.feed}: {visible(self.reason)}"

    @staticmethod
    def has_older_version() -> Exists:
        """The condition that the row's log could be read before: the totals have that version and its charge."""
        feed = {"project_id": OuterRef("feed__project_id"), "medium": OuterRef("feed__medium")}
        return Exists(Log.objects.filter(id=OuterRef("log_id"), **feed))
