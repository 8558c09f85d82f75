"""A server with a certificate of our own authority, and a proxy in front of it."""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Authority:
    """A certificate authority that nobody knows; ``pem`` is what a person would upload."""

    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    name: x509.Name = field(
        default_factory=lambda: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Our own")])
    )

    def signed(self, host: str, public_key: ec.EllipticCurvePublicKey, *, ca: bool) -> bytes:
        """A certificate for ``host`` in PEM form."""
        now = datetime.now(UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name if ca else subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            try:
                name: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
            except ValueError:
                name = x509.DNSName(host)
            builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    @property
    def pem(self) -> str:
        """The authority's own certificate."""
        return self.signed("Our own", self.key.public_key(), ca=True).decode()


@contextmanager
def https_server(
    authority: Authority,
    host: str,
    folder: Path,
    *,
    newest: ssl.TLSVersion | None = None,
    body: bytes = b'{"ok": true}',
) -> Iterator[int]:
    """Port of a server that shows a certificate for ``host`` and answers ``body`` to everything."""
    key = ec.generate_private_key(ec.SECP256R1())
    chain, private = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(authority.signed(host, key.public_key(), ca=False))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, private)
    if newest:
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = newest
        context.set_ciphers("ALL:@SECLEVEL=0")

    def serve(client: socket.socket) -> None:
        try:
            with context.wrap_socket(client, server_side=True) as secure:
                data = b""
                while not _whole(data):
                    part = secure.recv(65536)
                    if not part:
                        return
                    data += part
                head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                secure.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        except OSError:
            pass

    with listening(serve) as port:
        yield port


def _whole(data: bytes) -> bool:
    """Whether a request is here with its body: who hangs up before has it reset."""
    head, end, body = data.partition(b"\r\n\r\n")
    told = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return bool(end) and len(body) >= int(told[1] if told else 0)


@contextmanager
def proxy(target_port: int, seen: list[str], *, status: str = "200 OK") -> Iterator[int]:
    """Port of a proxy that leads every tunnel to ``target_port`` and notes what it was asked."""

    def serve(client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        seen.append(head.decode())
        client.sendall(f"HTTP/1.1 {status}\r\n\r\n".encode())
        if not status.startswith("200"):
            client.close()
            return
        with socket.create_connection(("127.0.0.1", target_port)) as onward:
            forward = threading.Thread(target=_copy, args=(client, onward), daemon=True)
            forward.start()
            _copy(onward, client)

    with listening(serve) as port:
        yield port


def _copy(source: socket.socket, sink: socket.socket) -> None:
    try:
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


@contextmanager
def listening(serve) -> Iterator[int]:  # type: ignore[no-untyped-def]
    """Port of a listener whose every connection goes to ``serve`` in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
