"""Versions that were never published, made for a retry by the app in which flows are drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipaas.core.errors import Unprocessable

Maker = Callable[[str, str, str, Any], str]  # workspace, environment, flow, person -> release id
_makers: list[Maker] = []


class NoDraft(Unprocessable):
    """Nobody can make a version of what is drawn."""

    code = "release.no_draft"


def register_draft_maker(maker: Maker) -> None:
    """Name the function that compiles a flow as it is drawn now."""
    _makers[:] = [maker]


def draft_release(workspace_id: str, environment: str, flow_id: str, person: Any) -> str:
    """Id of a release of the flow as it is drawn now; raises what forbids to run it."""
    if not _makers:
        raise NoDraft("Drafts cannot be run here.", hint="Publish the flow.")
    return _makers[0](workspace_id, environment, flow_id, person)
