"""The registered functions: their examples, and what they refuse."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from ipaas.mapping import FUNCTIONS, ExpressionFailed, Function, compile_expr
from ipaas.mapping.functions import Example
from ipaas.mapping.functions.lookups import EXAMPLE_RESOURCES
from tests.mapping import functions_table
from tests.mapping.builders import call, const, value

EXAMPLES = [
    pytest.param(fn, example, id=f"{fn.name}-{index}")
    for fn in FUNCTIONS.values()
    for index, example in enumerate(fn.examples)
]


@pytest.mark.parametrize(("fn", "example"), EXAMPLES)
def test_examples_shown_to_people_are_true(fn: Function, example: Example) -> None:
    expr = call(fn.name, *[const(arg) for arg in example.args])
    given = compile_expr(expr)({}, EXAMPLE_RESOURCES)
    assert given == example.result
    assert type(given) is type(example.result)


@pytest.mark.parametrize("fn", FUNCTIONS.values(), ids=lambda fn: fn.name)
def test_every_function_is_described_for_people(fn: Function) -> None:
    assert fn.title and fn.description.endswith(".") and fn.args and fn.examples
    required = [arg.required for arg in fn.args]
    assert required == sorted(required, reverse=True), "optional arguments come last"


CONTRACT = """upper lower trim substring replace split_part pad_left length to_text truncate
number add subtract multiply divide round abs negate sum min max
eq ne gt ge lt le and or not is_empty default in
date datetime add_days format_date
count first last distinct join lookup pluck""".split()


def test_the_functions_promised_to_flows_are_all_there() -> None:
    assert set(CONTRACT) <= set(FUNCTIONS)


def evaluate(name: str, *args: Any) -> Any:
    return value(call(name, *[const(arg) for arg in args]))


def refused(name: str, *args: Any) -> ExpressionFailed:
    """The error of a call whose arguments come from a document."""
    context = {"args": list(args)}
    paths = [{"op": "field", "path": f"args[{i}]"} for i in range(len(args))]
    with pytest.raises(ExpressionFailed) as caught:
        value(call(name, *paths), context)
    return caught.value


@pytest.mark.parametrize(
    ("number", "digits", "rounded"),
    [
        ("1.005", 2, "1.01"),
        ("2.675", 2, "2.68"),
        ("-1.005", 2, "-1.01"),
        ("-0.004", 2, "0.00"),
        ("0.5", 0, "1"),
        ("1234.5", -2, "1200"),
        ("5", 2, "5.00"),
    ],
)
def test_rounding_is_half_up_and_never_gives_a_negative_zero(
    number: str, digits: int, rounded: str
) -> None:
    given = evaluate("round", Decimal(number), digits)
    assert str(given) == rounded


def test_sums_of_cents_are_exact() -> None:
    cents = [Decimal("0.1"), Decimal("0.2"), Decimal("0.3")]
    assert str(evaluate("sum", cents)) == "0.6"
    assert str(evaluate("add", *cents)) == "0.6"
    assert str(evaluate("subtract", Decimal("0.3"), Decimal("0.1"))) == "0.2"
    assert str(evaluate("multiply", Decimal("19.995"), 3)) == "59.985"


def test_numeric_text_takes_part_in_arithmetic_with_all_its_digits() -> None:
    assert str(evaluate("add", "19.995", " 0.005 ")) == "20.000"
    assert evaluate("number", "1e3") == 1000
    assert evaluate("sum", ["1.10", None, 2]) == Decimal("3.10")


def test_arithmetic_on_whole_numbers_gives_whole_numbers() -> None:
    for given in (
        evaluate("add", 1, 2),
        evaluate("divide", 100, 10),
        evaluate("round", Decimal("2.50"), 0),
        evaluate("number", "42"),
    ):
        assert type(given) is int


@pytest.mark.parametrize(
    "text", ["abc", "", "1,234.50", "€5", "1.2.3", "١٢", "0x10", "nan", "inf", "--1", "1e9999", "."]
)
def test_other_text_is_no_number(text: str) -> None:
    assert refused("number", text).failure_code == "mapping.not_a_number"


@pytest.mark.parametrize("other", [True, {"a": 1}, [1, 2]])
def test_conditions_objects_and_lists_are_no_numbers(other: Any) -> None:
    error = refused("negate", other)
    assert "not a number" in error.message


def test_division_by_zero_is_explained() -> None:
    assert refused("divide", 5, 0).failure_code == "mapping.divide_by_zero"


def test_a_sum_or_product_that_would_lose_a_digit_is_an_error() -> None:
    for name, a, b in (
        ("add", Decimal("1e90"), Decimal("1e-20")),
        ("subtract", Decimal("1e90"), Decimal("1e-20")),
        ("multiply", Decimal("1." + "3" * 60), Decimal("1." + "3" * 60)),
    ):
        assert refused(name, a, b).failure_code == "mapping.number_too_long"


def test_division_is_rounded_half_up_to_28_digits() -> None:
    assert str(evaluate("divide", 2, 3)) == "0.6666666666666666666666666667"


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if not FUNCTIONS[name].takes_missing])
def test_a_missing_value_makes_the_result_missing(name: str) -> None:
    fn = FUNCTIONS[name]
    args = [const(None), *[const(arg) for arg in fn.examples[0].args[1 : fn.min_args]]]
    assert value(call(name, *args)) is None


def test_an_optional_argument_that_is_missing_counts_as_not_given() -> None:
    context = {"trigger": {"v": Decimal("1.005")}}
    assert value(call("round", "trigger.v", "trigger.none"), context) == Decimal("1.01")


def test_numbers_and_numeric_texts_compare_as_numbers_but_texts_letter_by_letter() -> None:
    assert evaluate("gt", "10", "9") is True
    assert evaluate("eq", 45, "45.0") is True
    assert evaluate("eq", "007", "7") is False
    assert evaluate("lt", "2024-01-31", "2024-02-01") is True
    assert evaluate("eq", True, 1) is False
    assert evaluate("in", 7, ["5", "7"]) is True
    assert value(call("in", "x", const([Decimal("0.1")])), {"x": 0.1}) is True
    assert value(call("count", call("distinct", "x")), {"x": [0.1, Decimal("0.1")]}) == 1
    assert refused("gt", "abc", 5).failure_code == "mapping.not_comparable"


def test_missing_never_compares_as_more_or_less() -> None:
    for name in ("gt", "ge", "lt", "le"):
        assert evaluate(name, None, 1) is False
    assert evaluate("eq", None, None) is True
    assert evaluate("ne", None, 1) is True


@pytest.mark.parametrize(
    ("given", "truth"),
    [(True, True), (0, False), (1, True), ("0", False), ("no", False), ("Yes", True), ("", False)],
)
def test_conditions_read_the_words_people_use(given: Any, truth: bool) -> None:
    assert evaluate("and", given) is truth


def test_and_or_and_default_do_not_look_at_what_is_not_needed() -> None:
    context = {"trigger": {"zero": 0, "name": "Ana"}}
    broken = call("divide", const(1), "trigger.zero")
    assert value(call("and", const(False), broken), context) is False
    assert value(call("or", const(True), broken), context) is True
    assert value(call("default", "trigger.name", broken), context) == "Ana"


@pytest.mark.parametrize(
    "text", ["2024-02-30", "31.05.2024", "soon", "", "0000-00-00", "2024-05-31T25:00:00", True]
)
def test_what_is_no_date_is_refused(text: Any) -> None:
    assert refused("date", text).failure_code == "mapping.not_a_date"


def test_dates_keep_their_day_and_instants_move_to_utc() -> None:
    assert evaluate("date", "2024-12-31T23:30:00-05:00") == "2024-12-31"
    assert evaluate("datetime", "2024-12-31T23:30:00-05:00") == "2025-01-01T04:30:00Z"
    assert evaluate("datetime", "2024-05-31T14:05:00.250Z") == "2024-05-31T14:05:00.250Z"
    assert evaluate("date", 20240531) == "2024-05-31"


def test_a_pattern_with_unknown_letters_is_refused() -> None:
    assert refused("format_date", "2024-05-31", "QQ").failure_code == "mapping.date_pattern"
    assert evaluate("format_date", "2024-05-31", "yyyy'W'MM") == "2024W05"


def test_a_lookup_without_entry_says_which_key() -> None:
    error = refused("lookup", [{"code": "US"}], "code", "CA", "id")
    assert error.failure_code == "mapping.no_entry"
    assert "no entry for “CA”" in error.message


def test_a_lookup_finds_numbers_by_text_and_fields_in_inner_objects() -> None:
    table = [{"id": {"value": 45}, "name": "Net 30"}]
    assert evaluate("lookup", table, "id.value", "45", "name") == "Net 30"


def test_lists_leave_missing_entries_out() -> None:
    assert evaluate("count", [1, None, 2]) == 2
    assert evaluate("first", [None, "a"]) == "a"
    assert evaluate("join", [None, "a", 1]) == "a, 1"
    assert evaluate("distinct", [1, Decimal("1.0"), "1", True]) == [1, "1", True]


def test_a_function_answers_with_lists_that_a_document_holds_only_once() -> None:
    assert evaluate("count", "single") == 1
    assert evaluate("sum", 5) == 5


def test_the_functions_page_of_the_documentation_is_up_to_date() -> None:
    page = functions_table.PAGE.read_text()
    assert functions_table.page_with_table(page) == page, "python -m tests.mapping.functions_table"
