"""Finds and checks ports."""

import os
import socket
import time
from collections.abc import Callable

from django.core.management.base import CommandError


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 means any free one. Raises OSError."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def require_port(host: str, port: int) -> int:
    """The port, if a server can listen there now; else raises CommandError."""
    try:
        listen(host, port).close()
    except (OSError, OverflowError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
        raise CommandError(f"Port {port} on {host} cannot be used: {why}. Choose another with --port.") from None
    return port


def free_port(host: str, preferred: int = 0) -> int:
    """The preferred port if it is free, else any free one."""
    try:
        listener = listen(host, preferred)
    except OSError:
        listener = listen(host, 0)
    with listener:
        return int(listener.getsockname()[1])


def wait_until_served(host: str, port: int, is_cancelled: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether a server accepts connections there before the timeout or the cancellation."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not is_cancelled():
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def http_url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
