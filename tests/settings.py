"""Settings of a test process: its own data folder, ports and keys, fast password hashing.

``CAUSEWAY_TEST_STACK=production`` runs the same tests on PostgreSQL and Valkey. The first process
starts both servers; the workers that pytest-xdist makes inherit their addresses.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import tempfile
from pathlib import Path

from tests.kit import servers

_DATA_DIR = Path(tempfile.mkdtemp(prefix="causeway-test-"))
atexit.register(shutil.rmtree, _DATA_DIR, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


os.environ["CAUSEWAY_DATA_DIR"] = str(_DATA_DIR)
os.environ["CAUSEWAY_SECRET_KEY"] = "only-for-tests-0123456789abcdef0123456789abcdef"
os.environ.setdefault("CAUSEWAY_MASTER_KEY", "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=")
os.environ["CAUSEWAY_SANDBOX_URL"] = f"http://127.0.0.1:{_free_port()}"
os.environ["CAUSEWAY_DEMO"] = "0"
servers.choose_stack(os.environ)

from ipaas.settings import *  # noqa: E402, F403
from ipaas.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if not os.environ.get("CAUSEWAY_DATABASE_URL"):
    # A file, not memory: worker threads need connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": str(_DATA_DIR / "test.sqlite3")}
    # As on PostgreSQL: a test's data does not outlive the test, so nothing waits for the disk.
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
