"""Identifiers, checks of official numbers, digests."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from typing import Final

from ipaas.mapping.convert import to_text
from ipaas.mapping.errors import unfit
from ipaas.mapping.functions.registry import Arg, function, option
from ipaas.mapping.functions.text import bounded
from ipaas.mapping.functions.wording import without_accents
from ipaas.mapping.values import Value

_TEXT: Final = Arg("text", "text")
_MAX: Final = 100


@function(
    "slug", "Name for addresses", "identifier", [_TEXT], "text",
    (("Élan Vase, 20 cm",), "elan-vase-20-cm"),
)  # fmt: skip
def slug(text: str) -> str:
    """The text in small plain letters and digits with dashes between, as in web addresses."""
    plain = without_accents(text).lower().encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain))


_SPACE: Final = uuid.UUID("6f0f5f0e-6c0a-5d7e-9a3b-2f6a8b1c4d5e")


@function(
    "uuid_of", "UUID from a key", "identifier", [Arg("key", "any", repeats=True)], "text",
    (("shop", 45), "c4ca659d-00dd-501b-9785-70f170e711c2"),
)  # fmt: skip
def uuid_of(*keys: Value) -> str:
    """A UUID (version 5) made of keys: the same keys always give the same one, for systems that
    want an id of our own."""
    parts = [to_text(key) for key in keys if key is not None]
    name = "\x1f".join(part.replace("\x1f", " ") for part in parts)
    return str(uuid.uuid5(_SPACE, name))


_ALGORITHMS: Final = ("sha256", "sha512", "sha1", "md5")


@function(
    "hash", "Digest", "identifier",
    [_TEXT, Arg("algorithm", "text", required=False, options=_ALGORITHMS)], "text",
    (("ana", "md5"), "276b6c4692e78d4799c12ada515bc3e4"),
)  # fmt: skip
def digest(text: str, algorithm: str = "sha256") -> str:
    """The digest of the text (sha256 if not said) in hexadecimal digits, to compare values without
    showing them. md5 and sha1 are for systems that ask for them, not for secrets."""
    name = option(algorithm, _ALGORITHMS, "digest")
    return hashlib.new(
        name, text.encode("utf-8", "surrogatepass"), usedforsecurity=False
    ).hexdigest()


@function("base64", "To Base64", "identifier", [_TEXT], "text", (("Ana",), "QW5h"))
def to_base64(text: str) -> str:
    """The text in Base64."""
    return bounded(base64.b64encode(text.encode("utf-8", "surrogatepass")).decode())


@function("from_base64", "From Base64", "identifier", [_TEXT], "text", (("QW5h",), "Ana"))
def from_base64(text: str) -> str:
    """The text that a Base64 text stands for."""
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except ValueError as error:
        raise unfit(text, "is not Base64 of a text", code="mapping.base64") from error


def _compact(text: str) -> str:
    return re.sub(r"[\s./-]", "", text[:_MAX]).upper()


_IBAN_LENGTHS: Final = {
    **dict.fromkeys(["NO"], 15), **dict.fromkeys(["BE"], 16),
    **dict.fromkeys(["DK", "FI", "FO", "GL", "NL"], 18), **dict.fromkeys(["MK", "SI"], 19),
    **dict.fromkeys(["AT", "BA", "EE", "KZ", "LT", "LU", "XK"], 20),
    **dict.fromkeys(["CH", "HR", "LI", "LV"], 21),
    **dict.fromkeys(["BG", "BH", "CR", "DE", "GB", "GE", "IE", "ME", "RS", "VA"], 22),
    **dict.fromkeys(["AE", "GI", "IL", "TL", "IQ"], 23),
    **dict.fromkeys(["AD", "CZ", "ES", "MD", "PK", "RO", "SA", "SE", "SK", "TN", "VG"], 24),
    **dict.fromkeys(["PT", "ST"], 25), **dict.fromkeys(["IS", "TR"], 26),
    **dict.fromkeys(["FR", "GR", "IT", "MC", "MR", "SM"], 27),
    **dict.fromkeys(["AL", "AZ", "CY", "DO", "GT", "HU", "LB", "PL", "BY", "SV"], 28),
    **dict.fromkeys(["BR", "EG", "PS", "QA", "UA"], 29), **dict.fromkeys(["JO", "KW", "MU"], 30),
    **dict.fromkeys(["MT", "SC"], 31), **dict.fromkeys(["LC"], 32),
}  # fmt: skip


@function(
    "is_iban", "Is an IBAN", "identifier", [Arg("iban", "text")], "condition",
    (("DE89 3704 0044 0532 0130 00",), True), (("DE88 3704 0044 0532 0130 00",), False),
)  # fmt: skip
def is_iban(iban: str) -> bool:
    """Whether the account number has the length of its country and the right check digits."""
    code = _compact(iban)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", code):
        return False
    if _IBAN_LENGTHS.get(code[:2]) != len(code):
        return False
    return int("".join(str(int(sign, 36)) for sign in code[4:] + code[:4])) % 97 == 1


@function(
    "format_iban", "Write an IBAN", "identifier", [Arg("iban", "text")], "text",
    (("de89370400440532013000",), "DE89 3704 0044 0532 0130 00"),
)  # fmt: skip
def format_iban(iban: str) -> str:
    """The account number in groups of four; an error if its check digits are wrong."""
    if not is_iban(iban):
        raise unfit(iban, "is not an IBAN", code="mapping.iban")
    code = _compact(iban)
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


# Council Directive 2006/112/EC, forms by member state as listed by VIES; checks of digits only
# where the algorithm is public and simple.
_VAT: Final = {
    "AT": r"U[0-9]{8}", "BE": r"[01][0-9]{9}", "BG": r"[0-9]{9,10}", "CY": r"[0-9]{8}[A-Z]",
    "CZ": r"[0-9]{8,10}", "DE": r"[0-9]{9}", "DK": r"[0-9]{8}", "EE": r"[0-9]{9}",
    "EL": r"[0-9]{9}", "ES": r"[A-Z0-9][0-9]{7}[A-Z0-9]", "FI": r"[0-9]{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}[0-9]{9}", "HR": r"[0-9]{11}", "HU": r"[0-9]{8}",
    "IE": r"[0-9][A-Z0-9+*][0-9]{5}[A-Z]{1,2}", "IT": r"[0-9]{11}", "LT": r"([0-9]{9}|[0-9]{12})",
    "LU": r"[0-9]{8}", "LV": r"[0-9]{11}", "MT": r"[0-9]{8}", "NL": r"[A-Z0-9+*]{12}",
    "PL": r"[0-9]{10}", "PT": r"[0-9]{9}", "RO": r"[0-9]{2,10}", "SE": r"[0-9]{12}",
    "SI": r"[0-9]{8}", "SK": r"[0-9]{10}", "XI": r"([0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3})",
    "GB": r"([0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3})", "CHE": r"[0-9]{9}(MWST|TVA|IVA)?",
}  # fmt: skip


def _iso_7064_11_10(digits: str) -> bool:
    product = 10
    for sign in digits[:-1]:
        total = (int(sign) + product) % 10 or 10
        product = 2 * total % 11
    return (11 - product) % 10 == int(digits[-1])


def _luhn(digits: str) -> bool:
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _weighted(digits: str, weights: tuple[int, ...], modulus: int) -> int:
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % modulus


def _vat_digits(country: str, body: str) -> bool:
    if country in ("DE", "HR"):
        return _iso_7064_11_10(body)
    if country == "IT":
        return _luhn(body)
    if country == "BE":
        return 97 - int(body[:8]) % 97 == int(body[8:])
    if country == "PL":
        return _weighted(body, (6, 5, 7, 2, 3, 4, 5, 6, 7), 11) == int(body[9])
    if country == "PT":
        check = 11 - _weighted(body, (9, 8, 7, 6, 5, 4, 3, 2), 11)
        return (0 if check > 9 else check) == int(body[8])
    if country == "LU":
        return int(body[:6]) % 89 == int(body[6:])
    if country == "FI":
        check = 11 - _weighted(body, (7, 9, 10, 5, 8, 4, 2), 11)
        return (0 if check == 11 else check) == int(body[7])
    if country == "DK":
        return _weighted(body, (2, 7, 6, 5, 4, 3, 2, 1), 11) == 0
    return True


@function(
    "is_vat_number", "Is a VAT number", "identifier",
    [Arg("number", "text"), Arg("country", "text", required=False)], "condition",
    (("DE136695976",), True), (("136695976", "DE"), True), (("DE136695975",), False),
)  # fmt: skip
def is_vat_number(number: str, country: str = "") -> bool:
    """Whether the number has the form of its country (European Union, United Kingdom, Switzerland)
    and, where that can be worked out, the right check digit; nobody is asked whether it exists."""
    code = _compact(number)
    lead = {"GR": "EL", "CH": "CHE"}.get(country.strip().upper(), country.strip().upper())
    if lead and not code.startswith(lead):
        code = lead + code
    prefix = "CHE" if code.startswith("CHE") else code[:2]
    form, body = _VAT.get(prefix), code[len(prefix) :]
    return form is not None and bool(re.fullmatch(form, body)) and _vat_digits(prefix, body)


# https://www.irs.gov: prefixes that campuses have assigned; these never were.
_NO_EIN: Final = frozenset("00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97".split())


@function(
    "is_ein", "Is a US employer number", "identifier", [Arg("number", "text")], "condition",
    (("12-3456789",), True), (("00-1234567",), False),
)  # fmt: skip
def is_ein(number: str) -> bool:
    """Whether the number has nine digits and a prefix that the tax office has given out."""
    return bool(re.fullmatch(r"[0-9]{2}-?[0-9]{7}", number.strip())) and (
        number.strip()[:2] not in _NO_EIN
    )


@function(
    "format_ein", "Write a US employer number", "identifier", [Arg("number", "text")], "text",
    (("123456789",), "12-3456789"),
)  # fmt: skip
def format_ein(number: str) -> str:
    """The number with its dash; an error if it is none."""
    if not is_ein(number):
        raise unfit(number, "is not an employer identification number", code="mapping.ein")
    digits = number.strip().replace("-", "")
    return f"{digits[:2]}-{digits[2:]}"


@function(
    "is_barcode", "Is a barcode number", "identifier", [Arg("number", "text")], "condition",
    (("4006381333931",), True), (("4006381333932",), False),
)  # fmt: skip
def is_barcode(number: str) -> bool:
    """Whether the text is a GTIN (EAN-8, UPC-A, EAN-13, GTIN-14) with the right check digit."""
    code = number.strip()
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", code):
        return False
    total = sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(reversed(code)))
    return total % 10 == 0
