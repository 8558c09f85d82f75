"""The guide does what it says: its commands and snippets are run, in a copy of the project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from tests.kit.packages import build_wheel, install

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "writing-a-connector.md"
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r'file=(\S+)(?: under=(?:"([^"]+)"|(\S+)))?( at=end)?')
_LEFT_OUT = ("node_modules", "frontend", "var", ".pytest_cache")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the sources and of what Python compiled of them, without anything else built."""
    for name in ("ipaas", "connectors", "runtime", "designer", "tests", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    for name in ("manage.py", "pyproject.toml", "Makefile"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(command: str, folder: Path, **more: str) -> str:
    """What a command says; it must end well."""
    words = command.split()
    if words[0] == "make":
        # The recipe's last line; what is before it only installs.
        slug = words[2].removeprefix("slug=")
        assert "manage.py make_connector $(slug)" in (folder / "Makefile").read_text()
        words = ["python", "manage.py", "make_connector", slug]
    assert words[0] == "python"
    quoted = re.findall(r'"([^"]+)"', command)
    if quoted:
        words = [*command.split('"')[0].split(), quoted[0]]
    done = subprocess.run(
        [sys.executable, *words[1:]],
        cwd=folder,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def put(folder: Path, place: str, text: str) -> None:
    """Write a snippet where the guide says it belongs."""
    found = _FILE.search(place)
    assert found, place
    path = folder / found.group(1)
    marker = found.group(2) or found.group(3)
    if marker:
        lines = path.read_text().split("\n")
        lines.insert(lines.index(marker) + 1, text.rstrip("\n"))
        path.write_text("\n".join(lines))
    elif found.group(4):
        path.write_text(f"{path.read_text()}\n\n{text}")
    else:
        assert not path.exists()
        path.write_text(text)


def test_the_guide_leads_to_a_connector_that_passes(copy: Path) -> None:
    ran = []
    for kind, place, text in _BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if kind == "sh":
            ran += [run(line, copy) for line in text.strip().split("\n")]
        elif "file=" in place:
            put(copy / "connectors" / "catalog" / "acme", place, text)
    assert "Made" in ran[0]
    assert [said for said in ran if "all is well" in said]
    assert len([said for said in ran if re.search(r"\d+ passed", said)]) == 3


PACKAGE = "causeway_acme.acme"


def test_parts_of_a_manifest_that_the_guide_shows_are_such() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    shown = re.findall(r"^  ```yaml\n(.*?)^  ```$", text, re.MULTILINE | re.DOTALL)
    assert shown
    schema = json.loads((ROOT / "connectors" / "manifest" / "schema.json").read_text())
    for part in shown:
        for name, value in yaml.safe_load(part).items():
            wanted = {**schema["properties"][name], "$defs": schema.get("$defs", {})}
            jsonschema.Draft202012Validator(wanted).validate(value)


def test_a_package_of_others_is_seen_waits_for_an_administrator_and_passes(tmp_path: Path) -> None:
    source, site = tmp_path / "source", tmp_path / "site"
    run(f"python manage.py make_connector acme --package {source}", ROOT)
    wheel = build_wheel(source, tmp_path, more={"broken": "causeway_nothing", "magento": PACKAGE})
    install(wheel, site)
    shutil.rmtree(source)
    (site / "test_enabling.py").write_text(ENABLING)
    said = run(
        f"python -m pytest -q -n0 --rootdir {ROOT} -c {ROOT / 'pyproject.toml'} {site}",
        ROOT,
        PYTHONPATH=str(site),
    )
    assert "passed" in said and "failed" not in said


ENABLING = '''
"""Run inside the process that sees the package."""

import pytest

from connectors import registry
from ipaas.tenancy.models import AuditEntry
from tests.kit.cast import ApiClient, make_cast

NORTH = "/api/v1/w/north"


@pytest.mark.django_db
def test_it_waits_for_an_administrator():
    cast = make_cast()
    alice, ben = ApiClient(cast.alice), ApiClient(cast.ben)
    shown = {each["slug"]: each for each in alice.get(f"{NORTH}/connectors").json["items"]}
    assert (shown["acme"]["origin"], shown["acme"]["enabled"]) == ("package", False)
    assert shown["acme"]["package"] == "causeway-acme"
    assert shown["magento"]["origin"] == "built_in", "no package takes a built-in name"
    assert "broken" not in shown
    listed = alice.get(f"{NORTH}/installed-connectors?limit=200").json["items"]
    left = {each["slug"]: each for each in listed if each["problem"]}
    assert "holds no connector.yaml" in left["broken"]["problem"]
    assert left["broken"]["package"] == "causeway-acme"
    assert "taken" in left["causeway-acme"]["problem"]
    wanted = {"connector": "acme", "name": "Acme", "secrets": {"access_token": "secret-token"},
              "settings": {"base_url": "https://acme.example"}}
    refused = alice.post(f"{NORTH}/connections", wanted)
    assert (refused.status, refused.json["code"]) == (422, "connector.not_enabled")
    assert ben.put(f"{NORTH}/connectors/acme/enabled").status == 403
    assert alice.put(f"{NORTH}/connectors/acme/enabled").json["enabled"] is True
    made = alice.post(f"{NORTH}/connections", wanted)
    assert made.status == 201
    bob = ApiClient(cast.bob)
    theirs = bob.get("/api/v1/w/south/connectors/acme").json
    assert theirs["enabled"] is False, "each workspace decides for itself"
    in_use = alice.delete(f"{NORTH}/connectors/acme/enabled")
    assert (in_use.status, in_use.json["connections"]) == (409, ["Acme"])
    alice.delete(f"{NORTH}/connections/{made.json['id']}")
    assert alice.delete(f"{NORTH}/connectors/acme/enabled").json["enabled"] is False
    actions = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert actions.count("connector.enabled") == actions.count("connector.disabled") == 1


@pytest.mark.django_db
def test_a_package_that_was_removed_does_not_hide_its_connections(monkeypatch):
    cast = make_cast()
    alice = ApiClient(cast.alice)
    alice.put(f"{NORTH}/connectors/acme/enabled")
    wanted = {"connector": "acme", "name": "Acme", "secrets": {"access_token": "secret-token"},
              "settings": {"base_url": "https://acme.example"}}
    assert alice.post(f"{NORTH}/connections", wanted).status == 201
    kept = registry.places()
    registry.forget()
    monkeypatch.setattr(registry, "entry_points", lambda group: [])
    try:
        assert [c["name"] for c in alice.get(f"{NORTH}/connections").json["items"]] == ["Acme"]
    finally:
        monkeypatch.undo()
        registry.forget()
    assert "acme" in registry.places() and kept
'''
