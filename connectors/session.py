"""One operation on one connection: requests are built, authorised, sent, and their errors read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from connectors import authorisation, credentials, problems
from connectors.credentials import Opened
from connectors.manifest import templates
from connectors.manifest.model import Operation, Paging, RequestTemplate
from connectors.sdk import ConnectorError, Exchange, HttpRequest, HttpResponse, pick
from connectors.values import Reply
from ipaas.core import jsonio
from ipaas.core.errors import Recovery

MOST_PAGES = 500


class Session:
    """The calls of one step; an OperationContext for hooks.

    An expired token is renewed ahead of time, or once on a 401, which no vendor answers after
    having done the work.
    """

    def __init__(self, connection: Opened, idempotency_key: str | None = None) -> None:
        self._connection = connection
        self._key = idempotency_key
        self._operation: Operation | None = None
        self._renewed = False
        self.exchanges: list[Exchange] = []

    @property
    def settings(self) -> Mapping[str, Any]:
        """The connection's settings."""
        return self._connection.settings

    @property
    def account(self) -> str:
        """The vendor's name of the account."""
        return self._connection.account

    @property
    def idempotency_key(self) -> str | None:
        """Key of this write, in a form the vendor accepts."""
        operation = self._operation
        if self._key is None or operation is None or operation.effect != "write":
            return None
        most = operation.idempotency.max_length if operation.idempotency else 255
        if len(self._key) <= most:
            return self._key
        return hashlib.sha256(self._key.encode()).hexdigest()[:most]

    def perform(self, name: str, inputs: Mapping[str, Any]) -> Reply:
        """Carry out operation ``name``. Raises ConnectorError with the exchanges made."""
        connection, connector = self._connection, self._connection.connector
        if connection.status != "ready":
            raise _not_ready(connection)
        try:
            output = self.call(name, inputs)
        except ConnectorError as error:
            error.exchanges = tuple(self.exchanges) or error.exchanges
            about_record = error.recovery is Recovery.FIX_DATA
            credentials.note_use(connection, "" if about_record else error.message)
            raise
        credentials.note_use(connection)
        pointer = connector.operation(name).reference
        reference = pick(output, pointer) if pointer else None
        return Reply(output, tuple(self.exchanges), None if reference is None else str(reference))

    def call(self, operation: str, inputs: Mapping[str, Any]) -> Any:
        """Output of an operation of this connector, within the same step."""
        spec = self._connection.connector.operation(operation)
        before, self._operation = self._operation, spec
        try:
            if spec.hook:
                return self._connection.connector.hook(spec.hook)(self, dict(inputs))
            assert spec.request is not None
            if spec.paging:
                return self._all_pages(spec, spec.request, spec.paging, inputs)
            document = self._send_template(spec, spec.request, inputs, {})
            return pick(document, spec.output_pointer) if spec.output_pointer else document
        finally:
            self._operation = before

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Document of the reply to one request. Raises ConnectorError for every failure."""
        content = None if body is None else jsonio.dumps(body)
        response = self.exchange(method, path, query=query, content=content, headers=headers)
        return self._document(response, self._is_write(method))

    def exchange(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """The whole reply to one request. Raises ConnectorError for every failure."""
        self._connection = authorisation.ahead(self._connection)
        while True:
            request = self._request(method, path, query or {}, content, headers or {})
            write = self._is_write(method)
            try:
                sent = self._connection.door().send(request, write=write)
            except ConnectorError as error:
                self.exchanges.extend(error.exchanges)
                raise
            self.exchanges.append(sent.exchange)
            if sent.response.status == 401 and self._renew():
                continue
            self._require_success(sent.response, write)
            return sent.response

    def _is_write(self, method: str) -> bool:
        writes = self._operation is not None and self._operation.effect == "write"
        return writes and method not in ("GET", "HEAD", "OPTIONS")

    def _sources(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "inputs": inputs,
            "settings": self._connection.settings,
            "account": self._connection.account or templates.MISSING,
        }

    def _send_template(
        self,
        spec: Operation,
        request: RequestTemplate,
        inputs: Mapping[str, Any],
        extra_query: Mapping[str, Any],
    ) -> Any:
        sources = self._sources(inputs)
        query = dict(templates.fill(request.query, sources))
        if spec.query_hook:
            query |= self._connection.connector.hook(spec.query_hook)(dict(inputs))
        body = None
        if request.body is not None:
            body = templates.fill(request.body, sources)
        return self.send(
            request.method,
            templates.fill_path(request.path, sources),
            query={**query, **extra_query},
            body=body,
            headers=templates.fill(request.headers, sources),
        )

    def _all_pages(
        self, spec: Operation, request: RequestTemplate, paging: Paging, inputs: Mapping[str, Any]
    ) -> dict[str, Any]:
        """All entries, up to ``inputs.limit``; ends by the stated total, never by an empty page."""
        limit = int(inputs.get("limit") or paging.most)
        size = min(limit, paging.most)
        items: list[Any] = []
        total = 0
        for page in range(1, MOST_PAGES + 1):
            extra = {paging.page: page, paging.size: size}
            document = self._send_template(spec, request, inputs, extra)
            found = pick(document, paging.items) or []
            total = int(pick(document, paging.total) or 0)
            items.extend(found)
            if not found or len(items) >= min(total, limit):
                break
        return {"items": items[:limit], "total_count": total}

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        content: bytes | None,
        headers: Mapping[str, str],
    ) -> HttpRequest:
        manifest = self._connection.connector.manifest
        sources = self._sources({})
        base = templates.fill_text(manifest.base_url, sources)
        if base is templates.MISSING:
            raise _incomplete(self._connection)
        pairs = {**manifest.query, **query}
        kind = {} if content is None else {"Content-Type": "application/json"}
        sent_headers = {**kind, **manifest.headers, **headers}
        operation = self._operation
        if operation and operation.idempotency and self.idempotency_key and method != "GET":
            place = operation.idempotency
            (pairs if place.place == "query" else sent_headers)[place.name] = self.idempotency_key
        url = f"{str(base).rstrip('/')}{path}"
        if pairs:
            text = {name: templates.as_text(value) for name, value in pairs.items()}
            url += ("&" if "?" in url else "?") + urlencode(text, quote_via=quote, safe="")
        return authorisation.signed(
            self._connection, HttpRequest(method, url, sent_headers, content)
        )

    def _renew(self) -> bool:
        """Whether there is a newer secret than the one just refused; asked once per step."""
        if self._renewed:
            return False
        self._renewed = True
        before = self._connection
        self._connection = authorisation.renewed(before)
        return self._connection.version != before.version

    def _require_success(self, response: HttpResponse, write: bool) -> None:
        connector = self._connection.connector
        succeeded = 200 <= response.status < 300
        said = None
        if not succeeded or connector.manifest.errors_in_success:
            said = problems.read_vendor_error(connector, response)
        if not succeeded or said is not None:
            raise problems.classify(
                connector, response, said, write=write, exchanges=tuple(self.exchanges)
            )

    def _document(self, response: HttpResponse, write: bool) -> Any:
        connector = self._connection.connector
        try:
            return response.json()
        except jsonio.MalformedJson as error:
            raise ConnectorError(
                f"{connector.manifest.name} answered with something that is not JSON.",
                code="connector.not_json",
                recovery=Recovery.RETRY if write else Recovery.GIVE_UP,
                executed="unknown" if write else "no",
                hint="Check the address of the connection: does a log-in page answer there?",
                exchanges=tuple(self.exchanges),
            ) from error


def _not_ready(connection: Opened) -> ConnectorError:
    words = {
        "needs_consent": "was not authorised yet",
        "reconnect": "must be authorised again",
        "disabled": "is switched off",
    }
    return ConnectorError(
        f"The connection “{connection.name}” {words.get(connection.status, 'is not ready')}.",
        code=f"connection.{connection.status}",
        recovery=Recovery.REAUTHORISE,
        hint="Open the connection and mend it, then retry what stopped, under Errors.",
    )


def _incomplete(connection: Opened) -> ConnectorError:
    return ConnectorError(
        f"The connection “{connection.name}” lacks a setting that every call needs.",
        code="connection.incomplete",
        recovery=Recovery.REAUTHORISE,
        hint="Open the connection, complete its settings, and authorise it.",
    )
