"""A job says what became of the records that it retried, not only that it retried them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ipaas.core.errors import IpaasError
from runtime import control
from runtime.models import BulkJob, DeadLetter, Run
from runtime.records import aftermath, bulk, reading
from runtime.records.choosing import Choice
from tests.kit.drawing import call, const, document, mapping, node, path
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
WIRES = "start>no no>behind"


def nodes(**rule: Any) -> list[dict[str, Any]]:
    check = {"check": call("eq", path("trigger.ok"), const(True)), "message": "Order refused."}
    return [
        node("start", "trigger.manual"),
        node("no", "validate", source="trigger", rules=[{**check, **rule}]),
        node("behind", "map", mapping=mapping(n="trigger.n")),
    ]


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = make_stage()
    yield made
    made.worker.close()


def failed(stage: Stage, many: int) -> list[DeadLetter]:
    release = stage.deploy("flow_x", document(nodes(), WIRES))
    for number in range(many):
        stage.start(release, {"n": number, "ok": False}, key=f"A{number}")
    stage.work()
    return list(DeadLetter.objects.filter(status="open").order_by("id"))


def retried(stage: Stage, **options: Any) -> str:
    found = bulk.begin(
        stage.workspace_id,
        "test",
        "retry",
        choice=Choice(),
        options=options,
        rehearsal=False,
        by="Ana",
    )
    while (piece := bulk.claim("tests")) is not None:
        piece()
    return str(found["id"])


def results(stage: Stage, job: str) -> dict[str, int]:
    found: dict[str, int] = bulk.find(stage.workspace_id, job)["results"]
    (listed,) = [j for j in bulk.page(stage.workspace_id, "test", None, 9).items if j["id"] == job]
    assert listed["results"] == found
    return found


def mend_all_but(stage: Stage, letters: list[DeadLetter], number: int) -> None:
    """The newest version refuses one of the records only."""
    same = call("eq", path("trigger.n"), const(number))
    check = call("not", same)
    stage.deploy("flow_x", document(nodes(check=check), WIRES))


def test_a_job_tells_what_went_through_and_what_failed_again(stage: Stage) -> None:
    letters = failed(stage, 4)
    mend_all_but(stage, letters, 2)
    job = retried(stage, release="newest")
    assert results(stage, job) == {"under_way": 4}
    stage.work()
    assert results(stage, job) == {"went_through": 3, "failed_again": 1}
    again = reading.page(stage.workspace_id, "test", Choice(job=job), cursor=None, limit=9)
    assert [item["business_key"] for item in again[0].items] == ["A2"]
    assert [group["count"] for group in again[1]] == [1]


def test_what_is_done_later_about_a_record_is_told_too(stage: Stage) -> None:
    letters = failed(stage, 2)
    mend_all_but(stage, letters, 1)
    job = retried(stage, release="newest")
    stage.work()
    (open_one,) = DeadLetter.objects.filter(status="open")
    control.skip_dead_letter(stage.workspace_id, open_one.id, by="Ana", reason="Not wanted.")
    assert results(stage, job) == {"went_through": 1, "failed_again": 1}
    control.cancel(stage.workspace_id, open_one.run_id, by="Ana")
    assert results(stage, job) == {"went_through": 1, "ended": 1}


def test_records_that_failed_again_can_be_retried_as_a_job_of_their_own(stage: Stage) -> None:
    letters = failed(stage, 3)
    first = retried(stage)
    stage.work()
    assert results(stage, first) == {"failed_again": 3}
    other = stage.start(Run.objects.get(id=letters[0].run_id).release_id, {"ok": False}, key="B")
    stage.work()
    stage.deploy("flow_x", document(nodes(check=const(True)), WIRES))
    found = bulk.begin(
        stage.workspace_id,
        "test",
        "retry",
        choice=Choice(job=first),
        options={"release": "newest"},
        rehearsal=False,
        by="Ana",
    )
    assert found["total"] == 3
    while (piece := bulk.claim("tests")) is not None:
        piece()
    stage.work()
    assert results(stage, str(found["id"])) == {"went_through": 3}
    assert results(stage, first) == {"went_through": 3}, "what has become of them by now"
    assert stage.run(other).status == "failed"


def test_a_job_is_followed_until_none_of_its_runs_moves(stage: Stage) -> None:
    failed(stage, 2)
    job = retried(stage)
    assert aftermath.sweep() == 0
    assert BulkJob.objects.get(id=job).followed
    stage.work()
    assert aftermath.sweep() == 1
    assert not BulkJob.objects.get(id=job).followed


def test_a_refused_record_counts_as_refused_and_nowhere_else(stage: Stage) -> None:
    letters = failed(stage, 2)
    Run.objects.filter(id=letters[0].run_id).update(status="cancelled")
    job = retried(stage)
    stage.work()
    assert bulk.find(stage.workspace_id, job)["counts"]["refused"] == 1
    assert results(stage, job) == {"failed_again": 1}


def test_other_jobs_have_no_results(stage: Stage) -> None:
    failed(stage, 1)
    found = bulk.begin(
        stage.workspace_id,
        "test",
        "skip",
        choice=Choice(),
        options={"reason": "No."},
        rehearsal=False,
        by="Ana",
    )
    assert found["results"] is None
    with pytest.raises(IpaasError):
        bulk.find(stage.workspace_id, "bulk_none")
