"""Schemas say what every member is, and which of them are not the vendor's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.catalog.quickbooks.sandbox import checks
from connectors.catalog.quickbooks.tests.verbs import ROWS
from connectors.testing.documents import members
from ipaas.core import jsonio

FOLDER = Path(__file__).parents[1] / "schemas"
ENTITIES = [*(row.entity for row in ROWS), "Attachable"]
# Written from the vendor's published schemas; the others from what public clients know.
VERIFIED = {
    "Account",
    "Bill",
    "BillPayment",
    "CreditMemo",
    "Customer",
    "Invoice",
    "Item",
    "Payment",
    "Purchase",
    "PurchaseOrder",
    "SalesReceipt",
    "TaxCode",
    "Vendor",
}


def schema(entity: str) -> Any:
    return jsonio.loads((FOLDER / f"{entity}.json").read_bytes())


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_member_has_a_label_and_says_what_it_is(entity: str) -> None:
    found = dict(members(schema(entity)))
    assert [where for where, spec in found.items() if not spec.get("title")] == []
    assert [where for where, spec in found.items() if not spec.get("description")] == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_what_is_not_from_the_vendor_is_marked(entity: str) -> None:
    assert ("x-unverified" in schema(entity)) is (entity not in VERIFIED)


@pytest.mark.parametrize("entity", [row.entity for row in ROWS if row.has("update")])
def test_a_schema_offers_only_what_the_sandbox_knows(entity: str) -> None:
    rules = checks.rules_of(entity)
    assert rules is not None
    ours = {"custom_fields"}
    known = set(rules.fields) | ours | {"Id", "SyncToken", "sparse", "domain", "MetaData", "status"}
    assert set(schema(entity)["properties"]) <= known
