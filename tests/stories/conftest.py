"""Fixtures of the stories: desks at the shared product, and vendors that behave again afterwards.

What the windows showed when a story failed is kept as pictures in ``test-results/``.
Expectations get more patience than Playwright's five seconds: the machine may be busy.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.kit.product import Product
from tests.stories.office import Desk, Doors, Vendors

expect.set_options(timeout=15_000)
PICTURES = Path(__file__).resolve().parents[2] / "test-results"
FAILED = pytest.StashKey[bool]()


# Begun first, so that nobody plays a long story alone at the end; the longest comes first.
LONG_STORIES = (
    "test_axe_finds_nothing_on_any_screen",
    "test_the_whole_invoice_is_mapped_from_nothing_and_posted",
    "test_everybody_can_use_every_part_of_the_mapper",
    "test_a_flow_is_drawn_and_mapped_without_a_mouse",
    "test_a_part_stands_in_two_records_of_a_filled_mapping_and_each_follows_alone",
    "test_a_template_is_saved_used_improved_and_merged_with_own_changes",
    "test_an_invoice_is_mapped_from_nothing_by_keyboard_and_posted",
    "test_a_flow_calls_another_and_waits_for_its_result_or_not",
)
# Stories with a product of their own, which takes a while to start.
OWN_PRODUCT = ("own_doors", "product", "_brought")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Long stories first; otherwise the order stays."""
    places = [at for at, item in enumerate(items) if item.path.parent.name == "stories"]
    stories = sorted((items[at] for at in places), key=_place)
    for at, story in zip(places, stories, strict=True):
        items[at] = story


def _place(item: Any) -> int:
    if item.originalname in LONG_STORIES:
        return LONG_STORIES.index(item.originalname)
    own = any(name in item.fixturenames for name in OWN_PRODUCT)
    return len(LONG_STORIES) + (0 if own else 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any) -> Generator[None, Any, Any]:
    """Lets the fixtures know whether their story failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def _doors(browser: Any, shared_product: Product) -> Doors:
    return Doors(browser, shared_product)


@pytest.fixture
def doors(_doors: Doors, request: pytest.FixtureRequest) -> Iterator[Doors]:
    """Opens windows for the people of the demo workspace; fails the story if a script failed."""
    yield from watched(_doors, request)


@pytest.fixture
def own_doors(browser: Any, product: Product, request: pytest.FixtureRequest) -> Iterator[Doors]:
    """The same at a product of the story's own, for a story that breaks something in it."""
    yield from watched(Doors(browser, product), request)


def watched(doors: Doors, request: pytest.FixtureRequest) -> Iterator[Doors]:
    """The doors for one story: pictures if it failed, and nothing said by their consoles."""
    yield doors
    if request.node.stash.get(FAILED, False):
        doors.photograph(PICTURES, request.node.name)
    assert doors.close() == []


@pytest.fixture
def desk(doors: Doors) -> Desk:
    """Alice's window; she owns the demo workspace and is logged in."""
    return doors.desk("demo")


@pytest.fixture
def vendors(shared_product: Product) -> Iterator[Vendors]:
    """The vendors' records and behaviour; after the story all faults are off."""
    held = Vendors(shared_product.sandbox_url)
    yield held
    held.behave()


@pytest.fixture
def own_vendors(product: Product) -> Vendors:
    """The records and behaviour of the vendors beside the story's own product."""
    return Vendors(product.sandbox_url)
