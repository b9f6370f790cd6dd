"""A PDF page with millimetres from the upper left corner and text in Bengali and Latin letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.resources import as_file, files
from typing import Self

from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.fonts import TTFFont

from nirman.interchange.text import xml_safe

Color = tuple[int, int, int]
Point = tuple[float, float]
BLACK: Color = (0, 0, 0)

_BENGALI = ("justmytype_intl_south_asia", "fonts/ofl/notosansbengali/NotoSansBengali[wdth,wght].ttf")
_OTHERS = ("fontpkg_noto_sans", "files/NotoSans[wdth,wght].ttf")
"""Letters that the Bengali font lacks; basic Latin it has, in the same design."""
_MM_PER_POINT = 25.4 / 72
_BOLD_STROKE_MM = 0.07


class Canvas:
    """Draws on the last page begun, until its context is left. Sizes of text in points, all else in millimetres."""

    def __init__(self, title: str, made: datetime) -> None:
        self._pdf = FPDF(orientation="landscape", unit="mm", format="A3")
        self._pdf.set_auto_page_break(auto=False)
        self._pdf.set_margin(0)
        self._pdf.c_margin = 0
        self._pdf.set_title(xml_safe(title))
        self._pdf.set_creation_date(made)
        for family, (package, path) in (("bengali", _BENGALI), ("others", _OTHERS)):
            with as_file(files(package) / path) as font:
                self._pdf.add_font(family, fname=font)
        self._pdf.set_fallback_fonts(["others"])
        self._pdf.set_font("bengali", size=7)
        self._pdf.set_text_shaping(True)
        self._advances: dict[str, float] = {}
        self.width, self.height = self._pdf.w, self._pdf.h

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for font in self._pdf.fonts.values():  # the library closes those that it wrote
            if isinstance(font, TTFFont):
                font.close()

    def new_page(self) -> None:
        self._pdf.add_page()

    def output(self) -> bytes:
        return bytes(self._pdf.output())

    def text(
        self, x: float, baseline: float, text: str, *, size: float = 7, color: Color = BLACK, bold: bool = False
    ) -> None:
        """Any script; conjuncts are shaped."""
        if not text:
            return
        pdf = self._pdf
        pdf.set_font_size(size)
        pdf.set_text_color(*color)
        height = size * _MM_PER_POINT
        # A cell of this height puts its text's baseline three tenths of the size above its middle line.
        pdf.set_xy(x, baseline - 0.5 * height - 0.3 * height)
        if bold:
            # There is no bold cut without building one from the variable font, which takes seconds.
            with pdf.local_context(text_mode=TextMode.FILL_STROKE, line_width=_BOLD_STROKE_MM, draw_color=color):
                pdf.cell(h=height, text=xml_safe(text))
        else:
            pdf.cell(h=height, text=xml_safe(text))

    def number(self, right: float, baseline: float, text: str, *, size: float = 7, color: Color = BLACK) -> None:
        """Digits and Latin letters, which need no shaping, ending at `right`."""
        left = right - self.number_width(text, size)
        self._pdf.set_font_size(size)
        self._pdf.set_text_color(*color)
        self._pdf.text(left, baseline, text)

    def number_width(self, text: str, size: float) -> float:
        return sum(self._advance(character) for character in text) * size

    def text_width(self, text: str, size: float) -> float:
        self._pdf.set_font_size(size)
        return float(self._pdf.get_string_width(xml_safe(text)))

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Color | None = None,
        edge: Color | None = None,
        line: float = 0.1,
    ) -> None:
        """Millimetres from the upper left corner of the page, as everywhere here; `line` is how thick its edge is."""
        self._paint(fill, edge, line)
        self._pdf.rect(x, y, width, height, style=_style(fill, edge))

    def shape(
        self, points: Sequence[Point], *, fill: Color | None = None, edge: Color | None = None, line: float = 0.1
    ) -> None:
        self._paint(fill, edge, line)
        self._pdf.polygon(points, style=_style(fill, edge))

    def path(self, points: Sequence[Point], *, color: Color = BLACK, line: float = 0.15) -> None:
        self._paint(None, color, line)
        self._pdf.polyline(points)

    def rule(self, x1: float, y1: float, x2: float, y2: float, *, color: Color, line: float = 0.1) -> None:
        self._paint(None, color, line)
        self._pdf.line(x1, y1, x2, y2)

    @contextmanager
    def dashed(self) -> Iterator[None]:
        self._pdf.set_dash_pattern(dash=1.6, gap=1)
        yield
        self._pdf.set_dash_pattern()

    @contextmanager
    def clipped(self, x: float, y: float, width: float, height: float) -> Iterator[None]:
        """Nothing is drawn outside the box."""
        # The context makes the library forget, as the page does, what colours and fonts were set inside.
        with self._pdf.local_context(), self._pdf.rect_clip(x, y, width, height):
            yield

    def _advance(self, character: str) -> float:
        """Millimetres for each point of size."""
        if character not in self._advances:
            self._pdf.set_font_size(100)
            self._advances[character] = float(self._pdf.get_string_width(character)) / 100
        return self._advances[character]

    def _paint(self, fill: Color | None, edge: Color | None, line: float) -> None:
        if fill is not None:
            self._pdf.set_fill_color(*fill)
        if edge is not None:
            self._pdf.set_draw_color(*edge)
            self._pdf.set_line_width(line)


def _style(fill: Color | None, edge: Color | None) -> str:
    return ("D" if edge is not None else "") + ("F" if fill is not None else "")
