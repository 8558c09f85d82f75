"""What every connector must survive: tokens that end, races, endless pages, drift, leaks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.conf import settings as django_settings
from django.db import connection as database
from jsonschema import Draft202012Validator

from connectors import credentials, facade, problems, registry
from connectors.models import ConnectionRow, Credential
from connectors.sdk import ConnectorError, HttpResponse
from connectors.testing import drift
from connectors.testing.bench import Bench
from ipaas.core import clock, jsonio
from ipaas.core.errors import Recovery

WORKERS = 20
RENEWED = ("oauth2", "client_credentials", "password", "session")


@dataclass(frozen=True)
class Example:
    """An operation with inputs that work in a fresh sandbox, and where a write can be counted."""

    operation: str
    inputs: dict[str, Any] = field(default_factory=dict)
    records: str = ""
    mine: Callable[[Any], bool] = lambda record: True


class TroubleSuite:
    """The part of ``ConnectorSuite`` about trouble; not used on its own."""

    slug: ClassVar[str]
    reads: ClassVar[list[Example]]
    write: ClassVar[Example | None] = None

    @pytest.fixture
    def bench(self, db: None, make: Callable[[str], Bench]) -> Iterator[Bench]:
        """A ready connection to a fresh sandbox of this connector."""
        yield make(self.slug)

    @pytest.fixture
    def shared_bench(self, transactional_db: None, make: Callable[[str], Bench]) -> Bench:
        """A ready connection that other threads see too."""
        return make(self.slug)

    def prepare(self, bench: Bench, example: Example) -> Example:
        """The example with what only a running sandbox knows; override where ids are needed."""
        return example

    def _renews(self) -> bool:
        return registry.get(self.slug).manifest.auth.kind in RENEWED

    # Tokens

    def test_a_token_that_ends_in_the_middle_of_a_run_costs_no_write_and_doubles_none(
        self, bench: Bench
    ) -> None:
        if self.write is None:
            pytest.skip("the connector writes nothing")
        ready = self.prepare(bench, self.write)
        read = self.prepare(bench, self.reads[0])
        bench.call(read.operation, **read.inputs)
        bench.fault("token_expired", times=1)
        try:
            bench.call(ready.operation, "key-middle", **ready.inputs)
        except ConnectorError as error:
            assert not self._renews(), "the token is renewed and the write goes on"
            assert (error.recovery, error.executed) == (Recovery.REAUTHORISE, "no")
            bench.call(ready.operation, "key-middle", **ready.inputs)
        assert self._count(bench, ready) == 1

    def test_twenty_workers_that_need_a_new_token_renew_it_once_and_lose_none(
        self, shared_bench: Bench
    ) -> None:
        if not self._renews():
            pytest.skip("its credentials do not end by themselves")
        bench = shared_bench
        ready = self.prepare(bench, self.reads[0])
        before = credentials.opened(bench.ref, fresh=True)
        Credential.objects.filter(connection_id=bench.connection.id).update(
            expires_at=clock.now() - timedelta(seconds=1)
        )
        credentials.forget(bench.connection.id)
        failures: list[BaseException] = []
        start = threading.Barrier(WORKERS)

        def work() -> None:
            try:
                start.wait(timeout=30)
                bench.call(ready.operation, **ready.inputs)
            except BaseException as error:
                failures.append(error)
            finally:
                database.close()

        threads = [threading.Thread(target=work) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert failures == []
        after = credentials.opened(bench.ref, fresh=True)
        assert after.version == before.version + 1, "one renewal, and none lost"

    def test_a_rotated_grant_is_kept_and_works(self, bench: Bench) -> None:
        if "refresh_token" not in credentials.opened(bench.ref).secrets:
            pytest.skip("it has no grant that rotates")
        ready = self.prepare(bench, self.reads[0])
        for _ in range(3):
            Credential.objects.filter(connection_id=bench.connection.id).update(
                expires_at=clock.now() - timedelta(seconds=1)
            )
            credentials.forget(bench.connection.id)
            bench.call(ready.operation, **ready.inputs)
        assert bench.reread().status == "ready"

    def test_a_revoked_grant_asks_for_a_person_and_stops_further_calls(self, bench: Bench) -> None:
        held = credentials.opened(bench.ref)
        if "refresh_token" not in held.secrets:
            pytest.skip("it has no grant that can be revoked")
        ready = self.prepare(bench, self.reads[0])
        credentials.replace(
            bench.workspace.id,
            bench.connection.id,
            {**held.secrets, "refresh_token": "was-revoked-at-the-vendor"},
            version=None,
            expires_at=clock.now() - timedelta(seconds=1),
        )
        for _ in range(2):
            with pytest.raises(ConnectorError) as caught:
                bench.call(ready.operation, **ready.inputs)
            assert (caught.value.recovery, caught.value.executed) == (Recovery.REAUTHORISE, "no")
        row = ConnectionRow.objects.get(id=bench.connection.id)
        assert row.status == "reconnect"
        assert "was-revoked" not in row.last_error

    # Lists and limits

    def test_every_list_ends(self, bench: Bench) -> None:
        for name, operation in registry.get(self.slug).manifest.operations.items():
            if operation.paging is None or facade.describe_operation(
                self.slug, name
            ).input_schema.get("required"):
                continue
            reply = bench.call(name, limit=10_000)
            assert isinstance(reply.output["items"], list), name

    def test_a_list_whose_pages_never_end_is_stopped_and_said(self, bench: Bench) -> None:
        lists = [
            (name, operation)
            for name, operation in registry.get(self.slug).manifest.operations.items()
            if operation.paging
            and not facade.describe_operation(self.slug, name).input_schema.get("required")
        ]
        if not lists:
            pytest.skip("it has no list that can be asked for without inputs")
        name, operation = lists[0]
        paging = operation.paging
        assert paging is not None
        endless = self._relayed(bench, lambda found: _endless(found, paging), repeat=True)
        with endless, pytest.raises(ConnectorError) as caught:
            bench.call(name, limit=10_000)
        assert caught.value.code == "connector.paging_endless"
        assert len(caught.value.exchanges) < 10, "it was noticed early"

    @pytest.mark.parametrize("header", ["7", None])
    def test_a_limit_is_obeyed_with_and_without_retry_after(self, header: str | None) -> None:
        connector = registry.get(self.slug)
        headers = {"retry-after": header} if header else {}
        response = HttpResponse(429, headers, b"")
        said = problems.read_vendor_error(connector, response)
        error = problems.classify(connector, response, said, write=True, exchanges=())
        assert (error.recovery, error.executed) == (Recovery.RETRY, "no")
        assert error.retry_after_s is not None and error.retry_after_s > 0
        if header:
            assert error.retry_after_s == 7

    # Drift

    def test_members_that_the_vendor_adds_disturb_nothing(self, bench: Bench) -> None:
        for example in self.reads:
            ready = self.prepare(bench, example)
            with self._relayed(bench, drift.added):
                reply = bench.call(ready.operation, **ready.inputs)
            schema = facade.describe_operation(self.slug, ready.operation).output_schema
            problems_found = list(Draft202012Validator(schema).iter_errors(reply.output))
            assert problems_found == [], (ready.operation, problems_found[:3])

    @pytest.mark.parametrize("change", [drift.emptied, drift.turned, drift.nulled])
    def test_members_that_the_vendor_removes_or_changes_end_in_words_never_in_a_crash(
        self, bench: Bench, change: drift.Change
    ) -> None:
        for example in self.reads:
            ready = self.prepare(bench, example)
            with self._relayed(bench, change):
                try:
                    bench.call(ready.operation, **ready.inputs)
                except ConnectorError as error:
                    assert error.message and error.hint, ready.operation

    # Secrets

    @pytest.mark.parametrize(
        "fault", ["", "token_expired", "server_error", "rate_limited", "unavailable"]
    )
    def test_no_secret_is_in_a_log_an_error_a_reply_or_an_exchange(
        self, bench: Bench, fault: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        ready = self.prepare(bench, self.reads[0])
        credentials.forget(bench.connection.id)
        if fault:
            bench.fault(fault, times=1)
        told: list[str] = []
        with caplog.at_level(logging.DEBUG):
            try:
                reply = bench.call(ready.operation, **ready.inputs)
                told.append(_text(reply.exchanges))
                told.append(repr(reply))
            except ConnectorError as error:
                told += [str(error), repr(error), error.hint, repr(error.problem())]
                told.append(_text(error.exchanges))
        told += [record.getMessage() for record in caplog.records]
        told.append(repr(credentials.opened(bench.ref)))
        told.append(bench.reread().last_error)
        for name, secret in credentials.opened(bench.ref).secrets.items():
            if isinstance(secret, str) and len(secret) >= 6:
                assert not [text for text in told if secret in text], name

    def _count(self, bench: Bench, ready: Example) -> int:
        return len([record for record in bench.records(ready.records) if ready.mine(record)])

    @contextmanager
    def _relayed(
        self, bench: Bench, change: drift.Change, *, repeat: bool = False
    ) -> Iterator[None]:
        """Calls go through a relay that changes what the vendor says."""
        row = ConnectionRow.objects.get(id=bench.connection.id)
        before, sandbox_url = dict(row.settings), django_settings.SANDBOX_URL
        with drift.relay(sandbox_url, change, repeat=repeat) as address:
            changed = str(before["base_url"]).replace(sandbox_url, address)
            try:
                ConnectionRow.objects.filter(id=row.id).update(
                    settings={**before, "base_url": changed}
                )
                credentials.forget(row.id)
                yield
            finally:
                ConnectionRow.objects.filter(id=row.id).update(settings=before)
                credentials.forget(row.id)


def _text(exchanges: tuple[Any, ...]) -> str:
    return jsonio.dumps([exchange.as_json() for exchange in exchanges]).decode()


def _endless(document: Any, paging: Any) -> Any:
    """The reply of a vendor that always says there is more, and always gives the same."""
    for pointer, value in ((paging.total, 10**6), (paging.more, True), (paging.next, "again")):
        if pointer:
            *path, last = pointer.split("/")[1:]
            place = document
            for part in path:
                place = place.setdefault(part, {}) if isinstance(place, dict) else {}
            if isinstance(place, dict):
                place[last] = value
    return document
