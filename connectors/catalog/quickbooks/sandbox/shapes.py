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
    "tax_line": frozenset({"Id", "LineNum", "Amount", "DetailType", "TaxLineDetail"}),
    "tax_line_detail": frozenset(
        {"TaxRateRef", "PercentBased", "TaxPercent", "NetAmountTaxable", "TaxInclusiveAmount"}
        | {"OverrideDeltaAmount", "ServiceDate"}
    ),
    "link": frozenset({"TxnId", "TxnType", "TxnLineId"}),
    "check": frozenset(
        {"BankAccountRef", "PrintStatus", "CheckNum", "Status", "NameOnAcct", "AcctNum", "BankName"}
    ),
    "card": frozenset({"CCAccountRef", "CreditChargeInfo", "CreditChargeResponse"}),
    "charge": frozenset(
        {"Number", "Type", "NameOnAcct", "CcExpiryMonth", "CcExpiryYear", "BillAddrStreet"}
        | {"PostalCode", "Amount", "ProcessPayment"}
    ),
    "charged": frozenset({"CCTransId", "AuthCode", "TxnAuthorizationTime", "Status"}),
    "cash_back": frozenset({"AccountRef", "Amount", "Memo"}),
    "contact": frozenset({"Type", "Telephone"}),
    "group": frozenset({"ItemGroupLine"}),
    "group_line": frozenset({"Id", "ItemRef", "Qty", "UOMRef"}),
    "markup": frozenset(
        {"PercentBased", "Value", "Percent", "PriceLevelRef", "MarkUpIncomeAccountRef"}
    ),
    "party": frozenset({"Type", "EntityRef", "type", "value", "name"}),
    "batch": frozenset({"BatchItemRequest"}),
    "batch_item": frozenset({"bId", "operation", "optionsData", "Query"}),
    "tax_service": frozenset({"Id", "TaxCode", "TaxCodeId", "TaxRateDetails"}),
    "tax_service_rate": frozenset(
        {"TaxRateName", "TaxRateId", "RateValue", "TaxAgencyId", "TaxApplicableOn"}
    ),
}
# Objects inside these objects, and arrays of them.
INNER: dict[str, dict[str, str]] = {
    "tax": {"TxnTaxCodeRef": "ref", "TaxLine": "tax_line"},
    "tax_line": {"TaxLineDetail": "tax_line_detail"},
    "tax_line_detail": {"TaxRateRef": "ref"},
    "check": {"BankAccountRef": "ref"},
    "card": {
        "CCAccountRef": "ref",
        "CreditChargeInfo": "charge",
        "CreditChargeResponse": "charged",
    },
    "cash_back": {"AccountRef": "ref"},
    "contact": {"Telephone": "phone"},
    "group": {"ItemGroupLine": "group_line"},
    "group_line": {"ItemRef": "ref"},
    "markup": {"PriceLevelRef": "ref", "MarkUpIncomeAccountRef": "ref"},
    "party": {"EntityRef": "ref"},
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
# Shapes of what stands inside a line's details; every other member that ends in Ref is a "ref".
DETAIL_SHAPES = {"MarkupInfo": "markup", "Entity": "party"}
# Names of a line's details are spelt in more than one way by clients.
SPELLINGS = {"SubtotalLineDetail": "SubTotalLineDetail"}
LINE = frozenset(
    {"Id", "LineNum", "Description", "Amount", "DetailType", "LinkedTxn", "CustomField", "Received"}
    | {"ProjectRef", "LineEx", *DETAILS, *SPELLINGS}
)
