"""The published client MyMagento works with the sandbox, unchanged but for its address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox_kit.testing import Control

ROOT = Path(__file__).resolve().parents[4]
PACKAGE = ROOT / ".tools" / "mymagento"
SESSION = Path(__file__).with_name("mymagento_session.py")


@pytest.fixture
def seen(control: Control) -> dict[str, Any]:
    assert (PACKAGE / "magento").is_dir(), "python3 .ci/bootstrap.py dev installs it"
    settings = control.settings("magento")
    url = control.vendor_url("magento")
    done = subprocess.run(
        [sys.executable, SESSION, url, settings["username"], settings["password"]],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_session_with_orders_products_stock_prices_and_categories(seen: dict[str, Any]) -> None:
    assert seen["order"][0] == "000000001"
    assert seen["invoice"][1] == "000000001"
    assert seen["changes"] == dict.fromkeys(seen["changes"], True)
    assert seen["seen"] == [5, 7.25, 6.5, "Scarlet mug"]
    assert seen["moved"] == [True, True]
    assert "MUG-RED" in seen["skus"] and "MUG-RED" not in seen["skus_after"]
    assert seen["variants"] == ["TSHIRT-L-NAVY", "TSHIRT-M-NAVY", "TSHIRT-S-NAVY"]
    assert seen["complete"] and seen["of_customer"] and seen["bought"] and seen["attribute"]
    assert (seen["missing"], seen["new"], seen["store"]) == (None, True, "default")
