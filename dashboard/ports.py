"""Ports to listen on."""

import socket

from django.core.management.base import CommandError


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, at port 0 on any free one. Raises OSError."""
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def require_port(host: str, port: int) -> int:
    """The port, if a server can listen there now; else CommandError says why not."""
    try:
        listen(host, port).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
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
