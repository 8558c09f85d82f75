"""Runs that move again after they had stopped, and replays, keep to the order of their flow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ipaas.core import clock
from runtime import control, store
from runtime.models import DeadLetter, Deployment, Lane, Run
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import call, const, node, path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
GOOD = call("gt", path("trigger.n"), const(0))
CHECK = node("c", "validate", source="trigger", rules=[{"check": GOOD, "message": "Low."}])


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def publish(it: Scene, **trigger: Any) -> None:
    it.publish([CHECK, node("s", "stop")], "start>c c>s", **trigger)


def bring(it: Scene, name: str, n: int, line: str = "k") -> str:
    (run_id,) = it.bring(name, line=line, n=n)
    return run_id


def retry(it: Scene, run_id: str, n: int = 1) -> None:
    letter = DeadLetter.objects.get(run_id=run_id, status="open")
    control.retry_dead_letter(
        it.stage.workspace_id,
        letter.id,
        from_start=True,
        newest=False,
        document={"name": "mended", "line": "k", "n": n},
        edited=True,
        by="Ana",
        reason="",
    )


def claimed(it: Scene) -> list[str]:
    with clock.use(it.stage.later):
        return [claim.run_id for claim in store.claim(10, "somebody")]


def free(it: Scene) -> None:
    """Whoever claimed them has died."""
    it.stage.skip(store.LEASE.total_seconds() + 1)


def status(run_id: str) -> str:
    return str(Run.objects.get(id=run_id).status)


def busy() -> list[int]:
    return list(Lane.objects.values_list("busy", flat=True))


def test_retried_runs_are_no_more_at_once_than_the_trigger_allows(played: Scene) -> None:
    publish(played, max_parallel=2)
    runs = [bring(played, f"m{number}", n=0) for number in range(4)]
    played.stage.work_on()
    assert {status(run_id) for run_id in runs} == {"failed"}
    for run_id in runs:
        retry(played, run_id)
    assert claimed(played) == runs[:2]
    assert claimed(played) == []
    free(played)
    played.stage.work_on()
    assert {status(run_id) for run_id in runs} == {"succeeded"}
    assert set(busy()) <= {0}


def test_a_retried_run_waits_for_the_one_of_its_record_that_moves_and_goes_next(
    played: Scene,
) -> None:
    publish(played, order="by_key", on_failure="pass")
    old = bring(played, "m0", n=0)
    played.stage.work_on()
    assert status(old) == "failed"
    moves, waits = bring(played, "m1", n=1), bring(played, "m2", n=1)
    assert claimed(played) == [moves]
    retry(played, old)
    assert claimed(played) == [], "two changes of one record never move at once"
    free(played)
    played.stage.work_on()
    rows = {row.id: row for row in Run.objects.all()}
    assert {row.status for row in rows.values()} == {"succeeded"}
    assert rows[moves].finished_at <= rows[old].finished_at <= rows[waits].finished_at
    assert busy() == []


def test_a_run_that_held_up_its_key_all_the_time_goes_on_at_once(played: Scene) -> None:
    publish(played, order="by_key", max_parallel=1)
    bad = bring(played, "m0", n=0)
    behind = bring(played, "m1", n=1)
    played.stage.work_on()
    assert (status(bad), status(behind)) == ("failed", "queued")
    other = bring(played, "m2", n=1, line="other")
    assert claimed(played) == [other]
    retry(played, bad)
    assert claimed(played) == [], "its key is its own, but the flow is full"
    free(played)
    played.stage.work_on()
    assert set(played.statuses()) == {"succeeded"}
    assert set(busy()) <= {0}


def test_a_retried_run_that_is_cancelled_in_line_frees_nobodys_place(played: Scene) -> None:
    publish(played, max_parallel=1)
    bad = bring(played, "m0", n=0)
    played.stage.work_on()
    moves = bring(played, "m1", n=1)
    assert claimed(played) == [moves]
    retry(played, bad)
    waits = bring(played, "m2", n=1)
    control.cancel(played.stage.workspace_id, bad)
    assert claimed(played) == []
    free(played)
    played.stage.work_on()
    assert (status(moves), status(bad), status(waits)) == ("succeeded", "cancelled", "succeeded")
    assert set(busy()) <= {0}


def test_a_replay_stands_in_line_and_takes_nobodys_place(played: Scene) -> None:
    publish(played, order="by_key", latest_wins=True)
    done = bring(played, "m0", n=1)
    played.stage.work_on()
    moves, waits = bring(played, "m1", n=1), bring(played, "m2", n=1)
    assert claimed(played) == [moves]
    again = control.replay(played.stage.workspace_id, done)
    assert claimed(played) == []
    assert (status(waits), status(again)) == ("queued", "queued")
    free(played)
    played.stage.work_on()
    assert set(played.statuses()) == {"succeeded"}
    assert busy() == []


def test_a_run_that_goes_on_by_itself_once_its_item_is_mended_counts_again(played: Scene) -> None:
    item = node("c", "validate", source="item", rules=[
        {"check": call("gt", path("item.n"), const(0)), "message": "Low."}])  # fmt: skip
    each = node("each", "for_each", list=path("trigger.items"), on_failure="stop")
    wait = node("w", "wait", mode="for", amount=1, unit="hours")
    played.publish([each, item, wait], "start>each each.item>c each>w", max_parallel=1)
    (above,) = played.bring("m", items=[{"n": 0}])
    played.stage.work()
    assert status(above) == "failed"
    (below,) = Run.objects.filter(parent_id=above)
    letter = DeadLetter.objects.get(run_id=below.id)
    control.retry_dead_letter(
        played.stage.workspace_id, letter.id, from_start=True, newest=False,
        document={"n": 1}, edited=True, by="Ana", reason="",
    )  # fmt: skip
    played.stage.work()
    assert status(above) == "waiting"
    (second,) = played.bring("n", items=[])
    assert claimed(played) == [], "the first one moves again"
    played.stage.work_on()
    assert (status(above), status(second)) == ("succeeded", "succeeded")
    assert set(busy()) <= {0}


def test_without_rules_a_retried_run_moves_at_once(played: Scene) -> None:
    publish(played)
    runs = [bring(played, f"m{number}", n=0) for number in range(3)]
    played.stage.work_on()
    for run_id in runs:
        retry(played, run_id)
    assert sorted(claimed(played)) == sorted(runs)
    assert Deployment.objects.get(flow_id="f").lanes is None and not Lane.objects.exists()
