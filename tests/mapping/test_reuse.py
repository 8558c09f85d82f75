"""Uploaded schemas and changed schemas."""

from __future__ import annotations

import base64
import copy
import io
import time
import zipfile
from typing import Any

import pytest

from ipaas.mapping import MappingInvalid
from ipaas.mapping.schemas.archives import schema_of_archive
from ipaas.mapping.schemas.drift import compare, touched
from ipaas.mapping.schemas.uploads import SchemaInvalid, document_of, schema_of
from tests.mapping.builders import call, const, mapping, rows, rule

XSD = """<?xml version="1.0"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:o">
  <xs:simpleType name="Sku"><xs:restriction base="xs:string"><xs:maxLength value="20"/>
    </xs:restriction></xs:simpleType>
  <xs:complexType name="Line"><xs:sequence>
    <xs:element name="sku" type="Sku"/>
    <xs:element name="qty" type="xs:positiveInteger" minOccurs="0"/></xs:sequence>
    <xs:attribute name="no" type="xs:int" use="required"/></xs:complexType>
  <xs:element name="order"><xs:complexType><xs:sequence>
    <xs:element name="placed" type="xs:date"/>
    <xs:element name="line" type="Line" maxOccurs="unbounded"/>
    <xs:choice><xs:element name="card" type="xs:string"/>
      <xs:element name="invoice" type="xs:boolean"/></xs:choice>
    <xs:element name="total"><xs:complexType><xs:simpleContent>
      <xs:extension base="xs:decimal"><xs:attribute name="currency"/></xs:extension>
    </xs:simpleContent></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""


def test_an_xml_schema_becomes_fields_lists_and_limits() -> None:
    order = schema_of("xsd", XSD)["properties"]["order"]
    assert order["required"] == ["placed", "line", "total"]
    assert order["properties"]["placed"] == {"type": "string", "format": "date"}
    line = order["properties"]["line"]
    assert line["type"] == "array" and line["items"]["required"] == ["sku", "@no"]
    assert line["items"]["properties"]["sku"] == {"type": "string", "maxLength": 20}
    assert set(order["properties"]["total"]["properties"]) == {"#text", "@currency"}


INCLUDING = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:c="urn:c">
  <xs:include schemaLocation="parts.xsd"/>
  <xs:import namespace="urn:c" schemaLocation="common.xsd"/>
  <xs:element name="order"><xs:complexType><xs:sequence>
    <xs:element name="line" type="Line"/><xs:element ref="c:party"/>
  </xs:sequence>%s</xs:complexType></xs:element>
</xs:schema>"""


def test_an_xml_schema_that_needs_other_files_is_refused_with_their_names() -> None:
    with pytest.raises(MappingInvalid) as refused:
        schema_of("xsd", INCLUDING % "")
    assert "Line, c:party" in refused.value.message
    assert "parts.xsd, common.xsd" in refused.value.message
    assert "together" in refused.value.hint


PARTS = """<schema xmlns="http://www.w3.org/2001/XMLSchema">
  <complexType name="Line"><sequence>
    <element name="sku" type="Sku"/><element name="price" type="decimal"/>
  </sequence></complexType>
  <simpleType name="Sku">
    <restriction base="string"><maxLength value="20"/></restriction>
  </simpleType>
</schema>"""
COMMON = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:c" xmlns:u="urn:u"
    targetNamespace="urn:c"><xs:import namespace="urn:u" schemaLocation="deep/units.xsd"/>
  <xs:element name="party" type="AmountType"/>
  <xs:complexType name="AmountType"><xs:simpleContent>
    <xs:extension base="u:AmountType"/>
  </xs:simpleContent></xs:complexType>
</xs:schema>"""
UNITS = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:u">
  <xs:complexType name="AmountType"><xs:simpleContent><xs:extension base="xs:decimal">
    <xs:attribute name="currency" use="required"/>
  </xs:extension></xs:simpleContent></xs:complexType>
</xs:schema>"""


def test_files_that_an_xml_schema_includes_and_imports_are_read_with_it() -> None:
    parts = {"parts.xsd": PARTS, "common.xsd": COMMON, "units.xsd": UNITS}
    order = schema_of("xsd", INCLUDING % "", parts)["properties"]["order"]["properties"]
    line = {"sku": {"type": "string", "maxLength": 20}, "price": {"type": "number"}}
    assert order["line"]["properties"] == line
    # Two types of one name in two namespaces are two types.
    assert order["party"]["properties"] == {
        "#text": {"type": "number"}, "@currency": {"type": "string"},
    }  # fmt: skip


def test_only_the_files_that_are_still_missing_are_named() -> None:
    with pytest.raises(MappingInvalid) as refused:
        schema_of("xsd", INCLUDING % "", {"parts.xsd": PARTS, "common.xsd": COMMON})
    assert "u:AmountType. They stand in deep/units.xsd." in refused.value.message
    with pytest.raises(MappingInvalid, match="notes.xsd is XML, but not an XML Schema"):
        schema_of("xsd", INCLUDING % "", {"notes.xsd": "<a/>"})


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return base64.b64encode(packed.getvalue()).decode()


ALL: dict[str, bytes | str] = {
    "xsd/order.xsd": INCLUDING % "",
    "xsd/parts.xsd": PARTS,
    "xsd/common.xsd": '<?xml version="1.0" encoding="UTF-16"?>'.encode("utf-16")
    + COMMON.encode("utf-16")[2:],
    "xsd/deep/units.xsd": UNITS.encode("utf-8-sig"),
    "readme.txt": "no schema",
}


def test_a_zip_of_an_xml_schema_is_read_as_its_files_are() -> None:
    found = schema_of_archive(zipped(ALL))
    assert found.main == "xsd/order.xsd" and len(found.files) == 4
    parts = {"parts.xsd": PARTS, "common.xsd": COMMON, "units.xsd": UNITS}
    assert found.schema == schema_of("xsd", INCLUDING % "", parts)


def test_of_several_beginnings_a_person_says_which() -> None:
    two = {**ALL, "xsd/other.xsd": XSD}
    with pytest.raises(SchemaInvalid, match="xsd/order.xsd, xsd/other.xsd") as refused:
        schema_of_archive(zipped(two))
    assert refused.value.facts["candidates"] == ["xsd/order.xsd", "xsd/other.xsd"]
    chosen = schema_of_archive(zipped(two), "xsd/other.xsd")
    assert list(chosen.schema["properties"]) == ["order"]
    with pytest.raises(SchemaInvalid, match="holds no nothing.xsd"):
        schema_of_archive(zipped(two), "nothing.xsd")


def encrypted() -> str:
    content = bytearray(base64.b64decode(zipped({"a.xsd": XSD}, zipfile.ZIP_STORED)))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(sign) + at] |= 1
    return base64.b64encode(bytes(content)).decode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("no base64!", "did not arrive whole"),
        (base64.b64encode(b"not a zip").decode(), "not a ZIP"),
        (zipped({"a.txt": "x"}), "no .xsd"),
        (zipped({"bomb.xsd": b" " * 20_000_000}), "when unpacked"),
        (zipped({f"{n}.xsd": "<a/>" for n in range(201)}), "more than 200"),
        (zipped({f"{n}.txt": "" for n in range(2_001)}), "more than 2000"),
        (zipped({"a.xsd": XSD}, zipfile.ZIP_LZMA), "unusual"),
        (encrypted(), "encrypted"),
        (zipped({"a.xsd": b"\xff\xfe\x00"}), "encoding"),
        (zipped({"a.xsd": '<!DOCTYPE x [<!ENTITY a "b">]>' + XSD}), "document type"),
        (zipped({"../../etc/a.xsd": "<a/>"}), "not an XML Schema"),
    ],
    ids=lambda value: value if len(value) < 40 else "",
)
def test_an_archive_that_may_do_harm_or_is_none_is_refused(content: str, reason: str) -> None:
    started = time.process_time()
    with pytest.raises(MappingInvalid, match=reason):
        schema_of_archive(content)
    assert time.process_time() - started < 3


def test_an_import_that_nothing_is_taken_from_does_no_harm() -> None:
    text = INCLUDING.replace('type="Line"', 'type="xs:string"').replace('ref="c:party"', 'name="p"')
    order = schema_of("xsd", text % '<xs:attribute ref="xml:lang"/>')["properties"]["order"]
    assert set(order["properties"]) == {"line", "p", "@lang"}


def test_a_csv_header_and_samples_become_schemas() -> None:
    rows_schema = schema_of("csv", "sku;qty;price\nA;2;1,50\n")
    assert list(rows_schema["items"]["properties"]) == ["sku", "qty", "price"]
    assert document_of("csv", "sku,qty\nA,\n") == [{"sku": "A", "qty": None}]
    assert schema_of("json", '{"a": [{"b": 1}]}')["properties"]["a"]["type"] == "array"
    document = document_of("xml", '<o id="7"><l>a</l><l>b</l></o>')
    assert document == {"o": {"@id": "7", "l": ["a", "b"]}}
    assert schema_of("json_schema", '{"type": "object"}') == {"type": "object"}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("json", "{"),
        ("json_schema", '{"a": 1}'),
        ("xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'),
        ("xml", "<a>" * 500 + "</a>" * 500),
        ("xsd", "<a/>"),
        ("csv", "\n"),
        ("csv", "a,a\n"),
        ("other", ""),
    ],
)
def test_what_is_not_what_it_is_called_is_refused(kind: str, text: str) -> None:
    with pytest.raises(MappingInvalid):
        schema_of(kind, text)


OLD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string", "maxLength": 40},
        "lines": {
            "type": "array",
            "items": {"type": "object", "properties": {"sku": {"type": "string"}}},
        },
    },
}


def changed() -> dict[str, Any]:
    new = copy.deepcopy(OLD)
    new["properties"]["id"] = {"type": "string"}
    new["properties"]["name"]["maxLength"] = 10
    new["properties"]["vat"] = {"type": "string"}
    new["required"] = ["vat"]
    del new["properties"]["lines"]["items"]["properties"]["sku"]
    return new


def test_a_changed_schema_lists_its_changes_and_the_rules_they_touch() -> None:
    changes = compare(OLD, changed())
    assert [(c.kind, c.path) for c in changes] == [
        ("type", "id"), ("narrower", "name"), ("removed", "lines[].sku"), ("required", "vat"),
    ]  # fmt: skip
    assert compare(OLD, OLD) == []
    reads = mapping(
        rule("a", "x", "trigger.id"),
        rows("b", "L", "trigger.lines[]"),
        rule("s", "L[b].s", call("upper", "trigger.lines[].sku")),
        rule("n", "n", "trigger.name"),
    )
    found = touched(reads, changes, "source", "trigger")
    assert [(t.rule_id, t.breaks) for t in found] == [("a", True), ("n", False), ("s", True)]
    fills = mapping(rule("a", "name", const("x")), rule("b", "id", const(1)))
    found = touched(fills, changes, "target")
    assert [(t.rule_id, t.target, t.breaks) for t in found] == [
        ("b", "id", True), ("a", "name", True), (None, "vat", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{\n "a": 1,\n "ü": x\n}', "This is not JSON: line 3, character 7: invalid character."),
        ("[1, 2", "This is not JSON: it ends too early."),
    ],
)
def test_a_text_that_is_no_json_says_where_in_lines_and_characters(text: str, said: str) -> None:
    with pytest.raises(SchemaInvalid) as refused:
        document_of("json", text)
    assert str(refused.value) == said
