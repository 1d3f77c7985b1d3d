"""How the address of a SignalWire space may be written. No Django."""

from urllib.parse import urlsplit

LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def space_url(value: str) -> str:
    """`example`, `example.signalwire.com` or a full address, as the address of the space; '' stays ''.

    Raises ValueError with what may be written instead.
    """
    if not value:
        return ""
    address = value if "://" in value else f"https://{value if '.' in value else value + '.signalwire.com'}"
    parts = urlsplit(address)
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("write the name of the space (example), its host, or its address without a path.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError("credentials travel over https only; plain http:// is for this machine (loopback) alone.")
    if parts.scheme not in {"http", "https"}:
        raise ValueError("the address of a space starts with https://.")
    if parts.port == 0:  # reading a port that is no number raises ValueError as well
        raise ValueError("a port is a number from 1 to 65535.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def space_name(url: str) -> str:
    """What people call the space: the first label of its host, "example" of https://example.signalwire.com.

    On this machine there are only simulated ones: "demo".
    """
    host = urlsplit(url).hostname or url
    return "demo" if host in LOOPBACK_HOSTS else host.split(".", maxsplit=1)[0]
