"""A storm on either stack; the production one gets servers of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.faults.yard.storm import Storm
from tests.kit import servers


def storm(folder: Path, stack: str, seconds: float, **more: Any) -> Storm:
    """A storm that has not begun."""
    env = {}
    if stack == "production":
        env["CAUSEWAY_DATABASE_URL"] = servers.start_postgres(durable=True)
        env["CAUSEWAY_REDIS_URL"] = f"{servers.start_valkey()}/0"
    return Storm(folder, stack, seconds, env=env, **more)
