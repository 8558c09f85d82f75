"""Members of the objects inside QuickBooks' records; what is not here is unknown to it."""

from __future__ import annotations

_REF = frozenset({"value", "name", "type"})
MEMBERS: dict[str, frozenset[str]] = {
    "ref": _REF,
    "address": frozenset(
        {"Id", "Line1", "Line2", "Line3", "Line4", "Line5", "City", "Country", "CountryCode"}
        | {"CountrySubDivisionCode", "PostalCode", "PostalCodeSuffix", "Lat", "Long", "Tag", "Note"}
    ),
    "email": frozenset({"Address"}),
    "phone": frozenset(
        {"FreeFormNumber", "CountryCode", "AreaCode", "ExchangeCode", "Extension", "DeviceType"}
        | {"Default", "Tag"}
    ),
    "web": frozenset({"URI"}),
    "memo": frozenset({"value"}),
    "custom": frozenset(
        {"DefinitionId", "Name", "Type", "StringValue", "BooleanValue", "DateValue", "NumberValue"}
    ),
    "tax": frozenset({"TxnTaxCodeRef", "TotalTax", "TaxLine", "DefaultTaxCodeRef"}),
    "link": frozenset({"TxnId", "TxnType", "TxnLineId"}),
}
_COMMON_DETAIL = frozenset(
    {"ItemRef", "ItemAccountRef", "ClassRef", "TaxCodeRef", "Qty", "UnitPrice", "RatePercent"}
    | {"PriceLevelRef", "MarkupInfo", "ServiceDate", "TaxInclusiveAmt", "TaxClassificationRef"}
    | {"DiscountRate", "DiscountAmt", "UOMRef", "InventorySiteRef", "DeferredRevenue"}
)
_EXPENSE_DETAIL = frozenset({"CustomerRef", "BillableStatus", "TaxAmount", "AccountRef"})
DETAILS: dict[str, frozenset[str]] = {
    "SalesItemLineDetail": _COMMON_DETAIL,
    "GroupLineDetail": frozenset({"GroupItemRef", "Quantity", "UOMRef", "ServiceDate", "Line"}),
    "DescriptionLineDetail": frozenset({"ServiceDate", "TaxCodeRef"}),
    "DiscountLineDetail": frozenset(
        {"Discount", "ServiceDate", "ClassRef", "TaxCodeRef", "DiscountRef", "PercentBased"}
        | {"DiscountPercent", "DiscountAccountRef"}
    ),
    "SubTotalLineDetail": frozenset({"ItemRef", "ServiceDate"}),
    "ItemBasedExpenseLineDetail": _COMMON_DETAIL | _EXPENSE_DETAIL,
    "AccountBasedExpenseLineDetail": frozenset({"ClassRef", "TaxCodeRef", "MarkupInfo"})
    | frozenset({"TaxInclusiveAmt"})
    | _EXPENSE_DETAIL,
    "JournalEntryLineDetail": frozenset(
        {"PostingType", "Entity", "AccountRef", "ClassRef", "DepartmentRef", "TaxCodeRef"}
        | {"TaxApplicableOn", "TaxAmount", "TaxInclusiveAmt", "BillableStatus", "JournalCodeRef"}
    ),
    "DepositLineDetail": frozenset(
        {"Entity", "ClassRef", "AccountRef", "PaymentMethodRef", "CheckNum", "TxnType"}
        | {"TaxCodeRef", "TaxApplicableOn"}
    ),
}
# Names of a line's details are spelt in more than one way by clients.
SPELLINGS = {"SubtotalLineDetail": "SubTotalLineDetail"}
LINE = frozenset(
    {"Id", "LineNum", "Description", "Amount", "DetailType", "LinkedTxn", "CustomField", "Received"}
    | {"ProjectRef", "LineEx", *DETAILS, *SPELLINGS}
)
