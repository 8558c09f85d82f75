"""Control API: look into a sandbox, switch faults, change settings; from this machine only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from connectors.sandbox_kit import records
from connectors.sandbox_kit.host import (
    Instances,
    call_of,
    read_body,
    respond,
)
from connectors.sandbox_kit.ledger import Ledger
from connectors.sandbox_kit.records import complaint, limit_of, number_of, object_of
from connectors.sandbox_kit.vendor import Call, Refused, Reply, Vendor, json_reply
from connectors.sandbox_kit.webhooks import Dispatcher
from ipaas.core import clock
from ipaas.core.jsonio import MalformedJson

_READ_ONLY_SETTINGS = ("seeded",)
MAX_OFFSET_S = 315_360_000


class Control:
    """ASGI app for /_control/..."""

    def __init__(
        self, instances: Instances, dispatcher: Dispatcher, problems: list[str], open_to_all: bool
    ) -> None:
        self._instances = instances
        self._dispatcher = dispatcher
        self._problems = problems
        self._open_to_all = open_to_all

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        if body is None:
            return
        segments = tuple(scope["path"].strip("/").split("/")[1:])
        call = call_of(scope, body, segments, "")
        try:
            reply = self._stranger(scope, call) or self._answer(call)
        except Refused as refused:
            reply = refused.reply
        except MalformedJson as error:
            reply = complaint(400, str(error))
        await respond(send, reply)

    def _stranger(self, scope: Scope, call: Call) -> Reply | None:
        """Refusal for other machines, and for web pages of other sites in this one's browser."""
        client = (scope.get("client") or ("",))[0]
        host = urlsplit(f"//{call.headers.get('host', '')}").hostname or ""
        if not self._open_to_all and not (_is_loopback(client) and _is_loopback(host)):
            return complaint(403, "The control API answers on this machine only.")
        origin = call.headers.get("origin")
        if origin and origin.split("://")[-1] != call.headers.get("host"):
            return complaint(403, "The control API does not answer web pages of other sites.")
        return None

    def _answer(self, call: Call) -> Reply:
        vendors = self._instances.vendors
        match (call.method, *call.segments):
            case ("GET", "health"):
                return json_reply(
                    {"ok": not self._problems, "vendors": list(vendors), "problems": self._problems}
                )
            case (_, instance, *_) if not Instances.valid(instance):
                return complaint(404, f"'{instance}' cannot be the name of an instance.")
            case ("GET" | "PUT", instance, "clock"):
                return self._clock(call, instance)
            case ("GET", instance):
                return json_reply(
                    {
                        "vendors": [
                            describe(vendor, self._instances.ledger(instance, vendor))
                            for vendor in vendors.values()
                        ]
                    }
                )
            case (_, instance, slug, *_) if slug in vendors:
                vendor = vendors[slug]
                ledger = self._instances.ledger(instance, vendor)
                return self._of_vendor(call, instance, vendor, ledger)
        return complaint(404, "There is no such control route or sandbox.")

    def _of_vendor(self, call: Call, instance: str, vendor: Vendor, ledger: Ledger) -> Reply:
        match (call.method, *call.segments[2:]):
            case ("GET",):
                return json_reply(describe(vendor, ledger))
            case (_, "records", *_):
                answer = records.answer(call, vendor, ledger)
                self._dispatcher.wake(ledger)
                return answer
            case ("PUT", "faults", name):
                return _switch(call, vendor, ledger, name)
            case ("GET", "settings"):
                return json_reply(_shown(ledger))
            case ("PUT", "settings"):
                return _change(call, vendor, ledger)
            case ("GET", "calls"):
                return json_reply({"items": list(ledger.journal.newest(limit_of(call)))})
            case ("GET", "webhooks"):
                return json_reply(
                    {
                        **ledger.outbox.counts(),
                        "items": ledger.outbox.newest(limit_of(call), number_of(call, "offset", 0)),
                    }
                )
            case ("POST", "webhooks", number, "send" | "hold" | "drop" as wish):
                moved = _move_webhook(ledger, number, wish)
                self._dispatcher.wake(ledger)
                return moved
            case ("POST", "credentials"):
                return _new_credentials(instance, vendor, ledger)
            case ("POST", "reset"):
                self._instances.reset(instance, vendor)
                return json_reply(describe(vendor, ledger))
        with ledger.transaction():
            reply = vendor.control(call, ledger)
        self._dispatcher.wake(ledger)
        return reply or complaint(404, f"{vendor.name} has no such control route.")

    def _clock(self, call: Call, instance: str) -> Reply:
        """One clock for all vendors of the instance; it may also stand where it stood before."""
        ledgers = [
            self._instances.ledger(instance, vendor) for vendor in self._instances.vendors.values()
        ]
        if call.method == "PUT":
            offset_s = _wished_offset(object_of(call), ledgers[0] if ledgers else None)
            for ledger in ledgers:
                with ledger.transaction():
                    ledger.change_settings({"clock_offset_s": offset_s})
                    ledger.outbox.clock_moved()
                self._dispatcher.wake(ledger)
        offset_s = ledgers[0].setting("clock_offset_s") if ledgers else 0
        now = clock.now() + timedelta(seconds=offset_s)
        return json_reply({"now": now.isoformat(timespec="seconds"), "offset_s": offset_s})


def _wished_offset(wish: dict[str, Any], ledger: Ledger | None) -> int:
    before = int(ledger.setting("clock_offset_s")) if ledger else 0
    match wish:
        case {"advance_s": int(by)} if not isinstance(by, bool):
            offset_s = before + by
        case {"offset_s": int(offset_s)} if not isinstance(offset_s, bool):
            pass
        case _:
            raise Refused(complaint(400, "Say 'advance_s' or 'offset_s': whole seconds."))
    if abs(offset_s) > MAX_OFFSET_S:
        raise Refused(complaint(400, "The clock can be moved by ten years at most."))
    return offset_s


def _move_webhook(ledger: Ledger, number: str, wish: str) -> Reply:
    if not number.isdigit() or not ledger.outbox.move(int(number), wish):
        return complaint(409, f"This webhook cannot be moved by '{wish}' now.")
    return json_reply(ledger.outbox.counts())


def _new_credentials(instance: str, vendor: Vendor, ledger: Ledger) -> Reply:
    """The vendor's staff change every key and token: what was connected must connect again."""
    with ledger.transaction():
        ledger.change_settings(vendor.new_credentials(instance))
        ledger.forget_entities("_token", "_refresh", "_code")
    return json_reply(_shown(ledger))


def describe(vendor: Vendor, ledger: Ledger) -> dict[str, Any]:
    faults = []
    for fault in vendor.faults:
        active, remaining = ledger.faults.state(fault.name)
        faults.append(
            {
                "name": fault.name,
                "title": fault.title,
                "description": fault.description,
                "group": fault.group.value,
                "active": active,
                "remaining": remaining,
            }
        )
    return {
        "slug": vendor.slug,
        "name": vendor.name,
        "entities": [
            {
                "name": entity.name,
                "title": entity.title,
                "count": ledger.count(entity.name),
                "creatable": entity.creatable,
            }
            for entity in vendor.entities
        ],
        "faults": faults,
        "webhooks": ledger.outbox.counts(),
    }


def _switch(call: Call, vendor: Vendor, ledger: Ledger, name: str) -> Reply:
    fault = next((fault for fault in vendor.faults if fault.name == name), None)
    if fault is None:
        return complaint(404, f"{vendor.name} has no fault '{name}'.")
    wish = object_of(call)
    times = wish.get("times", fault.default_times)
    skip = wish.get("skip", 0)
    if not isinstance(wish.get("active"), bool):
        return complaint(400, "Say 'active': true or false.")
    if not (times is None or (isinstance(times, int) and times > 0)):
        return complaint(400, "'times' is a number from 1 on, or null: until switched off.")
    if not isinstance(skip, int) or skip < 0:
        return complaint(400, "'skip' is the number of calls to let pass first, from 0 on.")
    if wish["active"]:
        ledger.faults.switch_on(name, times=times, match=str(wish.get("match", "")), skip=skip)
    else:
        ledger.faults.switch_off(name)
    active, remaining = ledger.faults.state(name)
    return json_reply({"name": name, "active": active, "remaining": remaining})


def _shown(ledger: Ledger) -> dict[str, Any]:
    return {k: v for k, v in ledger.settings().items() if k not in _READ_ONLY_SETTINGS}


def _change(call: Call, vendor: Vendor, ledger: Ledger) -> Reply:
    changes = object_of(call)
    known = _shown(ledger)
    unknown = [name for name in changes if name not in known]
    if unknown:
        return complaint(
            400, f"Unknown settings: {', '.join(unknown)}. Known: {', '.join(sorted(known))}."
        )
    for name, value in changes.items():
        if not _same_kind(known[name], value):
            return complaint(400, f"'{name}' has the wrong type; it is now {known[name]!r}.")
    refused = _webhook_complaint(changes) or vendor.check_settings(changes)
    if refused:
        return complaint(400, refused)
    with ledger.transaction():
        ledger.change_settings(changes)
    return json_reply(_shown(ledger))


def _same_kind(before: Any, after: Any) -> bool:
    if isinstance(before, bool) or isinstance(after, bool):
        return isinstance(before, bool) and isinstance(after, bool)
    if isinstance(before, str | list | dict):
        return type(before) is type(after)
    return not isinstance(after, str | list | dict)


def _webhook_complaint(changes: Mapping[str, Any]) -> str | None:
    for target in changes.get("webhooks", []):
        url = target.get("url") if isinstance(target, dict) else None
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            return "'webhooks' is a list of {'url': 'http(s)://...', 'secret': '...'}."
        if not isinstance(target.get("secret", ""), str):
            return "The secret of a webhook is text."
    return None


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
