"""Messages through a real mail server in this process."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.contrib.auth import get_user_model

from connectors import facade
from connectors.http import guard
from connectors.sdk import ConnectorError, FileContent
from ipaas.core.errors import Recovery
from ipaas.core.ids import new_id
from ipaas.tenancy import facade as tenancy

PASSWORD = "the mail password"


class Office:
    """A mail server that keeps what it gets and refuses whom it is told to."""

    def __init__(self) -> None:
        self.mail: list[Any] = []
        self.refuse: dict[str, str] = {}
        self.cut = False
        self.answer = "250 kept"
        self.port = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _: Any):
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.SMTP)
        if self.answer.startswith("250"):
            self.mail.append((message, envelope.rcpt_tos, session.ssl is not None))
        if self.cut:
            server.transport.abort()
        return self.answer


def _authenticate(
    server: Any, session: Any, envelope: Any, mechanism: str, data: Any
) -> AuthResult:
    good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=good, handled=good)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for “localhost”, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def office(certificate: Path) -> Iterator[Office]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    made = Office()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made.port = free.getsockname()[1]
    controller = Controller(
        made,
        hostname="127.0.0.1",
        port=made.port,
        tls_context=context,
        authenticator=_authenticate,
        auth_require_tls=True,
        decode_data=False,
    )
    controller.start()
    yield made
    controller.stop()


Send = Callable[..., Any]


@pytest.fixture
def send(
    db: None, office: Office, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Send]:
    """Sends a message through a connection with these settings."""
    monkeypatch.setenv("CAUSEWAY_ON_PREMISE_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    guard._on_premise_networks.cache_clear()
    mark = new_id("t")[2:].replace("_", "")
    user = get_user_model().objects.create_user(f"tester-{mark}")
    workspace = tenancy.create_workspace(f"t{mark}"[:40], "Tests", user)

    def make(key: str = "key", password: str = PASSWORD, **inputs: Any) -> Any:
        settings = {
            "host": "localhost",
            "port": str(office.port),
            "user": "shop@example.com",
            "from_address": "shop@example.com",
            "from_name": "Shöp, Inc.",
            **inputs.pop("settings", {}),
        }
        made = facade.create_connection(
            workspace.id,
            "test",
            connector="smtp",
            name="Mail",
            settings={name: value for name, value in settings.items() if value},
            secrets={"password": password},
            on_premise=True,
        )
        wish = {"to": "ann@example.com", "subject": "Hello", "text": "Text", **inputs}
        return facade.call(made.ref, "send_email", wish, idempotency_key=key)

    yield make
    guard._on_premise_networks.cache_clear()


def test_a_message_arrives_encrypted_with_texts_names_and_attachment(
    send: Send, office: Office
) -> None:
    file = FileContent("Rechnung ü.pdf", "application/pdf", b"%PDF-1.7")
    reply = send(
        to="Ann Müller <ann@example.com>, bob@example.com",
        bcc=["eve@example.com"],
        subject="Order {order.number}",
        text="Dear {name}",
        html="<b>{name}</b>",
        values={"name": "A & <B>", "order": {"number": 17}},
        attachments=[file.as_json()],
    )
    [(message, recipients, encrypted)] = office.mail
    assert encrypted and recipients == ["ann@example.com", "bob@example.com", "eve@example.com"]
    assert message["subject"] == "Order 17" and "eve" not in str(message["to"])
    assert message["from"] == '"Shöp, Inc." <shop@example.com>'
    assert "Dear A & <B>" in message.get_body(("plain",)).get_content()
    assert "<b>A &amp; &lt;B&gt;</b>" in message.get_body(("html",)).get_content()
    [attached] = list(message.iter_attachments())
    assert (attached.get_filename(), attached.get_content()) == (file.name, file.content)
    assert reply.reference == message["message-id"]
    kept = str([exchange.as_json() for exchange in reply.exchanges])
    assert PASSWORD not in kept and "Order 17" in kept


def test_the_same_key_gives_the_same_message_id(send: Send) -> None:
    ids = [send(key=key).output["message_id"] for key in ("a", "a", "b")]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "Hi\r\nBcc: eve@example.com"),
        ("to", "ann@example.com\nBcc: eve@example.com"),
        ("to", "ann@example.com> rcpt to:<eve@example.com"),
        ("to", "nobody"),
        ("reply_to", "a@b.example\r\nX: y"),
        ("attachments", [{"name": "a\r\nX-Evil: 1", "content_type": "text/plain", "base64": ""}]),
        ("attachments", [{"name": "a", "base64": "!!"}]),
    ],
)
def test_nothing_can_add_headers_or_recipients(
    send: Send, office: Office, field: str, value: Any
) -> None:
    with pytest.raises(ConnectorError) as caught:
        send(**{field: value})
    assert (caught.value.recovery, caught.value.field) == (Recovery.FIX_DATA, field)
    assert office.mail == []


def test_a_refused_recipient_keeps_the_message_from_all(send: Send, office: Office) -> None:
    office.refuse["bob@example.com"] = "550 no such user"
    with pytest.raises(ConnectorError) as caught:
        send(to=["ann@example.com", "bob@example.com"])
    error = caught.value
    assert "bob@example.com" in error.message and "550" in error.message
    assert (error.recovery, error.executed) == (Recovery.FIX_DATA, "no")
    office.refuse["bob@example.com"] = "451 later"
    with pytest.raises(ConnectorError) as caught:
        send(to=["ann@example.com", "bob@example.com"])
    assert caught.value.recovery is Recovery.RETRY
    assert office.mail == []


def test_an_answer_that_is_lost_leaves_it_open_and_one_that_is_given_does_not(
    send: Send, office: Office
) -> None:
    office.answer = "452 full"
    with pytest.raises(ConnectorError) as caught:
        send()
    assert (caught.value.recovery, caught.value.executed) == (Recovery.RETRY, "no")
    office.answer, office.cut = "250 kept", True
    with pytest.raises(ConnectorError) as caught:
        send()
    assert caught.value.executed == "unknown"


def test_a_wrong_password_asks_for_a_new_one(send: Send) -> None:
    with pytest.raises(ConnectorError) as caught:
        send(password="wrong")
    assert (caught.value.code, caught.value.recovery) == ("smtp.sign_in", Recovery.REAUTHORISE)


def test_a_certificate_nobody_knows_is_refused(
    send: Send, monkeypatch: pytest.MonkeyPatch, office: Office
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ConnectorError) as caught:
        send()
    assert caught.value.code == "smtp.tls" and office.mail == []


def test_only_a_step_that_says_so_sends_again_by_itself() -> None:
    spec = facade.describe_operation("smtp", "send_email")
    usual = facade.describe_call(spec, {}, frozenset(), {})
    again = facade.describe_call(spec, {"if_unsure": "send_again"}, frozenset(), {})
    assert (usual.effect, usual.idempotency, again.idempotency) == ("write", "none", "key")
