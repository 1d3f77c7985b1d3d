"""Addresses that credentials are sent to: public ones, those of this machine, and private ones when told so."""

import pytest

from logsync.signalwire.addresses import refusal, refused_address

NEVER = {
    "169.254.169.254": "link-local",
    "169.254.170.2": "link-local",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "febf::1": "link-local",
    "fd00:ec2::254": "metadata",
    "fd00:ec2::23": "metadata",
    "fd20:ce::254": "metadata",
    "100.100.100.200": "metadata",
    "192.0.0.192": "metadata",
    "168.63.129.16": "metadata",
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "::": "unspecified",
    "224.0.0.1": "multicast",
    "ff02::1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "::ffff:169.254.169.254": "written as IPv6",
    "::ffff:127.0.0.1": "written as IPv6",
    "::ffff:10.0.0.1": "written as IPv6",
    "::ffff:8.8.8.8": "written as IPv6",
    "::169.254.169.254": "written as IPv6",
    "2002:a9fe:a9fe::1": "written as IPv6",
    "64:ff9b::a9fe:a9fe": "169.254.169.254 written as IPv6",
    "64:ff9b::10.0.0.1": "10.0.0.1 written as IPv6",
    "64:ff9b:1::1": "written as IPv6",
    "2001:0:1:2::1": "written as IPv6",
}
PRIVATE = [
    *["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "198.18.0.1", "192.0.2.1"],
    *["fc00::1", "fd12:3456::1", "fec0::1", "2001:db8::1"],
]
ALWAYS = [
    *["127.0.0.1", "127.9.9.9", "::1"],
    *["8.8.8.8", "172.32.0.1", "100.128.0.1", "169.253.0.1", "2606:4700::1", "64:ff9b::8.8.8.8"],
]


@pytest.mark.parametrize("allow_private", [False, True])
@pytest.mark.parametrize(("address", "words"), NEVER.items())
def test_these_are_never_connected_to(address, words, allow_private):
    assert words in refusal(address, allow_private=allow_private)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_have_to_be_allowed(address):
    assert "SIGNALWIRE_ALLOW_PRIVATE=true" in refusal(address, allow_private=False)
    assert refusal(address, allow_private=True) == ""


@pytest.mark.parametrize("address", ALWAYS)
def test_public_addresses_and_this_machine_need_no_setting(address):
    assert refusal(address, allow_private=False) == ""


def test_one_bad_address_of_a_host_is_enough():
    why = refused_address("space.example", ["8.8.8.8", "169.254.169.254"], allow_private=True)
    assert why.startswith("space.example has the address 169.254.169.254, a link-local address")
    assert refused_address("10.0.0.1", ["10.0.0.1"], allow_private=False).startswith("10.0.0.1 is an address in a priv")
    assert refused_address("space.example", ["8.8.8.8"], allow_private=False) == ""
