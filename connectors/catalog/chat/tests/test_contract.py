"""The chat connector's manifest passes the tests of every connector."""

from __future__ import annotations

import pytest

from connectors.testing import ConnectorSuite


class TestContract(ConnectorSuite):
    slug = "chat"
    reads = []

    @pytest.fixture
    def bench(self) -> None:
        pytest.skip("no sandbox: test_messages.py uses a server of its own")

    @pytest.fixture
    def shared_bench(self) -> None:
        pytest.skip("no sandbox: test_messages.py uses a server of its own")
