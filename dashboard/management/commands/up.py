import signal
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard.celery import app
from dashboard.filesystem_queue import empty_queue
from dashboard.first_user import remembered_password
from dashboard.lock import AlreadyRunningError, only_one
from dashboard.ports import free_port, require_port, wait_until_served
from dashboard.progress import Progress
from dashboard.setting_up import how_to_sign_in, require_broker, require_credentials, set_up
from dashboard.supervisor import Service, ServiceFailedError, Supervisor
from logsync.leases import forget_tickets

PORT = 8000
SECONDS_BETWEEN_NEWS = 3
# A year of the demo's logs, and more for the demo that is started again some time later.
SIMULATED = ("--seed", "1", "--logs-per-day", "220", "--days", "400")
# The schedule's tasks that have something to do at the very start.
FIRST_TASKS = ("dispatch_head", "dispatch_history", "dispatch_unfinished", "rebuild_stale")


class Command(BaseCommand):
    help = "Runs everything until Ctrl-C: reads the logs of your SignalWire project and serves the website."

    requires_system_checks = []  # not before what is missing was named

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 listens to other machines too")
        parser.add_argument("--port", type=int, help=f"of the website ({PORT}, or any free one)")
        parser.add_argument("--simulate", action="store_true", help="serve SIGNALWIRE_SPACE, too: for the demo")

    def handle(self, *args: Any, host: str, port: int | None, simulate: bool, **options: Any) -> None:
        require_credentials()
        require_broker()
        self.check()
        port = free_port(host, PORT) if port is None else require_port(host, port)
        try:
            with stop_signals() as stop, only_one(settings.VAR_DIR / "running"), Supervisor(self.say) as supervisor:
                self.start(supervisor, host, port, stop, simulate=simulate)
                self.watch(supervisor, stop)
                self.say("Stopping …")
        except (AlreadyRunningError, ServiceFailedError) as error:
            raise CommandError(str(error)) from None
        self.say("Stopped. The same command goes on where this one ended.")

    def start(self, supervisor: Supervisor, host: str, port: int, stop: Event, *, simulate: bool) -> None:
        self.say("Preparing the database …")
        if simulate:
            supervisor.start(simulator())
        password = set_up()
        supervisor.start(Service("web server", ("serve", "--host", host, "--port", str(port))))
        self.begin_reading(supervisor, stop, simulate=simulate)
        if simulate:
            password = remembered_password(settings.VAR_DIR / "password", password)
        if wait_until_served(host, port, stop.is_set):
            self.say(f"\nAddress:  {address(host, port)}\n{how_to_sign_in(password, shown_again=simulate)}\n")
            self.say(f"Ctrl-C stops everything. What the processes say is in {settings.VAR_DIR / 'log'}.\n")

    def begin_reading(self, supervisor: Supervisor, stop: Event, *, simulate: bool) -> None:
        if not settings.REDIS_URL:  # nobody else has this queue, and what it held may be long out of date
            empty_queue(settings.VAR_DIR / "queue")
            forget_tickets()
        if simulate:
            wait_until_served("127.0.0.1", simulator_port(), stop.is_set)
        supervisor.start(Service("worker", ("worker",)))
        supervisor.start(Service("scheduler", ("beat",)))
        for task in FIRST_TASKS:
            app.send_task(f"logsync.tasks.{task}")

    def watch(self, supervisor: Supervisor, stop: Event) -> None:
        progress = Progress()
        for second in count():
            if stop.wait(1):
                return
            supervisor.keep_running()
            if second % SECONDS_BETWEEN_NEWS == 0:
                for news in progress.news():
                    self.say(news)

    def say(self, text: str) -> None:
        self.stdout.write(f"{text}\n")
        self.stdout.flush()


def simulator() -> Service:
    return Service("simulated SignalWire space", ("simulate", "--port", str(simulator_port()), *SIMULATED))


def simulator_port() -> int:
    port = urlsplit(settings.SIGNALWIRE_SPACE).port
    if port is None:
        raise CommandError("--simulate needs a SIGNALWIRE_SPACE on this machine, such as http://127.0.0.1:8930.")
    return port


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
