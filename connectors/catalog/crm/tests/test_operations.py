"""What the practice CRM does beyond what every connector does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors import credentials, facade
from connectors.sandbox_kit.testing import send
from connectors.testing import Bench


@pytest.fixture
def crm(db: None, make: Callable[[str], Bench]) -> Bench:
    return make("crm")


def test_all_pages_are_read_by_the_link_header(crm: Bench) -> None:
    for number in range(60):
        crm.call("create_contact", None, email=f"p{number}@shop.example")
    reply = crm.call("list_contacts", limit=1000)
    assert len({contact["id"] for contact in reply.output["items"]}) == 63
    assert len(reply.exchanges) == 2


def test_an_e_mail_that_is_taken_is_refused_in_a_sentence(crm: Bench) -> None:
    with pytest.raises(facade.ConnectorError) as caught:
        crm.call("create_contact", None, email="ANA@silva.example")
    assert (caught.value.code, caught.value.field) == ("crm.duplicate", "email")


def test_a_contact_is_found_by_its_e_mail_whatever_the_letter_case(crm: Bench) -> None:
    found = crm.call("find_contact", email=" Ana@Silva.example ").output
    assert found["record"]["name"] == "Ana Silva"
    assert crm.call("find_contact", email="nobody@silva.example").output["found"] is False


def test_a_deal_that_is_won_is_one_event_however_often_it_is_saved(crm: Bench) -> None:
    deal = crm.call("list_deals", stage="open").output["items"][0]
    first = facade.poll(crm.ref, "deal_won", None, inputs={})
    moved = crm.call("move_deal", "key-1", id=deal["id"], stage="won").output
    seen = facade.poll(crm.ref, "deal_won", first.cursor, inputs={}).events
    last = [event for event in seen if event.id == deal["id"]][-1]
    assert (last.revision, last.document["stage"]) == ("won", "won")
    assert moved["closed_on"]


def test_a_person_edits_a_deal_and_its_amount_follows(crm: Bench) -> None:
    deal = crm.records("deal")[0]
    lines = [{"sku": "MUG-RED", "name": "Mug", "quantity": 3, "price": 9.5}]
    kept = crm.control.edit_record("crm", "deal", deal["id"], {**deal, "lines": lines})
    assert (float(kept["amount"]), kept["number"]) == (28.5, deal["number"])


def test_a_change_is_made_once_per_key(crm: Bench) -> None:
    contact = crm.call("list_contacts", limit=1).output["items"][0]
    first = crm.call("update_contact", "key-1", id=contact["id"], phone="+1 555 0100").output
    again = crm.call("update_contact", "key-1", id=contact["id"], phone="+1 555 0100").output
    assert first == again
    assert (first["phone"], first["name"]) == ("+1 555 0100", contact["name"])


def test_a_refresh_token_used_twice_ends_the_grant(crm: Bench) -> None:
    held = credentials.opened(crm.ref).secrets
    form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
    form |= {"client_id": held["client_id"], "client_secret": held["client_secret"]}
    url = f"{crm.control.vendor_url('crm')}/oauth/token"
    fresh = send("POST", url, form=form)
    assert fresh.status == 200
    assert send("POST", url, form=form).document() == {"error": "invalid_grant"}
    form["refresh_token"] = fresh.document()["refresh_token"]
    assert send("POST", url, form=form).status == 400
