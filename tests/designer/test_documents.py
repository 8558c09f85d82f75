"""The shape of flow documents at the door."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from designer.documents import MAX_DOCUMENT_BYTES, FlowTooLarge, MalformedFlow, require_shape
from tests.stories.flows import flow, hand, node, wire


def drawn(**mapping: Any) -> dict[str, Any]:
    rule = {"id": "r1", "target": "name", "expr": {"op": "field", "path": "trigger.name"}}
    step = node("shape", "map", "Shape", 1, mapping={"schema": 1, "rules": [rule], **mapping})
    return flow([hand(name="Rye loaf"), step], wire("hand", "shape"))


def test_a_document_that_was_found_right_is_looked_at_again_once_it_changes() -> None:
    document = drawn()
    require_shape(document)
    require_shape(deepcopy(document))
    document["nodes"][1]["config"]["mapping"]["rules"][0]["target"] = 7
    for _ in range(2):
        with pytest.raises(MalformedFlow, match="nodes/1"):
            require_shape(document)
    document["nodes"][1]["config"]["mapping"]["rules"][0]["target"] = "name"
    require_shape(document)


def test_a_mapping_that_only_the_reader_refuses_is_named() -> None:
    with pytest.raises(MalformedFlow, match="nodes/1/config/mapping"):
        require_shape(drawn(rules="none"))


def test_a_large_document_is_refused_with_its_limit() -> None:
    document = drawn()
    document["nodes"][0]["config"]["sample"] = {"note": "x" * MAX_DOCUMENT_BYTES}
    with pytest.raises(FlowTooLarge, match="2 MB"):
        require_shape(document)
