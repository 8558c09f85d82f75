"""Does one deed after the other in children that may die at a point.

``python -m tests.faults.yard.theatre DATABASE`` reads orders from its standard input, one JSON
object a line: ``deed``, ``given``, ``faults``, ``skipped_s``, ``vendor``. It answers with one: how
the child ``ended``, and which points it ``passed``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ipaas.settings")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import get_resolver  # noqa: E402

from ipaas.core import clock  # noqa: E402
from ipaas.core import faults as core  # noqa: E402
from runtime import faults  # noqa: E402
from tests.faults.yard.deeds import DEEDS  # noqa: E402
from tests.kit.order_flow import LaterClock  # noqa: E402


class Passed(dict[str, Any]):
    """Faults that do nothing but write down which points were passed."""

    def __init__(self, into: Path) -> None:
        super().__init__()
        self._into = into

    def __bool__(self) -> bool:
        return True

    def get(self, name: str, default: Any = None) -> Any:
        """Nothing happens here."""
        with self._into.open("a") as file:
            file.write(f"{name}\n")
        return default


def be(order: dict[str, Any], passed: Path) -> None:
    """Do the deed, or die of it."""
    settings.SANDBOX_URL = order["vendor"]
    later = LaterClock()
    later.skipped = timedelta(seconds=order["skipped_s"])
    if order["faults"]:
        faults.arrange(order["faults"])
    else:
        core._active = Passed(passed)
    with clock.use(later):
        DEEDS[order["deed"]].do(order["given"])


def main() -> None:
    """Take orders until the input ends."""
    setup_test_environment()
    assert get_resolver().url_patterns, "children need not import what answers requests"
    connections.databases["default"]["NAME"] = sys.argv[1]
    print("ready", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        passed = Path(folder) / "passed"
        for line in sys.stdin:
            order = json.loads(line)
            passed.write_text("")
            pid = os.fork()
            if not pid:
                try:
                    be(order, passed)
                except BaseException:
                    sys.excepthook(*sys.exc_info())
                    os._exit(3)
                os._exit(0)
            ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            names = list(dict.fromkeys(passed.read_text().split()))
            print(json.dumps({"ended": ended, "passed": names}), flush=True)


if __name__ == "__main__":
    main()
