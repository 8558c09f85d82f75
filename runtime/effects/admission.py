"""Between a granted call and the wire: may it leave now, and what did its answer teach?"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import DatabaseError

from connectors import facade as connectors
from runtime.engine import Call, Held, Outcome
from runtime.limits.keeper import KEEPER, Told, Want
from runtime.limits.looks import SILENCE
from runtime.live.news import CALLS, tell_change
from runtime.store import Claim

log = logging.getLogger(__name__)

_WORDS = {
    "rate": "The vendor's limit is used up for the moment",
    "daily": "The vendor's limit of a day is used up",
    "concurrency": "As many calls as the vendor allows are under way",
    "pause": "The vendor asked for a pause",
    "circuit": "The system does not answer; it is left alone for a while",
}


def held_back(
    granted: Sequence[tuple[Claim, Call]], ended: Sequence[tuple[Claim, Outcome]]
) -> dict[tuple[str, str], Outcome]:
    """Calls that must wait for their vendor, by run and node; the others may leave now.

    What the calls that have ``ended`` taught is told to all workers. If nobody can be asked (our
    database fails), calls leave: the vendor's own refusal is obeyed.
    """
    wants = [_want(claim, call) for claim, call in granted]
    news = [_told(claim, outcome) for claim, outcome in ended]
    for place in {(claim.workspace_id, claim.environment) for claim, _ in ended}:
        tell_change(*place, CALLS)
    try:
        holds = KEEPER.admit(wants, news)
    except DatabaseError:
        log.warning("limits could not be asked for %d calls", len(granted), exc_info=True)
        return {}
    found = {}
    for claim, call in granted if holds else ():
        hold = holds.get(_holder(claim, call))
        if hold is not None:
            until = datetime.fromtimestamp(hold.until, UTC)
            held = Held(until, hold.reason, _WORDS[hold.reason])
            found[claim.run_id, call.node_id] = Outcome(call, held=held)
    return found


def _told(claim: Claim, outcome: Outcome) -> Told:
    last = outcome.exchanges[-1] if outcome.exchanges else None
    failure = outcome.failure
    wish = failure.retry_after_s if failure is not None else None
    if last is None:  # nothing is known to have left: the answer was kept, or nobody was reached
        silent = failure is not None and failure.code in SILENCE
        return Told(_want(claim, outcome.call), False if silent else None, wish, requests=0)
    return Told(
        _want(claim, outcome.call),
        last.response is not None and int(last.response.get("status", 0)) < 500,
        wish,
        None if last.limit_remaining is None else float(last.limit_remaining),
        None if last.limit_reset_s is None else float(last.limit_reset_s),
        outcome.requests,
    )


def _want(claim: Claim, call: Call) -> Want:
    ref = connectors.ConnectionRef(claim.workspace_id, claim.environment, call.connection)
    return Want(_holder(claim, call), ref, call.operation, claim.priority)


def _holder(claim: Claim, call: Call) -> str:
    return f"{claim.run_id}:{call.node_id}"
