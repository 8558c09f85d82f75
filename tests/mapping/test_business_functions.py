"""Taxes, shares, units, addresses, identifiers: what people of the trade would check."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipaas.mapping import ExpressionFailed, GivenResources, compile_expr
from tests.mapping.builders import call, const

D = Decimal


def evaluate(name: str, *args: Any, resources: GivenResources | None = None) -> Any:
    return compile_expr(call(name, *[const(arg) for arg in args]))({}, resources)


def refused(name: str, *args: Any, resources: GivenResources | None = None) -> str:
    context = {"args": list(args)}
    paths = [{"op": "field", "path": f"args[{i}]"} for i in range(len(args))]
    with pytest.raises(ExpressionFailed) as caught:
        compile_expr(call(name, *paths))(context, resources)
    return caught.value.failure_code


@settings(max_examples=300, deadline=None)
@given(
    st.decimals(-(10**9), 10**9, places=2),
    st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=30),
)
def test_a_discount_spread_over_lines_adds_up_and_no_share_is_a_cent_off(
    amount: Decimal, weights: list[Decimal]
) -> None:
    shares = evaluate("allocate", amount, weights)
    assert sum(shares) == amount
    total = sum(weights)
    if total:
        for share, weight in zip(shares, weights, strict=True):
            exact = Fraction(amount) * Fraction(weight) / Fraction(total)
            assert abs(Fraction(share) - exact) < Fraction(1, 100)


def test_weights_of_nothing_share_evenly_and_amounts_finer_than_cents_are_refused() -> None:
    assert evaluate("allocate", D("0.05"), [0, 0]) == [D("0.03"), D("0.02")]
    assert refused("allocate", D("0.005"), [1, 1]) == "mapping.precision"


@settings(max_examples=300, deadline=None)
@given(st.decimals(0, 10**9, places=2), st.decimals(0, 50, places=3))
def test_net_and_tax_add_up_to_the_gross_they_came_from(gross: Decimal, rate: Decimal) -> None:
    assert evaluate("net_of", gross, rate) + evaluate("tax_in", gross, rate) == gross


def test_tax_rounded_per_line_differs_from_tax_rounded_on_the_total_where_it_must() -> None:
    lines = [{"net": D("0.10"), "rate": D("8.25")}] * 10
    per_line = evaluate("tax_total", lines, "net", "rate", "exclusive", "line")
    on_total = evaluate("tax_total", lines, "net", "rate", "exclusive", "total")
    assert (per_line, on_total) == (D("0.10"), D("0.08"))


def test_several_rates_on_a_line_each_have_their_own_entry() -> None:
    lines = [{"net": D("100.00"), "rates": [5, D("9.975")]}, {"net": D("50.00"), "rates": [5]}]
    assert evaluate("tax_summary", lines, "net", "rates") == [
        {"rate": 5, "net": D("150.00"), "tax": D("7.50"), "gross": D("157.50")},
        {"rate": D("9.975"), "net": D("100.00"), "tax": D("9.98"), "gross": D("109.98")},
    ]


def test_prices_with_tax_hold_it_by_rate() -> None:
    lines = [{"gross": D("119.00"), "rate": 19}, {"gross": D("107.00"), "rate": 7}]
    assert evaluate("tax_summary", lines, "gross", "rate", "inclusive") == [
        {"rate": 19, "net": D("100.00"), "tax": D("19.00"), "gross": D("119.00")},
        {"rate": 7, "net": D("100.00"), "tax": D("7.00"), "gross": D("107.00")},
    ]


TABLES = GivenResources(tables={"GL": {"17": "4000"}})


def test_a_lookup_that_misses_follows_its_policy() -> None:
    assert evaluate("lookup_table", "GL", 17, resources=TABLES) == "4000"
    assert evaluate("lookup_table", "GL", 18, "", "missing", resources=TABLES) is None
    assert evaluate("lookup_table", "GL", 18, "", "otherwise", "9", resources=TABLES) == "9"
    assert refused("lookup_table", "GL", 18, resources=TABLES) == "mapping.lookup_hold"
    assert refused("lookup_table", "GL", 18, "", "fail", resources=TABLES) == "mapping.lookup_miss"
    assert refused("lookup_table", "XX", 18, resources=TABLES) == "mapping.no_table"
    assert refused("lookup_table", "GL", 17) == "mapping.no_resources"


def test_a_measure_there_and_back_is_the_same() -> None:
    for unit in ("lb", "oz", "t", "ton_us"):
        there = evaluate("convert_unit", D("12.5"), "kg", unit)
        back = evaluate("convert_unit", there, unit, "kg", 10)
        assert back == D("12.5")
    assert refused("convert_unit", 1, "kg", "cm") == "mapping.unit"


def test_a_currency_without_cents_has_none() -> None:
    assert evaluate("round_money", D("19.5"), "JPY") == 20
    assert str(evaluate("round_money", D("1.2345"), "KWD")) == "1.235"
    assert refused("minor_units", D("19.995"), "USD") == "mapping.precision"


@pytest.mark.parametrize(
    ("street", "country", "written"),
    [
        ("123 North Lake Street", "US", "123 N LAKE ST"),
        ("5 West Street", "US", "5 WEST ST"),
        ("77 Massachusetts Avenue, Suite 300", "US", "77 MASSACHUSETTS AVE STE 300"),
        ("9 Park Lane West", "US", "9 PARK LN W"),
        ("Hauptstrasse 5", "DE", "Hauptstr. 5"),
        ("12 avenue Victor Hugo", "FR", "12 av. Victor Hugo"),
    ],
)
def test_streets_are_written_as_the_post_of_the_country_does(
    street: str, country: str, written: str
) -> None:
    assert evaluate("standard_street", street, country) == written


def test_addresses_are_told_apart_by_the_customs_of_their_country() -> None:
    assert evaluate("parse_address", "350 5th Ave, Floor 3, New York, New York 10118", "US") == {
        "street": "350 5th Ave, Floor 3", "city": "New York", "state": "NY",
        "postal_code": "10118", "country": "US",
    }  # fmt: skip
    assert evaluate("parse_address", "10 Downing St\nLondon SW1A 2AA\nUnited Kingdom", "UK") == {
        "street": "10 Downing St", "city": "London", "postal_code": "SW1A 2AA", "country": "GB",
    }  # fmt: skip
    assert refused("state_code", "Atlantis", "US") == "mapping.state"
    assert refused("country_code", "Atlantis") == "mapping.country"


def test_official_numbers_are_checked_by_their_check_digits() -> None:
    assert evaluate("is_iban", "GB82 WEST 1234 5698 7654 32")
    assert not evaluate("is_iban", "GB82 WEST 1234 5698 7654 33")
    assert evaluate("is_vat_number", "BE0411905847")
    assert not evaluate("is_vat_number", "BE0411905848")
    assert evaluate("is_vat_number", "IT00743110157")
    assert not evaluate("is_vat_number", "XX123")


def test_times_of_a_zone_follow_its_summer_time() -> None:
    assert evaluate("from_zone", "2024-01-15 12:00:00", "America/Chicago") == "2024-01-15T18:00:00Z"
    assert evaluate("from_zone", "2024-07-15 12:00:00", "America/Chicago") == "2024-07-15T17:00:00Z"
    assert refused("in_zone", "2024-07-15", "Mars/Olympus") == "mapping.zone"
    assert refused("parse_date", "31/12/2024", "MM/dd/yyyy") == "mapping.not_a_date"


def test_names_with_particles_and_commas_are_split() -> None:
    assert evaluate("last_name", "Ludwig van der Rohe") == "van der Rohe"
    assert evaluate("split_name", "van Gogh, Vincent Willem") == {
        "first": "Vincent", "middle": "Willem", "last": "van Gogh",
    }  # fmt: skip
    assert evaluate("last_name", "Plato") is None


def test_what_is_no_json_is_refused_as_a_value() -> None:
    assert refused("parse_json", "{") == "mapping.not_json"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("350 5th Ave\nNew York NY 10118-0110\nUSA",
         ("350 5th Ave", "New York", "NY", "10118-0110")),
        ("1 A St, New York, New York 10001", ("1 A St", "New York", "NY", "10001")),
        ("5 B Rd\nCharleston West Virginia 25301", ("5 B Rd", "Charleston", "WV", "25301")),
        ("5 B Rd, Kansas City, Kansas, 66101", ("5 B Rd", "Kansas City", "KS", "66101")),
        ("1600 Main St Austin TX 78701", ("1600 Main St", "Austin", "TX", "78701")),
        ("1600 Main St Apt 4 Austin TX 78701",
         ("1600 Main St Apt 4 Austin TX 78701", None, None, None)),
    ],
)  # fmt: skip
def test_city_and_state_are_told_apart_with_and_without_commas(text: str, parts: Any) -> None:
    found = evaluate("parse_address", text, "US")
    assert tuple(found.get(k) for k in ("street", "city", "state", "postal_code")) == parts


@pytest.mark.parametrize(
    ("street", "written"),
    [
        ("123 south west 5th boulevard", "123 SW 5TH BLVD"),
        ("10 main street north east", "10 MAIN ST NE"),
        ("1 North East Street", "1 N EAST ST"),
        ("100 north south street", "100 N SOUTH ST"),
    ],
)
def test_two_directions_are_one_unless_the_second_is_the_name(street: str, written: str) -> None:
    assert evaluate("standard_street", street, "US") == written
