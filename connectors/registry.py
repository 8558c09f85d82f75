"""The connectors of this installation: the folders of the catalogue, read once."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from connectors.manifest.load import ManifestInvalid, load_manifest
from connectors.manifest.model import Manifest, Operation
from connectors.manifest.schemas import bundle, writable
from ipaas.core import jsonio
from ipaas.core.errors import NotFound

CATALOG = Path(__file__).resolve().parent / "catalog"


class ConnectorNotFound(NotFound):
    """There is no connector of that name."""

    code = "connector.not_found"


class OperationNotFound(NotFound):
    """The connector has no operation of that name."""

    code = "connector.operation_not_found"


class Connector:
    """One vendor's manifest, schemas and hooks; schemas and hooks load when first asked for."""

    def __init__(self, manifest: Manifest, package: str) -> None:
        self.manifest = manifest
        self.slug = manifest.slug
        self._package = package
        self._schemas: dict[tuple[str, str], dict[str, Any]] = {}

    @cached_property
    def _hooks(self) -> ModuleType | None:
        folder = self.manifest.folder
        if not (folder / "hooks.py").exists() and not (folder / "hooks").is_dir():
            return None
        return importlib.import_module(f"{self._package}.hooks")

    def hook(self, name: str) -> Callable[..., Any]:
        """Function ``name`` of hooks.py; raises ManifestInvalid if it is missing."""
        function = getattr(self._hooks, name, None)
        if not callable(function):
            raise ManifestInvalid(f"hooks.py of {self.slug} has no function {name}.")
        found: Callable[..., Any] = function
        return found

    def operation(self, name: str) -> Operation:
        """Operation ``name``; raises OperationNotFound."""
        operation = self.manifest.operations.get(name)
        if operation is None:
            raise OperationNotFound(
                f"{self.manifest.name} has no operation “{name}”.",
                hint="Choose one of the operations that the connector lists.",
            )
        return operation

    def input_schema(self, name: str) -> dict[str, Any]:
        """What operation ``name`` takes, without members that cannot be written."""
        if (name, "input") not in self._schemas:
            operation = self.operation(name)
            whole = bundle(operation.input, self.manifest.folder)
            self._schemas[name, "input"] = writable(whole, operation.input_without)
        return self._schemas[name, "input"]

    def output_schema(self, name: str) -> dict[str, Any]:
        """What operation ``name`` gives."""
        if (name, "output") not in self._schemas:
            operation = self.operation(name)
            self._schemas[name, "output"] = bundle(operation.output, self.manifest.folder)
        return self._schemas[name, "output"]

    def mapping(self, name: str) -> dict[str, Any]:
        """Example mapping ``mappings/<name>.json``."""
        path = self.manifest.folder / "mappings" / f"{Path(name).name}.json"
        if not path.exists():
            raise ConnectorNotFound(f"{self.manifest.name} has no mapping “{name}”.")
        document: dict[str, Any] = jsonio.loads(path.read_bytes())
        return document

    def text(self, file: str) -> str:
        """Content of a text file in the connector's folder, "" if there is none."""
        path = self.manifest.folder / file
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def has_sandbox(self) -> bool:
        """Whether the folder holds an imitation of the vendor."""
        return (self.manifest.folder / "sandbox").is_dir()


@cache
def all_connectors() -> dict[str, Connector]:
    """Every connector by slug, in the order of their names."""
    found = {}
    for path in sorted(CATALOG.glob("*/connector.yaml")):
        manifest = load_manifest(path.parent)
        if manifest.slug != path.parent.name:
            raise ManifestInvalid(f"The folder of {manifest.slug} is named {path.parent.name}.")
        found[manifest.slug] = Connector(manifest, f"connectors.catalog.{manifest.slug}")
    return dict(sorted(found.items(), key=lambda item: item[1].manifest.name))


def get(slug: str) -> Connector:
    """Connector ``slug``; raises ConnectorNotFound."""
    connector = all_connectors().get(slug)
    if connector is None:
        raise ConnectorNotFound(
            f"There is no connector “{slug}”.", hint="Choose one of the catalogue."
        )
    return connector
