"""Nobody reaches into a workspace that is not theirs: tried on every address there is."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync

from ipaas.tenancy.access import GRANTS, Right
from ipaas.tenancy.api import WorkspaceView
from ipaas.tenancy.models import Role
from tests.kit import addresses, objects
from tests.kit.addresses import Address
from tests.kit.cast import ApiClient, Cast
from tests.kit.sockets import Socket

pytestmark = pytest.mark.both_stacks

# Addresses that belong to no workspace; anything new here must be meant to.
OUTSIDE = {
    "login": "anybody",
    "logout": "anybody",
    "app": "anybody; the application without any data",
    "me": "the person who asks, about themselves",
    "flow-schema": "logged in",
    "connector-schema": "logged in",
    "mapping-schema": "logged in",
    "openapi": "logged in",
    "connector-icon": "anybody; a picture",
    "oauth-callback": "whoever holds the unguessable state of a consent under way",
    "oauth1-activate": "whoever holds the unguessable state of an activation under way",
    "oauth1-identity": "logged in, with the right to edit that connection",
}


def cases(found: list[Address]) -> list[Any]:
    """Every method of the addresses."""
    return [
        pytest.param(address, method, id=f"{method.upper()} {address.pattern}")
        for address in found
        for method in address.methods
    ]


INSIDE = cases(addresses.inside_workspaces())
WITH_OBJECTS = cases(
    [a for a in addresses.inside_workspaces() if any(part in objects.OBJECTS for part in a.kwargs)]
)
SOCKETS = [pytest.param(address, id=address.pattern) for address in addresses.sockets()]


def right_of(address: Address, method: str) -> Right:
    """The right that the view asks for."""
    right: Right = address.view.needs[method]
    return right


def send(client: ApiClient, address: Address, method: str, path: str) -> Any:
    """Answer to the method with a body that is valid, as far as one was needed."""
    body = None if method in ("get", "delete") else objects.BODIES.get((address.name, method), {})
    return client.request(method, path, body)


def test_every_address_of_a_workspace_passes_its_door() -> None:
    assert INSIDE, "there are no addresses at all"
    for address in addresses.inside_workspaces():
        assert address.view is not None and issubclass(address.view, WorkspaceView), (
            f"{address.pattern} must be a WorkspaceView"
        )


def test_every_address_outside_workspaces_is_meant_to_be_there() -> None:
    strangers = [a.pattern for a in addresses.outside_workspaces() if a.name not in OUTSIDE]
    assert strangers == [], "move these under /api/v1/w/<workspace>/, or add their names to OUTSIDE"


def test_what_says_logged_in_says_401_to_nobody(db: None) -> None:
    for address in addresses.outside_workspaces():
        if OUTSIDE.get(address.name) in ("logged in", "the person who asks, about themselves"):
            assert ApiClient().get(f"/{address.pattern}").status == 401, address.pattern


@pytest.mark.parametrize(("address", "method"), INSIDE)
def test_nobody_is_asked_to_log_in(address: Address, method: str, cast: Cast) -> None:
    path = address.fill({"workspace": "north", **objects.fill(address.kwargs, cast)})
    answer = send(ApiClient(), address, method, path)
    assert answer.status == 401, answer
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(("address", "method"), INSIDE)
def test_bob_sees_nothing_of_alices_workspace(address: Address, method: str, cast: Cast) -> None:
    path = address.fill({"workspace": "north", **objects.fill(address.kwargs, cast)})
    answer = send(ApiClient(cast.bob), address, method, path)
    assert answer.status == 404, answer
    assert answer.json["code"] == "workspace.not_found"


@pytest.mark.parametrize(("address", "method"), WITH_OBJECTS)
def test_bob_cannot_use_alices_ids_in_his_own_workspace(
    address: Address, method: str, cast: Cast
) -> None:
    path = address.fill({"workspace": "south", **objects.fill(address.kwargs, cast)})
    answer = send(ApiClient(cast.bob), address, method, path)
    assert answer.status == 404, (
        f"{answer} - if the body was refused first, add a valid one to BODIES in "
        f"tests/kit/objects.py under ({address.name!r}, {method!r})"
    )


@pytest.mark.parametrize(("address", "method"), INSIDE)
def test_vera_may_look_and_do_nothing_else(address: Address, method: str, cast: Cast) -> None:
    right = right_of(address, method)
    path = address.fill({"workspace": "north", **objects.fill(address.kwargs, cast)})
    answer = send(ApiClient(cast.vera), address, method, path)
    if Role.VIEWER in GRANTS[right].holders(production=False):
        assert answer.status not in (401, 403, 500), answer
    else:
        assert answer.status == 403, answer
        assert answer.json["right"] == right
        assert "viewer" in answer.json["title"]


def greet(address: Address, user: Any, workspace: str) -> tuple[bool, int | None]:
    """Whether a person's WebSocket is accepted, and the close code if not."""
    socket = Socket(address.fill({"workspace": workspace}), user)

    async def attempt() -> tuple[bool, int | None]:
        accepted, code = await socket.connect()
        if accepted:
            await socket.close()
        return accepted, code

    result: tuple[bool, int | None] = async_to_sync(attempt)()
    return result


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", SOCKETS)
def test_live_news_go_to_members_only(address: Address, cast: Cast) -> None:
    assert address.kwargs == ("workspace",)
    assert greet(address, None, "north") == (False, 4401)
    assert greet(address, cast.bob, "north") == (False, 4404)
    assert greet(address, cast.vera, "north") == (True, None)


def test_a_view_that_forgets_its_right_cannot_be_written() -> None:
    with pytest.raises(TypeError, match="names no Right for 'post'"):
        type(
            "Forgetful",
            (WorkspaceView,),
            {"needs": {"get": Right.RUNS_VIEW}, "get": lambda s, r: r, "post": lambda s, r: r},
        )


def test_every_right_is_held_by_the_owner_and_said_in_words() -> None:
    for right in Right:
        grant = GRANTS[right]
        assert Role.OWNER in grant.holders(production=True)
        assert set(grant.holders(production=True)) <= set(grant.roles)
        assert grant.phrase
