"""A private PgBouncer in transaction mode, from the system's installation."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from dashboard.runtime.ports import wait_until_served
from dashboard.runtime.supervisor import start_child, stop_child
from tests.services.missing import ServiceMissingError
from tests.services.postgresql import as_ordinary_user, free_port

HOW_TO_GET_IT = "PgBouncer is missing: install it (Debian: apt-get install pgbouncer), or run ./tollbook test as root."
PLACES = ("/usr/sbin/pgbouncer", "/usr/local/sbin/pgbouncer", "/opt/homebrew/bin/pgbouncer")
# Few connections, taken in turn: what relies on a session soon finds itself in another one.
CONFIGURATION = """
[databases]
* = host={host} port={server_port} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
server_round_robin = 1
{options}
"""


@contextmanager
def running_pgbouncer(database_url: str, options: str = "") -> Iterator[str]:
    """The URL of the same database through PgBouncer; `options` are lines of its configuration."""
    server, port = urlsplit(database_url), free_port()
    folder = Path(tempfile.mkdtemp(prefix="tollbook-pgbouncer-"))
    try:
        folder.chmod(0o755)
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(
            CONFIGURATION.format(host=server.hostname, server_port=server.port, port=port, options=options)
        )
        process = start_child(as_ordinary_user([program(), configuration]), folder / "log")
        try:
            if not wait_until_served("127.0.0.1", port, lambda: process.poll() is not None):
                raise RuntimeError(f"PgBouncer did not start:\n{(folder / 'log').read_text()}")
            yield f"postgres://postgres@127.0.0.1:{port}{server.path}"
        finally:
            process.send_signal(signal.SIGINT)
            stop_child(process)
    finally:
        shutil.rmtree(folder)


def program() -> Path:
    on_path = shutil.which("pgbouncer")
    for place in ([on_path] if on_path else []) + list(PLACES):
        if Path(place).is_file():
            return Path(place)
    raise ServiceMissingError(HOW_TO_GET_IT)
