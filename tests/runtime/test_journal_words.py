"""Every kind of entry that the engine writes into a journal has a word for people."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "designer/frontend/src/features/runs/events.en.ts"


def test_every_kind_of_journal_entry_has_a_word() -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "runtime").rglob("*.py"))
    kinds = set(re.findall(r'\.note\(\s*"([a-z_.]+)"', code)) | {"call.send", "call.probe"}
    kinds |= set(re.findall(r'Entry\([^"()]*"([a-z_.]+)"', code))
    assert {"run.status", "run.cancelled", "step.cancelled"} <= kinds
    known = set(re.findall(r'^ +"([a-z_.]+)":', WORDS.read_text(), re.MULTILINE))
    assert kinds - known == set()
