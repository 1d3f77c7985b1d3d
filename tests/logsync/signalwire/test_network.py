"""Connections go to the address that was checked, over TLS for the name of the host, and nowhere else.

The resolver of the machine knows no names for these tests. Where a name is needed, `names` answers in its place; all
else is real: sockets, TLS, and the HTTP client.
"""

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from threading import Thread

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from logsync.exceptions import CredentialsError
from logsync.signalwire.client import Credentials, SignalWireClient
from logsync.signalwire.network import CheckedNetwork, DirectTransport, ProxyTransport, proxy_for

HOST = "space.example"


class Server(HTTPServer):
    """Counts its connections, and keeps what each was sent and the name that TLS asked for."""

    def __init__(self, handler=None):
        super().__init__(("127.0.0.1", 0), handler or Handler)
        self.lines, self.names, self.connections = [], [], 0

    def get_request(self):
        self.connections += 1
        return super().get_request()

    def handle_error(self, *_):
        """A client that refuses the certificate is no error here."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.lines.append(f"{self.requestline} {self.headers['Host']}")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_CONNECT = do_GET  # noqa: N815 - the name of the method it answers

    def log_message(self, *_):
        """Quiet."""


def served(server) -> Iterator[Server]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxy():
    yield from served(Server())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A certificate for HOST alone, which stands for its own authority; the path of a file with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(*form) + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_server(certificate):
    server = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: server.names.append(name)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    yield from served(server)


@pytest.fixture
def names(monkeypatch):
    """A resolver: `names[HOST] = [first answer, second answer, …]`, the last one for good. It counts its lookups."""
    real, answers = socket.getaddrinfo, {}

    def getaddrinfo(host, port, *arguments, **options):
        if host not in answers:
            return real(host, port, *arguments, **options)
        known = answers[host]
        addresses = known.pop(0) if len(known) > 1 else known[0]
        families = [socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET for address in addresses]
        return [
            (family, socket.SOCK_STREAM, 6, "", (address, port))
            for family, address in zip(families, addresses, strict=True)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return answers


def client(certificate=None, **options):
    context = ssl.create_default_context(cafile=certificate)
    network = CheckedNetwork(**{"allow_private": False} | options)
    return httpx.Client(transport=DirectTransport(context, network, 5), trust_env=False)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("2852039166", "169.254.169.254"),
        ("0xA9FEA9FE", "169.254.169.254"),
        ("0251.0376.0251.0376", "169.254.169.254"),
        ("169.16689662", "169.254.169.254"),
        ("::ffff:169.254.169.254", "written as IPv6"),
        ("0.0.0.0", "unspecified"),
        ("0", "0.0.0.0, an unspecified address"),
        ("10.0.0.1", "SIGNALWIRE_ALLOW_PRIVATE"),
        ("167772161", "10.0.0.1, an address in a private network"),
    ],
)
def test_every_spelling_of_an_address_is_checked(host, words):
    with pytest.raises(CredentialsError, match=r"^Nothing was sent: ") as raised:
        CheckedNetwork(allow_private=False).connect_tcp(host, 80, timeout=1)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    "answer", [["169.254.169.254"], ["127.0.0.1", "fd00:ec2::254"], ["10.1.2.3"], ["::ffff:7f00:1"]]
)
def test_a_name_is_refused_for_what_it_resolves_to(names, answer):
    names[HOST] = [answer]
    with client() as http, pytest.raises(CredentialsError, match=f"{HOST} has the address {answer[-1]}"):
        http.get(f"https://{HOST}")


def test_a_name_that_changes_its_address_is_not_followed(names, certificate, tls_server):
    """The check and the connection share one answer."""
    names[HOST] = [["127.0.0.1"], ["169.254.169.254"]]
    with client(certificate) as http:
        assert http.get(f"https://{HOST}:{tls_server.server_port}").status_code == 200
    assert len(names[HOST]) == 1
    assert tls_server.connections == 1


def test_tls_asks_for_the_name_and_verifies_it(names, certificate, tls_server):
    names[HOST] = names["other.example"] = [["127.0.0.1"]]
    port = tls_server.server_port
    with client(certificate) as http:
        http.get(f"https://{HOST}:{port}/path")
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            http.get(f"https://other.example:{port}/path")
    assert tls_server.names == [HOST, "other.example"]
    assert tls_server.lines == [f"GET /path HTTP/1.1 {HOST}:{port}"]


def test_the_next_address_is_tried_when_one_does_not_answer(names, certificate, tls_server):
    names[HOST] = [["127.0.0.2", "127.0.0.1"]]
    with client(certificate) as http:
        assert http.get(f"https://{HOST}:{tls_server.server_port}").status_code == 200


def own_private_address():
    """An address of this machine that is not loopback. Choosing a route sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no network")
        return probe.getsockname()[0]


def test_the_address_that_answered_counts(monkeypatch):
    """Whatever the system makes of an address, the socket knows where it leads to."""
    address = own_private_address()
    with socket.create_server((address, 0)) as listener:
        port = listener.getsockname()[1]
        there = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)
        answers = iter([[(*there[0][:4], ("8.8.8.8", port))], there])
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: next(answers))
        with pytest.raises(CredentialsError, match=address):
            CheckedNetwork(allow_private=False).connect_tcp(HOST, port, timeout=5)
        with listener.accept()[0] as connection:
            assert connection.recv(1) == b""  # closed without a word


def test_localhost_leads_to_this_machine_alone(names):
    """Credentials go there unencrypted."""
    names["localhost"] = [["203.0.114.1"]]
    with client() as http, pytest.raises(CredentialsError, match=r"localhost is not this machine"):
        http.get("http://localhost")


def test_a_name_without_an_address_cannot_be_reached():
    with pytest.raises(httpcore.ConnectError):
        CheckedNetwork(allow_private=False).connect_tcp("space.invalid", 443)
    with pytest.raises(httpcore.ConnectError):
        CheckedNetwork(allow_private=False).connect_tcp("a" * 300, 443)


def test_the_client_of_a_project_refuses_private_networks_unless_told_otherwise(space):
    credentials = Credentials("https://10.255.255.1", *space.credentials)
    with pytest.raises(CredentialsError, match="SIGNALWIRE_ALLOW_PRIVATE=true"):
        next(SignalWireClient(credentials).iter_pages("voice"))


def test_loopback_hosts_and_hosts_of_no_proxy_have_no_proxy(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "internal.example")
    assert proxy_for(HOST) == "http://proxy.example:3128"
    assert [proxy_for(host) for host in ("localhost", "127.0.0.1", "::1", "sw.internal.example")] == [""] * 4


def test_a_proxy_is_not_asked_for_a_refused_address(names, proxy):
    """The proxy resolves names itself; what this machine can resolve is checked before."""
    names["inside.example"] = [["169.254.169.254"]]
    network = CheckedNetwork(allow_private=False)
    transport = ProxyTransport(ssl.create_default_context(), network, 5, f"http://127.0.0.1:{proxy.server_port}")
    with httpx.Client(transport=transport) as http:
        with pytest.raises(CredentialsError, match=r"169\.254\.169\.254"):
            http.get("https://inside.example")
        assert proxy.lines == []
        with pytest.raises(httpx.ConnectError):  # the proxy of this test ends the connection
            http.get("https://space.invalid")
    assert proxy.lines == ["CONNECT space.invalid:443 HTTP/1.1 space.invalid:443"]
