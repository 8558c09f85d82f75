"""Documents in an object store: moved later, read from anywhere, never lost, removed in batches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from connectors import rotation
from ipaas.core import clock
from runtime.archive import mover, returning, shelf
from runtime.effects import payloads
from runtime.models import DeadLetter, Pack, Payload, Run
from runtime.retention import keeper, policy
from runtime.workers import topology
from tests.kit.drawing import mapping, node, path
from tests.kit.object_store import ObjectStore, object_store
from tests.kit.played import Stage, make_stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


@pytest.fixture
def store(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    monkeypatch.setattr(shelf, "REST_S", 0.0)
    monkeypatch.setattr(shelf, "CONNECT_S", 1)
    with object_store(settings, monkeypatch) as made:
        yield made


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = make_stage()
    with clock.use(made.later):
        yield made
    made.worker.close()


def keep(stage: Stage, *documents: Any) -> list[str]:
    box = payloads.PayloadBox(stage.workspace_id)
    references = [box.keep(document) for document in documents]
    payloads.write(box.rows())
    return references


def look() -> bool:
    """Whether a look at what has to be moved was due; it is carried."""
    job = mover.claim("tests") or mover.claim("tests")  # the first one ever only makes the row
    if job is not None:
        job()
    return job is not None


def move(stage: Stage) -> None:
    stage.skip(120)
    assert look()


def test_documents_move_and_read_as_before(stage: Stage, store: ObjectStore) -> None:
    documents = [{"order": n, "text": "secret words " * 50} for n in range(40)]
    references = keep(stage, *documents)
    assert look()
    assert store.names() == [], "they are not old enough"
    move(stage)
    assert len(store.names()) == 1, "many documents are one object"
    assert not Payload.objects.filter(workspace_id=stage.workspace_id, pack_id="").exists()
    assert all(bytes(row.sealed) == b"" for row in Payload.objects.all())
    found = payloads.load(stage.workspace_id, references)
    assert [found[reference] for reference in references] == documents
    assert payloads.load(stage.workspace_id, references[7:8]) == {references[7]: documents[7]}
    assert b"secret" not in store.content(store.names()[0])


def test_what_is_written_again_after_it_moved_is_not_stored_twice(
    stage: Stage, store: ObjectStore
) -> None:
    [first] = keep(stage, {"order": 1})
    move(stage)
    assert keep(stage, {"order": 1}) == [first]
    move(stage)
    assert len(store.names()) == 1
    assert payloads.load(stage.workspace_id, [first]) == {first: {"order": 1}}


def test_while_the_store_is_away_everything_stays_in_the_database(
    stage: Stage, store: ObjectStore
) -> None:
    references = keep(stage, *({"order": n} for n in range(5)))
    store.stop()
    move(stage)
    assert len(payloads.load(stage.workspace_id, references)) == 5
    shown = mover.status()
    assert shown["problem"]["message"].startswith("The object store")
    store.start()
    store.make_bucket()
    assert not look(), "it is not asked again at once"
    move(stage)
    assert mover.status()["problem"] is None
    assert Pack.objects.filter(state="there").count() == 1
    assert len(payloads.load(stage.workspace_id, references)) == 5


def test_an_upload_that_was_cut_off_leaves_no_object_behind(
    stage: Stage, store: ObjectStore
) -> None:
    now = clock.now()
    Pack.objects.create(
        id="pack_x", workspace_id=stage.workspace_id, key=b"", state="coming", changed_at=now
    )
    store.put(f"causeway/{stage.workspace_id}/pack_x", b"half of it")
    stage.skip(1800)
    look()
    assert len(store.names()) == 1, "somebody may still be at it"
    stage.skip(7200)
    assert look()
    assert store.names() == []
    assert not Pack.objects.exists()


WAITS = [
    node("start", "trigger.manual"),
    node("pause", "wait", amount=3, unit="hours"),
    node("m", "map", mapping=mapping(n="trigger.n")),
]


def test_a_run_that_waited_reads_its_document_from_the_store(
    stage: Stage, store: ObjectStore
) -> None:
    run = stage.play(WAITS, "start>pause pause>m", {"n": 41})
    move(stage)
    stage.work_on()
    assert stage.output(run := stage.run(run.id), "m") == {"n": 41}
    assert run.status == "succeeded"


def test_a_run_whose_document_cannot_be_read_waits_and_goes_on_by_itself(
    stage: Stage, store: ObjectStore
) -> None:
    run = stage.play(WAITS, "start>pause pause>m", {"n": 41})
    move(stage)
    store.stop()
    for _ in range(8):  # more often than a run may be claimed in vain
        stage.skip(4 * 3600)
        stage.work()
    assert stage.run(run.id).status == "waiting"
    assert not DeadLetter.objects.exists()
    store.start()
    stage.work_on()
    assert stage.run(run.id).status == "succeeded"


def test_a_loop_gathers_its_results_when_the_store_is_back(
    stage: Stage, store: ObjectStore
) -> None:
    nodes = [
        node("start", "trigger.manual"),
        node("each", "for_each", list=path("trigger.items"), ordered=True),
        node("pause", "wait", amount=2, unit="hours"),
        node("m", "map", mapping=mapping(n="item")),
        node("after", "map", mapping=mapping(done="steps.each.succeeded")),
    ]
    run = stage.play(nodes, "start>each each.item>pause pause>m each.out>after", {"items": [1, 2]})
    stage.skip(2 * 3600 + 1)
    stage.work()
    move(stage)  # the result of the first item
    store.stop()
    for _ in range(3):
        stage.skip(3 * 3600)
        stage.work()
    store.start()
    stage.work_on()
    run = stage.run(run.id)
    assert run.status == "succeeded", run.error
    assert stage.output(run, "each")["results"] == [{"n": 1}, {"n": 2}]
    assert not DeadLetter.objects.exists()


def test_retention_empties_packs_and_takes_them_away(stage: Stage, store: ObjectStore) -> None:
    simple = [node("start", "trigger.manual"), node("m", "map", mapping=mapping(n="trigger.n"))]
    for number in range(3):
        stage.play(simple, "start>m", {"n": number})
    move(stage)
    policy.set_policy(stage.workspace_id, "test", {"payload_days": 2}, "Alice")
    stage.skip(3 * 86_400)
    keeper.tidy()
    assert not Payload.objects.filter(workspace_id=stage.workspace_id).exists()
    look()
    assert len(store.names()) == 1, "somebody may just be reading it"
    stage.skip(7_200)
    look()
    assert (store.names(), Pack.objects.count()) == ([], 0)


def test_little_that_is_left_of_a_pack_moves_to_another_one(
    stage: Stage, store: ObjectStore
) -> None:
    references = keep(stage, *({"order": n, "text": "x" * 3_000} for n in range(20)))
    move(stage)
    [before] = store.names()
    Payload.objects.filter(digest__in=references[3:]).delete()
    stage.skip(3 * 86_400)
    look()
    stage.skip(7_200)
    look()
    assert len(store.names()) == 1 and store.names() != [before]
    assert len(payloads.load(stage.workspace_id, references)) == 3


def test_keys_rotate_without_touching_an_object(
    stage: Stage, store: ObjectStore, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors import vault

    source = tmp_path / "keys"
    source.write_text(f"k1:{'A' * 43}=")
    monkeypatch.delenv("CAUSEWAY_MASTER_KEY")
    monkeypatch.setenv("CAUSEWAY_MASTER_KEY_FILE", str(source))
    vault.forget_keys()
    try:
        references = keep(stage, {"order": 1})
        move(stage)
        before = store.content(store.names()[0])
        call_command("rotate_keys", "--settle=0", "--retire")
        assert "k1:" not in source.read_text()
        vault.forget_keys()
        assert rotation.left_to_do() == {}
        assert payloads.load(stage.workspace_id, references) == {references[0]: {"order": 1}}
        assert store.content(store.names()[0]) == before
    finally:
        monkeypatch.undo()
        vault.forget_keys()


def test_an_object_that_somebody_changed_counts_as_missing(
    stage: Stage, store: ObjectStore
) -> None:
    references = keep(stage, {"order": 1}, {"order": 2})
    move(stage)
    [name] = store.names()
    content = bytearray(store.content(name))
    content[20] ^= 1
    store.put(name, bytes(content))
    assert len(payloads.load(stage.workspace_id, references)) == 1


def test_a_process_that_could_not_read_moved_documents_is_refused(
    stage: Stage, store: ObjectStore, settings: Any
) -> None:
    keep(stage, {"order": 1})
    move(stage)
    topology.require_storage()
    settings.STORAGE_URL = ""
    with pytest.raises(topology.WrongTopology, match="CAUSEWAY_STORAGE_URL is not set"):
        topology.require_storage()
    settings.STORAGE_URL = "https://somewhere"
    with pytest.raises(topology.WrongTopology, match="s3://bucket/prefix"):
        topology.require_storage()


def test_only_one_process_moves_at_a_time(stage: Stage, store: ObjectStore) -> None:
    assert mover.claim("a") is None
    job = mover.claim("a")
    assert job is not None and mover.claim("b") is None
    stage.skip(mover.LEASE / timedelta(seconds=1) + 1)
    assert mover.claim("b") is not None, "the first one died"
    assert Run.objects.count() == 0


def test_an_installation_leaves_the_store_and_returns_to_it(
    stage: Stage, store: ObjectStore, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [{"order": n, "text": "words " * 200} for n in range(12)]
    references = keep(stage, *documents)
    move(stage)
    newer = keep(stage, {"order": 99})
    call_command("bring_documents_back")
    assert "12 documents came back" in capsys.readouterr().out
    move(stage)
    assert mover.status()["stay"] is True
    assert not Payload.objects.exclude(pack_id="").exists(), "none moves away any more"
    found = payloads.load(stage.workspace_id, references + newer)
    assert [found[reference] for reference in references] == documents
    address, settings.STORAGE_URL = settings.STORAGE_URL, ""
    topology.require_storage()
    assert len(payloads.load(stage.workspace_id, references + newer)) == 13
    settings.STORAGE_URL = address
    stage.skip(7_200)
    look()
    assert store.names() == [], "what holds nothing is taken away"
    call_command("bring_documents_back", "--move-again")
    move(stage)
    assert not Payload.objects.filter(workspace_id=stage.workspace_id, pack_id="").exists()
    assert len(payloads.load(stage.workspace_id, references + newer)) == 13


def test_what_cannot_be_read_holds_the_store_until_it_is_given_up(
    stage: Stage, store: ObjectStore, settings: Any
) -> None:
    references = keep(stage, {"order": 1}, {"order": 2})
    move(stage)
    [name] = store.names()
    content = bytearray(store.content(name))
    content[20] ^= 1
    store.put(name, bytes(content))
    with pytest.raises(CommandError, match="1 documents could not be read"):
        call_command("bring_documents_back")
    address, settings.STORAGE_URL = settings.STORAGE_URL, ""
    with pytest.raises(topology.WrongTopology, match="bring_documents_back"):
        topology.require_storage()
    with pytest.raises(CommandError, match="not set"):
        call_command("bring_documents_back")
    settings.STORAGE_URL = address
    call_command("bring_documents_back", "--forget-unreadable")
    settings.STORAGE_URL = ""
    topology.require_storage()
    assert len(payloads.load(stage.workspace_id, references)) == 1


def test_two_processes_do_not_move_documents_both_ways(stage: Stage, store: ObjectStore) -> None:
    keep(stage, {"order": 1})
    stage.skip(120)
    assert mover.claim("a") is None and mover.claim("a") is not None
    with pytest.raises(returning.StorageBusy):
        returning.bring_back(wait_s=0.0)
    stage.skip(mover.LEASE.total_seconds() + 1)
    assert returning.bring_back(wait_s=0.0).came == 0
