"""A message from a step's inputs; whatever could smuggle in a header or recipient is refused."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError, MessageDefect
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import Any

from connectors.sdk import ConnectorError, FileContent, Recovery, needed
from ipaas.core import clock

MOST_BYTES = 25 * 1024 * 1024
MOST_RECIPIENTS = 100
_PLACE = re.compile(r"\{([A-Za-z_][\w.]*)\}")
_HEADERS = HeaderRegistry()
_ADDRESS = re.compile(r"[^@\s<>\"(),:;\\]+@[^@\s<>\"(),:;\\]+\.?[^@\s<>\"(),:;\\]*")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to be handed over."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    content: bytes
    summary: str


def compose(inputs: Mapping[str, Any], settings: Mapping[str, Any], key: str | None) -> Letter:
    """The message; the same ``key`` gives the same Message-ID."""
    sender = _addresses(settings.get("from_address"), "from_address")[0]
    to = _addresses(inputs.get("to"), "to")
    cc = _addresses(inputs.get("cc"), "cc") if inputs.get("cc") else []
    bcc = _addresses(inputs.get("bcc"), "bcc") if inputs.get("bcc") else []
    recipients = tuple(dict.fromkeys(each.addr_spec for each in (*to, *cc, *bcc)))
    if len(recipients) > MOST_RECIPIENTS:
        raise _refused(f"At most {MOST_RECIPIENTS} recipients a message.", "to")
    given = inputs.get("values")
    values: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
    subject = _one_line(_filled(str(inputs.get("subject") or ""), values, plain=True), "subject")
    if not subject:
        raise needed("subject", "Subject")
    message = EmailMessage(policy=SMTP)
    name = _one_line(str(settings.get("from_name") or ""), "from_name")
    message["From"] = Address(name, addr_spec=sender.addr_spec)
    message["To"] = to
    if cc:
        message["Cc"] = cc
    if inputs.get("reply_to"):
        message["Reply-To"] = _addresses(inputs["reply_to"], "reply_to")
    message["Subject"] = subject
    message["Date"] = format_datetime(clock.now())
    mark = hashlib.sha256(key.encode()).hexdigest()[:40] if key else uuid.uuid4().hex
    message_id = f"<{mark}@{sender.domain}>"
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    _fill(message, inputs, values)
    content = message.as_bytes()
    if len(content) > MOST_BYTES:
        raise _refused("The message is larger than 25 MB.", "attachments")
    summary = f"Subject: {subject}\nTo: {', '.join(recipients)}\nMessage-ID: {message_id}"
    return Letter(message_id, sender.addr_spec, recipients, content, summary)


def _fill(message: EmailMessage, inputs: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    text, html = inputs.get("text"), inputs.get("html")
    if not text and not html:
        raise needed("text", "Text")
    if text:
        message.set_content(_filled(str(text), values, plain=True))
    if html:
        shown = _filled(str(html), values, plain=False)
        if text:
            message.add_alternative(shown, subtype="html")
        else:
            message.set_content(shown, subtype="html")
    for number, entry in enumerate(inputs.get("attachments") or ()):
        file = FileContent.from_json(entry)
        if file is None:
            raise _refused(f"Attachment {number + 1} is no file.", "attachments")
        kind = file.content_type.split(";", 1)[0].strip().lower()
        main, _, sub = kind.partition("/")
        if not re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind) or main in ("message", "multipart"):
            main, sub = "application", "octet-stream"
        message.add_attachment(
            file.content, maintype=main, subtype=sub, filename=_one_line(file.name, "attachments")
        )


def _addresses(given: Any, field: str) -> list[Address]:
    texts = given if isinstance(given, list) else [given]
    found: list[Address] = []
    for text in texts:
        if text in (None, ""):
            continue
        line = _one_line(str(text), field)
        header: Any = _HEADERS("to", line)
        if header.defects or not header.addresses:
            raise _no_address(line, field)
        found.extend(_checked(each, line, field) for each in header.addresses)
    if not found:
        raise needed(field, field.replace("_", " ").capitalize())
    return found


def _checked(found: Address, line: str, field: str) -> Address:
    try:
        if not _ADDRESS.fullmatch(found.addr_spec):
            raise ValueError("no address")
        found.username.encode("ascii")
        domain = found.domain.encode("idna").decode("ascii")
        return Address(found.display_name, found.username, domain)
    except (ValueError, HeaderParseError, MessageDefect, IndexError):
        raise _no_address(line, field) from None


def _no_address(line: str, field: str) -> ConnectorError:
    return _refused(f"“{line[:80]}” is not an e-mail address.", field)


def _filled(template: str, values: Mapping[str, Any], *, plain: bool) -> str:
    """``template`` with its {places} filled; a place without a value stays as it is written."""

    def replace(match: re.Match[str]) -> str:
        value: Any = values
        for part in match.group(1).split("."):
            if not isinstance(value, Mapping) or part not in value:
                return match.group(0)
            value = value[part]
        text = "" if value is None else str(value)
        return text if plain else escape(text)

    return _PLACE.sub(replace, template)


def _one_line(text: str, field: str) -> str:
    if any(ord(char) < 32 or char in "\x7f\x85\u2028\u2029" for char in text):
        raise _refused("A line break is not allowed here: it could add headers.", field)
    return text.strip()


def _refused(message: str, field: str) -> ConnectorError:
    return ConnectorError(
        message,
        code="smtp.message_refused",
        recovery=Recovery.FIX_DATA,
        hint="Correct it in the record or the mapping.",
        field=field,
    )
