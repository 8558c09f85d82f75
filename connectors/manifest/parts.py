"""Parts of a manifest about traffic: limits, pages, polls, batches, handshakes, custom fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from connectors.sdk import Executed, pick
from ipaas.core.errors import Recovery


@dataclass(frozen=True, slots=True)
class When:
    """Which records a trigger starts for: those whose value is listed, or greater than ``over``."""

    pointer: str
    accepted: tuple[Any, ...] = ()
    over: Decimal | None = None

    def holds(self, document: Any) -> bool:
        """True if the record is one of them; what is no number is never greater."""
        value = pick(document, self.pointer)
        if self.over is None:
            return value in self.accepted
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return False
        return value > self.over


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """What one sort of failure means; the first rule that matches decides."""

    recovery: Recovery
    statuses: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    text: str = ""
    executed: Executed | None = None
    name: str = ""
    say: str = ""
    hint: str = ""
    after_s: float | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorFields:
    """Where in a vendor's reply its own words about a failure stand."""

    code: str = ""
    message: str = ""
    detail: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """One request with places for inputs, settings and the account.

    At most one of ``body`` (JSON), ``form``, ``multipart``, ``xml`` and ``raw`` is set.
    """

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    form: dict[str, Any] | None = None
    multipart: dict[str, Any] | None = None
    xml: dict[str, Any] | None = None
    raw: str = ""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list is asked for part by part, and where its entries stand.

    ``page`` counts pages, ``offset`` counts entries, ``cursor`` sends back what the reply told,
    ``link`` follows the header ``Link: <…>; rel="next"``, ``hook`` asks a function.
    """

    style: Literal["page", "offset", "cursor", "link", "hook"]
    items: str
    most: int = 100
    first: int = 1
    page: str = ""
    size: str = ""
    offset: str = ""
    cursor: str = ""
    next: str = ""
    more: str = ""
    total: str = ""
    place: Literal["query", "body"] = "query"
    hook: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """How a trigger asks for what changed, where no message tells us.

    ``updated_since``: a list operation takes a time; ``cursor``: it takes back what it told last
    time; ``hook``: a function does all of it. ``settle_s`` is given to its events.
    """

    style: Literal["updated_since", "cursor", "hook"]
    every_s: int = 300
    overlap_s: int = 60
    settle_s: float = 0.0
    operation: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    since: str = ""
    until: str = ""
    time_format: str = "iso"
    sorted: bool = True
    cursor: str = ""
    next: str = ""
    more: str = ""
    items: str = "/items"
    at: str = ""
    id: str = ""
    revision: str = ""
    business_key: str = ""
    document: str = ""
    topic: str = ""
    event: str = ""
    hook: str = ""


@dataclass(frozen=True, slots=True)
class Cache:
    """An answer that changes seldom: kept so long, unless a record of one of the kinds changes."""

    for_s: int
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Several calls of one operation in one request, with a result for each.

    ``under`` names the operation whose own limits such requests count for. Where they are used up,
    the calls leave one by one.
    """

    most: int
    under: str = ""
    request: RequestTemplate | None = None
    item: Any = None
    results: str = ""
    key: str = ""
    output: str = ""
    failed: str = ""
    status: str = ""
    error: ErrorFields = field(default_factory=ErrorFields)
    hook: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """How a vendor signs its messages.

    Where a vendor signs all customers' messages with the same key, ``recipient_at`` names the
    place of the addressee, and ``recipient`` the setting that must equal it.
    """

    header: str
    secret: str
    algorithm: Literal["hmac-sha256", "hmac-sha1", "hmac-sha512", "token", "rsa-sha256"] = (
        "hmac-sha256"
    )
    encoding: Literal["base64", "hex"] = "base64"
    prefix: str = ""
    signed: str = "{body}"
    timestamp_header: str = ""
    tolerance_s: int = 300
    recipient_at: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class Handshake:
    """How a vendor asks, before it sends events, whether the address is really ours.

    ``echo`` is where the challenge stands: a query parameter for GET, a JSON pointer for POST.
    ``token`` names the secret that the vendor must show in ``token_at``.
    """

    method: Literal["GET", "POST"]
    echo: str
    when: str = ""
    token: str = ""
    token_at: str = ""
    reply: Literal["text", "json"] = "text"
    reply_name: str = "challenge"


@dataclass(frozen=True, slots=True)
class EventFields:
    """Where in a vendor's message its events stand, and what each is about."""

    items: str = ""
    entity: str = ""
    entity_is: str = ""
    id: str = ""
    revision: str = ""
    topic: str = ""
    topic_header: str = ""
    business_key: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who signs a vendor's messages, how it asks first, and how events are read out of them.

    ``also`` are further ways to sign; a message is checked by the first whose header it has.
    """

    signature: Signature
    also: tuple[Signature, ...] = ()
    events: str = ""
    event_fields: EventFields | None = None
    handshake: Handshake | None = None

    @property
    def secret(self) -> str:
        """Name of the secret that both sides hold."""
        return self.signature.secret

    def signature_for(self, headers: Mapping[str, str]) -> Signature:
        """How a message with these headers (names in lower case) must be signed."""
        return next((way for way in self.also if way.header in headers), self.signature)


@dataclass(frozen=True, slots=True)
class Options:
    """A pick-list: a hook, or a read operation and where value and label stand in its entries.

    One that flows add to all the time, such as customers, says that it is not worth keeping. A
    ``page`` says that the hook can go on from a place, and gives at most so many entries at once.
    """

    title: str = ""
    hook: str = ""
    page: int = 0
    operation: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    items: str = "/items"
    value: str = ""
    label: str = ""
    search: str = ""
    keep: bool = True


@dataclass(frozen=True, slots=True)
class CustomFields:
    """Fields that each account defines for itself, and where they go in the schemas.

    ``at`` names the place of the properties in both schemas of the ``operations``.
    """

    operations: tuple[str, ...]
    at: str = ""
    hook: str = ""
    operation: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    items: str = "/items"
    name: str = ""
    title: str = ""
    type: str = ""
    types: dict[str, str] = field(default_factory=dict)
    choices: str = ""
    required: str = ""
    keep_s: int = 3600


@dataclass(frozen=True, slots=True)
class VendorEnvironment:
    """One of the vendor's own environments, such as its test company."""

    name: str
    title: str
    base_url: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """What the vendor calls an account, and how its name must look."""

    title: str
    pattern: str = ""
    help: str = ""


@dataclass(frozen=True, slots=True)
class Quality:
    """How far this connector can be trusted: checked against what, how much of it, what is open."""

    verified: str = ""
    when: str = ""
    coverage: str = ""
    known_gaps: tuple[str, ...] = ()
