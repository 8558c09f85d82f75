"""JSON in which no cent changes: numbers with a point are read and written as Decimal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from ipaas.core.errors import Invalid


class MalformedJson(Invalid):
    """The text is not JSON."""

    code = "request.malformed_json"


def _encode_other(value: object) -> object:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_encode_other)
_sorted_encoder = msgspec.json.Encoder(
    decimal_format="number", enc_hook=_encode_other, order="deterministic"
)


def loads(text: bytes | str) -> Any:
    """Document of JSON ``text``; numbers with a point or exponent become Decimal.

    Raises MalformedJson, which names the position.
    """
    try:
        return _decoder.decode(text)
    except RecursionError as error:
        raise MalformedJson(
            "This JSON is nested too deeply to be read.", hint="Send it in a flatter form."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedJson(
            f"This is not valid JSON: {error}.", hint="Check the text for a missing quote or comma."
        ) from error


def dumps(document: Any) -> bytes:
    """JSON text of ``document``, UTF-8; a Decimal keeps its digits."""
    return _encoder.encode(document)


def canonical(document: Any) -> bytes:
    """JSON text with sorted keys: equal documents give equal bytes."""
    return _sorted_encoder.encode(document)


def pretty(document: Any) -> str:
    """Indented JSON text for people."""
    return msgspec.json.format(_encoder.encode(document), indent=2).decode()
