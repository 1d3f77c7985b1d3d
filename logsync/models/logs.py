"""Projects, their logs, and how the charges of logs have changed. Every instant is UTC."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Left

from logsync.choices import Medium
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
