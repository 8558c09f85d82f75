"""The SQL connector's manifest passes the tests of every connector."""

from __future__ import annotations

import pytest

from connectors.testing import ConnectorSuite


class TestContract(ConnectorSuite):
    slug = "sql"
    reads = []

    @pytest.fixture
    def bench(self) -> None:
        pytest.skip("no sandbox: test_tables.py talks to real databases")

    @pytest.fixture
    def shared_bench(self) -> None:
        pytest.skip("no sandbox: test_tables.py talks to real databases")
