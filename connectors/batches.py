"""Several calls of one operation at once: one vendor call where the vendor can, else one by one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from connectors import credentials, problems
from connectors.credentials import Opened
from connectors.manifest import templates
from connectors.manifest.model import Operation
from connectors.manifest.parts import Batch
from connectors.sdk import ConnectorError, HttpResponse, VendorError, pick
from connectors.session import Session, written_key
from connectors.values import BatchItem, ConnectionRef, Reply
from ipaas.core.errors import Recovery

Result = Reply | ConnectorError


def call_batch(ref: ConnectionRef, operation: str, items: Sequence[BatchItem]) -> list[Result]:
    """An answer or an error for each item, in their order; each was sent once.

    Where one request carries many, a failure of that request is the failure of all in it, each
    with the same ``executed``. An item the vendor's answer does not mention may have been done.
    """
    connection = credentials.opened(ref)
    spec = connection.connector.operation(operation)
    if spec.batch is None:
        return [_single(connection, operation, item) for item in items]
    found: list[Result] = []
    for start in range(0, len(items), spec.batch.most):
        part = items[start : start + spec.batch.most]
        found.extend(_together(connection, spec, spec.batch, part))
    return found


def _single(connection: Opened, operation: str, item: BatchItem) -> Result:
    try:
        return Session(connection, item.idempotency_key).perform(operation, item.inputs)
    except ConnectorError as error:
        return error


def _together(
    connection: Opened, spec: Operation, batch: Batch, items: Sequence[BatchItem]
) -> list[Result]:
    keys = [_key(spec, item, number) for number, item in enumerate(items)]
    session = Session(connection, _whole_key(items))
    try:
        with session.step(spec):
            if batch.hook:
                results = session.hook(batch.hook)(
                    session, [dict(item.inputs) for item in items], keys
                )
                return [_hidden(_of_hook(spec, each, session), session) for each in results]
            response, document = _send(session, spec, batch, items, keys)
    except ConnectorError as error:
        return [error] * len(items)
    answers = pick(document, batch.results)
    answers = answers if isinstance(answers, list) else []
    by_key = {templates.as_text(pick(answer, batch.key)): answer for answer in answers}
    found: list[Result] = []
    for number, key in enumerate(keys):
        if batch.key:
            answer = by_key.get(key)
        else:
            answer = answers[number] if number < len(answers) else None
        found.append(_hidden(_result(session, spec, batch, answer, response), session))
    return found


def _hidden(result: Result, session: Session) -> Result:
    if isinstance(result, ConnectorError):
        session.hide(result)
    return result


def _send(
    session: Session, spec: Operation, batch: Batch, items: Sequence[BatchItem], keys: list[str]
) -> tuple[HttpResponse, Any]:
    sources = session.sources({})
    written = [
        templates.fill(
            batch.item,
            {**sources, "inputs": item.inputs, "item": {"key": key, "number": number + 1}},
        )
        for number, (item, key) in enumerate(zip(items, keys, strict=True))
    ]
    response = session.send_template(spec, {}, request=batch.request, more={"items": written})
    return response, session.document(response, spec)


def _result(
    session: Session, spec: Operation, batch: Batch, answer: Any, response: HttpResponse
) -> Result:
    exchanges = tuple(session.exchanges)
    if answer is None:
        return ConnectorError(
            "The vendor's answer does not say what became of this record.",
            code="connector.batch_item_missing",
            recovery=Recovery.RETRY,
            executed="unknown" if spec.effect == "write" else "no",
            hint="It is looked up before anything is sent again.",
            exchanges=exchanges,
        )
    status = pick(answer, batch.status) if batch.status else None
    number = int(str(status)) if str(status).isdecimal() else response.status
    failed = pick(answer, batch.failed) if batch.failed else None
    if failed or number >= 400:
        return problems.classify(
            session.connector,
            HttpResponse(number if number >= 400 else 400, response.headers, b""),
            _words(batch, answer),
            write=spec.effect == "write",
            exchanges=exchanges,
        )
    output = pick(answer, batch.output) if batch.output else answer
    return _reply(spec, output, session)


def _words(batch: Batch, answer: Any) -> VendorError:
    def text(pointer: str) -> str:
        value = pick(answer, pointer) if pointer else None
        return "" if value is None else templates.as_text(value)

    error = batch.error
    return VendorError(
        text(error.code), text(error.message), text(error.detail), text(error.field) or None
    )


def _of_hook(spec: Operation, result: Any, session: Session) -> Result:
    if isinstance(result, VendorError):
        return problems.classify(
            session.connector,
            HttpResponse(400, {}, b""),
            result,
            write=spec.effect == "write",
            exchanges=tuple(session.exchanges),
        )
    if isinstance(result, ConnectorError):
        result.exchanges = result.exchanges or tuple(session.exchanges)
        return result
    return _reply(spec, result, session)


def _reply(spec: Operation, output: Any, session: Session) -> Reply:
    reference = pick(output, spec.reference) if spec.reference else None
    return Reply(output, tuple(session.exchanges), None if reference is None else str(reference))


def _key(spec: Operation, item: BatchItem, number: int) -> str:
    if item.idempotency_key is None:
        return str(number + 1)
    return written_key(spec, item.idempotency_key)


def _whole_key(items: Sequence[BatchItem]) -> str | None:
    keys = [item.idempotency_key for item in items]
    if None in keys:
        return None
    return hashlib.sha256("\x1f".join(str(key) for key in keys).encode()).hexdigest()
