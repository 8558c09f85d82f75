"""Journals of runs that were recorded once: today's engine decides the same, turn by turn."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ipaas.core import jsonio
from runtime import control
from runtime.models import Approval, Run
from tests.faults.yard.flows import ANSWERED, item_post
from tests.faults.yard.scene import Scene, scene
from tests.histories import recording
from tests.kit.drawing import mapping, node, path

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.json"))


def a_worker_dies(it: Scene) -> None:
    it.publish_post("post_searched")
    it.bring("p")
    it.send_and_die()
    it.play()


def a_paper_that_is_not_there_at_first(it: Scene) -> None:
    it.publish_post("post_searched")
    it.bring("p")
    it.manners.lost, it.ledger.overlooks = 1000, 1
    it.stage.work()
    it.manners.lost = 0
    it.play()


def a_vendor_in_trouble(it: Scene) -> None:
    it.publish_post("post_keyed")
    it.bring("p")
    it.manners.refused = 1000
    it.stage.work()
    it.manners.refused, it.manners.error_before = 0, 1000
    it.stage.skip(2)
    it.stage.work()
    it.manners.error_before = 0
    it.play()


def a_doubt_that_a_person_settles(it: Scene) -> None:
    it.publish_post("post_blind")
    (run_id,) = it.bring("p")
    it.manners.lost = 1000
    it.stage.work()
    it.manners.lost = 0
    it.play()
    control.decide(it.stage.workspace_id, run_id, "a", "adopt", {"name": "p"})
    it.play()


def a_loop_with_a_failed_item(it: Scene) -> None:
    check = {"op": "call", "fn": "gt", "args": [path("item.n"), {"op": "const", "value": 1}]}
    it.publish(
        [
            node("each", "for_each", list=path("trigger.items"), parallel=2, on_failure="collect"),
            node("big", "validate", source="item", rules=[{"check": check, "message": "Small."}]),
            item_post("x", "post_keyed", "item.name"),
            item_post("z", "post_keyed", "trigger.name"),
        ],
        "start>each each.item>big big>x each>z",
    )
    it.bring("p", items=[{"name": f"i{n}", "n": n} for n in range(4)])
    it.play()


def a_called_flow_a_wait_and_a_question(it: Scene) -> None:
    it.publish(
        [
            node("sub", "call_flow", flow="called", input=mapping(paper="trigger.name")),
            node("wait", "wait", mode="for", amount=5, unit="seconds"),
            node("ask", "approval", **ANSWERED),
            item_post("z", "post_keyed", "trigger.other"),
        ],
        "start>sub sub>wait wait>ask ask.approved>z",
    )
    (run_id,) = it.bring("p", other="q")
    for _ in range(10):
        it.stage.work()
        it.stage.skip(6)
        if Approval.objects.filter(status="open").exists():
            break
    control.answer(it.stage.workspace_id, run_id, "ask", approved=True, by="Ana", note="")
    it.play()


STORIES: list[Callable[[Scene], None]] = [
    a_worker_dies,
    a_paper_that_is_not_there_at_first,
    a_vendor_in_trouble,
    a_doubt_that_a_person_settles,
    a_loop_with_a_failed_item,
    a_called_flow_a_wait_and_a_question,
]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_run_that_is_recorded_now_is_decided_the_same_again(
    played: Scene, story: Callable[[Scene], None]
) -> None:
    with recording.recorded() as turns:
        story(played)
    assert set(played.statuses()) <= {"succeeded", "failed"}, list(Run.objects.values("error"))
    found = {"releases": recording.releases(turns), "turns": turns}
    text = jsonio.dumps(found)
    if os.environ.get("CAUSEWAY_RECORD"):
        (HERE / f"{story.__name__}.json").write_bytes(text)
    replay(jsonio.loads(text))


def test_every_story_was_recorded() -> None:
    assert {file.stem for file in FILES} >= {story.__name__ for story in STORIES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_recorded_run_is_decided_as_it_was(file: Path) -> None:
    replay(jsonio.loads(file.read_bytes()))


def replay(found: dict[str, Any]) -> None:
    assert len(found["turns"]) > 1
    for number, turn in enumerate(found["turns"]):
        now = recording.decided(turn["release"], found["releases"][turn["release"]], turn)
        again = jsonio.loads(jsonio.dumps(now))
        assert recording.same(turn["plan"], again), f"turn {number} is decided in another way"
