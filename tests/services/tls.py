"""TLS in front of a server that has none, with a certificate of its own authority."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK = IPv4Address("127.0.0.1")


@contextmanager
def tls_in_front_of(port: int, folder: Path, name: x509.GeneralName | None = None) -> Iterator[tuple[int, Path]]:
    """The port of the TLS server, and its authority's certificate. `name`: whom the certificate is for."""
    authority, chain = make_certificate(folder, name or x509.IPAddress(LOOPBACK))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_serve, args=(listener, context, port), daemon=True).start()
        yield listener.getsockname()[1], authority
        listener.shutdown(socket.SHUT_RDWR)


def make_certificate(folder: Path, name: x509.GeneralName) -> tuple[Path, Path]:
    """Files with a self-signed certificate, and with it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    certificate = (
        builder.not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    authority, chain = folder / "authority.pem", folder / "chain.pem"
    authority.write_bytes(certificate)
    chain.write_bytes(certificate + private)
    return authority, chain


def _serve(listener: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):  # the listener was closed
        while True:
            client, _ = listener.accept()
            Thread(target=_connect, args=(client, context, port), daemon=True).start()


def _connect(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with (
        suppress(OSError),
        client,
        context.wrap_socket(client, server_side=True) as secure,
        socket.create_connection(("127.0.0.1", port)) as server,
    ):
        Thread(target=_copy, args=(server, secure), daemon=True).start()
        _copy(secure, server)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
