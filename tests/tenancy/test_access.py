"""Roles, rights, and who is told what."""

from __future__ import annotations

import pytest

from ipaas.tenancy import access, facade
from ipaas.tenancy.access import EnvironmentUnknown, NotLoggedIn, Right, RightMissing
from ipaas.tenancy.facade import SlugTaken
from tests.kit.cast import ApiClient, Cast


def test_ben_publishes_to_test_but_not_to_production(cast: Cast) -> None:
    access.require(cast.ben, "north", Right.FLOWS_PUBLISH, "test")
    with pytest.raises(RightMissing) as refused:
        access.require(cast.ben, "north", Right.FLOWS_PUBLISH, "production")
    assert refused.value.message == "As a builder you cannot publish flows in production."
    assert refused.value.hint == "Ask an owner or an admin of this workspace."
    access.require(cast.adam, "north", Right.FLOWS_PUBLISH, "production")


def test_ana_repairs_production_and_changes_no_flow(cast: Cast) -> None:
    access.require(cast.ana, "north", Right.RUNS_OPERATE, "production")
    with pytest.raises(RightMissing, match="As an analyst you cannot change flows"):
        access.require(cast.ana, "north", Right.FLOWS_EDIT)


def test_vera_sees_runs_but_not_their_documents(cast: Cast) -> None:
    access.require(cast.vera, "north", Right.RUNS_VIEW)
    with pytest.raises(RightMissing):
        access.require(cast.vera, "north", Right.RUNS_DATA_VIEW)


def test_a_strange_workspace_and_a_missing_one_look_the_same(cast: Cast) -> None:
    problems = []
    for slug in ("north", "no-such-place"):
        with pytest.raises(access.WorkspaceNotFound) as refused:
            access.require(cast.bob, slug, Right.WORKSPACE_VIEW)
        problems.append(refused.value.problem())
    assert problems[0] == problems[1]


def test_an_unknown_environment_is_refused(cast: Cast) -> None:
    with pytest.raises(EnvironmentUnknown):
        access.require(cast.alice, "north", Right.FLOWS_VIEW, "staging")


def test_a_person_who_left_is_a_stranger_at_once(cast: Cast) -> None:
    cast.vera.memberships.all().delete()
    with pytest.raises(access.WorkspaceNotFound):
        access.require(cast.vera, "north", Right.WORKSPACE_VIEW)


def test_nobody_is_told_to_log_in() -> None:
    with pytest.raises(NotLoggedIn):
        access.require(None, "north", Right.WORKSPACE_VIEW)


def test_me_lists_only_ones_own_workspaces_with_rights_per_environment(cast: Cast) -> None:
    me = ApiClient(cast.ben).get("/api/v1/me").json
    assert me["user"] == {"id": str(cast.ben.pk), "name": "Ben", "email": "ben@example.com"}
    (north,) = me["workspaces"]
    assert (north["slug"], north["role"]) == ("north", "builder")
    assert "flows.publish" in north["rights"]
    assert "connections.edit" not in north["rights"]
    test, production = north["environments"]
    assert (test["slug"], production["slug"]) == ("test", "production")
    assert "flows.publish" in test["rights"]
    assert "flows.publish" not in production["rights"]


def test_two_workspaces_cannot_share_an_address(cast: Cast) -> None:
    with pytest.raises(SlugTaken):
        facade.create_workspace("north", "Another", cast.bob)
