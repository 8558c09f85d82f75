"""Statement files as banks offer them: CSV, and the ISO 20022 message camt.053.001.08."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as Xml

_COLUMNS = ("booked_on", "value_on", "amount", "currency", "reference", "balance_after")
_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def as_csv(entries: Sequence[Mapping[str, Any]]) -> bytes:
    """One line per transaction, with a head; amounts with a point, negative when money left."""
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";")
    lines.writerow(["id", *_COLUMNS, "counterparty"])
    for entry in entries:
        cells = [entry[name] for name in _COLUMNS]
        lines.writerow([entry["id"], *cells, entry["counterparty"]["name"]])
    return text.getvalue().encode()


def as_camt053(
    account: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], made_at: str
) -> bytes:
    """The parts of camt.053 that readers of bank statements use."""
    root = Xml.Element("Document", xmlns=_NAMESPACE)
    message = Xml.SubElement(root, "BkToCstmrStmt")
    head = Xml.SubElement(message, "GrpHdr")
    _leaf(head, "MsgId", f"{account['id']}-{made_at}")
    _leaf(head, "CreDtTm", made_at)
    statement = Xml.SubElement(message, "Stmt")
    _leaf(statement, "Id", account["id"])
    holder = Xml.SubElement(statement, "Acct")
    _leaf(Xml.SubElement(holder, "Id"), "IBAN", account["iban"])
    _leaf(holder, "Ccy", account["currency"])
    for entry in entries:
        amount = entry["amount"]
        node = Xml.SubElement(statement, "Ntry")
        _leaf(node, "NtryRef", entry["id"])
        _leaf(node, "Amt", amount.lstrip("-")).set("Ccy", entry["currency"])
        _leaf(node, "CdtDbtInd", "DBIT" if amount.startswith("-") else "CRDT")
        _leaf(Xml.SubElement(node, "Sts"), "Cd", "BOOK")
        _leaf(Xml.SubElement(node, "BookgDt"), "Dt", entry["booked_on"])
        _leaf(Xml.SubElement(node, "ValDt"), "Dt", entry["value_on"])
        details = Xml.SubElement(Xml.SubElement(node, "NtryDtls"), "TxDtls")
        party = "Cdtr" if amount.startswith("-") else "Dbtr"
        parties = Xml.SubElement(details, "RltdPties")
        _leaf(
            Xml.SubElement(Xml.SubElement(parties, party), "Pty"),
            "Nm",
            entry["counterparty"]["name"],
        )
        _leaf(Xml.SubElement(details, "RmtInf"), "Ustrd", entry["reference"])
    return Xml.tostring(root, encoding="utf-8", xml_declaration=True)


def _leaf(parent: Xml.Element, name: str, text: str) -> Xml.Element:
    node = Xml.SubElement(parent, name)
    node.text = text
    return node
