"""The talk with a mail server; each answer says whether anything was handed over."""

from __future__ import annotations

import ipaddress
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from connectors.catalog.smtp.hooks.letters import Letter
from connectors.sdk import ConnectorError, Executed, OperationContext, Recovery, needed
from ipaas.core import clock

TIMEOUT_S = 30


class _Line(smtplib.SMTP):
    """SMTP to an address that was checked; the name is for the certificate."""

    def __init__(self, host: str, port: int, address: str, wrap: ssl.SSLContext | None) -> None:
        self._address = address
        self._wrap = wrap
        super().__init__(host, port, timeout=TIMEOUT_S)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        made = socket.create_connection((self._address, port), timeout)
        if self._wrap is None:
            return made
        try:
            return self._wrap.wrap_socket(made, server_hostname=host)
        except BaseException:
            made.close()
            raise


class MailServer:
    """A server we are signed in to."""

    def __init__(self, line: _Line) -> None:
        self._line = line
        self.handed_over = False

    @property
    def greeting(self) -> str:
        """How the server names itself."""
        return (self._line.ehlo_resp or b"").decode("utf-8", "replace").splitlines()[0][:200]

    def send(self, letter: Letter) -> str:
        """The server's answer. Raises smtplib's errors; then nobody got the message.

        Unless the connection broke while the text was on its way: ``handed_over`` says so.
        """
        line = self._line
        _require(line.mail(letter.sender, _options(line, letter)), "sender", letter.sender)
        for recipient in letter.recipients:
            answer = line.rcpt(recipient)
            if answer[0] not in (250, 251):
                line.rset()
                _require(answer, "recipient", recipient)
        self.handed_over = True
        code, words = line.data(letter.content)
        self.handed_over = False
        if code != 250:
            raise smtplib.SMTPDataError(code, words)
        return f"{code} {words.decode('utf-8', 'replace')}"[:500]


@contextmanager
def mail_server(context: OperationContext, words: str, sent: str) -> Iterator[MailServer]:
    """A server, signed in; every failure inside is a ConnectorError."""
    host, port = str(context.settings.get("host") or ""), _port(context.settings.get("port"))
    if not host:
        raise needed("host", "Mail server")
    started_s = clock.monotonic_s()
    target = f"smtp://{host}:{port}"
    server: MailServer | None = None
    line: _Line | None = None
    try:
        line = _open(context, host, port)
        server = MailServer(line)
        yield server
        context.note(words, target, sent=sent, status=250, started_s=started_s)
    except (smtplib.SMTPException, OSError) as error:
        context.note(words, target, sent=sent, answer=None, started_s=started_s)
        in_doubt = server is not None and server.handed_over and not _said(error)
        raise _failure(error, host, "unknown" if in_doubt else "no") from error
    finally:
        if line is not None:
            _hang_up(line)


def _open(context: OperationContext, host: str, port: int) -> _Line:
    encryption = str(context.settings.get("encryption") or "starttls")
    address = context.addresses(host, port)[0]
    user, password = str(context.settings.get("user") or ""), context.secret("password")
    if encryption == "none" and user and ipaddress.ip_address(address).is_global:
        raise ConnectorError(
            "A password is not sent over the internet without encryption.",
            code="smtp.not_encrypted",
            recovery=Recovery.REAUTHORISE,
            hint="Choose STARTTLS or TLS in the connection's settings.",
        )
    tls = ssl.create_default_context()
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    line = _Line(host, port, address, tls if encryption == "tls" else None)
    try:
        line.ehlo()
        if encryption == "starttls":
            # Without it the server could be made to hide STARTTLS, and all would travel open.
            line.starttls(context=tls)
            line.ehlo()
        if user:
            line.login(user, password)
    except BaseException:
        _hang_up(line)
        raise
    return line


def _options(line: _Line, letter: Letter) -> list[str]:
    return [f"size={len(letter.content)}"] if line.has_extn("size") else []


def _require(answer: tuple[int, bytes], whom: str, address: str) -> None:
    code, words = answer
    if code // 100 != 2:
        text = f"{whom} {address}: {words.decode('utf-8', 'replace')}"
        raise smtplib.SMTPResponseException(code, text.encode())


def _hang_up(line: _Line) -> None:
    try:
        line.quit()
    except (smtplib.SMTPException, OSError):
        line.close()


def _said(error: Exception) -> bool:
    return isinstance(error, smtplib.SMTPResponseException)


def _port(text: Any) -> int:
    value = str(text or "587")
    if not value.isdigit() or not 0 < int(value) < 65536:
        raise needed("port", "Port")
    return int(value)


def _failure(error: Exception, host: str, executed: Executed) -> ConnectorError:
    name, recovery, hint = "unreachable", Recovery.RETRY, "It is tried again by itself."
    message = f"The mail server {host} cannot be reached, or broke off."
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        message = f"The mail server says {error.smtp_code}: {' '.join(text.split())[:300]}"
        if isinstance(error, smtplib.SMTPAuthenticationError) or error.smtp_code in (530, 535):
            name, recovery = "sign_in", Recovery.REAUTHORISE
            hint = "Correct user and password of the connection."
        elif error.smtp_code < 500:
            name = "busy"
        else:
            name, recovery = "refused", Recovery.FIX_DATA
            hint = "Correct the address or the message."
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        name, recovery = "not_supported", Recovery.REAUTHORISE
        message = f"The mail server {host} offers no encryption or no sign-in."
        hint = "Check port and encryption of the connection."
    elif isinstance(error, ssl.SSLCertVerificationError):
        name, recovery = "tls", Recovery.REAUTHORISE
        message = f"The certificate of {host} cannot be trusted: {error.verify_message}."
        hint = "The name must be the one in the certificate."
    elif isinstance(error, ssl.SSLError):
        name, recovery = "tls", Recovery.REAUTHORISE
        message = f"No encrypted connection to {host}."
        hint = "Check port and encryption: 465 is usually TLS, 587 STARTTLS."
    if executed == "unknown":
        hint = "It may have been sent. Look into the mailbox, then decide."
    return ConnectorError(
        message, code=f"smtp.{name}", recovery=recovery, executed=executed, hint=hint
    )
