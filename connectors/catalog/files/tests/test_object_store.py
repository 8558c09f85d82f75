"""Against an S3 server that others wrote: listing, ranges, copies, odd names, wrong keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors import facade
from connectors.sdk import ConnectorError
from ipaas.core.errors import Recovery
from tests.kit.object_store import BUCKET, ObjectStore

from .conftest import Desk

SECRETS = {"access_key": "tests", "secret_key": "tests-tests-tests"}


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    made = ObjectStore()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", SECRETS["access_key"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["secret_key"])
        made.start()
        made.make_bucket()
        yield made
        made.stop()


@pytest.fixture
def desk(connect: Callable[..., facade.Connection], store: ObjectStore, tmp_path: Any) -> Desk:
    connection = connect(
        SECRETS, place="s3", base_url=store.endpoint, bucket=BUCKET, folder="in out"
    )
    return Desk(connection, tmp_path)


def test_files_with_odd_names_are_written_listed_read_moved_and_deleted(
    desk: Desk, store: ObjectStore
) -> None:
    odd = "out/a+b ü (1)~%.csv"
    desk.call("write_rows", "k", path=odd, rows=[{"sku": "A;1", "price": "1.90"}])
    assert store.content(f"in out/{odd}") == b"sku,price\r\nA;1,1.90\r\n"
    assert desk.rows(odd) == [{"sku": "A;1", "price": "1.90"}]
    assert [file["path"] for file in desk.call("list_files", folder="out")["files"]] == [odd]
    assert desk.call("move_file", "k", path=odd, to="done/ä b.csv")["done"] is True
    assert store.names() == ["in out/done/ä b.csv"]
    assert desk.call("delete_file", "k", path="done/ä b.csv")["done"] is True
    assert desk.call("delete_file", "k", path="done/ä b.csv")["done"] is False


def test_more_files_than_one_answer_holds_are_listed(desk: Desk, store: ObjectStore) -> None:
    for number in range(1_003):
        store.put(f"in out/many/{number:04}.txt", b"x")
    listed = desk.call("list_files", folder="many", limit=5_000)
    assert (listed["count"], listed["more"]) == (1_003, False)


def test_a_file_larger_than_one_range_is_read_row_by_row(desk: Desk, store: ObjectStore) -> None:
    line = b"%07d;Customer;some text that makes the row longer than it needs to be\n"
    content = b"nr;name;text\n" + b"".join(line % number for number in range(80_000))
    store.put("in out/large.csv", content)
    assert len(content) > 4 * 1024 * 1024
    part = desk.call("read_rows", path="large.csv", offset=79_998, limit=10)
    assert [row["nr"] for row in part["rows"]] == ["0079998", "0079999"]
    assert part["total"] == 80_000


def test_a_bucket_that_is_not_there_is_said_by_the_stores_own_words(
    connect: Callable[..., facade.Connection], store: ObjectStore
) -> None:
    made = connect(SECRETS, place="s3", base_url=store.endpoint, bucket="other")
    with pytest.raises(ConnectorError) as caught:
        facade.call(made.ref, "list_files", {})
    assert caught.value.recovery is Recovery.FIX_DATA
    assert "bucket" in caught.value.message
