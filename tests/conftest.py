"""Fixtures for all tests: the cast, their browsers, and the parts that run as processes."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings

from tests.kit import browser as chromium
from tests.kit import emptying
from tests.kit.cast import ApiClient, Cast, make_cast
from tests.kit.product import Product, start_product
from tests.kit.sandbox import Sandbox, running_sandbox

emptying.install()
# The same examples each time: what fails for one fails for all. The long form looks for new ones.
hypothesis.settings.register_profile("same", derandomize=True, database=None)
if not os.environ.get("CAUSEWAY_LONG"):
    hypothesis.settings.load_profile("same")


@pytest.fixture
def cast(db: None) -> Cast:
    """Alice, Adam, Ben, Ana and Vera in workspace north; Bob in workspace south."""
    return make_cast()


@pytest.fixture
def api() -> Callable[..., ApiClient]:
    """Makes API clients: ``api(cast.alice)``, or ``api()`` for nobody."""
    return ApiClient


@pytest.fixture
def alice(cast: Cast) -> ApiClient:
    """Alice's API client; she owns workspace north."""
    return ApiClient(cast.alice)


@pytest.fixture
def vera(cast: Cast) -> ApiClient:
    """Vera's API client; she may only view workspace north."""
    return ApiClient(cast.vera)


@pytest.fixture
def bob(cast: Cast) -> ApiClient:
    """Bob's API client; he owns workspace south and is a stranger in north."""
    return ApiClient(cast.bob)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Vendor sandboxes in a process of their own, at ``settings.SANDBOX_URL``."""
    with running_sandbox(settings.SANDBOX_URL, tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """The shipped product, started by its start command on an empty data folder."""
    running = start_product(tmp_path / "data")
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def shared_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One shipped product for all stories of a session that do not break it."""
    running = start_product(tmp_path_factory.mktemp("product"))
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium (Playwright's ``Browser``)."""
    with chromium.launch() as running:
        yield running


@pytest.fixture
def page(browser: Any, shared_product: Product) -> Iterator[Any]:
    """A fresh browser window on the product, logged out; fails the test if a script failed."""
    context = browser.new_context(
        base_url=shared_product.base_url, viewport={"width": 1280, "height": 800}
    )
    window = context.new_page()
    failures: list[str] = []
    window.on("pageerror", lambda error: failures.append(str(error)))
    window.on(
        "console",
        lambda line: failures.append(line.text) if "Content Security Policy" in line.text else None,
    )
    yield window
    context.close()
    assert failures == []


def pytest_collection_finish() -> None:
    """What was imported stays, so the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Tests of a folder with a meaning carry its marker; what has no meaning here is left out."""
    items[:] = [item for item in items if _belongs_here(item)]
    for item in items:
        folder = item.path.parent.name
        if folder == "stories":
            item.add_marker(pytest.mark.story)
        elif folder == "faults":
            item.add_marker(pytest.mark.faults)
        elif item.get_closest_marker("story") and folder != "tooling":
            raise pytest.UsageError(f"{item.nodeid}: `make test` would not find this story.")


def _belongs_here(item: Any) -> bool:
    return all(condition for mark in item.iter_markers("only_if") for condition in mark.args)
