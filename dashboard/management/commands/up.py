import signal
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard.celery import app
from dashboard.filesystem_queue import empty_queue
from dashboard.first_user import remembered_password
from dashboard.lock import AlreadyRunningError, only_one
from dashboard.ports import free_port, require_port
from dashboard.progress import Progress
from dashboard.setting_up import first_user_told, require_credentials, set_up
from dashboard.supervisor import Service, ServiceFailedError, Supervisor
from logsync.leases import forget_tickets

PORT = 8000
# A year of the demo's logs, and more for the demo that is started again some time later.
SIMULATED = ("--seed", "1", "--logs-per-day", "220", "--days", "400")
# The schedule's tasks that have something to do at the very start.
FIRST_TASKS = ("dispatch_head", "dispatch_history", "dispatch_unfinished", "rebuild_stale")


class Command(BaseCommand):
    help = "Runs everything until Ctrl-C: reads the logs of your SignalWire project and serves the website."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 listens to other machines too")
        parser.add_argument("--port", type=int, help=f"of the website ({PORT}, or any free one)")
        parser.add_argument("--simulate", action="store_true", help="serve SIGNALWIRE_SPACE, too: for the demo")

    def handle(self, *args: Any, host: str, port: int | None, simulate: bool, **options: Any) -> None:
        require_credentials()
        port = free_port(host, PORT) if port is None else require_port(host, port)
        try:
            with stop_signals() as stop, only_one(settings.VAR_DIR / "running"), Supervisor(self.say) as supervisor:
                self.start(supervisor, host, port, simulate=simulate)
                self.watch(supervisor, stop)
                self.say("Stopping …")
        except (AlreadyRunningError, ServiceFailedError) as error:
            raise CommandError(str(error)) from None
        self.say("Stopped. The same command goes on where this one ended.")

    def start(self, supervisor: Supervisor, host: str, port: int, *, simulate: bool) -> None:
        self.say("Preparing the database …")
        if simulate:
            supervisor.start(simulator())
        password = set_up()
        if not settings.REDIS_URL:  # nobody else has this queue, and what it held may be long out of date
            empty_queue(settings.VAR_DIR / "queue")
            forget_tickets()
        supervisor.start(Service("web server", ("serve", "--host", host, "--port", str(port))))
        supervisor.start(Service("worker", ("worker",)))
        supervisor.start(Service("scheduler", ("beat",)))
        for task in FIRST_TASKS:
            app.send_task(f"logsync.tasks.{task}")
        if simulate:
            password = remembered_password(settings.VAR_DIR / "password", password)
        self.say(f"\n{address(host, port)}\n{first_user_told(password)}\n")
        self.say(f"Ctrl-C stops everything. The logs of the processes are in {settings.VAR_DIR / 'log'}.\n")

    def watch(self, supervisor: Supervisor, stop: Event) -> None:
        progress = Progress()
        while not stop.wait(1):
            supervisor.restart_what_ended()
            if news := progress.news():
                self.say(news)

    def say(self, text: str) -> None:
        self.stdout.write(f"{text}\n")
        self.stdout.flush()


def simulator() -> Service:
    port = urlsplit(settings.SIGNALWIRE_SPACE).port
    return Service("simulated SignalWire space", ("simulate", "--port", str(port), *SIMULATED))


def address(host: str, port: int) -> str:
    if settings.SITE_URL.startswith("https://"):
        return settings.SITE_URL
    return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/"  # noqa: S104


@contextmanager
def stop_signals() -> Iterator[Event]:
    """An event that SIGINT and SIGTERM set, in place of ending the process."""
    stop = Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
