"""One object of each kind in Alice's workspace, for tests that try what others can reach.

A new kind of object in an address needs an entry in ``OBJECTS``: the name of the URL part, and a
function that makes one and returns its id. A part that names something everybody shares (a
connector, a fault) goes into ``SHARED``. A method that checks its body before it looks the object
up needs a valid body in ``BODIES``, under the name of the address.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connectors.models import ConnectionRow, CrossReferenceRow
from connectors.own import uploads
from connectors.tables import store as lookup_tables
from designer import flows, mapping_tests, own_functions, templates
from ipaas.core import clock
from ipaas.core.ids import new_id
from runtime import deployments
from runtime.effects import payloads
from runtime.models import Approval, Backfill, BulkJob, DeadLetter, Pause, Run
from tests.kit.cast import Cast

DOCUMENT: dict[str, Any] = {
    "schema": 1,
    "nodes": [
        {
            "id": "start",
            "type": "trigger.manual",
            "name": "Start",
            "config": {},
            "position": {"x": 0, "y": 0},
        }
    ],
    "edges": [],
}


def a_flow(cast: Cast) -> str:
    """A flow."""
    made = flows.create(
        cast.north.id, name="Orders", description="", document=DOCUMENT, user=cast.alice
    )
    return str(made.id)


def a_run(cast: Cast) -> str:
    """A run that failed, with its trigger document."""
    flow_id = a_flow(cast)
    release_id = deployments.create_release(
        cast.north.id,
        "test",
        flow_id=flow_id,
        flow_name="Orders",
        version=1,
        body={"document": DOCUMENT, "facts": {}, "schemas": {}, "names": {}},
    )
    box = payloads.PayloadBox(cast.north.id)
    reference = box.keep({"order": 1})
    payloads.write(box.rows())
    now = clock.now()
    run = Run.objects.create(
        id=new_id("run"),
        workspace_id=cast.north.id,
        environment="test",
        flow_id=flow_id,
        release_id=release_id,
        kind="live",
        status="failed",
        trigger_node="start",
        trigger=reference,
        source_key="tests",
        created_at=now,
        started_at=now,
        finished_at=now,
    )
    return run.id


def a_dead_letter(cast: Cast) -> str:
    """A step of a run that needs a person."""
    run = Run.objects.get(id=a_run(cast))
    letter = DeadLetter.objects.create(
        id=new_id("dl"),
        workspace_id=cast.north.id,
        environment="test",
        run=run,
        flow_id=run.flow_id,
        node_id="start",
        node_name="Start",
        code="tests.refused",
        message="Refused.",
        created_at=clock.now(),
    )
    return letter.id


def a_connection(cast: Cast) -> str:
    """A connection to a shop."""
    row = ConnectionRow.objects.create(
        workspace_id=cast.north.id,
        environment="test",
        slug="magento",
        name="Shop",
        connector="magento",
        sandbox=True,
    )
    return row.id


def a_lookup_table(cast: Cast) -> str:
    """A table that translates codes."""
    made = lookup_tables.create_table(
        cast.north.id,
        "test",
        name="Categories",
        actor=cast.alice,
        columns=[{"name": "code", "key": True}, {"name": "account"}],
    )
    return made.id


def a_cross_reference(cast: Cast) -> int:
    """A pair of ids."""
    row = CrossReferenceRow.objects.create(
        workspace_id=cast.north.id,
        environment="test",
        entity="order",
        left_connection="shop",
        left_id="1",
        right_connection="books",
        right_id="2",
    )
    return int(row.pk)


def an_approval(cast: Cast) -> str:
    """A question that a run asks."""
    run = Run.objects.get(id=a_run(cast))
    row = Approval.objects.create(
        id=new_id("apr"),
        workspace_id=cast.north.id,
        environment="test",
        run=run,
        flow_id=run.flow_id,
        node_id="start",
        node_name="Start",
        text="Post it?",
        assignee_kind="role",
        assignee="viewer",
        asked_at=clock.now(),
    )
    return row.id


OWN_MANIFEST = """\
slug: acme
name: Acme
description: A vendor of everything.
auth: {kind: none}
base_url: https://acme.example
operations:
  ping: {title: Ping, kind: action, effect: read, entity: thing, request: {method: GET, path: /}}
"""


def an_own_connector(cast: Cast) -> str:
    """A connector that the workspace uploaded."""
    return uploads.upload(cast.north.id, OWN_MANIFEST, cast.alice).id


def a_backfill(cast: Cast) -> str:
    """A reading of a flow's past."""
    now = clock.now()
    row = Backfill.objects.create(
        id=new_id("bf"),
        workspace_id=cast.north.id,
        environment="test",
        flow_id="flow_x",
        connection="magento",
        operation="order_placed",
        since=now,
        until=now,
        status="running",
        created_at=now,
    )
    return row.id


def a_bulk_job(cast: Cast) -> str:
    """Something done to many records."""
    row = BulkJob.objects.create(
        id=new_id("bulk"),
        workspace_id=cast.north.id,
        environment="test",
        action="retry",
        rehearsal=False,
        status="running",
        until_id="dl_z",
        total=1,
        created_by="Alice",
        created_at=clock.now(),
    )
    return row.id


def a_pause(cast: Cast) -> int:
    """Something that stands still."""
    row = Pause.objects.create(
        workspace_id=cast.north.id,
        environment="test",
        kind="run",
        ref="run_x",
        by="Alice",
        at=clock.now(),
    )
    return int(row.pk)


MAPPING: dict[str, Any] = {"schema": 1, "rules": []}
FUNCTION: dict[str, Any] = {
    "name": "twice",
    "params": [{"name": "x"}],
    "body": {"op": "call", "fn": "add", "args": [{"op": "field", "path": "$x"}] * 2},
}
MAPPING_TEST: dict[str, Any] = {
    "name": "Small order",
    "node_id": "start",
    "mapping_name": "mapping",
    "input": {},
    "expected": {},
}


def a_template(cast: Cast) -> str:
    """A mapping to start others from."""
    made = templates.create(
        cast.north.id, name="Invoice", description="", mapping=MAPPING, user=cast.alice
    )
    return str(made["id"])


def an_own_function(cast: Cast) -> str:
    """A function that the workspace made."""
    made = own_functions.create(cast.north.id, function=FUNCTION, description="", user=cast.alice)
    return str(made["id"])


def a_mapping_test(cast: Cast) -> str:
    """A test of a mapping."""
    made = mapping_tests.save(cast.north.id, a_flow(cast), blocks=True, **MAPPING_TEST)
    return str(made["id"])


OBJECTS: dict[str, Callable[[Cast], str | int]] = {
    "backfill_id": a_backfill,
    "bulk_id": a_bulk_job,
    "pause_id": a_pause,
    "flow_id": a_flow,
    "template_id": a_template,
    "function_id": an_own_function,
    "test_id": a_mapping_test,
    "run_id": a_run,
    "dead_letter_id": a_dead_letter,
    "approval_id": an_approval,
    "connection_id": a_connection,
    "own_connector_id": an_own_connector,
    "table_id": a_lookup_table,
    "xref_id": a_cross_reference,
}

SHARED: dict[str, Any] = {
    "slug": "magento",
    "name": "store_views",
    "entity": "order",
    "node_id": "start",
    "number": 1,
    "record": "1",
    "wish": "send",
}

BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("flow-missed", "post"): {"action": "start"},
    ("backfill-change", "post"): {"action": "pause"},
    ("bulk-change", "post"): {"action": "pause"},
    ("runs-bulk-change", "post"): {"action": "pause"},
    ("runs-bulk", "post"): {"choice": {}},
    ("variable", "put"): {"value": 1},
    ("dead-letter-go-past", "post"): {"output": {}, "reason": "Not needed."},
    ("dead-letter-reopen", "post"): {"reason": "Too early."},
    ("dead-letter-assign", "post"): {"member_id": ""},
    ("hook-listen", "post"): {"node_id": "start"},
    ("sandbox-record", "put"): {"record": {"id": 1}},
    ("sandbox-records", "post"): {"record": {"id": 1}},
    ("hook-try", "post"): {"document": {}},
    ("own-connector", "put"): {"manifest": OWN_MANIFEST},
    ("flow-draft", "put"): {"revision": 1, "document": DOCUMENT},
    ("approval-decide", "post"): {"approved": True},
    ("flow-publish", "post"): {"revision": 1, "environment": "test", "note": "First."},
    ("own-function", "put"): {"function": FUNCTION},
    ("mapping-template", "put"): {"mapping": MAPPING},
    ("mapping-template-insert", "post"): {"mapping": MAPPING},
    ("mapping-template-merge", "post"): {"mapping": MAPPING},
    ("mapping-tests", "post"): MAPPING_TEST,
    ("flow-mapping-refusals", "post"): {"node_id": "start", "mapping_name": "input", "pairs": []},
    ("mapping-test", "put"): MAPPING_TEST,
    ("mapping-tests-from-run", "post"): {
        "name": "From a run",
        "run_id": "run_x",
        "node_id": "start",
        "mapping_name": "mapping",
    },
    ("flow-activate", "post"): {"environment": "test", "active": False},
}


def fill(kwargs: tuple[str, ...], cast: Cast) -> dict[str, Any]:
    """Values for the parts of an address, made in Alice's workspace where they are objects."""
    values: dict[str, Any] = {}
    for name in kwargs:
        if name == "workspace":
            continue
        if name in OBJECTS:
            values[name] = OBJECTS[name](cast)
        elif name in SHARED:
            values[name] = SHARED[name]
        else:
            raise AssertionError(
                f"The part <{name}> of this address is unknown: add it to OBJECTS (an object of a "
                f"workspace) or SHARED (the same for everybody) in tests/kit/objects.py."
            )
    return values
