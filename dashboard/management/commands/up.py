import signal
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from threading import Event
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dashboard.celery import app
from dashboard.config.filesystem_broker import empty_queue
from dashboard.runtime.child_process import run_in_child
from dashboard.runtime.ports import free_port, http_url, require_port, wait_until_served
from dashboard.runtime.progress import HistoryProgress
from dashboard.runtime.setup import remembered_password, require_broker, require_credentials, set_up, sign_in_help
from dashboard.runtime.single_instance import AlreadyRunningError, single_instance
from dashboard.runtime.supervisor import Service, ServiceFailedError, Supervisor
from logsync.management.arguments import workers_of
from logsync.scheduling.leases import delete_reservations

PORT = 8000
# Where a browser finds a server that listens on all addresses.
THIS_MACHINE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
PROGRESS_SECONDS = 3
# More than the year that the demo reads, so that a later start still finds a whole year.
SIMULATED = ("--seed", "1", "--logs-per-day", "220", "--days", "400")
# The scheduled tasks that are due at the start.
FIRST_TASKS = ("dispatch_newest", "dispatch_history", "dispatch_unfinished", "rebuild_stale")


class Command(BaseCommand):
    help = "Runs everything until Ctrl-C: reads the logs of your SignalWire project and serves the website."

    requires_system_checks = []  # after require_credentials, whose message is clearer

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 accepts connections from other machines")
        parser.add_argument("--port", type=int, help=f"of the website ({PORT}, or any free one)")
        parser.add_argument(
            "--concurrency", type=int, help="read with this many processes instead of threads; about 60 MB each"
        )
        parser.add_argument("--web-workers", type=int, default=1, help="processes of the website; about 50 MB each")
        parser.add_argument(
            "--simulate", action="store_true", help="also serve a simulated SIGNALWIRE_SPACE (for the demo)"
        )

    def handle(
        self,
        *args: Any,
        host: str,
        port: int | None,
        concurrency: int | None,
        web_workers: int,
        simulate: bool,
        **options: Any,
    ) -> None:
        reading = services_that_read(concurrency)
        workers_of(web_workers, "--web-workers")
        require_credentials()
        require_broker()
        run_in_child(check)
        port = free_port(host, PORT) if port is None else require_port(host, port)
        site = Site(host, port, web_workers)
        try:
            with (
                stop_signals() as stop,
                single_instance(settings.VAR_DIR / "running"),
                Supervisor(self.say) as supervisor,
            ):
                password = self.start(supervisor, site, reading, stop, simulate=simulate)
                self.watch(supervisor, stop, site, sign_in_help(password, shown_again=simulate))
                self.say("Stopping …")
        except (AlreadyRunningError, ServiceFailedError) as error:
            raise CommandError(str(error)) from None
        self.say("Stopped. Run the same command again to continue.")

    def start(
        self, supervisor: Supervisor, site: "Site", reading: Sequence[Service], stop: Event, *, simulate: bool
    ) -> str | None:
        """The password to show, as `set_up` returns it."""
        self.say("Preparing the database …")
        if simulate:
            supervisor.start(simulator())
        password = run_in_child(set_up)
        supervisor.start(site.service)
        if simulate:
            wait_until_served("127.0.0.1", simulator_port(), stop.is_set)
        self.start_reading(supervisor, reading)
        return remembered_password(settings.VAR_DIR / "password", password) if simulate else password

    def start_reading(self, supervisor: Supervisor, reading: Sequence[Service]) -> None:
        if not settings.REDIS_URL:  # this queue is ours alone, and its tasks may be out of date
            empty_queue(settings.VAR_DIR / "queue")
            delete_reservations()
        for service in reading:
            supervisor.start(service)
        for task in FIRST_TASKS:
            app.send_task(f"logsync.tasks.{task}")

    def watch(self, supervisor: Supervisor, stop: Event, site: "Site", help_to_sign_in: str) -> None:
        """Until it is stopped. The address is said once it answers, however long that takes."""
        progress = HistoryProgress()
        is_served = False
        for second in count():
            if stop.wait(1):
                return
            supervisor.keep_running()
            if not is_served:
                is_served = wait_until_served(site.host, site.port, stop.is_set, seconds=1)
                if is_served:
                    self.say(f"\nAddress:  {address(site.host, site.port)}\n{help_to_sign_in}\n")
                    self.say(f"Ctrl-C stops everything. The logs are in {settings.VAR_DIR / 'log'}.\n")
            elif second % PROGRESS_SECONDS == 0:
                for line in progress.new_lines():
                    self.say(line)

    def say(self, text: str) -> None:
        self.stdout.write(f"{text}\n")
        self.stdout.flush()


@dataclass(frozen=True)
class Site:
    host: str
    port: int
    workers: int

    @property
    def service(self) -> Service:
        listen = "--host", self.host, "--port", str(self.port)
        return Service("web server", ("serve", *listen, "--workers", str(self.workers)))


def check() -> None:
    """Django's system checks. They load the whole website."""
    BaseCommand().check()


def services_that_read(concurrency: int | None) -> list[Service]:
    """One process unless --concurrency asks for more: it reads in threads and runs the scheduler."""
    if concurrency is None:
        return [Service("worker", ("worker", "--beat"))]
    processes = str(workers_of(concurrency, "--concurrency"))
    return [Service("worker", ("worker", "--concurrency", processes)), Service("scheduler", ("beat",))]


def simulator() -> Service:
    arguments = ("--port", str(simulator_port()), *SIMULATED)
    return Service("simulated SignalWire space", arguments, module="logsync.simulator")


def simulator_port() -> int:
    port = urlsplit(settings.SIGNALWIRE_SPACE).port
    if port is None:
        raise CommandError("--simulate needs a SIGNALWIRE_SPACE on this machine, such as http://127.0.0.1:8930.")
    return port


def address(host: str, port: int) -> str:
    if settings.SITE_URL.startswith("https://"):
        return settings.SITE_URL
    return http_url(THIS_MACHINE.get(host, host), port)


@contextmanager
def stop_signals() -> Iterator[Event]:
    """An event that SIGINT and SIGTERM set, instead of ending the process."""
    stop = Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    previous_handlers = [signal.signal(number, lambda *_: stop.set()) for number in signals]
    try:
        yield stop
    finally:
        for number, handler in zip(signals, previous_handlers, strict=True):
            signal.signal(number, handler)
