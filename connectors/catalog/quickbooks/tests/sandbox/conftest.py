"""An app of its own for each test, and books it is connected to."""

from __future__ import annotations

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import App, Books
from connectors.sandbox_kit.testing import Control


@pytest.fixture
def app(control: Control) -> App:
    return App(control)


@pytest.fixture
def books(app: App) -> Books:
    return app.connect()
