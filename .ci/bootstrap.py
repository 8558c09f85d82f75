"""Makes a checkout ready to run, from nothing but Python; a second call returns at once.

Only the standard library is used here, because nothing else is installed yet. Usage:

    python3 .ci/bootstrap.py          what running needs
    python3 .ci/bootstrap.py dev      and what the tests need
    python3 .ci/bootstrap.py run      what running needs, then the product itself
"""

import os
import shutil
import subprocess
import sys

if sys.version_info < (3, 11):  # before any import that an old Python lacks
    for _name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        _newer = shutil.which(_name)
        if _newer:
            os.execv(_newer, [_newer] + sys.argv)
    sys.exit(
        "Causeway needs Python 3.11 or newer, and this is Python %d.%d: install a newer one, then "
        "run this again, for example as: make run PYTHON=python3.12" % sys.version_info[:2]
    )

import errno
import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CI = ROOT / ".ci"
VENV = ROOT / ".venv"
TOOLS = ROOT / ".tools"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMPS = TOOLS / "stamps.json"


class CannotGoOn(Exception):
    """Something only a person can mend; the text is one sentence that says what."""


def say(text):
    """Tell what takes the time."""
    print(f"causeway: {text}", flush=True)


def digest(*paths):
    """Fingerprint of the content of files and of all files in folders."""
    result = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                result.update(str(file.relative_to(ROOT)).encode() + b"\0")
                result.update(file.read_bytes())
    return result.hexdigest()


def done_before(name, fingerprint):
    """Whether step ``name`` was finished for exactly this input."""
    try:
        return json.loads(STAMPS.read_text()).get(name) == fingerprint
    except (OSError, ValueError):
        return False


def remember(name, fingerprint):
    """Note that step ``name`` is finished for this input."""
    try:
        stamps = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        stamps = {}
    stamps[name] = fingerprint
    TOOLS.mkdir(exist_ok=True)
    new = STAMPS.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(stamps, indent=1))
    os.replace(new, STAMPS)


def need_space(megabytes, what):
    """Stop early if the disk cannot hold what comes next."""
    free = shutil.disk_usage(ROOT).free // 1_000_000
    if free < megabytes:
        raise CannotGoOn(
            f"The disk has {free} MB free, and {what} needs about {megabytes} MB: "
            f"make room, then run this again."
        )


def run(command, *, doing, cwd=ROOT, env=None, log=None):
    """Run a program quietly; on failure show the end of what it said, and why it may be.

    The cause is looked for in the file ``log`` too, where the program keeps what it does not print.
    """
    command = [str(part) for part in command]
    try:
        result = subprocess.run(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise CannotGoOn(f"{command[0]} is missing, so {doing} failed.") from error
    if result.returncode:
        lines = result.stdout.splitlines()
        if len(lines) > 50:  # npm says why at the top, pip at the end
            lines = [*lines[:20], f"[{len(lines) - 45} lines left out]", *lines[-25:]]
        print("\n".join(lines), file=sys.stderr)
        more = log.read_text(errors="replace") if log and log.exists() else ""
        raise CannotGoOn(_why(result.stdout + more, doing))
    return result.stdout


def _why(output, doing):
    text = output.lower()
    if "no space left" in text or "enospc" in text:
        return f"The disk is full, so {doing} failed: make room, then run this again."
    offline = (
        "name resolution", "temporary failure", "failed to establish", "network is unreachable",
        "enotfound", "eai_again", "econnrefused", "etimedout", "getaddrinfo", "proxyerror",
        "connection refused", "timed out",
    )  # fmt: skip
    if re.search(rf"\b(?:{'|'.join(offline)})\b", text):  # whole words: modulENOTFOUNDerror is none
        return (
            f"The package registry cannot be reached, so {doing} failed: "
            f"check the network, then run this again."
        )
    if re.search(r"\b(?:no matching distribution|etarget|e404)\b", text):
        return (
            f"The package registry lacks a locked package, so {doing} failed: "
            f"check which registry this machine is set up for, then run this again."
        )
    return f"{doing[0].upper()}{doing[1:]} failed; the lines above say why."


def ready_python(dev):
    """A virtual environment with the locked packages."""
    locks = [CI / "requirements.lock"] + ([CI / "requirements-dev.lock"] if dev else [])
    name = "python-dev" if dev else "python"
    version = ".".join(map(str, sys.version_info[:2]))
    fingerprint = f"{version} {digest(*locks)}"
    if PYTHON.exists() and done_before(name, fingerprint):
        return
    need_space(2000 if dev else 1000, "installing Causeway")
    if not _usable_venv():
        _make_venv()
    say("installing Python packages (about a minute the first time)")
    pip_install(*locks, doing="installing Python packages")
    remember("python", f"{version} {digest(CI / 'requirements.lock')}")
    remember(name, fingerprint)


def ready_other_client():
    """A client library whose package has the name of a locked one: it gets a folder of its own."""
    lock, place = CI / "mymagento.lock", TOOLS / "mymagento"
    if place.exists() and done_before("mymagento", digest(lock)):
        return
    shutil.rmtree(place, ignore_errors=True)
    pip_install(lock, doing="installing a client library", into=place)
    remember("mymagento", digest(lock))


def pip_install(*locks, doing, into=None):
    """Install what lock files name into the virtual environment, or alone ``into`` a folder."""
    # pip prints only that it found no fitting version; that an index did not answer is in its log.
    log = VENV / "pip.log"
    log.unlink(missing_ok=True)
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--log", log]
    command += ["--no-deps", "--target", into] if into else []
    for lock in locks:
        command += ["-r", lock]
    run(command, doing=doing, log=log)


def _usable_venv():
    if not PYTHON.exists():
        return False
    asked = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    found = subprocess.run([str(PYTHON), "-c", asked], capture_output=True, text=True)
    return found.returncode == 0 and found.stdout.strip() == "%d.%d" % sys.version_info[:2]


def _make_venv():
    version = "%d.%d" % sys.version_info[:2]
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError as error:
        raise CannotGoOn(
            f"Python's venv module is missing: install it (on Debian and Ubuntu: "
            f"apt install python{version}-venv), then run this again."
        ) from error
    say("making a virtual environment in .venv")
    try:
        venv.EnvBuilder(clear=True, with_pip=True, symlinks=os.name != "nt").create(VENV)
    except subprocess.CalledProcessError as error:
        raise CannotGoOn(
            f"Python could not make a virtual environment: install its venv module (on Debian and "
            f"Ubuntu: apt install python{version}-venv), then run this again."
        ) from error


def start():
    """Become the product, which looks at ports and disk itself."""
    command = [str(PYTHON), str(ROOT / "manage.py"), "up"]
    if os.name == "nt":
        sys.exit(subprocess.call(command, cwd=ROOT))
    os.chdir(ROOT)
    os.execv(command[0], command)


def main(mode):
    """Do what ``mode`` names."""
    import frontend

    ready_python(dev=mode == "dev")
    frontend.ready_designer()
    if mode == "dev":
        ready_other_client()
        frontend.ready_chromium()
    if mode == "run":
        start()


if __name__ == "__main__":
    sys.modules["bootstrap"] = sys.modules["__main__"]
    chosen = sys.argv[1] if len(sys.argv) > 1 else "base"
    if chosen not in ("base", "dev", "run"):
        sys.exit(__doc__)
    try:
        main(chosen)
    except CannotGoOn as error:
        sys.exit(f"causeway: {error}")
    except KeyboardInterrupt:
        sys.exit("causeway: stopped.")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            sys.exit("causeway: The disk is full: make room, then run this again.")
        raise
