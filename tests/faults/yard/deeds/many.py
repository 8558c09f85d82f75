"""Runs that are cancelled, one or many, and what was under way at that moment."""

from __future__ import annotations

from contextlib import suppress

from ipaas.core import clock
from runtime import comebacks, control, store
from runtime.effects.flight import Flight
from runtime.effects.hands import Worker
from runtime.engine.resume import NothingToDo
from runtime.models import Pause, Run
from runtime.records import bulk, cancelling_many
from runtime.records.runs_meant import RunChoice
from tests.faults.yard.deeds.play import Given, ask, brought, deed, one_paper, place_of
from tests.faults.yard.scene import Scene


def _all_cancelled(it: Scene, given: Given) -> bool:
    """The jobs are carried to their ends before any worker moves."""
    for _ in range(4):
        it.stage.skip(61)
        with clock.use(it.stage.later):
            job = bulk.claim("after")
            if job is not None:
                job()
    it.play()
    return set(it.statuses()) == {"cancelled"} and it.papers("p") == it.papers("q") == 0


@deed(brought("post_keyed", "p", "q"), _all_cancelled)
def many_runs_are_cancelled(given: Given) -> None:
    """All of a flow, which is paused first."""
    ask(given, "POST", "runs/bulk", {"choice": {"flow": "f"}, "first": "pause"})


def _begun(it: Scene) -> Given:
    given = brought("post_keyed", "p", "q")(it)
    place = (it.stage.workspace_id, "test")
    cancelling_many.begin(*place, RunChoice(flow="f"), first="", by="deeds", reason="")
    return given


@deed(_begun, _all_cancelled)
def a_piece_of_cancelling_is_done(given: Given) -> None:
    """Some runs and the progress in one commit."""
    job = bulk.claim("deeds")
    if job is not None:
        job()


def _done_once(it: Scene, given: Given) -> bool:
    """Whatever became of the answer, the document is not posted twice when it is done again."""
    (run_id,) = given["runs"]
    try:
        control.cancel(it.stage.workspace_id, run_id)
    except NothingToDo:
        pass
    again = control.replay(it.stage.workspace_id, run_id)
    it.play()
    return Run.objects.get(id=again).status == "succeeded" and it.papers("p") == 1


@deed(brought("post_searched", "p"), _done_once)
def an_answer_comes_after_its_run_was_cancelled(given: Given) -> None:
    """It is noted in the run."""
    worker, flight = Worker("deeds", calls_at_once=2), Flight()
    hands = worker._take(store.claim(32, "deeds"))
    if hands:
        worker._turn(hands, flight)
        with suppress(NothingToDo):  # a worker that died before had it cancelled already
            control.cancel(given["id"], given["runs"][0])
        worker._turn(worker._gather(flight), flight)
    worker.close()


def _ended_unseen(it: Scene) -> Given:
    given = brought("post_keyed", "p")(it)
    ask(place_of(it), "POST", "pauses", {"kind": "flow", "ref": "f"})
    it.stage.work()
    Pause.objects.all().delete()  # as if whoever took it away had died before it woke anybody
    return given


def _found(it: Scene, given: Given) -> bool:
    comebacks.sweep()
    return one_paper(it, given)


@deed(_ended_unseen, _found)
def a_pause_that_nobody_told_of_is_over(given: Given) -> None:
    """The scheduler's net."""
    comebacks.sweep()
