"""Clients of the QuickBooks sandbox, written from the vendor's fact sheet alone."""

from __future__ import annotations

import base64
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from connectors.sandbox_kit.testing import Answer, Control, send

CALLBACK = "http://127.0.0.1:8000/oauth/callback"
SCOPE = "com.intuit.quickbooks.accounting"


class App:
    """An OAuth client of one instance."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.url = control.vendor_url("quickbooks")
        self.settings = control.settings("quickbooks")
        pair = f"{self.settings['client_id']}:{self.settings['client_secret']}"
        self.basic = "Basic " + base64.b64encode(pair.encode()).decode()

    def authorise(self, method: str = "GET", **changes: Any) -> Answer:
        request = {
            "client_id": self.settings["client_id"],
            "response_type": "code",
            "scope": SCOPE,
            "redirect_uri": CALLBACK,
            "state": "a&b=c",
            **changes,
        }
        request = {name: value for name, value in request.items() if value is not None}
        address = f"{self.url}/connect/oauth2"
        if method == "POST":
            return send("POST", address, form=request)
        return send("GET", f"{address}?{urlencode(request)}")

    def code(self, **changes: Any) -> dict[str, str]:
        return redirected(self.authorise(auto_approve="1", **changes))

    def token(self, **form: str) -> Answer:
        address = f"{self.url}/oauth2/v1/tokens/bearer"
        return send("POST", address, form=form, headers={"authorization": self.basic})

    def exchange(self, code: str, **more: str) -> Answer:
        wish = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **more}
        return self.token(**wish)

    def refresh(self, refresh_token: str) -> Answer:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def connect_uk(self) -> Books:
        """The company outside the US."""
        answer = redirected(
            self.authorise("POST", decision="connect", realm=self.settings["realm_ids"][1])
        )
        return Books(self, answer["realmId"], self.exchange(answer["code"]).document())

    def connect(self, **changes: Any) -> Books:
        answer = self.code(**changes)
        tokens = self.exchange(answer["code"]).document()
        return Books(self, answer["realmId"], tokens)


class Books:
    """A client of one company."""

    def __init__(self, app: App, realm: str, tokens: Any) -> None:
        self.app = app
        self.control = app.control
        self.realm = realm
        self.tokens = tokens

    def call(
        self,
        method: str,
        path: str,
        document: Any = None,
        *,
        body: bytes | None = None,
        **query: str,
    ) -> Answer:
        url = f"{self.app.url}/v3/company/{self.realm}/{path}"
        if query:
            url += f"?{urlencode(query)}"
        headers = {"authorization": f"Bearer {self.tokens['access_token']}"}
        return send(method, url, document=document, body=body, headers=headers)

    def write(self, entity: str, document: Any, **query: str) -> Any:
        answer = self.call("POST", entity.lower(), document, **query)
        assert answer.status == 200, answer.body
        return answer.document()[entity]

    def read(self, entity: str, number: str) -> Any:
        return self.call("GET", f"{entity.lower()}/{number}").document()[entity]

    def fault(self, entity: str, document: Any, **query: str) -> Any:
        """The one error of a refused write."""
        answer = self.call("POST", entity.lower(), document, **query)
        assert answer.status == 400, answer.body
        return answer.document()["Fault"]["Error"][0]

    def query(self, statement: str) -> Any:
        answer = self.call("GET", "query", query=statement)
        assert answer.status == 200, answer.body
        return answer.document()["QueryResponse"]

    def names(self, statement: str) -> list[str]:
        response = self.query(statement)
        rows = next((v for v in response.values() if isinstance(v, list)), [])
        return [row.get("DisplayName") or row.get("Name") or row["Id"] for row in rows]


def redirected(answer: Answer) -> dict[str, str]:
    assert answer.status == 302, answer.body
    assert answer.headers["location"].startswith(CALLBACK)
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


def item_line(amount: Any, **detail: Any) -> dict[str, Any]:
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": amount,
        "SalesItemLineDetail": {"ItemRef": {"value": "10"}, **detail},
    }


def invoice(*lines: Any, **more: Any) -> dict[str, Any]:
    return {"CustomerRef": {"value": "1"}, "Line": list(lines or [item_line(10)]), **more}


def expense(amount: Any, **detail: Any) -> dict[str, Any]:
    """A line of a bill on the account for goods sold."""
    return {
        "DetailType": "AccountBasedExpenseLineDetail",
        "Amount": amount,
        "AccountBasedExpenseLineDetail": {"AccountRef": {"value": "80"}, **detail},
    }


def bought(quantity: int, price: Any, **detail: Any) -> dict[str, Any]:
    """A line of a bill for rye loaves, which are kept in stock."""
    return {
        "DetailType": "ItemBasedExpenseLineDetail",
        "Amount": cents(Decimal(price) * quantity),
        "ItemBasedExpenseLineDetail": {
            "ItemRef": {"value": "3"},
            "Qty": quantity,
            "UnitPrice": price,
            **detail,
        },
    }


def bill(*lines: Any, **more: Any) -> dict[str, Any]:
    return {"VendorRef": {"value": "30"}, "Line": list(lines or [expense(10)]), **more}


def link(kind: str, record: Any) -> dict[str, str]:
    return {"TxnId": record["Id"], "TxnType": kind}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
