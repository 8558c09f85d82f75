"""What people do to runs: start, replay, retry, decide, hurry, cancel."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from django.db import transaction

from ipaas.core import clock
from ipaas.core.errors import Conflict, Unprocessable
from ipaas.core.ids import new_id
from runtime import cancelling, faults, intents, lanes, store
from runtime.effects import payloads
from runtime.effects.programs import program_of
from runtime.engine import (
    FINISHED_RUN,
    Moment,
    Plan,
    Program,
    RunStatus,
    Snapshot,
    StepStatus,
    resume,
)
from runtime.graph import parse
from runtime.live.counts import tell_count
from runtime.live.publisher import publish
from runtime.live.turns import change_of
from runtime.models import DeadLetter, Deployment, Family, Release, Run
from runtime.values import DeadLetterNotFound, RunNotFound
from runtime.workers.actors import wake


class RunMoving(Conflict):
    """A worker holds the run, so it cannot be changed at this instant."""

    code = "run.moving"


class DocumentGone(Conflict):
    """The document was removed when its time was over."""

    code = "run.document_gone"


class BadChoice(Unprocessable):
    """The request names something that cannot be chosen here."""

    code = "run.bad_choice"


def start_run(
    workspace_id: str,
    release_id: str,
    document: Any,
    *,
    kind: str = "test",
    business_key: str = "",
) -> str:
    """Id of a new run of a release with this trigger document; it is queued and woken."""
    release = Release.objects.get(id=release_id, workspace_id=workspace_id)
    run_id = new_id("run")
    box = payloads.PayloadBox(workspace_id)
    reference = box.keep(document)
    now = clock.now()
    with faults.commits("control.start_run"):
        payloads.write(box.rows())
        Run.objects.create(
            id=run_id,
            workspace_id=workspace_id,
            environment=release.environment,
            flow_id=release.flow_id,
            release=release,
            kind=kind,
            status=RunStatus.QUEUED,
            trigger_node=parse(release.body["document"]).triggers[0].id,
            trigger=reference,
            source_key=f"{kind}/{run_id}",
            business_key=business_key[:120],
            due_at=now,
            created_at=now,
        )
    transaction.on_commit(wake)
    return run_id


def replay(workspace_id: str, run_id: str) -> str:
    """Id of a new run from the stored input of an old one, on the newest live release.

    It is about the same source document, so whatever was posted for it is found again.
    """
    old = _run(workspace_id, run_id)
    if old.parent_id:
        raise BadChoice(
            "This run is a part of another one and cannot be replayed alone.",
            hint="Retry it if it failed, or replay the run that it belongs to.",
        )
    deployment = Deployment.objects.filter(
        workspace_id=workspace_id, environment=old.environment, flow_id=old.flow_id
    ).first()
    release_id = deployment.release_id if deployment else old.release_id
    release = Release.objects.get(id=release_id)
    reference = _kept_anew(old)
    now = clock.now()
    new = Run(
        id=new_id("run"),
        workspace_id=workspace_id,
        environment=old.environment,
        flow_id=old.flow_id,
        release_id=release_id,
        kind="replay",
        status=RunStatus.QUEUED,
        trigger_node=parse(release.body["document"]).triggers[0].id,
        trigger=reference,
        source_key=old.source_key,
        business_key=old.business_key,
        revision=old.revision,
        event_id=old.event_id,
        replay_of=old.id,
        due_at=now,
        created_at=now,
    )
    with faults.commits("control.replay"):
        if deployment is not None:
            lanes.enter([(new, deployment)], now, outruns=False)
        new.save(force_insert=True)
    transaction.on_commit(wake)
    return new.id


def _kept_anew(old: Run) -> str:
    """Reference of the run's document, stored as if it came today: the old one may be removed."""
    box = payloads.PayloadBox(old.workspace_id)
    found = payloads.load(old.workspace_id, [old.trigger])
    if old.trigger not in found:
        raise DocumentGone(
            "The document of this run is no longer kept.",
            hint="Have the other system send it again.",
        )
    reference = box.keep(found[old.trigger])
    payloads.write(box.rows())
    return reference


def retry_dead_letter(
    workspace_id: str,
    dead_letter_id: str,
    *,
    from_start: bool,
    newest: bool,
    document: Any,
    edited: bool,
    by: str,
    reason: str,
    from_node: str = "",
    release_id: str = "",
    job: str = "",
) -> str:
    """Id of the run that goes on; the dead letter is closed, an edit is kept with its reason.

    With ``newest`` it goes on with the live version, with ``release_id`` with that one (a draft).
    ``job`` is that of many in which this is done.
    """
    letter = _dead_letter(workspace_id, dead_letter_id)
    _require_open(letter)
    box = payloads.PayloadBox(workspace_id)

    def change(program: Program, snapshot: Snapshot, moment: Moment) -> Plan:
        reference = box.keep(document) if edited else snapshot.trigger
        return resume.retry(
            program,
            snapshot,
            moment,
            from_start=from_start,
            trigger=reference,
            from_node=from_node,
        )

    with faults.commits("control.retry_dead_letter"):
        now = clock.now()
        edit = {"at": now.isoformat(), "by": by, "reason": reason, "did": "retried"}
        if edited:
            run = _run(workspace_id, letter.run_id)
            edit["before"], edit["after"] = run.trigger, box.keep(document)
        letters = DeadLetter.objects.select_for_update().filter(run_id=letter.run_id, status="open")
        mine = False
        for open_letter in letters:
            mine = mine or open_letter.id == letter.id
            this = open_letter.id == letter.id
            DeadLetter.objects.filter(id=open_letter.id).update(
                status="retried",
                closed_at=now,
                edits=[*open_letter.edits, edit] if this else open_letter.edits,
                retried_by_job=job if this else "",
            )
        if not mine:
            raise BadChoice("Somebody has just dealt with this record.", hint="Reload the page.")
        apply(workspace_id, letter.run_id, change, box, newest=newest, release_id=release_id)
    transaction.on_commit(lambda: tell_count(workspace_id, letter.environment))
    return letter.run_id


def skip_dead_letter(workspace_id: str, dead_letter_id: str, *, by: str, reason: str) -> None:
    """Close a dead letter without doing anything about its document.

    If others wait for it (the items after it, or the run that called it), they go on without it.
    """
    letter = _dead_letter(workspace_id, dead_letter_id)
    _require_open(letter)
    edit = {"at": clock.now().isoformat(), "by": by, "reason": reason, "did": "skipped"}
    with faults.commits("control.skip_dead_letter"):
        if not close_dead_letter(letter, "skipped", edit):
            raise BadChoice("Somebody has just dealt with this record.", hint="Reload the page.")
    transaction.on_commit(lambda: tell_count(workspace_id, letter.environment))


def close_dead_letter(letter: DeadLetter, status: str, edit: dict[str, Any]) -> bool:
    """Close it inside the caller's transaction, and let go what it held up; False if it was closed
    already."""
    changed = DeadLetter.objects.filter(id=letter.id, status="open").update(
        status=status, closed_at=clock.now(), edits=[*history(letter.id), edit]
    )
    if not changed:
        return False
    if not DeadLetter.objects.filter(run_id=letter.run_id, status="open").exists():
        lanes.let_go(letter.workspace_id, letter.run_id)
        transaction.on_commit(wake)
    if _holds_up_the_run_above(letter.run_id):
        cancel(letter.workspace_id, letter.run_id)
    return True


def history(dead_letter_id: str) -> list[dict[str, Any]]:
    """What people did about a record so far; inside the transaction that adds to it, until whose
    end nobody else can."""
    rows = DeadLetter.objects.select_for_update().filter(id=dead_letter_id)
    found: list[dict[str, Any]] = rows.values_list("edits", flat=True).get()
    return found


def _holds_up_the_run_above(run_id: str) -> bool:
    family_id = Run.objects.filter(id=run_id).values_list("family_id", flat=True)[0]
    waiting = Family.objects.filter(id=family_id, stops=True, waits=True, closed=False)
    others = DeadLetter.objects.filter(run_id=run_id, status="open")
    return bool(family_id) and waiting.exists() and not others.exists()


def decide(workspace_id: str, run_id: str, node_id: str, choice: str, output: Any) -> None:
    """Settle a doubt that only a person can settle: "resend", "adopt", or "look" once more."""
    if choice not in ("resend", "adopt", "look"):
        raise BadChoice(
            "Choose “resend”, “adopt” or “look”.", hint="Look into the other system first."
        )
    apply(
        workspace_id,
        run_id,
        lambda program, snapshot, moment: resume.decide(
            program, snapshot, moment, node_id=node_id, choice=choice, output=output
        ),
    )


def hurry(workspace_id: str, run_id: str) -> None:
    """Make the next try of a waiting run happen now."""
    apply(workspace_id, run_id, resume.hurry)


def cancel(workspace_id: str, run_id: str, *, by: str = "") -> None:
    """Stop a run and those below it; what was posted stays posted."""
    with faults.commits("control.cancel"):
        if not Run.objects.filter(id=run_id, workspace_id=workspace_id).exists():
            raise _not_found(run_id)
        became = cancelling.cancel(workspace_id, [run_id], by=by, failed_too=True)
        if became[run_id] == cancelling.OVER:
            status = Run.objects.values_list("status", flat=True).get(id=run_id)
            raise resume.NothingToDo(f"This run is already {status}.", hint="Reload the run.")


def answer(
    workspace_id: str, run_id: str, node_id: str, *, approved: bool, by: str, note: str
) -> None:
    """Let a run go on that has asked a person; raises NothingToDo if it no longer asks."""
    apply(
        workspace_id,
        run_id,
        lambda program, snapshot, moment: resume.answer(
            program, snapshot, moment, node_id=node_id, approved=approved, by=by, note=note
        ),
        intent=False,
    )


def apply(
    workspace_id: str,
    run_id: str,
    change: Callable[[Program, Snapshot, Moment], Plan],
    box: payloads.PayloadBox | None = None,
    newest: bool = False,
    release_id: str = "",
    intent: bool = True,
) -> None:
    """Commit a person's change of a run. The fence rises, so a worker that has it is refused.

    A change that lets the run go on waits for the worker that holds it: its call may be under way,
    and whoever goes on without its answer might send it twice.
    """
    box = box or payloads.PayloadBox(workspace_id)
    with faults.commits("control.apply"):
        lanes.lock_of_run(workspace_id, run_id)
        run = Run.objects.select_for_update().filter(id=run_id, workspace_id=workspace_id).first()
        if run is None:
            raise _not_found(run_id)
        if run.owner and run.due_at and run.due_at > clock.now():
            raise RunMoving(
                "A worker is carrying this run right now.",
                hint="Try again in a few seconds, when its call has been answered.",
            )
        release = _release_for(run, newest, release_id)
        other = release.id != run.release_id
        program = program_of(release)
        if other and program.problem:
            raise BadChoice(program.problem, hint="Publish the flow again.")
        moment = Moment(clock.now(), random.random, box.keep)
        before = store.snapshot_of(run)
        if other:
            before = resume.moved(before, program_of(run.release), program)
        plan = change(program, before, moment)
        payloads.write(box.rows())
        turn = store.Turn(
            run.id,
            workspace_id,
            run.environment,
            run.flow_id,
            run.started_at,
            plan,
            before.status,
            place=lanes.Place(run.lane, run.slot, run.waits_in),
        )
        store.save([turn], moment.now)
        for node_id in plan.changed if intent else ():
            state = plan.snapshot.step(node_id)
            if state.status is StepStatus.SUCCEEDED:
                intents.adopt(workspace_id, run.id, node_id, state.output or "", moment.now)
        Run.objects.filter(id=run.id).update(
            fence=run.fence + 1, release=release, trigger_node=before.trigger_node
        )
    ended_at = moment.now if plan.snapshot.status in FINISHED_RUN else None
    told = change_of(run, program, plan, before.seq, ended_at)
    transaction.on_commit(lambda: publish([told]))
    transaction.on_commit(wake)


def _release_for(run: Run, newest: bool, release_id: str) -> Release:
    """The version that the run goes on with."""
    if not newest and not release_id:
        found: Release = run.release
        return found
    place = {"workspace_id": run.workspace_id, "environment": run.environment}
    if release_id:
        chosen = Release.objects.filter(id=release_id, flow_id=run.flow_id, **place).first()
        if chosen is None:
            raise BadChoice("This flow has no such version here.", hint="Choose another one.")
        return chosen
    live = Deployment.objects.filter(flow_id=run.flow_id, **place).select_related("release").first()
    return live.release if live else run.release


def _require_open(letter: DeadLetter) -> None:
    if letter.status != "open":
        raise BadChoice(f"This record is already {letter.status}.", hint="Reload the page.")


def _run(workspace_id: str, run_id: str) -> Run:
    run = Run.objects.filter(id=run_id, workspace_id=workspace_id).first()
    if run is None:
        raise _not_found(run_id)
    return run


def _not_found(run_id: str) -> RunNotFound:
    return RunNotFound("There is no such run in this workspace.", hint="Open it from the list.")


def _dead_letter(workspace_id: str, dead_letter_id: str) -> DeadLetter:
    found = DeadLetter.objects.filter(id=dead_letter_id, workspace_id=workspace_id).first()
    if found is None:
        raise DeadLetterNotFound(
            "There is no such record in this workspace.", hint="Open it from the list of errors."
        )
    return found
