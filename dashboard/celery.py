"""The Celery application: `manage.py worker` and `manage.py beat` run it. Its configuration: celery_settings.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")  # Celery looks for it at once
app = Celery("tollbook")
# By name, so that it is read only when needed: the settings may not be loaded yet.
app.config_from_object("dashboard.celery_settings")
app.autodiscover_tasks()
