"""Everything that can be wrong with a connector's folder, each in one sentence at its place."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from connectors.manifest import references, sentences
from connectors.manifest.schemas import bundle
from connectors.manifest.source import Fault, Source
from ipaas.core import jsonio
from ipaas.core.errors import IpaasError
from ipaas.core.jsonio import MalformedJson

MANIFEST = "connector.yaml"


@cache
def manifest_schema() -> dict[str, Any]:
    """The published JSON Schema of connector.yaml."""
    document: dict[str, Any] = jsonio.loads(Path(__file__).with_name("schema.json").read_bytes())
    return document


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(manifest_schema())


def check_source(source: Source, *, hooks: set[str] | None) -> list[Fault]:
    """What is wrong with the manifest itself, in the order of its lines."""
    if source.faults:
        return source.faults
    found = [source.at(fault) for fault in sentences.faults(_validator().iter_errors(source.data))]
    found += source.doubled()
    if not found:
        found = [source.at(fault) for fault in references.faults(source.data, hooks=hooks)]
    return sorted(set(found), key=lambda fault: (fault.line, fault.column))


def check_folder(folder: Path) -> list[Fault]:
    """What is wrong with the manifest, its schemas and the names of its hooks; runs no code."""
    path = folder / MANIFEST
    if not path.is_file():
        return [Fault((), f"There is no {MANIFEST} in {folder.name}.", "Name its folder.", 1, 1)]
    try:
        source = Source(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return [Fault((), "The file is not UTF-8 text.", "Save it as UTF-8.", 1, 1)]
    hooks, trouble = _functions(folder)
    found = check_source(source, hooks=hooks) + trouble
    if found or source.data is None:
        return found
    if source.data["slug"] != folder.name:
        found.append(
            source.at(
                Fault(
                    ("slug",),
                    f"The slug is “{source.data['slug']}”, but the folder is “{folder.name}”.",
                    "Both must be the same.",
                )
            )
        )
    return found + [source.at(fault) for fault in check_schemas(source.data, folder)]


def _functions(folder: Path) -> tuple[set[str] | None, list[Fault]]:
    """Names that hooks.py defines or imports, read without running it."""
    path = folder / "hooks.py"
    if not path.exists():
        path = folder / "hooks" / "__init__.py"
    if not path.exists():
        return None, []
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        line, column = error.lineno or 1, error.offset or 1
        return set(), [Fault((), f"hooks.py: {error.msg}.", "Correct it.", line, column)]
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names, []


def check_schemas(data: dict[str, Any], folder: Path) -> list[Fault]:
    """Schemas that are missing, broken, or refer to something that is not there."""
    found: list[Fault] = []
    valid: set[bytes] = set()
    for name, operation in data["operations"].items():
        for part in ("input", "output"):
            if part not in operation:
                continue
            path = ("operations", name, part)
            try:
                _check_schema(bundle(operation[part], folder, data.get("schemas")), valid)
            except FileNotFoundError as error:
                missing = Path(str(error.filename)).name
                found.append(
                    Fault(path, f"There is no schema file “{missing}”.", "Check its name.")
                )
            except MalformedJson as error:
                found.append(Fault(path, "The schema file is not JSON.", error.message))
            except SchemaError as error:
                where = "/".join(str(part) for part in error.absolute_path) or "(top)"
                found.append(
                    Fault(path, f"The schema is not valid at {where}: {error.message[:150]}", "")
                )
            except KeyError as error:
                found.append(
                    Fault(
                        path, f"The schema refers to {error}, which it lacks.", "Add it to $defs."
                    )
                )
            except (ValueError, RecursionError) as error:
                found.append(Fault(path, f"{str(error)[:200]}.", "Keep schemas in schemas/."))
            except (IpaasError, OSError) as error:
                found.append(Fault(path, "The schema cannot be read.", str(error)[:200]))
    return found


def _check_schema(schema: dict[str, Any], valid: set[bytes]) -> None:
    """Raise SchemaError unless it is one; ``valid`` keeps definitions that others share with it."""
    shared = {name: jsonio.dumps(part) for name, part in schema.get("$defs", {}).items()}
    new = {name: schema["$defs"][name] for name, text in shared.items() if text not in valid}
    Draft202012Validator.check_schema({**schema, "$defs": new})
    valid.update(shared.values())
