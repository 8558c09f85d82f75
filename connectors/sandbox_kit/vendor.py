"""What a vendor's sandbox is made of: a call, a reply, and the class each vendor derives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from ipaas.core import jsonio

if TYPE_CHECKING:
    from connectors.sandbox_kit.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request, read completely; ``segments`` start after /<instance>/<vendor>/."""

    method: str
    segments: tuple[str, ...]
    raw_query: str
    headers: Mapping[str, str]
    body: bytes
    base_url: str

    @property
    def path(self) -> str:
        return "/" + "/".join(self.segments)

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.raw_query, keep_blank_values=True)

    def param(self, name: str) -> str | None:
        """First query parameter of that name, letter case ignored."""
        wanted = name.lower()
        return next((value for key, value in self.query if key.lower() == wanted), None)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def document(self) -> Any:
        """Body as JSON; raises ipaas.core.jsonio.MalformedJson."""
        return jsonio.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json;charset=UTF-8"

    def with_header(self, name: str, value: str) -> Reply:
        return Reply(self.status, self.body, (*self.headers, (name, value)), self.content_type)


def json_reply(document: Any, status: int = 200) -> Reply:
    return Reply(status, jsonio.dumps(document))


def html_reply(text: str, status: int = 200) -> Reply:
    return Reply(status, text.encode(), content_type="text/html; charset=utf-8")


def redirect_reply(url: str) -> Reply:
    return Reply(302, headers=(("location", url),), content_type="text/html; charset=utf-8")


class Refused(Exception):
    """A vendor's refusal: nothing is kept of the call, the client gets ``reply``."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class CallKind(StrEnum):
    """Which faults may hit a call: API faults hit READ and WRITE, a lost reply only WRITE."""

    READ = "read"
    WRITE = "write"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Fault:
    """A switch that makes the vendor misbehave; ``default_times`` None means until off."""

    name: str
    title: str
    description: str
    default_times: int | None = None


RATE_LIMITED = Fault("rate_limited", "Too many requests", "Every call is answered 429.")
SERVER_ERROR = Fault(
    "server_error", "Server error", "Every call is answered 500 and nothing happens."
)
UNAVAILABLE = Fault("unavailable", "Maintenance", "Every call is answered 503 with a web page.")
TOKEN_EXPIRED = Fault(
    "token_expired",
    "Token expired",
    "The next call is answered 401, as if the access token had run out.",
    default_times=1,
)
LOST_REPLY = Fault(
    "lost_reply",
    "Lost reply",
    "Writes are carried out, then the connection is cut before a byte of the answer.",
)
SLOW = Fault("slow", "Slow", "Calls are carried out, but the answer comes late.")
DUPLICATE_WEBHOOK = Fault(
    "duplicate_webhook", "Webhooks twice", "Every webhook is delivered two times."
)
FORGED_WEBHOOK = Fault(
    "forged_webhook", "Wrong webhook signature", "Webhooks are signed with a wrong secret."
)
REFUSALS = (UNAVAILABLE, SERVER_ERROR, RATE_LIMITED, TOKEN_EXPIRED)
COMMON_FAULTS = (*REFUSALS, LOST_REPLY, SLOW, DUPLICATE_WEBHOOK, FORGED_WEBHOOK)


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record the control API shows."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """One message to one receiver, signed already."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Vendor:
    """Base of a vendor's sandbox: facts as fields, behaviour as methods.

    ``handle`` runs inside one transaction of the instance's ledger, alone: no other call of the
    process runs at the same time. So check-then-write is safe, and must not wait for anything.
    """

    slug: str
    name: str
    entities: tuple[Entity, ...]
    faults: tuple[Fault, ...] = COMMON_FAULTS
    default_settings: Mapping[str, Any] = field(default_factory=dict)

    def new_credentials(self, instance: str) -> dict[str, Any]:
        """Settings made once per instance, such as tokens; they survive a reset."""
        return {}

    def seed(self, ledger: Ledger) -> None:
        """Write the records a new instance starts with."""

    def check_settings(self, changes: Mapping[str, Any]) -> str | None:
        """Complaint about changed settings, or None."""
        return None

    def kind(self, call: Call) -> CallKind:
        raise NotImplementedError

    def handle(self, call: Call, ledger: Ledger) -> Reply:
        raise NotImplementedError

    def refusal(self, fault: str, call: Call, ledger: Ledger) -> Reply:
        """The vendor's own answer for one of REFUSALS."""
        raise NotImplementedError

    def control(self, call: Call, ledger: Ledger) -> Reply | None:
        """Answer of a control route only this vendor has (segments after the slug), or None."""
        return None
