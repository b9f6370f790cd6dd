"""What stands on a row of a Gantt chart: bars, brackets, diamonds, and the arrows between them."""

from __future__ import annotations

from dataclasses import dataclass

from nirman.interchange.pdf_canvas import Canvas, Color, Point
from nirman.planning.model import LinkKind

NORMAL_FILL: Color = (150, 184, 219)
NORMAL_EDGE: Color = (47, 93, 140)
CRITICAL_FILL: Color = (214, 72, 62)
CRITICAL_EDGE: Color = (104, 8, 8)
DONE: Color = (28, 52, 82)
SUMMARY: Color = (38, 38, 38)
MILESTONE: Color = (38, 38, 38)
INACTIVE: Color = (165, 165, 165)
LINK: Color = (120, 120, 120)

BAR_HEIGHT = 2.6
_LEAST_WIDTH = 0.4
_DIAMOND = 1.45
_HATCH_STEP = 1.1
_MOST_HATCHES = 60
_STUB = 1.0
_ARROW = 0.7


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a task stands on the page; `middle` is the row's height."""

    left: float
    right: float
    middle: float
    critical: bool


def draw_bar(canvas: Canvas, mark: Mark, percent: int) -> None:
    """Critical bars differ in colour, in a heavier edge and by hatching, so that they also do without colour."""
    top, width = mark.middle - BAR_HEIGHT / 2, max(mark.right - mark.left, _LEAST_WIDTH)
    if mark.critical:
        canvas.box(mark.left, top, width, BAR_HEIGHT, fill=CRITICAL_FILL, edge=CRITICAL_EDGE, line=0.3)
        _hatch(canvas, mark.left, top, width)
    else:
        canvas.box(mark.left, top, width, BAR_HEIGHT, fill=NORMAL_FILL, edge=NORMAL_EDGE, line=0.12)
    if percent:
        canvas.box(mark.left, mark.middle - BAR_HEIGHT / 6, width * percent / 100, BAR_HEIGHT / 3, fill=DONE)


def _hatch(canvas: Canvas, left: float, top: float, width: float) -> None:
    step = max(_HATCH_STEP, width / _MOST_HATCHES)
    x = left + step / 2
    while x + BAR_HEIGHT / 2 < left + width:
        canvas.rule(x, top + BAR_HEIGHT, x + BAR_HEIGHT / 2, top, color=CRITICAL_EDGE, line=0.12)
        x += step


def draw_inactive(canvas: Canvas, mark: Mark) -> None:
    width = max(mark.right - mark.left, _LEAST_WIDTH)
    canvas.box(mark.left, mark.middle - BAR_HEIGHT / 2, width, BAR_HEIGHT, edge=INACTIVE)


def draw_summary(canvas: Canvas, mark: Mark) -> None:
    """A bracket over the tasks below it."""
    left, right = mark.left, max(mark.right, mark.left + _LEAST_WIDTH)
    top, color = mark.middle - 1.1, CRITICAL_EDGE if mark.critical else SUMMARY
    tooth = min(1.4, (right - left) / 2)
    canvas.shape(
        [
            (left, top),
            (right, top),
            (right, top + 2.3),
            (right - tooth, top + 0.9),
            (left + tooth, top + 0.9),
            (left, top + 2.3),
        ],
        fill=color,
    )


def draw_milestone(canvas: Canvas, mark: Mark) -> None:
    x, y = mark.right, mark.middle
    fill, edge = (CRITICAL_FILL, CRITICAL_EDGE) if mark.critical else (MILESTONE, MILESTONE)
    diamond = [(x, y - _DIAMOND), (x + _DIAMOND, y), (x, y + _DIAMOND), (x - _DIAMOND, y)]
    canvas.shape(diamond, fill=fill, edge=edge, line=0.3 if mark.critical else 0.1)


def draw_link(canvas: Canvas, kind: LinkKind, before: Mark, after: Mark) -> None:
    critical = before.critical and after.critical
    color, line = (CRITICAL_EDGE, 0.25) if critical else (LINK, 0.15)
    points = _route(kind, before, after)
    canvas.path(points, color=color, line=line)
    _arrow(canvas, points[-2], points[-1], color)


def _route(kind: LinkKind, before: Mark, after: Mark) -> list[Point]:
    y1, y2 = before.middle, after.middle
    down = 1 if y2 > y1 else -1
    match kind:
        case LinkKind.FS if after.left >= before.right:
            x = after.left + min(0.6, (after.right - after.left) / 2)
            return [(before.right, y1), (x, y1), (x, y2 - down * BAR_HEIGHT / 2)]
        case LinkKind.FS:
            return _around(before.right, before.right + _STUB, after.left - _STUB, after.left, y1, y2)
        case LinkKind.SS:
            x = min(before.left, after.left) - _STUB
            return [(before.left, y1), (x, y1), (x, y2), (after.left, y2)]
        case LinkKind.FF:
            x = max(before.right, after.right) + _STUB
            return [(before.right, y1), (x, y1), (x, y2), (after.right, y2)]
        case LinkKind.SF:
            return _around(before.left, before.left - _STUB, after.right + _STUB, after.right, y1, y2)


def _around(x1: float, out: float, back: float, x2: float, y1: float, y2: float) -> list[Point]:
    """Out of one side, along the gap next to the first row, and into the other side."""
    between = y1 + (BAR_HEIGHT * 0.75 if y2 > y1 else -BAR_HEIGHT * 0.75)
    return [(x1, y1), (out, y1), (out, between), (back, between), (back, y2), (x2, y2)]


def _arrow(canvas: Canvas, origin: Point, tip: Point, color: Color) -> None:
    (x1, y1), (x2, y2) = origin, tip
    if abs(x2 - x1) > abs(y2 - y1):
        back = x2 - _ARROW if x2 > x1 else x2 + _ARROW
        points = [tip, (back, y2 - _ARROW / 2), (back, y2 + _ARROW / 2)]
    else:
        back = y2 - _ARROW if y2 > y1 else y2 + _ARROW
        points = [tip, (x2 - _ARROW / 2, back), (x2 + _ARROW / 2, back)]
    canvas.shape(points, fill=color)
