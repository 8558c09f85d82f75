"""Mappings of the demo tried on runs and samples: what a run left behind is what is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import facade as connectors
from designer import flows, preview
from designer.documents import MAPPINGS
from runtime import reading
from runtime.effects.hands import Worker
from runtime.models import Run
from tests.kit.order_flow import OrderFlow, make_order_flow, settle

pytestmark = pytest.mark.django_db(transaction=True)
SOUND = ("ordinary", "configurable", "fractional", "new-product", "paid", "part-cancelled")


@pytest.fixture
def books(sandbox: Any) -> OrderFlow:
    return make_order_flow("order_to_cash_complete")


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


def shown(books: OrderFlow, document: Any, node: Any, name: str, sample: Any) -> Any:
    return preview.preview(
        books.workspace_id, "test", document=document, node_id=node["id"],
        mapping=node["config"].get(name) or {"schema": 1, "rules": []}, mapping_name=name,
        sample=sample,
    )  # fmt: skip


def test_a_mapping_sees_what_the_run_left_behind_and_has_no_problem(
    books: OrderFlow, worker: Worker
) -> None:
    samples = connectors.sandbox_samples(books.slug, "magento")
    for sample in samples:
        if sample["id"] in SOUND:
            books.announce(books.place(sample=sample["id"]))
    books.announce(books.place(random="mixed", seed=2))
    settle(worker)
    document = flows.get(books.workspace_id, books.flow_id).draft.document
    runs = list(Run.objects.filter(flow_id=books.flow_id, parent_id=""))
    assert len(runs) > 1 and {run.status for run in runs} == {"succeeded"}
    told = []
    for run in runs:
        left = reading.recorded_run(books.workspace_id, run.id)
        steps = [step for step in document["nodes"] if step["id"] not in left.skipped]
        for step in steps:
            for name in MAPPINGS.get(step["type"], ()):
                seen = shown(books, document, step, name, {"run_id": run.id})
                assert left.skipped.isdisjoint(seen["context"]["steps"])
                wrong = [p["message"] for p in seen["problems"] if p["severity"] == "error"]
                wrong += [error["message"] for error in seen["errors"]]
                wrong += [f"{assumed} is assumed" for assumed in seen["assumed"]]
                told += [(run.business_key, step["id"], name, words) for words in wrong]
    assert told == []


def test_inside_a_loop_the_first_item_of_the_run_is_seen_with_what_its_steps_left(
    books: OrderFlow, worker: Worker
) -> None:
    order = books.place(sample="new-product")
    books.announce(order)
    settle(worker)
    document = flows.get(books.workspace_id, books.flow_id).draft.document
    (run,) = Run.objects.filter(flow_id=books.flow_id, parent_id="")
    step = next(step for step in document["nodes"] if step["id"] == "item")
    seen = shown(books, document, step, "create", {"run_id": run.id})
    assert seen["assumed"] == [] and seen["errors"] == []
    first = Run.objects.filter(parent_id=run.id).order_by("item_index").first()
    assert first is not None
    left = reading.recorded_run(books.workspace_id, first.id)
    assert seen["context"]["steps"]["income"] == left.outputs["income"]
    assert seen["context"]["item"] in {item["sku"] for item in order["items"]}


def test_for_a_document_steps_that_call_are_still_shown_by_example(books: OrderFlow) -> None:
    document = flows.get(books.workspace_id, books.flow_id).draft.document
    step = next(step for step in document["nodes"] if step["id"] == "invoice")
    sample = connectors.sandbox_samples(books.slug, "magento")[0]["order"]
    seen = shown(books, document, step, "mapping", {"document": sample})
    assert "customer" in seen["assumed"] and seen["context"]["steps"]["customer"]
