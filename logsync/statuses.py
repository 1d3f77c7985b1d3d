"""Which statuses mean that a call or a session has ended."""

from datetime import datetime

FINAL_STATUSES = frozenset({"completed", "ended", "busy", "failed", "no-answer", "canceled"})
LIVE_STATUSES = frozenset({"queued", "initiated", "created", "ringing", "in-progress", "answered", "ending", "joined"})
# Somebody spoke, or speaks. Relay calls end as `ended`, LaML calls as `completed`.
ANSWERED_STATUSES = frozenset({"answered", "in-progress", "joined", "ending", "ended", "completed"})
# Subscriber device legs never have a status, so there is no end to wait for.
TYPES_WITHOUT_STATUS = frozenset({"fabric_subscriber_device_leg"})


def has_ended(status: str | None, log_type: str | None, ended_at: datetime | None) -> bool:
    """Whether the status is final. With an unknown or missing status, `ended_at` decides."""
    if status in FINAL_STATUSES or log_type in TYPES_WITHOUT_STATUS:
        return True
    return status not in LIVE_STATUSES and ended_at is not None
