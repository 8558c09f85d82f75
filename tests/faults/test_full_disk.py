"""The database is full: only what is kept is acknowledged, and all goes on when there is room."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from ipaas.core import clock
from runtime import store
from runtime.models import Event
from tests.faults.town import Victim, judge, open_town
from tests.faults.yard.scene import Scene, scene
from tests.kit import processes, servers
from tests.kit.waiting import until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.only_if(servers.chosen_stack(os.environ) == "embedded"),
]


@pytest.fixture
def played(settings: Any) -> Iterator[Scene]:
    with scene(settings) as made:
        yield made


@contextmanager
def no_room() -> Iterator[None]:
    """This connection's database may not grow by a page."""
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        most = cursor.execute("PRAGMA max_page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA max_page_count = {most}")


def tmpfs(folder: Path, megabytes: int, *more: str) -> bool:
    """Whether this process may mount a small file system of its own there (or resize it)."""
    options = ",".join((f"size={megabytes}m", *more))
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or not tmpfs(folder, 300):
        pytest.skip("only root of a machine of its own may mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.only_if(bool(os.environ.get("CAUSEWAY_LONG")))
def test_a_product_whose_disk_is_full_goes_on_when_there_is_room(
    small_disk: Path, tmp_path: Path
) -> None:
    """The whole product on a file system that is filled to its last byte, and then has room."""
    town = open_town(tmp_path, {"CAUSEWAY_DATA_DIR": str(small_disk)})
    url, log = town.env["CAUSEWAY_PUBLIC_URL"], tmp_path / "product.log"
    town.victims = [
        Victim(
            "product",
            processes.python("manage.py", "up", "--no-sandbox"),
            lambda process: processes.wait_for_http(f"{url}/login", process, log),
        )
    ]
    try:
        town.start(town.victims[0])
        known = [order["entity_id"] for order in town.records("magento", "order")]
        first = max(known, default=0) + 1
        filler = small_disk / "filler"
        room = shutil.disk_usage(small_disk).free
        filler.write_bytes(b"x" * max(0, room - 400_000))
        with filler.open("ab", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass  # now it is full
        town.place(60, seed=1)
        until(lambda: town.refused() > 20, what="webhooks refused for want of room", deadline_s=60)
        assert len(town.records("quickbooks", "Invoice")) < 60
        filler.unlink()
        until(lambda: town.undelivered() == 0, what="webhooks taken", deadline_s=90, every_s=0.3)
        until(lambda: not judge(town, first).missing, what="all invoices", deadline_s=90)
        verdict = judge(town, first)
        assert verdict.orders == 60
        assert verdict.good, verdict
    finally:
        town.stop()


def test_a_full_disk_costs_time_and_no_paper(played: Scene) -> None:
    played.publish_post("post_searched")
    acknowledged = [f"before{n}" for n in range(5)]
    for name in acknowledged:
        played.bring(name)
    with no_room():
        for number in range(500):
            name = f"full{number}"
            try:
                played.bring(name, filler=secrets.token_hex(2_000))
            except OperationalError:
                break
            acknowledged.append(name)
        else:
            raise AssertionError("the disk was never full")
        assert Event.objects.count() == len(acknowledged), "acknowledged is kept, and only that"
        with clock.use(played.stage.later):
            try:
                played.stage.worker.work_once(8)
            except OperationalError:
                pass  # not even a claim could be written
        refused = name
    played.stage.skip(store.LEASE.total_seconds() + 1)
    played.bring(refused)  # its sender tries again
    played.play()
    assert {name: played.papers(name) for name in (*acknowledged, refused)} == dict.fromkeys(
        (*acknowledged, refused), 1
    )
    assert set(played.statuses()) == {"succeeded"}
