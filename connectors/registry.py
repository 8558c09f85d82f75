"""The connectors of this installation: the folders of the catalogue, read once."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from django.conf import settings

from connectors.manifest.load import ManifestInvalid, load_manifest
from connectors.manifest.model import Manifest, Operation
from connectors.manifest.schemas import bundle, writable
from ipaas.core import jsonio
from ipaas.core.errors import IpaasError, NotFound

GROUP = "ipaas.connectors"
CATALOG_PACKAGE = "connectors.catalog"
Origin = Literal["built_in", "package", "workspace"]
log = logging.getLogger(__name__)
CATALOG = Path(__file__).resolve().parent / "catalog"


class ConnectorNotFound(NotFound):
    """There is no connector of that name."""

    code = "connector.not_found"


class OperationNotFound(NotFound):
    """The connector has no operation of that name."""

    code = "connector.operation_not_found"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installed connector lies; ``distribution`` names the package of others it is in."""

    folder: Path
    package: str
    distribution: str = ""


class Connector:
    """One vendor's manifest, schemas and hooks; schemas and hooks load when first asked for."""

    def __init__(
        self, manifest: Manifest, package: str, distribution: str = "", *, slug: str = ""
    ) -> None:
        self.manifest = manifest
        self.slug = slug or manifest.slug
        self.distribution = distribution
        self.described: dict[str, Any] = {}  # what the catalogue worked out about it
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
            whole = self._bundle(operation.input)
            self._schemas[name, "input"] = writable(
                whole, operation.input_without, operation.input_partial
            )
        return self._schemas[name, "input"]

    def output_schema(self, name: str) -> dict[str, Any]:
        """What operation ``name`` gives."""
        if (name, "output") not in self._schemas:
            operation = self.operation(name)
            self._schemas[name, "output"] = self._bundle(operation.output)
        return self._schemas[name, "output"]

    def _bundle(self, source: Any) -> dict[str, Any]:
        return bundle(source, self.manifest.folder, self.manifest.schemas)

    def mapping(self, name: str) -> dict[str, Any]:
        """Example mapping ``mappings/<name>.json``."""
        path = self.manifest.folder / "mappings" / f"{Path(name).name}.json"
        if not path.exists():
            raise ConnectorNotFound(f"{self.manifest.name} has no mapping “{name}”.")
        document: dict[str, Any] = jsonio.loads(path.read_bytes())
        return document

    def mapping_names(self) -> list[str]:
        """What mappings it brings."""
        return sorted(path.stem for path in (self.manifest.folder / "mappings").glob("*.json"))

    def text(self, file: str) -> str:
        """Content of a text file in the connector's folder, "" if there is none."""
        path = self.manifest.folder / file
        return path.read_text(encoding="utf-8") if path.exists() else ""

    @property
    def origin(self) -> Origin:
        """Who brought it: this product, an installed package, or a workspace."""
        if not self._package:
            return "workspace"
        return "package" if self.distribution else "built_in"

    @property
    def has_sandbox(self) -> bool:
        """Whether the folder holds an imitation of the vendor."""
        return (self.manifest.folder / "sandbox").is_dir()


Loader = Callable[[str], Connector | None]
_loaders: dict[str, Loader] = {}


def register_loader(prefix: str, loader: Loader) -> None:
    """Have slugs that begin with ``prefix`` looked up by ``loader``: connectors kept as rows."""
    _loaders[prefix] = loader


@dataclass(frozen=True, slots=True)
class Left:
    """A connector that is not offered: the package it is in ("" for a built-in one), and why."""

    distribution: str
    sentence: str


_left_out: dict[str, Left] = {}


@cache
def places() -> dict[str, Place]:
    """Where each installed connector lies, by slug; nothing is read or imported for that.

    Built-in ones come first: no package can take their name. Packages that cannot be taken in are
    named by ``broken``.
    """
    _left_out.clear()
    found = {
        path.parent.name: Place(path.parent, f"{CATALOG_PACKAGE}.{path.parent.name}")
        for path in sorted(CATALOG.glob("*/connector.yaml"))
    }
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        folder = _folder_of(entry.module)
        distribution = entry.dist.name if entry.dist else entry.module
        if folder is None or entry.name in found:
            taken = f"The name “{entry.name}” is taken by another connector."
            why = taken if folder else f"“{entry.module}” holds no connector.yaml."
            # A name that is taken stands for the other one, so the package goes by its own.
            _left_out[distribution if folder else entry.name] = Left(distribution, why)
            log.error("connector package %s (%s) is left out: %s", entry.name, entry.value, why)
            continue
        found[entry.name] = Place(folder, entry.module, distribution)
    return found


def _folder_of(module: str) -> Path | None:
    """Folder of a package that holds a manifest, without importing the package."""
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    for location in (spec and spec.submodule_search_locations) or ():
        if (Path(location) / "connector.yaml").is_file():
            return Path(location)
    return None


def _load(slug: str, place: Place) -> Connector:
    memory = Path(settings.DATA_DIR) / "manifests"
    manifest = load_manifest(place.folder, memory=memory)
    if manifest.slug != slug:
        raise ManifestInvalid(f"The connector {slug} calls itself {manifest.slug}.")
    return Connector(manifest, place.package, place.distribution)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Much is made while a manifest is read, and nearly all of it stays: looking for rubbish
    meanwhile takes as long as the reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


_loaded: dict[str, Connector] = {}
_broken: dict[str, Left] = {}
_all_read = False
_lock = threading.Lock()


def all_connectors() -> dict[str, Connector]:
    """Every installed connector by slug, in the order of their names; read once.

    One that cannot be read is left out and named by ``broken``: it must not hide the others.
    """
    global _all_read, _loaded
    if not _all_read:
        for slug in places():
            with _lock:  # for each one: whoever needs a certain connector does not wait for all
                _one(slug)
        with _lock:
            by_name = sorted(_loaded.items(), key=lambda item: item[1].manifest.name.lower())
            _loaded = dict(by_name)  # a new one: somebody may be going through the old one
            _all_read = True
    return _loaded


def broken() -> dict[str, Left]:
    """Connectors that could not be read, by slug, with what is wrong in a sentence."""
    all_connectors()
    return {**_left_out, **_broken}


def note_broken(slug: str, sentence: str) -> None:
    """Remember why a connector that is kept as rows cannot be read; "" once it can."""
    if sentence:
        _broken[slug] = Left("", sentence)
    else:
        _broken.pop(slug, None)


def _one(slug: str) -> Connector | None:
    if slug in _loaded or slug in _broken:
        return _loaded.get(slug)
    place = places().get(slug)
    if place is None:
        return None
    try:
        with _without_collection():
            _loaded[slug] = _load(slug, place)
    except IpaasError as error:
        _broken[slug] = Left(place.distribution, error.message)
        log.error("the connector %s cannot be read: %s", slug, error)
    except UnicodeDecodeError:
        _broken[slug] = Left(place.distribution, "Its connector.yaml is not UTF-8 text.")
        log.error("the connector.yaml of %s is not UTF-8 text", slug)
    except Exception as error:  # a package of others may fail in any way; it must not hide the rest
        what = error.strerror if isinstance(error, OSError) else type(error).__name__
        _broken[slug] = Left(place.distribution, f"It cannot be read ({what}).")
        log.exception("the connector %s cannot be read", slug)
    return _loaded.get(slug)


def forget() -> None:
    """Read everything anew at the next use: packages were installed or removed."""
    global _all_read
    with _lock:
        _loaded.clear()
        _broken.clear()
        places.cache_clear()
        _all_read = False


def find(slug: str) -> Connector | None:
    """Connector ``slug``, or None: a package was removed, or a manifest deleted."""
    connector = _loaded.get(slug)
    if connector is None:
        prefix, _, rest = slug.partition("-")
        loader = _loaders.get(f"{prefix}-") if rest else None
        if loader:
            connector = loader(slug)
        else:
            with _lock:
                connector = _one(slug)
    return connector


def get(slug: str) -> Connector:
    """Connector ``slug``; raises ConnectorNotFound."""
    connector = find(slug)
    if connector is None:
        raise ConnectorNotFound(
            f"There is no connector “{slug}”.",
            hint=f"It cannot be read: {_broken[slug].sentence}"
            if slug in _broken
            else "Choose one of the catalogue.",
        )
    return connector
