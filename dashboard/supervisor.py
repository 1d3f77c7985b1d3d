"""Keeps the processes of an installation running together, and stops them together."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from types import TracebackType
from typing import Self

from django.conf import settings

from dashboard.processes import start_guarded, stop_guarded

# A service that ends this often in a row, each time soon after its start, will not mend itself.
STARTS_IN_A_ROW = 4
LIVED_WELL_SECONDS = 60
LOG_LINES_SHOWN = 8
LONG_LOG_BYTES = 20_000_000


class ServiceFailedError(Exception):
    pass


@dataclass(frozen=True)
class Service:
    """`manage.py ARGUMENTS`, as the operator knows it by `name`; its output goes to the end of `log`."""

    name: str
    arguments: tuple[str, ...]

    @property
    def log(self) -> Path:
        return Path(settings.VAR_DIR, "log", f"{self.arguments[0]}.log")


@dataclass
class Running:
    service: Service
    process: Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    # How often in a row it was started.
    starts: int = 1


class Supervisor:
    """Starts services with `start`, stops all of them when its block ends."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._running: list[Running] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # One after the other, the last started first: nobody still at work asks for what has stopped.
        for running in reversed(self._running):
            stop_guarded(running.process)

    def start(self, service: Service) -> None:
        self._running.append(Running(service, start(service)))

    def keep_running(self) -> None:
        """Start again what ended. Raises ServiceFailedError when a service ends again and again."""
        for running in self._running:
            cut_long_log(running.service.log)
            if running.process.poll() is not None:
                self._restart(running)

    def _restart(self, running: Running) -> None:
        service, status = running.service, running.process.returncode
        stop_guarded(running.process)
        lived_well = time.monotonic() - running.started > LIVED_WELL_SECONDS
        running.starts = 1 if lived_well else running.starts + 1
        if running.starts > STARTS_IN_A_ROW:
            raise ServiceFailedError(
                f"The {service.name} ended again and again. Its log: {service.log}\n{tail(service.log)}"
            )
        self._say(f"The {service.name} ended (status {status}) and is started again. Its log: {service.log}")
        running.process, running.started = start(service), time.monotonic()


def start(service: Service) -> Popen[bytes]:
    manage = settings.BASE_DIR / "manage.py"
    return start_guarded([sys.executable, "-u", manage, *service.arguments], service.log)


def cut_long_log(log: Path) -> None:
    """Set a log that has grown long aside, in place of the one before; its service goes on writing into the rest."""
    if log.stat().st_size > LONG_LOG_BYTES:
        shutil.copyfile(log, log.with_suffix(".1.log"))
        os.truncate(log, 0)


def tail(log: Path) -> str:
    lines: Sequence[str] = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-LOG_LINES_SHOWN:])
