"""Addresses filled with nonsense are refused in words, whatever the database makes of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.kit import addresses, objects
from tests.kit.addresses import Address
from tests.kit.cast import ApiClient, Cast

pytestmark = pytest.mark.both_stacks

NONSENSE = (
    "²",
    "\0",
    "9" * 40,
    "-1",
    "%",
    "_",
    "[",
    "\U0001f9fe",
    "WyIxIl0",
    "WyIyXHUwMDAwIl0",
    "é" * 300,
)
ASKED = [
    pytest.param(address, id=address.pattern)
    for address in addresses.inside_workspaces()
    if "get" in address.methods
]


def tried(client: ApiClient, path: str) -> list[str]:
    answer: Any = client.get(path)
    return [f"{answer.status} {path}"] if answer.status == 500 else []


@pytest.mark.parametrize("address", ASKED)
def test_whatever_is_asked_for_is_answered(address: Address, cast: Cast) -> None:
    client = ApiClient(cast.alice)
    path = address.fill({"workspace": "north", **objects.fill(address.kwargs, cast)})
    broken: list[str] = []
    for name in address.view.query:
        for text in NONSENSE:
            broken += tried(client, f"{path}?{name}={quote(text)}")
    assert broken == []


PLACES = [
    pytest.param(address, id=address.pattern)
    for address in addresses.inside_workspaces()
    if "get" in address.methods and len(address.kwargs) > 1
]


@pytest.mark.parametrize("address", PLACES)
def test_an_id_that_nothing_could_have_is_not_found(address: Address, cast: Cast) -> None:
    client = ApiClient(cast.alice)
    known = {"workspace": "north", **objects.fill(address.kwargs, cast)}
    broken: list[str] = []
    for name in address.kwargs:
        for text in NONSENSE:
            if name != "workspace":
                try:
                    path = address.fill({**known, name: text})
                except Exception:
                    continue
                broken += tried(client, path)
    assert broken == []
