"""Routes, throttling and faults of the QuickBooks Online sandbox (fact sheet A1, A3, A12)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from connectors.catalog.quickbooks.sandbox import books, errors, files, oauth, seed, staff
from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    COMMON_FAULTS,
    Call,
    CallKind,
    Entity,
    Fault,
    RecordRef,
    Refused,
    Reply,
    Vendor,
    html_reply,
    json_reply,
)

_ENTITIES = (
    Entity("Invoice", "Invoices", creatable=True),
    Entity("SalesReceipt", "Sales receipts", creatable=True),
    Entity("Customer", "Customers", creatable=True),
    Entity("Item", "Products and services", creatable=True),
    Entity("Payment", "Payments", creatable=True),
    Entity("CreditMemo", "Credit memos", creatable=True),
    Entity("RefundReceipt", "Refund receipts", creatable=True),
    Entity("Estimate", "Estimates", creatable=True),
    Entity("Vendor", "Vendors", creatable=True),
    Entity("Bill", "Bills", creatable=True),
    Entity("BillPayment", "Bill payments", creatable=True),
    Entity("PurchaseOrder", "Purchase orders", creatable=True),
    Entity("VendorCredit", "Vendor credits", creatable=True),
    Entity("Purchase", "Expenses", creatable=True),
    Entity("JournalEntry", "Journal entries", creatable=True),
    Entity("Deposit", "Deposits", creatable=True),
    Entity("Account", "Accounts", creatable=True),
    Entity("TaxCode", "Tax codes"),
    Entity("TaxRate", "Tax rates"),
    Entity("Term", "Terms", creatable=True),
    Entity("PaymentMethod", "Payment methods", creatable=True),
    Entity("Class", "Classes", creatable=True),
    Entity("Department", "Locations", creatable=True),
    Entity("Attachable", "Attachments"),
    Entity("CompanyInfo", "Companies"),
)
_SUBSCRIPTION_ENDED = Fault(
    "subscription_ended",
    "Subscription ended",
    "Every call is refused with 6190, as if the company no longer paid for QuickBooks.",
)
_NOT_PERMITTED = Fault(
    "not_permitted",
    "Person without rights",
    "Every call is refused with 120, as if the person who connected had lost the right to it.",
)
_FAULTS = (
    *COMMON_FAULTS,
    Fault(
        books.REQUESTID_MEMORY_OFF,
        "Request ids are forgotten",
        "A repeated requestid is carried out again, as if the vendor's memory of it had run out.",
    ),
    Fault(
        "fault_in_success",
        "Refusals with status 200",
        "What is refused is told in the body of a reply with status 200.",
    ),
    _SUBSCRIPTION_ENDED,
    _NOT_PERMITTED,
    Fault(
        oauth.ACCESS_REVOKED,
        "Access taken back",
        "Access tokens are refused and refresh tokens are no longer accepted, until switched off.",
    ),
)
_CHOICES = {
    "refresh_rotation": ("always", "daily"),
    "webhook_format": ("legacy", "cloudevents"),
    "unknown_properties": ("ignore", "refuse"),
    "unknown_parameters": ("ignore", "refuse"),
}
_MINUTE_S = 60


@dataclass(frozen=True)
class QuickBooksSandbox(Vendor):
    """QuickBooks Online with two companies, one of the US and one of the UK."""

    slug: str = "quickbooks"
    name: str = "QuickBooks Online"
    entities: tuple[Entity, ...] = _ENTITIES
    faults: tuple[Fault, ...] = _FAULTS
    default_settings: Mapping[str, Any] = field(
        default_factory=lambda: {
            "drift_field": "DocNumber",
            "access_token_lifetime_s": 3600,
            "refresh_token_lifetime_s": 8_726_400,
            "refresh_rotation": "always",
            "refresh_grace_s": 86_400,
            "code_lifetime_s": 600,
            "redirect_uris": [],
            "oauth_moved_to": "",
            "allow_loopback_redirects": True,
            "webhook_format": "legacy",
            "requestid_ttl_s": 86_400,
            "requestid_replays_failures": False,
            "unknown_properties": "refuse",
            "unknown_parameters": "refuse",
            "calls_per_second": 0,
            "multi_currency": False,
            "exchange_rates": {"USD": "1", "EUR": "1.10", "GBP": "1.27", "CAD": "0.73"},
            "custom_fields": [
                {"DefinitionId": "1", "Name": "Shop order"},
                {"DefinitionId": "2", "Name": "Sales channel"},
            ],
            "calls_per_minute": 500,
            "batches_per_minute": 40,
            "custom_txn_numbers": False,
            "warn_duplicate_docnumber": False,
            "allow_shipping": True,
            "allow_discount": True,
            "automated_sales_tax": False,
            "quantity_on_hand_writable": False,
            "books_closed_until": "",
            "emails_per_day": 40,
        }
    )

    def new_credentials(self, instance: str) -> dict[str, Any]:
        return {
            "client_id": "AB" + secrets.token_hex(20),
            "client_secret": secrets.token_urlsafe(30),
            "verifier_token": secrets.token_urlsafe(24),
            "realm_ids": [seed.realm_id(instance, number) for number in range(2)],
        }

    def seed(self, ledger: Ledger) -> None:
        seed.seed_companies(ledger)

    def check_settings(self, changes: Mapping[str, Any]) -> str | None:
        for name, allowed in _CHOICES.items():
            if name in changes and changes[name] not in allowed:
                return f"'{name}' is one of: {', '.join(allowed)}."
        if "realm_ids" in changes:
            return "'realm_ids' cannot be changed."
        return None

    def kind(self, call: Call) -> CallKind:
        if call.segments[:2] != ("v3", "company"):
            return CallKind.OTHER
        resource = call.segments[3].lower() if len(call.segments) > 3 else ""
        writes = call.method == "POST" and resource != "query"
        return CallKind.WRITE if writes else CallKind.READ

    def handle(self, call: Call, ledger: Ledger) -> Reply:
        segments = oauth.moved(tuple(segment for segment in call.segments if segment), ledger)
        match (call.method, *segments):
            case ("GET", ".well-known", "openid_sandbox_configuration" | "openid_configuration"):
                return oauth.discovery(call, ledger)
            case ("GET" | "POST", "connect", "oauth2"):
                return oauth.authorise(call, ledger)
            case ("POST", "oauth2", "v1", "tokens", "bearer"):
                return oauth.token(call, ledger)
            case ("POST", "v2", "oauth2", "tokens", "revoke"):
                return oauth.revoke(call, ledger)
            case ("GET", "v1", "openid_connect", "userinfo"):
                return oauth.userinfo(call, ledger)
            case ("GET", "download", token):
                found = files.download(ledger, token)
                if found is not None:
                    return found
            case ("GET", "op", "v1", "jwks"):
                return json_reply({"keys": []})
            case (_, "v3", "company", realm, *rest):
                try:
                    return _marked(_company_call(call, ledger, realm, tuple(rest)))
                except Refused as refused:
                    raise Refused(_marked(_disguised(refused.reply, ledger))) from None
        return html_reply("<html><title>Not found</title><h1>Not found</h1></html>", 404)

    def edit(
        self, ledger: Ledger, base_url: str, record: RecordRef, body: Mapping[str, Any]
    ) -> None:
        staff.edit(ledger, record, body)

    def create(self, ledger: Ledger, base_url: str, entity: str, body: Mapping[str, Any]) -> None:
        staff.create(ledger, entity, body)

    def refusal(self, fault: str, call: Call, ledger: Ledger) -> Reply:
        match fault:
            case "rate_limited":
                return _marked(errors.throttled())
            case "token_expired":
                return _marked(errors.token_refused("Token expired: AB01..."))
            case "unavailable":
                return _marked(errors.server_trouble(503))
        return _marked(errors.server_trouble(500))


def _company_call(call: Call, ledger: Ledger, realm: str, parts: tuple[str, ...]) -> Reply:
    if oauth.realm_of_caller(call, ledger) != realm:
        raise Refused(errors.wrong_company())
    _throttle(ledger, realm, "burst", ledger.setting("calls_per_second"), window_s=1)
    _throttle(ledger, realm, "calls", ledger.setting("calls_per_minute"))
    if parts and parts[0].lower() == "batch":
        _throttle(ledger, realm, "batches", ledger.setting("batches_per_minute"))
    if ledger.faults.take(_SUBSCRIPTION_ENDED.name):
        raise errors.company_lapsed()
    if ledger.faults.take(_NOT_PERMITTED.name):
        raise errors.not_permitted()
    return books.answer(Company(ledger, realm), call, parts)


def _disguised(reply: Reply, ledger: Ledger) -> Reply:
    """A refusal in a reply that looks like success, while that switch is on."""
    if reply.status == 400 and ledger.faults.take("fault_in_success"):
        return Reply(200, reply.body, reply.headers, reply.content_type)
    return reply


def _throttle(
    ledger: Ledger, realm: str, what: str, most: int, *, window_s: float = _MINUTE_S
) -> None:
    """Refuse more than ``most`` calls within the last ``window_s`` seconds; 0 switches it off."""
    if not most:
        return
    now = ledger.now_s()
    recent = [
        moment
        for moment in ledger.recent_calls.get(f"{what}:{realm}", [])
        if now - window_s < moment <= now
    ]
    if len(recent) >= most:
        raise Refused(errors.throttled())
    recent.append(now)
    ledger.recent_calls[f"{what}:{realm}"] = recent


def _marked(reply: Reply) -> Reply:
    return reply.with_header("intuit_tid", f"1-{uuid4().hex[:8]}-{uuid4().hex[:24]}")
