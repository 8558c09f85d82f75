"""A mapping as a PDF that people without a login can read and sign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Protocol

import fontpkg_noto_sans
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import CellBordersLayout
from fpdf.fonts import FontFace
from fpdf.table import Table as FpdfTable

PDF_TYPE: Final = "application/pdf"
_FONT: Final = "Noto Sans"
_MARGIN_MM: Final = 12
_LINE_MM: Final = 4.2
_INK, _QUIET, _HEAD = (24, 32, 44), (100, 110, 125), (232, 237, 243)
_MOST_ROWS: Final = 500
# A list of names is no part of what is signed: it is only begun.
_LIST_COLUMNS, _MOST_NAMES = 3, 40
_LONGEST_CELL: Final = 1_500
# How much of the page a column gets, beside the others.
_WEIGHTS: Final = {
    "Target": 5,
    "Value": 7,
    "Condition": 4,
    "Problem": 7,
    "What to do": 6,
    "Note": 4,
    "Value in the sample": 4,
    "About": 2,
    "Source": 8,
    "Required": 2.1,
    "State": 1.8,
    "Severity": 1.6,
}
_SMALL: Final = FontFace(size_pt=6.5, color=_QUIET)
_ABOVE: Final = CellBordersLayout.TOP | CellBordersLayout.LEFT | CellBordersLayout.RIGHT
_BELOW: Final = CellBordersLayout.BOTTOM | CellBordersLayout.LEFT | CellBordersLayout.RIGHT
_CLOSE: Final = (0, 1.2, 0.8, 1.2)
_NOT_PRINTED: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Named:
    """What people call something, and below it, small, what systems call it."""

    words: str
    technical: str

    def __str__(self) -> str:
        return self.words


class Table(Protocol):
    """One part of the document: its heading, the columns, and a tuple for each row."""

    @property
    def title(self) -> str: ...
    @property
    def headers(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> Sequence[tuple[Any, ...]]: ...


def pdf(title: str, tables: Sequence[Table]) -> bytes:
    """The document: every table under its heading, then the place to sign. Empty ones are named.

    Characters outside of the Latin, Greek and Cyrillic scripts are shown as a question mark.
    """
    paper = _Paper(title)
    for table in tables:
        paper.part(table)
    paper.signatures()
    return bytes(paper.output())


class _Paper(FPDF):
    def __init__(self, title: str) -> None:
        super().__init__("landscape", "mm", "A4")
        self.name = _plain(title)
        self.set_margins(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        self.set_auto_page_break(True, _MARGIN_MM + 4)
        self.add_font(_FONT, "", _font_file())
        self.set_title(self.name)
        self.set_lang("en")
        self.add_page()
        self.words(self.name, 15, after_mm=2)

    def footer(self) -> None:
        """The name and the number of the page, at the foot of each."""
        self.set_y(-_MARGIN_MM)
        self.set_font(_FONT, "", 7.5)
        self.set_text_color(*_QUIET)
        self.cell(0, 5, self.name)
        self.set_x(_MARGIN_MM)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")

    def words(self, text: str, size: float, *, quiet: bool = False, after_mm: float = 1) -> None:
        self.set_font(_FONT, "", size)
        self.set_text_color(*(_QUIET if quiet else _INK))
        self.multi_cell(0, size * 0.5, text, new_x="LMARGIN", new_y="NEXT")
        self.ln(after_mm)

    def part(self, table: Table) -> None:
        rows = list(table.rows)
        most = _MOST_NAMES if len(table.headers) <= _LIST_COLUMNS else _MOST_ROWS
        self.ln(3)
        if self.will_page_break(24):
            self.add_page()
        self.start_section(table.title)
        self.words(f"{table.title} ({len(rows)})" if rows else table.title, 11)
        if not rows:
            self.words("None.", 8.5, quiet=True)
            return
        self.set_font(_FONT, "", 8)
        self.set_text_color(*_INK)
        self.set_draw_color(*_HEAD)
        with self.table(
            line_height=_LINE_MM,
            padding=(0.8, 1.2),
            text_align="LEFT",
            v_align="TOP",
            col_widths=tuple(_WEIGHTS.get(name, 2.5) for name in table.headers),
            headings_style=FontFace(emphasis="", color=_INK, fill_color=_HEAD),
        ) as drawn:
            for cells in (table.headers, *rows[:most]):
                self.line_of(drawn, cells)
        if len(rows) > most:
            left = len(rows) - most
            self.words(f"And {left} more, which the spreadsheet lists.", 8.5, quiet=True)

    def line_of(self, drawn: FpdfTable, cells: Sequence[Any]) -> None:
        """A row; one with technical names is two lines that stay together."""
        technical = [
            cell.technical if isinstance(cell, Named) and cell.technical != cell.words else None
            for cell in cells
        ]
        two, line = any(technical), drawn.row()
        for cell, name in zip(cells, technical, strict=True):
            if name:
                line.cell(_plain(cell), border=_ABOVE)
            else:
                line.cell(_plain(cell), rowspan=2 if two else 1)
        if two:
            below = drawn.row()
            for name in filter(None, technical):
                below.cell(_plain(name), style=_SMALL, border=_BELOW, padding=_CLOSE)

    def signatures(self) -> None:
        if self.will_page_break(30):
            self.add_page()
        self.ln(18)
        self.set_font(_FONT, "", 8.5)
        self.set_text_color(*_QUIET)
        self.set_draw_color(*_QUIET)
        width = (self.epw - 20) / 3
        top = self.get_y()
        for number, what in enumerate(("Checked by", "Date", "Signature")):
            left = _MARGIN_MM + number * (width + 10)
            self.line(left, top, left + width, top)
            self.set_xy(left, top + 1)
            self.cell(width, 5, what)


def _plain(value: Any) -> str:
    """Text that the font can show, cut where it would fill pages."""
    text = _NOT_PRINTED.sub("", "" if value is None else str(value)).replace("→", "›")
    known = _characters()
    shown = "".join(c if c in "\n\t" or ord(c) in known else "?" for c in text)
    return shown if len(shown) <= _LONGEST_CELL else f"{shown[:_LONGEST_CELL]}…"


def _font_file() -> Path:
    return fontpkg_noto_sans.ROOT / "files" / "NotoSans[wdth,wght].ttf"


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    """What the font can show."""
    with TTFont(_font_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())
