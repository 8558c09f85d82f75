"""Who may repair records may not thereby run what was never published."""

from __future__ import annotations

from typing import Any

import pytest

from designer import flows
from runtime.models import BulkJob, DeadLetter, Release
from tests.kit import objects
from tests.kit.cast import ApiClient, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_stacks]


@pytest.mark.parametrize("environment", ["test", "production"])
@pytest.mark.parametrize("many", [False, True])
def test_an_analyst_cannot_run_a_draft_by_retrying(
    cast: Cast, environment: str, many: bool
) -> None:
    letter = DeadLetter.objects.get(id=objects.a_dead_letter(cast))
    DeadLetter.objects.filter(id=letter.id).update(environment=environment)
    before = Release.objects.count()
    body: dict[str, Any] = {"release": "draft", "environment": environment}
    if many:
        path = "/api/v1/w/north/dead-letters/bulk"
        body |= {"action": "retry", "choice": {"flow": letter.flow_id}}
    else:
        path = f"/api/v1/w/north/dead-letters/{letter.id}/retry"
    answer = ApiClient(cast.ana).post(path, body)
    assert (answer.status, answer.json["code"]) == (403, "access.right_missing")
    assert Release.objects.count() == before
    assert not BulkJob.objects.exists()
    assert DeadLetter.objects.get(id=letter.id).status == "open"
    if environment == "production":
        assert ApiClient(cast.ben).post(path, body).status == 403, "builders publish to test only"


def test_what_a_retry_with_the_draft_would_do_is_worked_out_with_the_draft(cast: Cast) -> None:
    letter = DeadLetter.objects.get(id=objects.a_dead_letter(cast))
    before = Release.objects.count()
    path = f"/api/v1/w/north/dead-letters/{letter.id}/forecast?release=draft"
    answer = ApiClient(cast.ben).get(path)
    assert (answer.status, answer.json["outcome"]) == (200, "nothing_to_send")
    flow = flows.get(cast.north.id, letter.flow_id)
    step = {
        "id": "post",
        "type": "action",
        "name": "Post",
        "config": {},
        "position": {"x": 200, "y": 0},
    }
    drawn = {**flow.draft.document, "nodes": [*flow.draft.document["nodes"], step]}
    flows.save_draft(
        cast.north.id, letter.flow_id, document=drawn, revision=flow.draft.revision, user=cast.ben
    )
    answer = ApiClient(cast.ben).get(path)
    assert (answer.status, answer.json["outcome"]) == (200, "cannot"), "nothing can run it"
    assert "problem" in answer.json["why"]
    live = ApiClient(cast.ben).get(path.replace("draft", "newest"))
    assert live.json["outcome"] == "nothing_to_send"
    assert Release.objects.count() == before, "looking stores nothing"


def test_an_analyst_is_not_told_what_a_draft_would_do(cast: Cast) -> None:
    letter = DeadLetter.objects.get(id=objects.a_dead_letter(cast))
    path = f"/api/v1/w/north/dead-letters/{letter.id}/forecast?release=draft"
    answer = ApiClient(cast.ana).get(path)
    assert (answer.status, answer.json["code"]) == (403, "access.right_missing")
