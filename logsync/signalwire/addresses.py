"""Which IP addresses Tollbook sends credentials to."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

# They hand out the credentials of a virtual machine to whoever asks. Not all are link-local: Azure, Oracle, Alibaba,
# Amazon, Google.
METADATA: tuple[IPv4Network | IPv6Network, ...] = (
    IPv4Network("168.63.129.16"),
    IPv4Network("192.0.0.192"),
    IPv4Network("100.100.100.200"),
    IPv6Network("fd00:ec2::/32"),
    IPv6Network("fd20:ce::254"),
)
THIS_NETWORK = IPv4Network("0.0.0.0/8")  # 0.0.0.0 connects to this machine
IPV4_COMPATIBLE = IPv6Network("::/96")
NAT64 = IPv6Network("64:ff9b::/96")
NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
SITE_LOCAL = IPv6Network("fec0::/10")
NEVER: dict[str, Callable[[Address], bool]] = {
    "a metadata service": lambda address: any(address in network for network in METADATA),
    "a link-local address": lambda address: address.is_link_local,
    "an unspecified address": lambda address: address.is_unspecified or address in THIS_NETWORK,
    "a multicast address": lambda address: address.is_multicast,
    "a reserved address": lambda address: isinstance(address, IPv4Address) and address.is_reserved,
}


def is_loopback_address(text: str) -> bool:
    """Whether the text is an address of this machine, such as 127.0.0.1 or ::1."""
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False


def refusal(text: str, *, allow_private: bool) -> str:
    """Why nothing is sent to an IP address: "a link-local address, …"; '' when it may be connected to.

    Loopback addresses may; private ones only with `allow_private`, and link-local and metadata addresses never.
    """
    address = ip_address(text)
    if never := _why_never(address):
        return f"{never}, where no space can be. Check the address of the space."
    if address.is_loopback or allow_private or _is_public(address):
        return ""
    return "an address in a private network. If the space is there, set SIGNALWIRE_ALLOW_PRIVATE=true."


def refused_address(host: str, addresses: Sequence[str], *, allow_private: bool) -> str:
    """Why nothing is sent to `host`, which has these addresses; '' when all of them may be connected to."""
    for address in addresses:
        if why := refusal(address, allow_private=allow_private):
            return f"{host} is {why}" if host == address else f"{host} has the address {address}, {why}"
    return ""


def _why_never(address: Address) -> str:
    if isinstance(address, IPv6Address) and (why := _why_translated(address)):
        return why
    return next((kind for kind, is_one in NEVER.items() if is_one(address)), "")


def _why_translated(address: IPv6Address) -> str:
    """IPv6 addresses that lead to an IPv4 address would pass by the rules for IPv4."""
    if address in NAT64:  # the only way to IPv4 in a network that has IPv6 alone
        target = IPv4Address(int(address) & 0xFFFFFFFF)
        return "" if _is_public(target) and not _why_never(target) else f"{target} written as IPv6"
    is_translated = address.ipv4_mapped or address.sixtofour or address.teredo or address in NAT64_LOCAL
    is_compatible = address in IPV4_COMPATIBLE and not (address.is_unspecified or address.is_loopback)
    if is_translated or is_compatible:
        return "an IPv4 address written as IPv6"
    return ""


def _is_public(address: Address) -> bool:
    return address.is_global and address not in SITE_LOCAL
