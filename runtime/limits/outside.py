"""Requests that no run makes (pick-lists, checks, polls, searches of people) use up limits too."""

from __future__ import annotations

from connectors import facade as connectors
from runtime.limits.keeper import KEEPER
from runtime.live.news import CALLS, tell_change


def count(ref: connectors.ConnectionRef, operation: str, requests: int) -> None:
    """They have been made, so nobody is held back; runs wait the earlier for them."""
    KEEPER.count(ref, operation, requests)
    tell_change(ref.workspace_id, ref.environment, CALLS)
