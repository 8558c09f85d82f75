"""Our own database fails while a run is being decided: the run waits for it, and no step fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError

from runtime import pausing
from tests.faults.yard.scene import Scene, scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def test_a_step_does_not_fail_because_nobody_can_say_whether_it_is_paused(
    played: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.publish_post("post_searched")
    played.bring("p")
    answers = [OperationalError("the connection was cut")]
    whole = pausing.stay

    def cut(*given: Any) -> Any:
        if answers:
            raise answers.pop()
        return whole(*given)

    monkeypatch.setattr(pausing, "stay", cut)
    played.play()
    assert not answers, "the database was asked"
    assert played.statuses() == ["succeeded"]
    assert played.papers("p") == 1
