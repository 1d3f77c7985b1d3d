"""Projects, their logs, and the history of changed charges. All instants are in UTC."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Aggregate, Case, Count, Q, Sum, Value, When
from django.db.models.functions import Left

from logsync.database import atomic
from logsync.fields import EncryptedField, MoneyField, RawJSONField
from logsync.models.choices import Deleted, Medium
from logsync.text import visible

# PostgreSQL rejects index entries over 2,704 bytes, so numbers, rooms and charge lines are searched by
# their first 200 characters.
SEARCH_KEY_LENGTH = 200
# A log that was deleted before it was first read: SignalWire keeps only its id and two times.
UNSEEN = Q(discarded_at__isnull=False, log_type__isnull=True, source__isnull=True, charge__isnull=True)
# The figures of a total, in the order that every total has, and how each is made of logs: sums, and counts of the logs
# that carry the figure. Null is unknown and counts for nothing.
TOTALS: dict[str, Aggregate] = {
    "logs": Count("*"),
    "charge": Sum("charge", default=Decimal(0)),
    "charged_logs": Count("charge"),
    "billing_ms": Sum("billing_ms", default=0),
    "billed_logs": Count("billing_ms"),
    "seconds": Sum("seconds", default=0),
    "timed_logs": Count("seconds"),
}


class ProjectQuerySet(models.QuerySet["Project"]):
    def named(self, names: Iterable[str]) -> Self:
        """Those that have or had one of these names. A name that a project has now means that project alone."""
        names = list(names)
        former = FormerProjectName.objects.filter(name__in=names).exclude(name__in=Project.objects.values("name"))
        return self.filter(Q(name__in=names) | Q(pk__in=former.values("project")))


class Project(models.Model):
    """One SignalWire project. The credentials select it: logs do not carry a project id."""

    name = models.CharField(
        max_length=100,
        unique=True,
        validators=[RegexValidator(r"^[^,]+$", "A comma separates projects in a filter, so a name has none.")],
        help_text="As shown on pages and used in filters.",
    )
    space_url = models.URLField("space", max_length=255, help_text="For example https://example.signalwire.com")
    signalwire_id = models.CharField("Project ID", max_length=64, help_text="The Project ID (a UUID) on SignalWire.")
    api_token = EncryptedField("API token", bound_to="space_url", help_text="Encrypted at rest and never shown again.")
    is_active = models.BooleanField("pull its logs", default=True)
    pulls_voice = models.BooleanField("voice logs", default=True)
    pulls_video = models.BooleanField("video logs", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["space_url", "signalwire_id"], name="project_once_per_space"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keeps the name that a renamed project had, for links and saved views; `update()` of a queryset does not."""
        with atomic():
            before = None if self._state.adding else self._stored_name()
            super().save(*args, **kwargs)
            if before is not None and before != self._stored_name():
                FormerProjectName.objects.update_or_create(name=before, defaults={"project": self})

    def clean(self) -> None:
        """Refuses the former name of another project: its links and saved views would show this one."""
        former = FormerProjectName.objects.filter(name=self.name).exclude(project=self.pk).first()
        if former:
            raise ValidationError(
                {"name": f"This was the name of “{former.project}”, which links and saved views still use."}
            )

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """Leaves the token to be loaded when it is needed: one that cannot be used must not break anything else."""
        if fields is not None:
            return super().refresh_from_db(using, fields, from_queryset)
        projects = Project.objects.all() if from_queryset is None else from_queryset
        super().refresh_from_db(using, None, projects.defer("api_token"))
        self.__dict__.pop("api_token", None)
        return None

    def _stored_name(self) -> str | None:
        return Project.objects.filter(pk=self.pk).values_list("name", flat=True).first()

    @property
    def media(self) -> list[str]:
        pulls = {Medium.VOICE: self.pulls_voice, Medium.VIDEO: self.pulls_video}
        return [medium.value for medium, is_pulled in pulls.items() if is_pulled]


class FormerProjectName(models.Model):
    """A name that a project had before: links and saved views that hold it still find the project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


class LogQuerySet(models.QuerySet["Log"]):
    def created_between(self, start: datetime, end: datetime) -> Self:
        """Logs created from start up to, but not at, end."""
        return self.filter(created_at__gte=start, created_at__lt=end)

    def with_deleted(self) -> Self:
        """Annotate each log with `deleted`, a value of choices.Deleted."""
        return self.annotate(
            deleted=Case(
                When(discarded_at__isnull=True, then=Value(Deleted.NO.value)),
                When(UNSEEN, then=Value(Deleted.UNSEEN.value)),
                default=Value(Deleted.YES.value),
                output_field=models.CharField(),
            )
        )

    def totals_by(self, **groups: Any) -> Any:
        """For each group of the named expressions: TOTALS, each under its name with `total_` before it."""
        totals = {f"total_{name}": total for name, total in TOTALS.items()}
        return self.order_by().values(**groups).annotate(**totals)


class Log(models.Model):
    """One voice or video log. The columns hold what is filtered, sorted or summed; `raw` is the row as received.

    Null means that SignalWire sent null or omitted the key. `seconds` is the length: `duration`, else whole seconds of
    `duration_ms`, else of `ended_at - started_at`. `itemised` is the sum of the charge lines.
    A log deleted before it was first read has only `id`, `created_at` and `discarded_at`.
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
    # The descriptions of the charge lines, each between line feeds: "\nTax\nOutbound Voice\n".
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
    # The names of fields that could not be read, separated by commas; null when all could.
    unread_fields = models.TextField(null=True)
    # A signed 64-bit hash of the row's bytes as received: equal means unchanged.
    fingerprint = models.BigIntegerField()
    # When the request for this version was sent. An older response never replaces a newer one.
    read_at = models.DateTimeField()
    first_seen_at = models.DateTimeField()
    # When to read an unfinished log again by id; null when it is final.
    next_read_at = models.DateTimeField(null=True)

    objects = LogQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at", "id"], name="log_by_time"),
            models.Index(fields=["charge", "id"], name="log_by_charge"),
            models.Index(Left("from_number", SEARCH_KEY_LENGTH), name="log_by_from"),
            models.Index(Left("to_number", SEARCH_KEY_LENGTH), name="log_by_to"),
            models.Index(fields=["parent_id"], name="log_by_parent", condition=models.Q(parent_id__isnull=False)),
            models.Index(
                fields=["next_read_at"], name="log_unfinished", condition=models.Q(next_read_at__isnull=False)
            ),
            # Nearly every row can be read in full, so this index is small.
            models.Index(fields=["created_at"], name="log_unread", condition=models.Q(unread_fields__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.medium} log {visible(self.id)}"


class PhoneNumber(models.Model):
    """Every distinct `from` and `to`, its first SEARCH_KEY_LENGTH characters, with what it is searched by.

    `key` and `kind` are those of parsing.phone_numbers.Party: `key` is the same for all spellings of one number.
    `text` is the value folded: NFC, in one case.
    """

    value = models.CharField(primary_key=True, max_length=SEARCH_KEY_LENGTH)
    key = models.TextField(default="")
    kind = models.CharField(max_length=10, default="")
    text = models.TextField(default="")

    class Meta:
        indexes = [models.Index(fields=["key"], name="number_by_key")]

    def __str__(self) -> str:
        return self.value


class SearchText(models.Model):
    """Every distinct room name and text of charge lines, its first SEARCH_KEY_LENGTH characters, for searching.

    `text` is the value folded: NFC, in one case. Neither database compares all letters like that by itself.
    """

    class Kind(models.TextChoices):
        ROOM = "room"
        DESCRIPTION = "description"

    kind = models.CharField(max_length=11, choices=Kind)
    value = models.CharField(max_length=SEARCH_KEY_LENGTH)
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="search_text_once")]

    def __str__(self) -> str:
        return visible(self.value)


class ChargeChange(models.Model):
    """A change of the charge or the report day of a stored log. `changed_at` is when the new version was read."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT)
    medium = models.CharField(max_length=5, choices=Medium)
    log_id = models.TextField()
    log_created_at = models.DateTimeField()
    # Where the log was before, when its created_at moved to another report day; else null.
    old_log_created_at = models.DateTimeField(null=True)
    old_charge = MoneyField(null=True)
    new_charge = MoneyField(null=True)
    # Whether the log had ended when the old charge was read: charges of running calls are expected to change.
    was_final = models.BooleanField()
    # The first price of a call, read within a day of its end: SignalWire prices calls only then.
    is_first_price = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["log_id"], name="change_by_log"),
            models.Index(fields=["changed_at"], name="change_by_time"),
            # Nearly all changes are of calls that had not ended, so an index of the others is small.
            models.Index(fields=["changed_at", "id"], name="change_restated", condition=models.Q(was_final=True)),
        ]

    def __str__(self) -> str:
        return f"{visible(self.log_id)}: {self.old_charge} -> {self.new_charge}"
