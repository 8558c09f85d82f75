"""Steps that have runs of their own: the items of a loop, and a called flow.

The step makes its runs in chunks, waits without a worker, and looks again whenever there is news of
them. What the runs do is their own business: retries, doubts and dead letters are theirs.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import timedelta
from typing import Any

from ipaas.core.errors import Recovery, TooLarge, Unprocessable
from runtime.engine.draft import PlanDraft
from runtime.engine.evaluate import failure_of, mapping_failure
from runtime.engine.lists import entries
from runtime.engine.states import StepStatus
from runtime.engine.step import StepState
from runtime.engine.values import SENT, Child, Failure, Family, NotNow, Scope, Spawn
from runtime.engine.view import View
from runtime.graph import LOOP, Node

CHUNK = 500  # runs made in one transaction
MAX_DEPTH = 8  # of runs within runs
PARALLEL = 10
MAX_PARALLEL = 100
LABEL_LENGTH = 60
LOOK_AGAIN = timedelta(seconds=30)  # when what the items left cannot be read
_PLACE = "\x1d"  # begins the name of an item without a key: no key that people choose does
_EMPTY_MAPPING = {"schema": 1, "rules": []}


class TooDeep(Unprocessable):
    """Runs within runs within runs: most likely a flow that calls itself."""

    code = "run.too_deep"


def begin(draft: PlanDraft, node: Node) -> None:
    """Make the first runs of a step."""
    try:
        if _depth(draft) > MAX_DEPTH:
            raise TooDeep(
                f"“{node.name}” would be {MAX_DEPTH + 1} runs deep.",
                hint="Does a flow call itself? Bring loops and called flows nearer to the top.",
            )
        if node.type == LOOP:
            _begin_loop(draft, node)
        else:
            _begin_call(draft, node)
    except Exception as error:
        draft.fail(node, failure_of(error, node.name))


def go_on(draft: PlanDraft, node: Node, state: StepState) -> None:
    """Make further runs, or see whether those that were made have come to an end."""
    if state.made < state.total:
        items = _items(draft, node)
        if len(items) != state.total:
            draft.ended_families.append(draft.family(node.id))
            draft.fail(node, _OTHER_LIST)
            return
        _spawn_items(draft, node, items, state.made)
        return
    family = draft.moment.families.get(node.id)
    if family is None or family.version == state.seen:
        return
    try:
        if family.ended == family.total:
            _finish(draft, node, family)
        elif family.running == 0 and family.failed and _stops(node):
            _stopped(draft, node, family)
        else:
            draft.move(node.id, StepStatus.WAITING, seen=family.version, person=False, error=None)
    except NotNow:
        next_at = draft.moment.now + LOOK_AGAIN
        draft.move(node.id, StepStatus.WAITING, next_at=next_at)


def _depth(draft: PlanDraft) -> int:
    return 1 if draft.snapshot.scope is None else draft.snapshot.scope.depth + 1


def _view(draft: PlanDraft, node: Node) -> View:
    return View(draft.program, node, draft.data, draft.moment.resources)


def policy_of(node: Node) -> str:
    """What a failed item means for the others: stop, continue or collect."""
    return str(node.config.get("on_failure") or "continue")


def _stops(node: Node) -> bool:
    return node.type != LOOP or policy_of(node) == "stop"


# Loops


def _items(draft: PlanDraft, node: Node) -> list[Any]:
    """The list; while its runs are being made, the one with which that began."""
    kept = draft.data.get(SENT, {}).get(node.id)
    if kept is not None:
        return list(kept)
    return entries(_view(draft, node), node.config.get("list"))


def _begin_loop(draft: PlanDraft, node: Node) -> None:
    items = _items(draft, node)
    if not items:
        draft.succeed(node, _summary(0, 0, 0, 0, {"results": [], "failures": []}))
        return
    draft.move(node.id, StepStatus.WAITING, total=len(items), made=0)
    if len(items) > CHUNK:
        with suppress(TooLarge):  # then it is worked out again each time
            draft.input_of(node.id, draft.moment.keep(items))  # tables may change meanwhile
    text = f"{node.name}: {len(items)} items, each a run of its own"
    draft.note("step.waits", node.id, text, items=len(items))
    _spawn_items(draft, node, items, 0)


def _spawn_items(draft: PlanDraft, node: Node, items: list[Any], first: int) -> None:
    view, snapshot = _view(draft, node), draft.snapshot
    last = min(first + CHUNK, len(items))
    key = node.config.get("key")
    steps = {
        **(snapshot.scope.steps if snapshot.scope else {}),
        **{n: s.output for n, s in snapshot.steps.items() if s.output and n in draft.data["steps"]},
    }
    outer = snapshot.scope
    trigger = outer.trigger if outer is not None and outer.items else snapshot.trigger
    family = draft.family(node.id)
    children = []
    for index in range(first, last):
        item = items[index]
        given = view.value("key", key, view.within(item, index)) if key else None
        unnamed = given is None or given == ""
        label = str(index + 1) if unnamed else str(given)
        name = f"{_PLACE}{index}" if unnamed and key else label if key else str(index)
        reference = draft.moment.keep(item)
        place = (node.id, reference, index)
        scope = Scope(
            snapshot.run_id,
            family,
            _depth(draft),
            trigger,
            steps,
            (*(outer.items if outer else ()), place),
            silent=policy_of(node) == "collect" or (_stops(node) and draft.handles_errors(node)),
            variables=snapshot.variables or "",
        )
        children.append(
            Child(
                draft.moment.mint(),
                index,
                node.id,
                reference,
                _source_key(snapshot.source_key, node.id, name),
                label[:LABEL_LENGTH],
                "",
                scope,
            )
        )
    wanted = int(node.config.get("parallel") or PARALLEL)
    parallel = 1 if node.config.get("ordered") else min(max(1, wanted), MAX_PARALLEL)
    draft.spawns.append(
        Spawn(node.id, family, "item", len(items), parallel, _stops(node), True, tuple(children))
    )
    more = last < len(items)
    next_at = draft.moment.now if more else None
    draft.move(node.id, StepStatus.WAITING, made=last, next_at=next_at)


_OTHER_LIST = Failure(
    "for_each.list_changed",
    "The list of this step became another one while its items were begun.",
    "Retry it: items that were done are found again.",
    Recovery.FIX_DATA,
)


def _source_key(above: str, node_id: str, item: str) -> str:
    """Names what an item is about: the same for every run about it, of a length that fits."""
    key = f"{above}/{node_id}[{item}]"
    if len(key) <= 200 and "\0" not in key:
        return key
    return f"{above[:100]}#{hashlib.sha256(key.encode()).hexdigest()[:32]}/{node_id}"


def _summary(count: int, succeeded: int, failed: int, cancelled: int, found: Any) -> dict[str, Any]:
    return {
        "count": count,
        "succeeded": succeeded,
        "failed": failed,
        "cancelled": cancelled,
        **found,
    }


# Called flows


def _begin_call(draft: PlanDraft, node: Node) -> None:
    flow_id = str(node.config.get("flow") or "")
    live = draft.moment.live(flow_id)
    if live is None:
        draft.fail(
            node,
            Failure(
                "call_flow.not_live",
                f"The flow that “{node.name}” calls is not live here.",
                "Publish it to this environment and switch it on, then retry.",
                Recovery.FIX_DATA,
            ),
        )
        return
    compiled = draft.program.mapping(node, "input", node.config.get("input") or _EMPTY_MAPPING)
    result = compiled.apply(draft.data, live=False, resources=draft.moment.resources)
    if result.errors:
        draft.fail(node, mapping_failure(result.errors))
        return
    snapshot = draft.snapshot
    waits = node.config.get("wait") is not False
    run_id, reference = draft.moment.mint(), draft.moment.keep(result.output)
    family = draft.family(node.id)
    scope = Scope(
        snapshot.run_id,
        family,
        _depth(draft),
        silent=waits and draft.handles_errors(node),
    )
    # Two flows may call the same one about the same record, by steps of the same name.
    source_key = _source_key(snapshot.source_key, node.id, draft.program.flow_id)
    child = Child(run_id, 0, live.trigger_node, reference, source_key, "", live.release_id, scope)
    draft.spawns.append(Spawn(node.id, family, "flow", 1, 1, True, waits, (child,)))
    if waits:
        draft.move(node.id, StepStatus.WAITING, input=reference, total=1, made=1)
        draft.note("step.waits", node.id, f"{node.name}: the called flow has begun", run_id=run_id)
    else:
        draft.succeed(node, {"run_id": run_id}, text=f"{node.name}: the called flow has begun")
        draft.input_of(node.id, reference)


# The end


def _finish(draft: PlanDraft, node: Node, family: Family) -> None:
    counts = (family.total, family.succeeded, family.failed, family.cancelled)
    if node.type != LOOP:
        if family.succeeded:
            text = f"{node.name}: the called flow has ended"
            draft.succeed(node, result_of_call(family), text=text)
        elif family.cancelled:
            draft.fail(node, _CANCELLED)
        else:
            _stopped(draft, node, family)
        return
    if family.failed and _stops(node):
        _stopped(draft, node, family)
        return
    wants = node.config.get("results") is not False
    output = _summary(*counts, family.gather(wants))
    done = f"{family.succeeded} of {family.total} items done"
    draft.succeed(node, output, text=f"{node.name}: {done}")


def result_of_call(family: Family) -> dict[str, Any]:
    """What a called flow hands back."""
    found = family.gather(True)
    return {"run_id": found["run_ids"][0], "result": found["results"][0]}


_CANCELLED = Failure(
    "call_flow.cancelled", "The called flow was cancelled.", "Retry to call it again."
)


def _stopped(draft: PlanDraft, node: Node, family: Family) -> None:
    """Failures hold the step up: its error exit is taken, else it waits for what people do.

    The failed runs are dead letters of their own; retrying one of them lets this step go on.
    """
    words = "The called flow failed." if node.type != LOOP else f"{family.failed} items failed."
    found = family.gather(False)
    first = found["failures"][0] if found["failures"] else {}
    cause = str((first.get("error") or {}).get("message") or "")
    failure = Failure(
        "call_flow.failed" if node.type != LOOP else "for_each.item_failed",
        f"{words} {cause}".strip(),
        "Retry the failed run, or leave it out; this one then goes on by itself.",
        Recovery.FIX_DATA,
    )
    if draft.handles_errors(node):
        draft.ended_families.append(draft.family(node.id))
        draft.fail(node, failure, failures=found["failures"])
        return
    draft.move(
        node.id,
        StepStatus.WAITING,
        seen=family.version,
        person=True,
        error={**failure.as_json(), "run_id": first.get("run_id", "")},
    )
    draft.note("step.held", node.id, failure.message, **failure.as_json())
