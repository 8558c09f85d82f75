"""pytest fixtures of connector tests; a conftest imports them by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from connectors.sandbox_kit.testing import Control, SandboxHandle, start_sandbox
from connectors.testing.bench import Bench, make_bench


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxHandle]:
    """The real sandbox server, as a process of its own."""
    handle = start_sandbox(tmp_path_factory.mktemp("sandboxes"))
    try:
        yield handle
    finally:
        handle.kill()


@pytest.fixture
def control(sandbox_process: SandboxHandle) -> Control:
    """The control API of a fresh instance that no other test touches."""
    return sandbox_process.control(f"test-{uuid4().hex[:12]}")


@pytest.fixture
def make(sandbox_process: SandboxHandle, settings: Any) -> Callable[[str], Bench]:
    """Makes a bench: ``make("magento")`` is a ready connection to a fresh sandbox."""
    settings.SANDBOX_URL = sandbox_process.base_url

    def make_one(connector: str) -> Bench:
        return make_bench(sandbox_process, connector)

    return make_one
