"""Random sound mappings that use everything rows, branches and defaults can do."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.mapping.builders import call, const, field, if_, mapping
from tests.mapping.strategies import OUTER_FIELDS, ROW_FIELDS, orders, typed

cents = st.decimals(min_value=-999, max_value=9_999, places=3, allow_nan=False)


codes = st.sampled_from(["A", "B", "B", "", None])
taxes = st.fixed_dictionaries({"code": codes}, optional={"rate": st.integers(0, 3)})
lines = st.fixed_dictionaries(
    {"sku": codes, "qty": st.one_of(st.none(), st.integers(0, 3))},
    optional={
        "price": st.one_of(st.none(), cents, cents.map(str)),
        "free": st.booleans(),
        "tags": st.lists(codes, max_size=3),
        "taxes": st.lists(taxes, max_size=3),
    },
)


def _with_lines(order: dict[str, Any], found: list[Any]) -> dict[str, Any]:
    return {"trigger": {**order["trigger"], "items": found}}


priced_orders = st.builds(_with_lines, orders, st.lists(lines, min_size=2, max_size=5))


def amount(path: str) -> st.SearchStrategy[dict[str, Any]]:
    """An amount worked out of a price."""
    return st.sampled_from(
        [
            field(path),
            call("round", path),
            call("round", call("multiply", path, "trigger.items[].qty"), const(2)),
            call("subtract", call("add", path, const("0.10")), const("0.20")),
            call("divide", path, const(3)),
            call("round_by", path, const(1), const("half_even")),
            call("default", path, const("0.00")),
            call("net_of", path),
            call("more_of", path),
            if_(call("gt", path, const(10)), path, const(0)),
        ]
    )


def no_amount(path: str) -> st.SearchStrategy[dict[str, Any]]:
    """A price that is copied or compared: nothing that doubles get wrong."""
    return st.sampled_from(
        [
            field(path),
            call("default", path, const("none")),
            call("net_of", "trigger.items[].qty"),
            call("more_of", "trigger.items[].qty"),
            call("more_of", "trigger.items[].qty", "trigger.items[].nowhere"),
            call("more_of", "trigger.items[].qty", "trigger.items[].qty"),
            if_(call("gt", path, const(10)), path, const(0)),
        ]
    )


@st.composite
def rows_of_taxes(draw: st.DrawFn, money: bool = True) -> list[dict[str, Any]]:
    """One flat list of the taxes of all lines, which reach their line."""
    sku, code = field("trigger.items[].sku"), field("trigger.items[].taxes[].code")
    how: dict[str, Any] = {"each": "trigger.items[].taxes[]"}
    if draw(st.booleans()):
        how["where"] = call("gt", "trigger.items[].price", const(5))
    if draw(st.booleans()):
        how["number_as"] = "n"
    if draw(st.booleans()):
        how["join"] = [{"with": field("trigger.items"), "as": "other", "left": sku,
                        "right": field("$other.sku"), "many": draw(st.booleans())}]  # fmt: skip
    if draw(st.booleans()):
        how["sort"] = [{"by": field("trigger.items[].price"), "down": draw(st.booleans())}]
    if draw(st.booleans()):
        how["distinct"] = call("join", call("append", sku, code))
    if draw(st.integers(0, 2)) == 0:
        how["last"] = 2
    if draw(st.integers(0, 2)) == 0:
        grouped = {"each": how["each"], "group": sku}
        rest = {"each": "$group.items[]"}
        return [
            {"id": "q", "target": "Per", "rows": grouped},
            {"id": "q1", "target": "Per[q].Key", "expr": field("$group.key")},
            {"id": "q2", "target": "Per[q].Codes", "rows": rest},
            {"id": "q3", "target": "Per[q].Codes[q2].Rate", "expr": field("$group.items[].rate")},
        ]
    return [
        {"id": "u", "target": "Flat", "rows": how},
        {"id": "u1", "target": "Flat[u].Sku", "expr": sku},
        {"id": "u2", "target": "Flat[u].Code", "expr": code},
        {"id": "u3", "target": "Flat[u].Amount", "expr": call(
            "round", call("multiply", "trigger.items[].price", "trigger.items[].taxes[].rate"))
            if money else call("add", "trigger.items[].qty", "trigger.items[].taxes[].rate")},
        {"id": "u4", "target": "Flat[u].Item", "expr": field("trigger.items[]")},
    ]  # fmt: skip


@st.composite
def rows_of_lines(draw: st.DrawFn) -> dict[str, Any]:
    """A rows rule over the lines of an order, shaped in some ways."""
    made: dict[str, Any] = draw(
        st.sampled_from([{"each": "trigger.items[]"}, {"items": field("trigger.items"), "as": "l"}])
    )
    made = dict(made)
    row = {**ROW_FIELDS, "number": ["trigger.id"], "text": ["trigger.number"]}
    if "each" in made:
        row = ROW_FIELDS
        if draw(st.booleans()):
            made["as"] = "l"
    key = field("trigger.items[].sku" if "each" in made else "$l.sku")
    if draw(st.booleans()):
        made["number_as"] = "n"
    if draw(st.booleans()):
        made["running"] = [{"as": "total", "add": field("trigger.items[].qty")}]
        if "each" not in made:
            made["running"][0]["add"] = field("$l.qty")
    if draw(st.booleans()):
        made["join"] = [
            {"with": field("trigger.items[].taxes"), "as": "tax",
             "left": key, "right": field("$tax.code"),
             "many": draw(st.booleans()), "inner": draw(st.booleans())}
        ]  # fmt: skip
    if draw(st.integers(0, 2)) == 2:
        made["where"] = draw(typed("condition", row, 1))
    if draw(st.integers(0, 9)) == 9:
        made["when"] = draw(typed("condition", OUTER_FIELDS, 1))
    if draw(st.integers(0, 3)) == 0:
        made["group"] = key
        made.pop("running", None)
    elif draw(st.booleans()):
        made["sort"] = [{"by": key, "down": draw(st.booleans())}]
    if "group" not in made and draw(st.booleans()):
        made["distinct"] = key
    for name in ("first", "last"):
        if draw(st.integers(0, 4)) == 4:
            made[name] = draw(st.integers(1, 3))
    return made


@st.composite
def shaped_mappings(draw: st.DrawFn, money: bool = True) -> dict[str, Any]:
    """A sound mapping of a priced order; without ``money`` it works nothing out of prices."""
    rules: list[dict[str, Any]] = []
    if draw(st.booleans()):
        summed = "trigger.items[].price" if money else "trigger.items[].qty"
        rules.append({"id": "t", "target": "Total", "expr": call("sum", summed)})
    for number in range(draw(st.integers(0, 3))):
        rule: dict[str, Any] = {
            "id": f"v{number}",
            "target": f"V{number}",
            "expr": draw(typed(draw(st.sampled_from(["text", "number", "list"])), OUTER_FIELDS)),
            "on_missing": draw(st.sampled_from(["omit", "null", "fail"])),
        }
        if draw(st.booleans()):
            rule["branch"] = draw(st.sampled_from(["one", "two", "rest"]))
        if draw(st.booleans()):
            rule["on_null"] = draw(st.sampled_from(["missing", "omit", "null", "fail"]))
        if draw(st.integers(0, 2)) == 0:
            rule["when"] = draw(typed("condition", OUTER_FIELDS, 1))
        if draw(st.integers(0, 2)) == 0:
            rule["default"] = const("none")
        rules.append(rule)
    how = draw(rows_of_lines())
    grouped = "group" in how
    rules.append({"id": "b", "target": "Line", "rows": how})
    if grouped:
        name = how.get("as", "group")
        rules.append({"id": "k", "target": "Line[b].Key", "expr": field(f"${name}.key")})
        rules.append(
            {"id": "c", "target": "Line[b].Count", "expr": call("count", field(f"${name}.items"))}
        )
    else:
        path = "trigger.items[].price" if "each" in how else "$l.price"
        expr = draw(amount(path)) if money else draw(no_amount(path))
        if "each" not in how and not money:
            expr = field("$l.qty")
        rules.append({"id": "a", "target": "Line[b].Amount", "expr": expr})
    if how.get("number_as"):
        rules.append({"id": "n", "target": "Line[b].N", "expr": field("$n")})
    if how.get("running"):
        rules.append({"id": "s", "target": "Line[b].Sofar", "expr": field("$total")})
    if how.get("join") and (money or not grouped):
        rules.append({"id": "j", "target": "Line[b].Rate", "expr": field("$tax.rate")})
    if "each" in how and not grouped and draw(st.booleans()):
        rules.append(
            {"id": "d", "target": "Line[b].Tax", "rows": {"each": "trigger.items[].taxes[]"}}
        )
        rules.append(
            {"id": "e", "target": "Line[b].Tax[d].Code",
             "expr": field("trigger.items[].taxes[].code")}
        )  # fmt: skip
        rules.append(
            {"id": "f", "target": "Line[b].Tax[d].Sku", "expr": field("trigger.items[].sku")}
        )
    if draw(st.booleans()):
        rules += draw(rows_of_taxes(money))
    if draw(st.booleans()):
        rules.append({"id": "w", "target": "Tags", "rows": {"each": "trigger.items[].tags[]"}})
        rules.append({"id": "x", "target": "Tags[w]", "expr": field("trigger.items[].tags[]")})
    return {
        **mapping(*draw(st.permutations(rules))),
        "branches": [
            {"id": "one", "when": draw(typed("condition", OUTER_FIELDS, 1))},
            {"id": "two", "when": draw(typed("condition", OUTER_FIELDS, 1)), "after": "one"},
            {"id": "rest", "after": "two"},
        ],
        "functions": [
            {"name": "net_of", "params": [{"name": "x", "type": "number"}],
             "body": call("round", call("divide", "$x", const("1.19")), const(2))
             if money else call("add", "$x", const(2))},
            {"name": "more_of", "params": [{"name": "x", "type": "number"},
                                           {"name": "by", "type": "number", "default": 3}],
             "body": call("multiply", "$x", "$by")},
        ],
    }  # fmt: skip
