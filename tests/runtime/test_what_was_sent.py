"""Tables change while a run is under way: what was sent, or begun with, stays what it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.tables import rows, saving, store
from ipaas.core import clock
from runtime.effects.flight import Flight
from runtime.models import Run
from tests.faults.yard.scene import Scene, scene
from tests.kit.drawing import call, const, mapping, node, path
from tests.kit.played import Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
FOUND = call("lookup_table", const("Names"), path("trigger.code"))


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


def save(stage: Stage, name: str) -> None:
    """The table says from now on that the code K means ``name``."""
    tables = [t for t in store.list_tables(stage.workspace_id, "test") if t.name == "Names"]
    columns = [{"name": "code", "key": True}, {"name": "name"}]
    table = (tables or [None])[0] or store.create_table(
        stage.workspace_id, "test", name="Names", actor=stage.owner, columns=columns
    )
    old = saving.rows_at(table.id, table.version).first()
    rows.change_rows(
        stage.workspace_id,
        table.id,
        based_on=table.version,
        put=[{"id": old and old.id, "values": {"code": "K", "name": name}}],
        actor=stage.owner,
    )


def post(how: str) -> dict[str, Any]:
    rules = {"schema": 1, "rules": [{"id": "n", "target": "name", "expr": FOUND}]}
    return node("a", "action", connection="dock", connector="dock", operation=how, input=rules)


@pytest.mark.parametrize("how", ["post_searched", "post_keyed"])
def test_what_was_sent_is_searched_for_and_not_what_would_be_sent_now(
    played: Scene, how: str
) -> None:
    save(played.stage, "before")
    played.publish([post(how)], "start>a")
    played.bring("m", code="K")
    played.send_and_die()
    assert played.papers("before") == 1
    save(played.stage, "after")
    played.play()
    assert played.statuses() == ["succeeded"]
    assert (played.papers("before"), played.papers("after")) == (1, 0)


def test_a_loop_goes_over_the_list_that_it_began_with(played: Scene) -> None:
    stage = played.stage
    save(stage, ",".join(str(number) for number in range(600)))
    each = node("each", "for_each", list=call("split_text", FOUND, const(",")), parallel=100)
    played.publish([each, node("m", "map", mapping=mapping(n="item"))], "start>each each.item>m")
    (run_id,) = played.bring("m", code="K")
    with clock.use(stage.later):
        stage.worker._turn(played.claim(), Flight())  # the first five hundred
    assert 0 < Run.objects.filter(parent_id=run_id).count() < 600
    save(stage, "a,b,c")
    played.play()
    assert stage.run(run_id).status == "succeeded"
    assert stage.output(stage.run(run_id), "each")["results"][599] == {"n": "599"}
