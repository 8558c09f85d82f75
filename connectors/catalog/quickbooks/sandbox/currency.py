"""Currency of a document: the company's own, or the party's where several are switched on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks
from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.catalog.quickbooks.sandbox.errors import bad_reference, business, missing
from connectors.sandbox_kit.money import cents, plain


def several(company: Company) -> bool:
    """Whether the company keeps books in several currencies."""
    return bool(company.ledger.setting("multi_currency"))


def settle(company: Company, fields: dict[str, Any], party: Mapping[str, Any] | None) -> None:
    """Write CurrencyRef and, for another currency than the home one, ExchangeRate."""
    home = company.info()["CurrencyRef"]
    given = (fields.get("CurrencyRef") or {}).get("value")
    if not several(company):
        if given and given != home["value"]:
            raise business("Multi Currency should be enabled to perform this operation.")
        if Decimal(checks.number("ExchangeRate", fields.pop("ExchangeRate", None) or 1)) != 1:
            raise business("Multi Currency should be enabled to perform this operation.")
        fields["CurrencyRef"] = home
        return
    if not given:
        raise missing("CurrencyRef")
    known = company.ledger.setting("exchange_rates")
    if given not in known:
        raise bad_reference(f"Currency element id {given} not found", "CurrencyRef")
    owned = ((party or {}).get("CurrencyRef") or home)["value"]
    if party is not None and owned != given:
        raise business("The currency of the transaction is not that of the customer or vendor.")
    fields["CurrencyRef"] = {"value": given, "name": given}
    if given == home["value"]:
        fields["ExchangeRate"] = 1
    elif not fields.get("ExchangeRate"):
        of_day = Decimal(str(known[given])) / Decimal(str(known[home["value"]]))
        fields["ExchangeRate"] = plain(of_day.quantize(Decimal("0.000001")))


def settle_home(company: Company, fields: dict[str, Any]) -> None:
    """Write the total in the company's own currency, where several are switched on."""
    if several(company):
        rate = Decimal(checks.number("ExchangeRate", fields.get("ExchangeRate", 1)))
        fields["HomeTotalAmt"] = plain(cents(Decimal(fields["TotalAmt"]) * rate))
        if "Balance" in fields:
            fields["HomeBalance"] = plain(cents(Decimal(fields["Balance"]) * rate))


def of_new_party(company: Company, fields: dict[str, Any]) -> None:
    """Currency of a customer or vendor, fixed at its creation."""
    home = company.info()["CurrencyRef"]
    given = (fields.get("CurrencyRef") or {}).get("value")
    if not given or given == home["value"]:
        fields["CurrencyRef"] = home
        return
    if not several(company):
        raise business("Multi Currency should be enabled to perform this operation.")
    if given not in company.ledger.setting("exchange_rates"):
        raise bad_reference(f"Currency element id {given} not found", "CurrencyRef")
    fields["CurrencyRef"] = {"value": given, "name": given}
