"""``python -m tests.faults.yard.report FOLDER``: ``docs/faults.md`` of the verdicts of storms."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tests.kit.processes import ROOT

STACKS = {"embedded": "SQLite", "production": "PostgreSQL + Valkey"}
TEXT = Path(__file__).with_name("report.md")


def main(folder: Path) -> None:
    """Put the figures of all verdicts in a folder into the page."""
    verdicts = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    columns = {name: [v for v in verdicts if v["stack"] == stack] for stack, name in STACKS.items()}
    columns = {name: found for name, found in columns.items() if found}
    commit = folder / "COMMIT"
    made_of = commit.read_text().strip() if commit.exists() else head()
    page = TEXT.read_text()
    page = page.replace("{figures}", figures(columns))
    page = page.replace("{points}", points(columns))
    page = page.replace("{variants}", variants())
    page = page.replace("{commit}", made_of[:10])
    page = page.replace("{date}", max(v["at"] for v in verdicts)[:10])
    (ROOT / "docs" / "faults.md").write_text(page)


def head() -> str:
    """The commit that is checked out."""
    command = ["git", "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def figures(columns: dict[str, list[dict[str, Any]]]) -> str:
    """One row a figure, one column a stack."""

    def row(words: str, value: Any) -> str:
        cells = " | ".join(str(value(found)) for found in columns.values())
        return f"| {words} | {cells} |"

    def total(name: str) -> Any:
        return lambda found: sum(_number(v[name]) for v in found)

    def within(*names: str) -> Any:
        return lambda found: sum(v[names[0]].get(n, 0) for v in found for n in names[1:])

    def worst(name: str) -> Any:
        return lambda found: max(v["took_s"].get(name, 0) for v in found)

    lines = [
        f"| | {' | '.join(columns)} |",
        "|---" * (len(columns) + 1) + "|",
        row("storms, and minutes in all",
            lambda f: f"{len(f)}, {sum(v['seconds'] for v in f) / 60:.0f}"),
        row("processes killed", total("kills")),
        row("… of them at a named point", total("kills_at_points")),
        row("processes paused for longer than a lease", total("stops")),
        row("times the broker was wiped", within("outages", "broker wiped")),
        row("database connections cut", within("outages", "database connections cut")),
        row("events acknowledged", total("events")),
        row("… of them read back by a backfill meanwhile", total("read_back")),
        row("papers at the vendor", total("papers")),
        row("vendor: answers lost, or done later", within("vendor", "lost", "late")),
        row("vendor: errors, and refusals",
            within("vendor", "error_before", "error_after", "refused")),
        row("vendor: answers given twice", within("vendor", "doubled")),
        row("vendor: a key stopped a second paper", within("vendor", "key honoured")),
        row("doubts settled by people", within("people", "doubts: adopt", "doubts: resend")),
        row("dead letters retried by people", within("people", "dead letters")),
        row("**lost**", total("lost")),
        row("**doubled**", total("doubled")),
        row("**out of order within their key**", total("out_of_order")),
        row("**fire times of a schedule missing**", total("fires_wrong")),
        row("**standing still at the end**", total("stuck")),
        row("seconds from the last kill until all was done",
            lambda f: max(v["settled_s"] for v in f)),
        row("seconds from event to last paper, p50", worst("p50")),
        row("… p99", worst("p99")),
    ]  # fmt: skip
    return "\n".join(lines)


def points(columns: dict[str, list[dict[str, Any]]]) -> str:
    """How often processes died at each point."""
    counted: Counter[str] = Counter()
    for found in columns.values():
        for verdict in found:
            counted.update(verdict["points"])
    return ", ".join(f"`{name}` {count}" for name, count in counted.most_common())


def variants() -> str:
    """What each broken variant leaves out, and the scene that notices it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from tests.faults.test_broken import CAUGHT

    def words(function: Any) -> str:
        return str(function.__name__).replace("_", " ")

    return "\n".join(f"| {words(variant)} | {words(play)} |" for variant, play in CAUGHT)


def _number(value: Any) -> float:
    return value if isinstance(value, (int, float)) else len(value)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
