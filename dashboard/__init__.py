"""The Django project and the website. Reads what `logsync` stored through `queries` only."""

# Loaded with the project, so that tasks sent from web requests and commands go to its queue.
from dashboard.celery import app as celery_app

__all__ = ["celery_app"]
