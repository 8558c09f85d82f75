"""What is removed when its time is over, and what is never removed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from ipaas.core import clock
from ipaas.core.errors import IpaasError
from ipaas.core.ids import _spelt
from runtime import control, reading
from runtime.effects import payloads
from runtime.models import Attempt, DeadLetter, Event, JournalBatch, Payload, Run
from runtime.records import reading as letters
from runtime.retention import keeper, marks, policy
from tests.kit import objects
from tests.kit.cast import Cast, make_cast
from tests.kit.order_flow import LaterClock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]
PLACE = "test"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def later() -> Iterator[LaterClock]:
    skipping = LaterClock()
    with clock.use(skipping):
        yield skipping


def born(at: datetime, number: int) -> str:
    return _spelt("run", (int(at.timestamp() * 1000) << 80) + number)


def keep(cast: Cast, document: Any) -> str:
    box = payloads.PayloadBox(cast.north.id)
    reference = box.keep(document)
    payloads.write(box.rows())
    return reference


def ended(cast: Cast, number: int, status: str = "succeeded", **more: Any) -> Run:
    """A run that ends now, with two documents, a journal and an attempt of its own."""
    model = Run.objects.get(id=objects.a_run(cast)) if number == 0 else _like(cast)
    now = clock.now()
    trigger, output = keep(cast, {"number": number}), keep(cast, {"invoice": number})
    values: dict[str, Any] = {
        "status": status,
        "trigger": trigger,
        "finished_at": now if status in ("succeeded", "failed", "cancelled") else None,
        "state": {"post": {"status": "succeeded", "output": output}},
        **more,
    }
    run = Run.objects.create(
        id=born(now, number),
        workspace_id=cast.north.id,
        environment=PLACE,
        flow_id=model.flow_id,
        release_id=model.release_id,
        trigger_node="start",
        source_key=f"order/{number}",
        created_at=now,
        **values,
    )
    JournalBatch.objects.create(run=run, from_seq=1, to_seq=1, entries=[])
    Attempt.objects.create(
        run=run,
        node_id="post",
        number=1,
        purpose="send",
        started_at=now,
        duration_ms=5,
        outcome="ok",
        exchanges=keep(cast, {"exchange": number}),
    )
    return run


def _like(cast: Cast) -> Run:
    return Run.objects.filter(source_key="tests").first() or Run.objects.get(id=objects.a_run(cast))


def letter(run: Run, status: str = "open") -> DeadLetter:
    return DeadLetter.objects.create(
        id=f"dl_{run.id[4:]}",
        workspace_id=run.workspace_id,
        environment=PLACE,
        run=run,
        flow_id=run.flow_id,
        node_id="post",
        node_name="Post",
        code="x",
        message="no",
        status=status,
        created_at=clock.now(),
    )


def documents(cast: Cast, run: Run) -> list[bool]:
    wanted = [run.trigger, run.state["post"]["output"]]
    found = payloads.load(cast.north.id, wanted)
    return [reference in found for reference in wanted]


def test_documents_go_before_journals_and_journals_before_runs(
    cast: Cast, later: LaterClock
) -> None:
    run = ended(cast, 1)
    seen = []
    for days in (29, 31, 91, 366):
        later.skipped = timedelta(days=days)
        keeper.tidy()
        journals = JournalBatch.objects.filter(run_id=run.id).exists()
        seen.append((all(documents(cast, run)), journals, Run.objects.filter(id=run.id).exists()))
    assert seen == [
        (True, True, True),
        (False, True, True),
        (False, False, True),
        (False, False, False),
    ]
    assert not Attempt.objects.filter(run_id=run.id).exists()


def test_failures_are_kept_longer_than_successes(cast: Cast, later: LaterClock) -> None:
    good, bad = ended(cast, 1), ended(cast, 2, "failed")
    later.skipped = timedelta(days=40)
    keeper.tidy()
    assert not any(documents(cast, good))
    assert all(documents(cast, bad))


def test_nothing_goes_that_an_open_record_needs(cast: Cast, later: LaterClock) -> None:
    above = ended(cast, 1)
    held = ended(cast, 2, "failed")
    below = ended(cast, 3, "failed", parent_id=above.id)
    letter(held)
    letter(below)
    closed = ended(cast, 4, "failed")
    letter(closed, "skipped")
    later.skipped = timedelta(days=400)
    keeper.tidy()
    for run in (above, held, below):
        assert all(documents(cast, run))
        assert Run.objects.filter(id=run.id).exists()
        assert JournalBatch.objects.filter(run_id=run.id).exists()
    assert not Run.objects.filter(id=closed.id).exists()


@pytest.mark.parametrize("status", ["queued", "waiting", "running", "in_doubt"])
def test_nothing_goes_of_a_run_that_has_not_ended(
    cast: Cast, later: LaterClock, status: str
) -> None:
    run = ended(cast, 1, status)
    item = ended(cast, 2, parent_id=run.id)
    later.skipped = timedelta(days=4_000)
    keeper.tidy()
    assert all(documents(cast, run))
    assert all(documents(cast, item)), "the run above has not gathered it yet"
    assert Run.objects.filter(id__in=[run.id, item.id]).count() == 2


def test_a_run_of_today_never_shares_a_document_that_is_about_to_go(
    cast: Cast, later: LaterClock
) -> None:
    old = keep(cast, {"the same": 1})
    assert keep(cast, {"the same": 1}) == old
    later.skipped = timedelta(days=40)
    new = keep(cast, {"the same": 1})
    assert new != old
    run = ended(cast, 5, "waiting")
    Run.objects.filter(id=run.id).update(trigger=new)
    keeper.tidy()
    found = payloads.load(cast.north.id, [old, new])
    assert new in found
    assert old not in found


def test_a_replay_takes_its_document_along(cast: Cast, later: LaterClock) -> None:
    run = ended(cast, 1)
    later.skipped = timedelta(days=20)
    again = Run.objects.get(id=control.replay(cast.north.id, run.id))
    later.skipped = timedelta(days=40)
    keeper.tidy()
    assert payloads.load(cast.north.id, [again.trigger]) == {again.trigger: {"number": 1}}
    with pytest.raises(IpaasError, match="no longer kept"):
        control.replay(cast.north.id, run.id)


def test_each_environment_has_its_own_days(cast: Cast, later: LaterClock) -> None:
    here, there = ended(cast, 1), ended(cast, 2)
    Run.objects.filter(id=there.id).update(environment="production")
    policy.set_policy(cast.north.id, "test", {"payload_days": 3}, "Alice")
    policy.set_policy(cast.north.id, "production", {"run_days": None, "journal_days": None}, "A")
    later.skipped = timedelta(days=4)
    assert keeper.forecast(cast.north.id, "test")["documents_of_runs"] == 1
    keeper.tidy()
    assert not any(documents(cast, here))
    assert all(documents(cast, there))
    later.skipped = timedelta(days=800)
    keeper.tidy()
    assert set(Run.objects.filter(source_key__startswith="order/").values_list("id")) == {
        (there.id,)
    }


def test_a_page_of_an_old_run_still_opens(cast: Cast, later: LaterClock) -> None:
    run = ended(cast, 1)
    later.skipped = timedelta(days=100)
    keeper.tidy()
    assert reading.get_run(cast.north.id, run.id)["id"] == run.id
    assert reading.journal(cast.north.id, run.id, 0) == []
    assert reading.recorded_run(cast.north.id, run.id).trigger is None


def test_open_records_expire_when_the_policy_says_so(cast: Cast, later: LaterClock) -> None:
    run = ended(cast, 1, "failed")
    record = letter(run)
    policy.set_policy(cast.north.id, "test", {"letter_days": 10}, "Alice")
    policy.set_policy(cast.north.id, "test", {"letter_warning_days": 3}, "Alice")
    warned = []
    for day in (5, 9):
        later.skipped = timedelta(days=day)
        keeper.tidy()
        record.refresh_from_db()
        assert record.status == "open"
        shown = letters.get(cast.north.id, record.id)
        assert datetime.fromisoformat(shown["expires_at"]) == record.created_at + timedelta(days=10)
        warned.append(shown["expires_soon"])
    assert warned == [False, True]
    later.skipped = timedelta(days=11)
    assert keeper.forecast(cast.north.id, "test")["letters"] == 1
    keeper.tidy()
    record.refresh_from_db()
    assert (record.status, record.edits[-1]["did"]) == ("expired", "expired")


def test_a_policy_that_contradicts_itself_is_refused(cast: Cast) -> None:
    with pytest.raises(policy.BadPolicy):
        policy.set_policy(cast.north.id, "test", {"payload_days": 1}, "Alice")
    with pytest.raises(policy.BadPolicy):
        policy.set_policy(cast.north.id, "test", {"payload_days": 100}, "Alice")
    with pytest.raises(policy.BadPolicy):
        policy.set_policy(cast.north.id, "test", {"payload_days": None}, "Alice")
    assert policy.policy_of(cast.north.id, "test") == policy.DEFAULT


def test_one_process_tidies_up_and_another_follows_when_it_dies(
    cast: Cast, later: LaterClock
) -> None:
    assert keeper.claim("a") is None, "the first time is not at the start"
    later.skipped = keeper.FIRST_AFTER + timedelta(seconds=1)
    assert keeper.claim("a") is not None
    assert keeper.claim("b") is None
    later.skipped += keeper.LEASE
    job = keeper.claim("b")
    assert job is not None
    job()
    assert keeper.claim("a") is None
    assert keeper.last(cast.north.id, "test") is not None


def test_marks_lose_nothing_and_invent_little() -> None:
    digests = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(20_000)]
    kept = marks.Marks(10_000)
    kept.add(digests[:10_000])
    assert all(digest in kept for digest in digests[:10_000])
    assert sum(digest in kept for digest in digests[10_000:]) < 100
    text = f'{{"output":"{digests[0]}","long":"{digests[1]}a"}}'
    assert marks.references_in(text, None, digests[2]) == {digests[0], digests[2]}


def test_documents_are_never_loaded_to_be_removed(
    cast: Cast, later: LaterClock, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        ended(cast, number + 1)
    later.skipped = timedelta(days=40)
    before = Payload.objects.count()
    with django_assert_max_num_queries(60) as seen:
        keeper.tidy()
    assert Payload.objects.count() <= before - 90
    assert not any("sealed" in query["sql"] for query in seen.captured_queries)
    assert Event.objects.count() == 0


def event(cast: Cast, number: int) -> Event:
    """Something that happened now, and of which nothing came."""
    now = clock.now()
    return Event.objects.create(
        id=_spelt("ev", (int(now.timestamp() * 1000) << 80) + number),
        workspace_id=cast.north.id,
        environment=PLACE,
        identity=hashlib.sha256(str(number).encode()).hexdigest(),
        source="shop",
        entity="order",
        entity_id=str(number),
        revision="1",
        payload=keep(cast, {"event": number}),
        received_at=now,
    )


def test_events_that_started_nothing_do_not_stay_for_ever(cast: Cast, later: LaterClock) -> None:
    old = [event(cast, number) for number in range(3)]
    run = ended(cast, 1, event_id=old[2].id)
    later.skipped += timedelta(days=400)
    young = event(cast, 9)
    Run.objects.filter(id=run.id).update(status="waiting", finished_at=None)
    keeper.tidy()
    assert set(Event.objects.values_list("id", flat=True)) == {old[2].id, young.id}
