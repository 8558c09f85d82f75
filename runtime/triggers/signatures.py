"""Proof that a message comes from whoever knows the address's secret; several forms of it."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets as random_secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ipaas.core.errors import Unauthenticated, Unprocessable

KINDS = ("none", "hmac", "basic", "token", "standard")
ALGORITHMS = ("sha256", "sha1", "sha512")
TOLERANCE_S = 300
STANDARD_PREFIX = "whsec_"
_HEADER = re.compile(r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,80}$")


class HookRefused(Unauthenticated):
    """The message does not prove that it comes from whoever knows the secret."""

    code = "hook.refused"


class SignatureSettingsWrong(Unprocessable):
    """The settings of a signature cannot be used."""

    code = "hook.signature_settings"


def check(settings: Mapping[str, Any]) -> None:
    """Raise SignatureSettingsWrong unless the signature's settings can be used."""
    kind = settings.get("kind", "none")
    if kind not in KINDS:
        raise SignatureSettingsWrong(
            f"There is no signature of the kind “{kind}”.", hint=f"Known: {', '.join(KINDS)}."
        )
    if kind == "hmac":
        if settings.get("algorithm", "sha256") not in ALGORITHMS:
            raise SignatureSettingsWrong(
                "This algorithm is not known.", hint=f"Known: {', '.join(ALGORITHMS)}."
            )
        if not settings.get("header"):
            raise SignatureSettingsWrong(
                "An HMAC signature needs the header it stands in.",
                hint="Look into the sender's documentation; for example X-Signature.",
            )
    if kind == "basic" and not settings.get("username"):
        raise SignatureSettingsWrong("Basic needs a user name.", hint="Choose any name.")
    for name in ("header", "timestamp_header"):
        if settings.get(name) and not _HEADER.match(str(settings[name])):
            raise SignatureSettingsWrong(
                "This is not the name of a header.", hint="Letters, digits and hyphens."
            )


def new_secret(kind: str) -> str:
    """A fresh secret of the form that the kind of signature asks for."""
    if kind == "standard":
        return STANDARD_PREFIX + base64.b64encode(random_secrets.token_bytes(32)).decode()
    return random_secrets.token_urlsafe(32)


def require_usable(kind: str, secret: str) -> None:
    """Raise SignatureSettingsWrong unless ``secret`` can be used with this kind."""
    if kind == "standard":
        try:
            if len(_standard_key(secret)) < 16:
                raise ValueError
        except (ValueError, binascii.Error) as error:
            raise SignatureSettingsWrong(
                "A Standard Webhooks secret is whsec_ and then base64 of 24 bytes or more.",
                hint="Copy it again from the sender, or let one be made here.",
            ) from error
    elif len(secret) < 8:
        raise SignatureSettingsWrong(
            "The secret is too short to be one.", hint="Use eight characters or more."
        )


def require(
    settings: Mapping[str, Any],
    secrets: list[str],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> None:
    """Return if one of the secrets proves the message; else raise HookRefused.

    Compared in constant time. A message that says when it was sent is refused when that is too
    long ago or too far ahead, so that it cannot be replayed later.
    """
    kind = settings.get("kind", "none")
    if kind == "none":
        return
    if not secrets:
        raise HookRefused(
            "This address has no secret yet to check the message with.",
            hint="Make a secret for it in the flow's trigger.",
        )
    verify = {
        "hmac": _hmac,
        "basic": _basic,
        "token": _token,
        "standard": _standard,
    }.get(str(kind))
    if verify is None or not any(verify(settings, each, headers, body, now) for each in secrets):
        raise HookRefused(
            "The signature of this message is missing or wrong.",
            hint="Both sides must hold the same secret and the same settings.",
        )


def _hmac(
    settings: Mapping[str, Any],
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> bool:
    given = headers.get(str(settings.get("header", "")).lower(), "").strip()
    given = given.removeprefix(str(settings.get("prefix", "")))
    try:
        if settings.get("encoding", "hex") == "hex":
            claimed = bytes.fromhex(given)
        else:
            claimed = base64.b64decode(given, validate=True)
    except (ValueError, binascii.Error):
        return False
    signed = body
    if settings.get("timestamp_header"):
        stamp = headers.get(str(settings["timestamp_header"]).lower(), "").strip()
        if not stamp:
            return False
        _require_fresh(stamp, settings, now)
        signed = stamp.encode() + str(settings.get("separator", ".")).encode() + body
    algorithm = str(settings.get("algorithm", "sha256"))
    return hmac.compare_digest(claimed, hmac.digest(secret.encode(), signed, algorithm))


def _basic(
    settings: Mapping[str, Any],
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> bool:
    scheme, _, given = headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(given.strip(), validate=True)
    except (ValueError, binascii.Error):
        pair = b""
    wanted = f"{settings.get('username', '')}:{secret}".encode()
    return hmac.compare_digest(pair, wanted) and scheme.lower() == "basic"


def _token(
    settings: Mapping[str, Any],
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> bool:
    header = str(settings.get("header") or "authorization").lower()
    given = headers.get(header, "").strip()
    if header == "authorization":
        scheme, _, rest = given.partition(" ")
        given = rest.strip() if scheme.lower() == "bearer" else ""
    return hmac.compare_digest(given.encode(), secret.encode())


def _standard(
    settings: Mapping[str, Any],
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> bool:
    """Standard Webhooks: base64 HMAC-SHA256 of "id.timestamp.body", several signatures allowed."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not stamp:
        return False
    _require_fresh(stamp, settings, now)
    signed = f"{message_id}.{stamp}.".encode("latin-1", "replace") + body
    wanted = base64.b64encode(hmac.digest(_standard_key(secret), signed, "sha256"))
    right = False
    for each in headers.get("webhook-signature", "").split():
        version, _, signature = each.partition(",")
        right |= version == "v1" and hmac.compare_digest(signature.encode(), wanted)
    return right


def _standard_key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)


def _require_fresh(stamp: str, settings: Mapping[str, Any], now: datetime) -> None:
    try:
        if stamp.isascii() and stamp.isdigit():
            number = int(stamp[:16])
            sent = datetime.fromtimestamp(number / 1000 if number > 10**11 else number, UTC)
        else:
            sent = datetime.fromisoformat(stamp)
            sent = sent.replace(tzinfo=UTC) if sent.tzinfo is None else sent
    except (ValueError, OverflowError, OSError) as error:
        raise HookRefused(
            "The time at which this message was sent cannot be read.",
            hint="It is seconds since 1970, or an ISO time.",
        ) from error
    tolerance = timedelta(seconds=int(settings.get("tolerance_s") or TOLERANCE_S))
    if abs(now - sent) > tolerance:
        raise HookRefused(
            "This message was sent too long ago, or its sender's clock is wrong.",
            hint=f"It may be {int(tolerance.total_seconds())} seconds off at the most.",
        )
