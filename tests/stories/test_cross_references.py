"""Pairs that a person brought in and got wrong: seen, and undone."""

from __future__ import annotations

import re
import secrets

from playwright.sync_api import expect

from tests.stories.office import Desk

HEADERS = "Entity,Connection A,Id in A,Connection B,Id in B"


def test_a_wrong_import_is_seen_among_the_versions_and_undone(desk: Desk) -> None:
    page = desk.page
    mark = secrets.token_hex(4)
    lines = [f"vendor,magento,{mark}-{n},quickbooks,{n}" for n in range(3)]
    desk.open("references?env=test")
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog", name="Import cross-references")
    with page.expect_file_chooser() as chooser:
        dialog.get_by_role("button", name="CSV or Excel file").click()
    chooser.value.set_files(
        {
            "name": "pairs.csv",
            "mimeType": "text/csv",
            "buffer": "\r\n".join([HEADERS, *lines]).encode(),
        }
    )
    expect(dialog.get_by_role("table", name="Examples")).to_contain_text(f"{mark}-2")
    dialog.get_by_role("button", name="Import").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("searchbox", name="An id, from its beginning").fill(mark)
    expect(page).to_have_url(re.compile(f"q={mark}"))
    pairs = page.get_by_role("table", name="Cross-references")
    expect(pairs.get_by_role("row").filter(has_text=mark)).to_have_count(3)

    page.get_by_role("tab", name="Versions").click()
    newest = page.get_by_role("list", name="Versions").get_by_role("listitem").first
    expect(newest).to_contain_text("3 added")
    newest.get_by_role("button", name="What changed").click()
    expect(newest.get_by_role("table")).to_contain_text(f"{mark}-0")
    before = page.get_by_role("list", name="Versions").get_by_role("listitem").nth(1)
    before.get_by_role("button").last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("table")).to_contain_text("Removed")
    dialog.get_by_role("button", name="Go back").click()
    expect(newest).to_contain_text("3 removed")
    page.get_by_role("tab", name="Pairs").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
