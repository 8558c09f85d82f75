"""Lines of documents: numbers, known members, amounts, references (fact sheet A4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connectors.catalog.quickbooks.sandbox import checks, shapes
from connectors.catalog.quickbooks.sandbox.company import Company
from connectors.catalog.quickbooks.sandbox.errors import (
    bad_enum,
    bad_reference,
    business,
    missing,
    unsupported_property,
    wrong_amount,
)
from connectors.sandbox_kit.money import cents, plain

ZERO = Decimal(0)
SHIPPING_ITEM = "SHIPPING_ITEM_ID"
_MONEY_DECIMALS = 2
_LINKED_ELSEWHERE = ("DepositLineDetail",)  # a deposit holds payments, and checks them itself
_NOT_COMPUTED = ("DiscountRate", "DiscountAmt")  # of a few countries; never dropped in silence
Line = dict[str, Any]


@dataclass(slots=True)
class Totals:
    """What the lines add up to; by tax code: ``net``, ``gross`` as sent, and the net of that."""

    subtotal: Decimal = ZERO
    discount: Decimal = ZERO
    taxable: Decimal = ZERO
    net: dict[str, Decimal] = field(default_factory=dict)
    gross: dict[str, Decimal] = field(default_factory=dict)
    grossed: dict[str, Decimal] = field(default_factory=dict)


def money(value: Any, name: str = "Amount") -> Decimal:
    """An amount of at most two decimals."""
    return Decimal(checks.number(name, value, decimals=_MONEY_DECIMALS))


def numbered(
    company: Company,
    given: Any,
    before: Mapping[str, Any] | None,
    kinds: tuple[str, ...],
    take: Callable[[Line], None],
) -> list[Line]:
    """Stored lines, each completed by ``take``; a line sent with a known Id keeps it."""
    known = {line.get("Id") for line in (before or {}).get("Line", [])}
    highest = max((int(i) for i in known if i and str(i).isdigit()), default=0)
    lines: list[Line] = []
    for raw in checks.listed("Line", given):
        line = known_members(company, raw)
        kind = line.get("DetailType")
        if not kind:
            raise missing("Line.DetailType")
        if kind not in kinds:
            raise bad_enum("Line.DetailType", str(kind))
        if kind == "SubTotalLineDetail":
            continue  # the vendor writes its own
        own_id = line.pop("Id", None)
        line.pop("LineNum", None)
        if line.get("Description") is not None:
            line["Description"] = checks.text("Line.Description", line["Description"], 4000)
        if line.get("LinkedTxn") and kind not in _LINKED_ELSEWHERE:
            line["LinkedTxn"] = [link(company, each) for each in line["LinkedTxn"]]
        take(line)
        if own_id is not None and str(own_id) in known:
            number = str(own_id)
        else:
            highest += 1
            number = str(highest)
        lines.append({"Id": number, "LineNum": len(lines) + 1, **line})
    return lines


def known_members(company: Company, raw: Any) -> Line:
    """The line with the members that QuickBooks knows, and those of its details."""
    if not isinstance(raw, dict):
        raise missing("Line.DetailType")
    line: Line = {}
    for name, value in raw.items():
        if name not in shapes.LINE:
            if checks.strict(company):
                where = f"Line.{name}"
                raise unsupported_property(f'Unrecognized field "{where}" specified', where)
            continue
        if value is None or value == "":
            continue
        spelt = shapes.SPELLINGS.get(str(name), str(name))
        if spelt in shapes.DETAILS and isinstance(value, dict):
            value = _known_detail(company, spelt, value)
        line[spelt] = value
    return line


def _known_detail(company: Company, name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    detail = {}
    for member, part in value.items():
        if member not in shapes.DETAILS[name]:
            if checks.strict(company):
                where = f"Line.{name}.{member}"
                raise unsupported_property(f'Unrecognized field "{where}" specified', where)
            continue
        if part is None or part == "":
            continue
        if member in _NOT_COMPUTED and checks.number(member, part):
            raise unsupported_property(f"{member} is not used in this company and", member)
        shape = shapes.DETAIL_SHAPES.get(member, "ref" if member.endswith("Ref") else "")
        if shape and isinstance(part, dict):
            part = checks.shaped(company, shape, f"Line.{name}.{member}", part)
        detail[member] = part
    return detail


def link(company: Company, given: Any) -> dict[str, Any]:
    """A link to another document, which must exist."""
    checked = checks.shaped(company, "link", "LinkedTxn", given)
    kind, number = str(checked.get("TxnType") or ""), str(checked.get("TxnId") or "")
    entity = checks.rules_of(kind)
    if entity is None or not entity.is_transaction:
        raise bad_enum("LinkedTxn.TxnType", kind)
    if company.get(entity.name, number) is None:
        raise bad_reference(f"Transaction id {number} not found", "LinkedTxn")
    found = {"TxnId": number, "TxnType": entity.name}
    if checked.get("TxnLineId"):
        found["TxnLineId"] = str(checked["TxnLineId"])
    return found


def sold(record: Mapping[str, Any]) -> Iterator[Line]:
    """Lines of items that a document holds, those inside groups too."""
    for line in record.get("Line") or []:
        yield line
        yield from (line.get("GroupLineDetail") or {}).get("Line") or []


def amount_of(line: Line, detail: dict[str, Any], kind: str) -> Decimal:
    """The line's amount, which must be quantity times price, rounded half up to cents."""
    for name in ("Qty", "UnitPrice"):
        if detail.get(name) is not None:
            detail[name] = checks.number(f"Line.{kind}.{name}", detail[name])
    if not detail.get("Qty") and not detail.get("UnitPrice"):
        detail.pop("Qty", None)  # clients send both as 0 for “not given”
        detail.pop("UnitPrice", None)
    if line.get("Amount") is None:
        raise missing("Amount")
    amount = money(line["Amount"])
    if "Qty" in detail and "UnitPrice" in detail:
        expected = cents(Decimal(detail["Qty"]) * Decimal(detail["UnitPrice"]))
        if amount != expected:
            raise wrong_amount(f"{amount:,.2f}")
    line["Amount"] = plain(amount)
    return amount


def item_reference(company: Company, given: Any, name: str) -> dict[str, Any]:
    """The item of a line: Services if none is named, never a category."""
    wanted = given.get("value") if isinstance(given, dict) else given
    if wanted in (None, ""):
        default = company.find("Item", "Name", "Services")
        if not default:
            raise missing(name)
        return {"value": default[0]["Id"], "name": default[0]["Name"]}
    if wanted == SHIPPING_ITEM:
        if not company.ledger.setting("allow_shipping"):
            raise bad_reference(f"Item elements id {SHIPPING_ITEM} not found", name)
        return {"value": SHIPPING_ITEM, "name": "Shipping"}
    reference = checks.reference(company, "Item", given, name)
    item = company.get("Item", reference["value"]) or {}
    if item.get("Type") == "Category":
        raise bad_reference("An item of type Category cannot be used on a line", name)
    return reference


def settle_references(company: Company, detail: dict[str, Any], kind: str) -> None:
    """Class and customer of a line, if they are named."""
    for name, entity in (("ClassRef", "Class"), ("CustomerRef", "Customer")):
        if detail.get(name):
            detail[name] = checks.reference(company, entity, detail[name], f"Line.{kind}.{name}")
    if detail.get("BillableStatus"):
        allowed = ("Billable", "NotBillable", "HasBeenBilled")
        detail["BillableStatus"] = checks.chosen(
            "BillableStatus", detail["BillableStatus"], allowed
        )
    if detail.get("ServiceDate"):
        detail["ServiceDate"] = checks.day("ServiceDate", detail["ServiceDate"])


def tax_code(
    company: Company, fields: Mapping[str, Any], detail: dict[str, Any], *, purchase: bool = False
) -> bool:
    """Check the line's tax code; True when the line is taxed."""
    given = detail.get("TaxCodeRef")
    wanted = given.get("value") if isinstance(given, dict) else given
    if wanted in (None, ""):
        detail.pop("TaxCodeRef", None)
        if company.is_us:
            detail["TaxCodeRef"] = {"value": "NON"}
        elif fields.get("GlobalTaxCalculation") != "NotApplicable":
            raise business("Make sure all your transactions have a GST/VAT rate before you save.")
        return False
    if company.is_us and wanted not in ("TAX", "NON"):
        raise bad_reference(f"Tax code {wanted} cannot be used on a line", "TaxCodeRef")
    code = company.get("TaxCode", wanted)
    if code is None:
        raise bad_reference(f"TaxCode element id {wanted} not found", "TaxCodeRef")
    detail["TaxCodeRef"] = {"value": code["Id"]}
    if company.is_us and purchase:
        return False  # bills are taxed outside the US only
    return bool(code["Taxable"])


def add_up(totals: Totals, line: Line, detail: dict[str, Any], taxed: bool) -> None:
    """Note what the line adds to the document: net, and gross where prices include tax."""
    amount = Decimal(line["Amount"])
    totals.subtotal += amount
    if taxed:
        totals.taxable += amount
    code = str((detail.get("TaxCodeRef") or {}).get("value", ""))
    totals.net[code] = totals.net.get(code, ZERO) + amount
    gross = detail.pop("TaxInclusiveAmt", None)
    if gross:  # clients send 0 for “not given”
        written = money(gross, "TaxInclusiveAmt")
        detail["TaxInclusiveAmt"] = plain(written)
        totals.gross[code] = totals.gross.get(code, ZERO) + written
        totals.grossed[code] = totals.grossed.get(code, ZERO) + amount
