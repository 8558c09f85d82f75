"""What happens to the servers underneath: the broker is wiped, database connections are cut."""

from __future__ import annotations

import asyncio
import random
import time

import psycopg
import redis


async def cause(env: dict[str, str], counted: dict[str, int], until: float) -> None:
    """Cause outages until the time ``until`` (monotonic) has come."""
    while time.monotonic() < until:
        await asyncio.sleep(random.uniform(2, 6))
        what = random.choice((_wipe_broker, _cut_connections))
        try:
            number = await asyncio.to_thread(what, env)
        except (psycopg.Error, redis.RedisError):
            continue
        name = {"_wipe_broker": "broker wiped", "_cut_connections": "database connections cut"}
        counted[name[what.__name__]] = counted.get(name[what.__name__], 0) + number


def _wipe_broker(env: dict[str, str]) -> int:
    client = redis.Redis.from_url(env["CAUSEWAY_REDIS_URL"])
    client.flushdb()
    client.close()
    return 1


def _cut_connections(env: dict[str, str]) -> int:
    with psycopg.connect(env["CAUSEWAY_DATABASE_URL"], autocommit=True) as connection:
        row = connection.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE"
            " datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.3"
        ).fetchone()
    return int(row[0]) if row else 0
