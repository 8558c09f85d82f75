"""Orders turned into invoices per second: our closures, hand-written Python, JSONata engines.

Run by hand: ``python -m tests.benchmarks.bench_mapping``. Every way makes the same invoice from the
same order of five lines; rounds alternate, and the best round of each counts, so that a noisy
machine disturbs all alike. Time is processor time of one thread, so that other work on the machine
does not count.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from ipaas.core import jsonio
from ipaas.mapping import Result, check, compile_mapping, to_jsonata
from ipaas.mapping.jsonata_engine import compile_jsonata
from tests.mapping import node
from tests.mapping.builders import call, concat, const, field, mapping, rows, rule

ROUNDS = 7
ROUND_S = 0.35
CENT = Decimal("0.01")

ITEM = "trigger.items[]"
RULES = mapping(
    rule("doc", "DocNumber", "trigger.increment_id"),
    rule("date", "TxnDate", call("date", "trigger.created_at")),
    rule("due", "DueDate", call("add_days", "trigger.created_at", const(30))),
    rule("cur", "CurrencyRef.value", "trigger.order_currency_code"),
    rule("cust", "CustomerRef.value", "steps.customer.id"),
    rule("mail", "BillEmail.Address", call("lower", "trigger.customer_email")),
    rule(
        "name",
        "BillAddr.Line1",
        concat("trigger.billing_address.firstname", "trigger.billing_address.lastname"),
    ),
    rule("city", "BillAddr.City", "trigger.billing_address.city"),
    rows("b", "Line", ITEM, where=call("is_empty", f"{ITEM}.parent_item_id")),
    rule("type", "Line[b].DetailType", const("SalesItemLineDetail")),
    rule("amount", "Line[b].Amount", call("round", f"{ITEM}.row_total", const(2))),
    rule("text", "Line[b].Description", f"{ITEM}.name"),
    rule("sku", "Line[b].SalesItemLineDetail.ItemRef.name", f"{ITEM}.sku"),
    rule("qty", "Line[b].SalesItemLineDetail.Qty", f"{ITEM}.qty_ordered"),
    rule("price", "Line[b].SalesItemLineDetail.UnitPrice", f"{ITEM}.price"),
    rows("s", "Line", when=call("gt", "trigger.shipping_amount", const(0))),
    rule("stype", "Line[s].DetailType", const("SalesItemLineDetail")),
    rule("samount", "Line[s].Amount", call("round", "trigger.shipping_amount", const(2))),
    rule("sitem", "Line[s].SalesItemLineDetail.ItemRef.value", const("SHIPPING_ITEM_ID")),
    rule("memo", "PrivateNote", concat(const("Magento order"), field("trigger.increment_id"))),
)

BY_HAND_IN_JSONATA = """{
  "DocNumber": trigger.increment_id,
  "TxnDate": $substring(trigger.created_at, 0, 10),
  "DueDate": $substring($fromMillis(
    $toMillis($substring(trigger.created_at, 0, 10) & "T00:00:00Z") + 30 * 86400000), 0, 10),
  "CurrencyRef": {"value": trigger.order_currency_code},
  "CustomerRef": {"value": steps.customer.id},
  "BillEmail": {"Address": $lowercase(trigger.customer_email)},
  "BillAddr": {
    "Line1": trigger.billing_address.firstname & " " & trigger.billing_address.lastname,
    "City": trigger.billing_address.city},
  "Line": [
    trigger.items[$not($exists(parent_item_id))].{
      "DetailType": "SalesItemLineDetail",
      "Amount": $round(row_total, 2),
      "Description": name,
      "SalesItemLineDetail": {
        "ItemRef": {"name": sku}, "Qty": qty_ordered, "UnitPrice": price}},
    trigger.shipping_amount > 0 ? {
      "DetailType": "SalesItemLineDetail",
      "Amount": $round(trigger.shipping_amount, 2),
      "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}}
  ],
  "PrivateNote": "Magento order " & trigger.increment_id
}"""


def order() -> dict[str, Any]:
    """An order of five lines as a shop sends it."""
    lines = [
        {
            "item_id": 80 + n,
            "sku": f"SKU-{n}",
            "name": f"Product number {n}",
            "qty_ordered": n + 1,
            "price": Decimal("19.99"),
            "row_total": Decimal("19.99") * (n + 1),
            "tax_amount": Decimal("1.65"),
            "tax_percent": Decimal("8.25"),
            "product_type": "simple",
            "weight": Decimal("1.5"),
        }
        for n in range(5)
    ]
    address = {"firstname": "Ana", "lastname": "Silva", "city": "Austin", "street": ["1 Main St"]}
    trigger = {
        "entity_id": 45,
        "increment_id": "000000045",
        "created_at": "2024-05-31 23:30:00",
        "order_currency_code": "USD",
        "customer_email": "Ana.Silva@Example.com",
        "shipping_amount": Decimal("5.00"),
        "grand_total": Decimal("313.00"),
        "billing_address": address,
        "items": lines,
        "status": "processing",
        "payment": {"method": "checkmo"},
    }
    return {"trigger": trigger, "steps": {"customer": {"id": "58"}}}


def by_hand(context: dict[str, Any]) -> dict[str, Any]:
    """What a programmer would write for this one mapping."""
    trigger = context["trigger"]
    day = date.fromisoformat(trigger["created_at"][:10])
    lines: list[dict[str, Any]] = []
    for item in trigger["items"]:
        if item.get("parent_item_id") is None:
            lines.append(
                {
                    "DetailType": "SalesItemLineDetail",
                    "Amount": item["row_total"].quantize(CENT, ROUND_HALF_UP),
                    "Description": item["name"],
                    "SalesItemLineDetail": {
                        "ItemRef": {"name": item["sku"]},
                        "Qty": item["qty_ordered"],
                        "UnitPrice": item["price"],
                    },
                }
            )
    if trigger["shipping_amount"] > 0:
        lines.append(
            {
                "DetailType": "SalesItemLineDetail",
                "Amount": trigger["shipping_amount"].quantize(CENT, ROUND_HALF_UP),
                "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}},
            }
        )
    address = trigger["billing_address"]
    return {
        "DocNumber": trigger["increment_id"],
        "TxnDate": day.isoformat(),
        "DueDate": (day + timedelta(days=30)).isoformat(),
        "CurrencyRef": {"value": trigger["order_currency_code"]},
        "CustomerRef": {"value": context["steps"]["customer"]["id"]},
        "BillEmail": {"Address": trigger["customer_email"].lower()},
        "BillAddr": {
            "Line1": f"{address['firstname']} {address['lastname']}",
            "City": address["city"],
        },
        "Line": lines,
        "PrivateNote": f"Magento order {trigger['increment_id']}",
    }


def ways() -> dict[str, Callable[[], Any]]:
    """Every way to make the invoice, by name."""
    context = order()
    text = jsonio.dumps(context)
    decoded = text.decode()
    compiled = compile_mapping(RULES)
    own_text = compile_jsonata(to_jsonata(RULES))
    short_text = compile_jsonata(BY_HAND_IN_JSONATA)
    pure = compile_jsonata(BY_HAND_IN_JSONATA, "jsonata-python")
    return {
        "hand-written Python": lambda: by_hand(context),
        "closures": lambda: compiled.apply(context, live=False).output,
        "closures, live values kept": lambda: compiled.apply(context).output,
        "closures, live values shown": lambda: live_and_output(compiled.apply(context)),
        "closures, JSON text in and out": lambda: jsonio.dumps(
            compiled.apply(jsonio.loads(text), live=False).output
        ),
        "jlens, hand-written JSONata, text in": lambda: short_text.evaluate(decoded),
        "jlens, JSONata text of the mapping": lambda: own_text.evaluate(decoded),
        "jsonata-python, hand-written JSONata": lambda: pure.evaluate(decoded),
    }


def live_and_output(result: Result) -> Any:
    """The output, after the live values have been made as a preview needs them."""
    assert result.values
    return result.output


def rate(make: Callable[[], Any]) -> float:
    """Calls per second over one round."""
    count, started = 0, time.process_time()
    while time.process_time() - started < ROUND_S:
        make()
        count += 1
    return count / (time.process_time() - started)


def in_node() -> dict[str, float]:
    """Rates of JSONata's original engine in Node.js; empty if it is not installed."""
    program = node.node()
    if program is None or node.missing():
        print(f"not measured in Node.js: {node.missing()}")
        return {}
    document = json.loads(jsonio.dumps(order()))
    asked = {"text": BY_HAND_IN_JSONATA, "document": document, "seconds": ROUND_S * 2}
    script = Path(__file__).with_name("jsonata_rate.mjs")
    done = subprocess.run(
        [program, str(script), str(node.PACKAGE)], input=json.dumps(asked), text=True,
        stdout=subprocess.PIPE, check=True, timeout=120,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    expected = json.loads(jsonio.dumps(by_hand(order())))
    assert answer["result"] == expected, f"Node.js made another invoice: {answer['result']}"
    return {
        "npm jsonata in Node.js": answer["parsed"],
        "npm jsonata in Node.js, JSON text in and out": answer["texts"],
    }


def checks_of_a_broken_mapping() -> dict[str, float]:
    """Seconds to check 300 broken rules against schemas of 2,000 fields, fixes included."""
    ways = ("customer", "shipping", "billing", "discount", "total", "order", "item", "tax",
            "payment", "store")  # fmt: skip
    kinds = ("id", "name", "code", "amount", "date", "number", "status", "method", "text", "note")
    names = [f"{way}_{kind}_{number}" for number in range(20) for way in ways for kind in kinds]
    fields = {
        name: {"type": "number" if "_amount_" in name else "string"} for name in names
    }  # fmt: skip
    large = {"type": "object", "properties": fields, "additionalProperties": False}
    source = {"type": "object", "properties": {"trigger": large}, "additionalProperties": False}
    chosen = names[:1800:6]
    cases = {
        "misspelt sources": ([rule(f"r{at}", name, f"trigger.{name[:3] + name[4:]}")
                              for at, name in enumerate(chosen)], large),
        "misspelt targets": ([rule(f"r{at}", name[:3] + name[4:], f"trigger.{name}")
                              for at, name in enumerate(chosen)], large),
        "required, not mapped": ([], {**large, "required": chosen}),
    }  # fmt: skip
    found = {}
    for title, (rules, target) in cases.items():
        taken = []
        for _ in range(5):
            started = time.process_time()
            problems = check(mapping(*rules), source, target)
            taken.append(time.process_time() - started)
            assert len(problems) == len(chosen) and all(each.fixes for each in problems)
        found[title] = min(taken)
    return found


def main() -> None:
    """Check that all ways agree, measure them, print the table."""
    made = ways()
    expected = by_hand(order())
    for name, make in made.items():
        given = make()
        given = jsonio.loads(given) if isinstance(given, bytes) else given
        assert given == expected, f"{name} made another invoice: {given}"
    best = dict.fromkeys(made, 0.0)
    for _ in range(ROUNDS):
        for name, make in made.items():
            best[name] = max(best[name], rate(make))
    best |= in_node()
    ours = best["closures"]
    print(f"{'order of 5 lines -> invoice':<46}{'documents/s':>12}{'to closures':>14}")
    for name, documents in best.items():
        print(f"{name:<46}{documents:>12,.0f}{documents / ours:>13.2f}x")
    print("300 broken rules checked against 2,000 fields, with their fixes")
    for title, seconds in checks_of_a_broken_mapping().items():
        print(f"{title:<46}{seconds:>11.2f} s")


if __name__ == "__main__":
    main()
