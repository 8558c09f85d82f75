"""Takes events in: what was acknowledged is in the database.

Many events are committed together: while one commit is under way the next batch collects.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from django.db import connection as database

from connectors import facade as connectors
from ipaas.core.errors import Invalid, IpaasError, Kind
from runtime import sql
from runtime.triggers import arrivals as arrivals_of
from runtime.triggers import hooks
from runtime.triggers.arrivals import Arrival, Place

log = logging.getLogger(__name__)


class WrongMethod(Invalid):
    """Webhooks are posted."""

    code = "hook.wrong_method"

    @property
    def status(self) -> int:
        """405, which no other error needs."""
        return 405


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
    status: int = 200
    reply: connectors.HandshakeReply | None = None  # the sender only asked whether this is us


def receive(deliveries: list[Delivery]) -> list[Receipt | IpaasError]:
    """Verify, deduplicate and commit deliveries in one transaction; an answer for each.

    A delivery that is refused (unknown address, wrong signature, malformed) or cannot be stored
    gets its error and disturbs no other.
    """
    _commit_to_disk()
    answers: list[Receipt | IpaasError] = []
    arrivals: list[list[Arrival]] = []
    heard = hooks.listeners(
        each.token for each in deliveries if not connectors.is_connection_token(each.token)
    )
    for delivery in deliveries:
        try:
            found, answer = _verified(delivery, heard.get(delivery.token))
            arrivals.append(found)
            answers.append(answer)
        except Exception as error:
            arrivals.append([])
            answers.append(_refusal(error))
    if heard:
        _note(deliveries, answers, heard)
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
    with sql.writing("intake"):
        stored = arrivals_of.store(flat)
    arrivals_of.announce(stored, flat)
    found = list(answers)
    counted: set[Place] = set()
    for number, group in enumerate(arrivals):
        if not group:
            continue
        first = [a for place, a in {a.place: a for a in group}.items() if place not in counted]
        counted.update(a.place for a in first)
        fresh = [a for a in first if a.place in stored.new]
        runs = [run for a in fresh for run in stored.new[a.place]]
        runs += [run for a in first for run in stored.late.get(a.place, ())]
        answer = found[number]
        status = answer.status if isinstance(answer, Receipt) else 200
        found[number] = Receipt(len(fresh), len(group) - len(fresh), tuple(runs), status)
    return found


def _commit_to_disk() -> None:
    """An acknowledged event must survive a power loss: SQLite syncs every commit of this thread."""
    if database.vendor == "sqlite" and not getattr(database, "syncs_fully", False):
        with database.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=FULL")
        database.syncs_fully = True  # type: ignore[attr-defined]


def _note(
    deliveries: list[Delivery],
    answers: list[Receipt | IpaasError],
    heard: Mapping[str, hooks.Listener],
) -> None:
    """Keep samples for addresses that learn, and show on the others why a message was refused."""
    hooks.learn((heard[d.token], d) for d in deliveries if d.token in heard)
    hooks.show_refusals(
        {
            heard[delivery.token].hook_id: answer
            for delivery, answer in zip(deliveries, answers, strict=True)
            if delivery.token in heard and isinstance(answer, IpaasError)
        }
    )


def _verified(delivery: Delivery, listener: hooks.Listener | None) -> tuple[list[Arrival], Receipt]:
    if listener is not None:
        found = hooks.arrivals_of(listener, delivery)
        return found, Receipt(0, 0, (), listener.status)
    if not connectors.is_connection_token(delivery.token):
        raise hooks.unknown()
    reply = connectors.answer_handshake(delivery.token, "POST", {}, delivery.headers, delivery.body)
    if reply is not None:
        return [], Receipt(0, 0, (), 200, reply)
    intake = connectors.receive_webhook(delivery.token, delivery.headers, delivery.body)
    place = (intake.workspace_id, intake.environment, intake.connection)
    return [Arrival(*place, event, None) for event in intake.events], Receipt(0, 0, ())


def handshake(
    token: str, method: str, query: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[Mapping[str, str], connectors.HandshakeReply | None]:
    """Headers and body for a sender that asks, before it sends, whether this address is ours.

    Raises UnknownHook or a refusal, and WrongMethod if that is not how this sender asks.
    """
    if not connectors.is_connection_token(token):
        if method == "OPTIONS":
            return hooks.handshake(token, headers), None
        raise WrongMethod("Webhooks are sent with POST.", hint="Use POST.")
    reply = connectors.answer_handshake(token, method, query, headers, b"")
    if reply is None:
        raise WrongMethod("Webhooks are sent with POST.", hint="Use POST.")
    return {}, reply
