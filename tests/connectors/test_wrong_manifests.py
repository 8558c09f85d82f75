"""Every wrong manifest is named by line, column and path, with what to do about it."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from connectors.manifest.checking import check_folder, check_source, manifest_schema
from connectors.manifest.load import EVERYTHING
from connectors.manifest.source import Fault, Source
from connectors.registry import CATALOG
from tests.connectors.wrong_manifests import GOOD, WRONG


def faults_of(text: str, hooks: set[str] | None = EVERYTHING) -> list[Fault]:
    return check_source(Source(text), hooks=hooks)


def test_the_manifest_these_tests_spoil_is_right() -> None:
    assert faults_of(GOOD, None) == []


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_manifest_is_named_at_its_place_with_what_to_do(what: str) -> None:
    old, new, line, column, path, words = WRONG[what]
    assert old in GOOD
    found = faults_of(GOOD.replace(old, new, 1))
    assert found, "nothing was found"
    first = next((fault for fault in found if words in f"{fault.message} {fault.hint}"), None)
    assert first is not None, [str(fault) for fault in found]
    assert (first.line, first.column, first.where) == (line, column, path), str(first)
    assert first.message.endswith((".", "?")) and first.hint


def test_parts_that_multiply_themselves_are_refused_before_they_grow() -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "repeats parts" in faults_of("\n".join(layers))[0].message


def test_a_manifest_that_holds_itself_is_refused() -> None:
    assert "repeats parts" in faults_of("a: &a {b: *a}")[0].message


def test_a_huge_manifest_is_refused_unread() -> None:
    assert "512 kB" in faults_of("#" * 600_000)[0].message


def test_python_objects_in_yaml_are_refused() -> None:
    found = faults_of("slug: !!python/object/apply:os.system [true]")
    assert found and found[0].line == 1


def test_a_manifest_without_code_may_name_no_hook() -> None:
    text = GOOD.replace("test: {", "error_reader: read_error\ntest: {")
    assert "there is none" in faults_of(text, None)[0].message


def acme(tmp_path: Path, text: str = GOOD, **files: str) -> Path:
    folder = tmp_path / "acme"
    (folder / "schemas").mkdir(parents=True)
    (folder / "connector.yaml").write_text(text)
    for name, content in files.items():
        (
            folder / name.replace("__", "/").replace("_py", ".py").replace("_json", ".json")
        ).write_text(content)
    return folder


def test_hooks_are_read_without_running_them(tmp_path: Path) -> None:
    text = GOOD.replace("test: {", "error_reader: read_eror\ntest: {")
    code = "raise SystemExit('ran')\ndef read_error(response): ...\n"
    found = check_folder(acme(tmp_path, text, hooks_py=code))
    assert [f.where for f in found] == ["error_reader"]
    assert "Did you mean “read_error”?" in found[0].hint


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (None, "There is no schema file “Thing.json”"),
        ("{", "not JSON"),
        ('{"type": "objct"}', "not valid"),
        ('{"$ref": "#/$defs/Nothing"}', "refers to"),
        ('{"$ref": "../../secret.json"}', "outside"),
    ],
)
def test_a_schema_that_cannot_be_used_is_named(
    tmp_path: Path, schema: str | None, words: str
) -> None:
    text = GOOD.replace("output: {type: object}", "output: schemas/Thing.json", 1)
    folder = acme(tmp_path, text)
    (tmp_path / "secret.json").write_text("{}")
    if schema is not None:
        (folder / "schemas" / "Thing.json").write_text(schema)
    found = check_folder(folder)
    assert [(f.line, f.where) for f in found] == [(17, "operations/get_thing/output")]
    assert words in found[0].message


def test_folder_and_slug_must_agree(tmp_path: Path) -> None:
    folder = acme(tmp_path, GOOD.replace("slug: acme", "slug: apex"))
    assert "folder is “acme”" in check_folder(folder)[0].message


@pytest.mark.parametrize("slug", sorted(p.parent.name for p in CATALOG.glob("*/connector.yaml")))
def test_every_connector_of_the_catalogue_is_right(slug: str) -> None:
    assert [str(fault) for fault in check_folder(CATALOG / slug)] == []


def test_the_schema_itself_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(manifest_schema())
    assert manifest_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_command_prints_file_line_and_column_and_ends_with_one(tmp_path: Path) -> None:
    folder = acme(tmp_path, GOOD.replace("kind: action", "kind: deed", 1))
    said = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_connector", str(folder), stdout=said)
    assert ended.value.code == 1
    assert "connector.yaml:12:5: operations/get_thing/kind:" in said.getvalue()


def test_the_command_is_content_with_a_right_connector(tmp_path: Path) -> None:
    said: Any = StringIO()
    call_command("check_connector", str(acme(tmp_path)), stdout=said)
    assert said.getvalue() == "acme: all is well.\n"
