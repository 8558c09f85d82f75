"""Processes that do not fit together are refused at the start, in words."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from connectors import credentials, rotation, vault
from connectors.models import ConnectionRow
from ipaas.core import clock
from ipaas.core.errors import IpaasError
from runtime.models import Installation, Process
from runtime.workers import folder, topology
from runtime.workers.topology import Presence, WrongTopology, living, require_same_keys
from tests.kit import processes
from tests.kit.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stacks]


def key(name: str, fill: int) -> str:
    return f"{name}:{base64.b64encode(bytes([fill]) * 32).decode()}"


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Gives this process other master keys."""

    def use(*names: str) -> None:
        monkeypatch.setenv("CAUSEWAY_MASTER_KEY", ",".join(names))
        vault.forget_keys()

    yield use
    monkeypatch.undo()
    vault.forget_keys()


def test_two_installations_with_different_keys_cannot_share_a_database(keys: Any) -> None:
    keys(key("k1", 1))
    require_same_keys()
    keys(key("k1", 2))
    with pytest.raises(WrongTopology, match="another installation"):
        require_same_keys()
    keys(key("k1", 1))
    require_same_keys()
    assert all(base64.b64encode(bytes([1]) * 32).decode() not in each for each in known_keys())


def known_keys() -> list[str]:
    found: list[str] = Installation.objects.get().known_keys
    return found


def test_a_new_key_joins_and_processes_without_it_are_refused(keys: Any) -> None:
    keys(key("k1", 1))
    require_same_keys()
    keys(key("k1", 1), key("k2", 2))  # first behind the old one, everywhere
    require_same_keys()
    keys(key("k1", 1))
    require_same_keys()
    keys(key("k2", 2), key("k1", 1))  # then in front of it
    require_same_keys()
    keys(key("k1", 1), key("k2", 2))  # one that was started late
    require_same_keys()
    keys(key("k1", 1))
    with pytest.raises(WrongTopology, match="newest master key"):
        require_same_keys()
    keys(key("k2", 2))  # the old key was retired
    require_same_keys()


def test_keys_that_were_rotated_while_nothing_ran_still_fit(keys: Any) -> None:
    keys(key("k1", 1))
    require_same_keys()
    keys(key("k2", 2), key("k1", 1))
    list(rotation.reseal())
    keys(key("k2", 2))
    assert rotation.left_to_do() == {}
    require_same_keys()


def another(host: str = "other.example", *, alone: bool = False, **more: Any) -> Process:
    now = clock.now()
    wish = {"pid": 4711, "started_at": now, "seen_at": now, "role": "web", **more}
    return Process.objects.create(id=f"{host}:{wish['pid']}", host=host, alone=alone, **wish)


def begin(settings: Any, *, embedded: bool) -> None:
    settings.EMBEDDED = embedded
    presence = Presence("web")
    try:
        presence.begin()
        assert presence.id in [each.id for each in living()]
    finally:
        presence.end()


@pytest.fixture
def own_folder(settings: Any, tmp_path: Path) -> Iterator[None]:
    """A data folder that nobody has locked."""
    settings.DATA_DIR = tmp_path
    if connection.vendor == "sqlite":
        settings.REDIS_URL = ""
    yield
    folder.free()


@pytest.mark.usefixtures("own_folder")
def test_a_process_that_needs_the_database_alone_is_refused_beside_another(settings: Any) -> None:
    another()
    with pytest.raises(WrongTopology) as refused:
        begin(settings, embedded=True)
    words = "one machine" if connection.vendor == "sqlite" else "Redis is missing"
    assert words in refused.value.message
    assert "other.example" in refused.value.message
    assert refused.value.hint


@pytest.mark.usefixtures("own_folder")
def test_no_process_joins_one_that_needs_the_database_alone(settings: Any) -> None:
    another(alone=True)
    with pytest.raises(WrongTopology):
        begin(settings, embedded=False)


@pytest.mark.usefixtures("own_folder")
def test_many_that_share_redis_work_beside_each_other(settings: Any) -> None:
    another()
    begin(settings, embedded=False)


@pytest.mark.usefixtures("own_folder")
def test_the_dead_do_not_stand_in_the_way(settings: Any) -> None:
    silent = clock.now() - topology.SILENT_AFTER - timedelta(seconds=1)
    another(alone=True, seen_at=silent)
    another(socket.gethostname(), alone=True, pid=2**22 + 7)  # killed on this machine just now
    begin(settings, embedded=True)


@pytest.mark.usefixtures("own_folder")
def test_one_that_died_with_a_clock_ahead_does_not_stand_in_the_way(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology, "GHOST_S", 0.0)
    another("another-name", alone=True, seen_at=clock.now() + timedelta(days=1))
    begin(settings, embedded=True)


@pytest.mark.usefixtures("own_folder")
def test_one_that_lives_with_a_clock_ahead_is_still_seen(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Moves:
        def wait(self, seconds: float) -> None:
            Process.objects.update(seen_at=clock.now() + timedelta(days=1, seconds=seconds))

    another("another-name", alone=True, seen_at=clock.now() + timedelta(days=1))
    presence = Presence("embedded")
    monkeypatch.setattr(presence, "_stopped", Moves())
    settings.EMBEDDED = True
    with pytest.raises(WrongTopology, match="another-name"):
        presence._enter()


@pytest.mark.usefixtures("own_folder")
def test_sqlite_and_redis_together_are_refused(settings: Any) -> None:
    if connection.vendor != "sqlite":
        return
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(WrongTopology, match="SQLite"):
        begin(settings, embedded=False)


def test_a_clock_that_differs_from_the_databases_is_measured(monkeypatch: Any) -> None:
    class Fast(clock.SystemClock):
        def now(self) -> Any:
            return super().now() + timedelta(seconds=30)

    honest = topology.measure_skew_ms()
    monkeypatch.setattr(clock, "SystemClock", Fast)
    ahead = topology.measure_skew_ms()
    if connection.vendor == "postgresql":
        assert abs(honest) < 2_000 < 28_000 < ahead
    else:
        assert (honest, ahead) == (0, 0)


def test_a_second_server_on_one_sqlite_folder_does_not_start(tmp_path: Path) -> None:
    env = {
        "DJANGO_SETTINGS_MODULE": "ipaas.settings",
        "CAUSEWAY_DATA_DIR": str(tmp_path),
        "CAUSEWAY_DATABASE_URL": "",
        "CAUSEWAY_REDIS_URL": "",
    }
    holder = processes.spawn(
        processes.python(
            "-c",
            "import fcntl, sys, time; f = open(sys.argv[1], 'w');"
            "fcntl.flock(f, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)",
            str(tmp_path / "causeway.lock"),
        ),
        log=tmp_path / "holder.log",
    )
    try:
        until(lambda: "held" in processes.tail(tmp_path / "holder.log"), what="the lock")
        port = str(processes.free_port())
        server = processes.spawn(
            processes.python("-m", "uvicorn", "ipaas.asgi:application", "--port", port),
            log=tmp_path / "server.log",
            env={**os.environ, **env},
        )
        assert server.wait(60) != 0
        assert "already running" in processes.tail(tmp_path / "server.log")
    finally:
        processes.kill(holder)


@pytest.mark.usefixtures("own_folder")
def test_a_process_that_cannot_open_the_stored_secrets_does_not_start(
    settings: Any, keys: Any, cast: Any
) -> None:
    keys(key("k1", 1))
    row = ConnectionRow.objects.create(
        workspace_id=cast.north.id, environment="test", slug="m", name="M", connector="magento"
    )
    credentials.replace(cast.north.id, row.id, {"access_token": "t"}, version=None)
    keys(key("k2", 2))
    with pytest.raises(IpaasError) as refused:
        begin(settings, embedded=False)
    assert refused.value.code == "vault.keys_wrong"
    assert "CAUSEWAY_MASTER_KEY" in refused.value.hint
    assert not living()
