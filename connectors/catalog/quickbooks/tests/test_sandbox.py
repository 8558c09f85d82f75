"""The QuickBooks sandbox behaves as the vendor fact sheet says; each fact over real HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from connectors.sandbox_kit.testing import Answer, Control, SandboxHandle, send, start_sandbox
from connectors.sandbox_kit.webhook_receiver import receiving
from ipaas.core import jsonio

SCHEMAS = Path(__file__).parents[1] / "schemas"
CALLBACK = "http://127.0.0.1:8000/oauth/callback"
SCOPE = "com.intuit.quickbooks.accounting"
CUT = (http.client.RemoteDisconnected, ConnectionError)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    running = start_sandbox(tmp_path_factory.mktemp("sandboxes"))
    yield running
    running.stop()


@pytest.fixture
def control(process: SandboxHandle) -> Control:
    return process.control(f"test-{uuid4().hex[:12]}")


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


@pytest.fixture
def app(control: Control) -> App:
    return App(control)


@pytest.fixture
def books(app: App) -> Books:
    return app.connect()


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


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


# --- consent and tokens


def test_discovery_names_the_endpoints_inside_this_instance(app: App) -> None:
    for ending in ("openid_sandbox_configuration", "openid_sandbox_configuration/"):
        document = send("GET", f"{app.url}/.well-known/{ending}").document()
        assert document["authorization_endpoint"] == f"{app.url}/connect/oauth2"
        assert document["token_endpoint"] == f"{app.url}/oauth2/v1/tokens/bearer"
        assert {"issuer", "userinfo_endpoint", "revocation_endpoint", "jwks_uri"} <= set(document)


def test_the_consent_page_offers_both_companies_and_both_answers(app: App) -> None:
    page = app.authorise().body.decode()
    for text in ("Demo Company", "Demo Company UK", ">Connect<", ">Cancel<"):
        assert text in page
    for realm in app.settings["realm_ids"]:
        assert realm in page


def test_the_page_escapes_what_came_in_the_request(app: App) -> None:
    page = app.authorise(state='"><script>alert(1)</script>').body.decode()
    assert "<script>" not in page


def test_connect_sends_back_code_state_and_the_chosen_company(app: App) -> None:
    chosen = app.settings["realm_ids"][1]
    answer = redirected(app.authorise("POST", decision="connect", realm=chosen))
    assert (answer["state"], answer["realmId"]) == ("a&b=c", chosen)
    assert answer["code"]


def test_cancel_sends_back_access_denied(app: App) -> None:
    answer = redirected(app.authorise("POST", decision="cancel"))
    assert answer == {"error": "access_denied", "state": "a&b=c"}


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "unknown"},
        {"redirect_uri": "https://elsewhere.example/callback"},
        {"redirect_uri": None},
    ],
)
def test_a_request_that_cannot_be_trusted_is_not_sent_back(
    app: App, changes: dict[str, Any]
) -> None:
    answer = app.authorise(auto_approve="1", **changes)
    assert answer.status == 400
    assert "location" not in answer.headers


def test_a_registered_address_is_accepted_and_loopback_can_be_closed(app: App) -> None:
    public = "https://app.example/oauth/callback"
    app.control.change_settings(
        "quickbooks", redirect_uris=[public], allow_loopback_redirects=False
    )
    answer = app.authorise(auto_approve="1", redirect_uri=public)
    assert answer.headers["location"].startswith(public)
    assert app.authorise(auto_approve="1").status == 400


def test_a_code_gives_tokens_once(app: App) -> None:
    code = app.code()["code"]
    tokens = app.exchange(code).document()
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["x_refresh_token_expires_in"] == 8_726_400
    again = app.exchange(code)
    assert (again.status, again.document()["error"]) == (400, "invalid_grant")


def test_a_code_expires_after_ten_minutes(app: App) -> None:
    code = app.code()["code"]
    app.control.change_settings("quickbooks", clock_offset_s=601)
    assert app.exchange(code).document()["error"] == "invalid_grant"


def test_another_redirect_address_is_an_invalid_grant(app: App) -> None:
    answer = app.exchange(app.code()["code"], redirect_uri="http://127.0.0.1:9/other")
    assert answer.document()["error"] == "invalid_grant"


def test_a_wrong_secret_is_an_invalid_client(app: App) -> None:
    app.basic = "Basic " + base64.b64encode(b"who:knows").decode()
    answer = app.exchange(app.code()["code"])
    assert (answer.status, answer.document()["error"]) == (401, "invalid_client")


def test_an_unknown_grant_type_is_refused(app: App) -> None:
    assert app.token(grant_type="password").document()["error"] == "unsupported_grant_type"


def test_a_code_challenge_has_to_be_met(app: App) -> None:
    verifier = "v" * 50
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    sent = {"code_challenge": challenge, "code_challenge_method": "S256"}
    wrong = app.exchange(app.code(**sent)["code"], code_verifier="w" * 50)
    assert wrong.document()["error"] == "invalid_grant"
    assert app.exchange(app.code(**sent)["code"], code_verifier=verifier).status == 200


def test_an_access_token_ends_after_its_lifetime_with_the_gateway_body(books: Books) -> None:
    books.control.change_settings("quickbooks", clock_offset_s=3601)
    answer = books.call("GET", "customer/1")
    assert answer.status == 401
    fault = answer.document()["fault"]
    assert fault["type"] == "AUTHENTICATION"
    assert fault["error"][0]["code"] == "3200"
    assert "errorCode=003200; statusCode=401" in fault["error"][0]["message"]
    assert answer.headers["intuit_tid"]
    books.tokens = books.app.refresh(books.tokens["refresh_token"]).document()
    assert books.call("GET", "customer/1").status == 200


def test_rotation_on_every_refresh_keeps_the_previous_token_for_a_day(books: Books) -> None:
    first = books.tokens["refresh_token"]
    second = books.app.refresh(first).document()["refresh_token"]
    assert second != first
    assert books.app.refresh(first).document()["refresh_token"] == second
    books.control.change_settings("quickbooks", clock_offset_s=86_401)
    late = books.app.refresh(first)
    assert (late.status, late.document()["error"]) == (400, "invalid_grant")
    assert books.app.refresh(second).status == 200


def test_daily_rotation_keeps_the_refresh_token_within_a_day(books: Books) -> None:
    books.control.change_settings("quickbooks", refresh_rotation="daily")
    first = books.tokens["refresh_token"]
    assert books.app.refresh(first).document()["refresh_token"] == first
    books.control.change_settings("quickbooks", clock_offset_s=86_401)
    assert books.app.refresh(first).document()["refresh_token"] != first


def test_the_hard_limit_is_told_when_asked_for(books: Books) -> None:
    answer = send(
        "POST",
        f"{books.app.url}/oauth2/v1/tokens/bearer",
        form={"grant_type": "refresh_token", "refresh_token": books.tokens["refresh_token"]},
        headers={
            "authorization": books.app.basic,
            "x-include-refresh-token-hard-expires-in": "true",
        },
    )
    assert 0 < answer.document()["x_refresh_token_hard_expires_in"] <= 157_680_000


@pytest.mark.parametrize("encoding", ["document", "form"])
@pytest.mark.parametrize("which", ["refresh_token", "access_token"])
def test_revoking_either_token_ends_both(books: Books, encoding: str, which: str) -> None:
    body: Any = {encoding: {"token": books.tokens[which]}}
    headers = {"authorization": books.app.basic}
    answer = send("POST", f"{books.app.url}/v2/oauth2/tokens/revoke", headers=headers, **body)
    assert (answer.status, answer.body) == (200, b"")
    assert books.call("GET", "customer/1").status == 401
    assert books.app.refresh(books.tokens["refresh_token"]).document()["error"] == "invalid_grant"


def test_access_taken_back_refuses_calls_and_refreshes_until_switched_off(books: Books) -> None:
    books.control.fault_on("quickbooks", "access_revoked")
    assert books.call("GET", "customer/1").status == 401
    assert books.app.refresh(books.tokens["refresh_token"]).document()["error"] == "invalid_grant"
    books.control.fault_off("quickbooks", "access_revoked")
    assert books.call("GET", "customer/1").status == 200


def test_a_token_is_bound_to_its_company(books: Books) -> None:
    books.realm = books.app.settings["realm_ids"][1]
    answer = books.call("GET", "customer/1")
    assert (answer.status, answer.document()["fault"]["error"][0]["code"]) == (403, "3100")


def test_userinfo_names_a_person(books: Books) -> None:
    headers = {"authorization": f"Bearer {books.tokens['access_token']}"}
    document = send("GET", f"{books.app.url}/v1/openid_connect/userinfo", headers=headers)
    assert document.document()["email"]


# --- entities


def test_a_created_customer_has_what_the_server_fills(books: Books) -> None:
    made = books.write(
        "Customer",
        {
            "GivenName": "Zoë",
            "FamilyName": "O'Hara",
            "PrimaryEmailAddr": {"Address": "zoe@x.example"},
            "Balance": 999,
            "Id": "",
            "sparse": False,
            "domain": "QBO",
            "MetaData": {},
        },
    )
    assert made["DisplayName"] == made["FullyQualifiedName"] == "Zoë O'Hara"
    assert (made["SyncToken"], made["Active"], made["Balance"]) == ("0", True, 0)
    assert made["domain"] == "QBO" and made["sparse"] is False
    assert isinstance(made["Id"], str)
    assert datetime.fromisoformat(made["MetaData"]["CreateTime"]).tzinfo
    assert books.read("Customer", made["Id"]) == made


@pytest.mark.parametrize("entity", ["Customer", "Vendor"])
@pytest.mark.parametrize("name", ["Harbor Lane Bakery", "harbor lane BAKERY", "Stoneware Works"])
def test_a_display_name_is_unique_over_customers_and_vendors(
    books: Books, entity: str, name: str
) -> None:
    error = books.fault(entity, {"DisplayName": name})
    assert error["code"] == "6240"
    assert error["Message"] == "Duplicate Name Exists Error"


def test_the_name_of_an_inactive_customer_stays_taken(books: Books) -> None:
    assert books.fault("Customer", {"DisplayName": "closed kiosk"})["code"] == "6240"


def test_of_two_parallel_creates_of_one_name_exactly_one_wins(books: Books) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda _: books.call("POST", "customer", {"DisplayName": "Twin"}).status, range(8)
            )
        )
    assert Counter(answers) == {200: 1, 400: 7}


@pytest.mark.parametrize(
    ("entity", "document", "code"),
    [
        ("Customer", {}, "2020"),
        ("Customer", {"DisplayName": "a:b"}, "6000"),
        ("Customer", {"DisplayName": "x" * 501}, "2050"),
        ("Customer", {"DisplayName": {"a": 1}}, "2010"),
        ("Customer", {"DisplayName": "x", "PrimaryEmailAddr": {"Address": "nobody"}}, "2210"),
        ("Customer", {"DisplayName": "x", "PreferredDeliveryMethod": "Pigeon"}, "2170"),
        ("Customer", {"DisplayName": "x", "SalesTermRef": {"value": "77"}}, "2500"),
        ("Item", {"Name": "x", "Type": "Service"}, "2020"),
        ("Item", {"Name": "red MUG", "Type": "Category"}, "6240"),
        ("Item", {"Name": "x", "Type": "Inventory", "IncomeAccountRef": {"value": "79"}}, "2020"),
        ("Item", {"Name": "x", "IncomeAccountRef": {"value": "5"}}, "2500"),
        ("Item", {"Name": "x", "IncomeAccountRef": {"value": "79"}, "UnitPrice": "free"}, "2040"),
        ("Item", {"Name": "x", "IncomeAccountRef": {"value": "79"}, "QtyOnHand": 3}, "2010"),
        ("Account", {"Name": "New"}, "2020"),
        ("Account", {"Name": "New", "AccountType": "Piggy bank"}, "2170"),
        ("TaxCode", {"Name": "New"}, "500"),
        ("Customer", {"Id": "999", "SyncToken": "0", "DisplayName": "x"}, "610"),
    ],
)
def test_refused_writes_carry_the_vendors_codes(
    books: Books, entity: str, document: Any, code: str
) -> None:
    assert books.fault(entity, document)["code"] == code


def test_several_email_addresses_in_one_field_are_accepted(books: Books) -> None:
    address = "a@x.example, b@x.example"
    made = books.write("Customer", {"DisplayName": "Two", "PrimaryEmailAddr": {"Address": address}})
    assert made["PrimaryEmailAddr"]["Address"] == address


def test_an_unknown_property_is_ignored_unless_the_setting_refuses_it(books: Books) -> None:
    made = books.write("Customer", {"DisplayName": "One", "Favourite": "tea"})
    assert "Favourite" not in made
    books.control.change_settings("quickbooks", unknown_properties="refuse")
    error = books.fault("Customer", {"DisplayName": "Two", "Favourite": "tea"})
    assert error["code"] == "2010" and "Favourite" in error["Detail"]


def test_a_stale_sync_token_is_refused_and_changes_nothing(books: Books) -> None:
    changed = books.write(
        "Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "regular"}
    )
    assert changed["SyncToken"] == "1"
    error = books.fault("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "no"})
    assert error["code"] == "5010"
    assert books.read("Customer", "1")["Notes"] == "regular"


def test_an_update_without_a_sync_token_is_refused(books: Books) -> None:
    assert books.fault("Customer", {"Id": "1", "sparse": True, "Notes": "x"})["code"] == "2020"


def test_a_sparse_update_keeps_and_a_full_update_clears_omitted_fields(books: Books) -> None:
    sparse = books.write(
        "Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "regular"}
    )
    assert sparse["CompanyName"] == "Harbor Lane Bakery LLC"
    full = books.write(
        "Customer", {"Id": "1", "SyncToken": "1", "DisplayName": "Harbor Lane Bakery"}
    )
    assert "CompanyName" not in full and "Notes" not in full
    assert full["MetaData"]["CreateTime"] == sparse["MetaData"]["CreateTime"]


def test_an_empty_text_clears_a_field(books: Books) -> None:
    changed = books.write(
        "Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "CompanyName": ""}
    )
    assert "CompanyName" not in changed


def test_lists_cannot_be_deleted(books: Books) -> None:
    body = {"Id": "1", "SyncToken": "0"}
    assert books.fault("Customer", body, operation="delete")["code"] == "500"


def test_put_and_patch_do_not_exist(books: Books) -> None:
    for method in ("PUT", "PATCH"):
        assert books.call(method, "customer", {"DisplayName": "x"}).status == 400


def test_reading_what_does_not_exist_is_610(books: Books) -> None:
    answer = books.call("GET", "customer/999")
    assert (answer.status, answer.document()["Fault"]["Error"][0]["code"]) == (400, "610")
    assert answer.document()["Fault"]["type"] == "ValidationFault"


def test_mixed_case_entity_names_and_extra_parameters_are_accepted(books: Books) -> None:
    answer = books.call("GET", "CompanyInfo/1", minorversion="75", format="json")
    assert answer.document()["CompanyInfo"]["Country"] == "US"
    assert books.call("GET", "Customer/1").document()["Customer"]["Id"] == "1"
    prefs = books.call("GET", "preferences").document()["Preferences"]
    assert prefs["SalesFormsPrefs"]["CustomTxnNumbers"] is False


# --- invoices


def test_totals_are_computed_and_what_the_client_sends_is_ignored(books: Books) -> None:
    made = books.write(
        "Invoice",
        invoice(
            item_line("19.5", Qty=3, UnitPrice="6.5", TaxCodeRef={"value": "TAX"}),
            item_line(4, ItemRef={"value": "SHIPPING_ITEM_ID"}),
            {
                "DetailType": "DiscountLineDetail",
                "Amount": 2,
                "DiscountLineDetail": {"PercentBased": False},
            },
            TxnTaxDetail={"TotalTax": Decimal("1.61")},
            TotalAmt=1_000_000,
            Balance=0,
        ),
    )
    assert made["TotalAmt"] == made["Balance"] == Decimal("23.11")
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("1.61")
    subtotal = made["Line"][-1]
    assert (subtotal["DetailType"], subtotal["Amount"]) == (
        "SubTotalLineDetail",
        Decimal("23.5"),
    )
    assert [line.get("LineNum") for line in made["Line"]] == [1, 2, 3, None]
    assert made["Line"][0]["SalesItemLineDetail"]["ItemRef"] == {"value": "10", "name": "Red mug"}
    assert made["CustomerRef"]["name"] == "Harbor Lane Bakery"
    assert books.read("Customer", "1")["Balance"] == Decimal("23.11")


@given(
    rows=st.lists(
        st.tuples(
            st.decimals(min_value="0.001", max_value="500", places=5),
            st.decimals(min_value="0.25", max_value="40", places=2),
        ),
        min_size=1,
        max_size=5,
    ),
    percent=st.decimals(min_value=0, max_value=100, places=2),
    tax=st.decimals(min_value=0, max_value=50, places=2),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_invoice_adds_up_to_the_cent(
    books: Books, rows: Any, percent: Decimal, tax: Decimal
) -> None:
    lines = [
        item_line(cents(price * qty), Qty=qty, UnitPrice=price, TaxCodeRef={"value": "TAX"})
        for price, qty in rows
    ]
    discount = {
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": percent},
    }
    made = books.write("Invoice", invoice(*lines, discount, TxnTaxDetail={"TotalTax": tax}))
    subtotal = sum(cents(price * qty) for price, qty in rows)
    assert made["TotalAmt"] == subtotal - cents(subtotal * percent / 100) + tax


def test_the_amount_must_be_quantity_times_price_rounded_half_up(books: Books) -> None:
    price = Decimal("372.215")
    wrong = books.fault("Invoice", invoice(item_line("1861.07", Qty=5, UnitPrice=price)))
    assert wrong["code"] == "6070"
    assert "Supplied value:1,861.07" in wrong["Detail"]
    books.write("Invoice", invoice(item_line("1861.08", Qty=5, UnitPrice=price)))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"CustomerRef": {"value": "1"}}, "2020"),
        ({"CustomerRef": {"value": "1"}, "Line": []}, "2020"),
        ({"Line": [item_line(1)]}, "2020"),
        (invoice(CustomerRef={"value": "999"}), "2500"),
        (invoice(CustomerRef={"value": "4"}), "2500"),
        (invoice(item_line(1, ItemRef={"value": "999"})), "2500"),
        (invoice(item_line(1, ItemRef={"value": "4"})), "2500"),
        (invoice(item_line(1, TaxCodeRef={"value": "2"})), "2500"),
        (invoice(item_line("twelve fifty")), "2040"),
        (invoice(item_line({"value": 1})), "2010"),
        (invoice(item_line(None)), "2020"),
        (invoice(item_line("10.001")), "6000"),
        (invoice(item_line(10, UnitPrice="twelve fifty", Qty=1)), "2040"),
        (invoice({"DetailType": "Mystery", "Amount": 1}), "2170"),
        (invoice(TxnDate="tomorrow"), "2010"),
        (invoice(DocNumber="x" * 22), "2050"),
        (invoice(GlobalTaxCalculation="Sometimes"), "2170"),
    ],
)
def test_a_wrong_invoice_is_refused_with_the_vendors_code_and_leaves_nothing(
    books: Books, document: Any, code: str
) -> None:
    assert books.fault("Invoice", document)["code"] == code
    assert books.control.records("quickbooks", "Invoice")["total"] == 0
    assert books.read("Customer", "1")["Balance"] == 0


def test_shipping_lines_need_the_preference(books: Books) -> None:
    books.control.change_settings("quickbooks", allow_shipping=False)
    line = item_line(4, ItemRef={"value": "SHIPPING_ITEM_ID"})
    assert books.fault("Invoice", invoice(line))["code"] == "2500"


def test_us_tax_comes_from_the_code_of_the_transaction(books: Books) -> None:
    made = books.write(
        "Invoice",
        invoice(
            item_line(100, TaxCodeRef={"value": "TAX"}),
            item_line(50, TaxCodeRef={"value": "NON"}),
            TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}},
        ),
    )
    assert made["TxnTaxDetail"]["TotalTax"] == Decimal("8.25")
    assert [line["Amount"] for line in made["TxnTaxDetail"]["TaxLine"]] == [Decimal("6.25"), 2]
    assert made["TotalAmt"] == Decimal("158.25")


def test_outside_the_us_every_line_needs_a_tax_code(app: App) -> None:
    answer = redirected(
        app.authorise("POST", decision="connect", realm=app.settings["realm_ids"][1])
    )
    uk = Books(app, answer["realmId"], app.exchange(answer["code"]).document())
    assert uk.fault("Invoice", invoice())["code"] == "6000"
    made = uk.write("Invoice", invoice(item_line(100, TaxCodeRef={"value": "2"})))
    assert made["TotalAmt"] == 120
    assert made["CurrencyRef"]["value"] == "GBP"


def test_numbers_are_assigned_unless_custom_numbers_are_on(books: Books) -> None:
    first, second = (books.write("Invoice", invoice())["DocNumber"] for _ in range(2))
    assert int(second) == int(first) + 1
    books.control.change_settings("quickbooks", custom_txn_numbers=True)
    assert "DocNumber" not in books.write("Invoice", invoice())


def test_a_used_number_is_refused_only_when_the_company_warns(books: Books) -> None:
    first = books.write("Invoice", invoice(DocNumber="WEB-1"))
    books.write("Invoice", invoice(DocNumber="WEB-1"))
    books.control.change_settings("quickbooks", warn_duplicate_docnumber=True)
    error = books.fault("Invoice", invoice(DocNumber="WEB-1"))
    assert error["code"] == "6140"
    assert f"TxnId={first['Id']}" in error["Detail"]
    books.write("Invoice", invoice(DocNumber="WEB-1"), include="allowduplicatedocnum")


def test_lines_are_replaced_as_a_whole_also_by_a_sparse_update(books: Books) -> None:
    made = books.write("Invoice", invoice(item_line(10), item_line(20)))
    kept = {**item_line(15), "Id": made["Line"][1]["Id"]}
    changed = books.write(
        "Invoice",
        {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Line": [kept, item_line(1)]},
    )
    assert [line.get("Id") for line in changed["Line"]] == ["2", "3", None]
    assert changed["TotalAmt"] == 16
    assert changed["DocNumber"] == made["DocNumber"]
    assert books.read("Customer", "1")["Balance"] == 16


def test_voiding_keeps_the_record_with_zero_amounts(books: Books) -> None:
    made = books.write("Invoice", invoice(PrivateNote="web order"))
    voided = books.write("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="void")
    assert (voided["TotalAmt"], voided["Balance"]) == (0, 0)
    assert voided["PrivateNote"].startswith("Voided")
    assert books.read("Customer", "1")["Balance"] == 0


def test_deleting_removes_the_record_and_later_writes_say_so(books: Books) -> None:
    made = books.write("Invoice", invoice())
    body = {"Id": made["Id"], "SyncToken": "0"}
    gone = books.write("Invoice", body, operation="delete")
    assert gone == {"status": "Deleted", "domain": "QBO", "Id": made["Id"]}
    assert books.call("GET", f"invoice/{made['Id']}").status == 400
    error = books.fault("Invoice", body, operation="delete")
    assert error["code"] == "610" and "deleted this transaction" in error["Detail"]


def test_records_match_the_published_schemas(books: Books) -> None:
    if not (SCHEMAS / "Invoice.json").exists():
        pytest.skip("the connector's schemas are not there yet")
    for _ in range(3):
        books.write("Invoice", invoice(item_line(10, Qty=2, UnitPrice=5)))
    for entity in ("Invoice", "Customer", "Item"):
        validator = Draft202012Validator(jsonio.loads((SCHEMAS / f"{entity}.json").read_bytes()))
        for record in books.control.records("quickbooks", entity)["items"]:
            problems = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(record)]
            assert not problems, (entity, problems[:3])


# --- payments


def payment(total: Any, invoice_id: str, **more: Any) -> dict[str, Any]:
    line = {"Amount": total, "LinkedTxn": [{"TxnId": invoice_id, "TxnType": "Invoice"}]}
    return {"CustomerRef": {"value": "1"}, "TotalAmt": total, "Line": [line], **more}


def test_a_payment_lowers_the_balance_and_links_both(books: Books) -> None:
    made = books.write("Invoice", invoice(item_line(100)))
    paid = books.write("Payment", payment(60, made["Id"]))
    after = books.read("Invoice", made["Id"])
    assert (after["Balance"], after["SyncToken"]) == (40, "1")
    assert after["LinkedTxn"] == [{"TxnId": paid["Id"], "TxnType": "Payment"}]
    assert paid["UnappliedAmt"] == 0
    assert books.read("Customer", "1")["Balance"] == 40
    books.write("Payment", {"Id": paid["Id"], "SyncToken": "0"}, operation="delete")
    assert books.read("Invoice", made["Id"])["Balance"] == 100
    assert books.read("Invoice", made["Id"])["LinkedTxn"] == []


def test_a_payment_without_lines_is_a_credit(books: Books) -> None:
    made = books.write("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 25})
    assert made["UnappliedAmt"] == 25


def test_wrong_payments_are_refused(books: Books) -> None:
    number = books.write("Invoice", invoice(item_line(100)))["Id"]
    wrong = [
        ({"CustomerRef": {"value": "1"}}, "6000"),
        (payment(100, number, CustomerRef={"value": "2"}), "6000"),
        (payment("100.01", number), "6000"),
        (payment(10, "9999"), "2500"),
        ({"TotalAmt": 5}, "2020"),
    ]
    assert [books.fault("Payment", document)["code"] for document, _ in wrong] == [
        code for _, code in wrong
    ]


def test_a_refused_change_of_a_payment_leaves_everything_as_it_was(books: Books) -> None:
    made = books.write("Invoice", invoice(item_line(100)))
    paid = books.write("Payment", payment(60, made["Id"]))
    wrong = {**payment(500, made["Id"]), "Id": paid["Id"], "SyncToken": "0", "sparse": True}
    for query in ({}, {"requestid": "run-1"}):
        assert books.fault("Payment", wrong, **query)["code"] == "6000"
        assert books.read("Invoice", made["Id"])["Balance"] == 40
        assert books.read("Customer", "1")["Balance"] == 40
    item = {"bId": "b1", "operation": "update", "Payment": wrong}
    books.call("POST", "batch", {"BatchItemRequest": [item]})
    assert books.read("Invoice", made["Id"])["Balance"] == 40


# --- query language


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("select * from Customer where DisplayName = 'ANA SILVA'", ["Ana Silva"]),
        (
            "SELECT * FROM customer WHERE PrimaryEmailAddr = 'ines@harborlane.example'",
            ["Harbor Lane Bakery"],
        ),
        ("select * from Customer where DisplayName like 'C%'", ["Corner Café"]),
        ("select * from Customer where DisplayName LIKE '%bake%'", ["Harbor Lane Bakery"]),
        ("select * from Customer where Id in ('1','3')", ["Harbor Lane Bakery", "Corner Café"]),
        ("select * from Customer where Active = false", ["Closed Kiosk"]),
        (
            "select * from Customer where Active IN (true,false) and Id > '2' orderby Id desc",
            ["Closed Kiosk", "Corner Café"],
        ),
        ("select * from Item where Sku = 'MUG-RED'", ["Red mug"]),
        (
            "select *, Sku from Item where UnitPrice >= '39' and Type = 'NonInventory'",
            ["Teapot, 1 litre"],
        ),
        (
            "select * from Item where UnitPrice < 2.9 and UnitPrice > 2.4 order by UnitPrice",
            ["Cumin (jar)"],
        ),
        ("select * from Term order by DueDays DESC", ["Net 30", "Due on receipt"]),
        ("select * from TaxCode where Name = 'NON'", ["NON"]),
        ("select * from Customer startposition 2 maxresults 1", ["Ana Silva"]),
        ("select * from Customer maxresults 1 startposition 3;", ["Corner Café"]),
        ("select * from Customer where DisplayName = 'nobody'", []),
    ],
)
def test_queries(books: Books, statement: str, expected: list[str]) -> None:
    assert books.names(statement) == expected


def test_a_query_may_be_posted_as_text(books: Books) -> None:
    answer = books.call("POST", "query", body=b"select * from Customer where Id = '2'")
    assert answer.document()["QueryResponse"]["Customer"][0]["DisplayName"] == "Ana Silva"


def test_quotes_are_escaped_with_a_backslash(books: Books) -> None:
    for name in ("O'Brien & Sons", "back\\slash", "50% off+more"):
        books.write("Customer", {"DisplayName": name})
        escaped = name.replace("\\", "\\\\").replace("'", "\\'")
        assert books.names(f"select * from Customer where DisplayName = '{escaped}'") == [name]


def test_an_empty_answer_has_no_entity_key(books: Books) -> None:
    assert books.query("select * from Invoice") == {}


def test_count_and_paging_numbers(books: Books) -> None:
    assert books.query("select count(*) from Customer") == {"totalCount": 3}
    page = books.query("select * from Customer startposition 3 maxresults 10")
    assert (page["startPosition"], page["maxResults"]) == (3, 1)


def test_a_page_has_a_hundred_rows_by_default_and_a_thousand_at_most(books: Books) -> None:
    for number in range(110):
        books.write("Customer", {"DisplayName": f"Customer {number:03d}"})
    assert books.query("select * from Customer")["maxResults"] == 100
    assert books.query("select * from Customer maxresults 1000")["maxResults"] == 113
    answer = books.call("GET", "query", query="select * from Customer maxresults 1001")
    assert answer.document()["Fault"]["Error"][0]["code"] == "4001"


def test_projection_returns_the_listed_fields_marked_sparse(books: Books) -> None:
    row = books.query("select DisplayName from Customer where Id = '2'")["Customer"][0]
    assert row == {"domain": "QBO", "sparse": True, "Id": "2", "DisplayName": "Ana Silva"}


def test_changes_are_found_by_time_with_any_offset(books: Books) -> None:
    changed = books.write("Customer", {"Id": "3", "SyncToken": "0", "sparse": True, "Notes": "x"})
    moment = datetime.fromisoformat(changed["MetaData"]["LastUpdatedTime"])
    name = "MetaData.LastUpdatedTime"
    later = (moment + timedelta(hours=1)).isoformat()
    assert books.names(f"select * from Customer where {name} > '{later}'") == []
    elsewhere = moment.astimezone(moment.tzinfo).isoformat()
    assert "Corner Café" in books.names(f"select * from Customer where {name} >= '{elsewhere}'")
    utc = (moment - moment.utcoffset()).replace(tzinfo=None).isoformat() + "+00:00"
    assert "Corner Café" in books.names(f"select * from Customer where {name} >= '{utc}'")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("select from Customer", "4000"),
        ("select * from Customer where", "4000"),
        ("select * from Customer where Id = 1 or Id = 2", "4000"),
        ("select * from Customer where DisplayName != 'x'", "4000"),
        ("select * from Customer where DisplayName = 'O'Brien'", "4000"),
        ("delete from Customer", "4000"),
        ("select * from Ghost", "4001"),
        ("select * from Customer where Notes = 'x'", "4001"),
        ("select * from Customer orderby Shoe", "4001"),
    ],
)
def test_wrong_statements_are_refused(books: Books, statement: str, code: str) -> None:
    answer = books.call("GET", "query", query=statement)
    assert (answer.status, answer.document()["Fault"]["Error"][0]["code"]) == (400, code)


# --- requestid, lost replies


def test_the_same_requestid_gives_the_stored_answer_and_does_nothing(books: Books) -> None:
    first = books.call("POST", "invoice", invoice(), requestid="run-1")
    again = books.call("POST", "invoice", invoice(item_line(99)), requestid="run-1")
    assert again.body == first.body
    assert books.control.records("quickbooks", "Invoice")["total"] == 1


def test_a_requestid_belongs_to_one_company(app: App, books: Books) -> None:
    answer = redirected(
        app.authorise("POST", decision="connect", realm=app.settings["realm_ids"][1])
    )
    other = Books(app, answer["realmId"], app.exchange(answer["code"]).document())
    for company in (books, other):
        company.write("Customer", {"DisplayName": "Once"}, requestid="run-1")
    assert other.names("select * from Customer where DisplayName = 'Once'") == ["Once"]


def test_one_requestid_in_parallel_is_executed_once(books: Books) -> None:
    barrier = threading.Barrier(6)

    def create(_: int) -> bytes:
        barrier.wait()
        return books.call("POST", "invoice", invoice(), requestid="parallel").body

    with ThreadPoolExecutor(6) as pool:
        bodies = set(pool.map(create, range(6)))
    assert len(bodies) == 1
    assert books.control.records("quickbooks", "Invoice")["total"] == 1


def test_a_lost_reply_is_found_again_with_the_same_requestid(books: Books) -> None:
    books.control.fault_on("quickbooks", "lost_reply", times=1, match="/invoice")
    books.write("Customer", {"DisplayName": "Passes"})
    with pytest.raises(CUT):
        books.call("POST", "invoice", invoice(), requestid="run-1")
    assert books.control.records("quickbooks", "Invoice")["total"] == 1
    found = books.write("Invoice", invoice(), requestid="run-1")
    assert books.read("Invoice", found["Id"])["TotalAmt"] == 10
    assert books.control.records("quickbooks", "Invoice")["total"] == 1


def test_a_forgotten_requestid_is_executed_again(books: Books) -> None:
    books.write("Invoice", invoice(), requestid="run-1")
    books.control.fault_on("quickbooks", "requestid_memory_off")
    books.write("Invoice", invoice(), requestid="run-1")
    assert books.control.records("quickbooks", "Invoice")["total"] == 2


def test_a_requestid_is_remembered_for_a_day(books: Books) -> None:
    books.write("Invoice", invoice(), requestid="run-1")
    books.control.change_settings(
        "quickbooks", clock_offset_s=86_401, access_token_lifetime_s=999_999
    )
    books.tokens = books.app.refresh(books.tokens["refresh_token"]).document()
    books.write("Invoice", invoice(), requestid="run-1")
    assert books.control.records("quickbooks", "Invoice")["total"] == 2


def test_a_refused_request_may_be_corrected_under_the_same_requestid(books: Books) -> None:
    assert books.fault("Invoice", {"Line": []}, requestid="run-1")["code"] == "2020"
    assert books.write("Invoice", invoice(), requestid="run-1")["TotalAmt"] == 10


def test_a_refusal_is_replayed_too_when_the_setting_says_so(books: Books) -> None:
    books.control.change_settings("quickbooks", requestid_replays_failures=True)
    assert books.fault("Invoice", {"Line": []}, requestid="run-1")["code"] == "2020"
    assert books.fault("Invoice", invoice(), requestid="run-1")["code"] == "2020"


def test_a_requestid_has_at_most_fifty_characters(books: Books) -> None:
    books.write("Customer", {"DisplayName": "Fifty"}, requestid="x" * 50)
    assert books.fault("Customer", {"DisplayName": "More"}, requestid="x" * 51)["code"] == "2050"


# --- batch, change data capture, limits, faults


def test_a_batch_answers_each_item_by_its_id_and_each_stands_alone(books: Books) -> None:
    items = [
        {"bId": "b1", "operation": "create", "Customer": {"DisplayName": "Batch One"}},
        {"bId": "b2", "operation": "create", "Customer": {"DisplayName": "batch one"}},
        {"bId": "b3", "operation": "create", "Invoice": invoice()},
        {"bId": "b4", "Query": "select count(*) from Customer"},
    ]
    answer = books.call("POST", "batch", {"BatchItemRequest": items}, requestid="batch-1")
    found = {item["bId"]: item for item in answer.document()["BatchItemResponse"]}
    assert found["b1"]["Customer"]["DisplayName"] == "Batch One"
    assert found["b2"]["Fault"]["Error"][0]["code"] == "6240"
    assert found["b3"]["Invoice"]["TotalAmt"] == 10
    assert found["b4"]["QueryResponse"]["totalCount"] == 4
    again = books.call("POST", "batch", {"BatchItemRequest": items}, requestid="batch-1")
    assert again.body == answer.body


def test_a_batch_of_more_than_thirty_is_refused(books: Books) -> None:
    items = [{"bId": str(n), "Query": "select * from Term"} for n in range(31)]
    assert books.call("POST", "batch", {"BatchItemRequest": items}).status == 400
    assert books.call("POST", "batch", {"BatchItemRequest": items[:30]}).status == 200


def test_change_data_capture_tells_changes_and_deletions(books: Books) -> None:
    kept, gone = (books.write("Invoice", invoice()) for _ in range(2))
    since = gone["MetaData"]["CreateTime"]
    books.write("Invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    answer = books.call("GET", "cdc", entities="Invoice,Payment", changedSince=since)
    invoices, payments = answer.document()["CDCResponse"][0]["QueryResponse"]
    found = {record["Id"]: record for record in invoices["Invoice"]}
    assert found[kept["Id"]]["TotalAmt"] == 10
    assert found[gone["Id"]]["status"] == "Deleted"
    assert payments == {}
    too_old = (datetime.fromisoformat(since) - timedelta(days=31)).isoformat()
    assert books.call("GET", "cdc", entities="Invoice", changedSince=too_old).status == 400


def test_more_calls_than_the_limit_are_throttled_without_retry_after(books: Books) -> None:
    books.control.change_settings("quickbooks", calls_per_minute=3)
    answers = [books.call("GET", "customer/1") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert "retry-after" not in answers[3].headers
    error = answers[3].document()["fault"]["error"][0]
    assert error["code"] == "3001" and "ThrottleExceeded" in error["message"]
    books.control.change_settings("quickbooks", clock_offset_s=61)
    assert books.call("GET", "customer/1").status == 200


@pytest.mark.parametrize(
    ("fault", "status", "case", "code"),
    [
        ("rate_limited", 429, "fault", "3001"),
        ("token_expired", 401, "fault", "3200"),
        ("server_error", 500, "Fault", "10000"),
        ("unavailable", 503, "Fault", "10000"),
    ],
)
def test_faults_speak_with_the_vendors_envelopes(
    books: Books, fault: str, status: int, case: str, code: str
) -> None:
    books.control.fault_on("quickbooks", fault, times=1)
    answer = books.call("POST", "customer", {"DisplayName": "Never"})
    assert answer.status == status
    errors = answer.document()[case]
    assert (errors.get("error") or errors["Error"])[0]["code"] == code
    assert answer.headers["intuit_tid"]
    assert books.names("select * from Customer where DisplayName = 'Never'") == []


def test_a_reset_empties_the_books_but_nobody_has_to_connect_again(books: Books) -> None:
    first = books.write("Invoice", invoice(), requestid="run-1")
    books.control.reset("quickbooks")
    assert books.query("select * from Invoice") == {}
    assert books.app.refresh(books.tokens["refresh_token"]).status == 200
    second = books.write("Invoice", invoice(), requestid="run-1")
    assert int(second["Id"]) > int(first["Id"])


# --- webhooks


@pytest.mark.parametrize("form", ["legacy", "cloudevents"])
def test_changes_are_announced_with_the_verifiers_signature(books: Books, form: str) -> None:
    with receiving() as receiver:
        books.control.change_settings(
            "quickbooks", webhooks=[{"url": receiver.url}], webhook_format=form
        )
        made = books.write("Customer", {"DisplayName": "Heard"})
        request = receiver.wait_for(1)[0]
    verifier = books.app.settings["verifier_token"]
    digest = hmac.new(verifier.encode(), request.body, hashlib.sha256).digest()
    assert request.headers["intuit-signature"] == base64.b64encode(digest).decode()
    document = request.document()
    if form == "legacy":
        notification = document["eventNotifications"][0]
        entity = notification["dataChangeEvent"]["entities"][0]
        assert notification["realmId"] == books.realm
        assert (entity["name"], entity["id"], entity["operation"]) == (
            "Customer",
            made["Id"],
            "Create",
        )
    else:
        assert document[0]["type"] == "qbo.customer.created.v1"
        assert document[0]["intuitentityid"] == made["Id"]
        assert document[0]["intuitaccountid"] == books.realm


def test_every_seeded_shop_product_but_one_has_an_item(books: Books) -> None:
    products = books.control.records("magento", "product")["items"]
    shop_skus = {p["sku"] for p in products if p["type_id"] != "configurable"}
    items = books.query("select * from Item maxresults 1000")["Item"]
    assert shop_skus - {item.get("Sku") for item in items} == {"TASTING-BOX"}
