"""The demo workspace: loaded once, in order, and without a word of warning."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from designer import checking, flows
from designer.management.commands.load_demo import FLOWS, SLUG
from ipaas.tenancy import facade as tenancy

pytestmark = [pytest.mark.django_db(transaction=True)]


def test_the_demos_flows_are_published_without_a_problem_and_the_first_is_on_top(
    sandbox: Any,
) -> None:
    call_command("load_demo")
    call_command("load_demo")
    workspace = tenancy.workspace_by_slug(SLUG)
    shown = flows.page(workspace.id, None, 50).items
    assert [flow["name"] for flow in shown] == [name for _, name, _ in FLOWS]
    found = [
        (flow["name"], problem.node_id, problem.message)
        for flow in shown
        for problem in checking.problems_of(
            workspace.id, "test", flows.get(workspace.id, flow["id"]).draft.document
        )
    ]
    assert found == []
    assert get_user_model().objects.filter(username="demo").count() == 1
