"""The client, host and scheme of a request that came through a proxy, and requests that name no host of this site.

Headers that a proxy sets can be sent by anybody. X-Forwarded-For and X-Forwarded-Host are therefore read from
TRUSTED_PROXIES alone. X-Forwarded-Proto is so, too, if any are named, and otherwise with an https SITE_URL only.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORWARDED_FOR, FORWARDED_HOST, FORWARDED_PROTO = (f"HTTP_X_FORWARDED_{name}" for name in ("FOR", "HOST", "PROTO"))
# Some proxies add the port: 192.0.2.1:4711, [2001:db8::1]:4711.
WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]*):\d+")
GetResponse = Callable[[HttpRequest], HttpResponse]


class TrustedProxyMiddleware:
    """First, so that all others see the client's address in REMOTE_ADDR, and no forged header."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = _address(request.META.get("REMOTE_ADDR", ""))
        if peer and _is_trusted(peer):
            _apply(request.META, peer)
        else:
            _drop(request.META)
        return self.get_response(request)


class AnyHostMiddleware:
    """Lets probes name the address of a pod or machine as the host, which none of ALLOWED_HOSTS can foresee.

    The answers to them contain no address.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self._paths = re.compile(settings.ANY_HOST_PATHS)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._paths.match(request.path_info.lstrip("/")):
            request.META["HTTP_HOST"] = "localhost"
            request.META.pop(FORWARDED_HOST, None)
        return self.get_response(request)


def _apply(meta: dict[str, Any], peer: IPv4Address | IPv6Address) -> None:
    """Of a list, the last host is the one that the trusted proxy was asked for; clients can send those before it."""
    meta["REMOTE_ADDR"] = str(_client(meta.get(FORWARDED_FOR, ""), peer))
    if FORWARDED_HOST in meta:
        meta[FORWARDED_HOST] = meta[FORWARDED_HOST].rpartition(",")[2].strip()
    if FORWARDED_PROTO in meta:
        meta[FORWARDED_PROTO] = meta[FORWARDED_PROTO].strip().lower()


def _drop(meta: dict[str, Any]) -> None:
    for header in (FORWARDED_FOR, FORWARDED_HOST):
        meta.pop(header, None)
    if settings.TRUSTED_PROXIES:
        meta.pop(FORWARDED_PROTO, None)


def _client(forwarded_for: str, peer: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The nearest address that is no trusted proxy. Each appends who asked it; what comes before can be forged."""
    client = peer
    for entry in reversed(forwarded_for.split(",")):
        address = _address(entry)
        if address is None:
            return client
        client = address
        if not _is_trusted(client):
            return client
    return client


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """A server that listens on IPv6, too, gives IPv4 addresses as ::ffff:192.0.2.1."""
    text = text.strip()
    if match := WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _is_trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)
