"""A client of the Magento sandbox, written from the vendor's fact sheet alone."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox_kit.testing import Answer, Control, send


class Shop:
    """A client of one instance of the shop."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.url = control.vendor_url("magento")
        self.token = control.settings("magento")["access_token"]

    def call(
        self, method: str, path: str, document: Any = None, *, query: dict[str, str] | None = None
    ) -> Answer:
        url = f"{self.url}/rest/{path}" + (f"?{urlencode(query)}" if query else "")
        return send(
            method, url, document=document, headers={"authorization": f"Bearer {self.token}"}
        )

    def get(self, path: str, **query: str) -> Any:
        answer = self.call("GET", f"V1/{path}", query=query or None)
        assert answer.status == 200, answer.body
        return answer.document()

    def post(self, path: str, document: Any = None) -> Any:
        answer = self.call("POST", f"V1/{path}", document if document is not None else {})
        assert answer.status == 200, answer.body
        return answer.document()

    def order(self, number: int) -> Any:
        return self.get(f"orders/{number}")

    def find(self, path: str, *filters: tuple[str, str, str], **more: str) -> Any:
        """Search with one group per filter: all must hold."""
        query = dict(more)
        for number, (field, value, condition) in enumerate(filters):
            start = f"searchCriteria[filter_groups][{number}][filters][0]"
            query |= {f"{start}[field]": field, f"{start}[value]": value}
            query |= {f"{start}[condition_type]": condition}
        query.setdefault("searchCriteria[sortOrders][0][field]", "entity_id")
        query.setdefault("searchCriteria[sortOrders][0][direction]", "ASC")
        return self.get(path, **query)


def place(shop: Shop, **wish: Any) -> Any:
    return shop.control.place_order(place=wish)["order"]


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def ids(found: Any) -> list[int]:
    return [item["entity_id"] for item in found["items"]]
