"""The table of entities and verbs in the documentation tells the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors import registry
from connectors.catalog.magento.tests import test_pymagento
from connectors.catalog.magento.tests.test_pymagento import CLIENT

ROOT = Path(__file__).resolve().parents[4]
PAGE = ROOT / "docs" / "connectors" / "magento.md"
COLUMNS = ("create", "read", "update", "void", "query", "batch", "event")
TESTS = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted(Path(__file__).parent.glob("test_*.py"))
    if path.name != "test_docs_table.py"
)


def table() -> dict[str, dict[str, str]]:
    rows = PAGE.read_text(encoding="utf-8").split("<!-- verbs -->")[1].split("\n\n")[0]
    found = {}
    for line in rows.strip().splitlines()[2:]:
        entity, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        found[entity] = dict(zip(COLUMNS, cells, strict=True))
    return found


CELLS = [(entity, column, cell) for entity, row in table().items() for column, cell in row.items()]


@pytest.mark.parametrize(("entity", "column", "cell"), CELLS)
def test_each_cell_says_yes_and_names_it_or_says_why_not(
    entity: str, column: str, cell: str
) -> None:
    names = re.findall(r"`(\w+)`", cell)
    if not names:
        assert cell in ("gap", "not at the vendor")
        assert column not in CLIENT.get(entity, {})
        return
    operations = registry.get("magento").manifest.operations
    for name in names:
        operation = operations[name]
        kind = {"read": "read", "query": "read", "event": None}.get(column, "write")
        assert operation.effect == kind, name
        assert (operation.kind == "trigger") == (column == "event")
        assert f'"{name}"' in TESTS, f"no test uses {name}"
    if column != "event" and entity != "any other list":
        assert column in CLIENT[entity], "the published client is not tried for this"
        assert callable(getattr(test_pymagento, CLIENT[entity][column]))


def test_every_operation_that_is_offered_is_in_the_table() -> None:
    named = {name for *_, cell in CELLS for name in re.findall(r"`(\w+)`", cell)}
    offered = {
        name
        for name, operation in registry.get("magento").manifest.operations.items()
        if not operation.hidden
    }
    assert offered - named == set()
