"""A real Chromium for the stories: the machine's own, or one that a package brought."""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

ROOT = Path(__file__).resolve().parents[2]
PACKAGED = ROOT / ".tools" / "chromium"
ON_MACHINE = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--headless"]


@dataclass(frozen=True)
class Chromium:
    """A browser program and what its environment must hold."""

    path: str
    env: dict[str, str] = field(default_factory=dict)


def find() -> Chromium | None:
    """The Chromium to use, or None if there is none.

    ``CAUSEWAY_CHROMIUM`` chooses: a path, ``system``, or ``package`` (the one under ``.tools``).
    Without it the machine's own comes first.
    """
    choice = os.environ.get("CAUSEWAY_CHROMIUM", "")
    if os.path.isabs(choice):
        return Chromium(choice)
    if choice != "package":
        for name in ON_MACHINE:
            if path := shutil.which(name):
                return Chromium(path)
    return packaged() if choice != "system" else None


def packaged() -> Chromium | None:
    """The Chromium that the bootstrap unpacked, with its libraries and a font of its own."""
    binary = PACKAGED / "chromium"
    if not binary.exists():
        return None
    libraries = f"{PACKAGED / 'lib'}{os.pathsep}{os.environ.get('LD_LIBRARY_PATH', '')}"
    fonts = {"FONTCONFIG_FILE": str(PACKAGED / "fonts.conf")}
    return Chromium(str(binary), {"LD_LIBRARY_PATH": libraries.rstrip(os.pathsep), **fonts})


@contextmanager
def launch(chromium: Chromium | None = None) -> Iterator[Browser]:
    """A headless browser for the time of the block."""
    chromium = chromium or find()
    if chromium is None:
        raise RuntimeError("There is no Chromium: run `make test`, which brings one.")
    browser = _playwright().chromium.launch(
        executable_path=chromium.path,
        args=FLAGS,
        env={**os.environ, **chromium.env},
        headless=True,
    )
    try:
        yield browser
    finally:
        browser.close()


@cache
def _playwright() -> Playwright:
    """The process's one Playwright: it allows no second one while a browser is open."""
    from playwright.sync_api import sync_playwright

    started = sync_playwright().start()
    atexit.register(started.stop)
    return started
