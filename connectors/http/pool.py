"""Kept-alive connections that can only reach permitted addresses, and that never send twice."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from functools import cache
from typing import Any

from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from connectors.http.guard import Reach, permitted_addresses

# Servers close idle connections after 5 s (uvicorn) to 75 s. A request that meets such a close
# half way has an unknown outcome, so we close first.
MAX_IDLE_S = 4.0


class Phase(threading.local):
    """Whether the call of this thread has handed any byte to the network."""

    sent = False


phase = Phase()


class _GuardedConnection:
    """Connects to checked addresses only; notes when a request begins to leave."""

    reach: Reach
    idle_since = 0.0

    def _new_conn(self) -> socket.socket:
        conn: Any = self
        try:
            addresses = permitted_addresses(conn._dns_host, conn.port, self.reach)
        except socket.gaierror as error:
            raise NameResolutionError(conn.host, conn, error) from error
        failure: Exception | None = None
        for address in addresses:
            try:
                return create_connection(
                    (address, conn.port),
                    conn.timeout,
                    source_address=conn.source_address,
                    socket_options=conn.socket_options,
                )
            except TimeoutError as error:
                failure = ConnectTimeoutError(conn, f"Connection to {conn.host} timed out.")
                failure.__cause__ = error
            except OSError as error:
                failure = NewConnectionError(conn, f"Failed to connect: {error}")
                failure.__cause__ = error
        assert failure is not None
        raise failure

    def send(self, data: Any) -> None:
        conn: Any = self
        if conn.sock is None:
            conn.connect()
        phase.sent = True
        super().send(data)  # type: ignore[misc]


class _FreshPool:
    """A pool that drops a connection that was idle too long, before anything is sent on it."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        conn = super()._get_conn(timeout)  # type: ignore[misc]
        if conn.sock is not None and time.monotonic() - conn.idle_since > MAX_IDLE_S:
            conn.close()
        return conn

    def _put_conn(self, conn: Any) -> None:
        if conn is not None:
            conn.idle_since = time.monotonic()
        super()._put_conn(conn)  # type: ignore[misc]


@cache
def manager(reach: Reach) -> PoolManager:
    """The process's pool for connections of that reach: no retries, no redirects, TLS verified."""
    plain = type("PlainConnection", (_GuardedConnection, HTTPConnection), {"reach": reach})
    secure = type("SecureConnection", (_GuardedConnection, HTTPSConnection), {"reach": reach})
    pool = PoolManager(
        num_pools=200,
        maxsize=16,
        block=False,
        retries=False,
        ssl_context=ssl.create_default_context(),
    )
    pool.pool_classes_by_scheme = {
        "http": type("PlainPool", (_FreshPool, HTTPConnectionPool), {"ConnectionCls": plain}),
        "https": type("SecurePool", (_FreshPool, HTTPSConnectionPool), {"ConnectionCls": secure}),
    }
    return pool
