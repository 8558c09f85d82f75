"""Schemas say what every member is, and which of them are not the vendor's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.testing.documents import members
from ipaas.core import jsonio

FOLDER = Path(__file__).parents[1] / "schemas"
ENTITIES = sorted(path.stem for path in FOLDER.glob("*.json"))
# Members of the schemas that the vendor publishes, by entity.
PUBLISHED: dict[str, list[str]] = jsonio.loads(
    Path(__file__).with_name("published.json").read_bytes()
)


def schema(entity: str) -> Any:
    return jsonio.loads((FOLDER / f"{entity}.json").read_bytes())


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_member_has_a_label_and_says_what_it_is(entity: str) -> None:
    found = dict(members(schema(entity)))
    assert [where for where, spec in found.items() if not spec.get("title")] == []
    assert [where for where, spec in found.items() if not spec.get("description")] == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_what_is_not_from_the_vendor_is_marked(entity: str) -> None:
    document = schema(entity)
    if entity not in PUBLISHED:
        assert document["x-unverified"] is True
        return
    assert "x-unverified" not in document
    published = set(PUBLISHED[entity])
    marked = {where for where, spec in members(document) if spec.get("x-unverified")}
    assert marked == {where for where, _ in members(document)} - published


@pytest.mark.parametrize("entity", PUBLISHED)
def test_nothing_that_the_vendor_publishes_is_missing(entity: str) -> None:
    assert set(PUBLISHED[entity]) - {where for where, _ in members(schema(entity))} == set()
