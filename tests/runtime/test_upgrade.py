"""A deploy with runs in flight: each keeps the version it began with, whoever carries it on."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from connectors import credentials, registry
from connectors.models import ConnectionRow
from runtime import control
from runtime.effects.hands import Worker
from runtime.effects.programs import PROGRAMS
from runtime.engine import resume
from runtime.models import DeadLetter, Family, Run
from runtime.records import bulk
from runtime.records.choosing import Choice
from runtime.records.forecast import Wish, forecasts
from runtime.workers.scheduler import turn
from tests.faults.yard import setting_up
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import const, document, mapping, node, path
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = make_stage()
    yield made
    made.worker.close()


def flow(source: str) -> dict[str, Any]:
    return document(
        [
            node("start", "trigger.manual"),
            node("pause", "wait", amount=1, unit="hours"),
            node("m", "map", mapping=mapping(n=source)),
        ],
        "start>pause pause>m",
    )


def restart(stage: Stage) -> None:
    """Another process takes over: it has nothing in memory."""
    stage.worker.close()
    PROGRAMS._kept.clear()
    stage.worker = Worker("new", calls_at_once=4)


def test_a_run_keeps_its_version_across_a_restart_and_a_newer_release(stage: Stage) -> None:
    old = stage.start(stage.deploy("flow_up", flow("trigger.first")), {"first": 1, "second": 2})
    stage.work()
    assert stage.run(old).status == "waiting"
    new = stage.start(stage.deploy("flow_up", flow("trigger.second")), {"first": 1, "second": 2})
    restart(stage)
    stage.work_on()
    assert stage.output(stage.run(old), "m") == {"n": 1}
    assert stage.output(stage.run(new), "m") == {"n": 2}


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


@pytest.fixture
def newer_dock() -> Iterator[Any]:
    """Lets a newer version of the connector take the place of the one that runs began with."""
    setting_up.make_known()
    known = registry.all_connectors()
    before = known["dock"]

    def install(*without: str) -> None:
        manifest = copy.copy(before.manifest)
        operations = {n: o for n, o in manifest.operations.items() if n not in without}
        object.__setattr__(manifest, "operations", operations)
        known["dock"] = registry.Connector(manifest, "tests.faults.yard.dock")
        for connection_id in ConnectionRow.objects.values_list("id", flat=True):
            credentials.forget(connection_id)  # a new process has not opened any

    yield install
    known["dock"] = before


def in_flight(played: Scene) -> Run:
    config = {"connection": "dock", "connector": "dock", "operation": "post_keyed"}
    post = node("a", "action", **config, input=mapping(name="trigger.name"))
    played.publish([node("pause", "wait", amount=1, unit="hours"), post], "start>pause pause>a")
    played.bring("p")
    played.stage.work()
    run = Run.objects.get()
    assert run.status == "waiting"
    return run


def test_a_run_goes_on_with_a_newer_version_of_its_connector(
    played: Scene, newer_dock: Any
) -> None:
    in_flight(played)
    newer_dock("find_paper")
    restart(played.stage)
    played.play()
    assert played.statuses() == ["succeeded"]
    assert played.papers("p") == 1


def test_a_run_whose_operation_is_gone_is_told_and_kept(played: Scene, newer_dock: Any) -> None:
    run = in_flight(played)
    newer_dock("post_keyed")
    restart(played.stage)
    played.play()
    letter = DeadLetter.objects.get(run_id=run.id)
    assert letter.code == "connector.operation_not_found", letter.code
    assert played.papers("p") == 0
    newer_dock()  # it is back
    control.retry_dead_letter(
        run.workspace_id,
        letter.id,
        from_start=False,
        newest=False,
        document=None,
        edited=False,
        by="Ana",
        reason="",
    )
    played.play()
    letters = list(DeadLetter.objects.values_list("code", "message", "status"))
    assert played.statuses() == ["succeeded"], letters
    assert played.papers("p") == 1


# Items of a loop on another version


def looped(
    condition: str, *, loop: str = "each", outer: bool = False, before: str = ""
) -> dict[str, Any]:
    """Items fail while ``condition`` is true of them; ``before`` is what they read of a step before
    the loop."""
    nodes = [
        node("start", "trigger.manual"),
        node(loop, "for_each", list=path("item" if outer else "trigger.items")),
        node("check", "if", condition=path(condition)),
        node("no", "fail", message=const("Not this one.")),
        node("m", "map", mapping=mapping(n=before or "item.n", seen="steps.check.port")),
    ]
    wires = f"{loop}.item>check check.true>no check.false>m"
    if outer:
        nodes.append(node("around", "for_each", list=path("trigger.lists")))
        return document(nodes, f"start>around around.item>{loop} {wires}")
    if before:
        nodes.append(node("pre", "map", mapping=mapping(rate="trigger.rate")))
        return document(nodes, f"start>pre pre>{loop} {wires}")
    return document(nodes, f"start>{loop} {wires}")


def failed_item(stage: Stage) -> tuple[Run, DeadLetter]:
    """An item that failed on the first version; its run has ended."""
    items = [{"n": 1, "bad": True, "fine": False}, {"n": 2, "bad": False}]
    run_id = stage.start(stage.deploy("flow_up", looped("item.bad")), {"items": items})
    stage.work()
    return stage.children(stage.run(run_id))[0], DeadLetter.objects.get(status="open")


def retried(stage: Stage, letter: DeadLetter, **how: Any) -> Run:
    wish = {"from_start": True, "newest": False, "document": None, "edited": False, **how}
    control.retry_dead_letter(stage.workspace_id, letter.id, by="Ana", reason="", **wish)
    stage.work()
    return stage.run(letter.run_id)


@pytest.mark.parametrize("draft", [False, True])
def test_an_item_goes_on_with_another_version_that_has_its_loop(stage: Stage, draft: bool) -> None:
    item, letter = failed_item(stage)
    newer = stage.deploy("flow_up", looped("item.fine"))
    wish = {"release_id": newer} if draft else {"newest": True}
    (found,) = forecasts([letter], Wish(from_start=True, **wish)).values()
    assert found.outcome == "nothing_to_send"
    run = retried(stage, letter, **wish)
    assert (run.status, run.release_id, run.trigger_node) == ("succeeded", newer, "each")
    assert stage.output(run, "m")["n"] == 1
    above = stage.run(run.parent_id)
    assert above.release_id == item.release_id, "the run above keeps its version"
    assert Family.objects.get(run_id=above.id).succeeded == 2


@pytest.mark.parametrize(
    "newer",
    [
        looped("item.fine", loop="another"),
        looped("item.fine", outer=True),
        flow("trigger.first"),
        looped("item.fine", before="steps.pre.rate"),
    ],
    ids=["renamed", "nested", "gone", "reads what was not done"],
)
def test_an_item_is_refused_a_version_that_has_not_its_loop(
    stage: Stage, newer: dict[str, Any]
) -> None:
    item, letter = failed_item(stage)
    stage.deploy("flow_up", newer)
    (found,) = forecasts([letter], Wish(from_start=True, newest=True)).values()
    assert (found.outcome, "loop" in found.why) == ("cannot", True)
    with pytest.raises(resume.NothingToDo):
        retried(stage, letter, newest=True)
    assert stage.run(item.id).status == "failed"
    assert DeadLetter.objects.get(id=letter.id).status == "open"
    assert retried(stage, letter).status == "failed"


def test_many_items_go_on_with_the_newest_version_and_others_are_left(stage: Stage) -> None:
    failed_item(stage)
    stage.deploy("flow_up", looped("item.fine"))
    place = (stage.workspace_id, "test")
    options = {"from": "start", "release": "newest"}
    bulk.begin(*place, "retry", choice=Choice(), options=options, rehearsal=False, by="Ana")
    turn()
    stage.work()
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
