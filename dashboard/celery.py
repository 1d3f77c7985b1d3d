"""The Celery application: `manage.py worker` and `manage.py beat` run it. Its configuration: celery_settings.py."""

import os

from celery import Celery
from celery.signals import setup_logging

from dashboard.logs import log_as_service

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")  # Celery looks for it at once
app = Celery("tollbook")
# By name, so that it is read only when needed: the settings may not be loaded yet.
app.config_from_object("dashboard.celery_settings")
app.autodiscover_tasks()
# In place of Celery's own handlers.
setup_logging.connect(log_as_service)
