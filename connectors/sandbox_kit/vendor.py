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

    def without_header(self, name: str) -> Reply:
        kept = tuple(pair for pair in self.headers if pair[0].lower() != name.lower())
        return Reply(self.status, self.body, kept, self.content_type)


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


class FaultGroup(StrEnum):
    """Where a fault strikes; the screen lists faults by it."""

    CALLS = "calls"
    ANSWERS = "answers"
    ACCESS = "access"
    WEBHOOKS = "webhooks"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Fault:
    """A switch that makes the vendor misbehave; ``default_times`` None means until off."""

    name: str
    title: str
    description: str
    default_times: int | None = None
    group: FaultGroup = FaultGroup.CALLS


RATE_LIMITED = Fault(
    "rate_limited",
    "Too many requests",
    "Calls are answered 429; vendors that say when to come back say it.",
)
RATE_LIMITED_BARE = Fault(
    "rate_limited_bare",
    "Too many requests, no word when",
    "Calls are answered 429 without a Retry-After header.",
)
SERVER_ERROR = Fault(
    "server_error", "Server error", "Every call is answered 500 and nothing happens."
)
UNAVAILABLE = Fault("unavailable", "Maintenance", "Every call is answered 503 with a web page.")
LOST_REPLY = Fault(
    "lost_reply",
    "Lost reply",
    "Writes are carried out, then the connection is cut before a byte of the answer.",
    group=FaultGroup.ANSWERS,
)
NO_ANSWER = Fault(
    "no_answer",
    "No answer",
    "Writes are carried out, then nothing is said until the client gives up waiting.",
    group=FaultGroup.ANSWERS,
)
ERROR_AFTER_COMMIT = Fault(
    "error_after_commit",
    "Error after the work",
    "Writes are carried out and kept, but the answer is 500.",
    group=FaultGroup.ANSWERS,
)
LATE_COMMIT = Fault(
    "late_commit",
    "Work after the cut",
    "Writes are cut off at once and carried out only later (setting commit_after_s).",
    group=FaultGroup.ANSWERS,
)
TRUNCATED = Fault(
    "truncated",
    "Half an answer",
    "Calls are carried out; the connection is cut in the middle of the answer.",
    group=FaultGroup.ANSWERS,
)
SLOW = Fault(
    "slow",
    "Slow",
    "Calls are carried out, but the answer comes late (setting slow_s).",
    group=FaultGroup.ANSWERS,
)
LATE_RECORDS = Fault(
    "late_records",
    "New records appear late",
    "Reading and searching do not show a record until it is 30 seconds old (visible_after_s).",
    group=FaultGroup.DATA,
)
TOKEN_EXPIRED = Fault(
    "token_expired",
    "Token expired",
    "The next call is answered 401, as if the access token had run out.",
    default_times=1,
    group=FaultGroup.ACCESS,
)
ACCESS_REFUSED = Fault(
    "access_refused",
    "Access taken away",
    "Every call is answered 401 until this is switched off.",
    group=FaultGroup.ACCESS,
)
MISSING_WEBHOOK = Fault(
    "missing_webhook",
    "Webhooks lost",
    "Webhooks are not sent at all; they can be sent by hand later.",
    group=FaultGroup.WEBHOOKS,
)
DUPLICATE_WEBHOOK = Fault(
    "duplicate_webhook",
    "Webhooks twice",
    "Every webhook is delivered two times.",
    group=FaultGroup.WEBHOOKS,
)
LATE_WEBHOOK = Fault(
    "late_webhook",
    "Webhooks late",
    "Webhooks leave one minute after the event (setting late_webhook_s).",
    group=FaultGroup.WEBHOOKS,
)
REORDERED_WEBHOOKS = Fault(
    "reordered_webhooks",
    "Webhooks out of order",
    "Every other webhook is overtaken by the one after it.",
    group=FaultGroup.WEBHOOKS,
)
FORGED_WEBHOOK = Fault(
    "forged_webhook",
    "Wrong webhook signature",
    "Webhooks are signed with a wrong secret.",
    group=FaultGroup.WEBHOOKS,
)
_DRIFT_FIELD = "in answers; the setting drift_field names it."
DRIFT_ADDED = Fault(
    "drift_added",
    "A new field",
    f"A field nobody knows appears {_DRIFT_FIELD}",
    None,
    FaultGroup.DATA,
)
DRIFT_REMOVED = Fault(
    "drift_removed", "A field is gone", f"A field is missing {_DRIFT_FIELD}", None, FaultGroup.DATA
)
DRIFT_RENAMED = Fault(
    "drift_renamed",
    "A field is renamed",
    f"A field has another name {_DRIFT_FIELD}",
    None,
    FaultGroup.DATA,
)
DRIFT_RETYPED = Fault(
    "drift_retyped",
    "A field changes type",
    f"Text becomes an object, a number text {_DRIFT_FIELD}",
    None,
    FaultGroup.DATA,
)
DRIFTS = (DRIFT_ADDED, DRIFT_REMOVED, DRIFT_RENAMED, DRIFT_RETYPED)
REFUSALS = (
    UNAVAILABLE,
    SERVER_ERROR,
    RATE_LIMITED,
    RATE_LIMITED_BARE,
    TOKEN_EXPIRED,
    ACCESS_REFUSED,
)
COMMON_FAULTS = (
    *REFUSALS,
    LOST_REPLY,
    NO_ANSWER,
    ERROR_AFTER_COMMIT,
    TRUNCATED,
    SLOW,
    MISSING_WEBHOOK,
    DUPLICATE_WEBHOOK,
    LATE_WEBHOOK,
    REORDERED_WEBHOOKS,
    FORGED_WEBHOOK,
    LATE_COMMIT,
    LATE_RECORDS,
    *DRIFTS,
)


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of record the control API shows; ``creatable`` ones can be made from the screen."""

    name: str
    title: str
    creatable: bool = False


@dataclass(frozen=True, slots=True)
class RecordRef:
    """Where a record is kept."""

    entity: str
    id: str
    scope: str = ""


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
        """The vendor's own words for RATE_LIMITED, SERVER_ERROR, UNAVAILABLE or TOKEN_EXPIRED."""
        raise NotImplementedError

    def edit(
        self, ledger: Ledger, base_url: str, record: RecordRef, body: Mapping[str, Any]
    ) -> None:
        """A person of the staff changes a record; a vendor with versions counts them here."""
        ledger.rewrite(record.entity, record.id, body, scope=record.scope)

    def create(self, ledger: Ledger, base_url: str, entity: str, body: Mapping[str, Any]) -> None:
        """A person makes a record of a creatable entity; raises Refused with the complaint."""
        raise NotImplementedError

    def control(self, call: Call, ledger: Ledger) -> Reply | None:
        """Answer of a control route only this vendor has (segments after the slug), or None."""
        return None
