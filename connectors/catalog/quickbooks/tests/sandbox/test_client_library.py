"""python-quickbooks and intuit-oauth, unchanged but for the base URL, do all verbs of the table."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks
from quickbooks.batch import batch_create, batch_delete, batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException, ValidationException
from quickbooks.objects import Attachable, CompanyInfo, Invoice, Preferences, TaxAgency
from quickbooks.objects.base import AttachableRef
from quickbooks.objects.taxservice import TaxService
from quickbooks.objects.trackingclass import Class

from connectors.catalog.quickbooks.tests.sandbox.company import CALLBACK, App, redirected
from connectors.catalog.quickbooks.tests.verbs import ROWS, Body, Row, promised, sold, yes
from connectors.sandbox_kit.testing import send

DEFINED: dict[str, Any] = {"Class": Class}


def class_of(entity: str) -> Any:
    if entity not in DEFINED:
        DEFINED[entity] = getattr(importlib.import_module("quickbooks.objects"), entity)
    return DEFINED[entity]


@pytest.fixture
def auth(app: App, monkeypatch: pytest.MonkeyPatch) -> AuthClient:
    """Authorised the way the library's own guide says, over plain HTTP to this machine."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    client = AuthClient(
        app.settings["client_id"],
        app.settings["client_secret"],
        CALLBACK,
        f"{app.url}/.well-known/openid_sandbox_configuration/",
    )
    address = client.get_authorization_url([Scopes.ACCOUNTING])
    answer = redirected(send("GET", f"{address}&auto_approve=1"))
    assert answer["state"] == client.state_token
    client.get_bearer_token(answer["code"], realm_id=answer["realmId"])
    return client


@pytest.fixture
def client(app: App, auth: AuthClient) -> QuickBooks:
    made = QuickBooks(
        auth_client=auth,
        refresh_token=auth.refresh_token,
        company_id=auth.realm_id,
        minorversion=75,
        verifier_token=app.settings["verifier_token"],
    )
    made.api_url_v3 = f"{app.url}/v3"
    return made


def maker(client: QuickBooks) -> Callable[[str, Body], Body]:
    def make_other(entity: str, body: Body) -> Body:
        return {"Id": class_of(entity).from_json(body).save(qb=client).Id}

    return make_other


def made_by(client: QuickBooks, row: Row, mark: str) -> Any:
    return class_of(row.entity).from_json(row.example(maker(client), mark))


@pytest.mark.parametrize("entity", promised())
def test_the_library_does_every_verb_that_the_page_promises(
    client: QuickBooks, entity: str
) -> None:
    row = next(row for row in ROWS if row.entity == entity)
    if row.has("update"):
        proven = the_library_writes_and_reads(client, row) | the_library_sends_batches(client, row)
    else:
        proven = the_library_reads_a_fixed_list(client, row)
    assert proven == yes(entity), "the page promises these verbs, and no others"


def the_library_writes_and_reads(client: QuickBooks, row: Row) -> set[str]:
    proven = {"create", "read", "update", "query", "event"}
    kind = class_of(row.entity)
    now = client.get(f"{client.api_url}/company/{client.company_id}/companyinfo/1")["time"]
    since = (datetime.fromisoformat(now) - timedelta(seconds=2)).isoformat()
    saved = made_by(client, row, "L-1").save(qb=client, request_id="once")
    again = made_by(client, row, "L-1")
    if row.name not in ("payment", "bill_payment"):  # their examples make another document first
        assert again.save(qb=client, request_id="once").Id == saved.Id
    read = kind.get(saved.Id, qb=client)
    for name, value in row.change.items():
        setattr(read, name, value)
    changed = read.save(qb=client)
    assert {name: getattr(changed, name) for name in row.change} == row.change
    where = f"Id = '{saved.Id}'"
    if not row.has("delete"):
        where += " AND Active IN (true, false)"
    assert [each.Id for each in kind.where(where, qb=client)] == [saved.Id]
    assert kind.count(where, qb=client) == 1
    with pytest.raises(QuickbooksException):
        saved.SyncToken = "0"
        saved.save(qb=client)
    if row.has("void"):
        changed.void(qb=client)
        changed = kind.get(saved.Id, qb=client)
        assert changed.PrivateNote.startswith("Voided")
        proven.add("void")
    if row.has("delete"):
        changed.delete(qb=client)
        with pytest.raises(ObjectNotFoundException):
            kind.get(saved.Id, qb=client)
        proven.add("delete")
    told = getattr(change_data_capture([kind], since, qb=client), row.entity)
    assert saved.Id in [each.Id for each in told]
    return proven


def the_library_sends_batches(client: QuickBooks, row: Row) -> set[str]:
    objects = [made_by(client, row, f"M-{number}") for number in range(2)]
    made = batch_create(objects, qb=client)
    assert (len(made.successes), made.faults) == (2, [])
    for each in made.successes:
        for name, value in row.change.items():
            setattr(each, name, value)
    changed = batch_update(made.successes, qb=client)
    assert len(changed.successes) == 2, [fault.Error[0].Detail for fault in changed.faults]
    if row.has("delete"):
        gone = batch_delete(changed.successes, qb=client)
        assert len(gone.successes) == 2
    return {"batch"}


def the_library_reads_a_fixed_list(client: QuickBooks, row: Row) -> set[str]:
    kind = class_of(row.entity)
    listed = kind.all(qb=client)
    assert listed and kind.get(listed[0].Id, qb=client).Name == listed[0].Name
    assert kind.count(qb=client) == len(listed)
    if not row.has("create"):
        return {"read", "query"}
    made = TaxService.from_json(row.example(maker(client), "L")).save(qb=client)
    assert kind.get(made.TaxCodeId, qb=client).Name == "T L"
    return {"create", "read", "query"}


def test_the_library_reads_agencies(client: QuickBooks) -> None:
    assert [agency.Id for agency in TaxAgency.all(qb=client)] == ["1"]


def test_the_library_uploads_a_file_and_prints_and_mails_an_invoice(client: QuickBooks) -> None:
    invoice = Invoice.from_json({"CustomerRef": {"value": "1"}, "Line": [sold()]}).save(qb=client)
    attachment = Attachable()
    attachment.FileName, attachment.ContentType = "note.txt", "text/plain"
    attachment._FileBytes = b"Handle with care"
    attachment.AttachableRef = [
        AttachableRef.from_json({"EntityRef": {"type": "Invoice", "value": invoice.Id}})
    ]
    attachment.save(qb=client)
    found = Attachable.where("FileName = 'note.txt'", qb=client)
    assert send("GET", found[0].TempDownloadUri).body == b"Handle with care"
    assert invoice.download_pdf(qb=client).startswith(b"%PDF-")
    sent = invoice.send(qb=client, send_to="a+b@x.example")
    assert sent["Invoice"]["BillEmail"]["Address"] == "a+b@x.example"


def test_the_library_reads_the_company_and_its_preferences(client: QuickBooks) -> None:
    assert CompanyInfo.get(client.company_id, qb=client).CompanyName == "Demo Company"
    assert Preferences.get(qb=client).SalesFormsPrefs.AllowShipping is True


def test_the_library_reads_faults(client: QuickBooks) -> None:
    with pytest.raises(ValidationException) as caught:
        Invoice.from_json({"CustomerRef": {"value": "1"}}).save(qb=client)
    assert caught.value.error_code == 2020


def test_the_library_refreshes_and_revokes(auth: AuthClient, client: QuickBooks) -> None:
    before = auth.refresh_token
    auth.refresh()
    assert auth.refresh_token != before
    assert auth.revoke() is True
    with pytest.raises(AuthClientError):
        auth.refresh()
