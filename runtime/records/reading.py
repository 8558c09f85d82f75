"""Records that need a person, as people read them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Min

from ipaas.core import clock
from ipaas.core.errors import Unprocessable
from ipaas.tenancy import facade as tenancy
from ipaas.tenancy import paging
from runtime import drafts
from runtime.causes import cause_of
from runtime.effects import payloads
from runtime.effects.programs import PROGRAMS
from runtime.models import DeadLetter
from runtime.records.choosing import Choice
from runtime.records.forecast import CANNOT, Forecast, Wish, forecasts
from runtime.records.suggestions import suggest
from runtime.retention.letters import expires_at
from runtime.retention.policy import Policy, policy_of
from runtime.store import snapshot_of
from runtime.values import DeadLetterNotFound

MOST_GROUPS = 100
_PAGE = 500


def page(
    workspace_id: str,
    environment: str,
    choice: Choice,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[paging.Page[dict[str, Any]], list[dict[str, Any]]]:
    """One page of records, newest first, and all of them grouped by cause."""
    rows = choice.rows(workspace_id, environment)
    listed = rows.select_related("run__release").defer("run__release__body", "run__state")
    found = paging.cut(listed, "-id", cursor=cursor, limit=limit)
    names = _names(workspace_id)
    policy = policy_of(workspace_id, environment)
    groups = _groups(choice, workspace_id, environment)
    return found.map(lambda letter: _shown(letter, names, policy)), groups


def _groups(choice: Choice, workspace_id: str, environment: str) -> list[dict[str, Any]]:
    """Causes, the most frequent first; those of every flow, whatever cause is looked at."""
    everything = Choice.of({**choice.as_json(), "cause": "", "code": "", "ids": ()})
    rows = everything.rows(workspace_id, environment).values("fingerprint", "code", "flow_id")
    grouped = rows.annotate(
        n=Count("id"),
        example=Max("message"),
        other=Min("message"),
        step=Max("node_name"),
        flow=Max("run__release__flow_name"),
        first=Min("created_at"),
        last=Max("created_at"),
    )
    return [
        {
            "cause": row["fingerprint"],
            "code": row["code"],
            "message": row["example"]
            if row["example"] == row["other"]
            else cause_of(row["example"]),
            "example": row["example"],
            "count": row["n"],
            "flow_id": row["flow_id"],
            "flow": {"id": row["flow_id"], "name": row["flow"]},
            "step": row["step"],
            "first_at": row["first"].isoformat(),
            "last_at": row["last"].isoformat(),
        }
        for row in grouped.order_by("-n", "code", "fingerprint")[:MOST_GROUPS]
    ]


def _names(workspace_id: str) -> dict[str, str]:
    return {member.id: member.name for member in tenancy.members_of(workspace_id)}


def _shown(letter: DeadLetter, names: dict[str, str], policy: Policy) -> dict[str, Any]:
    expires = expires_at(letter.created_at, policy) if letter.status == "open" else None
    warned = expires is not None and expires <= clock.now() + timedelta(
        days=policy.letter_warning_days
    )
    member = str(letter.assignee_id or "")
    return {
        "id": letter.id,
        "run_id": letter.run_id,
        "flow": {"id": letter.flow_id, "name": letter.run.release.flow_name},
        "node": {"id": letter.node_id, "name": letter.node_name},
        "environment": letter.environment,
        "code": letter.code,
        "cause": letter.fingerprint,
        "message": letter.message,
        "hint": letter.hint,
        "suggestion": letter.suggestion or _suggested(letter),
        "business_key": letter.run.business_key,
        "status": letter.status,
        "assignee": {"id": member, "name": names.get(member, "")} if member else None,
        "created_at": letter.created_at.isoformat(),
        "closed_at": letter.closed_at.isoformat() if letter.closed_at else None,
        "expires_at": expires.isoformat() if expires else None,
        "expires_soon": warned,
    }


def _suggested(letter: DeadLetter) -> dict[str, Any] | None:
    if letter.status != "open":
        return None
    program = PROGRAMS.get([letter.run.release_id])[letter.run.release_id]
    return suggest(program, letter.node_id, letter.code, letter.message, letter.hint)


def get(workspace_id: str, dead_letter_id: str) -> dict[str, Any]:
    """A record with its document, what was done about it, and the steps it could begin from."""
    letter = _letter(workspace_id, dead_letter_id)
    snapshot = snapshot_of(letter.run)
    state = snapshot.step(letter.node_id)
    found = payloads.load(workspace_id, [letter.run.trigger, state.input])
    program = PROGRAMS.get([letter.run.release_id])[letter.run.release_id]
    nodes = program.graph.nodes
    shown = ("at", "by", "reason", "did")
    # Of records that were closed before each deed had a name.
    old = {"skipped": "skipped", "expired": "expired"}
    return {
        **_shown(letter, _names(workspace_id), policy_of(workspace_id, letter.environment)),
        "document": found.get(letter.run.trigger),
        "document_kept": letter.run.trigger in found,
        "step_input": found.get(state.input or ""),
        "edits": [
            {
                **{k: e[k] for k in shown if k in e},
                "did": e.get("did")
                or next((word for mark, word in old.items() if e.get(mark)), "retried"),
                "changed": "before" in e,
            }
            for e in letter.edits
        ],
        "steps": [
            {"id": node_id, "name": nodes[node_id].name}
            for node_id in (program.graph.order if nodes else ())
            if node_id in snapshot.steps
            and not nodes[node_id].kind.is_trigger
            and str(snapshot.step(node_id).status) in ("succeeded", "failed")
        ],
        "can_go_past": letter.node_id in nodes and "out" in nodes[letter.node_id].ports,
        "is_item": bool(letter.run.scope and letter.run.scope.get("items")),
    }


def edit_of(workspace_id: str, dead_letter_id: str, number: int) -> dict[str, Any]:
    """The document before and after the edit with this place in the history."""
    letter = _letter(workspace_id, dead_letter_id)
    edit = letter.edits[number] if 0 <= number < len(letter.edits) else {}
    found = payloads.load(workspace_id, [edit.get("before"), edit.get("after")])
    return {
        "before": found.get(edit.get("before", "")),
        "after": found.get(edit.get("after", "")),
    }


def forecast(
    workspace_id: str, dead_letter_id: str, wish: Wish, drawn_for: Any = None
) -> dict[str, Any]:
    """What a retry of this record would do; with the flow as it is drawn now if a person is given
    who wants to use that."""
    letter = _letter(workspace_id, dead_letter_id)
    program = PROGRAMS.get([letter.run.release_id])[letter.run.release_id]
    drawn = None
    if drawn_for is not None:
        place = (workspace_id, letter.environment, letter.flow_id)
        try:
            drawn = drafts.draft_program(*place, drawn_for)
        except Unprocessable as error:
            return Forecast(CANNOT, f"{error.message} {error.hint}".strip()).as_json()
    found = forecasts([letter], wish, drawn)[letter.id].as_json()
    for step in found["steps"]:
        node = (drawn or program).graph.nodes.get(step["node_id"])
        step["name"] = node.name if node else step["node_id"]
    return found


def export(workspace_id: str, environment: str, choice: Choice) -> Iterator[str]:
    """The records as CSV, in pieces; documents are left out."""
    yield _lines([_COLUMNS])
    rows = choice.rows(workspace_id, environment).select_related("run__release")
    rows = rows.defer("run__release__body", "run__state")
    names = _names(workspace_id)
    policy = policy_of(workspace_id, environment)
    after = ""
    while found := list(rows.filter(id__gt=after).order_by("id")[:_PAGE]):
        after = found[-1].id
        yield _lines([_cells(_shown(letter, names, policy)) for letter in found])


_COLUMNS = (
    "id status created_at closed_at flow step business_key code message hint assignee cause run_id"
).split()


def _cells(shown: dict[str, Any]) -> list[str]:
    flat = {
        **shown,
        "flow": shown["flow"]["name"],
        "step": shown["node"]["name"],
        "assignee": shown["assignee"]["name"] if shown["assignee"] else "",
    }
    return [_harmless(str(flat[name] or "")) for name in _COLUMNS]


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _lines(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _letter(workspace_id: str, dead_letter_id: str) -> DeadLetter:
    letter = (
        DeadLetter.objects.select_related("run__release")
        .defer("run__release__body")
        .filter(id=dead_letter_id, workspace_id=workspace_id)
        .first()
    )
    if letter is None:
        raise DeadLetterNotFound(
            "There is no such record in this workspace.", hint="Open it from the list of errors."
        )
    return letter
