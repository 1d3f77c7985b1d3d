"""Celery's configuration, and the schedule of what is read again.

A message only says that work may be due; the database says what is due, and beat's tasks check it regularly. So any
message may be lost, and the queue may be emptied at any time.
"""

from datetime import timedelta

from celery.schedules import crontab
from django.conf import settings

from dashboard.config.filesystem_broker import queue_options
from dashboard.config.redis_url import celery_tls, celery_url
from dashboard.config.startup import load_settings

load_settings()

MINUTE, HOUR = 60, 3600
# Expired leases of killed processes are found within a third of their lifetime.
CHECK_SECONDS = max(1, settings.LEASE_SECONDS // 3)
MAX_TASK_SECONDS = 2 * HOUR  # enough for a day of a million calls over a slow connection

accept_content = ["json"]
task_serializer = "json"
task_ignore_result = True
timezone = "UTC"
enable_utc = True

task_acks_late = True
# Prefetch, because reading a day with few logs takes no longer than fetching its message.
worker_prefetch_multiplier = 2
task_time_limit = MAX_TASK_SECONDS
task_default_queue = "tollbook"
worker_send_task_events = False
# A page that sends a task must respond within seconds even if the broker is down.
task_publish_retry_policy = {"max_retries": 2, "interval_start": 0, "interval_step": 0.2, "interval_max": 0.5}
broker_connection_retry_on_startup = True
broker_connection_timeout = 5

if settings.REDIS_URL:
    broker_url = celery_url(settings.REDIS_URL)
    broker_use_ssl = celery_tls(settings.REDIS_URL)
    # Unacknowledged messages are redelivered after visibility_timeout, so it must exceed any task's run time.
    broker_transport_options = {
        "visibility_timeout": MAX_TASK_SECONDS + HOUR,
        "socket_timeout": 10,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 30,
    }
else:
    broker_url = "filesystem://localhost"
    broker_transport = "dashboard.config.filesystem_broker:Transport"
    broker_transport_options = queue_options(settings.VAR_DIR / "queue")
    worker_enable_remote_control = False  # would leave a queue behind for every worker that ever ran

beat_schedule_filename = str(settings.VAR_DIR / "beat-schedule")


def every(schedule: timedelta | crontab, task: str, expires_s: int) -> dict[str, object]:
    """A message expires when the next one is due."""
    return {"task": f"logsync.tasks.{task}", "schedule": schedule, "options": {"expires": expires_s}}


# Rare tasks run at a time of day, so that a restart does not postpone them.
beat_schedule = {
    "newest logs": every(timedelta(minutes=5), "dispatch_newest", 5 * MINUTE),
    "today again": every(crontab(minute=7), "dispatch_today", HOUR),
    "last days again": every(crontab(minute=37, hour=2), "dispatch_window", 24 * HOUR),
    "logs that had not ended": every(timedelta(minutes=5), "dispatch_unfinished", 5 * MINUTE),
    "missing parents": every(timedelta(minutes=10), "dispatch_parents", 10 * MINUTE),
    "first history": every(timedelta(seconds=CHECK_SECONDS), "dispatch_history", CHECK_SECONDS),
    "stale totals": every(timedelta(seconds=CHECK_SECONDS), "rebuild_stale", CHECK_SECONDS),
    "columnar copy": every(timedelta(minutes=1), "update_copy", MINUTE),
}
