"""A refusal says nothing about an earlier try whose answer was lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import credentials
from connectors.models import ConnectionRow
from runtime import control
from runtime.models import DeadLetter, Effect
from tests.faults.yard.scene import Scene, scene
from tests.kit import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def lead_to(played: Scene, url: str) -> str:
    """Where the connection led before."""
    row = ConnectionRow.objects.get(workspace_id=played.stage.workspace_id, slug="dock")
    before = str(row.settings["base_url"])
    ConnectionRow.objects.filter(id=row.id).update(settings={"base_url": url})
    credentials.forget(row.id)
    return before


def retry(played: Scene) -> None:
    letter = DeadLetter.objects.get(status="open")
    control.retry_dead_letter(
        played.stage.workspace_id,
        letter.id,
        from_start=False,
        newest=False,
        document=None,
        edited=False,
        by="Ana",
        reason="It answers again.",
    )
    played.play()


def test_what_arrived_before_the_other_system_went_away_is_not_posted_again(
    played: Scene,
) -> None:
    """Its answer was lost, then it could not be reached until all tries were used up, twice."""
    played.publish_post("post_keyed")
    played.bring("m")
    played.send_and_die()
    right = lead_to(played, f"http://127.0.0.1:{processes.free_port()}")
    played.play()
    assert played.statuses() == ["failed"]
    retry(played)
    assert played.statuses() == ["failed"]
    assert Effect.objects.get().state == "intended"
    lead_to(played, right)
    retry(played)
    assert played.statuses() == ["succeeded"]
    assert played.papers("m") == 1


def test_what_never_left_may_be_sent_under_a_new_key(played: Scene) -> None:
    played.publish_post("post_keyed")
    right = lead_to(played, f"http://127.0.0.1:{processes.free_port()}")
    played.bring("m")
    played.play()
    assert Effect.objects.get().state == "refused"
    lead_to(played, right)
    retry(played)
    assert played.papers("m") == 1
