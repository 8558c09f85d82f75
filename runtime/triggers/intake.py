"""Takes events in: what was acknowledged is in the database.

Many events are committed together: while one commit is under way the next batch collects.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, transaction
from django.db import connection as database
from django.db.models import Q

from connectors import facade as connectors
from ipaas.core import clock, jsonio
from ipaas.core.errors import IpaasError, Kind, NotFound
from ipaas.core.ids import new_id
from runtime import faults
from runtime.effects import payloads
from runtime.engine import RunStatus
from runtime.models import Deployment, Event, Run

log = logging.getLogger(__name__)

ID_HEADERS = ("idempotency-key", "webhook-id", "x-webhook-id", "x-event-id")


_Hook = list[str]  # workspace, environment, flow and trigger node of a generic webhook


class UnknownHook(NotFound):
    """Nothing listens at this address."""

    code = "hook.unknown"


class NotTakenIn(IpaasError):
    """The message was not stored, through no fault that its sender could mend."""

    code = "hook.not_committed"
    kind = Kind.UNAVAILABLE


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

    @property
    def place(self) -> tuple[str, str, str]:
        """What names the event among all workspaces and environments."""
        return (self.workspace_id, self.environment, self.identity)


def receive(deliveries: list[Delivery]) -> list[Receipt | IpaasError]:
    """Verify, deduplicate and commit deliveries in one transaction; an answer for each.

    A delivery that is refused (unknown address, wrong signature, malformed) or cannot be stored
    gets its error and disturbs no other.
    """
    _commit_to_disk()
    answers: list[Receipt | IpaasError] = []
    arrivals: list[list[_Arrival]] = []
    hooks = _hooks(deliveries)
    for delivery in deliveries:
        try:
            arrivals.append(_verified(delivery, hooks))
            answers.append(Receipt(0, 0, ()))
        except Exception as error:
            arrivals.append([])
            answers.append(_refusal(error))
    try:
        answers = _commit(arrivals, answers)
    except (OperationalError, InterfaceError):
        raise  # the database is away: nothing is acknowledged
    except Exception as error:
        if len(deliveries) == 1:
            return [_refusal(error)]
        log.warning("%d deliveries are stored one by one", len(deliveries), exc_info=True)
        return [receive([delivery])[0] for delivery in deliveries]
    return answers


def _refusal(error: Exception) -> IpaasError:
    if isinstance(error, IpaasError):
        return error
    if isinstance(error, (OperationalError, InterfaceError)):
        raise error
    log.error("a delivery could not be taken in", exc_info=error)
    return NotTakenIn(
        "The message could not be stored.",
        hint="It has not been acknowledged. If it fails each time, show it to the administrator.",
    )


def _commit(
    arrivals: list[list[_Arrival]], answers: list[Receipt | IpaasError]
) -> list[Receipt | IpaasError]:
    """Store all arrivals; receipts take their places among the answers."""
    flat = [arrival for group in arrivals for arrival in group]
    if not flat:
        return answers
    with transaction.atomic():
        runs_of = _store(flat)
        faults.point("intake.before_commit")
    faults.point("intake.after_commit")
    found = list(answers)
    counted: set[tuple[str, str, str]] = set()
    for number, group in enumerate(arrivals):
        if not group:
            continue
        fresh = [a for a in group if a.place in runs_of and a.place not in counted]
        counted.update(a.place for a in fresh)
        runs = tuple(run for a in fresh for run in runs_of[a.place])
        found[number] = Receipt(len(fresh), len(group) - len(fresh), runs)
    return found


def _commit_to_disk() -> None:
    """An acknowledged event must survive a power loss: SQLite syncs every commit of this thread."""
    if database.vendor == "sqlite" and not getattr(database, "syncs_fully", False):
        with database.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
        database.syncs_fully = True  # type: ignore[attr-defined]


def _hooks(deliveries: list[Delivery]) -> dict[str | None, _Hook]:
    """Addresses of generic webhooks among the deliveries', in one query or none."""
    tokens = {d.token for d in deliveries if not connectors.is_connection_token(d.token)}
    if not tokens:
        return {}
    rows = Deployment.objects.filter(hook_token__in=tokens, active=True)
    return {
        token: place
        for token, *place in rows.values_list(
            "hook_token", "workspace_id", "environment", "flow_id", "trigger_node"
        )
    }


def _verified(delivery: Delivery, hooks: dict[str | None, _Hook]) -> list[_Arrival]:
    deployment = hooks.get(delivery.token)
    if deployment is not None:
        workspace_id, environment, flow_id, node = deployment
        document = jsonio.loads(delivery.body)
        given = next((delivery.headers[h] for h in ID_HEADERS if h in delivery.headers), "")
        event_id = _fitted(given, 200) or hashlib.sha256(delivery.body).hexdigest()
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


def _fitted(text: str, most: int) -> str:
    """``text`` in a form that a column holds; texts that differ stay different."""
    clean = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(clean) <= most and clean == text:
        return text
    return f"{clean[: most - 33]}#{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _store(arrivals: list[_Arrival]) -> dict[tuple[str, str, str], list[str]]:
    """Run ids by place for events that are new; known ones are absent from the answer."""
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
            entity=_fitted(event.entity, 80),
            entity_id=_fitted(event.id, 200),
            revision=_fitted(event.revision, 120),
            payload=box.keep(event.document),
            received_at=now,
        )
        rows.setdefault(arrival.place, (row, arrival))
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
    found: dict[tuple[str, str, str], list[str]] = {a.place: [] for _, a in new}
    for row, arrival in new:
        for deployment in listeners:
            if _listens(deployment, arrival):
                runs.append(_run(deployment, row, arrival))
                found[arrival.place].append(runs[-1].id)
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
        source_key=_fitted(f"{arrival.source}/{event.entity}/{event.id}", 300),
        business_key=event.business_key.replace("\0", "")[:120],
        due_at=row.received_at,
        event=row,
        created_at=row.received_at,
    )
