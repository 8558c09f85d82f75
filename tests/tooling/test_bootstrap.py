"""What stops a first start is said in one sentence that tells what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.kit.processes import ROOT


def bootstrap(checkout: Path, before: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run the bootstrap of a copy, after ``before`` has bent the machine."""
    shutil.copytree(ROOT / ".ci", checkout / ".ci", ignore=shutil.ignore_patterns("__pycache__"))
    script = f"""
import runpy, sys
sys.path.insert(0, {str(checkout / ".ci")!r})
sys.argv = ["bootstrap.py"]
{textwrap.dedent(before)}
runpy.run_path({str(checkout / ".ci" / "bootstrap.py")!r}, run_name="__main__")
"""
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        timeout=120,
    )


def the_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The last line, after checks that it is the end of a refusal and not of a crash."""
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_an_old_python_is_told_which_one_is_needed(tmp_path: Path) -> None:
    done = bootstrap(
        tmp_path,
        """
        import shutil
        shutil.which = lambda name: None
        sys.version_info = (3, 9, 2)
        """,
    )
    assert "needs Python 3.11 or newer, and this is Python 3.9" in the_sentence(done)


def test_a_python_without_venv_names_the_package_to_install(tmp_path: Path) -> None:
    sentence = the_sentence(bootstrap(tmp_path, "sys.modules['ensurepip'] = None"))
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"apt install python{version}-venv" in sentence


def test_a_full_disk_is_found_before_anything_is_written(tmp_path: Path) -> None:
    done = bootstrap(
        tmp_path,
        """
        import collections, shutil
        usage = collections.namedtuple("usage", "total used free")
        shutil.disk_usage = lambda path: usage(10**9, 10**9, 12_000_000)
        """,
    )
    assert "The disk has 12 MB free" in the_sentence(done)
    assert not (tmp_path / ".venv").exists()


def machine_with(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the bootstrap where pip is set up in no other way than ``env`` says."""
    set_up = {name: "" for name in os.environ if name.upper().startswith("PIP_")}
    set_up |= {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "PIP_RETRIES": "0"}
    return bootstrap(tmp_path / "checkout", **{**set_up, "NO_PROXY": "*", **env})


NOBODY_THERE = "http://127.0.0.1:9/"


def test_without_a_network_it_says_so(tmp_path: Path) -> None:
    done = machine_with(tmp_path, PIP_INDEX_URL=NOBODY_THERE)
    assert "The package registry cannot be reached" in the_sentence(done)


def test_without_a_network_other_versions_at_hand_do_not_hide_the_cause(tmp_path: Path) -> None:
    first = (ROOT / ".ci" / "requirements.lock").read_text().split("==")[0]
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / f"{first}-0.0.1-py3-none-any.whl").touch()
    done = machine_with(
        tmp_path, PIP_INDEX_URL=NOBODY_THERE, PIP_FIND_LINKS=str(tmp_path / "wheels")
    )
    assert "from versions: 0.0.1" in done.stderr
    assert "The package registry cannot be reached" in the_sentence(done)


def test_a_registry_that_lacks_a_package_is_not_called_unreachable(tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    done = machine_with(tmp_path, PIP_INDEX_URL=(tmp_path / "registry").as_uri())
    assert "The package registry lacks a locked package" in the_sentence(done)


def test_a_fault_of_our_own_is_not_blamed_on_the_network(tmp_path: Path) -> None:
    done = bootstrap(
        tmp_path,
        """
        import bootstrap
        try:
            bootstrap.run([sys.executable, "-m", "no_such.module"], doing="building")
        except bootstrap.CannotGoOn as error:
            sys.exit(f"causeway: {error}")
        """,
    )
    assert "ModuleNotFoundError" in done.stderr  # holds the word of npm for an unknown host
    assert the_sentence(done) == "causeway: Building failed; the lines above say why."
