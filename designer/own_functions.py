"""Functions that a workspace makes of others: kept in versions, copied into what calls them."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, OuterRef, QuerySet, Subquery

from designer.models import OwnFunction, OwnFunctionVersion
from ipaas.core import clock
from ipaas.core.errors import Conflict, NotFound, Unprocessable
from ipaas.core.ids import new_id
from ipaas.mapping import FUNCTIONS, check, parse_function
from ipaas.mapping.model import UserFunction
from ipaas.tenancy import paging

_KINDS = frozenset({"field", "const", "concat", "call", "if", "jsonata", "with", "hole"})


class FunctionNotFound(NotFound):
    """No function by that id in this workspace."""

    code = "own_function.not_found"


class FunctionRefused(Unprocessable):
    """The function could never run."""

    code = "own_function.refused"


class NameTaken(Conflict):
    """Another function has the name."""

    code = "own_function.name_taken"


def page(workspace_id: str, cursor: str | None, limit: int) -> paging.Page[dict[str, Any]]:
    """Functions in the order of their ids, each with its newest version."""
    rows = _with_newest(OwnFunction.objects.filter(workspace_id=workspace_id))
    return paging.cut(rows, "id", cursor=cursor, limit=limit).map(shown)


def get(workspace_id: str, function_id: str) -> dict[str, Any]:
    """One function with all its versions; raises FunctionNotFound."""
    row = _row(workspace_id, function_id)
    versions = [
        {"number": v.number, "created_at": v.created_at.isoformat(), "function": v.document}
        for v in row.versions.order_by("-number")
    ]
    return {**shown(row), "versions": versions}


def create(workspace_id: str, *, function: Any, description: str, user: Any) -> dict[str, Any]:
    """A new function in its first version."""
    parsed = parse_function(function)
    _require_sound(workspace_id, function)
    now = clock.now()
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = OwnFunction.objects.create(
                    id=new_id("fn"),
                    workspace_id=workspace_id,
                    name=parsed.name,
                    title=parsed.title or parsed.name,
                    description=description,
                    created_at=now,
                    updated_at=now,
                )
        except IntegrityError as error:
            raise NameTaken(
                f"There is already a function “{parsed.name}”.", hint="Choose another name."
            ) from error
        _add_version(row, 1, function, user)
    return get(workspace_id, row.id)


def change(
    workspace_id: str, function_id: str, *, function: Any, description: str, user: Any
) -> dict[str, Any]:
    """The function in a new version; its name stays. Releases keep the version they hold."""
    row = _row(workspace_id, function_id)
    parsed = parse_function(function)
    if parsed.name != row.name:
        raise FunctionRefused(
            "The name of a function stays, since mappings call it by its name.",
            hint="Make another function under the new name.",
        )
    _require_sound(workspace_id, function)
    with transaction.atomic():
        row = OwnFunction.objects.select_for_update().get(id=row.id)
        newest = row.versions.aggregate(newest=Max("number"))["newest"] or 0
        _add_version(row, newest + 1, function, user)
        row.title, row.description = parsed.title or parsed.name, description
        row.updated_at = clock.now()
        row.save()
    return get(workspace_id, function_id)


def delete(workspace_id: str, function_id: str) -> None:
    """Remove a function. Drafts that call it show a problem; releases hold their copy."""
    _row(workspace_id, function_id).delete()


def embedded(workspace_id: str, document: Any) -> Any:
    """A flow document, mapping or expression with copies of the functions that it calls."""
    called = set(_calls(document)) - FUNCTIONS.keys()
    if not called:
        return document
    known = _newest(workspace_id)
    return _embed(document, known) if called & known.keys() else document


def parsed(workspace_id: str) -> tuple[UserFunction, ...]:
    """All functions of the workspace in their newest versions."""
    return tuple(parse_function(document) for document in _newest(workspace_id).values())


def _newest(workspace_id: str) -> dict[str, dict[str, Any]]:
    rows = _with_newest(OwnFunction.objects.filter(workspace_id=workspace_id))
    return {row.name: _document(row) for row in rows}


def _with_newest(rows: QuerySet[OwnFunction]) -> QuerySet[OwnFunction]:
    newest = OwnFunctionVersion.objects.filter(function=OuterRef("id")).order_by("-number")
    return rows.annotate(
        version=Subquery(newest.values("number")[:1]), body=Subquery(newest.values("document")[:1])
    )


def _document(row: Any) -> dict[str, Any]:
    return {**row.body, "version": row.version, "title": row.title}


def shown(row: Any) -> dict[str, Any]:
    """Shape of a function in the API: as one of the catalogue, and its own document."""
    function = _document(row)
    return {
        "id": row.id,
        "name": row.name,
        "title": row.title,
        "description": row.description,
        "version": row.version,
        "args": [
            {
                "name": param["name"],
                "type": param.get("type", "any"),
                "required": param.get("default") is None and param.get("required", True),
                "repeats": False,
                "options": [],
            }
            for param in function.get("params", [])
        ],
        "function": function,
        "updated_at": row.updated_at.isoformat(),
    }


def _row(workspace_id: str, function_id: str) -> Any:
    rows = OwnFunction.objects.filter(id=function_id, workspace_id=workspace_id)
    row = _with_newest(rows).first()
    if row is None:
        raise FunctionNotFound(
            "There is no such function in this workspace.", hint="Open it from the list."
        )
    return row


def _add_version(row: OwnFunction, number: int, function: Any, user: Any) -> None:
    OwnFunctionVersion.objects.create(
        function=row,
        number=number,
        document={**function, "version": number},
        created_at=clock.now(),
        created_by=user,
    )


def _require_sound(workspace_id: str, function: dict[str, Any]) -> None:
    """Raise FunctionRefused if the function cannot run, alone or with those it calls."""
    name = function["name"]
    if name in FUNCTIONS:
        raise NameTaken(f"{name} is a function of the platform.", hint="Choose another name.")
    known = {**_newest(workspace_id), name: function}
    args = [{"op": "const", "value": None} for _ in function.get("params", [])]
    rule = {"id": "r", "target": "x", "expr": {"op": "call", "fn": name, "args": args}}
    document = _embed({"schema": 1, "rules": [rule]}, known)
    problems = [problem for problem in check(document, None, None) if problem.rule_id]
    if problems:
        raise FunctionRefused(problems[0].message, hint=problems[0].hint)


# --- copies in what calls them ------------------------------------------------------------------


def _calls(value: Any) -> list[str]:
    """Names of all functions called anywhere in a document."""
    found: list[str] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if one.get("op") == "call" and isinstance(one.get("fn"), str):
                found.append(one["fn"])
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found


def _needed(value: Any, known: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The functions that a document calls, and those that they call, by name."""
    found: dict[str, dict[str, Any]] = {}
    waiting = _calls(value)
    while waiting:
        name = waiting.pop()
        if name in known and name not in found:
            found[name] = known[name]
            waiting += _calls(known[name])
    return [found[name] for name in sorted(found)]


def _embed(value: Any, known: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_embed(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    rules = value.get("rules")
    if isinstance(rules, list) and all(isinstance(r, dict) and "target" in r for r in rules):
        own = value.get("functions") or []
        names = {function["name"] for function in own}
        functions = [one for one in _needed(value, known) if one["name"] not in names]
        return {**value, "functions": [*own, *functions]} if functions else value
    if value.get("op") in _KINDS:
        functions = _needed(value, known)
        return {"op": "with", "functions": functions, "body": value} if functions else value
    return {key: _embed(item, known) for key, item in value.items()}
