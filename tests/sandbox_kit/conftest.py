"""A running sandbox process, and an instance of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from connectors.sandbox_kit.testing import Control, SandboxHandle, start_sandbox


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    running = start_sandbox(tmp_path_factory.mktemp("sandboxes"))
    yield running
    running.stop()


@pytest.fixture
def control(process: SandboxHandle) -> Control:
    return process.control(f"test-{uuid4().hex[:12]}")
