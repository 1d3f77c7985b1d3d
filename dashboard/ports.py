"""Ports to listen on."""

import os
import socket
import time
from collections.abc import Callable

from django.core.management.base import CommandError


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, at port 0 on any free one. Raises OSError."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def require_port(host: str, port: int) -> int:
    """The port, if a server can listen there now; else CommandError says why not."""
    try:
        listen(host, port).close()
    except (OSError, OverflowError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else error
        raise CommandError(f"Port {port} on {host} cannot be used: {why}. Choose another with --port.") from None
    return port


def free_port(host: str, preferred: int = 0) -> int:
    """The preferred port where it is free, else any that is."""
    try:
        chosen = listen(host, preferred)
    except OSError:
        chosen = listen(host, 0)
    with chosen:
        return int(chosen.getsockname()[1])


def wait_until_served(host: str, port: int, given_up: Callable[[], bool], seconds: float = 60) -> bool:
    """Whether somebody listens there before the time is over, or the waiting is given up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not given_up():
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False
