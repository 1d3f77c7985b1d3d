"""SITE_URL, ALLOWED_HOSTS and TRUSTED_PROXIES: what browsers would send, or a refusal."""

from ipaddress import ip_network

import pytest

from dashboard.config import site


@pytest.mark.parametrize(
    ("written", "origin"),
    [
        ("https://tollbook.example.com/", "https://tollbook.example.com"),
        ("HTTP://LOCALHOST:8000", "http://localhost:8000"),
        ("https://example.com:443", "https://example.com"),
        ("http://example.com:80", "http://example.com"),
        ("https://example.com.", "https://example.com"),
        ("https://faß.example", "https://xn--fa-hia.example"),
        ("https://xn--fa-hia.example", "https://xn--fa-hia.example"),
        ("https://[::1]:443", "https://[::1]"),
        ("https://192.0.2.1:8443", "https://192.0.2.1:8443"),
        ("https://my_host", "https://my_host"),
    ],
)
def test_a_site_url(written, origin):
    assert site.site_url(written) == origin


@pytest.mark.parametrize(
    "written",
    [
        *["tollbook.example.com", "//example.com", "https:example.com", "https://", "ftp://example.com", "/"],
        *["https://example.com/sub", "https://example.com/?a=1", "https://example.com/#a", "https://me:pw@example.com"],
        *["https://@example.com", "https://example.com:0", "https://example.com:99999", "https://example.com:port"],
        *[
            "https://exa mple.com",
            "https://exam\nple.com",
            "https://example.com\\sub",
            "https://-a.com",
            "https://a..b",
        ],
        *["https://[::1", "https://[fe80::1%25eth0]", "https://1.2.3", "https://256.1.1.1", "https://0x7f.1"],
        *[f"https://{'a' * 64}.com", "https://℀.com"],
    ],
)
def test_what_is_no_site_url(written):
    with pytest.raises(ValueError, match=r"write an address such as https://tollbook\.example\.com\.$"):
        site.site_url(written)


def test_allowed_hosts():
    written = "a.example, .B.example,*,2001:DB8::1,[::1], bücher.example, 10.0.0.1,,"
    assert site.allowed_hosts(written) == [
        *["a.example", ".b.example", "*", "[2001:db8::1]", "[::1]", "xn--bcher-kva.example", "10.0.0.1"],
    ]


@pytest.mark.parametrize("written", ["https://a.example", "a.example:8000", "a.example/x", "*.a.example", "[::1]:80"])
def test_what_no_host_header_can_match_is_refused(written):
    with pytest.raises(ValueError, match="write host names"):
        site.allowed_hosts(f"b.example,{written}")


def test_trusted_proxies():
    assert site.networks("") == ()
    assert site.networks("10.0.0.5, 10.1.0.0/16,::1") == (
        ip_network("10.0.0.5/32"),
        ip_network("10.1.0.0/16"),
        ip_network("::1/128"),
    )


@pytest.mark.parametrize("written", ["proxy", "*", "10.0.0.5/8", "10.0.0.0/33", "10.0.0.1:80"])
def test_what_is_no_address_is_refused(written):
    with pytest.raises(ValueError, match="write addresses or networks"):
        site.networks(written)
