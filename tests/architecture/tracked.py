"""The files that belong to the project."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked_files() -> tuple[Path, ...]:
    """Files that git tracks or would track, relative to the project's folder."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return tuple(
        Path(name) for name in sorted(set(listed.split("\0"))) if name and (ROOT / name).is_file()
    )


def text_of(path: Path) -> str | None:
    """Content of a text file, or None for a binary one."""
    content = (ROOT / path).read_bytes()
    return None if b"\0" in content else content.decode(errors="replace")
