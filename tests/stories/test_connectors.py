"""An administrator brings a connector of the workspace's own, connects it, and takes it away."""

from __future__ import annotations

import re
import secrets

from playwright.sync_api import expect

from tests.stories.office import Desk, Doors

MANIFEST = """\
slug: {slug}
name: {name}
description: Parcels and their labels.
auth:
  kind: api_key
  header: X-Key
  secret: api_key
  fields:
    - {{name: api_key, title: API key, secret: true, required: true}}
base_url: https://parcels.example
operations:
  list_parcels:
    title: List parcels
    kind: action
    effect: read
    entity: parcel
    request: {{method: GET, path: /parcels}}
"""
OPENAPI = """\
openapi: 3.0.3
info: {title: Weather desk}
servers: [{url: https://weather.example}]
paths:
  /forecasts:
    get:
      operationId: listForecasts
      summary: List forecasts
      responses: {"200": {description: All}}
    post:
      operationId: orderForecast
      summary: Order a forecast
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {"201": {description: Made}}
"""


def test_a_manifest_is_mended_uploaded_connected_and_kept_while_it_is_used(desk: Desk) -> None:
    page = desk.page
    name = f"Parcels {secrets.token_hex(3)}"
    text = MANIFEST.format(slug=f"parcels_{secrets.token_hex(3)}", name=name)
    desk.open("connections")
    page.get_by_role("link", name="Connectors", exact=True).click()
    expect(page.get_by_role("table", name="Connectors")).to_contain_text("QuickBooks Online")
    page.get_by_role("link", name="New connector").click()
    editor = page.get_by_role("textbox", name=re.compile("^Manifest"))
    editor.fill(text.replace("method: GET", "method: FETCH"))
    place = page.get_by_role("button", name=re.compile("^Line 17, column"))
    expect(place).to_contain_text("FETCH")
    place.click()
    expect(editor).to_be_focused()
    add = page.get_by_role("button", name="Add connector")
    expect(add).to_be_disabled()
    editor.fill(text)
    expect(page.get_by_text("All is well")).to_be_visible()
    add.click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()

    # It is connected by its API key, which nobody sees again.
    page.get_by_role("link", name="Connect it").click()
    form = page.get_by_role("dialog")
    form.get_by_label("API key").fill("a-key-of-parcels")
    form.get_by_role("button", name="Save and test").click()
    expect(page.get_by_role("heading", name="Settings and secrets")).to_be_visible()
    expect(page.get_by_placeholder("Kept. Type to replace it.")).to_have_value("")
    assert "a-key-of-parcels" not in page.content()

    desk.open("connectors")
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("This workspace")
    expect(row.get_by_role("link", name=name).nth(1)).to_be_visible()
    row.get_by_role("link", name=name).first.click()
    editor.fill(text.replace("List parcels", "List all parcels"))
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.get_by_role("button", name="Look at version 2")).to_be_visible()
    page.get_by_role("button", name="Look at version 1").click()
    expect(page.get_by_text("You see version 1")).to_be_visible()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Delete connector").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("are made with it")


def test_a_connector_is_drafted_from_an_openapi_document(desk: Desk) -> None:
    page = desk.page
    desk.open("connectors/new")
    page.get_by_role("tab", name="Draft from OpenAPI").click()
    page.get_by_label("… or paste it here").fill(OPENAPI)
    page.get_by_role("button", name="Show operations").click()
    expect(page.get_by_text("Weather desk: 2 operations")).to_be_visible()
    page.get_by_role("searchbox", name="Find an operation").fill("list")
    page.get_by_role("checkbox", name="All that are shown").check()
    page.get_by_role("button", name="Draft the manifest").click()
    editor = page.get_by_role("textbox", name=re.compile("^Manifest"))
    expect(editor).to_have_value(re.compile("list_forecasts"))
    assert "order_forecast" not in editor.input_value()
    expect(page.get_by_text("All is well")).to_be_visible()


def test_who_may_not_change_connections_only_looks(doors: Doors) -> None:
    page = doors.desk("vera").page
    page.goto("/w/demo/connectors")
    expect(page.get_by_role("table", name="Connectors")).to_contain_text("QuickBooks Online")
    expect(page.get_by_role("link", name="New connector")).to_have_count(0)
