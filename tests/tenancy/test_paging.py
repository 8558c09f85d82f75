"""Pages of a list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipaas.tenancy import paging
from ipaas.tenancy.models import FailedLogin
from ipaas.tenancy.paging import CursorInvalid
from tests.kit.cast import ApiClient, Cast

ORDER = ("-name", "-id")


def fill(count: int) -> None:
    """Rows of which several share a name."""
    from ipaas.core import clock

    FailedLogin.objects.bulk_create(
        FailedLogin(address="a", name=f"n{number // 3:03}", at=clock.now())
        for number in range(count)
    )


def test_pages_together_are_the_whole_list_once(db: None) -> None:
    fill(17)
    seen, cursor = [], None
    while True:
        page = paging.cut(FailedLogin.objects.all(), *ORDER, cursor=cursor, limit=5)
        seen += [row.pk for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == list(FailedLogin.objects.order_by(*ORDER).values_list("pk", flat=True))


def test_rows_added_in_between_shift_nothing(db: None) -> None:
    fill(6)
    first = paging.cut(FailedLogin.objects.all(), "-id", limit=3)
    fill(4)
    second = paging.cut(FailedLogin.objects.all(), "-id", cursor=first.next, limit=3)
    assert [row.pk for row in second.items] == [row.pk - 3 for row in first.items]
    assert second.next is None


@pytest.mark.parametrize("cursor", ["x", "!!!!", "AAAA", paging.encode(1), paging.encode(1, 2, 3)])
def test_a_made_up_cursor_is_refused(db: None, cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        paging.cut(FailedLogin.objects.all(), *ORDER, cursor=cursor)


STORED = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(st.lists(st.one_of(st.integers(-(2**53), 2**53), STORED), min_size=1, max_size=4))
def test_a_cursor_keeps_its_values(values: list[int | str]) -> None:
    assert paging.decode(paging.encode(*values), len(values)) == values


def test_a_senseless_limit_is_explained(cast: Cast) -> None:
    answer = ApiClient(cast.alice).get("/api/v1/w/north/flows?limit=many")
    assert answer.status == 400
    assert "whole number" in answer.json["title"]
