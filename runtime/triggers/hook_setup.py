"""Setting up a flow's own address: its secret, samples to learn from, and a delivery to try it."""

from __future__ import annotations

import base64
import hmac
from datetime import timedelta
from typing import Any

from ipaas.core import clock, jsonio
from ipaas.core.errors import IpaasError
from ipaas.core.ids import new_id
from ipaas.mapping.schemas import infer_schema
from runtime import faults
from runtime.live.news import tell_change, trigger_of
from runtime.models import Hook, HookSample
from runtime.triggers import arming, hooks, signatures
from runtime.triggers.intake import Delivery, Receipt, receive
from runtime.triggers.manual import TriggerNotFound
from runtime.triggers.status import address
from runtime.workers.actors import wake

LONGEST_LEARNING_S = 24 * 3600
MAX_OVERLAP_S = 30 * 24 * 3600


def hook_info(workspace_id: str, environment: str, flow_id: str) -> dict[str, Any]:
    """The address without its secret; raises TriggerNotFound if there is none yet."""
    return _shown(_hook(workspace_id, environment, flow_id))


def listen(
    workspace_id: str,
    environment: str,
    flow_id: str,
    *,
    node_id: str,
    kind: str,
    settings: dict[str, Any],
    seconds: int,
) -> dict[str, Any]:
    """Let the address learn from what comes in; it is made if there is none yet.

    ``settings`` are those of the draft; they are used until the flow is published.
    """
    now = clock.now()
    with faults.commits("hook_setup.listen"):
        hook = arming.open_hook(workspace_id, environment, flow_id, kind=kind, node_id=node_id)
        if not hook.deployed:
            hook.settings = {k: v for k, v in settings.items() if k != "sample"}
        hook.learning_until = (
            now + timedelta(seconds=min(seconds, LONGEST_LEARNING_S)) if seconds > 0 else None
        )
        hook.save(update_fields=["settings", "learning_until"])
        tell_change(workspace_id, environment, trigger_of(flow_id))
    return _shown(hook)


def set_secret(
    workspace_id: str,
    environment: str,
    flow_id: str,
    *,
    kind: str,
    value: str,
    overlap_s: int,
) -> dict[str, Any]:
    """The address with its new secret, which is shown this once; the old one stays good a while.

    Without ``value`` one is made. Raises SignatureSettingsWrong if it cannot be used.
    """
    secret = value or signatures.new_secret(kind)
    signatures.require_usable(kind, secret)
    now = clock.now()
    with faults.commits("hook_setup.set_secret"):
        hook = _hook(workspace_id, environment, flow_id, lock=True)
        keeps = overlap_s > 0 and hook.secret is not None
        hook.previous = hook.secret if keeps else None
        hook.previous_until = (
            now + timedelta(seconds=min(overlap_s, MAX_OVERLAP_S)) if keeps else None
        )
        hook.secret = hooks.seal_secret(workspace_id, hook.token, secret)
        hook.save(update_fields=["secret", "previous", "previous_until"])
        tell_change(workspace_id, environment, trigger_of(flow_id))
    return {**_shown(hook), "secret": secret}


def forget_previous(workspace_id: str, environment: str, flow_id: str) -> dict[str, Any]:
    """Stop taking the secret before the last at once."""
    with faults.commits("hook_setup.forget_previous"):
        hook = _hook(workspace_id, environment, flow_id, lock=True)
        hook.previous, hook.previous_until = None, None
        hook.save(update_fields=["previous", "previous_until"])
    return _shown(hook)


def samples(workspace_id: str, environment: str, flow_id: str) -> dict[str, Any]:
    """What the address has learnt from, newest first, and the schema that all of it satisfies."""
    hook = _hook(workspace_id, environment, flow_id)
    rows = HookSample.objects.filter(hook=hook, workspace_id=workspace_id).order_by("-id")
    items = []
    for row in rows[: hooks.MOST_SAMPLES]:
        found = hooks.open_sample(row)
        items.append(
            {
                "id": row.pk,
                "received_at": row.received_at.isoformat(),
                "content_type": row.content_type,
                "size": row.size,
                "signature": found.get("signature"),
                "why": found.get("why") or found.get("unreadable"),
                "headers": found.get("headers") or {},
                "document": found.get("document"),
            }
        )
    documents = [item["document"] for item in items if item["document"] is not None]
    return {"items": items, "next": None, "schema": infer_schema(documents) if documents else {}}


def forget_samples(workspace_id: str, environment: str, flow_id: str) -> None:
    """Delete everything the address has learnt from."""
    hook = _hook(workspace_id, environment, flow_id)
    HookSample.objects.filter(hook=hook, workspace_id=workspace_id).delete()


def try_delivery(
    workspace_id: str, environment: str, flow_id: str, document: Any
) -> dict[str, Any]:
    """What a signed message with this document comes to; it is taken in like any other."""
    hook = _hook(workspace_id, environment, flow_id)
    listener = hooks.listeners([hook.token])[hook.token]
    body = jsonio.dumps(document)
    headers = {"content-type": "application/json", "x-webhook-id": new_id("try")}
    if hook.kind == "trigger.cloudevents":
        headers["content-type"] = "application/cloudevents+json"
    secret = listener.secrets[0] if listener.secrets else ""
    headers |= _signed(listener.signature, secret, headers, body)
    (answer,) = receive([Delivery(hook.token, headers, body)])
    if isinstance(answer, Receipt):
        wake()
        return {
            "status": answer.status,
            "accepted": answer.accepted,
            "duplicates": answer.duplicates,
            "runs": list(answer.runs),
            "problem": None,
        }
    return {
        "status": answer.status,
        "accepted": 0,
        "duplicates": 0,
        "runs": [],
        "problem": _problem(answer),
    }


def _signed(settings: Any, secret: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
    """Headers with which a sender would prove itself."""
    stamp = str(int(clock.now().timestamp()))
    match settings.get("kind", "none"):
        case "hmac":
            signed, more = body, {}
            if settings.get("timestamp_header"):
                more = {str(settings["timestamp_header"]).lower(): stamp}
                signed = stamp.encode() + str(settings.get("separator", ".")).encode() + body
            mac = hmac.digest(secret.encode(), signed, str(settings.get("algorithm", "sha256")))
            hexed = settings.get("encoding", "hex") == "hex"
            text = mac.hex() if hexed else base64.b64encode(mac).decode()
            return {**more, str(settings["header"]).lower(): f"{settings.get('prefix', '')}{text}"}
        case "standard":
            message_id = headers["x-webhook-id"]
            key = base64.b64decode(secret.removeprefix(signatures.STANDARD_PREFIX) or "")
            signed = f"{message_id}.{stamp}.".encode() + body
            standard = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
            return {
                "webhook-id": message_id,
                "webhook-timestamp": stamp,
                "webhook-signature": f"v1,{standard}",
            }
        case "token":
            header = str(settings.get("header") or "authorization").lower()
            return {header: f"Bearer {secret}" if header == "authorization" else secret}
        case "basic":
            pair = f"{settings.get('username', '')}:{secret}".encode()
            return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}


def _hook(workspace_id: str, environment: str, flow_id: str, *, lock: bool = False) -> Hook:
    rows = Hook.objects.select_for_update() if lock else Hook.objects
    row = rows.filter(workspace_id=workspace_id, environment=environment, flow_id=flow_id).first()
    if row is None:
        raise TriggerNotFound(
            "This flow has no address of its own yet.",
            hint="Let it listen for a sample, or publish it.",
        )
    return row


def _shown(hook: Hook) -> dict[str, Any]:
    now = clock.now()
    overlaps = hook.previous is not None and hook.previous_until and hook.previous_until > now
    learns = hook.learning_until is not None and hook.learning_until > now
    return {
        "url": address(hook.token),
        "kind": hook.kind,
        "node_id": hook.node_id,
        "deployed": hook.deployed,
        "signature": (hook.settings or {}).get("signature") or {"kind": "none"},
        "has_secret": hook.secret is not None,
        "previous_until": hook.previous_until.isoformat() if overlaps else None,
        "learning_until": hook.learning_until.isoformat() if learns else None,
        "refusal": hook.refusal,
    }


def _problem(error: IpaasError) -> dict[str, str]:
    return {"code": error.code, "message": error.message, "hint": error.hint}
