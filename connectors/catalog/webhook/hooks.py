"""Messages in the format of Standard Webhooks: id, time and signature in three headers.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hmac
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.sdk import ConnectorError, HttpRequest, OperationContext, Recovery, needed
from ipaas.core import clock, jsonio

SHORTEST_SECRET = 16


def sign(
    request: HttpRequest, secrets: Mapping[str, Any], settings: Mapping[str, Any]
) -> HttpRequest:
    """``request`` with a signature over id, time and body, one for each secret."""
    del settings
    headers = {**request.headers}
    identity = headers.setdefault("Webhook-Id", f"msg_{uuid.uuid4().hex}")
    stamp = str(int(clock.now().timestamp()))
    signed = b".".join([identity.encode(), stamp.encode(), request.body or b""])
    signatures = [
        base64.b64encode(hmac.digest(_key(str(secret)), signed, "sha256")).decode()
        for name in ("secret", "previous_secret")
        if (secret := secrets.get(name))
    ]
    headers["Webhook-Timestamp"] = stamp
    headers["Webhook-Signature"] = " ".join(f"v1,{signature}" for signature in signatures)
    return replace(request, headers=headers)


def _key(secret: str) -> bytes:
    if secret.startswith("whsec_"):
        try:
            key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except (ValueError, binascii.Error):
            key = b""
    else:
        key = secret.encode()
    if len(key) < SHORTEST_SECRET:
        raise ConnectorError(
            "The signing secret is too short, or not base64 text after whsec_.",
            code="webhook.secret_weak",
            recovery=Recovery.REAUTHORISE,
            hint="Enter a longer secret in the connection, and the same at the receiver.",
        )
    return key


def send(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """Id of the message and the receiver's status."""
    kind = str(inputs.get("type") or "").strip()
    if not kind:
        raise needed("type", "Type")
    if inputs.get("data") is None:
        raise needed("data", "Data")
    return _posted(context, kind, inputs["data"], inputs.get("occurred_at"))


def ping(context: OperationContext, inputs: dict[str, Any]) -> dict[str, Any]:
    """The receiver's answer to a message of type ping."""
    del inputs
    return _posted(context, "ping", {}, None)


def _posted(context: OperationContext, kind: str, data: Any, at: Any) -> dict[str, Any]:
    identity = context.idempotency_key or f"msg_{uuid.uuid4().hex}"
    message = {"type": kind, "timestamp": str(at or clock.now().isoformat()), "data": data}
    response = context.exchange(
        "POST", "", content=jsonio.dumps(message), headers={"Webhook-Id": identity}
    )
    return {"id": identity, "status": response.status}
