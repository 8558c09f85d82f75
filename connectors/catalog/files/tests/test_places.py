"""The same work in a local folder, on an SFTP server and in an S3 store."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import facade
from connectors.catalog.files.hooks.signing import sign
from connectors.sdk import ConnectorError, HttpRequest
from ipaas.core import clock
from ipaas.core.errors import Recovery

from .conftest import PASSWORD, Desk, SftpServer
from .s3_server import ACCESS, SECRET


def test_a_file_is_written_listed_read_moved_and_deleted(desk: Desk) -> None:
    desk.call("write_file", "k", path="out/a b ü.txt", text="grüße")
    for number in range(5):
        desk.call("write_file", "k", path=f"out/{number}.csv", text="a\r\n1\r\n")
    listed = desk.call("list_files", folder="out", pattern="*.csv")
    assert [file["name"] for file in listed["files"]] == [f"{n}.csv" for n in range(5)]
    assert desk.call("read_file", path="out/a b ü.txt")["text"] == "grüße"
    assert desk.call("move_file", "k", path="out/0.csv", to="done/0.csv")["done"] is True
    assert desk.call("move_file", "k", path="out/0.csv", to="done/0.csv")["done"] is False
    assert desk.call("delete_file", "k", path="done/0.csv")["done"] is True
    assert desk.call("delete_file", "k", path="done/0.csv")["done"] is False
    assert not [path for path in desk.folder.rglob("*") if path.name.endswith(".part")]


def test_rows_written_are_rows_read(desk: Desk) -> None:
    rows = [{"sku": f"A;{n}", "price": f"{n}.90"} for n in range(25)]
    written = desk.call("write_rows", "key-1", path="out/r-{key}.csv", rows=rows)
    again = desk.call("write_rows", "key-1", path="out/r-{key}.csv", rows=rows)
    other = desk.call("write_rows", "key-2", path="out/r-{key}.csv", rows=rows)
    assert written["path"] == again["path"] != other["path"]
    found: list[Any] = []
    offset: int | None = 0
    while offset is not None:
        part = desk.call("read_rows", path=written["path"], offset=offset, limit=10)
        found += part["rows"]
        offset = part["next_offset"]
    assert found == rows and part["total"] == 25


def test_a_file_with_other_content_is_not_replaced_unless_allowed(desk: Desk) -> None:
    wish = {"path": "a.txt", "text": "one", "if_exists": "fail"}
    assert desk.call("write_file", "k", **wish)["already"] is False
    assert desk.call("write_file", "k", **wish)["already"] is True
    with pytest.raises(ConnectorError) as caught:
        desk.call("write_file", "k", **{**wish, "text": "two"})
    assert caught.value.code == "files.exists"


@pytest.mark.parametrize("path", ["../x", "a/../../x", "..", "a\\..\\x", "a/\x00b", ""])
def test_no_path_leads_out_of_the_folder(desk: Desk, path: str) -> None:
    for operation in ("read_file", "delete_file"):
        with pytest.raises(ConnectorError) as caught:
            desk.call(operation, "k", path=path)
        assert caught.value.recovery is Recovery.FIX_DATA


def test_a_file_that_is_not_there_is_said(desk: Desk) -> None:
    with pytest.raises(ConnectorError) as caught:
        desk.call("read_rows", path="none.csv")
    assert caught.value.code == "files.not_found"
    assert desk.call("list_files", folder="nowhere")["files"] == []


def look(desk: Desk, cursor: Any, **more: Any) -> facade.Polled:
    inputs = {"folder": "in", "pattern": "*.csv", **more}
    return facade.poll(desk.connection.ref, "new_file", cursor, inputs=inputs, limit=3)


def age(path: Path, seconds: int) -> None:
    stamp = (clock.now() - timedelta(seconds=seconds)).timestamp()
    os.utime(path, (stamp, stamp))


def test_new_files_are_told_once_and_again_when_they_change(desk: Desk) -> None:
    age(desk.put("in/old.csv", "a"), 100)
    first = look(desk, None)
    assert first.events == ()
    for number in range(5):
        # A copy keeps the date of its original.
        age(desk.put(f"in/{number}.csv", "a"), 9_000 - number)
    desk.put("in/still-written.csv", "a")
    desk.put("in/x.csv.part", "a")
    one = look(desk, first.cursor)
    two = look(desk, one.cursor)
    told = [event.business_key for event in (*one.events, *two.events)]
    assert told == [f"{n}.csv" for n in range(5)] and (one.more, two.more) == (True, False)
    assert look(desk, two.cursor).events == ()
    age(desk.put("in/1.csv", "changed"), 60)
    age(desk.folder / "in/still-written.csv", 60)
    third = look(desk, two.cursor)
    assert [event.id for event in third.events] == ["in/1.csv", "in/still-written.csv"]
    assert third.events[0].revision != one.events[1].revision


def test_a_link_out_of_the_workspace_is_refused(local: Desk, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("s")
    (local.folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (local.folder / "up").symlink_to(tmp_path)
    for path in ("link.txt", "up/secret.txt"):
        with pytest.raises(ConnectorError) as caught:
            local.call("read_file", path=path)
        assert caught.value.code == "files.path_refused"


def test_without_the_administrators_setting_there_are_no_local_folders(
    local: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CAUSEWAY_FILES_ROOT")
    with pytest.raises(ConnectorError) as caught:
        local.call("list_files")
    assert caught.value.code == "connector.address_refused"


def test_a_host_key_must_be_known_and_stay_the_same(
    connect: Callable[..., facade.Connection], sftp_server: SftpServer
) -> None:
    def refusal(pin: str, password: str = PASSWORD) -> ConnectorError:
        settings = {
            "place": "sftp",
            "host": "127.0.0.1",
            "port": str(sftp_server.port),
            "user": "shop",
            "host_key": pin,
        }
        made = connect({"password": password}, **{n: v for n, v in settings.items() if v})
        with pytest.raises(ConnectorError) as caught:
            facade.call(made.ref, "list_files", {})
        return caught.value

    unknown = refusal("")
    assert unknown.code == "files.host_key_unknown" and sftp_server.fingerprint in unknown.message
    assert refusal("SHA256:another").code == "files.host_key_changed"
    assert refusal(sftp_server.fingerprint, "wrong").code == "files.sign_in"


class At:
    def now(self) -> datetime:
        return datetime(2013, 5, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "headers", "signature"),
    [
        (
            "https://examplebucket.s3.amazonaws.com/test.txt",
            {"Range": "bytes=0-9"},
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J",
            {},
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
        (
            "https://examplebucket.s3.amazonaws.com/?lifecycle",
            {},
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
    ],
)
def test_signatures_are_those_of_the_examples_of_aws(
    url: str, headers: dict[str, str], signature: str
) -> None:
    with clock.use(At()):
        made = sign(
            HttpRequest("GET", url, headers), {"access_key": ACCESS, "secret_key": SECRET}, {}
        )
    assert made.headers["Authorization"].endswith(f"Signature={signature}")
