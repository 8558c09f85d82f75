"""The flows under test: every way to wait, to be many, and to call the other end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.kit.drawing import const, document, mapping, node, path

ITEMS = 4


def post(name: str, how: str, *names: str, **more: Any) -> dict[str, Any]:
    """A step that posts the paper at ``trigger.papers.<name>`` (or ``item.paper``)."""
    fields = dict.fromkeys(names)
    given = {"name": f"trigger.papers.{name}", **{field: f"trigger.{field}" for field in fields}}
    config = {"input": mapping(**given), **more}
    return node(name, "action", connection="dock", connector="dock", operation=how, **config)


def item_post(name: str, how: str, at: str) -> dict[str, Any]:
    """A step inside a loop, or of a called flow, whose paper's name is at ``at``."""
    config = {"input": mapping(name=at)}
    return node(name, "action", connection="dock", connector="dock", operation=how, **config)


HOOK: dict[str, Any] = {
    "dedupe": {"by": "header", "header": "webhook-id"},
    "business_key": "/line",
}
ANSWERED = {"text": const("May it?"), "assignee": "role:analyst", "expires_after": 60,
            "expires_unit": "minutes", "on_expiry": "reject"}  # fmt: skip


def start(kind: str = "trigger.webhook", **config: Any) -> dict[str, Any]:
    """The trigger."""
    return node("start", kind, **(HOOK if kind == "trigger.webhook" else {}), **config)


CALLED = document(
    [
        node("start", "trigger.called"),
        item_post("a", "post_keyed", "trigger.paper"),
        node("back", "return", value=path("steps.a.name")),
    ],
    "start>a a>back",
)
# By name: the document, and the papers that one event of it must leave behind.
FLOWS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "lane": (
        document(
            [
                start(order="by_key"),
                post("a", "post_searched", "line", "n"),
                node("mine", "validate", source="steps.a", rules=[
                    {"check": {"op": "call", "fn": "eq",
                               "args": [path("steps.a.name"), path("trigger.papers.a")]},
                     "message": "That is the answer to another call."}]),
                post("b", "post_keyed"),
            ],
            "start>a a>mine mine>b",
        ),
        ("a", "b"),
    ),
    "loop": (
        document(
            [
                start(max_parallel=8),
                node("each", "for_each", list=path("trigger.items"), parallel=3),
                item_post("x", "post_searched", "item.paper"),
                post("z", "post_keyed"),
            ],
            "start>each each.item>x each>z",
        ),
        (*(f"i{n}" for n in range(ITEMS)), "z"),
    ),
    "caller": (
        document(
            [
                start(),
                node("sub", "call_flow", flow="called", input=mapping(paper="trigger.papers.a")),
                post("b", "post_searched"),
            ],
            "start>sub sub>b",
        ),
        ("a", "b"),
    ),
    "asked": (
        document(
            [start(), node("ask", "approval", **ANSWERED), post("a", "post_keyed")],
            "start>ask ask.approved>a",
        ),
        ("a",),
    ),
    "waits": (
        document(
            [
                start(),
                post("a", "post_keyed"),
                node("wait", "wait", mode="for", amount=2, unit="seconds"),
                post("b", "post_blind"),
            ],
            "start>a a>wait wait>b",
        ),
        ("a", "b"),
    ),
    "together": (
        document([start(), post("a", "post_together", together_s=0.2)], "start>a"),
        ("a",),
    ),
    "polled": (
        document(
            [
                node("start", "trigger.poll", connection="dock", connector="dock",
                     operation="changed", every_s=15),
                item_post("a", "post_searched", "trigger.paper"),
            ],
            "start>a",
        ),
        ("a",),
    ),
    "read_back": (
        document(
            [
                node("start", "trigger.poll", connection="dock", connector="dock",
                     operation="changed_since", every_s=3600),
                item_post("a", "post_searched", "trigger.paper"),
                item_post("b", "post_keyed", "trigger.second"),
            ],
            "start>a a>b",
        ),
        ("a", "b"),
    ),
    "clocked": (
        document(
            [
                node("start", "trigger.schedule", cron="* * * * *", timezone="UTC"),
                item_post("a", "post_keyed", "trigger.scheduled_at"),
            ],
            "start>a",
        ),
        (),
    ),
}  # fmt: skip
HOOKED = tuple(name for name in FLOWS if name not in ("polled", "read_back", "clocked"))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens: what is sent, and which papers must come of it."""

    id: str
    flow: str
    body: dict[str, Any]

    @property
    def papers(self) -> tuple[str, ...]:
        """Names of the papers, each of which must arrive once."""
        return tuple(f"{self.id}/{part}" for part in FLOWS[self.flow][1])


def event(number: int, flow: str, line: str, n: int) -> Event:
    """The ``n``-th event of its line."""
    name = f"{flow}-{number}"
    papers = {part: f"{name}/{part}" for part in FLOWS[flow][1]}
    items = [{"paper": f"{name}/i{index}"} for index in range(ITEMS)] if flow == "loop" else []
    return Event(name, flow, {"line": line, "n": n, "papers": papers, "items": items})
