"""Live messages: what is committed reaches the browser, gapless, and nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from connectors import health
from connectors.models import ConnectionRow
from runtime import deciding, deployments, holding, reading
from runtime.effects.hands import Worker
from runtime.live import publisher
from runtime.models import Approval
from runtime.records import bulk
from runtime.records.choosing import Choice
from tests.kit.drawing import const, document, mapping, node, path
from tests.kit.order_flow import OrderFlow, make_order_flow, settle
from tests.kit.played import Stage, make_stage
from tests.kit.sockets import Socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


def test_a_run_is_followed_step_by_step_and_ends_equal_to_the_database(flow: OrderFlow) -> None:
    worker = Worker("test")

    async def watch() -> tuple[str, list[Any]]:
        publisher.use_loop(asyncio.get_running_loop())
        socket = await sync_to_async(Socket)(f"/ws/w/{flow.slug}?environment=test", flow.owner)
        accepted, _ = await socket.connect()
        assert accepted
        run_id: str = await sync_to_async(lambda: flow.announce(flow.place()))()
        await socket.say({"subscribe": "run", "id": run_id})
        assert await socket.hear() == {"type": "subscribed", "to": "run"}
        work = asyncio.create_task(sync_to_async(settle, thread_sensitive=False)(worker))
        heard: list[Any] = []
        while not heard or heard[-1]["run"]["status"] != "succeeded":
            heard.append(await socket.hear(10))
        await work
        await socket.close()
        return run_id, heard

    run_id, heard = asyncio.run(watch())
    worker.close()
    assert heard[0]["from_seq"] == 0
    for before, after in zip(heard, heard[1:], strict=False):
        assert after["from_seq"] == before["seq"], "a gap that the browser would have to mend"
    steps: dict[str, Any] = {}
    for message in heard:
        steps.update(message["steps"])
    shown = reading.get_run(flow.workspace_id, run_id)
    assert steps == shown["steps"]
    assert heard[-1]["seq"] == shown["seq"]


def test_the_list_hears_of_every_run_and_of_new_errors(flow: OrderFlow) -> None:
    worker = Worker("test")

    async def watch() -> list[Any]:
        publisher.use_loop(asyncio.get_running_loop())
        socket = await sync_to_async(Socket)(f"/ws/w/{flow.slug}?environment=test", flow.owner)
        await socket.connect()
        await socket.say({"subscribe": "runs"})
        await socket.hear()
        await sync_to_async(lambda: flow.announce(flow.place(sample="no-lines")))()
        work = asyncio.create_task(sync_to_async(settle, thread_sensitive=False)(worker))
        heard: list[Any] = []
        while not heard or heard[-1]["type"] != "counts":
            heard.append(await socket.hear(10))
        await work
        await socket.close()
        return heard

    heard = asyncio.run(watch())
    worker.close()
    assert heard[-1] == {"type": "counts", "dead_letters_open": 1}
    assert heard[0]["run"]["status"] == "failed"
    assert "no lines" in heard[0]["run"]["error"]["message"]


def test_whoever_looks_at_a_loop_hears_how_far_its_items_are() -> None:
    stage = make_stage()
    nodes = [
        node("start", "trigger.manual"),
        node("each", "for_each", list=path("trigger.items"), parallel=2),
        node("m", "map", mapping=mapping(n="item")),
    ]
    release = stage.deploy("flow_live", document(nodes, "start>each each.item>m"))
    run_id = stage.start(release, {"items": list(range(40))})

    async def watch() -> list[Any]:
        publisher.use_loop(asyncio.get_running_loop())
        socket = await sync_to_async(Socket)(f"/ws/w/{stage.slug}?environment=test", stage.owner)
        await socket.connect()
        await socket.say({"subscribe": "run", "id": run_id})
        await socket.hear()
        work = asyncio.create_task(sync_to_async(stage.work, thread_sensitive=False)())
        heard: list[Any] = []
        while not heard or heard[-1]["families"][0]["counts"] != {"succeeded": 40}:
            message = await socket.hear(10)
            heard += [message] if message["type"] == "run.families" else []
        await work
        await socket.close()
        return heard

    heard = asyncio.run(watch())
    stage.worker.close()
    assert {each["run_id"] for each in heard} == {run_id}
    assert heard[-1]["families"][0]["total"] == 40
    assert len(heard) < 20, "what ends together is told together"


def test_nonsense_is_answered_and_other_peoples_runs_are_not_heard(
    flow: OrderFlow, sandbox: Any
) -> None:
    other = make_order_flow()
    foreign = other.announce(other.place())

    async def try_it() -> list[str]:
        socket = await sync_to_async(Socket)(f"/ws/w/{flow.slug}?environment=test", flow.owner)
        await socket.connect()
        answers = []
        for message in ({"subscribe": "run", "id": foreign}, ["nonsense"], {"subscribe": "all"}):
            await socket.say(message)
            answers.append((await socket.hear())["type"])
        await socket.close()
        return answers

    assert asyncio.run(try_it()) == ["error", "error", "error"]


def test_questions_are_told_when_they_are_asked_and_when_they_are_answered() -> None:
    stage = make_stage()
    nodes = [
        node("start", "trigger.manual"),
        node("ask", "approval", text=const("May it?"), assignee="role:owner"),
        node("m", "map", mapping=mapping(n="trigger.n")),
    ]
    release = stage.deploy("flow_asks", document(nodes, "start>ask ask.approved>m"))
    for number in range(20):
        stage.start(release, {"n": number})

    async def watch() -> tuple[list[Any], list[Any]]:
        publisher.use_loop(asyncio.get_running_loop())
        socket = await sync_to_async(Socket)(f"/ws/w/{stage.slug}?environment=test", stage.owner)
        await socket.connect()
        await socket.say({"subscribe": "runs"})
        await socket.hear()
        await sync_to_async(stage.work, thread_sensitive=False)()
        asked = [await changed(socket)]
        await sync_to_async(answer_all, thread_sensitive=False)(stage)
        answered = [await changed(socket)]
        await socket.say({"subscribe": "runs"})
        while (message := await socket.hear(10))["type"] != "subscribed":
            answered += [message] if message["type"] == "changed" else []
        await socket.close()
        return asked, answered

    asked, answered = asyncio.run(watch())
    stage.worker.close()
    assert asked[0] == answered[0] == {"type": "changed", "what": ["approvals"]}
    assert len(asked) + len(answered) < 10, "what changes together is told together"


def test_a_trigger_a_pause_and_a_bulk_job_are_told_by_name() -> None:
    stage = make_stage()
    nodes = [node("start", "trigger.manual"), node("bad", "fail", message=const("No."))]
    release = stage.deploy("flow_told", document(nodes, "start>bad"))
    stage.start(release, {})
    stage.work()
    place = (stage.workspace_id, "test")

    def pause() -> None:
        holding.pause(*place, "flow", "flow_told", by="Ana", reason="")

    def switch() -> None:
        deployments.set_active(*place, "flow_told", False)

    def retry_all() -> None:
        bulk.begin(*place, "skip", choice=Choice.of({}), options={}, rehearsal=False, by="Ana")

    def connect() -> None:
        made = ConnectionRow.objects.create(
            workspace_id=stage.workspace_id,
            environment="test",
            slug="shop",
            name="Shop",
            connector="magento",
        )
        health.record(made.id, health.BROKEN, "It does not answer.")

    async def watch() -> list[Any]:
        publisher.use_loop(asyncio.get_running_loop())
        socket = await sync_to_async(Socket)(f"/ws/w/{stage.slug}?environment=test", stage.owner)
        await socket.connect()
        await socket.say({"subscribe": "runs"})
        await socket.hear()
        heard = []
        for act in (pause, switch, retry_all, connect):
            await sync_to_async(act, thread_sensitive=False)()
            heard.append((await changed(socket))["what"])
        await socket.close()
        return heard

    heard = asyncio.run(watch())
    stage.worker.close()
    assert heard == [["pauses"], ["trigger:flow_told"], ["bulk"], ["connections"]]


def alone(act: Callable[[], Any]) -> Callable[[], None]:
    """The same, in a thread that keeps no connection to the database afterwards."""

    def acted() -> None:
        try:
            act()
        finally:
            connections.close_all()

    return acted


async def changed(socket: Socket) -> Any:
    """The next message of names."""
    while True:
        message = await socket.hear(10)
        if message["type"] == "changed":
            return message


def answer_all(stage: Stage) -> None:
    person = deciding.Person("owner", "Olga", "owner")
    for question in Approval.objects.filter(workspace_id=stage.workspace_id, status="open"):
        deciding.answer(stage.workspace_id, question.id, person, approved=True, note="")


def test_who_looks_at_a_job_is_told_when_a_record_that_it_retried_comes_to_rest() -> None:
    stage = make_stage()
    nodes = [node("start", "trigger.manual"), node("bad", "fail", message=const("No."))]
    release = stage.deploy("flow_again", document(nodes, "start>bad"))
    stage.start(release, {})
    stage.work()
    place = (stage.workspace_id, "test")
    bulk.begin(*place, "retry", choice=Choice.of({}), options={}, rehearsal=False, by="Ana")

    def carry() -> None:
        piece = bulk.claim("tests")
        assert piece is not None
        piece()

    async def watch() -> list[Any]:
        publisher.use_loop(asyncio.get_running_loop())
        socket = await sync_to_async(Socket)(f"/ws/w/{stage.slug}?environment=test", stage.owner)
        await socket.connect()
        await socket.say({"subscribe": "runs"})
        await socket.hear()
        heard = []
        for act in (carry, stage.work):
            await sync_to_async(alone(act), thread_sensitive=False)()
            heard.append((await changed(socket))["what"])
        await socket.close()
        return heard

    heard = asyncio.run(watch())
    found = bulk.page(*place, None, 1).items[0]["results"]
    stage.worker.close()
    assert heard == [["bulk"], ["bulk"]]
    assert found == {"failed_again": 1}
