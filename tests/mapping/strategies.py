"""Random documents and mappings for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ipaas.mapping import FUNCTIONS
from tests.mapping.builders import call, concat, const, if_, mapping

NAMES = ("id", "sku", "name", "qty", "price", "items", "taxes", "odd name", "and")
RULE_IDS = ("b1", "b2", "r1", "r2", "r3", "r4", "r5")

decimals = st.decimals(
    min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False
)
texts = st.one_of(
    st.sampled_from(["", " ", "abc", "12", "19.995", "2024-05-31", "true", "no", "Ana  Silva"]),
    st.text(max_size=12),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**15), 10**15), decimals, texts,
    st.floats(allow_nan=False, allow_infinity=False),
)  # fmt: skip
documents = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=25,
)
contexts = st.fixed_dictionaries(
    {"trigger": st.dictionaries(st.sampled_from(NAMES), documents, max_size=6)}
)


def _quoted(name: str) -> str:
    return f"`{name}`" if " " in name else name


segments = st.builds(
    lambda name, suffix: _quoted(name) + suffix,
    st.sampled_from(NAMES),
    st.sampled_from(["", "", "", "[]", "[0]", "[-1]"]),
)
paths = st.builds(lambda parts: ".".join(["trigger", *parts]), st.lists(segments, max_size=4))
fields = paths.map(lambda path: {"op": "field", "path": path})
constants = scalars.map(const)


def _compound(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(
            lambda fn, args: call(fn, *args),
            st.sampled_from(sorted(FUNCTIONS)),
            st.lists(inner, min_size=1, max_size=4),
        ),
        st.builds(
            lambda args, separator: {"op": "concat", "args": args, "separator": separator},
            st.lists(inner, max_size=3),
            st.text(max_size=2),
        ),
        st.builds(
            lambda cond, then, other: {"op": "if", "cond": cond, "then": then, "else": other},
            inner, inner, inner,
        ),
    )  # fmt: skip


expressions = st.recursive(
    st.one_of(fields, fields, constants, st.just({"op": "hole"})), _compound, max_leaves=8
)

targets = st.builds(
    lambda parts: ".".join(parts),
    st.lists(
        st.builds(
            lambda name, block: _quoted(name) + block,
            st.sampled_from(NAMES),
            st.sampled_from(["", "", "", "[b1]", "[b2]", "[r1]"]),
        ),
        max_size=3,
    ),
)


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    """Any mapping, mostly with mistakes in it."""
    rules = []
    for rule_id in draw(st.lists(st.sampled_from(RULE_IDS), unique=True)):
        rule: dict[str, Any] = {"id": rule_id, "target": draw(targets)}
        if rule_id.startswith("b"):
            rule["rows"] = draw(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "each": paths.map(lambda path: path.removesuffix("[]") + "[]"),
                        "where": expressions,
                        "when": expressions,
                    },
                )
            )
        else:
            rule["expr"] = draw(expressions)
            rule["on_missing"] = draw(st.sampled_from(["omit", "null", "fail"]))
            if draw(st.booleans()):
                rule["default"] = draw(constants)
        rules.append(rule)
    return mapping(*rules)


# --- documents of a known shape, without money, for the comparison with JSONata -----------------

plain_texts = st.sampled_from(["", "a", "Bob", " x  y ", "12", "7", "A-1-z", "true", "Zoë"])
small_numbers = st.integers(-1000, 1000)
days = st.sampled_from(
    ["2024-05-31", "2024-02-28 23:05:00", "2023-12-31T10:00:00Z", "2024-01-01T00:30:15+02:00",
     "2024-05-31T14:05:00.250Z", "2024-05-31 14:05"]
)  # fmt: skip


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(strategy, strategy, strategy, st.none())


taxes = st.fixed_dictionaries(
    {}, optional={"code": _maybe(plain_texts), "rate": _maybe(small_numbers)}
)
lines = st.fixed_dictionaries(
    {},
    optional={
        "sku": _maybe(plain_texts),
        "qty": _maybe(small_numbers),
        "free": _maybe(st.booleans()),
        "tags": _maybe(st.lists(_maybe(plain_texts), max_size=3)),
        "taxes": _maybe(st.lists(taxes, max_size=3)),
    },
)
orders = st.fixed_dictionaries(
    {
        "trigger": st.fixed_dictionaries(
            {"items": _maybe(st.lists(lines, min_size=1, max_size=3))},
            optional={
                "id": _maybe(small_numbers),
                "number": _maybe(plain_texts),
                "day": _maybe(days),
                "odd name": _maybe(st.fixed_dictionaries({}, optional={"a": _maybe(plain_texts)})),
                "one": _maybe(lines),
            },
        )
    }
)
OUTER_FIELDS = {
    "text": ["trigger.number", "trigger.`odd name`.a", "trigger.one.sku"],
    "number": ["trigger.id", "trigger.one.qty", "trigger.items[0].qty"],
    "condition": ["trigger.one.free"],
    "date": ["trigger.day"],
    "list": [
        "trigger.items[].sku",
        "trigger.items[].tags[]",
        "trigger.one.tags",
        "trigger.one.tags[]",
    ],
    "numbers": ["trigger.items[].qty", "trigger.items[].taxes[].rate"],
    "objects": ["trigger.items", "trigger.items[].taxes"],
}
ROW_FIELDS = {
    **OUTER_FIELDS,
    "text": [*OUTER_FIELDS["text"], "trigger.items[].sku"],
    "number": [*OUTER_FIELDS["number"], "trigger.items[].qty"],
    "list": [*OUTER_FIELDS["list"], "trigger.items[].tags", "trigger.items[].tags[]"],
    "numbers": ["trigger.items[].taxes[].rate"],
    "objects": ["trigger.items[].taxes"],
}
TAX_FIELDS = {
    **OUTER_FIELDS,
    "text": [*OUTER_FIELDS["text"], "trigger.items[].taxes[].code", "trigger.items[].sku"],
    "number": ["trigger.id", "trigger.items[].taxes[].rate", "trigger.items[].qty"],
    "list": ["trigger.items[].tags[]", "trigger.one.tags"],
    "numbers": ["trigger.items[].taxes[].rate"],
    "objects": ["trigger.items[].taxes"],
}
"""In rows over the taxes of all items: the tax itself and the item around it."""


@st.composite
def typed(
    draw: st.DrawFn, kind: str, places: dict[str, list[str]], depth: int = 2
) -> dict[str, Any]:
    """A well-typed expression over an order, without divisions or rounding."""

    def inner(*kinds: str) -> dict[str, Any]:
        return draw(typed(draw(st.sampled_from(kinds)), places, depth - 1))

    def one(*options: Any) -> Any:
        return draw(st.sampled_from(options))

    if depth == 0 or draw(st.integers(0, 3)) == 0:
        options = [{"op": "field", "path": path} for path in places.get(kind, ())]
        if kind == "text":
            options.append(const(draw(plain_texts)))
        if kind == "number":
            options.append(const(draw(small_numbers)))
        if kind == "date":
            options.append(const("2024-02-29"))
        if kind == "condition":
            options.append(const(draw(st.booleans())))
        return draw(st.sampled_from(options))
    small = const(draw(st.integers(0, 4)))
    pattern = const("dd.MM.yy [HH] 'at' mm:ss MMM d M yyyy")
    match kind:
        case "text":
            made = [
                lambda: call(one("upper", "lower", "trim"), inner("text")),
                lambda: call("substring", inner("text"), const(one(-3, -1, 0, 1, 4)), small),
                lambda: call("replace", inner("text"), const("a"), inner("text")),
                lambda: call("split_part", inner("text"), const("-"), const(one(1, 2, -1))),
                lambda: call("pad_left", inner("text"), small),
                lambda: call("truncate", inner("text"), small),
                lambda: call("to_text", inner("number", "condition")),
                lambda: concat(inner("text"), inner("number"), separator="+"),
                lambda: call("join", inner("list"), const("/")),
                lambda: call("date", inner("date")),
                lambda: call("datetime", inner("date")),
                lambda: call("add_days", inner("date"), inner("number")),
                lambda: call("format_date", inner("date"), pattern),
                lambda: if_(inner("condition"), inner("text"), inner("text")),
                lambda: call(one("first", "last"), inner("list")),
                lambda: call("default", inner("text"), inner("text")),
                lambda: call(
                    "lookup",
                    inner("objects"),
                    const(one("sku", "code")),
                    inner("text"),
                    const(one("sku", "code")),
                    const("?"),
                ),
            ]
        case "number":
            made = [
                lambda: call(one("add", "multiply", "subtract"), inner("number"), inner("number")),
                lambda: call("add", inner("number"), inner("number"), inner("number")),
                lambda: call(one("abs", "negate"), inner("number")),
                lambda: call("round", inner("number"), const(0)),
                lambda: call(one("sum", "min", "max"), inner("numbers")),
                lambda: call("sum", inner("numbers"), inner("number")),
                lambda: call("count", inner("list")),
                lambda: call("length", inner("text")),
                lambda: call("default", inner("number"), inner("number")),
                lambda: if_(inner("condition"), inner("number")),
            ]
        case "condition":
            made = [
                lambda: call(one(*ORDERS), inner("number"), inner("number")),
                lambda: call(one(*ORDERS), inner("text"), inner("text")),
                lambda: call("eq", inner("number"), inner("text")),
                lambda: call(one("and", "or"), inner("condition"), inner("condition")),
                lambda: call("not", inner("condition")),
                lambda: call("is_empty", inner("text", "list", "number")),
                lambda: call("in", inner("text"), inner("list")),
            ]
        case "list":
            made = [
                lambda: call("distinct", inner("list")),
                lambda: call("pluck", inner("objects"), const(one("sku", "code"))),
            ]
        case "numbers":
            made = [lambda: call("pluck", inner("objects"), const(one("qty", "rate")))]
        case _:
            return inner(kind)
    return draw(st.sampled_from(made))()


ORDERS = ("eq", "ne", "gt", "ge", "lt", "le")
KINDS = ("text", "number", "condition", "list")


def value_rule(rule_id: str, target: str, places: dict[str, list[str]]) -> st.SearchStrategy[Any]:
    expr = st.sampled_from(KINDS).flatmap(lambda kind: typed(kind, places))
    default = st.one_of(st.none(), plain_texts.map(const))
    return st.builds(
        lambda expr, on_missing, default: {
            "id": rule_id, "target": target, "expr": expr, "on_missing": on_missing,
            "default": default,
        },
        expr, st.sampled_from(["omit", "omit", "null"]), default,
    )  # fmt: skip


@st.composite
def moneyless_mappings(draw: st.DrawFn) -> dict[str, Any]:
    """A sound mapping of an order that uses no cents."""
    rules = []
    if draw(st.integers(0, 3)) == 0:
        whole = draw(st.sampled_from(["trigger", "trigger.one", "trigger.`odd name`"]))
        rules.append({"id": "w", "target": "", "expr": {"op": "field", "path": whole}})
    for number, target in enumerate(("id", "one.sku", "one.deep.er", "X", "`and`")):
        if draw(st.booleans()):
            rules.append(draw(value_rule(f"v{number}", target, OUTER_FIELDS)))
    if draw(st.booleans()):
        rows: dict[str, Any] = {"each": "trigger.items[]"}
        if draw(st.booleans()):
            rows["where"] = draw(typed("condition", ROW_FIELDS))
        if draw(st.integers(0, 2)) == 0:
            rows["when"] = draw(typed("condition", OUTER_FIELDS))
        rules.append({"id": "b1", "target": "Line", "rows": rows})
        for number, target in enumerate(("A", "B.C")):
            rules.append(draw(value_rule(f"l{number}", f"Line[b1].{target}", ROW_FIELDS)))
        if draw(st.booleans()):
            nested = {"each": "trigger.items[].taxes[]"}
            rules.append({"id": "b2", "target": "Line[b1].Tax", "rows": nested})
            for number, path in enumerate(("taxes[].code", "taxes[].rate", "sku")):
                rules.append(
                    {"id": f"t{number}", "target": f"Line[b1].Tax[b2].T{number}",
                     "expr": {"op": "field", "path": f"trigger.items[].{path}"}}
                )  # fmt: skip
    if draw(st.booleans()):
        when = {"when": draw(typed("condition", OUTER_FIELDS))} if draw(st.booleans()) else {}
        rules.append({"id": "b3", "target": "Line", "rows": when})
        rules.append(draw(value_rule("s", "Line[b3].Ship", OUTER_FIELDS)))
    if draw(st.booleans()):
        rows = {"each": "trigger.items[].taxes[]"}
        if draw(st.booleans()):
            rows["where"] = draw(typed("condition", TAX_FIELDS))
        if draw(st.integers(0, 2)) == 0:
            rows["sort"] = [{"by": {"op": "field", "path": "trigger.items[].qty"}}]
        rules.append({"id": "b5", "target": "Taxes", "rows": rows})
        for number, target in enumerate(("Of", "Tax.Code")):
            rules.append(draw(value_rule(f"f{number}", f"Taxes[b5].{target}", TAX_FIELDS)))
    if draw(st.booleans()):
        rules.append({"id": "b4", "target": "Skus", "rows": {"each": "trigger.items[].tags[]"}})
        rules.append(
            {
                "id": "k",
                "target": "Skus[b4]",
                "expr": {"op": "field", "path": "trigger.items[].tags[]"},
            }
        )
    return mapping(*draw(st.permutations(rules)))
