"""Records that need a person: causes, retries from anywhere, many at once, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ipaas.core.errors import IpaasError
from ipaas.tenancy import facade as tenancy
from runtime import causes, control
from runtime import reading as runs
from runtime.effects.hands import Worker
from runtime.models import BulkJob, DeadLetter, Effect, Release, Run
from runtime.records import acting, bulk, reading
from runtime.records.choosing import Choice
from runtime.records.forecast import Wish, forecasts
from tests.kit.drawing import call, const, document, mapping, node, path
from tests.kit.order_flow import OrderFlow, make_order_flow, settle
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
WIRES = "start>first first>check check>no no>behind"


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = make_stage()
    yield made
    made.worker.close()


def nodes() -> list[dict[str, Any]]:
    rule = {"check": call("eq", path("trigger.ok"), const(True)), "message": "Order refused."}
    return [
        node("start", "trigger.manual"),
        node("first", "map", mapping=mapping(n="trigger.n")),
        node("check", "map", mapping=mapping(n="trigger.n")),
        node("no", "validate", source="trigger", rules=[rule]),
        node("behind", "map", mapping=mapping(seen="steps.no.seen")),
    ]


def failed(stage: Stage, many: int = 1) -> list[DeadLetter]:
    release = stage.deploy("flow_x", document(nodes(), WIRES))
    for number in range(many):
        stage.start(release, {"n": number, "ok": False}, key=f"A{number}")
    stage.work()
    return list(DeadLetter.objects.filter(status="open").order_by("id"))


def retry(stage: Stage, letter: DeadLetter, **more: Any) -> None:
    wish: dict[str, Any] = {
        "from_start": False,
        "newest": False,
        "document": None,
        "edited": False,
        "by": "Ana",
        "reason": "",
    }
    control.retry_dead_letter(stage.workspace_id, letter.id, **(wish | more))
    stage.work()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Order 100000123 has no lines.", "Order 100000988 has no lines."),
        ("“Blue shirt” is unknown.", "“Red hat” is unknown."),
        ("Line 3: price 12.50 is too low", "Line 12: price 1,000.00 is too low"),
        ("ann@example.com is no customer", "bob.b@shop.test is no customer"),
        ("Account 8f14e45f-ceea-467f-9d1a-1b0c2a3d4e5f is closed", "Account X-2041-77 is closed"),
    ],
)
def test_records_that_differ_in_names_and_numbers_have_one_cause(one: str, other: str) -> None:
    assert causes.cause_of(one) == causes.cause_of(other)
    assert causes.fingerprint("f", "n", "c", one) == causes.fingerprint("f", "n", "c", other)
    assert causes.cause_of(one) != causes.cause_of("The customer is unknown.")
    assert causes.fingerprint("f", "other", "c", one) != causes.fingerprint("f", "n", "c", one)


def test_records_are_grouped_by_cause_and_filtered(stage: Stage) -> None:
    letters = failed(stage, 3)
    page, groups = reading.page(stage.workspace_id, "test", Choice())
    (group,) = groups
    assert (group["count"], group["flow"]["name"], group["step"]) == (3, "flow_x", "no")
    assert [item["id"] for item in page.items] == [each.id for each in reversed(letters)]
    cause = Choice(cause=group["cause"], q="A1")
    (only,) = reading.page(stage.workspace_id, "test", cause)[0].items
    assert only["business_key"] == "A1"
    assert reading.page(stage.workspace_id, "test", Choice(cause="other"))[0].items == []


def test_a_retry_begins_from_a_chosen_step(stage: Stage) -> None:
    (letter,) = failed(stage)
    before = Run.objects.get().state
    retry(stage, letter, from_node="check")
    run = Run.objects.get()
    assert run.state["first"] == before["first"], "what stood before it was left alone"
    assert run.state["check"]["finished_at"] > before["check"]["finished_at"]
    again = DeadLetter.objects.get(status="open")
    with pytest.raises(IpaasError, match="not come to that step"):
        retry(stage, again, from_node="after9")


def test_a_retry_goes_on_with_the_newest_version(stage: Stage) -> None:
    (letter,) = failed(stage)
    better = nodes()
    better[3] = node("no", "map", mapping=mapping(seen="trigger.n"))
    stage.deploy("flow_x", document(better, WIRES))
    retry(stage, letter, newest=True)
    run = Run.objects.get()
    assert (run.status, run.release.version) == ("succeeded", 1)
    assert stage.output(run, "behind") == {"seen": 0}


def test_a_retry_goes_on_with_a_version_that_was_never_published(stage: Stage) -> None:
    (letter,) = failed(stage)
    old = Run.objects.get().release_id
    better = nodes()
    better[3] = node("no", "map", mapping=mapping(seen="trigger.n"))
    draft = stage.deploy("flow_y", document(better, WIRES))
    with pytest.raises(IpaasError, match="no such version"):
        retry(stage, letter, release_id=draft)
    Release.objects.filter(id=draft).update(flow_id="flow_x")
    retry(stage, letter, release_id=draft)
    run = Run.objects.get()
    assert (run.status, run.release_id) == ("succeeded", draft)
    assert draft != old


def test_a_step_is_left_out_and_the_run_goes_on_behind_it(stage: Stage) -> None:
    (letter,) = failed(stage)
    acting.go_past(
        stage.workspace_id, letter.id, output={"seen": "by hand"}, by="Ana", reason="Known."
    )
    stage.work()
    run = Run.objects.get()
    assert run.status == "succeeded"
    assert stage.output(run, "behind") == {"seen": "by hand"}
    shown = reading.get(stage.workspace_id, letter.id)
    assert (shown["status"], shown["edits"][0]["did"]) == ("skipped", "went_past")


def test_a_skipped_record_is_reopened_but_not_one_that_went_on(stage: Stage) -> None:
    first, second = failed(stage, 2)
    control.skip_dead_letter(stage.workspace_id, first.id, by="Ana", reason="Not needed.")
    acting.reopen(stage.workspace_id, first.id, by="Ana", reason="Needed after all.")
    shown = reading.get(stage.workspace_id, first.id)
    assert shown["status"] == "open"
    assert [edit["did"] for edit in shown["edits"]] == ["skipped", "reopened"]
    retry(stage, second, from_start=True, document={"n": 1, "ok": True}, edited=True, reason="x")
    with pytest.raises(acting.CannotReopen):
        acting.reopen(stage.workspace_id, second.id, by="Ana", reason="No.")
    edit = reading.edit_of(stage.workspace_id, second.id, 0)
    assert (edit["before"]["ok"], edit["after"]["ok"]) == (False, True)


def test_two_people_who_retry_at_once_retry_once(stage: Stage) -> None:
    (letter,) = failed(stage)
    retry(stage, letter)
    with pytest.raises(control.BadChoice):
        retry(stage, letter)
    assert DeadLetter.objects.filter(status="open").count() == 1


def test_a_record_is_given_to_a_member_only(stage: Stage) -> None:
    (letter,) = failed(stage)
    acting.assign(stage.workspace_id, letter.id, member_id=str(stage.owner.pk), by="Ana")
    assert Choice(assignee=str(stage.owner.pk)).rows(stage.workspace_id, "test").exists()
    assert not Choice(assignee="none").rows(stage.workspace_id, "test").exists()
    with pytest.raises(control.BadChoice, match="not a member"):
        acting.assign(stage.workspace_id, letter.id, member_id="999999", by="Ana")


def test_what_two_people_do_at_once_is_both_in_the_history(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (letter,) = failed(stage)
    whole = acting.member_name

    def left_out_meanwhile(workspace_id: str, member_id: str) -> str:
        control.skip_dead_letter(workspace_id, letter.id, by="Ben", reason="Not wanted.")
        return whole(workspace_id, member_id)

    monkeypatch.setattr(acting, "member_name", left_out_meanwhile)
    (owner,) = tenancy.members_of(stage.workspace_id)
    acting.assign(stage.workspace_id, letter.id, member_id=owner.id, by="Ana")
    letter.refresh_from_db()
    assert [edit["did"] for edit in letter.edits] == ["skipped", "assigned"]
    assert (letter.status, letter.assignee_id) == ("skipped", int(owner.id))


def test_the_export_holds_every_record_and_no_formula(stage: Stage) -> None:
    letters = failed(stage, 3)
    DeadLetter.objects.filter(id=letters[0].id).update(message="=HYPERLINK(1)")
    lines = "".join(reading.export(stage.workspace_id, "test", Choice())).splitlines()
    assert len(lines) == 4
    assert "'=HYPERLINK" in lines[1]


# Many at once


def begin(stage: Any, action: str = "retry", rehearsal: bool = False, **wish: Any) -> str:
    choice = Choice.of(wish.pop("choice", {}))
    found = bulk.begin(
        stage.workspace_id,
        "test",
        action,
        choice=choice,
        options={"reason": "All of them.", **wish},
        rehearsal=rehearsal,
        by="Ana",
    )
    return str(found["id"])


def carry_all() -> int:
    pieces = 0
    while (job := bulk.claim("tests")) is not None:
        job()
        pieces += 1
    return pieces


def test_many_records_are_retried_in_pieces_with_progress(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PIECE", 4)
    failed(stage, 10)
    job = begin(stage)
    assert carry_all() == 3
    found = bulk.find(stage.workspace_id, job)
    assert (found["status"], found["done"], found["total"]) == ("done", 10, 10)
    assert found["counts"] == {"nothing_to_send": 10}
    stage.work()
    assert DeadLetter.objects.filter(status="retried").count() == 10
    assert DeadLetter.objects.filter(status="open").count() == 10, "they fail again, once each"


def test_a_rehearsal_changes_nothing(stage: Stage) -> None:
    failed(stage, 3)
    job = begin(stage, rehearsal=True)
    carry_all()
    assert bulk.find(stage.workspace_id, job)["counts"] == {"nothing_to_send": 3}
    assert DeadLetter.objects.filter(status="open").count() == 3
    assert bulk.page(stage.workspace_id, "test", None, 10).items == []


def test_a_job_that_was_cancelled_stops_and_what_was_done_stays(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PIECE", 2)
    failed(stage, 5)
    job = begin(stage, "skip")
    piece = bulk.claim("a")
    assert piece is not None
    piece()
    bulk.change(stage.workspace_id, job, "pause")
    assert bulk.claim("a") is None
    bulk.change(stage.workspace_id, job, "resume")
    late = bulk.claim("a")
    bulk.change(stage.workspace_id, job, "cancel")
    assert late is not None
    late()
    assert DeadLetter.objects.filter(status="skipped").count() == 2
    with pytest.raises(bulk.BulkOver):
        bulk.change(stage.workspace_id, job, "resume")


def test_a_piece_whose_worker_died_is_gone_on_with_where_it_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed(stage, 4)
    job = begin(stage, "skip")
    real = control.skip_dead_letter
    done: list[str] = []

    def die_after_two(workspace_id: str, letter_id: str, **more: Any) -> None:
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(letter_id)
        real(workspace_id, letter_id, **more)

    monkeypatch.setattr(control, "skip_dead_letter", die_after_two)
    piece = bulk.claim("a")
    assert piece is not None
    with pytest.raises(KeyboardInterrupt):
        piece()
    monkeypatch.setattr(control, "skip_dead_letter", real)
    assert bulk.claim("b") is None, "its lease has not ended"
    BulkJob.objects.update(due_at=BulkJob.objects.get().created_at)
    carry_all()
    found = bulk.find(stage.workspace_id, job)
    assert (found["done"], found["counts"]) == (4, {"skip": 4})


def test_one_refused_record_does_not_stop_the_others(stage: Stage) -> None:
    letters = failed(stage, 3)
    Run.objects.filter(id=letters[1].run_id).update(status="cancelled")
    job = begin(stage)
    carry_all()
    found = bulk.find(stage.workspace_id, job)
    assert found["counts"] == {"nothing_to_send": 2, "refused": 1}
    assert found["problems"][0]["dead_letter_id"] == letters[1].id


# Never twice


@pytest.fixture
def flow(sandbox: Any) -> OrderFlow:
    return make_order_flow()


def test_a_bulk_retry_tells_beforehand_and_posts_nothing_twice(flow: OrderFlow) -> None:
    worker = Worker("test", calls_at_once=4)
    posted = [flow.announce(flow.place()) for _ in range(2)]
    settle(worker)
    for run in Run.objects.filter(id__in=posted):  # as if it had failed after posting
        last = max(run.state, key=lambda node_id: run.state[node_id].get("finished_at", ""))
        state = {**run.state, last: {"status": "failed", "error": {"code": "x", "message": "no"}}}
        Run.objects.filter(id=run.id).update(status="failed", state=state)
        DeadLetter.objects.create(
            id=f"dl_{run.id[4:]}",
            workspace_id=run.workspace_id,
            environment="test",
            run=run,
            flow_id=run.flow_id,
            node_id=last,
            node_name=last,
            code="x",
            message="no",
            created_at=run.created_at,
        )
    flow.fault("quickbooks", "server_error", times=500)
    fresh = flow.announce(flow.place())
    settle(worker)
    flow.fault("quickbooks", "server_error", False)
    letters = list(DeadLetter.objects.filter(status="open").select_related("run"))
    assert fresh in {letter.run_id for letter in letters}
    found = forecasts(letters, Wish(from_start=True))
    outcomes = {letter.run_id: found[letter.id].outcome for letter in letters}
    assert [outcomes[run_id] for run_id in posted] == ["already_posted"] * 2
    assert outcomes[fresh] in ("will_send", "in_doubt")
    begin(flow, **{"from": "start"})
    carry_all()
    settle(worker)
    assert set(Run.objects.values_list("status", flat=True)) == {"succeeded"}
    assert len(flow.invoices()) == 3
    worker.close()


def test_a_doubt_is_settled_by_what_the_other_system_has(flow: OrderFlow) -> None:
    worker = Worker("test", calls_at_once=4)
    run_id = flow.announce(flow.place())
    settle(worker)
    run = flow.run(run_id)
    (node_id,) = [n for n, raw in run.state.items() if raw.get("attempts")][-1:]
    doubt = {**run.state[node_id], "status": "in_doubt", "person": 1, "port": None, "output": None}
    doubt = {name: value for name, value in doubt.items() if value is not None}
    state = {**run.state, node_id: doubt}
    Run.objects.filter(id=run_id).update(status="in_doubt", state=state, finished_at=None)
    Effect.objects.update(state="intended")
    control.decide(flow.workspace_id, run_id, node_id, "look", None)
    settle(worker)
    run = flow.run(run_id)
    assert (run.status, run.state[node_id]["status"]) == ("succeeded", "succeeded")
    assert run.state[node_id]["output"], "its result is what the other system has"
    assert len(flow.invoices()) == 1
    worker.close()


def test_a_step_that_was_left_out_says_nothing_of_whether_its_document_arrived(
    flow: OrderFlow,
) -> None:
    worker = Worker("test", calls_at_once=4)
    run_id = flow.announce(flow.place())
    settle(worker)
    run = flow.run(run_id)
    lost = {"status": "failed", "attempts": 1, "error": {"code": "x", "message": "No answer."}}
    state = {**run.state, "post": lost, "remember": {"status": "pending"}}
    Run.objects.filter(id=run_id).update(status="failed", state=state)
    Effect.objects.filter(run_id=run_id, node_id="post").update(state="intended", result="")
    letter = DeadLetter.objects.create(
        id="dl_left_out", workspace_id=run.workspace_id, environment="test", run=run,
        flow_id=run.flow_id, node_id="post", node_name="Post", code="x", message="No answer.",
        created_at=run.created_at)  # fmt: skip
    made_up = {"Id": "999", "DocNumber": "made up"}
    acting.go_past(run.workspace_id, letter.id, output=made_up, by="Ana", reason="By hand.")
    settle(worker)
    assert flow.run(run_id).status == "succeeded"
    assert Effect.objects.get(run_id=run_id, node_id="post").state == "intended"
    again = control.replay(run.workspace_id, run_id)
    settle(worker)
    posted = runs.get_step(run.workspace_id, again, "post")["output"]
    assert posted["Id"] == flow.invoices()[0]["Id"], "what is there was found, nothing made up"
    worker.close()
