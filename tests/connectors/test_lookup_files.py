"""Files into and out of lookup tables and cross-references."""

from __future__ import annotations

import io
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from connectors import facade
from connectors.models import ConnectionRow
from ipaas.tenancy.models import AuditEntry
from tests.kit.cast import ApiAnswer, ApiClient, Cast

NORTH = "/api/v1/w/north"
COLUMNS = [
    {"name": "code", "title": "Code", "key": True},
    {"name": "account", "title": "Account", "type": "number"},
    {"name": "since", "title": "Since", "type": "date"},
]
MATCHING = {"code": "Code", "account": "Account", "since": "Since"}


@pytest.fixture
def table(alice: ApiClient) -> dict[str, Any]:
    body = {"name": "Accounts", "columns": COLUMNS}
    found: dict[str, Any] = alice.post(f"{NORTH}/lookups", body).json
    return found


def send(client: ApiClient, content: bytes, name: str = "accounts.csv") -> ApiAnswer:
    return ApiAnswer(
        client.http.post(
            f"{NORTH}/uploads",
            data=content,
            content_type="application/octet-stream",
            headers={"X-File-Name": name},
        )
    )


def take(client: ApiClient, table: dict[str, Any], content: bytes, **change: Any) -> ApiAnswer:
    """The answer to taking a file over, on top of the newest version."""
    upload = send(client, content).json["id"]
    path = f"{NORTH}/lookups/{table['id']}"
    body = {"upload": upload, "matching": MATCHING, "mode": "merge"}
    body |= {"based_on": client.get(path).json["version"]} | change
    return client.post(f"{path}/import", body)


def preview(client: ApiClient, table: dict[str, Any], content: bytes, mode: str) -> Any:
    body = {"upload": send(client, content).json["id"], "matching": MATCHING, "mode": mode}
    return client.post(f"{NORTH}/lookups/{table['id']}/import-preview", body).json


def accounts(client: ApiClient, table: dict[str, Any]) -> dict[str, Any]:
    found = client.get(f"{NORTH}/lookups/{table['id']}/rows").json["items"]
    return {row["key"]: row["values"]["account"] for row in found}


def counts(found: Any) -> tuple[int, ...]:
    return tuple(found[name] for name in ("added", "changed", "unchanged", "kept", "removed"))


FIRST = b"Code,Account,Since\r\nA,1,2026-01-01\r\nB,2,2026-01-01\r\n"
SECOND = b"Code;Account;Since\nB;20;2026-01-01\nC;3;01.02.2026\n"


def test_a_preview_counts_what_each_mode_would_do(alice: ApiClient, table: Any) -> None:
    assert take(alice, table, FIRST).json["version"]["added"] == 2
    assert counts(preview(alice, table, SECOND, "merge")) == (1, 1, 0, 0, 0)
    assert counts(preview(alice, table, SECOND, "add")) == (1, 0, 0, 1, 0)
    assert counts(preview(alice, table, SECOND, "replace")) == (1, 1, 0, 0, 1)
    assert accounts(alice, table) == {"A": 1, "B": 2}


@pytest.mark.parametrize(
    ("mode", "left"),
    [
        ("merge", {"A": 1, "B": 20, "C": 3}),
        ("add", {"A": 1, "B": 2, "C": 3}),
        ("replace", {"B": 20, "C": 3}),
    ],
)
def test_a_file_is_taken_over(alice: ApiClient, table: Any, mode: str, left: Any) -> None:
    take(alice, table, FIRST)
    made = take(alice, table, SECOND, mode=mode, note="February").json["version"]
    assert (made["number"], made["note"], made["action"]) == (3, "February", "imported")
    assert accounts(alice, table) == left


def test_columns_a_file_does_not_have_keep_what_they_hold(alice: ApiClient, table: Any) -> None:
    take(alice, table, FIRST)
    take(alice, table, b"Code,Account\nA,5\n", matching={"code": "Code", "account": "Account"})
    rows = alice.get(f"{NORTH}/lookups/{table['id']}/rows").json["items"]
    assert rows[0]["values"] == {"code": "A", "account": 5, "since": "2026-01-01"}


def test_faulty_rows_are_named_and_stop_the_import_until_they_are_left_out(
    alice: ApiClient, table: Any
) -> None:
    content = b"Code,Account,Since\nA,one,2026-01-01\n,2,\nB,3,yesterday\nC,4,\nC,5,\n"
    found = preview(alice, table, content, "merge")
    assert [(f["row"], f["column"]) for f in found["faults"]] == [
        (2, "Account"),
        (3, "Code"),
        (4, "Since"),
        (6, "Code"),
    ]
    assert found["fault_count"] == 4
    refused = take(alice, table, content)
    assert (refused.status, refused.json["code"]) == (422, "import.invalid")
    assert take(alice, table, content, skip_faulty=True).status == 200
    assert accounts(alice, table) == {"C": 4}


def test_an_excel_file_comes_in_and_goes_out_unchanged(alice: ApiClient, table: Any) -> None:
    book = Workbook()
    sheet = book.active
    for line in (("Code", "Account", "Since"), ("=1+1", 4000, "2026-01-01"), ("007", 0.5, None)):
        sheet.append(line)
    sheet["A2"].data_type = "s"
    out = io.BytesIO()
    book.save(out)
    assert take(alice, table, out.getvalue()).status == 200
    before = accounts(alice, table)
    assert set(before) == {"=1+1", "007"}
    fetched = alice.http.get(f"{NORTH}/lookups/{table['id']}/export?form=xlsx")
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="accounts.xlsx"'
    cells = load_workbook(io.BytesIO(fetched.content))["accounts"]
    assert {cell.data_type for cell in cells["A"]} == {"s"}
    found = take(alice, table, fetched.content, mode="replace")
    assert found.json["version"] is None
    assert accounts(alice, table) == before


def test_a_csv_runs_no_formula_in_a_spreadsheet_and_comes_back_unchanged(
    alice: ApiClient, table: Any
) -> None:
    take(alice, table, b'Code,Account,Since\n"=HYPERLINK(""x"")",-5,\n')
    fetched = ApiAnswer(alice.http.get(f"{NORTH}/lookups/{table['id']}/export"))
    assert "\"'=HYPERLINK" in fetched.text
    assert ",-5," in fetched.text
    assert take(alice, table, fetched.text.encode(), mode="replace").json["version"] is None


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "request.invalid"),
        ("a.csv", b"\n\n", "file.unreadable"),
        ("a.xlsx", b"not a workbook", "file.unreadable"),
        ("a.xlsx", b"PK\x03\x04broken", "file.unreadable"),
        ("a.csv", b"\x00\x01\x02", "file.unreadable"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(
    alice: ApiClient, name: str, content: bytes, code: str
) -> None:
    refused = send(alice, content, name)
    assert refused.json["code"] == code
    assert refused.json["hint"]


def test_a_file_suggests_columns_for_a_new_table(alice: ApiClient) -> None:
    content = "Größe;Konto;Aktiv;PLZ\n1;400;yes;01067\n2;410,5;no;10115\n".encode("cp1252")
    guessed = send(alice, content).json["guessed"]
    assert [(column["title"], column["type"]) for column in guessed] == [
        ("Größe", "text"),
        ("Konto", "text"),
        ("Aktiv", "boolean"),
        ("PLZ", "text"),
    ]
    assert guessed[0]["key"]
    assert alice.post(f"{NORTH}/lookups", {"name": "New", "columns": guessed}).status == 201


def test_nobody_takes_over_a_file_of_another_workspace(
    alice: ApiClient, bob: ApiClient, table: Any
) -> None:
    sent = ApiAnswer(
        bob.http.post(
            "/api/v1/w/south/uploads", data=FIRST, content_type="application/octet-stream"
        )
    )
    body = {"upload": sent.json["id"], "matching": MATCHING, "mode": "merge"}
    refused = alice.post(f"{NORTH}/lookups/{table['id']}/import-preview", body)
    assert (refused.status, refused.json["code"]) == (404, "file.not_found")


def test_a_large_file_is_taken_over_in_pieces(
    alice: ApiClient, table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.tables.saving.BATCH", 100)
    lines = "".join(f"K{n},{n},\n" for n in range(1050))
    made = take(alice, table, b"Code,Account,Since\n" + lines.encode()).json["version"]
    assert made["added"] == 1050
    assert alice.get(f"{NORTH}/lookups/{table['id']}").json["row_count"] == 1050


@pytest.fixture
def pairs(cast: Cast) -> None:
    for slug in ("shop", "books"):
        ConnectionRow.objects.create(
            workspace_id=cast.north.id,
            environment="test",
            slug=slug,
            name=slug,
            connector="magento",
        )
    facade.record_xrefs(
        facade.NewReference(
            cast.north.id, "test", "order", "shop", str(n), "books", f"B{n}", run_id="run_1"
        )
        for n in range(3)
    )


def listed(client: ApiClient, query: str = "") -> list[Any]:
    items: list[Any] = client.get(f"{NORTH}/xrefs?environment=test{query}").json["items"]
    return items


@pytest.mark.usefixtures("pairs")
def test_a_pair_is_found_corrected_and_forgotten(alice: ApiClient, cast: Cast) -> None:
    found = listed(alice, "&q=B1")
    assert [(x["left"]["id"], x["right"]["id"]) for x in found] == [("1", "B1")]
    assert listed(alice, "&connection=nowhere") == []
    path = f"{NORTH}/xrefs/{found[0]['id']}"
    changed = alice.patch(path, {"left_id": "1", "right_id": "B9"})
    assert (changed.json["right"]["id"], changed.json["run_id"]) == ("B9", "")
    clash = alice.patch(path, {"left_id": "2", "right_id": "B9"})
    assert clash.status == 409
    gone = alice.post(f"{NORTH}/xrefs/delete", {"environment": "test", "ids": [found[0]["id"]]})
    assert gone.json == {"deleted": 1}
    assert alice.get(path).status == 404
    actions = AuditEntry.objects.filter(workspace_id=cast.north.id, action__startswith="xref.")
    assert list(actions.order_by("seq").values_list("action", flat=True)) == [
        "xref.changed",
        "xref.deleted",
    ]


@pytest.mark.usefixtures("pairs")
def test_pairs_go_out_and_come_in_as_a_file(alice: ApiClient) -> None:
    text = ApiAnswer(alice.http.get(f"{NORTH}/xrefs/export?environment=test")).text
    edited = text.replace("B2", "B22") + "order,shop,9,books,B9\r\norder,shop,8,nowhere,B8\r\n"
    upload = send(alice, edited.encode()).json["id"]
    body = {"environment": "test", "upload": upload}
    found = alice.post(f"{NORTH}/xrefs/import-preview", body).json
    assert counts(found) == (1, 1, 2, 0, 0)
    assert [(f["row"], f["column"]) for f in found["faults"]] == [(6, "Connection B")]
    assert alice.post(f"{NORTH}/xrefs/import", body).status == 422
    assert alice.post(f"{NORTH}/xrefs/import", {**body, "skip_faulty": True}).status == 200
    assert {x["right"]["id"] for x in listed(alice)} == {"B0", "B1", "B22", "B9"}
