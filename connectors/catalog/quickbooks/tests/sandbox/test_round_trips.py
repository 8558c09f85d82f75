"""What is read can be sent back without a loss."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.catalog.quickbooks.tests.sandbox.company import Books
from connectors.catalog.quickbooks.tests.verbs import ROWS, Body, Row

WRITTEN = [row for row in ROWS if row.has("update")]


def maker(books: Books) -> Callable[[str, Body], Body]:
    return lambda entity, body: books.write(entity, body)


@pytest.mark.parametrize("row", WRITTEN, ids=[row.name for row in WRITTEN])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_record_sent_back_as_it_was_read_keeps_every_field(
    books: Books, row: Row, sparse: bool
) -> None:
    made = books.write(row.entity, row.example(maker(books), "R-1"))
    again = books.write(row.entity, {**made, "sparse": sparse}, operation="update")
    assert again["SyncToken"] == "1"
    left_out = ("SyncToken", "MetaData")
    assert {k: v for k, v in again.items() if k not in left_out} == {
        k: v for k, v in made.items() if k not in left_out
    }
