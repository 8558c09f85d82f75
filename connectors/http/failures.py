"""What a failed request means: was it done, what can mend it, and the sentence for a person."""

from __future__ import annotations

import http.client
import ssl
import zlib

from connectors.http.pool import NameUnknown, NotEncrypted, Unreachable
from connectors.sdk import ConnectorError, Exchange, Executed
from ipaas.core.errors import Recovery


class ReplyTooLarge(Exception):
    """The reply is above the limit."""


class RequestTooLarge(Exception):
    """The request is above the limit; it did not leave."""


class HeldUp(Exception):
    """Whoever wanted to send it may not do so any more; it did not leave."""


EXPECTED = (
    OSError,
    http.client.HTTPException,
    zlib.error,
    ValueError,
    ReplyTooLarge,
    RequestTooLarge,
    HeldUp,
    ConnectorError,
)
_AGAIN = "It is tried again by itself."


def explain(
    error: BaseException,
    *,
    host: str,
    write: bool,
    begun: bool,
    read_timeout_s: float,
    most_bytes: int,
    exchange: Exchange,
) -> ConnectorError:
    """The failure as the engine and people understand it."""
    executed: Executed = "unknown" if write and begun else "no"
    recovery, hint = Recovery.RETRY, _AGAIN
    match error:
        case NameUnknown():
            code, message = "connector.name_unknown", f"The name {host} cannot be resolved."
            hint = "Check the address in the connection's settings."
        case NotEncrypted():
            code, message = "connector.tls", f"No trusted encrypted connection to {host}."
            if error.untrusted:
                recovery = Recovery.GIVE_UP
                hint = (
                    "Its certificate is not valid for this name, or not from a known authority. "
                    "For an authority of your own, enter its certificate in the connection."
                )
        case Unreachable():
            code, message = "connector.unreachable", f"{host} does not accept connections."
            if "proxy" in str(error):
                message = f"{host} cannot be reached: {error}."
                hint = "Ask whoever runs the proxy (CAUSEWAY_PROXY) to let this host through."
        case TimeoutError():
            code = "connector.timeout"
            message = f"{host} did not answer within {read_timeout_s:g} s."
        case ReplyTooLarge():
            megabytes = most_bytes // (1024 * 1024)
            code = "connector.reply_too_large"
            message = f"The reply of {host} is above {megabytes} MB."
            recovery, hint = Recovery.GIVE_UP, "Ask for fewer records at a time."
        case HeldUp():
            code, message = "connector.held_up", "The call was held up and did not leave."
        case RequestTooLarge():
            code, message = "connector.request_too_large", "The request is above 20 MB."
            recovery, hint = Recovery.FIX_DATA, "Send fewer records at a time."
        case ValueError() if not begun and not isinstance(error, ssl.SSLError):
            code = "connector.request_invalid"
            message = "The request holds a line break or a sign that HTTP headers cannot carry."
            recovery, hint = Recovery.FIX_DATA, "Correct the header or the address that is mapped."
        case _:
            code, message = "connector.cut", f"The connection to {host} broke before its answer."
    if executed == "unknown":
        hint = "It may have been done: we look it up before anything is sent again."
    return ConnectorError(
        message,
        code=code,
        recovery=recovery,
        executed=executed,
        hint=hint,
        exchanges=(exchange,),
    )
