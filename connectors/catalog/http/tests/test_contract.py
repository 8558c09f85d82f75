"""The HTTP connector passes the tests of every connector, against a service of no vendor."""

from __future__ import annotations

from connectors.testing import ConnectorSuite, Example

_SEARCH = {
    "path": "/entries",
    "query": {"reference": "ORDER-1"},
    "found": "/items",
    "same": {"reference": "ORDER-1"},
}


class TestContract(ConnectorSuite):
    slug = "http"
    reads = [
        Example("request", {"method": "GET", "path": "/entries/1"}),
        Example(
            "fetch_all",
            {"path": "/entries", "items": "/items", "paging": {"style": "link"}},
        ),
    ]
    write = Example(
        "request",
        {
            "method": "POST",
            "path": "/entries",
            "body": {"reference": "ORDER-1"},
            "search": _SEARCH,
        },
        records="entry",
        mine=lambda record: record["reference"] == "ORDER-1",
    )
