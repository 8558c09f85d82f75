"""A connection's history, who may use it, and tests before it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors import health
from connectors.models import ConnectionRow
from connectors.sandbox_kit.testing import SandboxHandle
from tests.kit.cast import ApiClient, Cast

NORTH = "/api/v1/w/north"
SANDBOX = {"connector": "magento", "name": "Shop", "environment": "test", "sandbox": True}


@pytest.fixture(autouse=True)
def sandboxes(sandbox_process: SandboxHandle, settings: Any) -> SandboxHandle:
    settings.SANDBOX_URL = sandbox_process.base_url
    return sandbox_process


@pytest.fixture
def ready() -> Iterator[list[tuple[str, str, str]]]:
    told: list[tuple[str, str, str]] = []

    def listener(workspace_id: str, environment: str, slug: str) -> None:
        told.append((workspace_id, environment, slug))

    health.register_ready_listener(listener)
    yield told
    health._listeners.remove(listener)


def kinds(client: ApiClient, connection_id: str) -> list[tuple[str, int]]:
    found = client.get(f"{NORTH}/connections/{connection_id}/history").json["items"]
    return [(event["kind"], event["times"]) for event in found]


def test_a_connection_that_works_is_kept_after_its_test(alice: ApiClient) -> None:
    made = alice.post(f"{NORTH}/connections", {**SANDBOX, "test": True})
    assert made.status == 201
    assert kinds(alice, made.json["id"]) == [("tested", 1), ("created", 1)]


def test_a_connection_that_does_not_work_is_not_kept_and_says_why(
    alice: ApiClient, sandboxes: SandboxHandle
) -> None:
    body = {**SANDBOX, "test": True, "secrets": {"access_token": "wrong-token"}}
    refused = alice.post(f"{NORTH}/connections", body)
    assert (refused.status, refused.json["code"]) == (422, "connection.test_failed")
    assert refused.json["hint"]
    assert "wrong-token" not in refused.text
    assert not ConnectionRow.objects.exists()
    assert alice.post(f"{NORTH}/connections", {**body, "test": False}).status == 201


def test_the_history_tells_tests_failures_and_changes_and_counts_repeats(
    alice: ApiClient,
) -> None:
    made = alice.post(f"{NORTH}/connections", SANDBOX).json
    path = f"{NORTH}/connections/{made['id']}"
    for _ in range(3):
        alice.post(f"{path}/test")
    alice.patch(path, {"secrets": {"access_token": "wrong"}})
    alice.post(f"{path}/test")
    found = kinds(alice, made["id"])
    assert found[0][0] == "test_failed"
    assert ("tested", 3) in found
    assert ("secrets_changed", 1) in found
    assert found[-1] == ("created", 1)


def test_the_history_is_bounded(alice: ApiClient) -> None:
    made = alice.post(f"{NORTH}/connections", SANDBOX).json
    for number in range(health.MOST_EVENTS + 60):
        health.record(made["id"], health.BROKEN, f"failure {number}")
    events = ConnectionRow.objects.get(id=made["id"]).events
    assert events.count() <= health.MOST_EVENTS + 25
    assert events.filter(message="failure 359").exists()


def test_a_connection_switched_on_again_lets_waiting_runs_go_on(
    alice: ApiClient, cast: Cast, ready: list[tuple[str, str, str]]
) -> None:
    made = alice.post(f"{NORTH}/connections", SANDBOX).json
    path = f"{NORTH}/connections/{made['id']}"
    alice.patch(path, {"disabled": True})
    assert ready == []
    alice.patch(path, {"disabled": False})
    assert ready == [(cast.north.id, "test", made["slug"])]


@pytest.mark.parametrize("change", [{"secrets": {"access_token": "new"}}, {"settings": {}}, None])
def test_what_may_have_mended_a_connection_lets_waiting_runs_go_on(
    alice: ApiClient, cast: Cast, ready: list[tuple[str, str, str]], change: Any
) -> None:
    """A key that its vendor refuses does not show in the connection's state."""
    made = alice.post(f"{NORTH}/connections", SANDBOX).json
    path = f"{NORTH}/connections/{made['id']}"
    alice.patch(path, {"name": "Another name"})
    assert ready == []
    answer = alice.post(f"{path}/test") if change is None else alice.patch(path, change)
    assert answer.status == 200, answer.text
    assert ready == [(cast.north.id, "test", made["slug"])]
    place = (cast.north.id, "test", made["slug"])
    assert health.mended([place]).keys() == {place}


def test_waiting_runs_are_shown(alice: ApiClient) -> None:
    made = alice.post(f"{NORTH}/connections", SANDBOX).json

    def waiting(workspace_id: str, environment: str) -> dict[str, int]:
        return {made["slug"]: 12} if environment == "test" else {}

    health.register_waiting_provider(waiting)
    try:
        shown = alice.get(f"{NORTH}/connections/{made['id']}").json
        listed = alice.get(f"{NORTH}/connections?environment=test").json["items"]
    finally:
        health._providers.remove(waiting)
    assert shown["waiting_runs"] == 12
    assert [entry["waiting_runs"] for entry in listed] == [12]


def test_a_connection_is_usable_by_those_it_is_shared_with(alice: ApiClient, cast: Cast) -> None:
    made = alice.post(f"{NORTH}/connections", SANDBOX).json
    path = f"{NORTH}/connections/{made['id']}"
    ben, ana, adam = ApiClient(cast.ben), ApiClient(cast.ana), ApiClient(cast.adam)

    def usable(client: ApiClient) -> bool:
        shown: bool = client.get(path).json["usable"]
        return shown

    assert usable(ben)
    rule = {"everybody": False, "roles": [], "members": [str(cast.ana.pk)]}
    shared = alice.put(f"{path}/sharing", rule)
    assert shared.status == 200
    assert {entry["name"] for entry in shared.json["candidates"]} == {"Ben", "Ana"}
    assert [usable(client) for client in (ben, ana, adam, alice)] == [False, True, True, True]
    alice.put(f"{path}/sharing", {**rule, "roles": ["builder"]})
    assert usable(ben)
    stranger = {**rule, "members": [str(cast.bob.pk)]}
    assert alice.put(f"{path}/sharing", stranger).status == 422
    assert ben.put(f"{path}/sharing", {"everybody": True}).status == 403


def test_limits_and_scopes_are_shown(alice: ApiClient) -> None:
    body = {**SANDBOX, "connector": "quickbooks", "name": "Books"}
    made = alice.post(f"{NORTH}/connections", body).json
    shown = alice.get(f"{NORTH}/connections/{made['id']}").json
    assert shown["scopes"] == {"granted": [], "missing": []}
    assert all({"per", "count", "window_s"} <= entry.keys() for entry in shown["limits"])
