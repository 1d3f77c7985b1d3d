from typing import Any

from django.core.management.base import BaseCommand

from dashboard.setting_up import how_to_sign_in, set_up


class Command(BaseCommand):
    help = "Prepares the database, the project of the environment and the first user; repeating it changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(how_to_sign_in(set_up()))
