"""Manifests without code that a workspace uploads: checked, versioned, seen by nobody else."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from connectors import registry
from connectors.manifest.checking import check_schemas, check_source
from connectors.manifest.load import ManifestInvalid, read_manifest
from connectors.manifest.source import MOST_BYTES, Fault, Source
from connectors.models import OwnConnector, OwnConnectorVersion
from connectors.own.visible import refuse_if_used
from connectors.registry import Connector
from ipaas.core import clock
from ipaas.core.errors import Conflict, NotFound, TooLarge
from ipaas.core.ids import new_id
from ipaas.tenancy.paging import Page, cut

PREFIX = "own-"
MOST_CONNECTORS = 100
KEPT_S = 5.0
# An uploaded manifest has no folder: whatever file it names is not there.
NO_FOLDER = Path(__file__).resolve().parent / "no_folder"


class OwnConnectorNotFound(NotFound):
    """The workspace uploaded no such connector."""

    code = "connector.own_not_found"


class ManifestTooLarge(TooLarge):
    """An uploaded manifest is above the limit."""

    code = "connector.manifest_too_large"


@dataclass(frozen=True, slots=True)
class Own:
    """An uploaded connector."""

    id: str
    slug: str
    short_name: str
    name: str
    version: int
    created_at: datetime
    manifest: str = ""

    def as_json(self) -> dict[str, Any]:
        """Shape shown by the API; the manifest only where one connector is shown."""
        document = {
            "id": self.id,
            "slug": self.slug,
            "short_name": self.short_name,
            "name": self.name,
            "version": self.version,
            "created_at": self.created_at,
        }
        return {**document, "manifest": self.manifest} if self.manifest else document


def check(text: str) -> list[Fault]:
    """What is wrong with a manifest that may hold no code and name no file."""
    source = Source(text)
    found = check_source(source, hooks=None)
    if not found:
        found = [source.at(fault) for fault in check_schemas(source.data, NO_FOLDER)]
        found += [
            source.at(
                Fault(
                    ("auth",),
                    "This way to authorise needs code.",
                    "Use one of the kinds that need none.",
                )
            )
            for auth in _auths(source.data)
            if auth.get("kind") == "custom" or auth.get("hook") or auth.get("renew_hook")
        ]
    return found


def _auths(data: dict[str, Any]) -> list[dict[str, Any]]:
    auth = data["auth"]
    return list(auth) if isinstance(auth, list) else [auth]


def upload(workspace_id: str, text: str, user: Any) -> Own:
    """A new connector of the workspace; raises ManifestInvalid with every fault's place."""
    short = _checked(text).data["slug"]
    if OwnConnector.objects.filter(workspace_id=workspace_id).count() >= MOST_CONNECTORS:
        raise Conflict(
            f"A workspace holds at most {MOST_CONNECTORS} connectors of its own.",
            hint="Delete one that nothing uses.",
        )
    slug = f"{PREFIX}{new_id('x')[-8:]}-{short}"[:60]
    manifest = read_manifest(text, NO_FOLDER, hooks=None)
    try:
        with transaction.atomic():
            row = OwnConnector.objects.create(
                workspace_id=workspace_id, slug=slug, short_name=short, name=manifest.name[:120]
            )
            _keep(row, 1, text, user)
    except IntegrityError as error:
        raise Conflict(
            f"The workspace has a connector “{short}” already.",
            hint="Replace it, or choose another slug.",
        ) from error
    return _value(row)


def replace(workspace_id: str, own_id: str, text: str, user: Any) -> Own:
    """The connector with a new version; connections go on with it within seconds."""
    checked = _checked(text)
    with transaction.atomic():
        row = _row(workspace_id, own_id, lock=True)
        if checked.data["slug"] != row.short_name:
            raise ManifestInvalid(
                f"The slug must stay “{row.short_name}”: connections and flows name it.",
                hint="Upload it as a new connector to give it another name.",
                problems=[],
            )
        newest = row.versions.order_by("-number").values_list("number", flat=True).first() or 0
        _keep(row, newest + 1, text, user)
        row.version = newest + 1
        row.name = read_manifest(text, NO_FOLDER, hooks=None).name[:120]
        row.save(update_fields=["version", "name"])
    _forget(row.slug)
    return _value(row)


def list_own(workspace_id: str) -> list[Own]:
    """All uploaded connectors, by name."""
    rows = OwnConnector.objects.filter(workspace_id=workspace_id).order_by("name", "id")
    return [_value(row) for row in rows]


def get_own(workspace_id: str, own_id: str, version: int | None = None) -> Own:
    """One uploaded connector with the manifest in use, or with that of another version."""
    row = _row(workspace_id, own_id)
    held = row.versions.filter(number=version or row.version).first()
    if held is None:
        raise OwnConnectorNotFound("There is no such version.", hint="Choose an existing one.")
    value = _value(row)
    return Own(
        value.id,
        value.slug,
        value.short_name,
        value.name,
        held.number,
        value.created_at,
        held.manifest,
    )


def list_versions(
    workspace_id: str, own_id: str, *, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """All versions of an uploaded connector, newest first, without their manifests."""
    row = _row(workspace_id, own_id)
    page = cut(
        row.versions.defer("manifest").select_related("created_by"),
        "-number",
        cursor=cursor,
        limit=limit,
    )
    return page.map(
        lambda held: {
            "number": held.number,
            "in_use": held.number == row.version,
            "digest": held.digest,
            "author": _name(held.created_by),
            "created_at": held.created_at,
        }
    )


def _name(user: Any) -> str:
    return str(user.get_full_name() or user.get_username()) if user else ""


def delete(workspace_id: str, own_id: str) -> str:
    """Remove the connector with all versions; refused while connections use it. Its slug."""
    with transaction.atomic():
        row = _row(workspace_id, own_id, lock=True)
        refuse_if_used(workspace_id, row.slug)
        row.delete()
    _forget(row.slug)
    return row.slug


def _checked(text: str) -> Source:
    if len(text.encode()) > MOST_BYTES:
        raise ManifestTooLarge(
            "The manifest is above 512 kB.", hint="Take out operations that nobody uses."
        )
    faults = check(text)
    if faults:
        raise ManifestInvalid(
            f"The manifest is not valid, {faults[0]}",
            hint="Correct the places named; the schema is at /api/v1/schemas/connector.",
            problems=[fault.as_json() for fault in faults[:50]],
        )
    return Source(text)


def _keep(row: OwnConnector, number: int, text: str, user: Any) -> None:
    OwnConnectorVersion.objects.create(
        connector=row,
        number=number,
        manifest=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        created_by=user,
    )


def _row(workspace_id: str, own_id: str, *, lock: bool = False) -> OwnConnector:
    rows = OwnConnector.objects.filter(workspace_id=workspace_id, id=own_id)
    row = (rows.select_for_update() if lock else rows).first()
    if row is None:
        raise OwnConnectorNotFound(
            "There is no such connector.", hint="Choose one of the workspace's own."
        )
    return row


def _value(row: OwnConnector) -> Own:
    return Own(row.id, row.slug, row.short_name, row.name, row.version, row.created_at)


# By slug: when its version was asked last, that version, and the connector made of it.
_kept: dict[str, tuple[float, int, Connector]] = {}
_lock = threading.Lock()


def load(slug: str) -> Connector | None:
    """The uploaded connector ``slug``; its version is asked every five seconds."""
    now_s = clock.monotonic_s()
    held = _kept.get(slug)
    if held and now_s - held[0] < KEPT_S:
        return held[2]
    version = OwnConnector.objects.filter(slug=slug).values_list("version", flat=True).first()
    if version is None:
        _forget(slug)
        return None
    if held is None or held[1] != version:
        text = OwnConnectorVersion.objects.values_list("manifest", flat=True).get(
            connector__slug=slug, number=version
        )
        try:
            manifest = read_manifest(text, NO_FOLDER, hooks=None)
        except ManifestInvalid as error:  # the rules have changed since it was uploaded
            registry.note_broken(slug, error.message)
            return None
        registry.note_broken(slug, "")
        held = (now_s, version, Connector(manifest, "", slug=slug))
    with _lock:
        if len(_kept) > 500:
            _kept.clear()
        _kept[slug] = (now_s, version, held[2])
    return held[2]


def _forget(slug: str) -> None:
    with _lock:
        _kept.pop(slug, None)


def register() -> None:
    """Have the registry find uploaded connectors by their slug."""
    registry.register_loader(PREFIX, load)
