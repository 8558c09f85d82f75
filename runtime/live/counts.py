"""How many records wait for a person, told to browsers whenever it changes."""

from __future__ import annotations

from runtime.live.publisher import announce
from runtime.models import DeadLetter


def tell_count(workspace_id: str, environment: str) -> None:
    """Send the number of open dead letters of an environment."""
    count = DeadLetter.objects.filter(
        workspace_id=workspace_id, environment=environment, status="open"
    ).count()
    announce(workspace_id, environment, {"type": "counts", "dead_letters_open": count})
