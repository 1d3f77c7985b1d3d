"""Whose word on the client, host and scheme counts, and which host names are answered to."""

from ipaddress import ip_network

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from dashboard.pages.forwarding import TrustedProxyMiddleware

PROXY, OTHER = "10.0.0.5", "192.0.2.9"


@pytest.fixture
def trusted(settings):
    settings.TRUSTED_PROXIES = (ip_network(PROXY), ip_network("10.1.0.0/16"), ip_network("2001:db8:1::/48"))
    settings.USE_X_FORWARDED_HOST = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.ALLOWED_HOSTS = ["inner.example", "site.example"]


def received(peer=PROXY, **headers):
    """The request as the other middleware sees it."""
    seen = []
    meta = {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_HOST="inner.example", **meta)
    TrustedProxyMiddleware(lambda request: seen.append(request) or HttpResponse())(request)
    return seen[0]


def client_of(**parts):
    return received(**parts).META["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("203.0.113.1, 198.51.100.7", "198.51.100.7"),  # the first was sent by the client itself
        ("198.51.100.7, 10.1.2.3", "198.51.100.7"),
        ("198.51.100.7, 10.1.2.3,2001:db8:1::9", "198.51.100.7"),
        ("198.51.100.7:4711", "198.51.100.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("2001:DB8::0007", "2001:db8::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("198.51.100.7, unknown, 10.1.2.3", "10.1.2.3"),
        ("10.1.2.3", "10.1.2.3"),
        ("unknown", PROXY),
        ("", PROXY),
        (", , 256.1.1.1", PROXY),
    ],
)
def test_the_client_is_the_nearest_address_that_is_no_trusted_proxy(trusted, chain, client):
    assert client_of(**{"for": chain}) == client


def test_a_proxy_is_known_by_its_ipv4_address_on_an_ipv6_socket(trusted):
    assert client_of(peer=f"::ffff:{PROXY}", **{"for": "198.51.100.7"}) == "198.51.100.7"


def test_host_and_scheme_are_those_that_the_proxy_was_asked_for(trusted):
    request = received(host="forged.example, site.example", proto="HTTPS")
    assert (request.get_host(), request.is_secure()) == ("site.example", True)


def test_nobody_else_is_believed(trusted):
    request = received(peer=OTHER, host="site.example", proto="https", **{"for": "198.51.100.7"})
    assert (request.META["REMOTE_ADDR"], request.get_host(), request.is_secure()) == (OTHER, "inner.example", False)
    assert not any("forwarded" in header.lower() for header in request.headers)


def test_without_the_setting_no_proxy_is_believed(settings):
    settings.ALLOWED_HOSTS = ["inner.example"]
    request = received(host="site.example", proto="https", **{"for": "198.51.100.7"})
    assert (request.META["REMOTE_ADDR"], request.get_host(), request.is_secure()) == (PROXY, "inner.example", False)


@pytest.mark.parametrize("address", ["/healthz", "/healthz/live", "/healthz/ready", "/metrics"])
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "[2001:db8::1]:8000", "pod-7.cluster.local", ""])
def test_probes_may_name_any_host(client, db, settings, address, host):
    settings.METRICS_TOKEN = "scrape"
    headers = {"Authorization": "Bearer scrape"}
    assert client.get(address, headers=headers, HTTP_HOST=host).status_code == 200


def test_another_host_is_told_what_to_set(client):
    answer = client.get("/accounts/login/", HTTP_HOST="10.1.2.3:8000")
    assert answer.status_code == 400
    assert all(f"<code>{name}</code>" in answer.content.decode() for name in ("SITE_URL", "ALLOWED_HOSTS"))
    assert "10.1.2.3" not in answer.content.decode()
