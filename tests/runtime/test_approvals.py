"""A run that asks a person: who may answer, what an answer does, and what happens without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ipaas.tenancy.models import AuditEntry
from runtime import control
from runtime.models import Approval
from tests.kit.cast import ApiClient, Cast
from tests.kit.drawing import const, node
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def stage(cast: Cast) -> Iterator[Stage]:
    made = make_stage()
    made.workspace_id, made.slug = cast.north.id, "north"
    yield made
    made.worker.close()


def asking(stage: Stage, **config: Any) -> str:
    steps = [
        node("start", "trigger.manual"),
        node("ask", "approval", text=const("Post it?"), **config),
        node("yes", "stop"),
        node("no", "stop"),
    ]
    return stage.play(steps, "start>ask ask.approved>yes ask.rejected>no", {"n": 1}).id


def way(stage: Stage, run_id: str) -> str:
    steps = stage.run(run_id).state
    return "yes" if steps.get("yes", {}).get("status") == "succeeded" else "no"


def decide(client: ApiClient, approved: bool) -> Any:
    row = Approval.objects.get(status="open")
    return client.post(
        f"/api/v1/w/north/approvals/{row.id}/decide", {"approved": approved, "note": "Seen."}
    )


def test_whoever_was_asked_lets_the_run_go_on(
    stage: Stage, cast: Cast, api: Callable[..., ApiClient]
) -> None:
    run_id = asking(stage, assignee="role:analyst")
    assert stage.run(run_id).status == "waiting"
    listed = api(cast.ana).get("/api/v1/w/north/approvals?environment=test").json["items"]
    assert [(row["text"], row["mine"]) for row in listed] == [("Post it?", True)]
    assert decide(api(cast.vera), True).status == 403
    assert decide(api(cast.ben), True).status == 403
    assert decide(api(cast.ana), True).status == 200
    stage.work()
    assert (stage.run(run_id).status, way(stage, run_id)) == ("succeeded", "yes")
    assert stage.output(stage.run(run_id), "ask")["note"] == "Seen."
    entry = AuditEntry.objects.get(action="approval.approve")
    assert entry.details["note"] == "Seen."


def test_a_person_by_name_may_answer_whatever_the_role(
    stage: Stage, cast: Cast, api: Callable[..., ApiClient]
) -> None:
    run_id = asking(stage, assignee="user:vera")
    assert decide(api(cast.ana), False).status == 403
    assert decide(api(cast.vera), False).status == 200
    stage.work()
    assert way(stage, run_id) == "no"


def test_a_second_answer_is_refused(
    stage: Stage, cast: Cast, api: Callable[..., ApiClient]
) -> None:
    asking(stage, assignee="role:analyst")
    row = Approval.objects.get()
    assert decide(api(cast.ana), True).status == 200
    late = api(cast.alice).post(f"/api/v1/w/north/approvals/{row.id}/decide", {"approved": False})
    assert (late.status, late.json["code"]) == (409, "approval.already_answered")


@pytest.mark.parametrize(("outcome", "expected"), [("reject", "no"), ("approve", "yes")])
def test_without_an_answer_the_chosen_outcome_counts(
    stage: Stage, outcome: str, expected: str
) -> None:
    run_id = asking(stage, expires_after=4, expires_unit="hours", on_expiry=outcome)
    stage.skip(4 * 3600 - 60)
    stage.work()
    assert stage.run(run_id).status == "waiting"
    stage.skip(120)
    stage.work()
    assert (stage.run(run_id).status, way(stage, run_id)) == ("succeeded", expected)
    assert Approval.objects.get().status == "expired"


def test_an_escalation_asks_somebody_else_once(
    stage: Stage, cast: Cast, api: Callable[..., ApiClient]
) -> None:
    run_id = asking(
        stage,
        assignee="user:vera",
        expires_after=1,
        expires_unit="hours",
        on_expiry="escalate",
        escalate_to="role:analyst",
    )
    stage.skip(3_700)
    stage.work()
    row = Approval.objects.get()
    assert (row.status, row.escalated, row.assignee) == ("open", True, "analyst")
    stage.skip(3_700)
    stage.work()
    assert (stage.run(run_id).status, way(stage, run_id)) == ("succeeded", "no")


def test_a_cancelled_run_asks_nobody_any_more(stage: Stage) -> None:
    run_id = asking(stage)
    control.cancel(stage.workspace_id, run_id)
    assert Approval.objects.get().status == "cancelled"


def test_asking_for_the_next_try_does_not_answer_for_a_person(stage: Stage) -> None:
    run_id = asking(stage, expires_after=1, expires_unit="days")
    with pytest.raises(Exception, match="waits for no timer"):
        control.hurry(stage.workspace_id, run_id)


def test_lists_tell_what_waits_for_whom_and_what_was_answered(
    stage: Stage, cast: Cast, api: Callable[..., ApiClient]
) -> None:
    asking(stage, assignee="role:analyst")
    stage.work()
    assert decide(api(cast.ana), False).status == 200
    asking(stage, assignee="user:vera")
    stage.work()

    def asked(person: Any, query: str) -> tuple[list[str], int]:
        told = api(person).get(f"/api/v1/w/north/approvals?environment=test&{query}").json
        return [row["assignee"]["name"] for row in told["items"]], told["for_you"]

    assert asked(cast.vera, "asked=me") == (["vera"], 1)
    assert asked(cast.ana, "asked=me") == ([], 0)
    assert asked(cast.ana, "") == (["vera"], 0)
    assert asked(cast.ana, "asked=me&status=answered") == (["analyst"], 0)
    assert asked(cast.alice, "status=answered") == (["analyst"], 1)  # administrators may answer all
