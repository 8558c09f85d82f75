"""Records that need a person, what is held back, what is kept, and processes."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import transaction

from connectors import facade as connectors
from connectors.tables import rows
from connectors.tables import store as tables
from connectors.tables.cells import TableInvalid
from ipaas.core import clock
from ipaas.tenancy import facade as tenancy
from runtime import control, held, pausing
from runtime.models import (
    DeadLetter,
    Event,
    Lease,
    Pause,
    Process,
    RetentionRow,
    Run,
)
from runtime.records import bulk
from runtime.records.choosing import Choice
from runtime.retention import keeper
from runtime.triggers import arrivals
from runtime.triggers.arrivals import Arrival
from runtime.workers.leadership import Leadership
from runtime.workers.topology import Presence
from tests.faults.yard.deeds.play import (
    Given,
    ask,
    brings,
    brought,
    deed,
    done,
    one_paper,
    place_of,
    published,
)
from tests.faults.yard.scene import Scene
from tests.kit.drawing import document, mapping, node, path

# Dead letters: the code of the record is in no table


def _unknown(it: Scene) -> Given:
    table = tables.create_table(
        it.stage.workspace_id,
        "test",
        name="Codes",
        actor=it.stage.owner,
        columns=[{"name": "code", "key": True}, {"name": "value"}],
    )
    post = {"connection": "dock", "connector": "dock", "operation": "post_keyed"}
    it.publish(
        [
            node("look", "lookup", table="codes", key=path("trigger.code"), on_miss="person"),
            node("a", "action", input=mapping(name="trigger.name"), **post),
        ],
        "start>look look>a",
        order="by_key",
    )
    it.bring("p", line="k", code="17")
    it.play()
    return {"table": table.id, "letter": DeadLetter.objects.get().id}


def _learn(it: Scene, given: Given) -> None:
    """The code comes into the table; what waited for it may go on by itself."""
    newest = tables.get_table(it.stage.workspace_id, given["table"]).version
    put = [{"values": {"code": "17", "value": "4000"}}]
    rows.change_rows(
        it.stage.workspace_id, given["table"], based_on=newest, put=put, actor=it.stage.owner
    )


def _mended(it: Scene, given: Given) -> bool:
    it.play()
    _learn(it, given)
    return _retried(it, given)


def _retried(it: Scene, given: Given) -> bool:
    """Whatever is left is retried by a person."""
    for letter in DeadLetter.objects.filter(status="open"):
        control.retry_dead_letter(
            it.stage.workspace_id, letter.id, from_start=False, newest=False, document=None,
            edited=False, by="", reason="")  # fmt: skip
    return one_paper(it, given)


@deed(_unknown, _mended)
def a_record_is_retried(given: Given) -> None:
    """Before anybody mended it: it fails again."""
    ask(given, "POST", f"dead-letters/{given['letter']}/retry", {})


def _found_by_the_net(it: Scene, given: Given) -> bool:
    with clock.use(it.stage.later):
        held.sweep()
    return one_paper(it, given)


@deed(_unknown, _found_by_the_net)
def a_code_is_added(given: Given) -> None:
    """Whoever adds it lets the record go on."""
    newest = tables.get_table(given["id"], given["table"]).version
    owner = get_user_model().objects.get(username=given["owner"])
    put = [{"values": {"code": "17", "value": "4000"}}]
    try:
        rows.change_rows(given["id"], given["table"], based_on=newest, put=put, actor=owner)
    except TableInvalid:
        pass  # it is in the table


def _behind(it: Scene) -> Given:
    given = _unknown(it)
    it.bring("q", line="k", code="17")
    it.play()
    assert it.papers("q") == 0, "it stands in line"
    return given


def _let_go(it: Scene, given: Given) -> bool:
    it.play()
    letters = {row.status for row in DeadLetter.objects.filter(id=given["letter"])}
    second = DeadLetter.objects.exclude(id=given["letter"]).count()
    return letters == {"skipped"} and second == 1 and it.papers("p") == 0


@deed(_behind, _let_go)
def a_record_is_left_out(given: Given) -> None:
    """The one behind it moves (and fails for the same reason)."""
    ask(given, "POST", f"dead-letters/{given['letter']}/skip", {"reason": "Not wanted."})


def _left_out(it: Scene) -> Given:
    given = _unknown(it)
    control.skip_dead_letter(it.stage.workspace_id, given["letter"], by="", reason="")
    return given


@deed(_left_out, _mended)
def a_record_is_reopened(given: Given) -> None:
    """And mended then."""
    ask(given, "POST", f"dead-letters/{given['letter']}/reopen", {"reason": "After all."})


@deed(_unknown, one_paper)
def a_step_is_left_out(given: Given) -> None:
    """The run goes on behind it."""
    body = {"output": {"value": "4000"}, "reason": "I know it."}
    ask(given, "POST", f"dead-letters/{given['letter']}/go-past", body)


@deed(
    _unknown,
    lambda it, given: bool(DeadLetter.objects.get().assignee_id) and _mended(it, given),
)
def a_record_is_assigned(given: Given) -> None:
    """To the owner."""
    (owner,) = tenancy.members_of(given["id"])
    ask(given, "POST", f"dead-letters/{given['letter']}/assign", {"member_id": owner.id})


def _carry_bulk(it: Scene, given: Given) -> bool:
    it.play()
    for _ in range(6):
        it.stage.skip(61)
        with clock.use(it.stage.later):
            job = bulk.claim("after")
            if job is not None:
                job()
        it.play()
    return _mended(it, given)


@deed(_unknown, _carry_bulk)
def a_person_retries_many(given: Given) -> None:
    """By a filter."""
    ask(given, "POST", "dead-letters/bulk", {"action": "retry", "choice": {}})


def _job(it: Scene) -> Given:
    given = _unknown(it)
    made = bulk.begin(it.stage.workspace_id, "test", "retry", choice=Choice.of({}),
                      options={}, rehearsal=False, by="deeds")  # fmt: skip
    return {**given, "job": made["id"]}


@deed(_job, _carry_bulk)
def a_piece_of_a_bulk_job_is_done(given: Given) -> None:
    """One commit a record."""
    job = bulk.claim("deeds")
    if job is not None:
        job()


@deed(_job, _carry_bulk)
def a_bulk_job_is_cancelled(given: Given) -> None:
    """What was done stays done."""
    ask(given, "POST", f"dead-letters/bulk/{given['job']}/change", {"action": "cancel"})


# Holding back


def _resumed(it: Scene, given: Given) -> bool:
    pausing.forget()
    it.stage.work()
    if it.papers("p"):
        return False
    for row in Pause.objects.all():
        ask(place_of(it), "DELETE", f"pauses/{row.pk}")
    return one_paper(it, given)


@deed(brought("post_keyed", "p"), _resumed)
def a_flow_is_paused(given: Given) -> None:
    """None of its calls leaves."""
    ask(given, "POST", "pauses", {"kind": "flow", "ref": "f"})


def _paused(it: Scene) -> Given:
    given = brought("post_keyed", "p")(it)
    ask(place_of(it), "POST", "pauses", {"kind": "flow", "ref": "f"})
    it.stage.work()
    return {**given, "pause": Pause.objects.get().pk}


@deed(_paused, one_paper)
def a_flow_goes_on(given: Given) -> None:
    """Its runs are woken."""
    if Pause.objects.filter(pk=given["pause"]).exists():
        ask(given, "DELETE", f"pauses/{given['pause']}")


# Keeping


@deed(done, lambda it, given: RetentionRow.objects.get().payload_days == 3)
def a_policy_is_set(given: Given) -> None:
    """For one environment."""
    ask(given, "PUT", "settings/retention", {"payload_days": 3})


def _old(it: Scene) -> Given:
    given = _unknown(it)
    it.bring("q", line="other", code="18")
    it.play()
    days = dict.fromkeys(
        ("payload_days", "payload_failed_days", "journal_days", "journal_failed_days",
         "run_days", "run_failed_days", "letter_days"), 3)  # fmt: skip
    ask(place_of(it), "PUT", "settings/retention", {**days, "letter_warning_days": 1})
    plain = [node("start", "trigger.manual"), node("m", "map", mapping=mapping(n="trigger.n"))]
    it.stage.start(it.stage.deploy("plain", document(plain, "start>m")), {"n": 1})
    it.play()
    idle = connectors.Event(
        entity="thing", id="1", revision="", topic="", business_key="", document={}
    )
    with transaction.atomic():
        arrivals.store([Arrival(it.stage.workspace_id, "test", "nobody", idle, None)])
    it.stage.skip(10 * 86_400)
    return given


def _tidied(it: Scene, given: Given) -> bool:
    with clock.use(it.stage.later):
        keeper.tidy()
    return not Run.objects.exists() and not Event.objects.exists() and it.papers("p") == 0


@deed(_old, _tidied)
def old_things_are_removed(given: Given) -> None:
    """Letters expire, journals, runs, events and documents go."""
    keeper.tidy()


# Processes


@deed(published, lambda it, given: Process.objects.count() <= 1 and brings(it, given))
def a_process_begins(given: Given) -> None:
    """And ends."""
    presence = Presence("worker")
    presence.begin()
    presence.end()


def _no_leader(it: Scene) -> Given:
    Lease.objects.all().delete()
    return published(it)


@deed(_no_leader, lambda it, given: Lease.objects.count() == 1 and brings(it, given))
def a_scheduler_leads(given: Given) -> None:
    """The first one ever."""
    Leadership("deeds").leads()
