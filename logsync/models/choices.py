"""The values of fields with a fixed set of choices.

Types, statuses and directions of logs are not among them: SignalWire's values are stored as received.
"""

from django.db import models


class Medium(models.TextChoices):
    VOICE = "voice", "Voice"
    VIDEO = "video", "Video"


class Deleted(models.TextChoices):
    """Whether SignalWire has deleted the log, as the rollups count it."""

    NO = "no", "Not deleted"
    YES = "yes", "Deleted, known from before"
    UNSEEN = "unseen", "Deleted before it was ever read"


class UnitState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Read"
    FAILED = "failed", "Failed"
    BEYOND_HISTORY = "beyond-history", "Older than SignalWire keeps"


class RunKind(models.TextChoices):
    HISTORY = "history", "First history"
    NEWEST = "head", "Newest logs"
    TODAY = "today", "Today again"
    WINDOW = "window", "Last days again"
    UNFINISHED = "unfinished", "Calls that had not ended"
    PARENTS = "parents", "Missing parent calls"
    RANGE = "range", "Chosen days"
    ONE_LOG = "one-log", "One log again"


class RunState(models.TextChoices):
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
