"""JSONata's original engine in Node.js, if the front end's tools are installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from ipaas.core import jsonio

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "designer" / "frontend" / "node_modules" / "jsonata"
SCRIPT = Path(__file__).with_name("jsonata_node.mjs")


def node() -> str | None:
    """The program, from this machine or from the project's own tools."""
    own = ROOT / ".venv" / "bin" / "node"
    return shutil.which("node") or (str(own) if own.exists() else None)


def missing() -> str:
    """Why the engine cannot be asked; empty if it can."""
    if node() is None:
        return "there is no Node.js"
    return "" if PACKAGE.is_dir() else "the front end's packages are not installed"


class NodeEngine:
    """One process that answers as long as it is open."""

    def __init__(self) -> None:
        program = node()
        assert program is not None
        self._process = subprocess.Popen(
            [program, str(SCRIPT), str(PACKAGE)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip

    def evaluate(self, text: str, document: Any) -> Any:
        """The result, with numbers as they come out of doubles; missing is None."""
        assert self._process.stdin is not None and self._process.stdout is not None
        given = jsonio.dumps({"text": text, "document": document}).decode()
        self._process.stdin.write(json.dumps(json.loads(given)) + "\n")
        self._process.stdin.flush()
        answer = jsonio.loads(self._process.stdout.readline().encode())
        assert "error" not in answer, (answer["error"], text)
        return answer["result"]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
