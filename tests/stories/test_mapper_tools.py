"""What a person does with a mapping as a whole: templates, own fields, papers, large maps."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.kit.accessibility import violations
from tests.kit.waiting import until
from tests.stories.flows import flow, hand, node, wire
from tests.stories.mapping import Mapper, open_mapper
from tests.stories.office import Desk, Doors

TEXT = {"type": "string"}
PLACE = {"City": TEXT, "Zip": TEXT}
LETTER = {
    "title": "Letter",
    "type": "object",
    "properties": {
        "Number": TEXT,
        "Name": TEXT,
        "Address": {
            "title": "Address",
            "type": "object",
            "properties": {"City": TEXT, "Zip": TEXT},
        },
        "Copy": {"title": "Copy", "type": "object", "properties": {"City": TEXT, "Zip": TEXT}},
    },
}
ORDER = {"number": "A-7", "name": "Ana Silva", "city": "Porto", "zip": "4000-001"}


def copies(**fields: str) -> dict[str, Any]:
    return {
        "schema": 1,
        "rules": [
            {
                "id": f"r{number}",
                "target": target.replace("__", "."),
                "expr": {"op": "field", "path": f"trigger.{source}"},
            }
            for number, (target, source) in enumerate(fields.items(), 1)
        ],
    }


def letter(desk: Desk, name: str, **settings: Any) -> str:
    """A flow that writes a letter from an order."""
    config = {"target": {"schema": LETTER}, **settings}
    step = node("letter", "map", "Letter", 1, **config)
    document = flow([hand(**ORDER), step], wire("hand", "letter"))
    return desk.make_flow(f"{name} {secrets.token_hex(3)}", document)


def more(page: Page, entry: str) -> None:
    page.get_by_role("button", name="More about this mapping").click()
    page.get_by_role("menuitem", name=re.compile(f"^{entry}")).click()


def saved_mapping(desk: Desk, flow_id: str) -> dict[str, Any]:
    desk.draft_is("Saved")
    document = desk.read(f"/flows/{flow_id}")["draft"]["document"]
    found: dict[str, Any] = document["nodes"][1]["config"]
    return found


def source_of(config: dict[str, Any], target: str) -> str:
    rule = next(r for r in config["mapping"]["rules"] if r["target"] == target)
    return str(rule["expr"]["path"])


def test_a_template_is_saved_used_improved_and_merged_with_own_changes(desk: Desk) -> None:
    page = desk.page
    name = f"Letters {secrets.token_hex(3)}"
    first = letter(
        desk, "First", mapping=copies(Number="number", Name="name", Address__City="city")
    )
    mapper = open_mapper(desk, first, "Letter")
    more(page, "Save as a template")
    page.get_by_role("dialog").get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Save the template").click()
    expect(page.get_by_role("dialog", name="Save as a template")).to_be_hidden()
    page.get_by_role("button", name="Close", exact=True).click()

    # Another flow starts from it, and changes one rule.
    second = letter(desk, "Second")
    mapper = open_mapper(desk, second, "Letter")
    more(page, "Insert a template")
    page.get_by_role("textbox", name="Search templates").fill(name)
    page.get_by_role("button", name=f"Insert {name}").click()
    expect(mapper.target("Number")).to_contain_text("A-7")
    mapper.target("Name").focus()
    page.keyboard.press("Delete")
    mapper.draw("trigger.number", "Name", shows="A-7")
    mapper.save()
    assert source_of(saved_mapping(desk, second), "Name") == "trigger.number"

    # The template gets better: one rule more, and another name.
    mapper = open_mapper(desk, first, "Letter")
    mapper.draw("trigger.zip", "Address.Zip", shows="4000-001")
    mapper.find("target", "Name")
    mapper.target("Name").focus()
    page.keyboard.press("Delete")
    mapper.draw("trigger.city", "Name", shows="Porto")
    more(page, "Save as a template")
    page.get_by_role("combobox", name="Save", exact=True).select_option(
        label=f"as a new version of “{name}”"
    )
    page.get_by_role("button", name="Save the template").click()
    expect(page.get_by_role("dialog", name="Save as a template")).to_be_hidden()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Discard changes").click()

    # What came new is taken; where both changed, the person's own stays until given up.
    mapper = open_mapper(desk, second, "Letter")
    news = page.get_by_role("region", name="Newer version of the template")
    expect(news).to_contain_text("has a version 2; this mapping was made of version 1")
    more(page, "Templates of this mapping")
    dialog = page.get_by_role("dialog", name="Templates of this mapping")
    expect(dialog).to_contain_text("1 added, 1 in conflict.")
    choice = dialog.get_by_role("radiogroup", name="Which stays for Name")
    expect(choice.get_by_role("radio", name="Keep yours")).to_be_checked()
    choice.get_by_role("radio", name="Take the template's").check()
    dialog.get_by_role("button", name="Take version 2").click()
    expect(mapper.target("Name")).to_contain_text("Porto")
    expect(news).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(mapper.target("Name")).to_contain_text("A-7")
    expect(news).to_be_visible()
    page.keyboard.press("Control+Shift+z")
    expect(news).to_be_hidden()
    mapper.save()
    config = saved_mapping(desk, second)
    assert source_of(config, "Address.Zip") == "trigger.zip"
    assert source_of(config, "Name") == "trigger.city"
    assert [one["version"] for one in config["mapping"]["insertions"]] == [2]


def test_a_part_stands_in_two_records_of_a_filled_mapping_and_each_follows_alone(
    desk: Desk,
) -> None:
    page = desk.page
    name = f"Address {secrets.token_hex(3)}"
    first = letter(desk, "Made", mapping=copies(Address__City="city"))
    mapper = open_mapper(desk, first, "Letter")
    more(page, "Save as a template")
    page.get_by_role("dialog", name="Save as a template").get_by_label("Name").fill(name)
    page.get_by_role("button", name="Save the template").click()
    expect(page.get_by_role("dialog", name="Save as a template")).to_be_hidden()
    page.get_by_role("button", name="Close", exact=True).click()

    # Laid in twice where something is filled already, the second time under another record.
    second = letter(desk, "Filled", mapping=copies(Number="number"))
    mapper = open_mapper(desk, second, "Letter")
    for place in ("Address, as it was made", "Copy"):
        more(page, "Insert a template")
        page.get_by_role("textbox", name="Search templates").fill(name)
        page.get_by_role("button", name=f"Insert {name}").click()
        page.get_by_role("combobox", name="Where it goes").select_option(label=place)
        asked = page.get_by_role("dialog", name=name)
        asked.get_by_role("button", name="Insert", exact=True).click()
        expect(asked).to_be_hidden()
    expect(mapper.target("Copy.City")).to_contain_text("Porto")
    mapper.save()

    # Improved where it was made; here only the second one takes it.
    mapper = open_mapper(desk, first, "Letter")
    mapper.draw("trigger.zip", "Address.Zip", shows="4000-001")
    more(page, "Save as a template")
    page.get_by_role("combobox", name="Save", exact=True).select_option(
        label=f"as a new version of “{name}”"
    )
    page.get_by_role("textbox", name="What it is for").fill("With the postal code.")
    page.get_by_role("button", name="Save the template").click()
    expect(page.get_by_role("dialog", name="Save as a template")).to_be_hidden()
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("button", name="Discard changes").click()
    mapper = open_mapper(desk, second, "Letter")
    news = page.get_by_role("region", name="Newer version of the template")
    expect(news).to_contain_text("2 parts of this mapping")
    news.get_by_role("button", name="See what is new").click()
    dialog = page.get_by_role("dialog", name="Templates of this mapping")
    dialog.get_by_role("combobox", name="Came from").select_option(
        label=f"{name}: Copy, version 1, newest is 2"
    )
    expect(dialog).to_contain_text("With the postal code.")
    expect(dialog.get_by_role("list", name="What changes")).to_contain_text("Copy › Zip")
    dialog.get_by_role("button", name="Take version 2").click()
    expect(mapper.target("Copy.Zip")).to_contain_text("4000-001")
    expect(news).to_contain_text("Address was made of version 1")
    mapper.save()
    config = saved_mapping(desk, second)
    assert {r["target"] for r in config["mapping"]["rules"]} == {
        "Number", "Address.City", "Copy.City", "Copy.Zip",
    }  # fmt: skip
    assert [one["version"] for one in config["mapping"]["insertions"]] == [1, 2]


def test_fields_are_added_to_a_target_that_nothing_describes(desk: Desk) -> None:
    page = desk.page
    step = node("own", "map", "Own document", 1)
    document = flow([hand(lines=[{"sku": "MUG", "qty": 2}], **ORDER), step], wire("hand", "own"))
    flow_id = desk.make_flow(f"Own {secrets.token_hex(3)}", document)
    mapper = open_mapper(desk, flow_id, "Own document")
    mapper.targets.get_by_role("button", name=re.compile("^Add a field to")).click()
    form = page.get_by_role("form", name="A field of your own")
    for name, kind in (
        ("order.number", "text"),
        ("order.lines[].sku", "text"),
        ("total", "number"),
    ):
        form.get_by_role("textbox", name="Name").fill(name)
        form.get_by_role("combobox", name="Type").select_option(kind)
        form.get_by_role("button", name="Add field").click()
        expect(mapper.target(name)).to_be_visible()
    form.get_by_role("textbox", name="Name").fill("total")
    form.get_by_role("button", name="Add field").click()
    expect(form).to_contain_text("There is a field of this name already.")
    form.get_by_role("button", name="Done").click()

    mapper.draw("trigger.number", "order.number", shows="A-7")
    mapper.draw("trigger.lines[].sku", "order.lines[].sku", shows="MUG")
    mapper.find("target", "")
    mapper.target("total").focus()
    page.keyboard.press("Delete")
    expect(mapper.target("total")).to_be_hidden()
    mapper.save()
    config = saved_mapping(desk, flow_id)
    assert [f["path"] for f in config["mapping"]["own_fields"]] == [
        "order.number",
        "order.lines[].sku",
    ]
    shape = config["target"]["schema"]["properties"]
    assert list(shape) == ["order"]
    mapper = open_mapper(desk, flow_id, "Own document")
    expect(mapper.target("order.number")).to_contain_text("A-7")
    expect(mapper.details.get_by_role("tab", name="Problems")).to_have_text("Problems")


def test_rules_are_copied_from_one_window_to_another(desk: Desk) -> None:
    page = desk.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    first = letter(desk, "Copied", mapping=copies(Address__City="city", Address__Zip="zip"))
    second = letter(desk, "Pasted")
    mapper = open_mapper(desk, first, "Letter")
    mapper.target("Address").focus()
    page.keyboard.press("ControlOrMeta+c")
    expect(page.get_by_role("status").filter(has_text="2 rules copied")).to_be_attached()

    window = page.context.new_page()
    try:
        other = Desk(window)
        pasted = open_mapper(other, second, "Letter")
        pasted.target("Copy").focus()
        window.keyboard.press("ControlOrMeta+v")
        expect(pasted.target("Copy.City")).to_contain_text("Porto")
        pasted.save()
        config = saved_mapping(other, second)
        assert source_of(config, "Copy.Zip") == "trigger.zip"
    finally:
        window.close()


def test_a_new_schema_says_what_it_breaks_before_it_is_taken(desk: Desk) -> None:
    page = desk.page
    flow_id = letter(desk, "Schema", mapping=copies(Number="number", Name="name"))
    desk.open(f"flows/{flow_id}")
    desk.node("Letter").click()
    desk.settings.get_by_role("button", name="Replace the schema").click()
    dialog = page.get_by_role("dialog", name="A shape of your own")
    dialog.get_by_role("textbox").fill('{"Number": "A-7", "Town": "Porto"}')
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog).to_contain_text("The new schema touches rules of this mapping")
    expect(dialog).to_contain_text("Name")
    dialog.get_by_role("button", name="Use it anyway").click()
    expect(dialog).to_be_hidden()
    desk.draft_is("Saved")
    # Nothing is lost: the rule of the field that is gone stays, and says so.
    mapper = open_mapper(desk, flow_id, "Letter")
    expect(mapper.target("Name")).to_contain_text("Not in the schema")
    expect(mapper.target("Town")).to_be_visible()


def height(row: Locator) -> float:
    """Of a row, in pixels."""
    box = row.bounding_box()
    return box["height"] if box else float("inf")


def test_focus_zoom_and_parts_leave_what_a_person_works_on(desk: Desk) -> None:
    page = desk.page
    flow_id = letter(desk, "Large", mapping=copies(Number="number", Address__City="city"))
    mapper = open_mapper(desk, flow_id, "Letter")
    expect(mapper.target("Name")).to_be_visible()
    more(page, "Focus")
    expect(mapper.target("Name")).to_be_hidden()
    expect(mapper.target("Address.City")).to_be_visible()
    expect(mapper.source("trigger.zip")).to_be_hidden()
    more(page, "Focus")
    expect(mapper.target("Name")).to_be_visible()

    part = page.get_by_role("combobox", name="Part of the map")
    part.select_option(label="Address (1)")
    expect(mapper.target("Address.Zip")).to_be_visible()
    expect(mapper.target("Number")).to_be_hidden()
    part.select_option(label="Whole map")
    expect(mapper.target("Number")).to_be_visible()

    tall = height(mapper.target("Number"))
    page.get_by_role("button", name="Smaller").click()
    expect(page.get_by_label("Size of the map")).to_have_text("83%")
    until(lambda: height(mapper.target("Number")) < tall, what="rows are lower")
    # A folded group shows its lines as one, with their number.
    mapper.draw("trigger.zip", "Address.Zip", shows="4000-001")
    mapper.find("target", "")
    mapper.targets.get_by_role("button", name="Collapse Address").click()
    expect(mapper.target("Address.City")).to_be_hidden()
    page.get_by_title(re.compile("^2 lines into this folded group")).click()
    expect(mapper.target("Address.City")).to_be_visible()

    # Whatever the size, a line is drawn where the pointer is.
    mapper.draw("trigger.zip", "Copy.Zip", shows="4000-001")
    page.get_by_role("button", name="Larger").click()


def test_what_is_on_the_screen_is_put_on_paper(desk: Desk, tmp_path: Path) -> None:
    page = desk.page
    flow_id = letter(desk, "Paper", mapping=copies(Number="number"))
    mapper = open_mapper(desk, flow_id, "Letter")
    mapper.draw("trigger.name", "Name", shows="Ana Silva")  # not saved
    for entry, begins in (("Download as a PDF", b"%PDF-"), ("Download as a spreadsheet", b"PK")):
        with page.expect_download() as waiting:
            more(page, entry)
        target = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(target)
        assert target.read_bytes().startswith(begins)
    with page.expect_download() as waiting:
        more(page, "Download as CSV")
    waiting.value.save_as(tmp_path / "mapping.csv")
    assert "Ana Silva" in (tmp_path / "mapping.csv").read_text()


def test_a_refused_proposal_is_refused_for_everybody_until_asked_again(desk: Desk) -> None:
    page = desk.page
    flow_id = letter(desk, "Refused")

    def proposals() -> Mapper:
        mapper = open_mapper(desk, flow_id, "Letter")
        mapper.details.get_by_role("tab", name=re.compile("^Suggestions")).click()
        return mapper

    mapper = proposals()
    mapper.details.get_by_role("button", name="Refuse the suggestion for Number").click()
    again = mapper.details.get_by_role("button", name="Propose 1 refused one again")
    expect(again).to_be_visible()
    # It is gone from the screen at once; everybody else knows a moment later.
    path = f"/flows/{flow_id}/mapping-refusals?node_id=letter&mapping_name=mapping"
    until(lambda: len(desk.read(path)["pairs"]) == 1, what="the refusal is kept")
    page.evaluate("localStorage.clear()")
    mapper = proposals()
    number = mapper.details.get_by_role("button", name="Accept the suggestion for Number")
    expect(mapper.details.get_by_role("list", name="Suggestions")).to_be_visible()
    expect(number).to_be_hidden()
    mapper.details.get_by_role("button", name="Propose 1 refused one again").click()
    expect(number).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_every_part_of_the_mapper(doors: Doors, scheme: str) -> None:
    desk = doors.desk("demo", color_scheme=scheme)
    page = desk.page
    drawn = copies(Number="number", Name="nowhere", Address__City="city")
    drawn["rules"].append({"id": "r9", "target": "Gone", "expr": {"op": "const", "value": "x"}})
    flow_id = letter(desk, f"Everybody {scheme}", mapping=drawn)
    mapper = open_mapper(desk, flow_id, "Letter")
    found: dict[str, list[str]] = {}

    def look(part: str, *, open_menu: bool = False) -> None:
        # Of an open menu only the colours: its frame is the library's, over the page behind.
        colours = open_menu or scheme == "dark"
        broken = violations(page, only_colours=colours)
        if broken:
            expect(page.locator('[aria-busy="true"]')).to_have_count(0)
            page.wait_for_load_state("networkidle")
            broken = violations(page, only_colours=colours)
        if broken:
            found[part] = broken

    look("map")
    mapper.target("Number").click(position={"x": 90, "y": 12})
    for tab in ("Rule", "Result", "Problems", "Suggestions", "Tests", "Document", "JSONata"):
        mapper.details.get_by_role("tab", name=re.compile(f"^{tab}")).click()
        expect(mapper.details.get_by_role("tabpanel")).to_be_visible()
        look(tab)
    mapper.details.get_by_role("tab", name="Rule").click()
    mapper.details.get_by_role("button", name=re.compile("^Change this block")).first.click()
    look("menu of a block", open_menu=True)
    page.get_by_role("menuitem", name="Put a function around it").click()
    expect(page.get_by_role("textbox", name="Search functions")).to_be_visible()
    look("functions", open_menu=True)
    page.keyboard.press("Escape")
    for name in (
        "Paste or upload a document",
        "More about this mapping",
        "Result beside the target",
    ):
        page.get_by_role("button", name=name).click()
        look(name, open_menu=name.startswith("More"))
        page.keyboard.press("Escape")
    more(page, "Insert a template")
    look("templates")
    assert found == {}
