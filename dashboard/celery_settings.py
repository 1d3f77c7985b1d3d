"""How Celery works here, and the schedule of what is read again (data rule 5 of the design).

A message only says that work may be due. What is due stands in the database, which beat's tasks look at again and
again: so no message is precious, and a queue may be lost or emptied at any time.
"""

from datetime import timedelta

from celery.schedules import crontab
from django.conf import settings

from dashboard.filesystem_queue import queue_options
from dashboard.start import load_settings

load_settings()

MINUTE, HOUR = 60, 3600
# What a process that was killed has left is looked for thrice while its leases run out: once a minute.
LOOK_SECONDS = max(1, settings.LEASE_SECONDS // 3)
TASK_SECONDS = 2 * HOUR  # a day of a million calls over a slow line

accept_content = ["json"]
task_serializer = "json"
task_ignore_result = True
timezone = "UTC"
enable_utc = True

task_acks_late = True
# The next message is at hand when a task ends: a day with few logs takes no longer than looking for it.
worker_prefetch_multiplier = 2
task_time_limit = TASK_SECONDS
task_default_queue = "tollbook"
worker_send_task_events = False
# A page that sends a task answers within seconds also while the broker is away.
task_publish_retry_policy = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}
broker_connection_retry_on_startup = True
broker_connection_timeout = 5

if settings.REDIS_URL:
    broker_url = settings.REDIS_URL
    # Redis hands out again what was not acknowledged for so long: longer than any task may take.
    broker_transport_options = {
        "visibility_timeout": TASK_SECONDS + HOUR,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 30,
    }
else:
    broker_url = "filesystem://localhost"
    broker_transport = "dashboard.filesystem_queue:Transport"
    broker_transport_options = queue_options(settings.VAR_DIR / "queue")
    worker_enable_remote_control = False  # would need a queue of its own for every worker that ever ran

beat_schedule_filename = str(settings.VAR_DIR / "beat-schedule")


def every(schedule: timedelta | crontab, task: str, expires_s: int) -> dict[str, object]:
    """A message that nobody took before the next one is sent is dropped."""
    return {"task": f"logsync.tasks.{task}", "schedule": schedule, "options": {"expires": expires_s}}


# Times of the day rather than intervals for what is rare: a restart must not put them off.
beat_schedule = {
    "newest logs": every(timedelta(minutes=5), "dispatch_head", 5 * MINUTE),
    "today again": every(crontab(minute=7), "dispatch_today", HOUR),
    "last days again": every(crontab(minute=37, hour=2), "dispatch_window", 24 * HOUR),
    "logs that had not ended": every(timedelta(minutes=5), "dispatch_unfinished", 5 * MINUTE),
    "missing parents": every(timedelta(minutes=10), "dispatch_parents", 10 * MINUTE),
    "first history": every(timedelta(seconds=LOOK_SECONDS), "dispatch_history", LOOK_SECONDS),
    "stale totals": every(timedelta(seconds=LOOK_SECONDS), "rebuild_stale", LOOK_SECONDS),
}
