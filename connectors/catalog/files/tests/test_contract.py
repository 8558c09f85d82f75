"""The files connector's manifest passes the tests of every connector."""

from __future__ import annotations

import pytest

from connectors.testing import ConnectorSuite


class TestContract(ConnectorSuite):
    slug = "files"
    reads = []

    @pytest.fixture
    def bench(self) -> None:
        pytest.skip("no sandbox: test_places.py uses real folders and servers")

    @pytest.fixture
    def shared_bench(self) -> None:
        pytest.skip("no sandbox: test_places.py uses real folders and servers")
