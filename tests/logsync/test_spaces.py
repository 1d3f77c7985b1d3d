"""How the address of a space may be written."""

import pytest

from logsync.spaces import space_name, space_url


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
    ],
)
def test_a_space_is_named_by_its_name_its_host_or_its_address(written, address):
    assert space_url(written) == address


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
    ],
)
def test_what_could_send_credentials_astray_is_refused(written):
    with pytest.raises(ValueError, match=r".+"):
        space_url(written)


def test_a_space_is_called_by_its_first_label():
    assert space_name("https://example.signalwire.com") == "example"
    assert space_name("http://127.0.0.1:8765") == "demo"
