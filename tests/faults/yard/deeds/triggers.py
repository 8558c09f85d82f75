"""What starts runs, and who sets it up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from ipaas.core import clock
from runtime import deployments
from runtime.models import (
    Backfill,
    Deployment,
    Event,
    Hook,
    Run,
    Timer,
)
from runtime.triggers import backfill, hook_setup, missed, polling, schedules, status
from runtime.workers import clocks
from tests.faults.yard import setting_up
from tests.faults.yard.deeds.play import Given, ask, brings, deed, one_paper, published
from tests.faults.yard.scene import Scene
from tests.kit.drawing import document, mapping, node

# Triggers


def _vendor_flow(operation: str, kind: str = "trigger.poll") -> Callable[[Scene], Given]:
    def prepare(it: Scene) -> Given:
        start = node(
            "start", kind, connection="dock", connector="dock", operation=operation, every_s=15
        )
        post = {"connection": "dock", "connector": "dock", "operation": "post_searched"}
        step = node("a", "action", input=mapping(name="trigger.paper"), **post)
        setting_up.deploy(it.stage.workspace_id, "f", document([start, step], "start>a"))
        row = {"id": "p", "at": (clock.now() - timedelta(days=1)).isoformat(), "paper": "p"}
        it.ledger.changes.append(row)
        it.ledger.past.append(row)
        return {}

    return prepare


def _away(operation: str) -> Callable[[Scene], Given]:
    def prepare(it: Scene) -> Given:
        given = _vendor_flow(operation)(it)
        it.ledger.away = True
        return given

    return prepare


def _polled(it: Scene, given: Given) -> bool:
    it.ledger.away = False
    it.stage.skip(4_000)
    with clock.use(it.stage.later):
        look = polling.claim("after")
        assert look is not None
        polling.carry(look)
    return one_paper(it, given)


@deed(_vendor_flow("changed"), _polled)
def a_vendor_is_asked_for_changes(given: Given) -> None:
    """Claim, ask, commit."""
    look = polling.claim("deeds")
    if look is not None:
        polling.carry(look)


@deed(_away("changed"), _polled)
def a_vendor_does_not_answer_a_poll(given: Given) -> None:
    """The failure is kept, and shown."""
    a_vendor_is_asked_for_changes(given)


@deed(_vendor_flow("changed"), _polled)
def a_person_hurries_a_poll(given: Given) -> None:
    """Ask now."""
    Timer.objects.update(owner="")
    status.poll_now(given["id"], "test", "f")


def _begun(it: Scene) -> Given:
    _vendor_flow("changed_since")(it)
    since = clock.now() - timedelta(days=5)
    made = backfill.begin(it.stage.workspace_id, "test", "f", since=since, until=None, by="deeds")
    return {"backfill": made["id"]}


def _begun_away(it: Scene) -> Given:
    given = _begun(it)
    it.ledger.away = True
    return given


def _read_back(it: Scene, given: Given) -> bool:
    it.ledger.away = False
    Timer.objects.update(due_at=None)  # the poll itself would find it too
    for row in Backfill.objects.filter(status="paused"):
        backfill.change(it.stage.workspace_id, row.id, "resume")
    for _ in range(4):
        it.stage.skip(4_000)
        with clock.use(it.stage.later):
            piece = backfill.claim("after")
            if piece is not None:
                backfill.carry(piece)
    done = Backfill.objects.get().status == "done"
    return done and one_paper(it, given)


@deed(_vendor_flow("changed_since"), _read_back)
def a_person_begins_a_backfill(given: Given) -> None:
    """It reads five days."""
    since = (clock.now() - timedelta(days=5)).isoformat()
    ask(given, "POST", "backfills", {"flow_id": "f", "since": since})


@deed(_begun, _read_back)
def a_piece_of_a_backfill_is_read(given: Given) -> None:
    """Claim, ask, commit."""
    piece = backfill.claim("deeds")
    if piece is not None:
        backfill.carry(piece)


@deed(_begun_away, _read_back)
def a_vendor_does_not_answer_a_backfill(given: Given) -> None:
    """The failure is kept, and shown."""
    a_piece_of_a_backfill_is_read(given)


@deed(_begun, _read_back)
def a_person_pauses_a_backfill(given: Given) -> None:
    """It goes on where it stopped."""
    ask(given, "POST", f"backfills/{given['backfill']}/change", {"action": "pause"})


def _clocked(it: Scene) -> Given:
    start = node("start", "trigger.schedule", cron="0 0 1 1 *", timezone="UTC")
    post = {"connection": "dock", "connector": "dock", "operation": "post_keyed"}
    step = node("a", "action", input=mapping(name="trigger.local_time"), **post)
    setting_up.deploy(it.stage.workspace_id, "f", document([start, step], "start>a"))
    # It has been due for a minute or two.
    planned = clock.now() - timedelta(seconds=90)
    minutely = {"cron": "* * * * *", "timezone": "UTC"}
    Timer.objects.update(due_at=planned, planned_at=planned, settings=minutely)
    return {}


def _fired(it: Scene, given: Given) -> bool:
    it.play()
    fires = Event.objects.filter(entity="schedule").count()
    papers = sum(len(times) for times in it.ledger.papers.values())
    return fires >= 1 and papers == fires == Run.objects.count()


@deed(_clocked, _fired)
def a_schedule_fires(given: Given) -> None:
    """One event, one run, the next time."""
    schedules.fire_due()


def _ahead(it: Scene) -> Given:
    given = _vendor_flow("changed")(it)
    Timer.objects.update(due_at=clock.now() + timedelta(days=90))
    return given


@deed(_ahead, _polled)
def a_clock_that_ran_ahead_is_set_right(given: Given) -> None:
    """What it had planned is due when it should be."""
    clocks.set_right()


def _off(it: Scene) -> Given:
    it.publish_post("post_keyed")
    deployments.set_active(it.stage.workspace_id, "test", "f", False)
    it.bring("p")
    deployments.set_active(it.stage.workspace_id, "test", "f", True)
    return {}


@deed(_off, one_paper)
def what_was_missed_is_started(given: Given) -> None:
    """By a person."""
    missed.settle(given["id"], "test", "f", "start")


@deed(published, brings)
def a_flow_is_published_again(given: Given) -> None:
    """With the same address."""
    deployments.deploy(given["id"], "test", flow_id="f", release_id=given["release"])


def _switched(it: Scene, given: Given) -> bool:
    off = not Deployment.objects.get(flow_id="f").active
    deployments.set_active(it.stage.workspace_id, "test", "f", True)
    return off and brings(it, given)


@deed(published, _switched)
def a_flow_is_switched_off(given: Given) -> None:
    """And on again by the check."""
    deployments.set_active(given["id"], "test", "f", False)


@deed(published, lambda it, given: not Deployment.objects.filter(flow_id="f").exists())
def a_flow_is_taken_off(given: Given) -> None:
    """Its address is closed."""
    deployments.remove(given["id"], "f")


@deed(published, lambda it, given: Hook.objects.get().learning_until is not None)
def an_address_learns(given: Given) -> None:
    """For ten minutes."""
    hook_setup.listen(
        given["id"],
        "test",
        "f",
        node_id="start",
        kind="trigger.webhook",
        settings={},
        seconds=600,
    )


@deed(published, lambda it, given: Hook.objects.get().secret is not None)
def an_address_gets_a_secret(given: Given) -> None:
    """It is shown once."""
    hook_setup.set_secret(
        given["id"], "test", "f", kind="token", value="a-long-secret-of-its-own", overlap_s=0
    )


@deed(published, lambda it, given: Hook.objects.get().previous is None)
def the_secret_before_is_forgotten(given: Given) -> None:
    """At once."""
    hook_setup.forget_previous(given["id"], "test", "f")
