"""Limits and circuits of a connection as people see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors import facade as connectors
from ipaas.core import clock
from runtime.limits.allowance import DAY_S, Allowance
from runtime.limits.keeper import KEEPER


def describe(ref: connectors.ConnectionRef) -> dict[str, Any]:
    """What of its limits a connection (with all that share them) has used, and its circuit.

    ``{"circuit": {state, failures, until}, "limits": [{per, count, window_s, used, runs_out_at,
    concurrency, under_way, paused_until, pause_why}]}``; times are ISO 8601 or null. Raises
    ConnectionNotFound.
    """
    now = clock.now().timestamp()
    found: list[dict[str, Any]] = []
    circuit: dict[str, Any] = {}
    for number, scope in enumerate(connectors.limit_scopes(ref)):
        state = KEEPER.state(scope)
        if not number:
            breaker = state.breaker
            circuit = {
                "state": breaker.state(now),
                "failures": breaker.failures,
                "until": _moment(breaker.until if breaker.rounds else 0.0),
            }
        found.extend(_lines(scope.key.split(":", 1)[0], state, now))
    return {"circuit": circuit, "limits": found}


def _lines(per: str, state: Allowance, now: float) -> list[dict[str, Any]]:
    paused = state.pause_until if state.pause_until > now else 0.0
    common = {
        "per": per,
        "paused_until": _moment(paused),
        "pause_why": state.pause_why if paused else "",
    }
    lines = []
    for window in state.windows.values():
        window.forget(now)
        lines.append(
            {
                **common,
                "count": window.count,
                "window_s": window.span_s,
                "used": min(window.count, window.total()),
                "runs_out_at": _moment(window.runs_out_at(now) or 0.0)
                if window.span_s >= DAY_S
                else None,
                "concurrency": None,
                "under_way": None,
            }
        )
    if state.at_once or (paused and not lines):
        lines.append(
            {
                **common,
                "count": None,
                "window_s": None,
                "used": None,
                "runs_out_at": None,
                "concurrency": state.at_once or None,
                "under_way": sum(1 for end in state.slots.values() if end > now),
            }
        )
    return lines


def _moment(at: float) -> str | None:
    return datetime.fromtimestamp(at, UTC).isoformat() if at else None
