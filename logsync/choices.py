"""SignalWire's own words, as sent, and what Tollbook calls its own states.

Types, statuses and directions are open sets: a value that is not listed here is stored and shown as it came.
"""

from django.db import models


class Medium(models.TextChoices):
    VOICE = "voice", "Voice"
    VIDEO = "video", "Video"


FINAL_STATUSES = frozenset({"completed", "ended", "busy", "failed", "no-answer", "canceled"})
LIVE_STATUSES = frozenset({"queued", "initiated", "created", "ringing", "in-progress", "answered", "ending", "joined"})
# A subscriber device leg never has a status, so there is no end to wait for.
TYPES_WITHOUT_STATUS = frozenset({"fabric_subscriber_device_leg"})


class Deleted(models.TextChoices):
    """Whether SignalWire has deleted the log, as the rollup counts it."""

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
    HEAD = "head", "Newest logs"
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
