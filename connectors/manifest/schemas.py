"""A connector's JSON Schemas, each made into one self-contained document."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ipaas.core import jsonio


def bundle(
    source: Any, folder: Path, held: Mapping[str, dict[str, Any]] | None = None
) -> dict[str, Any]:
    """One schema without references to other files.

    ``source`` is a file name relative to ``folder`` or an inline schema whose ``$ref`` may name
    such files, or schemas ``held`` by name in the manifest itself (``schemas/<name>.json``). What
    others hold moves into ``$defs``.
    """
    files = _Files(folder, held or {})
    if isinstance(source, str):
        root = files.read(folder / source)
        base = (folder / source).parent
    else:
        root, base = source or {"type": "object"}, folder
    local = {name: name for name in root.get("$defs", {})}
    schema = files.rewrite({k: v for k, v in root.items() if k != "$defs"}, base, local)
    defs = {
        name: files.rewrite(definition, base, local)
        for name, definition in root.get("$defs", {}).items()
    }
    defs |= files.defs
    schema.pop("$id", None)
    if defs:
        schema["$defs"] = defs
    return schema


def writable(
    schema: dict[str, Any], without: tuple[str, ...] = (), partial: str = ""
) -> dict[str, Any]:
    """``schema`` less what cannot be written: read-only members, and those named at the top.

    ``partial`` names the member that holds the changed part of a record: nothing in it is
    required, and ``without`` is taken from it too.
    """
    result = _strip_read_only(schema)
    part = result.get("properties", {}).get(partial, {})
    if isinstance(part.get("$ref"), str):
        name = part["$ref"].removeprefix("#/$defs/")
        part = {k: v for k, v in result["$defs"][name].items() if k != "required"}
        part["properties"] = {k: v for k, v in part["properties"].items() if k not in without}
        result["$defs"][name] = part
    for name in without:
        result.get("properties", {}).pop(name, None)
    if "required" in result:
        result["required"] = [name for name in result["required"] if name in result["properties"]]
    return result


def _strip_read_only(node: Any) -> Any:
    if isinstance(node, list):
        return [_strip_read_only(item) for item in node]
    if not isinstance(node, dict):
        return node
    result = {}
    for key, value in node.items():
        if key in ("properties", "$defs") and isinstance(value, dict):
            result[key] = {
                name: _strip_read_only(part)
                for name, part in value.items()
                if key == "$defs" or not (isinstance(part, dict) and part.get("readOnly") is True)
            }
        elif key in ("examples", "example", "default", "const", "enum"):
            result[key] = value
        else:
            result[key] = _strip_read_only(value)
    return result


class _Files:
    """Schemas of other files, gathered while references are rewritten."""

    def __init__(self, folder: Path, held: Mapping[str, dict[str, Any]]) -> None:
        self.folder = folder.resolve()
        self.held = held
        self.defs: dict[str, Any] = {}

    def read(self, path: Path) -> dict[str, Any]:
        if not path.resolve().is_relative_to(self.folder):
            raise ValueError(f"schema {path.name} lies outside the connector's folder")
        if path.stem in self.held:
            return dict(self.held[path.stem])
        schema: dict[str, Any] = jsonio.loads(path.read_bytes())
        return schema

    def rewrite(self, node: Any, base: Path, local: dict[str, str]) -> Any:
        """``node`` with each reference pointing into the one document's ``$defs``."""
        if isinstance(node, list):
            return [self.rewrite(item, base, local) for item in node]
        if not isinstance(node, dict):
            return node
        result = {key: self.rewrite(value, base, local) for key, value in node.items()}
        reference = node.get("$ref")
        if isinstance(reference, str):
            if reference.startswith("#/$defs/"):
                result["$ref"] = f"#/$defs/{local[reference.removeprefix('#/$defs/')]}"
            elif not reference.startswith("#"):
                result["$ref"] = f"#/$defs/{self.gather(base / reference)}"
        return result

    def gather(self, path: Path) -> str:
        """Name in ``$defs`` of another file's schema; its own definitions come along."""
        name = path.stem
        if name in self.defs:
            return name
        self.defs[name] = {}  # taken: a schema may refer to itself
        root = self.read(path)
        local = {part: f"{name}_{part}" for part in root.get("$defs", {})}
        for part, definition in root.get("$defs", {}).items():
            self.defs[local[part]] = self.rewrite(definition, path.parent, local)
        body = {k: v for k, v in root.items() if k not in ("$defs", "$id", "$schema")}
        self.defs[name] = self.rewrite(body, path.parent, local)
        return name
