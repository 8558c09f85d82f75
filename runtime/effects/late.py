"""Answers of calls whose run was cancelled meanwhile: they are noted, and nothing follows.

A person who cancels does not wait for calls under way. What they did is known nevertheless: the
document counts as posted, and its answer can be read in the run.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from django.db import transaction

from ipaas.core import clock
from runtime import attempts, intents, sql, store
from runtime.effects import payloads
from runtime.engine import Moment, Outcome, Program, RunStatus, answered_late
from runtime.live.publisher import Unseen, publish_watched
from runtime.live.turns import change_of
from runtime.models import Run
from runtime.store import Claim

log = logging.getLogger(__name__)


def take_in(
    claim: Claim, program: Program, box: payloads.PayloadBox, outcomes: Sequence[Outcome]
) -> None:
    """Note these answers if the run was cancelled out of this claim. Never raises.

    Any other run that is lost is somebody else's, who finds out by himself; and once somebody does
    the same document again, the intent is theirs and what comes here changes nothing.
    """
    known = [each for each in outcomes if each.started_at is not None or each.never_left]
    if not known:
        return
    try:
        with sql.writing("late"):
            _note(claim, program, box, known)
    except Exception:  # the run is cancelled; its intent stays open, and that is safe
        log.warning("an answer of cancelled run %s is lost", claim.run_id, exc_info=True)
    finally:
        box.empty()


def _note(
    claim: Claim, program: Program, box: payloads.PayloadBox, outcomes: Sequence[Outcome]
) -> None:
    rows = Run.objects.select_for_update().filter(
        id=claim.run_id, status=RunStatus.CANCELLED, fence=claim.fence + 1
    )
    run = rows.first()
    if run is None:
        return
    before = store.snapshot_of(run)
    now = clock.now()
    outcomes = [each for each in outcomes if before.step(each.call.node_id).under_way]
    box.empty()
    plan = answered_late(program, before, Moment(now, random.random, box.keep), outcomes)
    if not plan.changed:
        return
    claim = replace(claim, snapshot=before, finished_at=run.finished_at)
    record = store.Record(claim, plan, box, before.status, outcomes)
    record.exchange_refs = [attempts.keep_exchanges(box, outcome) for outcome in outcomes]
    payloads.write(box.rows())
    intents.settle([record], now)
    attempts.save([record])
    store.save_one(record, now)

    change = partial(change_of, run, program, plan, before.seq, run.finished_at)
    told = Unseen(run.workspace_id, run.environment, run.id, change)
    transaction.on_commit(partial(publish_watched, [told]))
