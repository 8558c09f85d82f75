"""Mappings kept to start others from, and bringing those others up to date."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from connectors import facade as connectors
from designer.models import MappingTemplate, MappingTemplateVersion
from ipaas.core import clock, jsonio
from ipaas.core.errors import Conflict, NotFound, Unprocessable
from ipaas.core.ids import new_id
from ipaas.mapping import parse_mapping
from ipaas.mapping.merging import from_template, merge
from ipaas.tenancy import paging


class TemplateNotFound(NotFound):
    """No mapping template by that id in this workspace."""

    code = "mapping_template.not_found"


class TemplateNameTaken(Conflict):
    """Another template has the name."""

    code = "mapping_template.name_taken"


class NotFromTemplate(Unprocessable):
    """The mapping did not start from this template."""

    code = "mapping_template.not_the_origin"


def page(workspace_id: str, cursor: str | None, limit: int) -> paging.Page[dict[str, Any]]:
    """Templates of the workspace in the order of their ids, without their rules."""
    rows = MappingTemplate.objects.filter(workspace_id=workspace_id).annotate(
        newest=Max("versions__number")
    )
    return paging.cut(rows, "id", cursor=cursor, limit=limit).map(_shown)


def get(workspace_id: str, template_id: str) -> dict[str, Any]:
    """One template with all its versions, newest first."""
    row = _row(workspace_id, template_id)
    versions = [
        {
            "number": version.number,
            "note": version.note,
            "created_at": version.created_at.isoformat(),
            "mapping": version.document,
        }
        for version in row.versions.order_by("-number")
    ]
    return {**_shown(row), "versions": versions}


def create(
    workspace_id: str, *, name: str, description: str, mapping: Any, user: Any
) -> dict[str, Any]:
    """A new template in its first version. ``origin`` of its rules is forgotten."""
    document = _cleaned(mapping)
    now = clock.now()
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = MappingTemplate.objects.create(
                    id=new_id("mt"),
                    workspace_id=workspace_id,
                    name=name,
                    description=description,
                    created_at=now,
                    updated_at=now,
                )
        except IntegrityError as error:
            raise TemplateNameTaken(
                f"There is already a template “{name}”.",
                hint="Choose another name, or save it as a new version of that one.",
            ) from error
        _add_version(row, 1, document, "", user)
    return get(workspace_id, row.id)


def add_version(
    workspace_id: str, template_id: str, *, mapping: Any, note: str, user: Any
) -> dict[str, Any]:
    """The template in a new version; mappings made from it can be brought up to it."""
    document = _cleaned(mapping)
    _row(workspace_id, template_id)
    with transaction.atomic():
        row = MappingTemplate.objects.select_for_update().get(id=template_id)
        newest = row.versions.aggregate(newest=Max("number"))["newest"] or 0
        _add_version(row, newest + 1, document, note, user)
        row.updated_at = clock.now()
        row.save()
    return get(workspace_id, template_id)


def delete(workspace_id: str, template_id: str) -> None:
    """Remove a template; mappings made from it stay as they are."""
    _row(workspace_id, template_id).delete()


def start(workspace_id: str, template_id: str) -> dict[str, Any]:
    """A mapping that begins as the newest version of a template."""
    row = _row(workspace_id, template_id)
    newest = row.versions.order_by("-number").first()
    return from_template(newest.document, row.id, newest.number)


def bring_up(workspace_id: str, template_id: str, mapping: Any) -> dict[str, Any]:
    """A mapping brought to the template's newest version, and what both sides changed."""
    row = _row(workspace_id, template_id)
    parse_mapping(mapping)
    came_from = mapping.get("template") or {}
    versions = {version.number: version.document for version in row.versions.all()}
    base = versions.get(came_from.get("version")) if came_from.get("id") == row.id else None
    if base is None:
        raise NotFromTemplate(
            "This mapping did not start from this template.",
            hint="Start a mapping from the template, then change it.",
        )
    newest = max(versions)
    merged = merge(base, versions[newest], mapping, newest)
    return {
        "mapping": merged.document,
        "conflicts": [conflict.as_json() for conflict in merged.conflicts],
        "taken": list(merged.taken),
        "version": newest,
    }


@lru_cache(maxsize=1)
def starting_points() -> tuple[dict[str, Any], ...]:
    """Mappings between connectors and canonical models that come with the connectors."""
    names = {info.slug: info.name for info in connectors.catalogue()}
    catalogue = Path(connectors.__file__).parent / "catalog"
    found = []
    for slug, name in sorted(names.items()):
        for path in sorted((catalogue / slug / "mappings").glob("*.json")):
            found.append(
                {
                    "id": f"{slug}.{path.stem}",
                    "title": f"{name}: {path.stem.replace('_', ' ')}",
                    "connector": slug,
                    "mapping": jsonio.loads(path.read_bytes()),
                }
            )
    return tuple(found)


def _cleaned(mapping: Any) -> dict[str, Any]:
    parse_mapping(mapping)
    rules = [{k: v for k, v in rule.items() if k != "origin"} for rule in mapping["rules"]]
    return {**{k: v for k, v in mapping.items() if k != "template"}, "rules": rules}


def _row(workspace_id: str, template_id: str) -> Any:
    row = (
        MappingTemplate.objects.filter(id=template_id, workspace_id=workspace_id)
        .annotate(newest=Max("versions__number"))
        .first()
    )
    if row is None:
        raise TemplateNotFound(
            "There is no such template in this workspace.", hint="Open it from the list."
        )
    return row


def _shown(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "version": row.newest,
        "updated_at": row.updated_at.isoformat(),
    }


def _add_version(
    row: MappingTemplate, number: int, document: dict[str, Any], note: str, user: Any
) -> None:
    MappingTemplateVersion.objects.create(
        template=row,
        number=number,
        document=document,
        note=note,
        created_at=clock.now(),
        created_by=user,
    )
