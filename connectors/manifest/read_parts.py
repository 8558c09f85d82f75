"""Parts of a checked manifest as frozen values: errors, limits, webhook, lists, custom fields."""

from __future__ import annotations

from typing import Any

from connectors.manifest.parts import (
    Account,
    CustomFields,
    ErrorFields,
    ErrorRule,
    EventFields,
    Handshake,
    Options,
    Quality,
    Signature,
    VendorEnvironment,
    Webhook,
)
from connectors.values import FieldSpec, Limit
from ipaas.core.errors import Recovery

_WINDOW_S = {"s": 1, "min": 60, "h": 3600, "day": 86400}


def plain(text: str) -> str:
    """``text`` on one line."""
    return " ".join(text.split())


def several(value: Any) -> tuple[Any, ...]:
    """A list, or one value that may stand alone, or nothing."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)


def error_rule(entry: dict[str, Any]) -> ErrorRule:
    """One rule of ``errors``."""
    return ErrorRule(
        recovery=Recovery(entry["recovery"]),
        statuses=several(entry.get("status")),
        codes=several(entry.get("code")),
        text=entry.get("text", "").lower(),
        executed=entry.get("executed"),
        name=entry.get("name", ""),
        say=plain(entry.get("say", "")),
        hint=plain(entry.get("hint", "")),
        after_s=entry.get("after_s"),
        field=entry.get("field"),
    )


def error_fields(entry: dict[str, str] | None) -> ErrorFields | None:
    """Where the vendor's own words stand."""
    return ErrorFields(**entry) if entry else None


def limit(entry: dict[str, Any]) -> Limit:
    """One entry of ``limits``."""
    count, _, window = entry.get("rate", "0/s").partition("/")
    return Limit(
        per=entry["per"],
        count=int(count),
        window_s=_WINDOW_S[window] if int(count) else 0,
        concurrency=entry.get("concurrency", 0),
        daily=entry.get("daily", 0),
    )


def webhook(entry: dict[str, Any] | None) -> Webhook | None:
    """Signature, handshake and events of the vendor's messages."""
    if not entry:
        return None
    events, shake = entry["events"], entry.get("handshake")
    return Webhook(
        signature=_signature(entry["signature"]),
        also=tuple(_signature(each) for each in entry.get("also", ())),
        events=events if isinstance(events, str) else "",
        event_fields=EventFields(**events) if isinstance(events, dict) else None,
        handshake=Handshake(**shake) if shake else None,
    )


def _signature(entry: dict[str, Any]) -> Signature:
    names = ("header", "timestamp_header")
    return Signature(**{**entry, **{name: entry.get(name, "").lower() for name in names}})


def options(entry: dict[str, Any]) -> Options:
    """One pick-list."""
    return Options(**entry)


def custom_fields(entry: dict[str, Any]) -> CustomFields:
    """Fields that accounts define themselves."""
    return CustomFields(**{**entry, "operations": tuple(entry["operations"])})


def environments(entry: dict[str, Any]) -> tuple[VendorEnvironment, ...]:
    """The vendor's own environments, in the order of the manifest."""
    found = []
    for name, values in entry.items():
        rest = {k: str(v) for k, v in values.items() if k not in ("title", "base_url")}
        found.append(VendorEnvironment(name, values["title"], values["base_url"], rest))
    return tuple(found)


def environment_fields(data: dict[str, Any]) -> list[FieldSpec]:
    """Settings with which a connection chooses the vendor's environment, or another address."""
    known = environments(data.get("environments", {}))
    if not known:
        return []
    fields = [
        FieldSpec(
            name="vendor_environment",
            title=f"Environment at {data['name']}",
            secret=False,
            required=False,
            help="Left empty, a production connection uses the vendor's production.",
            choices=tuple((entry.name, entry.title) for entry in known),
        )
    ]
    if all(entry["name"] != "base_url" for entry in data.get("settings", ())):
        fields.append(
            FieldSpec(
                name="base_url",
                title="Other address",
                secret=False,
                required=False,
                help="Only if the vendor gave you an address of your own.",
            )
        )
    return fields


def account(entry: dict[str, Any] | None) -> Account | None:
    """What the vendor calls an account."""
    return Account(**entry) if entry else None


def quality(entry: dict[str, Any] | None) -> Quality | None:
    """How far the connector can be trusted."""
    if not entry:
        return None
    return Quality(
        verified=entry.get("verified", ""),
        when=str(entry.get("when", "")),
        coverage=plain(entry.get("coverage", "")),
        known_gaps=tuple(plain(gap) for gap in entry.get("known_gaps", ())),
    )
