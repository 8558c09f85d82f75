"""Values that flows read as ``vars``: names of stores, limits, addresses; other per environment."""

from __future__ import annotations

import re
from typing import Any

from django.db import transaction

from ipaas.core import clock, jsonio
from ipaas.core.errors import NotFound, Unprocessable
from ipaas.tenancy.models import Variable

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST = 200
MOST_BYTES = 8_192


class BadVariable(Unprocessable):
    """The name or the value cannot be kept."""

    code = "variable.bad"


class VariableNotFound(NotFound):
    """The environment has no variable of that name."""

    code = "variable.not_found"


def listed(workspace_id: str, environment: str) -> list[dict[str, Any]]:
    """The variables of an environment, by name."""
    return [_shown(row) for row in _rows(workspace_id, environment)]


def put(workspace_id: str, environment: str, name: str, value: Any, by: str) -> dict[str, Any]:
    """Set a variable; raises BadVariable. Runs that have begun keep what they began with."""
    if not NAME.fullmatch(name):
        raise BadVariable(
            "A name is made of small letters, digits and “_”, and begins with a letter.",
            hint="For instance: default_store.",
        )
    if len(jsonio.dumps(value)) > MOST_BYTES:
        raise BadVariable(
            f"The value is longer than {MOST_BYTES // 1024} kB.",
            hint="Keep long lists in a lookup table.",
        )
    with transaction.atomic():
        rows = _rows(workspace_id, environment)
        if rows.exclude(name=name).count() >= MOST:
            raise BadVariable(
                f"An environment has at most {MOST} variables.",
                hint="Keep lists in a lookup table.",
            )
        row, _ = Variable.objects.update_or_create(
            workspace_id=workspace_id,
            environment=environment,
            name=name,
            defaults={"value": value, "changed_by": by[:200], "changed_at": clock.now()},
        )
    return _shown(row)


def remove(workspace_id: str, environment: str, name: str) -> None:
    """Take a variable away; raises VariableNotFound."""
    gone, _ = _rows(workspace_id, environment).filter(name=name).delete()
    if not gone:
        raise VariableNotFound("There is no such variable here.", hint="Reload the list.")


def _rows(workspace_id: str, environment: str) -> Any:
    return Variable.objects.filter(workspace_id=workspace_id, environment=environment)


def _shown(row: Variable) -> dict[str, Any]:
    return {
        "name": row.name,
        "value": row.value,
        "changed_by": row.changed_by,
        "changed_at": row.changed_at.isoformat(),
    }
