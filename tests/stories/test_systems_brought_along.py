"""Connectors that others packaged, systems inside the network, and one name in two environments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.connectors.https_server import Authority, https_server
from tests.kit.packages import packaged_connector
from tests.kit.product import start_product
from tests.stories.conftest import watched
from tests.stories.office import Doors

MANIFEST = """\
slug: ion
name: ION gateway
description: Companies behind a gateway inside our network.
auth: {kind: password, file: ionapi, token: {url: "{settings.token_url}"}}
settings:
  - {name: base_url, title: Gateway, required: true, format: url}
  - {name: tenant, title: Tenant}
  - {name: token_url, title: Token address, format: url}
base_url: "{settings.base_url}"
operations:
  list_companies:
    title: List companies
    kind: action
    effect: read
    entity: company
    request: {method: GET, path: /companies}
    output: {type: object}
test: {operation: list_companies, message: "The gateway answers."}
"""
ANSWER = b'{"access_token": "a-token-of-ion", "token_type": "Bearer", "expires_in": 3600}'
SERVICE_SECRET = "a-secret-of-the-service-account"

# They share a product of their own: whoever plays one plays all.
pytestmark = pytest.mark.xdist_group("brought along")


@pytest.fixture(scope="module")
def _brought(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("brought")
    env = {
        "PYTHONPATH": str(packaged_connector("acme", folder)),
        "CAUSEWAY_ON_PREMISE_NETWORKS": "127.0.0.0/8",
    }
    product = start_product(folder / "data", env)
    try:
        yield Doors(browser, product)
    finally:
        product.stop()


@pytest.fixture
def doors(_brought: Doors, request: pytest.FixtureRequest) -> Iterator[Doors]:
    yield from watched(_brought, request)


def test_a_packaged_connector_waits_for_an_administrator_and_is_kept_while_it_is_used(
    doors: Doors,
) -> None:
    desk = doors.desk()
    page = desk.page
    desk.open("connections?add=any")
    page.get_by_role("searchbox", name="Find a system").fill("acme")
    expect(page.get_by_role("dialog")).to_contain_text("Not enabled")
    desk.open("connectors")
    row = page.get_by_role("row").filter(has_text="causeway-acme")
    expect(row).to_contain_text("Not enabled")
    row.get_by_role("button", name=re.compile("^Enable")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("causeway-acme")
    dialog.get_by_role("button", name="Enable it").click()
    expect(row).to_contain_text("Ready")

    desk.open("connections?add=acme")
    form = page.get_by_role("dialog")
    form.get_by_role("textbox", name="Name").fill("Acme orders")
    form.get_by_role("button", name=re.compile("^Save")).click()
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("It works")).to_be_visible()

    desk.open("connectors")
    row.get_by_role("button", name=re.compile("^Switch off|^Disable")).click()
    expect(page.get_by_role("alert")).to_contain_text("Acme orders")
    expect(row).to_contain_text("Ready")


def test_a_gateway_in_the_network_is_connected_by_the_file_its_operator_made(
    doors: Doors, tmp_path: Path
) -> None:
    desk = doors.desk()
    page = desk.page
    authority = Authority()
    with https_server(authority, "127.0.0.1", tmp_path, body=ANSWER) as port:
        told = desk.api("POST", "/own-connectors", {"manifest": MANIFEST})
        assert told.ok, told.text()
        file = {
            "ti": "ACME_TST", "cn": "causeway", "ci": "ACME_TST~q1", "cs": "a-client-secret",
            "iu": f"https://127.0.0.1:{port}", "pu": f"https://127.0.0.1:{port}/as/",
            "ot": "token.oauth2", "saak": "ACME_TST#abc", "sask": SERVICE_SECRET,
        }  # fmt: skip
        desk.open(f"connections?add={told.json()['slug']}")
        form = page.get_by_role("dialog")
        chosen = form.locator("input[type=file]")
        broken = tmp_path / "wrong.ionapi"
        broken.write_text(json.dumps({**file, "sask": ""}))
        chosen.set_input_files(broken)
        form.get_by_role("button", name="Save and test").click()
        expect(form.get_by_text("The file holds no service account.").first).to_be_visible()
        right = tmp_path / "causeway.ionapi"
        right.write_text(json.dumps(file))
        chosen.set_input_files(right)
        form.get_by_role("button", name="Save and test").click()
        expect(form.get_by_role("alert")).to_contain_text("It does not work")
        form.get_by_role("switch", name=re.compile("inside our network")).check(force=True)
        form.get_by_role("button", name="Save and test").click()
        expect(form.get_by_role("alert")).to_contain_text("certificate")
        form.get_by_label("Certificate authority (PEM)").fill(authority.pem)
        form.get_by_role("button", name="Save and test").click()
        expect(page.get_by_role("heading", level=1, name="ION gateway")).to_be_visible()
        page.get_by_role("button", name="Test", exact=True).click()
        expect(page.get_by_text("The gateway answers.").first).to_be_visible()
        shown = page.content()
        assert SERVICE_SECRET not in shown and "a-token-of-ion" not in shown
        assert SERVICE_SECRET not in desk.api("GET", "/connections").text()


def test_test_and_production_stand_under_one_name(doors: Doors) -> None:
    desk = doors.desk()
    page = desk.page
    desk.open("connections")
    card = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="Magento shop", exact=True)
    )
    card.get_by_role("button", name="Connect Magento shop in Production").click()
    form = page.get_by_role("dialog")
    expect(form.get_by_role("textbox", name="Name")).to_have_value("Magento shop")
    expect(form.get_by_text("Use the built-in sandbox")).to_have_count(0)
    form.get_by_role("textbox", name=re.compile("address|Address")).first.fill(
        "https://shop.example.com"
    )
    form.get_by_label("Access token").fill("a-live-token-of-the-shop")
    form.get_by_role("button", name="Save and test").click()
    page.get_by_role("button", name="Save anyway").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    sides = [
        (each["environment"], each["slug"])
        for place in ("test", "production")
        for each in desk.read(f"/connections?environment={place}")["items"]
        if each["name"] == "Magento shop"
    ]
    assert [place for place, _ in sides] == ["test", "production"]
    assert len({slug for _, slug in sides}) == 1
    desk.open("connections")
    expect(card).to_have_count(1)
    expect(card.get_by_role("link", name="Magento shop, Production")).to_be_visible()
