"""One operation on one connection: requests are built, authorised, sent, and their errors read."""

from __future__ import annotations

import hashlib
import logging
import traceback
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import quote, urlencode, urljoin, urlsplit

from connectors import authorisation, bodies, counting, credentials, paging, problems
from connectors.credentials import Opened
from connectors.http import masking
from connectors.lines import OwnLine
from connectors.manifest import templates
from connectors.manifest.model import Operation
from connectors.manifest.parts import RequestTemplate
from connectors.registry import Connector
from connectors.sdk import ConnectorError, Exchange, HttpRequest, HttpResponse, pick
from connectors.values import Reply
from ipaas.core import jsonio
from ipaas.core.errors import Recovery

log = logging.getLogger(__name__)
ReplyForm = Literal["json", "text", "xml", "file", "none"]


class Session(OwnLine):
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
    def connector(self) -> Connector:
        """Whose connection it is."""
        return self._connection.connector

    @property
    def entity(self) -> str:
        """Kind of record that the operation under way is about."""
        return self._operation.entity if self._operation else ""

    @property
    def idempotency_key(self) -> str | None:
        """Key of this write, in a form the vendor accepts."""
        operation = self._operation
        if self._key is None or operation is None or operation.effect != "write":
            return None
        return written_key(operation, self._key)

    def perform(self, name: str, inputs: Mapping[str, Any]) -> Reply:
        """Carry out operation ``name``. Raises ConnectorError with the exchanges made."""
        spec = self.connector.operation(name)
        with self.step(spec):
            output = self.call(name, inputs)
        reference = pick(output, spec.reference) if spec.reference else None
        return Reply(output, tuple(self.exchanges), None if reference is None else str(reference))

    @contextmanager
    def step(self, spec: Operation) -> Iterator[None]:
        """Calls for one operation: refused unless the connection is ready; its use is noted.

        A ConnectorError that leaves carries the exchanges made.
        """
        if self._connection.status != "ready":  # another process may have authorised it just now
            self._connection = credentials.opened(self._connection.ref, fresh=True)
        connection = self._connection
        if connection.status != "ready":
            raise _not_ready(connection)
        before, self._operation = self._operation, spec
        try:
            yield
        except ConnectorError as error:
            self.hide(error)
            error.exchanges = tuple(self.exchanges) or error.exchanges
            about_record = error.recovery is Recovery.FIX_DATA
            credentials.note_use(connection, "" if about_record else error.message)
            raise
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            # Never the error's own words: they can hold parts of the document.
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.warning(
                "the reply to %s.%s has another form: %s in %s, line %s",
                *(self.connector.slug, spec.name, type(error).__name__, place.name, place.lineno),
            )
            raise self._unexpected(spec) from error
        finally:
            self._operation = before
        credentials.note_use(connection)

    def hide(self, error: ConnectorError) -> None:
        """Take our secrets out of a vendor's words: they are kept, shown and logged."""
        secrets = self._connection.masked
        error.message = masking.mask_text(error.message, secrets)
        error.hint = masking.mask_text(error.hint, secrets)

    def _unexpected(self, spec: Operation) -> ConnectorError:
        """What became of a step whose reply could not be understood: schemas drift."""
        sent = spec.effect == "write" and bool(self.exchanges)
        return ConnectorError(
            f"{self.connector.manifest.name} answered “{spec.title}” in a form that is not known.",
            code="connector.reply_unexpected",
            recovery=Recovery.RETRY if sent else Recovery.GIVE_UP,
            executed="unknown" if sent else "no",
            hint="The vendor may have changed its interface: look at the exchange, and ask for a "
            "newer connector.",
            exchanges=tuple(self.exchanges),
        )

    def call(self, operation: str, inputs: Mapping[str, Any]) -> Any:
        """Output of an operation of this connector, within the same step."""
        spec = self._connection.connector.operation(operation)
        before, self._operation = self._operation, spec
        try:
            if spec.hook:
                return self._connection.connector.hook(spec.hook)(self, dict(inputs))
            if spec.paging:
                return paging.all_pages(self, spec, inputs)
            document = self.document(self.send_template(spec, inputs), spec)
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
        return self._read(response, "json", self._is_write(method))

    def exchange(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        good: Container[int] = (),
    ) -> HttpResponse:
        """The whole reply to one request. Raises ConnectorError for every failure.

        Statuses in ``good`` are answers like any other, not failures.
        """
        return self._exchange(method, path, query or {}, content, headers or {}, good=good)

    def _exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        content: bytes | None,
        headers: Mapping[str, str],
        *,
        url: str = "",
        good: Container[int] = (),
    ) -> HttpResponse:
        self._connection = authorisation.ahead(self._connection)
        while True:
            request = self._request(method, path, query, content, headers, url)
            write = self._is_write(method)
            try:
                sent = self._connection.door().send(request, write=write)
            except ConnectorError as error:
                self.exchanges.extend(error.exchanges)
                self._count(len(error.exchanges))
                raise
            self.exchanges.append(sent.exchange)
            self._count(1)
            if authorisation.refused(self._connection, sent.response) and self._renew():
                continue
            if sent.response.status not in good:
                self._require_success(sent.response, write)
            return sent.response

    def _count(self, requests: int) -> None:
        name = self._operation.name if self._operation else ""
        counting.tell_requests(self._connection.ref, name, requests)

    def _is_write(self, method: str) -> bool:
        writes = self._operation is not None and self._operation.effect == "write"
        return writes and method not in ("GET", "HEAD", "OPTIONS")

    def hook(self, name: str) -> Callable[..., Any]:
        """A function of the connector's hooks."""
        return self._connection.connector.hook(name)

    def sources(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """What the places of a template may name."""
        connection = self._connection
        manifest = connection.connector.manifest
        return {
            "inputs": inputs,
            "settings": connection.settings,
            "env": manifest.environment(connection.settings, connection.ref.environment),
            "account": connection.account or templates.MISSING,
        }

    def send_template(
        self,
        spec: Operation,
        inputs: Mapping[str, Any],
        *,
        request: RequestTemplate | None = None,
        extra: Mapping[str, Any] | None = None,
        more: Mapping[str, Any] | None = None,
        url: str = "",
    ) -> HttpResponse:
        """The reply to the operation's request.

        ``extra`` are members that a page adds, ``more`` further things its places may name. With
        a ``url``, which must lie at the vendor, that address is asked for instead.
        """
        template = request or spec.request
        assert template is not None
        sources = {**self.sources(inputs), **(more or {})}
        headers = templates.fill(template.headers, sources)
        if url:
            return self._exchange("GET", "", {}, None, headers, url=url)
        query = dict(templates.fill(template.query, sources))
        if spec.query_hook:
            query |= self.hook(spec.query_hook)(dict(inputs))
        in_body = spec.paging is not None and spec.paging.place == "body"
        content, kind = bodies.encode(template, sources, extra if in_body else None)
        return self._exchange(
            template.method,
            templates.fill_path(template.path, sources),
            query if in_body else {**query, **(extra or {})},
            content,
            {"Content-Type": kind, **headers} if content is not None else headers,
        )

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        content: bytes | None,
        headers: Mapping[str, str],
        url: str = "",
    ) -> HttpRequest:
        manifest = self._connection.connector.manifest
        sources = self.sources({})
        base = templates.fill_text(manifest.base_url, sources)
        if base is templates.MISSING:
            raise _incomplete(self._connection)
        pairs = {**manifest.query, **query}
        kind = {} if content is None else {"Content-Type": "application/json"}
        sent_headers = {**kind, **manifest.headers, **headers}
        operation = self._operation
        place = operation.idempotency if operation else None
        if place and place.place != "own" and self.idempotency_key and method != "GET":
            held = pairs if place.place == "query" else sent_headers
            held.setdefault(place.name, self.idempotency_key)  # a hook may send one of its own
        if url:
            url = _at_the_vendor(url, str(base), self._connection)
        else:
            url = f"{str(base).rstrip('/')}{path}"
        if pairs and path:
            url += ("&" if "?" in url else "?") + _query_text(pairs)
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

    def document(self, response: HttpResponse, spec: Operation) -> Any:
        """What the reply holds, in the form the manifest says."""
        return self._read(response, spec.reply, spec.effect == "write")

    def _read(self, response: HttpResponse, form: ReplyForm, write: bool) -> Any:
        name = self._connection.connector.manifest.name
        try:
            return bodies.decode(response, form)
        except (jsonio.MalformedJson, bodies.ReplyUnreadable) as error:
            raise ConnectorError(
                f"{name} answered with something that is not {form.upper()}.",
                code=f"connector.not_{form}",
                recovery=Recovery.RETRY if write else Recovery.GIVE_UP,
                executed="unknown" if write else "no",
                hint="Check the address of the connection: does a log-in page answer there?",
                exchanges=tuple(self.exchanges),
            ) from error


def written_key(operation: Operation, key: str) -> str:
    """``key`` if the vendor takes one so long, else a digest of it that fits."""
    most = operation.idempotency.max_length if operation.idempotency else 255
    return key if len(key) <= most else hashlib.sha256(key.encode()).hexdigest()[:most]


def _at_the_vendor(url: str, base: str, connection: Opened) -> str:
    """``url`` made whole, if it leads to the same server as every call of the connection."""
    whole = urljoin(f"{base.rstrip('/')}/", url)
    if urlsplit(whole)[:2] != urlsplit(base)[:2]:
        raise ConnectorError(
            f"{connection.connector.manifest.name} sends us on to another server for the next "
            "page; the credentials are not sent there.",
            code="connector.paging_elsewhere",
            recovery=Recovery.GIVE_UP,
            hint="Check the address of the connection: it must be the one the vendor's links use.",
        )
    return whole


def _query_text(pairs: Mapping[str, Any]) -> str:
    """Parameters of an address; a list repeats its name."""
    text = [
        (name, templates.as_text(each))
        for name, value in pairs.items()
        for each in (value if isinstance(value, list) else [value])
    ]
    return urlencode(text, quote_via=quote, safe="")


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
        hint="Open the connection and mend it; runs that wait for it then go on by themselves.",
    )


def _incomplete(connection: Opened) -> ConnectorError:
    return ConnectorError(
        f"The connection “{connection.name}” lacks a setting that every call needs.",
        code="connection.incomplete",
        recovery=Recovery.REAUTHORISE,
        hint="Open the connection, complete its settings, and authorise it.",
    )
