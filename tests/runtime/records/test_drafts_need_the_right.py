"""Who may repair records may not thereby run what was never published."""

from __future__ import annotations

from typing import Any

import pytest

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
