"""Mappings kept to start others from, and bringing those others up to date.

A connector's own mapping is kept like a template from the first time that it is laid in: connectors
bring only its newest state, and what people changed is found by comparing with the one before.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Max

from connectors import facade as connectors
from designer.models import MappingTemplate, MappingTemplateVersion
from ipaas.core import clock
from ipaas.core.errors import Conflict, NotFound, Unprocessable
from ipaas.core.ids import new_id
from ipaas.mapping import parse_mapping
from ipaas.mapping.insertions import (
    came_with,
    continued,
    given_back,
    insertions_of,
    lay_in,
    plainly,
)
from ipaas.mapping.merging import merge
from ipaas.mapping.model import Insertion
from ipaas.tenancy import paging

EMPTY: Final[dict[str, Any]] = {"schema": 1, "rules": []}


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
    rows = MappingTemplate.objects.filter(workspace_id=workspace_id, source="").annotate(
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
    """A new template in its first version. Where its rules came from is forgotten."""
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
    """The template in a new version; mappings made from it can be brought up to it.

    A mapping that the template was laid into is said in the template's words again.
    """
    parse_mapping(mapping)
    _row(workspace_id, template_id)
    came_from = [one for one in insertions_of(mapping) if one.template == template_id]
    origins: dict[str, str] = {}
    for insertion in came_from[:1]:
        for rule in mapping["rules"]:
            if came_with(rule, insertion):
                origins[rule["id"]] = rule["origin"]
        mapping = given_back(mapping, insertion)
    with transaction.atomic():
        row = MappingTemplate.objects.select_for_update().get(id=template_id)
        newest = row.versions.order_by("-number").first()
        document = continued(newest.document, _cleaned(mapping), origins)
        _add_version(row, newest.number + 1, document, note, user)
        row.updated_at = clock.now()
        row.save()
    return get(workspace_id, template_id)


def delete(workspace_id: str, template_id: str) -> None:
    """Remove a template; mappings made from it stay as they are."""
    _row(workspace_id, template_id).delete()


def start(workspace_id: str, template_id: str) -> dict[str, Any]:
    """A mapping that begins as the newest version of a template."""
    return lay(workspace_id, template_id, mapping=EMPTY)["mapping"]


def lay(
    workspace_id: str,
    template_id: str,
    *,
    mapping: Any,
    reads: dict[str, str] | None = None,
    place: dict[str, str] | None = None,
    instead: bool = False,
) -> dict[str, Any]:
    """A mapping with a template, or a connector's mapping, laid into it; it remembers which."""
    row = _kept(workspace_id, template_id)
    newest = row.versions.order_by("-number").first()
    insertion = Insertion(
        new_id("in"),
        row.id,
        newest.number,
        tuple((old, new) for old, new in (reads or {}).items() if new and new != old),
        None if not place else (place["from"], place["to"]),
    )
    found = lay_in(mapping, newest.document, insertion, instead=instead)
    return {"mapping": found.document, "added": found.added, "skipped": found.skipped}


def bring_up(
    workspace_id: str,
    template_id: str,
    *,
    mapping: Any,
    insertion: str | None = None,
    choices: dict[str, bool] | None = None,
) -> dict[str, Any]:
    """A mapping in which what came with one insertion is brought to the newest version.

    Without ``insertion`` it is the first of this template. Says every change, and of those that
    both sides made what each has.
    """
    row = _kept(workspace_id, template_id)
    parse_mapping(mapping)
    notes = dict(row.versions.order_by("number").values_list("number", "note"))
    found = next(
        (
            one
            for one in insertions_of(mapping)
            if one.template == row.id and insertion in (None, one.id) and one.version in notes
        ),
        None,
    )
    if found is None:
        raise NotFromTemplate(
            "This mapping did not start from this template.",
            hint="Start a mapping from the template, then change it.",
        )
    newest = max(notes)
    wanted = row.versions.filter(number__in=(found.version, newest))
    documents = dict(wanted.values_list("number", "document"))
    base, now = documents[found.version], documents[newest]
    merged = merge(base, now, mapping, found, newest, choices)
    return {
        "mapping": merged.document,
        "changes": [change.as_json() for change in merged.changes],
        "from_version": found.version,
        "version": newest,
        "notes": [
            {"number": number, "note": note}
            for number, note in notes.items()
            if number > found.version and note
        ],
    }


@lru_cache(maxsize=1)
def starting_points() -> tuple[dict[str, Any], ...]:
    """Mappings between connectors and canonical models that come with the connectors."""
    return tuple(
        {
            "id": f"{info.slug}.{name}",
            "title": f"{info.name}: {name.replace('_', ' ')}",
            "connector": info.slug,
            "mapping": connectors.mapping_document(info.slug, name),
        }
        for info in sorted(connectors.catalogue(), key=lambda info: info.slug)
        for name in connectors.mapping_names(info.slug)
    )


def offered(workspace_id: str) -> list[dict[str, Any]]:
    """The connectors' mappings, with the id and version that a mapping made of them remembers."""
    kept = {
        row.source: row
        for row in MappingTemplate.objects.filter(workspace_id=workspace_id)
        .exclude(source="")
        .prefetch_related("versions")
    }
    enabled = {info.slug for info in connectors.catalogue_of(workspace_id) if info.enabled}
    found = []
    for point in starting_points():
        if point["connector"] not in enabled:
            continue
        row = kept.get(point["id"])
        if row is None:
            found.append({**point, "template": None, "version": 1})
            continue
        newest = max(row.versions.all(), key=lambda version: version.number)
        same = _shipped(newest, point) == newest.document
        number = newest.number if same else newest.number + 1
        found.append({**point, "template": row.id, "version": number})
    return found


def _kept(workspace_id: str, template_id: str) -> Any:
    """A template, or the kept versions of a connector's mapping; its newest is among them then."""
    points = {point["id"]: point for point in starting_points()}
    if template_id not in points:
        row = MappingTemplate.objects.filter(id=template_id, workspace_id=workspace_id).first()
        if row is None or not row.source or row.source not in points:
            return row or _row(workspace_id, template_id)
        template_id = row.source
    point, now = points[template_id], clock.now()
    with transaction.atomic():
        row, _ = MappingTemplate.objects.get_or_create(
            workspace_id=workspace_id,
            source=point["id"],
            name=point["id"],
            defaults={"id": new_id("mt"), "created_at": now, "updated_at": now},
        )
        row = MappingTemplate.objects.select_for_update().get(id=row.id)
        newest = row.versions.order_by("-number").first()
        if newest is None:
            _add_version(row, 1, _cleaned(point["mapping"]), "", None)
        elif (shipped := _shipped(newest, point)) != newest.document:
            _add_version(row, newest.number + 1, shipped, "", None)
    return row


def _shipped(newest: Any, point: dict[str, Any]) -> dict[str, Any]:
    return continued(newest.document, _cleaned(point["mapping"]), {})


def _cleaned(mapping: Any) -> dict[str, Any]:
    parse_mapping(mapping)
    known = {key: value for key, value in mapping.items() if key not in ("template", "insertions")}
    return {**known, "rules": [plainly(rule) for rule in mapping["rules"]]}


def _row(workspace_id: str, template_id: str) -> Any:
    row = (
        MappingTemplate.objects.filter(id=template_id, workspace_id=workspace_id, source="")
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
