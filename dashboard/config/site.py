"""The addresses of the website: SITE_URL, ALLOWED_HOSTS and TRUSTED_PROXIES, as browsers write them."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from urllib.parse import SplitResult, urlsplit

import idna

ANY_HOST = "*"
DEFAULT_PORTS = {"http": 80, "https": 443}
LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
ASCII_HOST = re.compile(rf"(?=.{{1,253}}$)(?:{LABEL}\.)*{LABEL}")
# Browsers read a host that ends in a number as an IPv4 address.
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
URL_ADVICE = "write an address such as https://tollbook.example.com."
HOSTS_ADVICE = "write host names such as tollbook.example.com, without a scheme, port or path, separated by commas."
NETWORKS_ADVICE = "write addresses or networks such as 10.0.0.5, 10.1.0.0/16, separated by commas."


def site_url(value: str) -> str:
    """The origin, as browsers send it: in lower case, IDN in Punycode, without a default port."""
    try:
        parts = urlsplit(value)
        origin = _origin(parts)
    except ValueError:
        raise ValueError(URL_ADVICE) from None
    if re.search(r"[\s\\@]", value) or parts.query or parts.fragment:
        raise ValueError(URL_ADVICE)
    if parts.path.strip("/"):
        raise ValueError(f"Tollbook cannot be served below a path; {URL_ADVICE}")
    return origin


def _origin(parts: SplitResult) -> str:
    """Raises ValueError for what is no address."""
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or parts.port == 0:
        raise ValueError
    port = "" if parts.port in {None, DEFAULT_PORTS[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host_name(parts.hostname)}{port}"


def host_of(url: str) -> str:
    """The host of a URL as it stands in ALLOWED_HOSTS: an IPv6 address in brackets."""
    return host_name(urlsplit(url).hostname or "")


def allowed_hosts(value: str) -> list[str]:
    """Host names separated by commas: .example.com with all below it, * for any."""
    try:
        return [_allowed(word.strip()) for word in value.split(",") if word.strip()]
    except ValueError:
        raise ValueError(HOSTS_ADVICE) from None


def _allowed(word: str) -> str:
    if word == ANY_HOST:
        return word
    if word.startswith("["):
        return f"[{IPv6Address(word.removeprefix('[').removesuffix(']'))}]"
    return f".{host_name(word[1:])}" if word.startswith(".") else host_name(word)


def host_name(host: str) -> str:
    """The host in the form that browsers send. Raises ValueError if it is none."""
    host = host.lower().removesuffix(".")
    if ":" in host:
        return f"[{_ipv6(host)}]"
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode()
    if NUMBER.fullmatch(host.rpartition(".")[2]):
        return str(IPv4Address(host))
    if not ASCII_HOST.fullmatch(host):
        raise ValueError
    return host


def _ipv6(text: str) -> IPv6Address:
    address = IPv6Address(text)
    if address.scope_id:  # the name of an interface of one machine
        raise ValueError
    return address


def networks(value: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks separated by commas."""
    try:
        return tuple(ip_network(word.strip()) for word in value.split(",") if word.strip())
    except ValueError:
        raise ValueError(NETWORKS_ADVICE) from None
