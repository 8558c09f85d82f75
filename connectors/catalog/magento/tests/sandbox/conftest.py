"""A shop of its own for each test."""

from __future__ import annotations

import pytest

from connectors.catalog.magento.tests.sandbox.shop import Shop
from connectors.sandbox_kit.testing import Control


@pytest.fixture
def shop(control: Control) -> Shop:
    return Shop(control)
