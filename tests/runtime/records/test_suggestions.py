"""What a person is told to do about a record, and what becomes of a doubt that they settle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ipaas.core.errors import IpaasError
from runtime import control, reading
from runtime.effects import payloads
from runtime.effects.hands import Worker
from runtime.engine import Program
from runtime.models import DeadLetter, Run
from runtime.records import doubts
from runtime.records import reading as records
from runtime.records.choosing import Choice
from runtime.records.suggestions import suggest
from tests.faults.yard.scene import Scene, scene
from tests.kit.cast import ApiClient
from tests.kit.drawing import call, const, document, mapping, node, path
from tests.kit.order_flow import OrderFlow, make_order_flow, settle
from tests.kit.played import Stage, make_stage
from tests.kit.shop_writes import shop_flow

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = make_stage()
    yield made
    made.worker.close()


def program() -> Program:
    body = document(
        [node("start", "trigger.manual"), node("post", "action", connection="books")], "start>post"
    )
    return Program.compile("r", "w/t", "f", "Flow", 1, {"document": body, "facts": {}})


@pytest.mark.parametrize(
    ("code", "message", "wanted"),
    [
        (
            "mapping.lookup_miss",
            "There is no entry for “T7” in lookup Tax codes (2 more fields have problems.)",
            {"do": "map_code", "table": "Tax codes", "key": "T7"},
        ),
        (
            "lookup.missing",
            "The table “ways to pay” has no entry for cash.",
            {"do": "add_key", "table": "ways to pay", "key": "cash"},
        ),
        (
            "mapping.no_entry",
            "There is no entry for “SKU-404”",
            {"do": "create_record", "connection": "books", "key": "SKU-404"},
        ),
        ("quickbooks.bad_reference", "“Blue mug” is gone.", {"do": "create_record"}),
        ("quickbooks.unauthorised", "No.", {"do": "reconnect", "connection": "books"}),
        ("connection.reconnect", "No.", {"do": "reconnect", "connection": "books"}),
        ("quickbooks.duplicate_name", "There is one.", {"do": "go_past"}),
        ("retries.used_up", "It was tried 10 times.", {"do": "retry"}),
        ("mapping.not_a_date", "“x” is no date.", {"do": "edit"}),
        ("call_flow.not_live", "No.", {"do": "publish"}),
    ],
)
def test_well_known_causes_come_with_what_to_do(
    code: str, message: str, wanted: dict[str, str]
) -> None:
    found = suggest(program(), "post", code, message, "")
    assert found is not None
    assert {name: found[name] for name in wanted} == wanted
    assert found["text"].endswith(".")


def test_what_is_not_known_suggests_nothing() -> None:
    assert suggest(program(), "post", "acme.odd", "Something odd.", "") is None


def test_a_record_shows_its_suggestion_in_the_list_and_alone(stage: Stage) -> None:
    rule = {"check": call("eq", path("trigger.ok"), const(True)), "message": "No."}
    nodes = [
        node("start", "trigger.manual"),
        node("no", "validate", source="trigger", rules=[rule]),
        node("m", "map", mapping=mapping(n="trigger.n")),
    ]
    stage.play(nodes, "start>no no>m", {"ok": False})
    letter = DeadLetter.objects.get()
    page, _ = records.page(stage.workspace_id, "test", Choice.of({}))
    assert page.items[0]["suggestion"]["do"] == "edit"
    DeadLetter.objects.update(suggestion={"do": "other", "text": "Better."})
    assert records.get(stage.workspace_id, letter.id)["suggestion"]["text"] == "Better."


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("test", calls_at_once=8)
    yield made
    made.close()


def test_an_item_that_the_books_lack_is_named(flow: OrderFlow, worker: Worker) -> None:
    order = flow.place(random=True, seed=1)
    order["items"][0]["sku"] = "SKU-404"
    run_id = flow.announce(order)
    settle(worker)
    shown = records.get(flow.workspace_id, DeadLetter.objects.get(run_id=run_id).id)
    assert shown["suggestion"]["do"] == "create_record", shown
    assert shown["suggestion"]["key"] == "SKU-404"


# Doubts


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def test_where_nothing_can_be_known_the_two_choices_are_spelled_out(played: Scene) -> None:
    run = in_doubt(played)
    (doubt,) = reading.get_run(run.workspace_id, run.id)["doubts"]
    assert [each["choice"] for each in doubt["choices"]] == ["adopt", "resend"]
    assert "cannot be searched" in doubt["text"]
    assert "there twice" in doubt["choices"][1]["text"]


def test_what_a_person_found_is_adopted_by_its_id_and_nothing_is_sent(played: Scene) -> None:
    run = in_doubt(played)
    output = doubts.adopted(run.workspace_id, run.id, "a", "p-17")
    assert output["id"] == "p-17"
    control.decide(run.workspace_id, run.id, "a", "adopt", output)
    sent = played.papers("p")
    played.play()
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert played.papers("p") == sent
    played.manners.lost = 0
    reference = run.state["a"]["output"]
    assert payloads.load(run.workspace_id, [reference])[reference]["id"] == "p-17"


def in_doubt(played: Scene) -> Run:
    """A run whose post was cut off at an address that honours no key and cannot be searched."""
    played.publish_post("post_blind")
    played.manners.lost = 1000
    played.bring("p")
    played.play()
    run = Run.objects.get()
    assert run.status == "in_doubt", run.status
    return run


def shop_run(flow: OrderFlow) -> Run:
    """A run that waits for a person about an order that it may have made in the shop."""
    release = shop_flow(flow)
    run_id = control.start_run(flow.workspace_id, release, {"ext_order_id": "E1"})
    run = Run.objects.get(id=run_id)
    step = {"status": "in_doubt", "person": True, "attempts": 1, "input": run.trigger}
    run.state = {**run.state, "start": {"status": "succeeded", "port": "out"}, "order": step}
    run.status, run.due_at = "in_doubt", None
    run.save()
    return run


def test_an_id_is_read_in_the_other_system_before_it_is_adopted(
    flow: OrderFlow, worker: Worker
) -> None:
    order = flow.place()
    run = shop_run(flow)
    client = ApiClient(flow.owner)
    url = f"/api/v1/w/{flow.slug}/runs/{run.id}/resolve"
    wish = {"node_id": "order", "choice": "adopt", "id": "999999"}
    answer = client.post(url, wish)
    assert (answer.status, answer.json["code"]) == (422, "doubt.not_there")
    run.refresh_from_db()
    assert run.status == "in_doubt"
    answer = client.post(url, {**wish, "id": str(order["entity_id"])})
    assert answer.status == 200, answer.json
    settle(worker)
    run.refresh_from_db()
    assert run.status == "succeeded", run.error
    reference = run.state["order"]["output"]
    found = payloads.load(run.workspace_id, [reference])[reference]
    assert found["increment_id"] == order["increment_id"]


def test_a_stranger_adopts_nothing(flow: OrderFlow) -> None:
    run = shop_run(flow)
    with pytest.raises(IpaasError, match="no such run"):
        doubts.adopted("ws_other", run.id, "order", "1")
