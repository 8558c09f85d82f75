"""What JavaScript needs: Node, the built designer, and a browser for the tests."""

import json
import os
import platform
import shutil
import stat
import subprocess
import sys
import tarfile

from bootstrap import (
    BIN,
    CI,
    PYTHON,
    ROOT,
    TOOLS,
    digest,
    done_before,
    need_space,
    pip_install,
    remember,
    run,
    say,
)

DESIGNER = ROOT / "designer" / "frontend"
BUILT = ROOT / "static" / "designer"
CHROMIUM = TOOLS / "chromium"
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  {aliases}
</fontconfig>
"""
ALIAS = "<alias><family>{}</family><default><family>Open Sans</family></default></alias>"


def node_environment():
    """Environment in which ``node`` and ``npm`` are new enough; installs them if need be."""
    if not _new_enough(shutil.which("node")) or not shutil.which("npm"):
        own = BIN / ("node.exe" if os.name == "nt" else "node")
        if not _new_enough(str(own) if own.exists() else None):
            need_space(400, "installing Node.js")
            say("installing Node.js into .venv (this machine has none that is new enough)")
            pip_install(CI / "requirements-node.lock", doing="installing Node.js")
        return {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    return dict(os.environ)


def ready_designer():
    """The designer's front end, built from the sources as they are now."""
    if not (DESIGNER / "package.json").exists():
        return
    modules = DESIGNER / "node_modules"
    packages = digest(DESIGNER / "package.json", DESIGNER / "package-lock.json")
    sources = digest(*(p for p in sorted(DESIGNER.iterdir()) if p.name not in _NOT_SOURCES))
    installed = modules.is_dir() and done_before("designer packages", packages)
    if installed and BUILT.is_dir() and done_before("designer build", sources):
        return
    environment = node_environment()
    npm = shutil.which("npm", path=environment["PATH"])
    if not installed:
        need_space(700, "building the designer")
        say("installing the designer's packages (about half a minute the first time)")
        run([npm, "ci", "--no-audit", "--no-fund"], doing="installing the designer's packages",
            cwd=DESIGNER, env=environment)  # fmt: skip
        remember("designer packages", packages)
    say("building the designer")
    run([npm, "run", "build"], doing="building the designer", cwd=DESIGNER, env=environment)
    run(
        [PYTHON, "-m", "whitenoise.compress", "-q", str(BUILT)],
        doing="compressing the designer",
    )
    remember("designer build", sources)


_NOT_SOURCES = {"node_modules", "dist", "coverage", "test-results"}


def ready_chromium():
    """A Chromium for the browser stories: the machine's own, else one from a package.

    ``CAUSEWAY_CHROMIUM`` chooses: a path, ``system`` or ``package``.
    """
    choice = os.environ.get("CAUSEWAY_CHROMIUM", "")
    on_machine = any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    if choice == "system" or os.path.isabs(choice) or (on_machine and choice != "package"):
        return
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64"):
        say("there is no packaged Chromium for this platform; install one to run the stories")
        return
    fingerprint = digest(CI / "chromium", CI / "frontend.py")
    if (CHROMIUM / "chromium").exists() and done_before("chromium", fingerprint):
        return
    need_space(700, "the test browser")
    say("unpacking a Chromium for the browser stories into .tools")
    environment = node_environment()
    npm = shutil.which("npm", path=environment["PATH"])
    node = shutil.which("node", path=environment["PATH"])
    shutil.rmtree(CHROMIUM, ignore_errors=True)
    shutil.copytree(CI / "chromium", CHROMIUM)
    run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        doing="installing the test browser", cwd=CHROMIUM, env=environment)  # fmt: skip
    run([node, "unpack.mjs"], doing="unpacking the test browser", cwd=CHROMIUM, env=environment)
    for archive in ("al2023.tar", "fonts.tar"):
        with tarfile.open(CHROMIUM / archive) as tar:
            tar.extractall(CHROMIUM, **_SAFE)
        (CHROMIUM / archive).unlink()
    shutil.rmtree(CHROMIUM / "node_modules")
    binary = CHROMIUM / "chromium"
    binary.chmod(binary.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    families = ("sans-serif", "serif", "monospace", "system-ui")
    (CHROMIUM / "fonts.conf").write_text(
        FONTS.format(
            fonts=CHROMIUM / "fonts",
            cache=CHROMIUM / "font-cache",
            aliases="\n  ".join(map(ALIAS.format, families)),
        )
    )
    remember("chromium", fingerprint)


_SAFE = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}


def _new_enough(node):
    if not node:
        return False
    asked = subprocess.run(
        [node, "-p", "JSON.stringify(process.versions.node.split('.').map(Number))"],
        capture_output=True,
        text=True,
    )
    try:
        major, minor = json.loads(asked.stdout)[:2]
    except ValueError:
        return False
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)
