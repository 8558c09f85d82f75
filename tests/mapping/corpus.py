"""JSONata as people write it in integrations, over one order: what becomes rules, what cannot."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

ORDER: dict[str, Any] = {
    "trigger": {
        "id": 45,
        "number": "000000045",
        "status": "processing",
        "created_at": "2024-05-31T23:30:00Z",
        "millis": 1717198200000,
        "currency": "usd",
        "email": " Ana.Silva@Example.com ",
        "note": None,
        "gift": True,
        "paid": "250",
        "total": Decimal("313.5"),
        "shipping": 5,
        "discount": -10,
        "tags": ["web", "vip", "web"],
        "customer": {
            "first": "Ana", "last": "Silva", "group": "retail",
            "phones": [{"type": "home", "number": "1"}, {"type": "work", "number": "2"}],
        },
        "billing": {"street": ["1 Main St", "Apt 2"], "city": "Austin", "region": "TX",
                    "postcode": "78701-1234", "country": "US"},
        "custom": [{"code": "po", "value": "PO-77"}, {"code": "dept", "value": "17"}],
        "lines": [
            {"sku": "WEB-1-RED", "name": "Red vase", "qty": 2, "price": 20, "type": "simple",
             "taxes": [{"code": "ST", "amount": 3}, {"code": "CT", "amount": 1}]},
            {"sku": "WEB-2", "name": "Blue vase", "qty": 1, "price": 50, "type": "bundle",
             "taxes": [{"code": "ST", "amount": 4}]},
            {"sku": "SVC-1", "name": "Wrapping", "qty": 3, "price": 5, "type": "simple",
             "taxes": [{"code": "ST", "amount": 0}]},
        ],
    },
    "steps": {"customer": {"id": "58"}, "items": [{"sku": "WEB-2", "id": "9"}]},
}  # fmt: skip

BLOCKS = [
    # fields and constants
    "trigger.number",
    "trigger.billing.city",
    "trigger.billing.street[0]",
    "trigger.billing.street[-1]",
    "trigger.lines[1].sku",
    "$$.trigger.customer.last",
    "trigger.nothing.at.all",
    '"USD"',
    "42",
    "true",
    # texts
    "$uppercase(trigger.currency)",
    "$lowercase($trim(trigger.email))",
    'trigger.customer.first & " " & trigger.customer.last',
    "$substring(trigger.created_at, 0, 10)",
    'trigger.created_at ~> $substring(0, 10) ~> $replace("-", "/")',
    '$substringBefore(trigger.billing.postcode, "-")',
    '$substringAfter($trim(trigger.email), "@")',
    '$pad($string(trigger.id), -8, "0")',
    "$length(trigger.number)",
    '$contains(trigger.status, "process")',
    '$split(trigger.lines[0].sku, "-")[1]',
    '$join(trigger.billing.street, ", ")',
    '$join(trigger.lines.sku, "+")',
    '$replace(trigger.number, "0", "")',
    '"Order " & trigger.number & " from " & $uppercase(trigger.billing.country)',
    # numbers
    "trigger.lines[0].qty * trigger.lines[0].price",
    "trigger.total - trigger.shipping",
    "$sum(trigger.lines.qty)",
    "$sum(trigger.lines.taxes.amount)",
    "$count(trigger.lines)",
    "$max(trigger.lines.price) - $min(trigger.lines.price)",
    "$average(trigger.lines.qty)",
    "$number(trigger.paid) / 100",
    "-trigger.discount",
    "$abs(trigger.discount)",
    "$floor(trigger.total)",
    "$ceil(trigger.total) % 10",
    "$sum([trigger.shipping, trigger.discount])",
    '$formatNumber(trigger.total, "#,##0.00")',
    # conditions
    'trigger.status = "processing" ? "open" : "closed"',
    'trigger.status = "new" ? 1 : trigger.status = "processing" ? 2 : 3',
    "trigger.gift and trigger.shipping > 0",
    'trigger.status in ["processing", "complete"]',
    '$exists(trigger.message.text) ? trigger.message.text : "none"',
    "$not($exists(trigger.coupon))",
    'trigger.coupon ? trigger.coupon : "no coupon"',
    '(trigger.customer.group != "retail" or trigger.total >= 300) ? "big" : "small"',
    # dates
    "$toMillis(trigger.created_at)",
    "$substring($fromMillis(trigger.millis), 0, 10)",
    '$fromMillis($toMillis(trigger.created_at), "[M01]/[D01]/[Y0001]")',
    # finding in lists
    'trigger.custom[code="po"].value',
    'trigger.customer.phones[type="work"].number',
    "steps.items[sku=$$.trigger.lines[1].sku].id",
    '$filter(trigger.custom, function($c) { $c.code = "dept" }).value',
    '$sum(trigger.lines[type="simple"].qty)',
    "$distinct(trigger.tags)",
    "$reverse(trigger.tags)",
    '$count(trigger.lines[type="bundle"])',
    # definitions
    '($name := trigger.customer.last; $uppercase($name) & "/" & $name)',
    "($pay := function($x) { $x * 2 }; $pay(trigger.shipping))",
    # objects and rows
    '{"id": trigger.id, "to": {"city": trigger.billing.city, "state": trigger.billing.region}}',
    '{"Lines": trigger.lines.{"Sku": sku, "Amount": qty * price}}',
    '{"Lines": trigger.lines[type="simple"].{"Sku": sku, "Order": $$.trigger.number}}',
    '{"Lines": [trigger.lines.{"Sku": sku}, {"Sku": "SHIP", "Amount": trigger.shipping}]}',
    '{"L": $map(trigger.lines, function($l) { {"Sku": $l.sku, "Tax": $sum($l.taxes.amount)} })}',
    '{"Lines": $append(trigger.lines.{"S": sku}, trigger.gift ? {"S": "GIFT"})}',
    '{"Taxes": trigger.lines.taxes.{"Code": code, "Amount": amount}}',
    '{"Lines": trigger.lines^(>price).{"Sku": sku, "Price": price}}',
    '{"Lines": $map($filter(trigger.lines, function($l) { $l.qty > 1 }), '
    'function($l) { {"Sku": $l.sku, "First": $split($l.sku, "-")[0]} })}',
    '{"Lines": trigger.lines.{"Sku": sku, "Taxes": taxes.{"Code": code, "Of": $$.trigger.id}}}',
]  # fmt: skip
"""Texts that become rules without any code block."""

CODE = [
    "$reduce(trigger.lines, function($sum, $l) { $sum + $l.qty * $l.price }, 0)",
    "$sum(trigger.lines.(qty * price))",
    "$match(trigger.number, /[1-9][0-9]*/).match",
    "trigger.lines{type: $sum(qty)}",
    "$each(trigger.billing, function($v, $k) { $k })",
    "trigger ~> |lines|{\"done\": true}|",
]  # fmt: skip
"""Texts that rules cannot say: kept as they are."""
