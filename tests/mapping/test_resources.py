"""Lookup tables, cross-references and rates, handed in from outside."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from ipaas.mapping import GivenResources, compile_mapping
from ipaas.mapping.resources import MISSING, NO_RESOURCES
from tests.mapping.builders import mapping, rule

GIVEN = GivenResources(
    tables={"Accounts": {"17": {"code": "4000", "name": "Sales"}, "18": "4100"}},
    pairs={("customer", "shop", "7", "books"): "58"},
    rates={("EUR", "USD"): {date(2024, 5, 1): Decimal("1.07"), date(2024, 6, 1): Decimal("1.08")}},
)


def test_a_row_of_several_columns_gives_the_column_asked_for_or_its_first() -> None:
    assert GIVEN.lookup("Accounts", "17", "name") == "Sales"
    assert GIVEN.lookup("Accounts", "17", None) == "4000"
    assert GIVEN.lookup("Accounts", "18", None) == "4100"
    assert GIVEN.lookup("Accounts", "99", None) is MISSING


def test_a_day_without_a_rate_has_that_of_the_day_before() -> None:
    assert GIVEN.rate("EUR", "USD", date(2024, 5, 31)) == Decimal("1.07")
    assert GIVEN.rate("EUR", "USD", date(2024, 4, 1)) is None
    assert GIVEN.rate("EUR", "EUR", date(2024, 4, 1)) == 1


def test_a_mapping_is_applied_with_resources_and_without() -> None:
    compiled = compile_mapping(mapping(rule("r", "Id", "trigger.id")))
    assert compiled.apply({"trigger": {"id": 7}}, resources=GIVEN).output == {"Id": 7}
    assert compiled.apply({"trigger": {"id": 7}}).output == {"Id": 7}
    assert NO_RESOURCES is not None
