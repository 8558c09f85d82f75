"""Names of people, phone numbers and e-mail addresses."""

from __future__ import annotations

import re
from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from ipaas.mapping.errors import unfit
from ipaas.mapping.functions.registry import Arg, function, option
from ipaas.mapping.values import Value

_TITLES: Final = frozenset("mr mrs ms miss mx dr prof sir dame rev hon herr frau mme mlle".split())
_SUFFIXES: Final = frozenset("jr sr ii iii iv phd md esq cpa mba dds".split())
_PARTICLES: Final = frozenset(
    "van von der den de del della di da dos das du la le ter ten zu zum af al el bin ibn".split()
)
_MAX_NAME: Final = 300


def _bare(word: str) -> str:
    return word.strip(".,").lower()


def split_parts(name: str) -> dict[str, str]:
    """Prefix, first, middle, last and suffix of a person's name, those that it has."""
    if len(name) > _MAX_NAME:
        raise unfit(name, f"has more than {_MAX_NAME} characters")
    head, comma, tail = name.partition(",")
    if comma and tail.strip() and _bare(tail.split()[0]) not in _SUFFIXES:
        words = f"{tail} {head}".split()
        surname = len(head.split())
    else:
        words, surname = name.replace(",", " ").split(), 0
    prefix: list[str] = []
    suffix: list[str] = []
    while len(words) > 1 and _bare(words[0]) in _TITLES:
        prefix.append(words.pop(0))
    while len(words) > 1 and _bare(words[-1]) in _SUFFIXES:
        suffix.insert(0, words.pop())
    count = min(surname, len(words)) if surname else 1
    start = max(len(words) - count, 0)
    while not surname and start > 1 and _bare(words[start - 1]) in _PARTICLES:
        start -= 1
    if len(words) == 1:
        first, middle, last = words, [], []
    else:
        first, middle, last = words[:1], words[1:start], words[start:]
    parts = {"prefix": prefix, "first": first, "middle": middle, "last": last, "suffix": suffix}
    return {key: " ".join(found) for key, found in parts.items() if found}


_NAME: Final = Arg("name", "text")


@function(
    "split_name", "Split a name", "contact", [_NAME], "any",
    (("Dr. Ana Maria van der Berg Jr.",),
     {"prefix": "Dr.", "first": "Ana", "middle": "Maria", "last": "van der Berg",
      "suffix": "Jr."}),
    (("Silva, Ana",), {"first": "Ana", "last": "Silva"}),
)  # fmt: skip
def split_name(name: str) -> dict[str, str]:
    """Prefix, first, middle, last name and suffix of a person, those that there are."""
    return split_parts(name)


@function("first_name", "First name", "contact", [_NAME], "text", (("Ana Maria Silva",), "Ana"))
def first_name(name: str) -> str | None:
    """The first name in a full name."""
    return split_parts(name).get("first")


@function(
    "last_name", "Last name", "contact", [_NAME], "text", (("Ana Maria Silva",), "Silva"),
    (("Vincent van Gogh",), "van Gogh"),
)  # fmt: skip
def last_name(name: str) -> str | None:
    """The last name in a full name, with its particles; missing if there is only one name."""
    return split_parts(name).get("last")


@function(
    "join_name", "Join a name", "contact",
    [Arg("first", "any"), Arg("last", "any"),
     Arg("order", "text", required=False, options=("first_last", "last_first"))], "text",
    (("Ana", "Silva"), "Ana Silva"), (("Ana", "Silva", "last_first"), "Silva, Ana"),
    takes_missing=True,
)  # fmt: skip
def join_name(first: Value, last: Value, order: str | None = "first_last") -> str | None:
    """Both names as one; with only one of them, that one."""
    parts = [str(part).strip() for part in (first, last) if type(part) is str and part.strip()]
    if len(parts) < 2:
        return parts[0] if parts else None
    reverse = option(order or "first_last", ("first_last", "last_first"), "order") == "last_first"
    return f"{parts[1]}, {parts[0]}" if reverse else f"{parts[0]} {parts[1]}"


_PHONE: Final = [Arg("phone", "text"), Arg("country", "text")]
_STYLES: Final = {
    "e164": PhoneNumberFormat.E164,
    "international": PhoneNumberFormat.INTERNATIONAL,
    "national": PhoneNumberFormat.NATIONAL,
    "rfc3966": PhoneNumberFormat.RFC3966,
}


def _number(phone: str, country: str) -> phonenumbers.PhoneNumber | None:
    if len(phone) > 100:
        return None
    try:
        number = phonenumbers.parse(phone, country.strip().upper()[:2] or None)
    except NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


@function(
    "phone", "Phone number", "contact",
    [*_PHONE, Arg("style", "text", required=False, options=tuple(_STYLES))], "text",
    (("(512) 555-0187", "US"), "+15125550187"),
    (("030 901820", "DE", "international"), "+49 30 901820"),
)  # fmt: skip
def phone(phone: str, country: str, style: str = "e164") -> str:
    """The number in one form: e164 (+15125550187), international, national or rfc3966; the country
    counts where the number has no country code."""
    form = _STYLES[option(style, tuple(_STYLES), "style")]
    number = _number(phone, country)
    if number is None:
        raise unfit(
            phone, "is not a phone number", code="mapping.phone",
            hint="Correct the number, or check it with is_phone first.",
        )  # fmt: skip
    return str(phonenumbers.format_number(number, form))


@function(
    "is_phone", "Is a phone number", "contact", _PHONE, "condition",
    (("(512) 555-0187", "US"), True), (("123", "US"), False),
)  # fmt: skip
def is_phone(phone: str, country: str) -> bool:
    """Whether the text is a number that can exist in its country."""
    return _number(phone, country) is not None


_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ANGLE: Final = re.compile(r"[^<>]*<([^<>]*)>\s*")


def _address(text: str) -> str | None:
    if len(text) > 400:
        return None
    angle = _ANGLE.fullmatch(text)
    found = (angle.group(1) if angle else text).strip().removeprefix("mailto:")
    local, _, domain = found.rpartition("@")
    try:
        host = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        return None
    labels = host.split(".")
    sound = (
        0 < len(local) <= 64
        and len(host) <= 253
        and len(labels) > 1
        and not labels[-1].isdecimal()
        and _LOCAL.fullmatch(local)
        and all(_LABEL.fullmatch(label) for label in labels)
    )
    return f"{local}@{host.lower()}" if sound else None


_EMAIL: Final = [Arg("email", "text")]


@function(
    "email", "E-mail address", "contact", _EMAIL, "text",
    ((" Ana Silva <Ana.Silva@Example.COM> ",), "Ana.Silva@example.com"),
)  # fmt: skip
def email(email: str) -> str:
    """The address alone, without a name around it, its domain in small letters."""
    found = _address(email)
    if found is None:
        raise unfit(email, "is not an e-mail address", code="mapping.email",
                    hint="Correct the address, or check it with is_email first.")  # fmt: skip
    return found


@function(
    "is_email", "Is an e-mail address", "contact", _EMAIL, "condition",
    (("ana@example.com",), True), (("ana@example",), False),
)  # fmt: skip
def is_email(email: str) -> bool:
    """Whether the text is written as an e-mail address; nobody is asked whether it exists."""
    return _address(email) is not None


@function("email_domain", "Domain of an e-mail", "contact", _EMAIL, "text",
          (("ana@Example.com",), "example.com"))  # fmt: skip
def email_domain(text: str) -> str | None:
    """What stands after the @ of an address, in small letters; missing if it is no address."""
    found = _address(text)
    return found.rpartition("@")[2] if found else None
