"""The accepted forms of a space address."""

import pytest

from logsync.signalwire.space_url import is_at_signalwire, parse_space_url, space_name


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("", ""),
        ("example", "https://example.signalwire.com"),
        ("example.signalwire.com", "https://example.signalwire.com"),
        ("https://Example.signalwire.com/", "https://example.signalwire.com"),
        ("https://logs.example.org:8443", "https://logs.example.org:8443"),
        ("http://127.0.0.1:9999", "http://127.0.0.1:9999"),
        ("http://[::1]:9999", "http://[::1]:9999"),
        ("HTTPS://EXAMPLE.SignalWire.COM", "https://example.signalwire.com"),
        ("https://example.signalwire.com.", "https://example.signalwire.com"),
        ("https://example.signalwire.com:443", "https://example.signalwire.com"),
        ("https://example.signalwire.com:00443", "https://example.signalwire.com"),
        ("https://example.signalwire.com:", "https://example.signalwire.com"),
        ("http://LOCALHOST:80/", "http://localhost"),
        ("http://127.8.8.8:9999", "http://127.8.8.8:9999"),
        ("https://[2001:DB8:0:0::1]:443", "https://[2001:db8::1]"),
        ("https://192.0.2.7:8443", "https://192.0.2.7:8443"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://ｅxample。signalwire.com", "https://example.signalwire.com"),
        ("https://ѕignalwire.com", "https://xn--ignalwire-k9h.com"),
    ],
)
def test_a_space_may_be_a_name_a_host_or_a_url(written, address):
    assert parse_space_url(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "http://example.signalwire.com",
        "ftp://example.signalwire.com",
        "https://example.signalwire.com/api",
        "https://user:word@example.signalwire.com",
        "https://",
        "https://example.signalwire.com:99999",
        "http://127.0.0.1.example.com",
        "https://:word@example.signalwire.com",
        "https://@example.signalwire.com",
        r"https://example.signalwire.com\@example.org",
        r"https://example.org\.signalwire.com",
        "https://example.org#.signalwire.com",
        "https://example.org?.signalwire.com",
        "https://example.org /.signalwire.com",
        "https://exa\tmple.org",
        "https://exa\u200bmple.org",
        "https://2130706433",
        "https://0x7f.1",
        "https://0xA9FEA9FE",
        "https://127.1",
        "https://0177.0.0.1",
        "https://1.2.3.4.5",
        "https://256.1.1.1",
        "https://169.254.169.254",
        "https://169.254.169.254.",
        "https://[::ffff:169.254.169.254]",
        "https://[fd00:ec2::254]",
        "https://[fe80::1%25eth0]",
        "https://[fe80::1%eth0]",
        "https://[::1]example.org",
        "https://[v1.x]",
        "https://[::1",
        "https://0.0.0.0",
        "https://a..example.org",
        "https://-a.example.org",
        "https://" + "a" * 64 + ".example.org",
        "https://" + "a." * 130 + "example.org",
        "https://faß.example",
        "https://example.org:0",
        "https://example.org:+443",
        "https://example.org:٤٤٣",
        "example:8443",
    ],
)
def test_an_unsafe_or_invalid_address_is_rejected(written):
    with pytest.raises(ValueError, match=r".+"):
        parse_space_url(written)


@pytest.mark.parametrize("written", ["https://user:hunter2@example.signalwire.com", "https://:hunter2@example.org"])
def test_a_password_in_an_address_is_not_repeated(written):
    with pytest.raises(ValueError, match="no user name and no password") as raised:
        parse_space_url(written)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "is_there"),
    [
        ("https://example.signalwire.com", True),
        ("https://signalwire.com:8443", True),
        ("https://signalwire.com.example.org", False),
        ("https://notsignalwire.com", False),
        ("https://signalwire.community", False),
        ("https://xn--ignalwire-k9h.com", False),
        ("http://127.0.0.1:9999", False),
    ],
)
def test_a_space_at_signalwire_is_told_from_look_alikes(url, is_there):
    assert is_at_signalwire(url) is is_there


def test_the_space_name_is_the_first_label():
    assert space_name("https://example.signalwire.com") == "example"
    assert space_name("http://127.0.0.1:8765") == "demo"
