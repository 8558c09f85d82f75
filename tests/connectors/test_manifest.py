"""Manifests: mistakes are named with their line, templates fill exactly, schemas stand alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.manifest import templates
from connectors.manifest.load import ManifestInvalid, load_manifest
from connectors.manifest.schemas import bundle, writable
from connectors.sdk import ConnectorError
from ipaas.core import jsonio

GOOD = """\
slug: acme
name: Acme
description: A vendor of everything.
auth: {kind: none}
base_url: https://acme.example
operations:
  get_thing:
    title: Get a thing
    kind: action
    effect: read
    entity: thing
    input: {type: object, properties: {id: {type: string}}}
    request: {method: GET, path: "/things/{inputs.id}"}
"""


def load(tmp_path: Path, text: str) -> Any:
    (tmp_path / "connector.yaml").write_text(text)
    return load_manifest(tmp_path)


def test_the_smallest_manifest_loads(tmp_path: Path) -> None:
    manifest = load(tmp_path, GOOD)
    assert manifest.operations["get_thing"].request.path == "/things/{inputs.id}"
    assert (manifest.connect_timeout_s, manifest.read_timeout_s) == (5, 60)


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("effect: read", "effect: maybe"), 10, "effect"),
        (("kind: action", "kind: deed"), 9, "kind"),
        (("path: ", "pth: "), 13, "request"),
        (("auth: {kind: none}", "auth: {kind: magic}"), 4, "kind"),
        (("    effect: read\n", ""), 7, "effect"),
        (
            (
                "operations:",
                "test: {operation: nothing}\noperations:",
            ),
            6,
            "There is no action “nothing”",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_line(
    tmp_path: Path, change: tuple[str, str], line: int, words: str
) -> None:
    with pytest.raises(ManifestInvalid) as caught:
        load(tmp_path, GOOD.replace(*change))
    assert f"line {line}:" in caught.value.message
    assert words in caught.value.message


def test_text_that_is_no_yaml_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match="not valid"):
        load(tmp_path, "slug: [acme")


SOURCES = {
    "inputs": {"id": "a/b c", "n": Decimal("10.50"), "yes": True, "none": None, "o": {"x": [1]}},
    "settings": {"store": "default"},
    "account": "123",
}


def test_path_parts_are_encoded_so_that_they_stay_one_part() -> None:
    assert templates.fill_path("/x/{inputs.id}/{account}", SOURCES) == "/x/a%2Fb%20c/123"


@pytest.mark.parametrize("value", [None, "", ".", ".."])
def test_a_path_part_that_is_missing_or_climbs_is_refused(value: Any) -> None:
    with pytest.raises(ConnectorError) as caught:
        templates.fill_path("/x/{inputs.id}", {"inputs": {"id": value}})
    assert (caught.value.field, caught.value.executed) == ("id", "no")


def test_whole_values_keep_their_type_and_missing_ones_go() -> None:
    template = {"a": "$inputs.o", "b": "$inputs.none", "c": "{inputs.n}", "d": ["$inputs.gone", 1]}
    assert templates.fill(template, SOURCES) == {"a": {"x": [1]}, "c": "10.50", "d": [1]}


def test_braces_in_a_value_are_not_filled_again() -> None:
    sources = {"inputs": {"id": "{account}"}, "account": "123"}
    assert templates.fill_text("{inputs.id}", sources) == "{account}"


def test_references_between_files_move_into_one_document(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    files = {
        "Order.json": {
            "$id": "x",
            "properties": {"a": {"$ref": "Address.json"}, "b": {"$ref": "#/$defs/Money"}},
            "$defs": {"Money": {"type": "number"}},
        },
        "Address.json": {
            "properties": {"parent": {"$ref": "Address.json"}, "geo": {"$ref": "#/$defs/Money"}},
            "$defs": {"Money": {"type": "string"}},
        },
    }
    for name, schema in files.items():
        (tmp_path / "schemas" / name).write_bytes(jsonio.dumps(schema))
    schema = bundle("schemas/Order.json", tmp_path)
    assert schema["properties"]["a"] == {"$ref": "#/$defs/Address"}
    assert schema["$defs"]["Money"] == {"type": "number"}
    assert schema["$defs"]["Address_Money"] == {"type": "string"}
    assert schema["$defs"]["Address"]["properties"]["geo"] == {"$ref": "#/$defs/Address_Money"}
    assert "$id" not in schema


def test_a_schema_outside_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    folder.mkdir()
    (tmp_path / "secret.json").write_text("{}")
    with pytest.raises(ValueError, match="outside"):
        bundle("../secret.json", folder)


def test_what_cannot_be_written_is_not_offered_at_any_depth() -> None:
    schema = {
        "required": ["Id", "Name"],
        "properties": {
            "Id": {"type": "string", "readOnly": True},
            "Name": {"type": "string"},
            "SyncToken": {"type": "string"},
            "Lines": {"items": {"properties": {"Id": {"readOnly": True}, "Amount": {}}}},
        },
    }
    result = writable(schema, ("SyncToken",))
    assert list(result["properties"]) == ["Name", "Lines"]
    assert result["required"] == ["Name"]
    assert list(result["properties"]["Lines"]["items"]["properties"]) == ["Amount"]


def test_a_manifest_found_right_before_is_not_checked_again_until_it_changes(
    tmp_path: Path,
) -> None:
    memory = tmp_path / "memory"
    (tmp_path / "connector.yaml").write_text(GOOD)
    first = load_manifest(tmp_path, memory=memory)
    assert load_manifest(tmp_path, memory=memory) == first
    [held] = memory.glob("*.json")
    held.write_bytes(held.read_bytes().replace(b'"Acme"', b'"Apex"'))
    assert load_manifest(tmp_path, memory=memory).name == "Apex", "it was read from memory"
    (tmp_path / "connector.yaml").write_text(GOOD.replace("kind: action", "kind: deed"))
    with pytest.raises(ManifestInvalid):
        load_manifest(tmp_path, memory=memory)
    held.write_bytes(b"{broken")
    (tmp_path / "connector.yaml").write_text(GOOD)
    assert load_manifest(tmp_path, memory=memory) == first
