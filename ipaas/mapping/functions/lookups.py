"""Functions that ask the workspace: lookup tables, pairs of records, exchange rates."""

from __future__ import annotations

from datetime import date as day_of
from decimal import Decimal
from typing import Final

from ipaas.mapping.convert import Moment, Number, to_text
from ipaas.mapping.errors import ExpressionFailed
from ipaas.mapping.functions.numbers import multiply_two
from ipaas.mapping.functions.registry import Arg, function, option
from ipaas.mapping.functions.rounding import MODE, rounded
from ipaas.mapping.functions.units import currency_digits
from ipaas.mapping.resources import MISSING, GivenResources, KeyHeld, Resources
from ipaas.mapping.values import Value, shown

POLICIES: Final = ("hold", "fail", "missing", "otherwise")

EXAMPLE_RESOURCES: Final = GivenResources(
    tables={"Accounts": {"17": {"code": "4000", "name": "Sales of goods"}}},
    pairs={("customer", "shop", "7", "books"): "58"},
    rates={("EUR", "USD"): {day_of(2024, 5, 31): Decimal("1.0852")}},
)
"""What the examples of these functions refer to."""


@function(
    "lookup_table", "Look up in a table", "lookup",
    [Arg("table", "text"), Arg("key", "any"), Arg("column", "text", required=False),
     Arg("on_miss", "text", required=False, options=POLICIES),
     Arg("otherwise", "any", required=False)], "any",
    (("Accounts", 17), "4000"), (("Accounts", "17", "name"), "Sales of goods"),
    (("Accounts", "99", "", "otherwise", "4999"), "4999"),
    (("Accounts", "99", "", "missing"), None),
    asks=True,
)  # fmt: skip
def lookup_table(
    resources: Resources, table: str, key: Value, column: str = "", on_miss: str = "hold",
    otherwise: Value = None,
) -> Value:  # fmt: skip
    """The value of a row of a workspace lookup table, in a column or its first one. If there is no
    such row: hold stops the document until a person adds it, fail is an error, missing leaves the
    field out, otherwise uses the last value."""
    policy = option(on_miss, POLICIES, "policy")
    try:
        found = resources.lookup(table, to_text(key), column or None)
    except KeyHeld:
        if policy in ("hold", "fail"):
            raise
        found = MISSING
    if found is not MISSING:
        return found
    if policy == "missing":
        return None
    if policy == "otherwise":
        return otherwise
    if policy == "hold":
        raise KeyHeld(table, to_text(key))
    raise ExpressionFailed(
        f"There is no entry for {shown(key)} in lookup {table}",
        code="mapping.lookup_miss",
        hint=f"Add {shown(key)} to the lookup table {table}, then retry this record.",
    )


@function(
    "cross_reference", "Paired record", "lookup",
    [Arg("entity", "text"), Arg("from_connection", "text"), Arg("id", "any"),
     Arg("to_connection", "text"),
     Arg("on_miss", "text", required=False, options=("missing", "fail"))], "text",
    (("customer", "shop", 7, "books"), "58"), (("customer", "shop", 8, "books"), None),
    asks=True,
)  # fmt: skip
def cross_reference(
    resources: Resources, entity: str, from_connection: str, id: Value, to_connection: str,
    on_miss: str = "missing",
) -> str | None:  # fmt: skip
    """The id, in another connection, of the record that one connection knows by an id; missing if
    they have not been paired yet, or an error if that is asked for."""
    fails = option(on_miss, ("missing", "fail"), "policy") == "fail"
    found = resources.xref(entity, from_connection, to_text(id), to_connection)
    if found is None and fails:
        raise ExpressionFailed(
            f"The {entity} {shown(id)} of {from_connection} has no partner in {to_connection}",
            code="mapping.no_pair",
            hint="Send the record first, or pair the two by hand.",
        )
    return found


_CODES: Final = [Arg("from", "text"), Arg("to", "text"), Arg("date", "date")]


@function(
    "exchange_rate", "Exchange rate", "lookup", _CODES, "number",
    (("EUR", "USD", "2024-05-31"), Decimal("1.0852")), asks=True,
)  # fmt: skip
def exchange_rate(resources: Resources, base: str, quote: str, date: Moment) -> Number:
    """How much of the second currency one unit of the first is worth on a day, from the
    workspace's table of rates."""
    base, quote = base.strip().upper(), quote.strip().upper()
    if base == quote:
        return 1
    found = resources.rate(base, quote, date.day)
    if found is None:
        raise ExpressionFailed(
            f"There is no rate from {base[:10]} to {quote[:10]} on {date.day.isoformat()}",
            code="mapping.no_rate",
            hint="Add the rate of that day or of a day before it.",
        )
    return found


@function(
    "convert_currency", "Convert an amount", "lookup",
    [Arg("amount", "number"), *_CODES, Arg("digits", "integer", required=False), MODE], "number",
    ((Decimal("100.00"), "EUR", "USD", "2024-05-31"), Decimal("108.52")), asks=True,
)  # fmt: skip
def convert_currency(
    resources: Resources, amount: Number, base: str, quote: str, date: Moment,
    digits: int | None = None, mode: str = "half_up",
) -> Number:  # fmt: skip
    """The amount in another currency at the rate of a day, rounded as that currency is (yen has no
    cents) or to so many digits."""
    rate = exchange_rate(resources, base, quote, date)
    places = currency_digits(quote) if digits is None else digits
    return rounded(multiply_two(amount, rate), places, mode)
