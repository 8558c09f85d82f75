"""What steps may ask of the workspace while they are worked out: tables, rates, live flows.

A database that is away is no fault of the document: such questions are asked again later.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db import DatabaseError

from connectors import facade as connectors
from ipaas.core import clock
from ipaas.core.errors import IpaasError, Kind, Recovery
from ipaas.mapping.resources import Missing, Resources
from ipaas.tenancy import facade as tenancy
from runtime.engine import Live
from runtime.models import Deployment

T = TypeVar("T")
FRESH_S = 2.0


class NotAnswering(IpaasError):
    """Our own database did not answer."""

    code = "database.unavailable"
    kind = Kind.UNAVAILABLE
    recovery = Recovery.RETRY


def _asked(question: Callable[..., T], *args: Any) -> T:
    try:
        return question(*args)
    except DatabaseError as error:
        raise NotAnswering(
            "Our own database did not answer.", hint="It is tried again by itself."
        ) from error


class _Workspace:
    """Tables, pairs and rates of one workspace; read when first asked for."""

    def __init__(self, workspace_id: str, environment: str) -> None:
        self._place = (workspace_id, environment)
        self._held: Resources | None = None

    @property
    def _resources(self) -> Resources:
        if self._held is None:
            self._held = _asked(connectors.resources, *self._place)
        return self._held

    def lookup(self, table: str, key: str, column: str | None) -> Any | Missing:
        """The value of a lookup table's row."""
        return _asked(self._resources.lookup, table, key, column)

    def xref(self, entity: str, from_connection: str, id: str, to_connection: str) -> str | None:
        """The paired id."""
        return _asked(self._resources.xref, entity, from_connection, id, to_connection)

    def rate(self, base: str, quote: str, on: date) -> Decimal | None:
        """The rate of a day."""
        return _asked(self._resources.rate, base, quote, on)


def resources(workspace_id: str, environment: str) -> Resources:
    """Tables, pairs and rates that mappings of a run may ask for."""
    return _Workspace(workspace_id, environment)


def variables(workspace_id: str, environment: str) -> dict[str, Any]:
    """Variables of the environment; a change is seen within seconds."""
    place = (workspace_id, environment)
    known = _variables.get(place)
    now_s = clock.monotonic_s()
    if known is None or now_s - known[0] > FRESH_S:
        known = _variables[place] = (now_s, _asked(tenancy.variables, *place))
    return known[1]


def forget_variables() -> None:
    """Ask anew at the next beginning of a run."""
    _variables.clear()


_variables: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}


def live(workspace_id: str, environment: str, flow_id: str) -> Live | None:
    """The release that a flow would run here now; None if it is not live."""
    row = _asked(
        Deployment.objects.filter(
            workspace_id=workspace_id, environment=environment, flow_id=flow_id, active=True
        )
        .values_list("release_id", "trigger_node")
        .first
    )
    return None if row is None else Live(*row)
