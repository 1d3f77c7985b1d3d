from typing import Any

from django.core.management.base import BaseCommand

from dashboard.celery import app


class Command(BaseCommand):
    help = "Runs Celery beat: it sends the tasks of the schedule. One is enough; two do no harm."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        app.start(["beat", "--loglevel", "WARNING", "--pidfile", ""])
