"""The shipped product as a subprocess, started by the command that users start it with."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.kit import processes


@dataclass
class Product:
    """A running product; ``restart`` keeps its data folder and its addresses."""

    base_url: str
    sandbox_url: str
    data_dir: Path
    env: dict[str, str] = field(repr=False)
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def log(self) -> Path:
        """Everything the product printed."""
        return self.data_dir / "product.log"

    def stop(self) -> None:
        """End it as an operator does, with a signal it can answer."""
        processes.stop(self.process)
        self._wait_until_gone()

    def kill(self) -> None:
        """End it as a power cut does."""
        processes.kill(self.process)
        self._wait_until_gone()

    def restart(self, env: dict[str, str] | None = None) -> None:
        """Start it again after ``stop`` or ``kill``."""
        self.process = _spawn(self.data_dir, {**self.env, **(env or {})})
        processes.wait_for_http(f"{self.base_url}/login", self.process, self.log)

    def _wait_until_gone(self) -> None:
        # The sandboxes run in a process of their own and end when they miss their parent.
        for url in (self.base_url, self.sandbox_url):
            processes.wait_until_free(urlsplit(url).port or 80)


def start_product(data_dir: Path, env: dict[str, str] | None = None) -> Product:
    """The product on free ports and an own data folder, once its log-in page answers."""
    port, sandbox_port = processes.free_port(), processes.free_port()
    base_url = f"http://127.0.0.1:{port}"
    sandbox_url = f"http://127.0.0.1:{sandbox_port}"
    own = {
        "DJANGO_SETTINGS_MODULE": "ipaas.settings",
        "CAUSEWAY_DATA_DIR": str(data_dir),
        "CAUSEWAY_PORT": str(port),
        "CAUSEWAY_PUBLIC_URL": base_url,
        "CAUSEWAY_SANDBOX_URL": sandbox_url,
        "CAUSEWAY_DATABASE_URL": "",
        "CAUSEWAY_REDIS_URL": "",
        "CAUSEWAY_DEMO": "1",
        **(env or {}),
    }
    product = Product(base_url, sandbox_url, data_dir, own, _spawn(data_dir, own))
    try:
        processes.wait_for_http(f"{base_url}/login", product.process, product.log)
    except AssertionError:
        product.kill()
        raise
    return product


def _spawn(data_dir: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return processes.spawn(
        processes.python("manage.py", "up"), log=data_dir / "product.log", env=env
    )
