"""Companies outside the US and with several currencies, through the connector."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors import facade
from connectors.catalog.quickbooks.tests.verbs import sold, spent
from connectors.sdk import ConnectorError
from connectors.testing import Bench
from connectors.testing.bench import approve

pytestmark = pytest.mark.django_db
Make = Callable[[str], Bench]
STANDARD = {"TaxCodeRef": {"value": "2"}}
FOR_ONE = {"CustomerRef": {"value": "1"}}


@pytest.fixture
def us(make: Make) -> Bench:
    return make("quickbooks")


@pytest.fixture
def uk(us: Bench) -> Bench:
    """The second company of the same person, connected beside the first."""
    realm = us.control.settings("quickbooks")["realm_ids"][1]
    made = facade.create_connection(
        us.workspace.id, "test", connector="quickbooks", name="Leeds", slug="leeds", sandbox=True
    )
    url = facade.begin_consent(us.workspace.id, made.id, us.user.pk)
    answer = approve(f"{url}&realm={realm}")
    found = facade.finish_consent(
        us.user.pk, state=answer["state"], code=answer["code"], account=answer["realmId"]
    )
    assert found.account == realm != us.connection.account
    return replace(us, connection=found)


def test_two_companies_are_two_connections(us: Bench, uk: Bench) -> None:
    names = [each.call("company_info").output["CompanyName"] for each in (us, uk)]
    assert names == ["Demo Company", "Demo Company UK"]


def test_outside_the_us_each_line_needs_a_tax_code(uk: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        line = sold()
        line["SalesItemLineDetail"].pop("TaxCodeRef")
        uk.call("create_invoice", "k", **FOR_ONE, Line=[line])
    assert caught.value.code == "quickbooks.business_rule"
    assert "GST/VAT rate" in caught.value.message


def test_prices_may_hold_the_tax_or_not(uk: Bench) -> None:
    without = uk.call(
        "create_invoice",
        "k1",
        **FOR_ONE,
        GlobalTaxCalculation="TaxExcluded",
        Line=[sold(**STANDARD)],
    ).output
    assert (without["TotalAmt"], without["TxnTaxDetail"]["TotalTax"]) == (30, 5)
    held = uk.call(
        "create_sales_receipt",
        "k2",
        GlobalTaxCalculation="TaxInclusive",
        Line=[sold(**STANDARD, TaxInclusiveAmt=30)],
    ).output
    assert (held["TotalAmt"], held["TxnTaxDetail"]["TotalTax"]) == (30, 5)
    free = uk.call(
        "create_invoice",
        "k3",
        **FOR_ONE,
        GlobalTaxCalculation="NotApplicable",
        Line=[sold(**STANDARD)],
    ).output
    assert free["TotalAmt"] == 25


def test_what_is_bought_bears_tax_only_outside_the_us(us: Bench, uk: Bench) -> None:
    line = spent()
    line["AccountBasedExpenseLineDetail"] |= STANDARD
    bought = uk.call(
        "create_bill",
        "k",
        VendorRef={"value": "30"},
        GlobalTaxCalculation="TaxExcluded",
        Line=[line],
    ).output
    assert (bought["TotalAmt"], bought["TxnTaxDetail"]["TotalTax"]) == (36, 6)
    at_home = us.call("create_bill", "k", VendorRef={"value": "30"}, Line=[spent()]).output
    assert at_home["TotalAmt"] == 30 and "TxnTaxDetail" not in at_home


def test_automated_sales_tax_computes_by_address_and_marks_what_is_forced(us: Bench) -> None:
    us.control.change_settings("quickbooks", automated_sales_tax=True)
    assert us.call("preferences").output["TaxPrefs"]["PartnerTaxEnabled"] is True
    sale = {**FOR_ONE, "Line": [sold(100, Qty=8, TaxCodeRef={"value": "TAX"})]}
    sale["ShipAddr"] = {"CountrySubDivisionCode": "TX", "City": "Austin"}
    computed = us.call("create_invoice", "k1", **sale).output
    assert computed["TxnTaxDetail"]["TotalTax"] == Decimal("8.25")
    forced = us.call("create_invoice", "k2", **sale, TxnTaxDetail={"TotalTax": 8}).output
    assert (forced["TotalAmt"], forced["TaxReviewStatus"]) == (108, "AST_TAX_OVERRIDE")
    us.control.change_settings("quickbooks", automated_sales_tax=False)
    by_hand = us.call(
        "create_invoice", "k3", **sale, TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}}
    )
    assert by_hand.output["TxnTaxDetail"]["TotalTax"] == Decimal("8.25")
    assert us.call("create_invoice", "k4", **sale).output["TxnTaxDetail"]["TotalTax"] == 0


def test_a_sale_in_another_currency_is_invoiced_and_paid_in_it(us: Bench) -> None:
    euro: dict[str, Any] = {"CurrencyRef": {"value": "EUR"}}
    with pytest.raises(ConnectorError) as caught:
        us.call("create_customer", "k0", DisplayName="Kiln SARL", **euro)
    assert "Multi Currency" in caught.value.message
    us.control.change_settings("quickbooks", multi_currency=True)
    customer = us.call("create_customer", "k1", DisplayName="Kiln SARL", **euro).reference
    of_customer = {"CustomerRef": {"value": customer}}
    with pytest.raises(ConnectorError) as caught:
        us.call("create_invoice", "k2", **of_customer, Line=[sold()])
    assert (caught.value.code, caught.value.field) == ("quickbooks.field_missing", "CurrencyRef")
    invoice = us.call(
        "create_invoice", "k3", **of_customer, **euro, ExchangeRate="1.20", Line=[sold()]
    ).output
    assert (invoice["TotalAmt"], invoice["HomeTotalAmt"]) == (25, 30)
    link = {"TxnId": invoice["Id"], "TxnType": "Invoice"}
    paid = us.call(
        "create_payment",
        "k4",
        **of_customer,
        **euro,
        TotalAmt=25,
        Line=[{"Amount": 25, "LinkedTxn": [link]}],
    ).output
    assert paid["CurrencyRef"]["value"] == "EUR" and paid["UnappliedAmt"] == 0
    after = us.call("get_invoice", id=invoice["Id"]).output
    assert (after["Balance"], after["HomeBalance"]) == (0, 0)
    assert us.call("get_customer", id=customer).output["Balance"] == 0
