"""Tax as the sandbox computes it by itself: in the US by transaction, elsewhere by line (A5)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks
from connectors.catalog.quickbooks.sandbox.company import Company, seed_file
from connectors.catalog.quickbooks.sandbox.errors import bad_enum, bad_reference, business
from connectors.catalog.quickbooks.sandbox.lines import ZERO, Totals, money
from connectors.sandbox_kit.money import cents, plain

Detail = dict[str, Any]
_CENT = Decimal("0.01")
HUNDRED = Decimal(100)


def settle(
    company: Company, fields: dict[str, Any], totals: Totals, *, purchase: bool = False
) -> Decimal:
    """Write TxnTaxDetail into ``fields``; returns the tax that is added to the net amounts.

    A tax that the client forces (``TotalTax`` or ``TaxLine``) is taken as it is; with automated
    sales tax the transaction is flagged then.
    """
    given = dict(fields.get("TxnTaxDetail") or {})
    fields.pop("TaxReviewStatus", None)
    if purchase and company.is_us:
        if money(given.get("TotalTax") or 0, "TotalTax"):
            raise business("What a company in the US buys bears no sales tax.")
        fields.pop("TxnTaxDetail", None)
        return ZERO
    forced = given.get("TotalTax")
    sent = [_known_line(company, line) for line in given.get("TaxLine") or []]
    if forced is not None or sent:
        return _forced(company, fields, given, forced, sent)
    if company.is_us:
        detail, tax = _us(company, fields, given, totals)
    else:
        detail, tax = _by_code(company, fields, totals, purchase=purchase)
    fields["TxnTaxDetail"] = detail
    return tax


def _known_line(company: Company, line: Mapping[str, Any]) -> dict[str, Any]:
    """A tax line that a client sent; its rate must be one of the company's."""
    reference = (line.get("TaxLineDetail") or {}).get("TaxRateRef") or {}
    number = str(reference.get("value") or "")
    if number and company.get("TaxRate", number) is None:
        raise bad_reference(f"TaxRate element id {number} not found", "TaxRateRef")
    return {**line, "Amount": plain(money(line.get("Amount") or 0))}


def _automated(company: Company) -> bool:
    return company.is_us and bool(company.ledger.setting("automated_sales_tax"))


def _forced(
    company: Company,
    fields: dict[str, Any],
    given: Mapping[str, Any],
    forced: Any,
    sent: list[dict[str, Any]],
) -> Decimal:
    amount = (
        money(forced, "TotalTax")
        if forced is not None
        else sum((money(line.get("Amount", 0)) for line in sent), ZERO)
    )
    detail: Detail = {"TotalTax": plain(amount)}
    if given.get("TxnTaxCodeRef"):
        detail["TxnTaxCodeRef"] = given["TxnTaxCodeRef"]
    if sent:
        detail["TaxLine"] = sent
    elif _automated(company):
        fields["TaxReviewStatus"] = "AST_TAX_OVERRIDE"
    fields["TxnTaxDetail"] = detail
    return amount


def _us(
    company: Company, fields: Mapping[str, Any], given: Mapping[str, Any], totals: Totals
) -> tuple[Detail, Decimal]:
    base = totals.taxable
    if fields.get("ApplyTaxAfterDiscount") and totals.subtotal:
        base -= cents(totals.discount * totals.taxable / totals.subtotal)
    reference = given.get("TxnTaxCodeRef")
    wanted = reference.get("value") if isinstance(reference, dict) else reference
    if _automated(company):
        # Automated sales tax knows where the goods go; a code that was sent does not matter.
        lines = [_line(rate, base) for rate in _rates_of_address(company, fields)]
        total = sum((Decimal(line["Amount"]) for line in lines), ZERO)
        return {"TotalTax": plain(total), "TaxLine": lines}, total
    if not wanted:
        return {"TotalTax": 0}, ZERO
    code = company.get("TaxCode", wanted)
    if code is None:
        raise bad_reference(f"TaxCode element id {wanted} not found", "TxnTaxCodeRef")
    lines = [_line(rate, base) for rate in rates(company, code)]
    total = sum((Decimal(line["Amount"]) for line in lines), ZERO)
    detail = {"TxnTaxCodeRef": {"value": code["Id"]}, "TotalTax": plain(total)}
    return {**detail, "TaxLine": lines}, total


def _rates_of_address(company: Company, fields: Mapping[str, Any]) -> list[Any]:
    """Rates of the state that the goods go to, else of the company's own."""
    by_state: Mapping[str, list[str]] = seed_file("company.json")["tax"]["US"]["states"]
    address = fields.get("ShipAddr") or {}
    state = address.get("CountrySubDivisionCode")
    state = state or company.info()["CompanyAddr"].get("CountrySubDivisionCode", "")
    found = [company.get("TaxRate", number) for number in by_state.get(str(state).upper(), [])]
    return [rate for rate in found if rate]


def _by_code(
    company: Company, fields: Mapping[str, Any], totals: Totals, *, purchase: bool
) -> tuple[Detail, Decimal]:
    if fields.get("GlobalTaxCalculation") == "NotApplicable":
        return {"TotalTax": 0}, ZERO
    inclusive = fields.get("GlobalTaxCalculation") == "TaxInclusive"
    lines: list[dict[str, Any]] = []
    for code_id, net in totals.net.items():
        known = rates(company, company.get("TaxCode", code_id) or {}, purchase=purchase)
        if inclusive and known:
            lines += _inclusive(known, code_id, totals)
        else:
            lines += [_line(rate, net) for rate in known]
    total = sum((Decimal(line["Amount"]) for line in lines), ZERO)
    return {"TotalTax": plain(total), "TaxLine": lines}, total


def _inclusive(known: list[Any], code_id: str, totals: Totals) -> list[dict[str, Any]]:
    """Tax inside the gross amounts; the net amounts that were sent must fit it."""
    percent = sum((Decimal(rate["RateValue"]) for rate in known), ZERO)
    net = totals.net[code_id]
    rest = net - totals.grossed.get(code_id, ZERO)
    gross = totals.gross.get(code_id, ZERO) + cents(rest * (HUNDRED + percent) / HUNDRED)
    tax = cents(gross * percent / (HUNDRED + percent))
    if abs(gross - tax - net) > _CENT * max(1, len(totals.net)) * 5:
        raise business("The amounts do not fit the amounts with tax included.")
    lines, left = [], gross - net
    for number, rate in enumerate(known):
        last = number == len(known) - 1
        share = left if last else cents(net * Decimal(rate["RateValue"]) / HUNDRED)
        left -= share
        lines.append(_line(rate, net, share))
    return lines


def rates(company: Company, code: Mapping[str, Any], *, purchase: bool = False) -> list[Any]:
    """The tax rates of a code."""
    held = code.get("PurchaseTaxRateList" if purchase else "SalesTaxRateList") or {}
    found = [
        company.get("TaxRate", detail["TaxRateRef"]["value"])
        for detail in held.get("TaxRateDetail", [])
    ]
    return [rate for rate in found if rate]


def _line(rate: Mapping[str, Any], net: Decimal, amount: Decimal | None = None) -> dict[str, Any]:
    percent = Decimal(rate["RateValue"])
    return {
        "Amount": plain(cents(net * percent / HUNDRED) if amount is None else amount),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate["Id"]},
            "PercentBased": True,
            "TaxPercent": plain(percent),
            "NetAmountTaxable": plain(net),
        },
    }


# --- creating codes (POST /taxservice/taxcode)


def create_code(company: Company, body: Mapping[str, Any]) -> dict[str, Any]:
    """A new tax code with its rates; the answer is the body with ids."""
    body = checks.shaped(company, "tax_service", "TaxService", body)
    name = checks.text("TaxCode", body.get("TaxCode") or "", 100)
    details = checks.listed("TaxRateDetails", body.get("TaxRateDetails") or [])
    if not name or not details:
        raise business("A tax code needs a name and at least one rate.")
    if company.find("TaxCode", "Name", name):
        raise business(f"The tax code name {name} is used already.", "6240")
    written: list[Detail] = []
    sales: list[Detail] = []
    purchases: list[Detail] = []
    for given in details:
        detail = checks.shaped(company, "tax_service_rate", "TaxRateDetails", given)
        if detail.get("TaxApplicableOn") not in ("Sales", "Purchase", None):
            raise bad_enum("TaxApplicableOn", str(detail["TaxApplicableOn"]))
        rate = _rate_of(company, detail)
        entry: Detail = {"TaxRateRef": {"value": rate["Id"], "name": rate["Name"]}}
        entry |= {"TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
        (purchases if detail.get("TaxApplicableOn") == "Purchase" else sales).append(entry)
        written.append({**detail, "TaxRateId": rate["Id"]})
    code = company.add(
        "TaxCode",
        {
            "Name": name,
            "Description": name,
            "Active": True,
            "Taxable": True,
            "TaxGroup": True,
            "SalesTaxRateList": {"TaxRateDetail": sales},
            "PurchaseTaxRateList": {"TaxRateDetail": purchases},
        },
    )
    return {"TaxCode": name, "TaxCodeId": code["Id"], "TaxRateDetails": written}


def _rate_of(company: Company, detail: Mapping[str, Any]) -> Mapping[str, Any]:
    if detail.get("TaxRateId"):
        known: Mapping[str, Any] | None = company.get("TaxRate", detail["TaxRateId"])
        if known is None:
            raise bad_reference(f"TaxRate element id {detail['TaxRateId']} not found")
        return known
    agency = company.get("TaxAgency", detail.get("TaxAgencyId"))
    if agency is None:
        raise bad_reference(f"TaxAgency element id {detail.get('TaxAgencyId')} not found")
    value = checks.number("RateValue", detail.get("RateValue", ""))
    return company.add(
        "TaxRate",
        {
            "Name": checks.text("TaxRateName", detail.get("TaxRateName") or "", 100),
            "RateValue": value,
            "AgencyRef": {"value": agency["Id"]},
            "Active": True,
            "SpecialTaxType": "NONE",
        },
    )
