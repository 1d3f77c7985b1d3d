import pytest
from django.test import RequestFactory

from dashboard.access.client_address import client_address


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", None),
        ("unix:", None),
    ],
)
def test_the_peer_counts_and_of_ipv6_its_network(peer, address):
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer)) == address


def test_nobody_can_choose_an_address_by_a_header():
    headers = {"X-Forwarded-For": "198.51.100.1", "X-Real-IP": "198.51.100.2", "Forwarded": "for=198.51.100.3"}
    assert client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR="203.0.113.9")) == "203.0.113.9"
