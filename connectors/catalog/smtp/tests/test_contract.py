"""The e-mail connector's manifest passes the tests of every connector."""

from __future__ import annotations

import pytest

from connectors.testing import ConnectorSuite


class TestContract(ConnectorSuite):
    slug = "smtp"
    reads = []

    @pytest.fixture
    def bench(self) -> None:
        pytest.skip("no sandbox: test_sending.py talks to a real mail server")

    @pytest.fixture
    def shared_bench(self) -> None:
        pytest.skip("no sandbox: test_sending.py talks to a real mail server")
