"""Runs the processes of an installation: starts, restarts and stops them together."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from types import TracebackType
from typing import Self

from django.conf import settings

# Give up after this many starts in a row; a run longer than STABLE_SECONDS resets the count.
MAX_STARTS = 4
STABLE_SECONDS = 60
LOG_LINES_SHOWN = 8
MAX_LOG_BYTES = 20_000_000
# The C library would give each thread an arena of its own, and keep there what was freed.
ALLOCATOR = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072"}


class ServiceFailedError(Exception):
    pass


@dataclass(frozen=True)
class Service:
    """`manage.py ARGUMENTS`; `name` is for messages. The output is appended to `log`.

    `module` runs instead of manage.py, if it is given: without Django, a process needs a third of the memory.
    """

    name: str
    arguments: tuple[str, ...]
    module: str = ""

    @property
    def log(self) -> Path:
        return Path(settings.VAR_DIR, "log", f"{self.module.rpartition('.')[2] or self.arguments[0]}.log")

    @property
    def command(self) -> list[str | Path]:
        program: list[str | Path] = ["-m", self.module] if self.module else [settings.BASE_DIR / "manage.py"]
        return [sys.executable, "-u", *program, *self.arguments]

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | ALLOCATOR | ({"PYTHONPATH": str(settings.BASE_DIR)} if self.module else {})


@dataclass
class Running:
    service: Service
    process: Popen[bytes]
    started: float = field(default_factory=time.monotonic)
    # Consecutive starts.
    starts: int = 1


class Supervisor:
    """A context manager that stops the started services when its block ends."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._running: list[Running] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # In reverse order of start, so that no service misses one that it depends on.
        for running in reversed(self._running):
            stop_child(running.process)

    def start(self, service: Service) -> None:
        self._running.append(Running(service, start(service)))

    def keep_running(self) -> None:
        """Restart services that ended. Raises ServiceFailedError if one keeps ending."""
        for running in self._running:
            rotate_log(running.service.log)
            if running.process.poll() is not None:
                self._restart(running)

    def _restart(self, running: Running) -> None:
        service, status = running.service, running.process.returncode
        stop_child(running.process)
        was_stable = time.monotonic() - running.started > STABLE_SECONDS
        running.starts = 1 if was_stable else running.starts + 1
        if running.starts > MAX_STARTS:
            raise ServiceFailedError(f"The {service.name} keeps ending. Its log: {service.log}\n{tail(service.log)}")
        self._say(f"The {service.name} ended (status {status}); restarting it. Log: {service.log}")
        running.process, running.started = start(service), time.monotonic()


def start(service: Service) -> Popen[bytes]:
    return start_child(service.command, service.log, service.environment)


def rotate_log(log: Path) -> None:
    """Copy a long log to `*.1.log` and truncate it. Its service keeps the file open and continues to write."""
    with suppress(OSError):  # somebody deleted it, or the disk is full: the services go on
        if log.stat().st_size > MAX_LOG_BYTES:
            shutil.copyfile(log, log.with_suffix(".1.log"))
            os.truncate(log, 0)


def tail(log: Path) -> str:
    lines: Sequence[str] = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"  {line}" for line in lines[-LOG_LINES_SHOWN:])


CHILD_GUARD = Path(__file__).with_name("child_guard.py")
# How long a guard waits before it kills its command, and a little more for the guard itself.
GRACE_SECONDS = 10
STOP_SECONDS = GRACE_SECONDS + 5


def start_child(
    command: Sequence[str | Path],
    log: Path,
    env: Mapping[str, str] | None = None,
    *,
    grace_seconds: float = GRACE_SECONDS,
) -> subprocess.Popen[bytes]:
    """Start a command under a guard and append its output to `log`. Closing the guard's standard input stops it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", CHILD_GUARD, str(grace_seconds), *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )


def stop_child(process: subprocess.Popen[bytes]) -> None:
    """Stop the command, unless it ended, and wait until it is gone."""
    if process.stdin:
        with suppress(BrokenPipeError):
            process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
