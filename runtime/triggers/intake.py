"""Takes events in: what was acknowledged is in the database.

Many events are committed together: while one commit is under way the next batch collects.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection as database
from django.db import transaction
from django.db.models import Q

from connectors import facade as connectors
from ipaas.core import clock, jsonio
from ipaas.core.errors import IpaasError, NotFound
from ipaas.core.ids import new_id
from runtime import faults
from runtime.effects import payloads
from runtime.engine import RunStatus
from runtime.models import Deployment, Event, Run

ID_HEADERS = ("idempotency-key", "webhook-id", "x-webhook-id", "x-event-id")


class UnknownHook(NotFound):
    """Nothing listens at this address."""

    code = "hook.unknown"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook as it came in; header names are lower case."""

    token: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was committed for a delivery."""

    accepted: int  # events that were new
    duplicates: int  # events that had come before
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """One verified event, and how to find who listens to it."""

    workspace_id: str
    environment: str
    source: str
    event: connectors.Event
    flow_id: str | None  # generic webhooks belong to one flow

    @property
    def identity(self) -> str:
        parts = (self.source, self.event.entity, self.event.id, self.event.revision)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def receive(deliveries: list[Delivery]) -> list[Receipt | IpaasError]:
    """Verify, deduplicate and commit deliveries in one transaction; an answer for each.

    A delivery that is refused (unknown address, wrong signature, malformed) gets its error and
    disturbs no other.
    """
    _commit_to_disk()
    answers: list[Receipt | IpaasError] = []
    arrivals: list[list[_Arrival]] = []
    for delivery in deliveries:
        try:
            arrivals.append(_verified(delivery))
            answers.append(Receipt(0, 0, ()))
        except IpaasError as error:
            arrivals.append([])
            answers.append(error)
    flat = [arrival for group in arrivals for arrival in group]
    if not flat:
        return answers
    with transaction.atomic():
        runs_of = _store(flat)
        faults.point("intake.before_commit")
    faults.point("intake.after_commit")
    counted: set[str] = set()
    for number, group in enumerate(arrivals):
        if not group:
            continue
        fresh = [a for a in group if a.identity in runs_of and a.identity not in counted]
        counted.update(a.identity for a in fresh)
        runs = tuple(run for a in fresh for run in runs_of[a.identity])
        answers[number] = Receipt(len(fresh), len(group) - len(fresh), runs)
    return answers


def _commit_to_disk() -> None:
    """An acknowledged event must survive a power loss: SQLite syncs every commit of this thread."""
    if database.vendor == "sqlite" and not getattr(database, "syncs_fully", False):
        with database.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
        database.syncs_fully = True  # type: ignore[attr-defined]


def _verified(delivery: Delivery) -> list[_Arrival]:
    deployment = (
        Deployment.objects.filter(hook_token=delivery.token, active=True)
        .values_list("workspace_id", "environment", "flow_id", "trigger_node")
        .first()
    )
    if deployment is not None:
        workspace_id, environment, flow_id, node = deployment
        document = jsonio.loads(delivery.body)
        given = next((delivery.headers[h] for h in ID_HEADERS if h in delivery.headers), "")
        event_id = given[:200] or hashlib.sha256(delivery.body).hexdigest()
        event = connectors.Event(
            entity="webhook",
            id=event_id,
            revision="",
            topic="webhook",
            business_key=event_id[:12] if not given else given[:120],
            document=document,
        )
        return [_Arrival(workspace_id, environment, f"flow/{flow_id}/{node}", event, flow_id)]
    if not connectors.is_connection_token(delivery.token):
        raise UnknownHook(
            "Nothing listens at this address.",
            hint="Copy the address again from the connection or from the published flow.",
        )
    intake = connectors.receive_webhook(delivery.token, delivery.headers, delivery.body)
    return [
        _Arrival(intake.workspace_id, intake.environment, intake.connection, event, None)
        for event in intake.events
    ]


def _store(arrivals: list[_Arrival]) -> dict[str, list[str]]:
    """Run ids by identity for events that are new; known ones are absent from the answer."""
    now = clock.now()
    rows: dict[tuple[str, str, str], tuple[Event, _Arrival]] = {}
    boxes: dict[str, payloads.PayloadBox] = {}
    for arrival in arrivals:
        box = boxes.setdefault(arrival.workspace_id, payloads.PayloadBox(arrival.workspace_id))
        event = arrival.event
        row = Event(
            id=new_id("ev"),
            workspace_id=arrival.workspace_id,
            environment=arrival.environment,
            identity=arrival.identity,
            source=arrival.source,
            entity=event.entity,
            entity_id=event.id[:200],
            revision=event.revision[:120],
            payload=box.keep(event.document),
            received_at=now,
        )
        rows.setdefault((row.workspace_id, row.environment, row.identity), (row, arrival))
    payloads.write([row for box in boxes.values() for row in box.rows()])
    Event.objects.bulk_create(
        [row for row, _ in sorted(rows.values(), key=lambda pair: pair[0].identity)],
        ignore_conflicts=True,
    )
    kept = set(
        Event.objects.filter(id__in=[row.id for row, _ in rows.values()]).values_list(
            "id", flat=True
        )
    )
    new = [(row, arrival) for row, arrival in rows.values() if row.id in kept]
    listeners = _listeners([arrival for _, arrival in new])
    runs: list[Run] = []
    found: dict[str, list[str]] = {row.identity: [] for row, _ in new}
    for row, arrival in new:
        for deployment in listeners:
            if _listens(deployment, arrival):
                runs.append(_run(deployment, row, arrival))
                found[row.identity].append(runs[-1].id)
    Run.objects.bulk_create(runs)
    return found


def _listeners(arrivals: list[_Arrival]) -> list[Deployment]:
    wanted = Q(pk__in=[])
    for arrival in {(a.workspace_id, a.environment, a.source, a.flow_id) for a in arrivals}:
        workspace_id, environment, source, flow_id = arrival
        place = Q(workspace_id=workspace_id, environment=environment)
        wanted |= place & (Q(flow_id=flow_id) if flow_id else Q(connection=source))
    return list(Deployment.objects.filter(wanted, active=True))


def _listens(deployment: Deployment, arrival: _Arrival) -> bool:
    if (deployment.workspace_id, deployment.environment) != (
        arrival.workspace_id,
        arrival.environment,
    ):
        return False
    if arrival.flow_id:
        return bool(deployment.flow_id == arrival.flow_id)
    return bool(
        deployment.connection == arrival.source and deployment.operation in arrival.event.triggers
    )


def _run(deployment: Deployment, row: Event, arrival: _Arrival) -> Run:
    event = arrival.event
    return Run(
        id=new_id("run"),
        workspace_id=row.workspace_id,
        environment=row.environment,
        flow_id=deployment.flow_id,
        release_id=deployment.release_id,
        status=RunStatus.QUEUED,
        trigger_node=deployment.trigger_node,
        trigger=row.payload,
        source_key=f"{arrival.source}/{event.entity}/{event.id}"[:300],
        business_key=event.business_key[:120],
        due_at=row.received_at,
        event=row,
        created_at=row.received_at,
    )
