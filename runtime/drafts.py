"""Versions that were never published, made for a retry by the app in which flows are drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipaas.core.errors import Unprocessable
from runtime import deployments
from runtime.effects.programs import program_of
from runtime.engine import Program
from runtime.models import Release

# workspace, environment, flow, person -> name of the flow, and what a release of it would hold
Compiler = Callable[[str, str, str, Any], tuple[str, dict[str, Any]]]
_compilers: list[Compiler] = []


class NoDraft(Unprocessable):
    """Nobody can make a version of what is drawn."""

    code = "release.no_draft"


def register_draft_compiler(compiler: Compiler) -> None:
    """Name the function that compiles a flow as it is drawn now."""
    _compilers[:] = [compiler]


def draft_release(workspace_id: str, environment: str, flow_id: str, person: Any) -> str:
    """Id of a release of the flow as it is drawn now; raises what forbids to run it."""
    name, body = _compiled(workspace_id, environment, flow_id, person)
    return deployments.create_release(
        workspace_id, environment, flow_id=flow_id, flow_name=name, version=0, body=body
    )


def draft_program(workspace_id: str, environment: str, flow_id: str, person: Any) -> Program:
    """The same to look at only: nothing is stored; raises what forbids to run it."""
    name, body = _compiled(workspace_id, environment, flow_id, person)
    place = {"workspace_id": workspace_id, "environment": environment, "flow_id": flow_id}
    return program_of(Release(id="draft", flow_name=name, version=0, body=body, **place))


def _compiled(
    workspace_id: str, environment: str, flow_id: str, person: Any
) -> tuple[str, dict[str, Any]]:
    if not _compilers:
        raise NoDraft("Drafts cannot be run here.", hint="Publish the flow.")
    return _compilers[0](workspace_id, environment, flow_id, person)
