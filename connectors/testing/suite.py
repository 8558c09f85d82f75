"""What every connector must do right, tested against its own sandbox over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from connectors import credentials, facade, registry
from connectors.manifest.checking import check_folder
from connectors.sdk import ConnectorError, pick
from connectors.testing.bench import Bench
from connectors.testing.trouble import TroubleSuite
from ipaas.core import jsonio
from ipaas.core.errors import Recovery

_INPUT = re.compile(r"\{inputs\.(\w+)|\$inputs\.(\w+)")


class ConnectorSuite(TroubleSuite):
    """Derive a class ``TestContract(ConnectorSuite)`` and set slug, reads and write.

    ``reads`` are operations whose output is checked against their schema; ``write`` is one whose
    records can be counted in the sandbox.
    """

    # The manifest

    def test_the_manifest_is_valid_and_bears_the_name_of_its_folder(self) -> None:
        folder = registry.places()[self.slug].folder
        assert [str(fault) for fault in check_folder(folder)] == []
        manifest = registry.get(self.slug).manifest
        assert manifest.slug == self.slug == folder.name
        assert manifest.description and manifest.name

    def test_every_hook_that_the_manifest_names_exists(self) -> None:
        connector = registry.get(self.slug)
        for name in connector.manifest.hooks():
            assert callable(connector.hook(name)), name

    def test_every_schema_is_valid_and_stands_alone(self) -> None:
        for name in registry.get(self.slug).manifest.operations:
            spec = facade.describe_operation(self.slug, name)
            for schema in (spec.input_schema, spec.output_schema):
                Draft202012Validator.check_schema(schema)
                for reference in _references(schema):
                    assert reference.startswith("#/$defs/"), (name, reference)
                    assert pick(schema, reference[1:]) is not None, (name, reference)

    def test_request_templates_name_only_inputs_that_exist(self) -> None:
        for name, operation in registry.get(self.slug).manifest.operations.items():
            if operation.request is None:
                continue
            known = facade.describe_operation(self.slug, name).input_schema.get("properties", {})
            request = operation.request
            text = f"{request.path} {request.query} {request.headers} {request.body}"
            for match in _INPUT.finditer(text):
                assert (match.group(1) or match.group(2)) in known, (name, match.group(0))

    def test_a_write_says_how_it_is_kept_from_happening_twice(self) -> None:
        for name, operation in registry.get(self.slug).manifest.operations.items():
            if operation.effect == "write":
                said = operation.idempotency or operation.lookup or operation.may_double
                assert said, name

    def test_the_page_of_the_connector_tells_credentials_limits_and_gaps(self) -> None:
        readme = facade.connector_info(self.slug).readme
        for heading in ("Credentials", "Limits", "Known gaps", "Unverified", "Sources"):
            assert re.search(rf"^#+ .*{heading}", readme, re.MULTILINE), heading

    def test_the_icon_is_a_drawing_without_scripts_or_links(self) -> None:
        icon = facade.icon_svg(self.slug)
        assert icon.startswith("<svg")
        assert not re.search(r"<script|href|on\w+=|<foreignObject", icon)

    # Calls

    def test_the_connection_test_succeeds(self, bench: Bench) -> None:
        result = facade.test_connection(bench.workspace.id, bench.connection.id)
        assert result.ok, result.message

    def test_replies_match_their_schema(self, bench: Bench) -> None:
        for example in self.reads:
            ready = self.prepare(bench, example)
            reply = bench.call(ready.operation, **ready.inputs)
            schema = facade.describe_operation(self.slug, ready.operation).output_schema
            problems = [
                f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
                for error in Draft202012Validator(schema).iter_errors(reply.output)
            ]
            assert not problems, (ready.operation, problems[:5])

    def test_nothing_secret_is_kept_of_an_exchange(self, bench: Bench) -> None:
        ready = self.prepare(bench, self.reads[0])
        reply = bench.call(ready.operation, **ready.inputs)
        text = jsonio.dumps([exchange.as_json() for exchange in reply.exchanges]).decode()
        for name, secret in credentials.opened(bench.ref).secrets.items():
            if len(str(secret)) >= 6:
                assert str(secret) not in text, name

    def test_too_many_requests_are_waited_out(self, bench: Bench) -> None:
        error = self._failing_read(bench, "rate_limited")
        assert (error.recovery, error.executed) == (Recovery.RETRY, "no")
        assert error.retry_after_s is not None and error.retry_after_s > 0

    def test_a_server_error_is_tried_again(self, bench: Bench) -> None:
        error = self._failing_read(bench, "server_error")
        assert (error.recovery, error.executed) == (Recovery.RETRY, "no")

    def test_a_maintenance_page_is_tried_again(self, bench: Bench) -> None:
        error = self._failing_read(bench, "unavailable")
        assert error.recovery is Recovery.RETRY

    def test_a_refused_credential_asks_for_a_person_or_is_renewed(self, bench: Bench) -> None:
        ready = self.prepare(bench, self.reads[0])
        bench.fault("token_expired", times=1)
        if self._renews():
            reply = bench.call(ready.operation, **ready.inputs)
            assert [e.response and e.response["status"] for e in reply.exchanges][:2] == [401, 200]
            return
        with pytest.raises(ConnectorError) as caught:
            bench.call(ready.operation, **ready.inputs)
        assert caught.value.recovery is Recovery.REAUTHORISE
        assert caught.value.hint

    def test_a_server_error_on_a_write_leaves_the_outcome_open(self, bench: Bench) -> None:
        if self.write is None:
            pytest.skip("the connector writes nothing")
        ready = self.prepare(bench, self.write)
        bench.fault("server_error", times=1)
        with pytest.raises(ConnectorError) as caught:
            bench.call(ready.operation, "key-1", **ready.inputs)
        assert (caught.value.recovery, caught.value.executed) == (Recovery.RETRY, "unknown")

    def test_a_write_whose_reply_is_lost_is_found_by_its_probe_and_exists_once(
        self, bench: Bench
    ) -> None:
        if self.write is None:
            pytest.skip("the connector writes nothing")
        ready = self.prepare(bench, self.write)
        bench.fault("lost_reply", times=1)
        with pytest.raises(ConnectorError) as caught:
            bench.call(ready.operation, "key-lost", **ready.inputs)
        assert caught.value.executed == "unknown"
        assert caught.value.exchanges and caught.value.exchanges[-1].response is None

        found = facade.probe(bench.ref, ready.operation, ready.inputs, "key-lost")

        assert found is not None
        assert len([record for record in bench.records(ready.records) if ready.mine(record)]) == 1

    def test_a_write_that_never_left_is_not_found_by_its_probe(self, bench: Bench) -> None:
        if self.write is None:
            pytest.skip("the connector writes nothing")
        ready = self.prepare(bench, self.write)
        assert facade.probe(bench.ref, ready.operation, ready.inputs, "key-never") is None

    def _failing_read(self, bench: Bench, fault: str) -> ConnectorError:
        ready = self.prepare(bench, self.reads[0])
        bench.fault(fault, times=1)
        with pytest.raises(ConnectorError) as caught:
            bench.call(ready.operation, **ready.inputs)
        assert caught.value.exchanges, "the exchange is kept for the inspector"
        return caught.value


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
