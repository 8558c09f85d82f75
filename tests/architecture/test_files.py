"""What files may be called, how long they get, and what must not stand in them."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.tracked import ROOT, text_of, tracked_files

LONGEST = 450  # lines; more usually hides two ideas

TOP_LEVEL = {
    "manage.py",
    "pyproject.toml",
    "README.md",
    "Makefile",
    "docs",
    "ipaas",
    "connectors",
    "designer",
    "runtime",
    "static",
    "templates",
    "tests",
    "LICENSE",
}

# Put together from parts, so that this file does not hold what it forbids.
FORBIDDEN = {
    "a path of one machine": re.compile(
        "|".join(["/ho" + "me/[a-z]", "/Us" + "ers/", "/wo" + "rk/", "/ro" + "ot/"])
    ),
    "the folder beside the checkout": re.compile(r"\.\./" + "shared"),
    "the address of a package index": re.compile(
        r"--(?:extra-)?index" + r"-url|\"resolved\": *\"http|https?://[^ \"']*/sim" + "ple/"
    ),
    "an unfinished thought": re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + "X)\\b"),
}
VAGUE = {"utils.py", "util.py", "helpers.py", "helper.py", "common.py", "misc.py", "manager.py"}


def test_the_top_level_stays_small() -> None:
    found = {path.parts[0] for path in tracked_files() if not path.parts[0].startswith(".")}
    assert found - TOP_LEVEL == set()


def test_no_file_is_so_long_that_it_hides_two_ideas() -> None:
    long = {
        str(path): count
        for path in tracked_files()
        if path.suffix in (".py", ".ts", ".tsx")
        and (count := len((text_of(path) or "").splitlines())) > LONGEST
    }
    assert long == {}, f"split these, each at a seam between two ideas (over {LONGEST} lines)"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        if path.suffix != ".svg"
        for number, line in enumerate((text_of(path) or "").splitlines(), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert found == [], f"take out {what}"


def test_names_of_files_say_what_is_in_them() -> None:
    assert [str(path) for path in tracked_files() if path.name in VAGUE] == []


def test_python_modules_begin_by_saying_what_they_are() -> None:
    silent = [
        str(path)
        for path in tracked_files()
        if path.suffix == ".py"
        and "migrations" not in path.parts
        and (text := text_of(path) or "").strip()
        and not re.match(r'(?:#![^\n]*\n)?"""\S', text)
    ]
    assert silent == [], 'give each a first line: """What it is."""'


def test_every_dependency_is_locked() -> None:
    locked = {
        _name(line)
        for lock in ("requirements.lock", "requirements-dev.lock")
        for line in (ROOT / ".ci" / lock).read_text().splitlines()
        if line.strip()
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert {_name(text) for text in declared} - locked == set(), "run `make lock`"


def _name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[=<>~!; \[]", text.strip())[0]).lower()
