"""Requests in every form, and what must not leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors import facade
from connectors.sdk import ConnectorError
from connectors.testing import Bench
from ipaas.core.errors import Recovery

pytestmark = pytest.mark.django_db


@pytest.fixture
def service(make: Callable[[str], Bench]) -> Iterator[Bench]:
    yield make("http")


def send(service: Bench, method: str, path: str, key: str | None = None, **more: Any) -> Any:
    return service.call("request", key, method=method, path=path, **more).output


def test_forms_xml_and_text_arrive_as_they_should(service: Bench) -> None:
    form = send(service, "POST", "/echo", send_as="form", body={"a": "x y", "b": ["1", "2"]})
    assert form["body"]["body"] == "a=x+y&b=1&b=2"
    assert form["body"]["content_type"] == "application/x-www-form-urlencoded"
    xml = send(service, "POST", "/echo", send_as="xml", body={"order": {"@id": 1, "sku": ["a"]}})
    assert '<order id="1"><sku>a</sku></order>' in xml["body"]["body"]
    text = send(service, "PUT", "/echo", send_as="text", body="hello")
    assert (text["body"]["body"], text["body"]["method"]) == ("hello", "PUT")


def test_values_in_a_path_cannot_change_where_it_leads(service: Bench) -> None:
    echo = send(service, "GET", "/echo", query={"n": "a&b=c", "empty": "", "many": ["1", "2"]})
    assert echo["body"]["query"] == [["n", "a&b=c"], ["many", "1"], ["many", "2"]]
    with pytest.raises(ConnectorError) as caught:
        send(service, "GET", "/entries/{id}", path_values={"id": "../messages"})
    assert caught.value.vendor_status == 404
    assert "..%2Fmessages" in caught.value.exchanges[0].request["url"]


@pytest.mark.parametrize(
    "path", ["//evil.example/x", "/a/../../b", "/a/%2e%2e/b", "/a#b", "/a\\b", "/entries/{id}"]
)
def test_a_path_that_leads_elsewhere_is_refused(service: Bench, path: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        send(service, "GET", path)
    assert caught.value.recovery is Recovery.FIX_DATA
    assert not caught.value.exchanges


@pytest.mark.parametrize(
    "headers",
    [{"X-A": "1\r\nX-B: 2"}, {"Host": "evil.example"}, {"Bad Name": "1"}, {"X-A": "日本"}],
)
def test_a_header_that_breaks_the_message_is_refused(
    service: Bench, headers: dict[str, str]
) -> None:
    with pytest.raises(ConnectorError) as caught:
        send(service, "GET", "/echo", headers=headers)
    assert caught.value.code == "http.header_refused"


def test_statuses_that_count_as_answers_are_no_failure(service: Bench) -> None:
    answer = send(service, "GET", "/entries/999", also_good=[404])
    assert (answer["status"], answer["body"]["code"]) == (404, "not_found")
    with pytest.raises(ConnectorError) as caught:
        send(service, "GET", "/entries/999")
    assert (caught.value.recovery, caught.value.message) == (
        Recovery.FIX_DATA,
        "There is no entry 999.",
    )


def test_the_services_words_and_field_reach_the_person(service: Bench) -> None:
    with pytest.raises(ConnectorError) as caught:
        send(service, "POST", "/entries", "k", body={"name": "x"})
    error = caught.value
    assert (error.message, error.field) == ("A reference is needed.", "reference")
    assert (error.recovery, error.executed) == (Recovery.FIX_DATA, "no")


def test_a_write_with_a_key_header_is_done_once_although_sent_twice(service: Bench) -> None:
    wish = {"body": {"reference": "R"}, "idempotency_header": "Idempotency-Key"}
    first = send(service, "POST", "/entries", "key-1", **wish)
    again = send(service, "POST", "/entries", "key-1", **wish)
    other = send(service, "POST", "/entries", "key-2", **wish)
    assert first["body"]["id"] == again["body"]["id"] != other["body"]["id"]


def test_a_lost_write_is_found_only_if_it_is_ours(service: Bench) -> None:
    search = {"path": "/entries", "query": {"reference": "REF-003"}, "found": "/items"}
    inputs = {"method": "POST", "path": "/entries", "search": search}
    found = facade.probe(service.ref, "request", inputs)
    assert found is not None and found.output["body"]["id"] == 3
    search["same"] = {"name": "somebody else's"}
    assert facade.probe(service.ref, "request", inputs) is None


def test_xml_is_read_and_its_tricks_are_refused(service: Bench) -> None:
    entries = send(service, "GET", "/entries.xml")["body"]["entries"]["entry"]
    assert entries[0] == {"@id": "1", "reference": "REF-001"}


def test_amounts_keep_every_digit_both_ways(service: Bench) -> None:
    made = send(service, "POST", "/entries", "k", body={"reference": "A", "sum": Decimal("0.10")})
    assert str(made["body"]["sum"]) == "0.10"


# Facts of a step


def facts(fixed: dict[str, Any], *mapped: str) -> tuple[Any, ...]:
    spec = facade.describe_operation("http", "request")
    found = facade.describe_call(spec, fixed, frozenset([*fixed, *mapped]), {})
    return found.effect, found.idempotency, found.probe


def test_only_a_fixed_get_or_head_counts_as_reading() -> None:
    assert facts({"method": "GET"})[0] == "read"
    assert facts({"method": "HEAD"})[0] == "read"
    assert facts({"method": "POST"}) == ("write", "none", None)
    assert facts({}, "method")[0] == "write"


def test_a_fixed_key_header_or_a_search_keeps_a_write_from_happening_twice() -> None:
    assert facts({"method": "POST", "idempotency_header": "Idempotency-Key"})[1] == "key"
    assert facts({"method": "POST"}, "search.path") == ("write", "lookup", "search")
    assert facts({"method": "POST", "search": {"path": "/x"}})[1] == "lookup"
    # Computed per document, it might be empty for one of them.
    assert facts({"method": "POST"}, "idempotency_header")[1] == "none"
