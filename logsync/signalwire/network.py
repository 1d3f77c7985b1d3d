"""Opens connections to the addresses of a space that were checked, and to no others.

The name of a host can resolve to another address each time it is asked for. So it is resolved once per connection, all
its addresses are checked, and the connection is opened to one of these addresses, not to the name. TLS still verifies
the certificate against the name.
"""

import socket
import ssl
from collections.abc import Iterable
from typing import Any
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from logsync.exceptions import CredentialsError
from logsync.signalwire.addresses import is_loopback_address, refused_address
from logsync.signalwire.space_url import is_loopback


class CheckedNetwork(httpcore.NetworkBackend):
    """Connects like httpcore, after the check. Raises CredentialsError for a host that must not be connected to."""

    def __init__(self, *, allow_private: bool) -> None:
        self._backend = httpcore.SyncBackend()
        self._allow_private = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = resolve(host, port)
        self.check(host, addresses)
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in addresses:
            try:
                stream = self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.NetworkError, httpcore.TimeoutException) as error:
                failure = failure or error
            else:
                return self._checked(host, stream)
        raise failure or httpcore.ConnectError(f"{host} has no address")

    def check(self, host: str, addresses: list[str]) -> None:
        """Raises CredentialsError unless all addresses of the host may be connected to."""
        if why := refused_address(host, addresses, allow_private=self._allow_private):
            raise CredentialsError(f"Nothing was sent: {why}")
        if is_loopback(host) and not all(is_loopback_address(address) for address in addresses):
            raise CredentialsError(f"Nothing was sent: {host} is not this machine, but has the address {addresses[0]}.")

    def _checked(self, host: str, stream: httpcore.NetworkStream) -> httpcore.NetworkStream:
        """The address that answered is the one that counts, whatever the system made of the one it was given."""
        try:
            self.check(host, [stream.get_extra_info("server_addr")[0]])
        except CredentialsError:
            stream.close()
            raise
        return stream


class DirectTransport(httpx.HTTPTransport):
    """Sends requests straight to the space."""

    def __init__(self, ssl_context: ssl.SSLContext, network: CheckedNetwork, keepalive_s: float) -> None:
        super().__init__(verify=ssl_context)
        # httpx has no public way to pass a network backend to the pool that it makes.
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl_context, max_connections=None, keepalive_expiry=keepalive_s, network_backend=network
        )


class ProxyTransport(httpx.HTTPTransport):
    """Sends requests through a proxy, which resolves names itself: names that this machine can resolve are checked."""

    def __init__(self, ssl_context: ssl.SSLContext, network: CheckedNetwork, keepalive_s: float, proxy: str) -> None:
        limits = httpx.Limits(keepalive_expiry=keepalive_s)
        super().__init__(verify=ssl_context, limits=limits, proxy=httpx.Proxy(proxy))
        self._network = network

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.raw_host.decode()
        try:
            addresses = resolve(host, request.url.port or 443)
        except httpcore.ConnectError:  # many networks behind a proxy resolve only their own names
            addresses = []
        self._network.check(host, addresses)
        return super().handle_request(request)


def proxy_for(host: str) -> str:
    """The URL of the proxy for https that the environment names for a host; '' for none. Loopback hosts have none."""
    if is_loopback(host) or proxy_bypass(host):
        return ""
    proxies = getproxies()
    proxy = proxies.get("https") or proxies.get("all", "")
    return f"http://{proxy}" if proxy and "://" not in proxy else proxy


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, in the order in which to try them. Raises httpcore.ConnectError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
