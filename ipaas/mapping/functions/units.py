"""Units of measure and currencies, in exact tables of our own.

``pint`` was measured: 0.5 s to import, doubles unless told otherwise, and it accepts expressions
that nobody has bounded. Business documents need some sixty units with exact factors.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Final

from ipaas.mapping.convert import Number
from ipaas.mapping.errors import unfit
from ipaas.mapping.functions.numbers import divide, multiply_two
from ipaas.mapping.functions.registry import Arg, function
from ipaas.mapping.functions.rounding import MODE, in_cents, rounded

_F = Fraction
# Kind of measure -> unit -> how many base units it is; the international pound and inch are exact.
_POUND: Final = _F("0.45359237")
_INCH: Final = _F("0.0254")
_UNITS: Final[dict[str, dict[str, Fraction]]] = {
    "mass": {
        "kg": _F(1), "g": _F("0.001"), "mg": _F("0.000001"), "t": _F(1000), "lb": _POUND,
        "oz": _POUND / 16, "ton_us": _POUND * 2000, "ton_uk": _POUND * 2240, "st": _POUND * 14,
        "ct": _F("0.0002"), "ozt": _F("0.0311034768"), "gr": _POUND / 7000,
    },
    "length": {
        "m": _F(1), "km": _F(1000), "dm": _F("0.1"), "cm": _F("0.01"), "mm": _F("0.001"),
        "um": _F("0.000001"), "in": _INCH, "ft": _INCH * 12, "yd": _INCH * 36,
        "mi": _INCH * 63360, "nmi": _F(1852),
    },
    "area": {
        "m2": _F(1), "km2": _F(1_000_000), "cm2": _F("0.0001"), "mm2": _F("0.000001"),
        "ha": _F(10_000), "a": _F(100), "in2": _INCH**2, "ft2": (_INCH * 12) ** 2,
        "yd2": (_INCH * 36) ** 2, "acre": (_INCH * 36) ** 2 * 4840,
    },
    "volume": {
        "l": _F(1), "ml": _F("0.001"), "cl": _F("0.01"), "dl": _F("0.1"), "hl": _F(100),
        "m3": _F(1000), "cm3": _F("0.001"), "in3": _INCH**3 * 1000,
        "ft3": (_INCH * 12) ** 3 * 1000, "gal_us": _F("3.785411784"),
        "qt_us": _F("3.785411784") / 4, "pt_us": _F("3.785411784") / 8,
        "floz_us": _F("3.785411784") / 128, "gal_uk": _F("4.54609"), "pt_uk": _F("4.54609") / 8,
        "bbl": _F("3.785411784") * 42,
    },
    "count": {
        "ea": _F(1), "pair": _F(2), "dz": _F(12), "gross": _F(144), "c": _F(100), "mil": _F(1000),
    },
    "time": {
        "s": _F(1), "min": _F(60), "h": _F(3600), "d": _F(86400), "wk": _F(604800),
    },
}  # fmt: skip
_SAME: Final = {
    "kgs": "kg", "kilogram": "kg", "kilograms": "kg", "kgm": "kg", "gram": "g", "grams": "g",
    "grm": "g", "lbs": "lb", "lbr": "lb", "pound": "lb", "pounds": "lb", "ounce": "oz",
    "ounces": "oz", "onz": "oz", "tne": "t", "tonne": "t", "tonnes": "t", "carat": "ct",
    "meter": "m", "metre": "m", "meters": "m", "mtr": "m", "cmt": "cm", "mmt": "mm", "inch": "in",
    "inches": "in", "inh": "in", '"': "in", "foot": "ft", "feet": "ft", "fot": "ft", "yard": "yd",
    "yards": "yd", "yrd": "yd", "mile": "mi", "miles": "mi", "liter": "l", "litre": "l",
    "liters": "l", "litres": "l", "ltr": "l", "mlt": "ml", "gallon": "gal_us", "gal": "gal_us",
    "gll": "gal_us", "gli": "gal_uk", "floz": "floz_us", "oza": "floz_us", "pint": "pt_us",
    "quart": "qt_us", "barrel": "bbl", "sqm": "m2", "mtk": "m2", "sqft": "ft2", "ftk": "ft2",
    "mtq": "m3", "cbm": "m3", "each": "ea", "pc": "ea", "pcs": "ea", "piece": "ea", "pieces": "ea",
    "unit": "ea", "units": "ea", "h87": "ea", "c62": "ea", "dozen": "dz", "dzn": "dz", "pr": "pair",
    "hour": "h", "hours": "h", "hr": "h", "hur": "h", "minute": "min", "minutes": "min",
    "second": "s", "seconds": "s", "sec": "s", "day": "d", "days": "d", "week": "wk",
    "weeks": "wk", "m²": "m2", "m³": "m3", "µm": "um",
}  # fmt: skip
_KINDS: Final = {unit: kind for kind, units in _UNITS.items() for unit in units}
_TEMPERATURES: Final = {"c": "°C", "f": "°F", "k": "K"}


def _unit(text: str) -> str:
    word = text.strip().lower().rstrip(".")
    word = _SAME.get(word, word)
    if word in _KINDS:
        return word
    raise unfit(
        text, "is not a known unit", code="mapping.unit", hint="For example kg, lb, oz, cm, in, ea."
    )


@function(
    "convert_unit", "Convert a measure", "unit",
    [Arg("value", "number"), Arg("from", "text"), Arg("to", "text"),
     Arg("digits", "integer", required=False), MODE], "number",
    ((1, "lb", "g", 2), Decimal("453.59")), ((Decimal("2.5"), "kg", "g"), 2500),
    ((6, "in", "cm"), Decimal("15.24")), ((24, "pcs", "dozen"), 2),
)  # fmt: skip
def convert_unit(
    value: Number, from_: str, to: str, digits: int | None = None, mode: str = "half_up"
) -> Number:
    """The measure in another unit of the same kind, exact as far as 28 digits go, or rounded.
    Units of mass, length, area, volume, count and time, by their symbols, English names or UN/ECE
    codes."""
    source, target = _unit(from_), _unit(to)
    if _KINDS[source] != _KINDS[target]:
        raise unfit(
            from_,
            f"measures {_KINDS[source]}, but {to.strip()[:20]} measures {_KINDS[target]}",
            code="mapping.unit",
        )
    factor = _UNITS[_KINDS[source]][source] / _UNITS[_KINDS[source]][target]
    exact = Fraction(value) * factor
    result = divide(_limited(exact.numerator), _limited(exact.denominator))
    return result if digits is None else rounded(result, digits, mode)


def _limited(number: int) -> Decimal:
    return Decimal(number)


@function(
    "convert_temperature", "Convert a temperature", "unit",
    [Arg("value", "number"), Arg("from", "text", options=("C", "F", "K")),
     Arg("to", "text", options=("C", "F", "K")), Arg("digits", "integer", required=False)],
    "number", ((100, "C", "F"), 212), ((Decimal("98.6"), "F", "C", 1), Decimal("37.0")),
)  # fmt: skip
def convert_temperature(value: Number, from_: str, to: str, digits: int | None = None) -> Number:
    """The temperature in degrees Celsius, Fahrenheit or Kelvin."""
    source, target = from_.strip().lower().lstrip("°"), to.strip().lower().lstrip("°")
    for name, text in ((source, from_), (target, to)):
        if name not in _TEMPERATURES:
            raise unfit(text, "is not C, F or K", code="mapping.unit")
    exact = Fraction(value)
    kelvin = {
        "c": lambda t: t + _F("273.15"),
        "f": lambda t: (t + _F("459.67")) * 5 / 9,
        "k": lambda t: t,
    }[source](exact)
    back = {
        "c": lambda t: t - _F("273.15"),
        "f": lambda t: t * 9 / 5 - _F("459.67"),
        "k": lambda t: t,
    }[target](kelvin)
    result = divide(Decimal(back.numerator), Decimal(back.denominator))
    return result if digits is None else rounded(result, digits)


_NO_CENTS: Final = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()
)
_THREE_DIGITS: Final = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


def currency_digits(code: str) -> int:
    """Decimal places of a currency by ISO 4217."""
    word = code.strip().upper()
    if len(word) != 3 or not word.isascii() or not word.isalpha():
        raise unfit(code, "is not a currency code", code="mapping.currency", hint="Such as USD.")
    return 0 if word in _NO_CENTS else 3 if word in _THREE_DIGITS else 2


@function(
    "minor_units", "Amount to cents", "money",
    [Arg("amount", "number"), Arg("currency", "text")], "integer",
    ((Decimal("19.99"), "USD"), 1999), ((500, "JPY"), 500),
)  # fmt: skip
def minor_units(amount: Number, currency: str) -> int:
    """The amount in the smallest unit of its currency, as card processors count; an error if it has
    smaller parts."""
    digits = currency_digits(currency)
    cents = Decimal(multiply_two(amount, 10**digits))
    if cents != cents.to_integral_value():
        raise unfit(amount, f"has more than {digits} decimal places", code="mapping.precision")
    return int(cents)


@function(
    "from_minor_units", "Cents to amount", "money",
    [Arg("cents", "integer"), Arg("currency", "text")], "number",
    ((1999, "USD"), Decimal("19.99")), ((500, "JPY"), 500),
)  # fmt: skip
def from_minor_units(cents: int, currency: str) -> Number:
    """The amount of so many of the smallest unit of a currency."""
    digits = currency_digits(currency)
    return in_cents(cents, digits)


@function(
    "round_money", "Round as a currency", "money",
    [Arg("amount", "number"), Arg("currency", "text"), MODE], "number",
    ((Decimal("19.995"), "USD"), Decimal("20.00")), ((Decimal("19.5"), "JPY"), 20),
)  # fmt: skip
def round_money(amount: Number, currency: str, mode: str = "half_up") -> Number:
    """The amount with the decimal places of its currency."""
    return rounded(amount, currency_digits(currency), mode)
