"""Tests of mappings: a document, and what a step's mapping must make of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors import facade as connectors
from designer import flows, own_functions
from designer.models import Flow, MappingTest
from designer.preview import context_of
from ipaas.core import clock, jsonio
from ipaas.core.errors import IpaasError, NotFound, Unprocessable
from ipaas.core.ids import new_id
from ipaas.mapping import Resources, compile_mapping
from ipaas.mapping.comparing import differences
from ipaas.tenancy import facade as tenancy
from ipaas.tenancy import paging
from runtime.graph import Problem, Way, parse, way_of_writing

MAX_TESTS = 200


class TestNotFound(NotFound):
    """No mapping test by that id in this workspace."""

    __test__ = False
    code = "mapping_test.not_found"


class TooManyTests(Unprocessable):
    """A flow has as many tests as it may have."""

    code = "mapping_test.too_many"


@dataclass(frozen=True)
class Outcome:
    """What came of one test; ``differences`` and ``errors`` are sentences for people."""

    test_id: str
    name: str
    node_id: str
    mapping_name: str
    blocks: bool
    passed: bool
    differences: tuple[str, ...]
    errors: tuple[str, ...]
    ran: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Shape shown by the API."""
        return {
            "id": self.test_id,
            "name": self.name,
            "node_id": self.node_id,
            "mapping_name": self.mapping_name,
            "blocks": self.blocks,
            "passed": self.passed,
            "differences": list(self.differences),
            "errors": list(self.errors),
        }


def page(
    workspace_id: str, flow_id: str, cursor: str | None, limit: int
) -> paging.Page[dict[str, Any]]:
    """Tests of a flow in the order of their ids, with their documents."""
    flows.get(workspace_id, flow_id)
    rows = MappingTest.objects.filter(workspace_id=workspace_id, flow_id=flow_id)
    return paging.cut(rows, "id", cursor=cursor, limit=limit).map(shown)


def save(
    workspace_id: str, flow_id: str, *, test_id: str | None = None, node_id: str,
    mapping_name: str, name: str, input: Any, expected: Any, blocks: bool,
) -> dict[str, Any]:  # fmt: skip
    """A test of one mapping of one step, made or changed. ``input`` is the whole context."""
    flow = flows.get(workspace_id, flow_id)
    now = clock.now()
    if test_id is None:
        if MappingTest.objects.filter(flow=flow).count() >= MAX_TESTS:
            raise TooManyTests(
                f"A flow may have {MAX_TESTS} tests.", hint="Remove one that says nothing new."
            )
        row = MappingTest(id=new_id("mtest"), workspace_id=workspace_id, flow=flow, created_at=now)
    else:
        row = get_row(workspace_id, flow_id, test_id)
    row.node_id, row.mapping_name, row.name = node_id, mapping_name, name
    row.blocks, row.updated_at = blocks, now
    plain = jsonio.dumps({"input": input, "expected": expected})
    row.sealed = connectors.workspace_cipher(workspace_id).seal(plain, _bound(row.id))
    row.save()
    return shown(row)


def from_run(
    workspace_id: str, flow_id: str, *, run_id: str, node_id: str, mapping_name: str, name: str,
    environment: str, blocks: bool,
) -> dict[str, Any]:  # fmt: skip
    """A test of what a step saw in a run; what its mapping makes of it today is expected."""
    flow = flows.get(workspace_id, flow_id)
    document = own_functions.embedded(workspace_id, flow.draft.document)
    seen = context_of(workspace_id, environment, document, node_id, {"run_id": run_id})
    mapping = _mapping(document, node_id, mapping_name)
    resources = connectors.resources(workspace_id, environment)
    way = _way(document, node_id, mapping_name)
    result = compile_mapping(mapping).apply(seen.context, resources=resources, mode=way)
    made = result.require()
    return save(
        workspace_id, flow_id, node_id=node_id, mapping_name=mapping_name, name=name,
        input=seen.context, expected=made, blocks=blocks,
    )  # fmt: skip


def delete(workspace_id: str, flow_id: str, test_id: str) -> None:
    """Remove a test."""
    get_row(workspace_id, flow_id, test_id).delete()


def run(
    workspace_id: str, flow_id: str, environment: str, document: Any = None
) -> tuple[Outcome, ...]:
    """What comes of every test of a flow, on ``document`` or on its draft."""
    flow = flows.get(workspace_id, flow_id)
    tests = list(MappingTest.objects.filter(flow=flow, workspace_id=workspace_id).order_by("id"))
    if not tests:
        return ()
    drawn = own_functions.embedded(workspace_id, document or flow.draft.document)
    resources = connectors.resources(workspace_id, environment)
    variables = tenancy.variables(workspace_id, environment)
    return tuple(_outcome(test, drawn, resources, variables) for test in tests)


def coverage(document: Any, outcomes: tuple[Outcome, ...]) -> list[dict[str, Any]]:
    """Rules of each tested mapping, and those that no test made run."""
    found: list[dict[str, Any]] = []
    for node_id, name in dict.fromkeys((one.node_id, one.mapping_name) for one in outcomes):
        rules = [rule["id"] for rule in _mapping(document, node_id, name).get("rules", ())
                 if not rule.get("disabled")]  # fmt: skip
        ran = {rule for one in outcomes if (one.node_id, one.mapping_name) == (node_id, name)
               for rule in one.ran}  # fmt: skip
        found.append(
            {
                "node_id": node_id,
                "mapping_name": name,
                "rules": len(rules),
                "never_ran": [rule for rule in rules if rule not in ran],
            }
        )
    return found


def save_draft(
    workspace_id: str, environment: str, flow_id: str, *, revision: int, document: Any, user: Any
) -> dict[str, Any]:
    """The new revision of a flow's draft, and a problem for each of its tests that now fails."""
    saved = flows.save_draft(workspace_id, flow_id, revision=revision, document=document, user=user)
    try:
        failing = publish_problems(workspace_id, flow_id, environment)
    except IpaasError:  # the drawing cannot be read yet, which is no reason not to keep it
        failing = []
    return {"revision": saved, "failing_tests": [problem.as_json() for problem in failing]}


def publish_problems(workspace_id: str, flow_id: str, environment: str) -> list[Problem]:
    """A problem for each test that fails: an error if the test blocks publishing."""
    return [
        Problem(
            "error" if outcome.blocks else "warning",
            "mapping.test_failed",
            f"The test “{outcome.name}” fails: {(*outcome.errors, *outcome.differences)[0]}",
            "Correct the mapping, or the test if it expects the wrong thing.",
            outcome.node_id,
            outcome.mapping_name,
        )
        for outcome in run(workspace_id, flow_id, environment)
        if not outcome.passed
    ]


def flows_with_tests(workspace_id: str | None = None) -> list[tuple[str, str, str]]:
    """Workspace id, flow id and name of every flow that has tests."""
    rows = Flow.objects.filter(mapping_tests__isnull=False, archived_at=None).distinct()
    if workspace_id is not None:
        rows = rows.filter(workspace_id=workspace_id)
    return list(rows.order_by("workspace_id", "id").values_list("workspace_id", "id", "name"))


def get_row(workspace_id: str, flow_id: str, test_id: str) -> MappingTest:
    """The stored test; raises TestNotFound."""
    row = MappingTest.objects.filter(id=test_id, flow_id=flow_id, workspace_id=workspace_id).first()
    if row is None:
        raise TestNotFound("There is no such test in this flow.", hint="Open it from the list.")
    return row


def shown(row: MappingTest) -> dict[str, Any]:
    """Shape of a test in the API, its documents included."""
    return {
        "id": row.id,
        "name": row.name,
        "node_id": row.node_id,
        "mapping_name": row.mapping_name,
        "blocks": row.blocks,
        "updated_at": row.updated_at.isoformat(),
        **_opened(row),
    }


def _bound(test_id: str) -> bytes:
    return f"mapping-test:{test_id}".encode()


SEALED = connectors.SealedColumn(
    "documents of mapping tests",
    MappingTest,
    "sealed",
    "workspace_id",
    lambda row: _bound(row["id"]),
    ("id",),
)
"""For the rotation of keys."""


def _opened(row: MappingTest) -> dict[str, Any]:
    cipher = connectors.workspace_cipher(row.workspace_id)
    opened: dict[str, Any] = jsonio.loads(cipher.open(bytes(row.sealed), _bound(row.id)))
    return opened


def _mapping(document: Any, node_id: str, name: str) -> dict[str, Any]:
    node = parse(document).nodes.get(node_id)
    found = None if node is None else node.config.get(name)
    return found if isinstance(found, dict) else {"schema": 1, "rules": []}


def _way(document: Any, node_id: str, name: str) -> Way | None:
    node = parse(document).nodes.get(node_id)
    return None if node is None else way_of_writing(node, name)


def _outcome(
    test: MappingTest, document: Any, resources: Resources, variables: dict[str, Any]
) -> Outcome:
    kept = _opened(test)
    mapping = _mapping(document, test.node_id, test.mapping_name)
    given = kept["input"]
    if isinstance(given, dict) and "vars" not in given:
        given = {**given, "vars": variables}
    way = _way(document, test.node_id, test.mapping_name)
    result = compile_mapping(mapping).apply(given, resources=resources, mode=way)
    errors = tuple(error.message for error in result.errors)
    found = tuple(differences(kept["expected"], result.output))
    values = result.values.items()
    ran = tuple(rule for rule, live in values if live.values or live.value is not None)
    return Outcome(
        test.id, test.name, test.node_id, test.mapping_name, test.blocks,
        not errors and not found, found, errors, ran,
    )  # fmt: skip
