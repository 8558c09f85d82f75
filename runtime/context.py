"""The documents that a run can read: its own, and what the run above lets it see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runtime.engine import SENT, Snapshot


def references(snapshot: Snapshot) -> set[str]:
    """Names of the documents that the run needs to go on."""
    found = {snapshot.trigger, *(s.output for s in snapshot.steps.values() if s.output)}
    found.update(s.input for s in snapshot.steps.values() if s.input and s.bound)
    found.add(snapshot.variables or "")
    scope = snapshot.scope
    if scope is not None:
        found |= {scope.trigger, *scope.steps.values(), *(item for _, item, _ in scope.items)}
    return found - {""}


def context(snapshot: Snapshot, documents: Mapping[str, Any]) -> dict[str, Any]:
    """The context document of a run, of its documents by name.

    Beside what mappings read, it holds what steps have sent and may have to search for.
    """
    found = _read(snapshot, documents)
    found[SENT] = {
        node: documents[state.input]
        for node, state in snapshot.steps.items()
        if state.bound and state.input is not None and state.input in documents
    }
    return found


def _read(snapshot: Snapshot, documents: Mapping[str, Any]) -> dict[str, Any]:
    steps = {
        node: documents.get(state.output)
        for node, state in snapshot.steps.items()
        if state.output is not None
    }
    scope = snapshot.scope
    variables = documents.get(snapshot.variables or "") or {}
    if scope is None or not scope.items:
        return {"trigger": documents.get(snapshot.trigger), "steps": steps, "vars": variables}
    above = {node: documents.get(reference) for node, reference in scope.steps.items()}
    loops = {
        loop: {"item": documents.get(item), "index": index} for loop, item, index in scope.items
    }
    # The run's own item may have been corrected by a person since it was made.
    innermost = loops[scope.items[-1][0]]
    innermost["item"] = documents.get(snapshot.trigger)
    return {
        "trigger": documents.get(scope.trigger),
        "steps": {**above, **steps},
        "vars": variables,
        "item": innermost["item"],
        "index": innermost["index"],
        "loops": loops,
    }
