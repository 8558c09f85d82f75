"""Runs as people read them: lists, one run, its steps, its journal, the errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import CharField, Count, Max, QuerySet
from django.db.models.functions import Cast, Substr

from ipaas.core import clock, jsonio
from ipaas.core.ids import oldest_id
from ipaas.tenancy import paging
from runtime import family_tree, pausing
from runtime.effects import payloads
from runtime.effects.programs import PROGRAMS
from runtime.engine import Program, RunStatus, StepState, StepStatus
from runtime.live.summaries import step_summary, summary_of
from runtime.models import Attempt, DeadLetter, Event, Family, JournalBatch, Run
from runtime.records.doubts import doubts
from runtime.store import snapshot_of
from runtime.values import LastRun, Recorded, RunNotFound

JOURNAL_PAGE = 500
MOST_COUNTED = 10_000  # shown as that many or more
RECENT = 20_000
MAX_SHOWN_BYTES = 512 * 1024


def list_runs(
    workspace_id: str,
    environment: str,
    *,
    flow_id: str = "",
    status: str = "",
    query: str = "",
    parent: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[paging.Page[dict[str, Any]], dict[str, int]]:
    """One page of runs, newest first, and how many there are by status.

    Runs that other runs made are left out, unless ``parent`` names one or ``query`` is their id.
    """
    rows = Run.objects.filter(workspace_id=workspace_id, environment=environment)
    if not query or parent:
        rows = rows.filter(parent_id=parent)
    if flow_id:
        rows = rows.filter(flow_id=flow_id)
    if query:
        rows = rows.filter(id__in=matching(rows, query, parent))
    counts = _counts(rows)
    if status:
        rows = rows.filter(status__in=status.split(","))
    page = _page(rows.defer("event"), cursor, limit)
    programs = PROGRAMS.get(row.release_id for row in page.items)
    return page.map(lambda run: summary_of(run, programs[run.release_id])), counts


def _counts(rows: QuerySet[Run]) -> dict[str, int]:
    """How many runs there are by status, each counted up to ``MOST_COUNTED``."""
    found = {str(each): rows.filter(status=each)[:MOST_COUNTED].count() for each in RunStatus}
    return {status: number for status, number in found.items() if number}


def matching(rows: QuerySet[Run], query: str, parent: str) -> list[str]:
    """Ids of runs with this id or business key; of recent ones also with a part of the key.

    However many runs there are, no more than ``RECENT`` are looked at for parts.
    """
    roots = rows.filter(parent_id=parent)
    oldest = roots.order_by("-id").values_list("id", flat=True)[RECENT : RECENT + 1]
    recent = roots.filter(id__gt=oldest[0]) if oldest else roots
    searches = (
        rows.filter(id=query),
        roots.filter(business_key=query),
        recent.filter(business_key__icontains=query),
    )
    return [i for rows in searches for i in rows.order_by("-id").values_list("id", flat=True)[:200]]


def _page(rows: QuerySet[Any], cursor: str | None, limit: int) -> paging.Page[Any]:
    """Newest first, by id (ids sort by time of birth)."""
    if cursor:
        rows = rows.filter(id__lt=paging.decode(cursor, 1)[0])
    found = list(rows.order_by("-id")[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    return paging.Page(found, paging.encode(found[-1].id) if more else None)


def _program(run: Run) -> Program:
    return PROGRAMS.get([run.release_id])[run.release_id]


def _run(workspace_id: str, run_id: str) -> Run:
    run = Run.objects.select_related("release").filter(id=run_id, workspace_id=workspace_id).first()
    if run is None:
        raise RunNotFound("There is no such run in this workspace.", hint="Open it from the list.")
    return run


def run_environment(workspace_id: str, run_id: str) -> str:
    """Environment of a run; raises RunNotFound."""
    return str(_run(workspace_id, run_id).environment)


def get_run(workspace_id: str, run_id: str) -> dict[str, Any]:
    """A run with its flow document and the state of every step."""
    run = _run(workspace_id, run_id)
    snapshot = snapshot_of(run)
    document = run.release.body["document"]
    letter = DeadLetter.objects.filter(run_id=run.id, status="open").order_by("-id").first()
    return {
        **summary_of(run, _program(run)),
        "document": document,
        "steps": {
            node["id"]: step_summary(node["id"], snapshot.step(node["id"]))
            for node in document["nodes"]
        },
        "keys": _keys(run),
        "dead_letter_id": letter.id if letter else None,
        "replay_of": run.replay_of or None,
        "families": family_tree.families(run.id),
        "pauses": pausing.of_run(run),
        "doubts": doubts(_program(run), snapshot, workspace_id),
    }


def _keys(run: Run) -> list[dict[str, str]]:
    """Numbers that lead to other systems: the event's record, and pairs the run remembered."""
    keys = []
    source = ""
    if run.event_id:
        event = Event.objects.get(id=run.event_id)
        source = event.source
        if not source.startswith("flow/"):  # what came to a flow's own address is in no system
            keys.append(_key(event.entity, source, event.entity_id))
    nodes = {node["id"]: node for node in run.release.body["document"]["nodes"]}
    for node_id, raw in run.state.items():
        node = nodes.get(node_id)
        if node and node["type"] == "xref" and raw.get("output"):
            pair = payloads.load(run.workspace_id, [raw["output"]]).get(raw["output"]) or {}
            for side in ("left", "right"):
                end = pair.get(side) or {}
                connection = end.get("connection")
                entity = _entity_at(node["config"].get(side) or {}, nodes)
                if entity is None and connection == source:
                    entity = pair.get("entity")
                keys.append(_key(entity or "record", connection, str(end.get("id"))))
    unique = {(key["label"], key["value"]): key for key in keys}
    return list(unique.values())


def _key(entity: str, connection: Any, value: str) -> dict[str, str]:
    """One number of another system; the screen names the connection by its title."""
    where = str(connection)
    return {
        "label": f"{entity} in {where}",
        "entity": entity,
        "connection": where,
        "value": value,
    }


def _entity_at(end: Mapping[str, Any], nodes: Mapping[str, Any]) -> str | None:
    """Kind of record that one end of a pair names: that of the step its id comes from, if any."""
    path = str((end.get("id") or {}).get("path") or "").split(".")
    maker = nodes.get(path[1]) if len(path) > 1 and path[0] == "steps" else None
    if maker is None:
        return None
    config = maker["config"]
    words = str(config.get("entity") or config.get("operation") or "").split("_")
    return " ".join(words[1:] if len(words) > 1 and not config.get("entity") else words) or None


def get_step(workspace_id: str, run_id: str, node_id: str) -> dict[str, Any]:
    """A step with its input, output and every attempt's HTTP exchanges (secrets masked)."""
    run = _run(workspace_id, run_id)
    program = _program(run)
    node = program.graph.nodes.get(node_id)
    if node is None:
        raise RunNotFound(
            "The flow of this run has no such step.", hint="Choose one on the canvas."
        )
    snapshot = snapshot_of(run)
    state = snapshot.step(node_id)
    attempts = list(Attempt.objects.filter(run_id=run.id, node_id=node_id).order_by("id"))
    before = {up: snapshot.step(up).output for up in program.graph.upstream(node_id)}
    wanted = [state.input, state.output, snapshot.trigger, *before.values()]
    found = payloads.load(workspace_id, wanted + [a.exchanges for a in attempts])
    return {
        **step_summary(node_id, state),
        "input": _shown(_input(node.type, state, snapshot.trigger, before, program, found)),
        "output": _shown(found.get(state.output or "")),
        "attempts_list": [
            {
                "number": attempt.number,
                "kind": attempt.purpose,
                "started_at": attempt.started_at.isoformat(),
                "duration_ms": attempt.duration_ms,
                "outcome": attempt.outcome,
                "error": attempt.error,
                "exchanges": found.get(attempt.exchanges) or [],
            }
            for attempt in attempts
        ],
    }


def _input(
    kind: str,
    state: StepState,
    trigger: str,
    before: dict[str, str | None],
    program: Program,
    found: dict[str, Any],
) -> Any:
    """What the step worked on: the call's inputs, else the documents it could see."""
    if state.input:
        return found.get(state.input)
    if kind.startswith("trigger."):
        return found.get(trigger)
    steps = {
        node: found.get(reference or "")
        for node, reference in before.items()
        if reference and not program.graph.nodes[node].kind.is_trigger
    }
    return {"trigger": found.get(trigger), "steps": steps}


def _shown(document: Any) -> Any:
    """The document, or a note in its place if it is too large for a page."""
    if document is None:
        return None
    size = len(jsonio.dumps(document))
    if size > MAX_SHOWN_BYTES:
        return {"too_large_to_show": True, "size_bytes": size}
    return document


def journal(workspace_id: str, run_id: str, after: int) -> list[dict[str, Any]]:
    """Journal entries after a sequence number, oldest first, at most a page."""
    run = _run(workspace_id, run_id)
    found: list[dict[str, Any]] = []
    batches = JournalBatch.objects.filter(run_id=run.id, to_seq__gt=after).order_by("from_seq")
    for batch in batches.iterator(chunk_size=50):
        found.extend(entry for entry in batch.entries if entry["seq"] > after)
        if len(found) >= JOURNAL_PAGE:
            break
    return found[:JOURNAL_PAGE]


def recorded(workspace_id: str, environment: str, flow_id: str, limit: int = 20) -> list[Recorded]:
    """Trigger documents of a flow's newest runs, newest first; outputs are left out."""
    rows = list(
        Run.objects.filter(
            workspace_id=workspace_id, environment=environment, flow_id=flow_id, parent_id=""
        )
        .defer("state")
        .order_by("-id")[:limit]
    )
    found = payloads.load(workspace_id, [row.trigger for row in rows])
    return [
        Recorded(row.id, row.business_key, row.status, row.created_at, found.get(row.trigger), {})
        for row in rows
    ]


def recorded_run(workspace_id: str, run_id: str, loops: Sequence[str] = ()) -> Recorded:
    """What one run left behind, outputs of its steps included.

    ``loops`` are nodes one inside the other, outermost first: what the first item of each left
    behind comes along.
    """
    run = _run(workspace_id, run_id)
    state, inner, empty = dict(run.state), run, set()
    for loop in loops:
        made = Family.objects.filter(workspace_id=workspace_id, run_id=inner.id, node_id=loop)
        items = Run.objects.filter(family_id__in=list(made.values_list("id", flat=True)))
        first = items.order_by("family_id", "item_index").first()
        if first is None:
            if state.get(loop, {}).get("status") in (StepStatus.SUCCEEDED, StepStatus.SKIPPED):
                empty.add(loop)
            break
        state, inner = {**state, **first.state}, first
    references = {n: raw["output"] for n, raw in state.items() if raw.get("output")}
    found = payloads.load(workspace_id, [run.trigger, *references.values()])
    outputs = {node: found.get(reference) for node, reference in references.items()}
    skipped = {node for node, raw in state.items() if raw.get("status") == StepStatus.SKIPPED}
    return Recorded(
        run.id,
        run.business_key,
        run.status,
        run.created_at,
        found.get(run.trigger),
        outputs,
        frozenset(skipped),
        frozenset(empty),
    )


def last_runs(workspace_id: str, flow_ids: Iterable[str]) -> dict[str, LastRun]:
    """The newest run of each flow, in one query."""
    newest = (
        Run.objects.filter(workspace_id=workspace_id, flow_id__in=list(flow_ids), parent_id="")
        .values("flow_id")
        .annotate(newest=Max("id"))
        .values_list("newest", flat=True)
    )
    return {
        row.flow_id: LastRun(row.id, row.flow_id, row.status, row.finished_at)
        for row in Run.objects.filter(id__in=list(newest)).only(
            "id", "flow_id", "status", "finished_at"
        )
    }


def overview(workspace_id: str, environment: str) -> dict[str, Any]:
    """Counts of the last 24 hours: by flow, by hour and in all.

    ``hours`` are the 25 hours of the clock that the day touches, oldest first. The first is
    counted from where the day begins and the last has not ended, so they add up to ``counts``.
    """
    now = clock.now()
    since = now - timedelta(hours=24)
    rows = Run.objects.filter(
        workspace_id=workspace_id,
        environment=environment,
        id__gte=oldest_id("run", since - timedelta(minutes=1)),  # a short range of the index
        created_at__gte=since,
        parent_id="",
    )
    flows: dict[str, dict[str, Any]] = {}
    counts: dict[str, int] = {}
    first = since.replace(minute=0, second=0, microsecond=0)
    starts = [first + timedelta(hours=number) for number in range(25)]
    hours: dict[str, dict[str, int]] = {f"{start:%Y-%m-%d %H}": {} for start in starts}
    # Both databases write a time as text alike up to the hour, in UTC; SQLite has no faster way.
    hour = Substr(Cast("created_at", CharField()), 1, 13)
    grouped = rows.values("flow_id", "status", hour=hour)
    for row in grouped.annotate(n=Count("id"), last=Max("created_at")).order_by():
        flow = flows.setdefault(
            row["flow_id"], {"runs_24h": 0, "failed_24h": 0, "last_run_at": None}
        )
        flow["runs_24h"] += row["n"]
        flow["failed_24h"] += row["n"] if row["status"] == "failed" else 0
        last = row["last"].isoformat()
        flow["last_run_at"] = max(flow["last_run_at"] or last, last)
        within = hours.setdefault(row["hour"], {})
        for total in (counts, within):
            total[row["status"]] = total.get(row["status"], 0) + row["n"]
    letters = DeadLetter.objects.filter(
        workspace_id=workspace_id, environment=environment, status="open"
    )
    return {
        "flows": flows,
        "counts": counts,
        "hours": [
            {"at": start.isoformat(), "counts": hours[f"{start:%Y-%m-%d %H}"]} for start in starts
        ],
        "dead_letters_open": letters.count(),
    }
