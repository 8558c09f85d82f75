"""Whether a message really comes from the vendor: signatures over the raw bytes."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from connectors.credentials import Opened
from connectors.manifest.parts import Signature
from connectors.sdk import pick
from ipaas.core import clock
from ipaas.core.errors import Unauthenticated

_DIGESTS = {"hmac-sha256": "sha256", "hmac-sha1": "sha1", "hmac-sha512": "sha512"}


class SignatureWrong(Unauthenticated):
    """The message does not come from the vendor, or was changed on its way."""

    code = "webhook.signature_wrong"


def verify(
    signature: Signature, connection: Opened, headers: Mapping[str, str], body: bytes
) -> None:
    """Return if the message is signed with the connection's secret; else raise SignatureWrong.

    Where the vendor signs a time too, a message that is older than the manifest's tolerance is
    refused: it may be a repeated one.
    """
    secret = str(connection.secrets.get(signature.secret) or "")
    if not secret:
        raise SignatureWrong(
            "The connection holds no secret to check this message with.",
            hint="Enter the web hook secret in the connection.",
        )
    given = headers.get(signature.header, "").strip().removeprefix(signature.prefix)
    if signature.algorithm == "token":
        if not hmac.compare_digest(given.encode(), secret.encode()):
            raise _wrong()
        return
    if signature.algorithm == "rsa-sha256":
        _verify_with_keys(secret, given, body)
        return
    time_text = headers.get(signature.timestamp_header, "") if signature.timestamp_header else ""
    if signature.timestamp_header:
        _check_time(time_text, signature.tolerance_s)
    before, _, after = signature.signed.replace("{timestamp}", time_text).partition("{body}")
    signed = before.encode() + body + after.encode()
    try:
        claimed = (
            bytes.fromhex(given)
            if signature.encoding == "hex"
            else base64.b64decode(given, validate=True)
        )
    except (ValueError, binascii.Error):
        claimed = b""
    expected = hmac.digest(secret.encode(), signed, _DIGESTS[signature.algorithm])
    if not hmac.compare_digest(claimed, expected):
        raise _wrong()


def require_recipient(signature: Signature, connection: Opened, document: Any) -> None:
    """Return if the message was sent to this connection's account; else raise SignatureWrong."""
    ours = str(connection.settings.get(signature.recipient) or "")
    if not ours or str(pick(document, signature.recipient_at)) != ours:
        raise SignatureWrong(
            "This message was sent to somebody else.",
            hint="Enter in the connection whom the vendor sends its messages to.",
        )


# People paste keys into one line: any blanks, or none, may stand where lines ended.
_KEY = re.compile(r"-----BEGIN PUBLIC KEY-----(.+?)-----END PUBLIC KEY-----", re.DOTALL)


def _verify_with_keys(keys: str, given: str, body: bytes) -> None:
    """Return if one of the public keys (PEM) fits; vendors change theirs one after the other."""
    try:
        claimed = base64.b64decode(given, validate=True)
    except (ValueError, binascii.Error):
        raise _wrong() from None
    for text in _KEY.findall(keys):
        try:
            key = load_der_public_key(base64.b64decode("".join(text.split())))
            if isinstance(key, RSAPublicKey):
                key.verify(claimed, body, PKCS1v15(), SHA256())
                return
        except (InvalidSignature, ValueError):
            continue
    raise _wrong()


def _check_time(text: str, tolerance_s: int) -> None:
    try:
        at_s = float(text)
    except ValueError:
        raise _wrong() from None
    if at_s > 1e11:  # milliseconds
        at_s /= 1000
    if not abs(clock.now().timestamp() - at_s) <= tolerance_s:
        raise SignatureWrong(
            "This message is too old, or the clocks of the two sides differ.",
            hint="Check the clock of this server; the vendor sends what counts anew.",
        )


def _wrong() -> SignatureWrong:
    return SignatureWrong(
        "The signature of this message is missing or wrong.",
        hint="Both sides must hold the same web hook secret.",
    )
