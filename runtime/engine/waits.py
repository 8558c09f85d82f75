"""Steps that wait for a time or a person; a timer wakes them and no worker is held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ipaas.core.errors import Unprocessable
from ipaas.mapping.convert import to_moment, to_number
from runtime.engine.draft import PlanDraft
from runtime.engine.evaluate import failure_of
from runtime.engine.states import StepStatus
from runtime.engine.step import StepState
from runtime.engine.values import Ask
from runtime.engine.view import View
from runtime.graph import Node

UNITS_S = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
WAIT_UNITS = tuple(UNITS_S)
LONGEST = timedelta(days=400)
MAX_TEXT = 2_000


class WaitInvalid(Unprocessable):
    """There is no telling how long to wait."""

    code = "wait.invalid"


def begin(draft: PlanDraft, node: Node) -> None:
    """Start waiting."""
    try:
        if node.type == "wait":
            until = _until(draft, node)
            if until <= draft.moment.now:
                draft.succeed(node, {"until": until.isoformat()}, text=f"{node.name}: no wait")
                return
            draft.move(node.id, StepStatus.WAITING, next_at=until)
            text = f"{node.name}: waits until {until.isoformat(timespec='seconds')}"
            draft.note("step.waits", node.id, text, next_at=until.isoformat())
        else:
            _ask(draft, node, 0)
    except Exception as error:
        draft.fail(node, failure_of(error, node.name))


def longest(node: Node) -> timedelta | None:
    """How long the step waits at most; None if until a date, or for ever."""
    if node.type == "wait":
        return _duration(node.config, "amount", "unit") if _for_a_time(node) else None
    if not node.config.get("expires_after"):
        return None
    return _duration(node.config, "expires_after", "expires_unit")


def _for_a_time(node: Node) -> bool:
    return bool((node.config.get("mode") or "for") == "for")


def time_is_up(draft: PlanDraft, node: Node, state: StepState) -> None:
    """The timer of a waiting step has rung."""
    if node.type == "wait":
        until = (state.next_at or draft.moment.now).isoformat()
        draft.succeed(node, {"until": until}, text=f"{node.name}: the time has come")
        return
    outcome = str(node.config.get("on_expiry") or "reject")
    if outcome == "escalate" and not state.escalated and node.config.get("escalate_to"):
        _ask(draft, node, 1)
        return
    approved = outcome == "approve"
    draft.answered.append((node.id, "expired"))
    answer(draft, node, approved=approved, by="", note="Nobody answered in time.")


def answer(draft: PlanDraft, node: Node, *, approved: bool, by: str, note: str) -> None:
    """The question of an approval step is answered."""
    port = "approved" if approved else "rejected"
    output = {
        "approved": approved,
        "by": by,
        "note": note,
        "at": draft.moment.now.isoformat(),
        "expired": not by,
    }
    draft.succeed(node, output, port, text=f"{node.name}: {port} by {by or 'the time limit'}")


def _ask(draft: PlanDraft, node: Node, escalated: int) -> None:
    view = View(draft.program, node, draft.data, draft.moment.resources)
    text = view.value("text", node.config["text"]) if node.config.get("text") else None
    expires_at = None
    if node.config.get("expires_after"):
        expires_at = draft.moment.now + _duration(node.config, "expires_after", "expires_unit")
    who = str(node.config.get("escalate_to" if escalated else "assignee") or "role:analyst")
    kind, _, name = who.partition(":") if ":" in who else ("role", "", who)
    draft.move(node.id, StepStatus.WAITING, next_at=expires_at, escalated=escalated, error=None)
    draft.asks.append(
        Ask(
            node.id, node.name, str(text or node.name)[:MAX_TEXT], kind, name, expires_at, escalated
        )
    )
    words = "asked again, somebody else" if escalated else "asked"
    draft.note("step.asks", node.id, f"{node.name}: {words} ({kind} {name})", assignee=who)


def _until(draft: PlanDraft, node: Node) -> datetime:
    now = draft.moment.now
    if _for_a_time(node):
        return now + _duration(node.config, "amount", "unit")
    view = View(draft.program, node, draft.data, draft.moment.resources)
    found: Any = view.value("until", node.config.get("until"))
    if found is None:
        raise WaitInvalid(
            f"“{node.name}”: the field that says until when has no value.",
            hint="Choose a field that always holds a date, or give a duration.",
        )
    until = to_moment(found).in_utc().replace(tzinfo=UTC)
    if until > now + LONGEST:
        raise WaitInvalid(
            f"“{node.name}” would wait until {until.date()}; {LONGEST.days} days are the most.",
            hint="Correct the date and retry.",
        )
    return until


def _duration(config: Any, amount: str, unit: str) -> timedelta:
    seconds = float(to_number(config.get(amount) or 0))
    seconds *= UNITS_S.get(str(config.get(unit) or "minutes"), 60)
    if not 0 <= seconds <= LONGEST.total_seconds():
        raise WaitInvalid(
            "A wait lasts from no time to 400 days.", hint="Correct the step's settings."
        )
    return timedelta(seconds=seconds)
