"""What was read from SignalWire, the totals made of it, and how far the reading has come.

Days named `day` on Log's totals are days of REPORT_TIME_ZONE; days of a PullUnit are UTC dates, as `created_on`
takes them. Every instant is UTC.
"""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Left

from logsync.choices import Deleted, Medium, RunKind, RunState, UnitState
from logsync.fields import EncryptedField, MoneyField, RawJSONField
from logsync.querysets import LogQuerySet
from logsync.visible import visible

# PostgreSQL refuses index entries of more than 2,704 bytes: numbers are indexed and searched by their first 200.
NUMBER_INDEX_LENGTH = 200


class Project(models.Model):
    """One SignalWire project: the credentials pick it, so its logs carry no project id of their own."""

    name = models.CharField(
        max_length=100,
        unique=True,
        validators=[RegexValidator(r"^[^,]+$", "A comma separates projects in a filter, so a name has none.")],
        help_text="As shown on pages and used in filters.",
    )
    space_url = models.URLField("space", max_length=255, help_text="For example https://example.signalwire.com")
    signalwire_id = models.CharField("Project ID", max_length=64, help_text="The Project ID (a UUID) on SignalWire.")
    api_token = EncryptedField("API token", help_text="Encrypted at rest and never shown again.")
    is_active = models.BooleanField("pull its logs", default=True)
    pulls_voice = models.BooleanField("voice logs", default=True)
    pulls_video = models.BooleanField("video logs", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["space_url", "signalwire_id"], name="project_once_per_space"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def media(self) -> list[str]:
        wanted = {Medium.VOICE: self.pulls_voice, Medium.VIDEO: self.pulls_video}
        return [medium.value for medium, pulls in wanted.items() if pulls]


class Log(models.Model):
    """One voice or video log. The columns hold what is filtered, sorted or summed; `raw` is the row as received.

    Null means that SignalWire sent null or nothing. `seconds` is how long it lasted: `duration`, else whole seconds of
    `duration_ms`, else of `ended_at - started_at`. `itemised` is the sum of the charge lines.
    A tombstone never seen alive has nothing but `id`, `created_at` and `discarded_at`.
    """

    pk = models.CompositePrimaryKey("id", "medium", "project_id")
    id = models.TextField()
    medium = models.CharField(max_length=5, choices=Medium)
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="logs", db_index=False)

    log_type = models.TextField(null=True)
    source = models.TextField(null=True)
    direction = models.TextField(null=True)
    status = models.TextField(null=True)
    from_number = models.TextField(null=True)
    to_number = models.TextField(null=True)
    room_name = models.TextField(null=True)
    url = models.TextField(null=True)
    parent_id = models.TextField(null=True)
    locked = models.BooleanField(null=True)

    charge = MoneyField(null=True)
    itemised = MoneyField(null=True)
    # The texts of the charge lines, each between line feeds: "\nTax\nOutbound Voice\n".
    descriptions = models.TextField(null=True)
    duration = models.BigIntegerField(null=True)
    duration_ms = models.BigIntegerField(null=True)
    billing_ms = models.BigIntegerField(null=True)
    seconds = models.BigIntegerField(null=True)

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)

    raw = RawJSONField()
    # 64 bits of a hash of the row's bytes as received, deleted or alive: equal means nothing changed.
    fingerprint = models.BigIntegerField()
    # When the request that brought this version was sent. An older answer never replaces a newer one.
    read_at = models.DateTimeField()
    first_seen_at = models.DateTimeField()
    # When to read it again by id, because it had not ended; null once nothing more is expected.
    next_read_at = models.DateTimeField(null=True)

    objects = LogQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at", "id"], name="log_by_time"),
            models.Index(fields=["charge", "id"], name="log_by_charge"),
            models.Index(Left("from_number", NUMBER_INDEX_LENGTH), name="log_by_from"),
            models.Index(Left("to_number", NUMBER_INDEX_LENGTH), name="log_by_to"),
            models.Index(fields=["parent_id"], name="log_by_parent", condition=models.Q(parent_id__isnull=False)),
            models.Index(
                fields=["next_read_at"], name="log_unfinished", condition=models.Q(next_read_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.medium} log {visible(self.id)}"


class PhoneNumber(models.Model):
    """Every distinct `from` and `to`, its first NUMBER_INDEX_LENGTH characters: finds a part of a number fast."""

    value = models.CharField(primary_key=True, max_length=NUMBER_INDEX_LENGTH)

    def __str__(self) -> str:
        return self.value


class ChargeChange(models.Model):
    """A stored log came back with another charge: what it was, what it is, and when that was read."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT)
    medium = models.CharField(max_length=5, choices=Medium)
    log_id = models.TextField()
    log_created_at = models.DateTimeField()
    old_charge = MoneyField(null=True)
    new_charge = MoneyField(null=True)
    # Whether the log had ended when the old charge was read. Charges of running calls are expected to move.
    was_final = models.BooleanField()
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["log_id"], name="change_by_log"),
            models.Index(fields=["changed_at"], name="change_by_time"),
            # Nearly all changes are the first charges of calls that have just ended; few are of logs that had.
            models.Index(fields=["changed_at", "id"], name="change_restated", condition=models.Q(was_final=True)),
        ]

    def __str__(self) -> str:
        return f"{visible(self.log_id)}: {self.old_charge} -> {self.new_charge}"


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


class Feed(models.Model):
    """One list of one project (its voice or its video logs) and how far it has been read."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="feeds")
    medium = models.CharField(max_length=5, choices=Medium)
    # Everything created before this was read at least once ("data until").
    read_until = models.DateTimeField(null=True)
    # The created_at of the newest row that a head pass has read.
    newest_at = models.DateTimeField(null=True)
    # The first day that SignalWire still keeps, once it has said so.
    history_from = models.DateField(null=True)
    error = models.TextField(blank=True)
    failed_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "medium"], name="feed_once")]

    def __str__(self) -> str:
        return f"{self.medium} logs of {self.project}"


class PullUnit(models.Model):
    """The unit of a pull: the logs of one feed that SignalWire lists for `created_on` one UTC date."""

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="units")
    day = models.DateField()
    state = models.CharField(max_length=14, choices=UnitState, default=UnitState.WAITING)
    # When the first request of the last complete read was sent. The day is complete once this lies after its end.
    read_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    error = models.TextField(blank=True)
    failed_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)

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
