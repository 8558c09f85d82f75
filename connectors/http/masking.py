"""Taking secrets and card numbers out of what is kept of an exchange."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

MASK = "•••"
MOST_TEXT = 200_000

_SECRET_HEADER = re.compile(
    r"authorization|cookie|token|secret|api-?key|password|signature|credential", re.IGNORECASE
)
_SECRET_WORDS = (
    r"access_?token|refresh_?token|id_?token|client_?secret|consumer_?secret|token_?secret"
    r"|pass(?:word|wd)|api_?key|secret|authorization|code_?verifier|private_?key|cvv|cvc"
    r"|cc_?cid|bearer"
)
# Looking for these first is many times quicker than the expression, and most bodies hold none.
_STEMS = (
    "access_token accesstoken refresh_token refreshtoken id_token idtoken secret passw api_key"
    " apikey authorization verifier private_key privatekey cvv cvc cid bearer"
).split()
_JSON_SECRET = re.compile(
    rf'("(?:[\w-]*(?:{_SECRET_WORDS}))"\s*:\s*")((?:[^"\\]|\\.)*)"', re.IGNORECASE
)
_FORM_SECRET = re.compile(
    rf"(^|[?&;])((?:[\w-]*(?:{_SECRET_WORDS})|token|code)=)([^&\s]+)", re.IGNORECASE
)
_XML_SECRET = re.compile(
    rf"(<(?:[\w.-]+:)?(?:[\w-]*(?:{_SECRET_WORDS}))(?:\s[^>]*)?>)([^<]+)(</)", re.IGNORECASE
)
# A card number begins with 2 to 6 and has 13 to 19 digits, perhaps in groups.
_CARD = re.compile(r"(?<![\w.-])[2-6]\d(?:[ -]?\d){11,17}(?![\w.-])")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def forms_of(secrets: Iterable[str]) -> tuple[str, ...]:
    """How secrets can stand in what is kept: as they are, percent-encoded, escaped; longest first.

    Those below six characters would hide innocent text and are left out.
    """
    found: set[str] = set()
    for secret in secrets:
        if len(secret) >= 6:
            found |= {secret, quote(secret, safe=""), quote_plus(secret)}
            found |= {json.dumps(secret)[1:-1], escape(secret)}
    return tuple(sorted(found, key=len, reverse=True))


def is_card_number(text: str) -> bool:
    """Whether the digits of ``text`` pass the Luhn check of payment cards."""
    digits = [int(char) for char in text if char.isdigit()]
    if not 13 <= len(digits) <= 19:
        return False
    odd, even = digits[-1::-2], digits[-2::-2]
    return (sum(odd) + sum(_DOUBLED[digit] for digit in even)) % 10 == 0


def mask_cards(text: str) -> str:
    """``text`` with all but the last four digits of every card number hidden."""

    def hide(match: re.Match[str]) -> str:
        found = match.group(0)
        return f"{MASK}{found[-4:]}" if is_card_number(found) else found

    return _CARD.sub(hide, text)


def mask_text(text: str, secrets: Iterable[str] = ()) -> str:
    """A body or address without the given secrets, secret members and card numbers."""
    for secret in secrets:
        if len(secret) >= 6:
            text = text.replace(secret, MASK)
    lowered = text.lower()
    if any(stem in lowered for stem in _STEMS):
        if "<" in text:
            text = _XML_SECRET.sub(rf"\1{MASK}\3", text)
        text = _JSON_SECRET.sub(rf'\1{MASK}"', text)
    if "=" in text and not text.lstrip().startswith(("{", "[")):
        text = _FORM_SECRET.sub(rf"\1\2{MASK}", text)
    return mask_cards(text)


def mask_url(url: str, secrets: Iterable[str] = ()) -> str:
    """An address without secrets; numbers in its path stay, they are ids."""
    for secret in secrets:
        if len(secret) >= 6:
            url = url.replace(secret, MASK)
    return _FORM_SECRET.sub(rf"\1\2{MASK}", url) if "=" in url else url


def mask_headers(headers: Mapping[str, str], secrets: Iterable[str] = ()) -> dict[str, str]:
    """Headers with the values of secret ones hidden; the scheme of Authorization stays."""
    masked = {}
    for name, value in headers.items():
        if _SECRET_HEADER.search(name):
            scheme = value.split(" ", 1)[0] if name.lower() == "authorization" else ""
            masked[name] = f"{scheme} {MASK}".strip() if " " in value else MASK
        else:
            for secret in secrets:
                if len(secret) >= 6:
                    value = value.replace(secret, MASK)
            masked[name] = value
    return masked


def body_text(body: bytes | None, content_type: str, secrets: Iterable[str] = ()) -> str | None:
    """Readable form of a body for people: masked, shortened; binary content is only counted."""
    if body is None:
        return None
    if not body:
        return ""
    kind = content_type.split(";", 1)[0].strip().lower()
    if kind and not (kind.startswith("text/") or re.search(r"json|xml|urlencoded|text", kind)):
        return f"({len(body)} bytes of {kind})"
    shown = body[:MOST_TEXT].decode("utf-8", errors="replace")
    text = mask_text(shown, secrets)
    return f"{text}… ({len(body)} bytes)" if len(body) > MOST_TEXT else text
