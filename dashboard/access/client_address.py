"""The address that a request comes from."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.http import HttpRequest

# Whoever has one IPv6 address usually has 2^64 of them.
IPV6_PREFIX = 64


def client_address(request: HttpRequest) -> str | None:
    """The peer's address, of IPv6 its /64 network. None over a Unix socket.

    X-Forwarded-For is never read here, because anybody can send it.
    """
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0])
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, IPV6_PREFIX), strict=False).network_address)
