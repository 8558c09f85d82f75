"""A small CRM: companies, contacts that are unique by e-mail, deals, signed events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox_kit import oauth
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.vendor import (
    DUPLICATE_WEBHOOK,
    FORGED_WEBHOOK,
    Call,
    CallKind,
    Entity,
    RecordRef,
    Reply,
    Vendor,
    WebhookMessage,
    json_reply,
)
from connectors.sandbox_kit.webhooks import signature
from connectors.sandbox_kit.words import Words
from ipaas.core import jsonio


def _form(code: str, message: str, name: str | None) -> dict[str, Any]:
    return {"errors": [{"code": code, "detail": message, "field": name}]}


WORDS = Words(_form)
_SERVER = oauth.OAuthServer("Practice CRM")
_PAGE = 50
_FIELDS = {
    "company": ("name", "domain", "country", "vat_number", "external_id"),
    "contact": ("email", "name", "phone", "company_id", "external_id"),
    "deal": ("number", "name", "stage", "contact_id", "company_id", "currency", "lines"),
}
_PLACES = {"companies": "company", "contacts": "contact", "deals": "deal"}
_NEEDED = {"company": "name", "contact": "email", "deal": "name"}
_UNIQUE = {"company": "domain", "contact": "email", "deal": "number"}
_FILTERS = ("email", "domain", "stage", "company_id", "updated_since", "limit", "page")
_STAGES = ("open", "won", "lost")


@dataclass(frozen=True)
class CrmSandbox(Vendor):
    """Three companies, their contacts, and deals in every stage."""

    slug: str = "crm"
    name: str = "Practice CRM"
    entities: tuple[Entity, ...] = (
        Entity("deal", "Deals", creatable=True),
        Entity("contact", "Contacts", creatable=True),
        Entity("company", "Companies", creatable=True),
    )
    default_settings: Mapping[str, Any] = field(
        default_factory=lambda: {**oauth.SETTINGS, "retry_after_s": 2, "drift_field": "email"}
    )

    def new_credentials(self, instance: str) -> dict[str, Any]:
        return _SERVER.credentials()

    def seed(self, ledger: Ledger) -> None:
        for number, (company, domain, country, person, email) in enumerate(
            (
                ("Kiln Works GmbH", "kiln.example", "DE", "Greta Lind", "greta@kiln.example"),
                ("Harbor Cafés", "harbor.example", "US", "Liam O'Brien", "liam@harbor.example"),
                ("Atelier Silva", "silva.example", "PT", "Ana Silva", "ana@silva.example"),
            ),
            1,
        ):
            owner = _make(
                ledger, "company", {"name": company, "domain": domain, "country": country}
            )
            wish = {"email": email, "name": person, "company_id": owner["id"]}
            contact = _make(ledger, "contact", wish)
            lines = [{"sku": "MUG-RED", "name": "Mug, red", "quantity": 12 * number, "price": 9.5}]
            deal = {
                "name": f"Mugs for {company}",
                "stage": _STAGES[number - 1],
                "contact_id": contact["id"],
                "company_id": owner["id"],
                "currency": "USD",
                "lines": lines,
            }
            _make(ledger, "deal", deal)

    def kind(self, call: Call) -> CallKind:
        if call.segments[:1] != ("api",):
            return CallKind.OTHER
        return CallKind.READ if call.method == "GET" else CallKind.WRITE

    def handle(self, call: Call, ledger: Ledger) -> Reply:
        if (answer := _SERVER.answer(call, ledger)) is not None:
            return answer
        if _SERVER.bearer(call, ledger) is None:
            raise WORDS.no_access()
        match (call.method, *call.segments):
            case ("GET", "api", place) if place in _PLACES:
                return _page(call, ledger, place)
            case ("GET", "api", place, record_id) if place in _PLACES:
                return json_reply(_known(ledger, _PLACES[place], record_id))
            case ("POST", "api", "companies" | "contacts" | "deals" as place):
                return json_reply(_make(ledger, _PLACES[place], _body(call)), 201)
            case ("PATCH", "api", place, record_id) if place in _PLACES:
                return _patch(call, ledger, _PLACES[place], record_id)
        raise WORDS.no_route()

    def refusal(self, fault: str, call: Call, ledger: Ledger) -> Reply:
        return WORDS.fault(fault, ledger)

    def create(self, ledger: Ledger, base_url: str, entity: str, body: Mapping[str, Any]) -> None:
        _make(ledger, entity, {name: body[name] for name in _FIELDS[entity] if name in body})

    def edit(
        self, ledger: Ledger, base_url: str, record: RecordRef, body: Mapping[str, Any]
    ) -> None:
        given = {name: body[name] for name in _FIELDS[record.entity] if name in body}
        _change(ledger, record.entity, record.id, given)


def _page(call: Call, ledger: Ledger, place: str) -> Reply:
    """The longest unchanged first; the next page is named in the Link header (RFC 8288)."""
    WORDS.require_known(call, _FILTERS)
    found = sorted(
        ledger.all(_PLACES[place]), key=lambda record: (record["updated_at"], record["id"])
    )
    for name in ("email", "domain", "stage", "company_id"):
        if wanted := call.param(name):
            fits = wanted.casefold()
            found = [entry for entry in found if str(entry.get(name) or "").casefold() == fits]
    if since := call.param("updated_since"):
        found = [record for record in found if record["updated_at"] >= since]
    limit = max(1, min(_number(call, "limit", _PAGE), _PAGE))
    page = max(1, _number(call, "page", 1))
    reply = json_reply(found[(page - 1) * limit : page * limit])
    if page * limit >= len(found):
        return reply
    following = {**dict(call.query), "page": page + 1}
    link = f"{call.base_url}{call.path}?{urlencode(following)}"
    return reply.with_header("Link", f'<{link}>; rel="next"')


def _patch(call: Call, ledger: Ledger, entity: str, record_id: str) -> Reply:
    key, wish = call.headers.get("idempotency-key", ""), _body(call)
    if key and (known := ledger.get("_key", key)):
        return json_reply(known["answer"])
    answer = _change(ledger, entity, record_id, wish)
    if key:
        ledger.put("_key", key, {"answer": answer})
    return json_reply(answer)


def _make(ledger: Ledger, entity: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    if not wish.get(_NEEDED[entity]):
        raise WORDS.refused(422, "missing", f"{_NEEDED[entity]} is needed.", _NEEDED[entity])
    number = ledger.next_number(entity)
    record: dict[str, Any] = dict.fromkeys(_FIELDS[entity], "")
    record |= {"id": f"{entity[:3]}-{number:05d}"}
    if entity == "deal":
        record |= {"number": f"D-{1000 + number}", "stage": "open", "lines": [], "closed_on": None}
    if entity != "company":
        record["company_id"] = None
    record["created_at"] = _now(ledger)
    return _keep(ledger, entity, record, wish, "created")


def _change(ledger: Ledger, entity: str, record_id: str, wish: Mapping[str, Any]) -> dict[str, Any]:
    return _keep(ledger, entity, _known(ledger, entity, record_id), wish, "updated")


def _keep(
    ledger: Ledger, entity: str, before: dict[str, Any], wish: Mapping[str, Any], what: str
) -> dict[str, Any]:
    for name in wish:
        if name not in _FIELDS[entity]:
            raise WORDS.refused(400, "unknown_field", f"{name} is not known here.", name)
    record = {**before, **{name: value for name, value in wish.items() if value is not None}}
    unique = _UNIQUE[entity]
    for other in ledger.find(entity, unique, record[unique]) if record[unique] else []:
        if other["id"] != record["id"]:
            raise WORDS.refused(409, "duplicate", f"{unique} {record[unique]} is taken.", unique)
    for name, kind in (("company_id", "company"), ("contact_id", "contact")):
        if record.get(name) and ledger.get(kind, record[name]) is None:
            raise WORDS.refused(422, "reference", f"There is no {kind} {record[name]}.", name)
    if entity == "deal":
        if record["stage"] not in _STAGES:
            raise WORDS.refused(422, "stage", f"stage is one of {', '.join(_STAGES)}.", "stage")
        record["amount"] = sum(line["quantity"] * line["price"] for line in record["lines"])
        done = record["stage"] != "open"
        record["closed_on"] = ledger.now().date().isoformat() if done else None
    record["updated_at"] = _now(ledger)
    ledger.put(entity, record["id"], record, keys={unique: record[unique] or None})
    _announce(ledger, entity, f"{entity}.{what}", record)
    return record


def _announce(ledger: Ledger, entity: str, topic: str, record: Mapping[str, Any]) -> None:
    """One message may carry several events; this CRM sends each alone."""
    event = {"id": ledger.next_number("event"), "type": topic, "entity": entity, "record": record}
    body = jsonio.dumps({"events": [event]})
    for target in ledger.setting("webhooks"):
        secret = target.get("secret", "")
        if ledger.faults.take(FORGED_WEBHOOK.name):
            secret += "-forged"
        headers = {
            "Content-Type": "application/json",
            "X-Crm-Signature": signature(secret, body),
        }
        message = WebhookMessage(target["url"], headers, body)
        ledger.enqueue(message)
        if ledger.faults.take(DUPLICATE_WEBHOOK.name):
            ledger.enqueue(message)


def _known(ledger: Ledger, entity: str, record_id: str) -> dict[str, Any]:
    record: dict[str, Any] | None = ledger.get(entity, record_id)
    if record is None:
        raise WORDS.refused(404, "not_found", f"There is no {entity} {record_id}.", "id")
    return record


def _body(call: Call) -> dict[str, Any]:
    wish = WORDS.body(call)
    return wish


def _number(call: Call, name: str, otherwise: int) -> int:
    text = call.param(name)
    if text and not text.isdigit():
        raise WORDS.refused(400, "number", f"{name} is a whole number.", name)
    return int(text) if text else otherwise


def _now(ledger: Ledger) -> str:
    return ledger.now().isoformat(timespec="microseconds").replace("+00:00", "Z")
