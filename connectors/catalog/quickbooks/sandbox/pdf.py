"""A small real PDF of a document: one page of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOP, _LEFT, _STEP = 780, 60, 18


def of_document(company_name: str, entity: str, record: Mapping[str, Any]) -> bytes:
    """The document as a PDF of one page."""
    rows = [
        company_name,
        f"{entity} {record.get('DocNumber') or record['Id']}   {record.get('TxnDate', '')}",
        str((record.get("CustomerRef") or {}).get("name", "")),
        "",
    ]
    for line in record.get("Line") or []:
        text = line.get("Description") or line.get("DetailType", "")
        rows.append(f"{text}    {line.get('Amount', '')}")
    currency = (record.get("CurrencyRef") or {}).get("value", "")
    rows += ["", f"Total {record.get('TotalAmt', '')} {currency}"]
    return _page(rows)


def _page(rows: list[str]) -> bytes:
    drawn = "\n".join(
        f"1 0 0 1 {_LEFT} {_TOP - number * _STEP} Tm ({_escaped(row)}) Tj"
        for number, row in enumerate(rows)
    )
    content = f"BT /F1 11 Tf\n{drawn}\nET".encode("cp1252", "replace")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    written = b"%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        written
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(parts) + 1, len(written))
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
