"""The Celery application, run by `manage.py worker` and `manage.py beat`; see `config/celery_schedule.py`."""

import os

from celery import Celery
from celery.signals import setup_logging
from kombu.exceptions import OperationalError

from dashboard.config.log_output import log_as_service

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")  # Celery reads it at once
app = Celery("tollbook")
# By name, so that it is loaded later: the settings may not be ready yet.
app.config_from_object("dashboard.config.celery_schedule")
app.autodiscover_tasks()
# Replaces Celery's own handlers.
setup_logging.connect(log_as_service)


def send_task(task: str, *arguments: object) -> bool:
    """Queue a task of logsync.tasks. Returns False if the queue cannot be reached."""
    try:
        app.send_task(f"logsync.tasks.{task}", args=arguments, retry=False)
    except (OperationalError, OSError):
        return False
    return True
