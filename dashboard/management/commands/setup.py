from typing import Any

from django.core.management.base import BaseCommand

from dashboard.runtime.setup import set_up, sign_in_help


class Command(BaseCommand):
    help = "Prepares the database, the project of the environment and the first user. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(sign_in_help(set_up()))
