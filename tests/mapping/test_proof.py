"""The compiled mapping against a plain interpreter, and against JSONata's original engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings

from ipaas.core import jsonio
from ipaas.mapping import (
    MAPPING_SCHEMA,
    compile_mapping,
    parse_mapping,
    to_jsonata,
    write_mapping,
)
from ipaas.mapping.jsonata_engine import compile_jsonata
from ipaas.mapping.structure import arrange
from tests.mapping import node, strategies
from tests.mapping.corpus import BLOCKS, CODE, ORDER
from tests.mapping.reference import Reference
from tests.mapping.shaped import priced_orders, shaped_mappings

SLOW = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def agree(document: dict[str, Any], context: dict[str, Any]) -> None:
    result = compile_mapping(document).apply(context)
    plainly = Reference(document, context)
    output = plainly.output()
    assert {error.rule_id for error in result.errors} == plainly.failed
    assert jsonio.dumps(result.output) == jsonio.dumps(output)
    assert result.output == output


@SLOW
@given(shaped_mappings(), priced_orders)
def test_a_compiled_mapping_gives_what_a_plain_interpreter_gives(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    assume(not arrange(parse_mapping(document)).misplaced)
    agree(document, context)


@SLOW
@given(strategies.moneyless_mappings(), strategies.orders)
def test_a_mapping_without_money_gives_what_a_plain_interpreter_gives(
    document: dict[str, Any], context: dict[str, Any]
) -> None:
    agree(document, context)


@SLOW
@given(shaped_mappings())
def test_what_shapes_rows_is_saved_and_loaded_as_it_was(document: dict[str, Any]) -> None:
    jsonschema.validate(document, MAPPING_SCHEMA)
    parsed = parse_mapping(document)
    saved = jsonio.loads(jsonio.dumps(write_mapping(parsed)))
    assert parse_mapping(saved) == parsed
    assert write_mapping(parse_mapping(saved)) == saved


@pytest.fixture(scope="module")
def original() -> Iterator[node.NodeEngine]:
    """JSONata's original engine."""
    if node.missing():
        pytest.skip(node.missing())
    engine = node.NodeEngine()
    yield engine
    engine.close()


def test_the_shown_text_gives_the_same_in_the_original_engine(original: node.NodeEngine) -> None:
    @SLOW
    @given(strategies.moneyless_mappings(), strategies.orders)
    def same(document: dict[str, Any], context: dict[str, Any]) -> None:
        result = compile_mapping(document).apply(context)
        assume(result.ok)
        text = to_jsonata(document)
        assert original.evaluate(text, context) == result.output, text

    @settings(SLOW, max_examples=50)
    @given(shaped_mappings(money=False), priced_orders)
    def same_of_shaped_rows(document: dict[str, Any], context: dict[str, Any]) -> None:
        result = compile_mapping(document).apply(context)
        assume(result.ok)
        text = to_jsonata(document)
        assert in_doubles(original.evaluate(text, context)) == in_doubles(result.output), text

    same()
    same_of_shaped_rows()


@pytest.mark.parametrize("text", BLOCKS + CODE)
def test_our_engine_reads_the_corpus_as_the_original_does(
    text: str, original: node.NodeEngine
) -> None:
    ours = compile_jsonata(text).evaluate(jsonio.dumps(ORDER).decode())
    assert in_doubles(ours) == in_doubles(original.evaluate(text, ORDER))


def in_doubles(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: in_doubles(item) for key, item in value.items()}
    if isinstance(value, list):
        return [in_doubles(item) for item in value]
    return value if isinstance(value, (str, bool, type(None))) else float(value)
