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

from connectors import facade as connectors
from ipaas.core import jsonio
from ipaas.core.errors import IpaasError, Kind, NotFound
from runtime import faults
from runtime.models import Deployment
from runtime.triggers import arrivals as arrivals_of
from runtime.triggers.arrivals import Arrival, Place, fitted

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


def receive(deliveries: list[Delivery]) -> list[Receipt | IpaasError]:
    """Verify, deduplicate and commit deliveries in one transaction; an answer for each.

    A delivery that is refused (unknown address, wrong signature, malformed) or cannot be stored
    gets its error and disturbs no other.
    """
    _commit_to_disk()
    answers: list[Receipt | IpaasError] = []
    arrivals: list[list[Arrival]] = []
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
    arrivals: list[list[Arrival]], answers: list[Receipt | IpaasError]
) -> list[Receipt | IpaasError]:
    """Store all arrivals; receipts take their places among the answers."""
    flat = [arrival for group in arrivals for arrival in group]
    if not flat:
        return answers
    with transaction.atomic():
        stored = arrivals_of.store(flat)
        faults.point("intake.before_commit")
    faults.point("intake.after_commit")
    found = list(answers)
    counted: set[Place] = set()
    for number, group in enumerate(arrivals):
        if not group:
            continue
        first = [a for a in group if a.place not in counted]
        counted.update(a.place for a in first)
        fresh = [a for a in first if a.place in stored.new]
        runs = [run for a in fresh for run in stored.new[a.place]]
        runs += [run for a in first for run in stored.late.get(a.place, ())]
        found[number] = Receipt(len(fresh), len(group) - len(fresh), tuple(runs))
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
    rows = Deployment.objects.filter(hook_token__in=tokens)
    return {
        token: place
        for token, *place in rows.values_list(
            "hook_token", "workspace_id", "environment", "flow_id", "trigger_node"
        )
    }


def _verified(delivery: Delivery, hooks: dict[str | None, _Hook]) -> list[Arrival]:
    deployment = hooks.get(delivery.token)
    if deployment is not None:
        workspace_id, environment, flow_id, node = deployment
        document = jsonio.loads(delivery.body)
        given = next((delivery.headers[h] for h in ID_HEADERS if h in delivery.headers), "")
        event_id = fitted(given, 200) or hashlib.sha256(delivery.body).hexdigest()
        event = connectors.Event(
            entity="webhook",
            id=event_id,
            revision="",
            topic="webhook",
            business_key=event_id[:12] if not given else given[:120],
            document=document,
        )
        return [Arrival(workspace_id, environment, f"flow/{flow_id}/{node}", event, flow_id)]
    if not connectors.is_connection_token(delivery.token):
        raise UnknownHook(
            "Nothing listens at this address.",
            hint="Copy the address again from the connection or from the published flow.",
        )
    intake = connectors.receive_webhook(delivery.token, delivery.headers, delivery.body)
    return [
        Arrival(intake.workspace_id, intake.environment, intake.connection, event, None)
        for event in intake.events
    ]
