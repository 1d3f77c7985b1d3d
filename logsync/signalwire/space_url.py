"""The address of a SignalWire space, in every form a user may write it."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from logsync.signalwire.addresses import is_loopback_address, refusal

SIGNALWIRE = "signalwire.com"
DEFAULT_PORTS = {"https": 443, "http": 80}
MAX_PORT = 65535
MAX_HOST = 253
# Letters that name another host in the older of the two standards for names outside ASCII.
AMBIGUOUS = re.compile("[ßς]")
AUTHORITY = re.compile(r"(?:\[(?P<ipv6>[0-9a-fA-F:.]+)\]|(?P<name>[^\[\]:]+))(?::(?P<port>[0-9]{0,5}))?")
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
HOW = "write the name of the space (example), its host, or its URL without a path."


def parse_space_url(value: str) -> str:
    """The URL of the space, from `example`, `example.signalwire.com` or a full URL; '' stays ''.

    Each space has one URL: the host in lower case and ASCII, without a default port. Raises ValueError with a message
    that says what to write instead.
    """
    if not value:
        return ""
    parts = _split(value)
    if parts.scheme not in DEFAULT_PORTS:
        raise ValueError("the URL of a space starts with https://.")
    authority = AUTHORITY.fullmatch(parts.netloc)
    if not authority or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(HOW)
    host = _address(authority["ipv6"]) if authority["ipv6"] else _host(authority["name"])
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("credentials are sent over https only; http:// is allowed for loopback hosts alone.")
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{_port(authority['port'], parts.scheme)}"


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by what it is called, not by what it resolves to."""
    return host == "localhost" or is_loopback_address(host)


def host_of(url: str) -> str:
    return urlsplit(url).hostname or url


def is_at_signalwire(url: str) -> bool:
    """Whether the URL of a space leads to SignalWire, so that a mistake cannot send the token to anybody else."""
    return f".{host_of(url)}".endswith(f".{SIGNALWIRE}")


def space_name(url: str) -> str:
    """The first label of the host: "example" for https://example.signalwire.com.

    Loopback hosts serve simulated spaces only: "demo".
    """
    host = host_of(url)
    return "demo" if is_loopback(host) else host.split(".", maxsplit=1)[0]


def _split(value: str) -> SplitResult:
    url = value if "://" in value else f"https://{value if '.' in value else f'{value}.{SIGNALWIRE}'}"
    if "@" in url:  # its text may be a password, so it is not repeated
        raise ValueError("the address of a space has no user name and no password.")
    if not url.isprintable() or " " in url or "\\" in url:
        raise ValueError(HOW)
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError(HOW) from None


def _host(written: str) -> str:
    name = _in_ascii(written.lower()).removesuffix(".")
    labels = name.split(".")
    if NUMBER.fullmatch(labels[-1]):
        return _address(name)
    if len(name) > MAX_HOST or not all(LABEL.fullmatch(label) for label in labels):
        raise ValueError(HOW)
    return name


def _in_ascii(name: str) -> str:
    """Such a name is shown in ASCII, so that a letter that looks like another one cannot deceive anybody."""
    if name.isascii():
        return name
    try:
        in_ascii = name.encode("idna").decode("ascii")
    except UnicodeError:
        in_ascii = ""
    if not in_ascii or AMBIGUOUS.search(name):
        raise ValueError("write this host name in its ASCII form (xn--…).")
    return in_ascii


def _address(text: str) -> str:
    """Refuses spellings such as 2130706433, 0x7f.1 or 0177.0.0.1, which not all programs read alike."""
    try:
        address = str(ip_address(text))
    except ValueError:
        raise ValueError("this is no IP address. Write IPv4 as four decimal numbers, and IPv6 in brackets.") from None
    if why := refusal(address, allow_private=True):
        raise ValueError(f"{address} is {why}")
    return address


def _port(text: str | None, scheme: str) -> str:
    if not text or int(text) == DEFAULT_PORTS[scheme]:
        return ""
    if not 1 <= int(text) <= MAX_PORT:
        raise ValueError("a port is a number from 1 to 65535.")
    return f":{int(text)}"
