"""The Gantt chart, read back by pypdf."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from io import BytesIO

import pytest
from pypdf import PdfReader

from nirman.demo import DEMO_YEARS, demo_plan
from nirman.interchange.pdf_canvas import Canvas
from nirman.interchange.pdf_gantt import write_pdf
from nirman.planning.holidays import bangladesh_holidays
from nirman.planning.model import ConstraintKind
from nirman.planning.schedule import schedule_plan
from tests.builders.plans import make_link, make_plan, make_task
from tests.unit.interchange.examples import rich_plan

MM = 72 / 25.4


def read(plan) -> PdfReader:
    return PdfReader(BytesIO(write_pdf(plan, schedule_plan(plan))))


@pytest.fixture(scope="module")
def demo() -> PdfReader:
    return read(demo_plan(bangladesh_holidays(DEMO_YEARS)))


def test_pages_are_a3_landscape_and_numbered(demo):
    for number, page in enumerate(demo.pages, 1):
        assert float(page.mediabox.width) == pytest.approx(420 * MM, abs=1)
        assert float(page.mediabox.height) == pytest.approx(297 * MM, abs=1)
        assert f"Page {number} of {len(demo.pages)}" in page.extract_text()


def test_each_task_is_on_one_page(demo):
    text = "\n".join(page.extract_text() for page in demo.pages)
    plan = demo_plan()
    for task in plan.tasks.values():
        english = task.name.split(" / ")[1]
        assert english in text, english


def test_bengali_is_shaped_with_its_own_font(demo):
    fonts = {
        str(font["/BaseFont"]) for font in (ref.get_object() for ref in demo.pages[0]["/Resources"]["/Font"].values())
    }
    assert any("NotoSansBengali" in font for font in fonts)
    # What is copied out of a shaped text begins with its first letters; conjuncts come from the glyphs' own mapping.
    assert "ধান" in demo.pages[0].extract_text()


def test_dates_durations_and_slack_are_in_the_table(demo):
    plan = demo_plan(bangladesh_holidays(DEMO_YEARS))
    dates = schedule_plan(plan)[27]
    text = demo.pages[0].extract_text()
    assert plan.tasks[27].name.split(" / ")[1] in text
    assert f"{dates.start:%Y-%m-%d}" in text
    assert f"{dates.finish:%Y-%m-%d}" in text
    assert "40d" in text


def test_a_legend_and_the_data_date_are_on_every_page(demo):
    for page in demo.pages:
        text = page.extract_text()
        for word in ("Critical", "Milestone", "Summary", "Data date 2027-01-03"):
            assert word in text


def test_critical_bars_differ_in_more_than_colour():
    """A critical bar has hatching: more lines than a bar that is not."""
    calm = make_plan([make_task(1), make_task(2, duration_minutes=4800)])
    both = make_plan([make_task(1, duration_minutes=4800), make_task(2, duration_minutes=4800)])

    def lines(plan) -> int:
        return read(plan).pages[0].get_contents().get_data().count(b" l S")

    assert lines(both) > lines(calm) + 10


@pytest.mark.parametrize(
    ("finish", "labels"),
    [
        (datetime(2026, 1, 20), ("Jan 2026", "14")),
        (datetime(2026, 9, 1), ("Mar 2026", "Aug 2026")),
        (datetime(2028, 6, 1), ("2027", "May", "Dec")),
        (datetime(2034, 6, 1), ("2031", "Q3")),
        (datetime(2070, 6, 1), ("2030s", "2045")),
    ],
)
def test_the_axis_has_the_labels_that_fit(finish, labels):
    last = make_task(2, duration_minutes=0, constraint=ConstraintKind.MSO, constraint_date=finish)
    text = read(make_plan([make_task(1), last])).pages[0].extract_text().split()
    for label in labels:
        assert set(label.split()) <= set(text)


@pytest.mark.parametrize(
    "plan",
    [
        make_plan(),
        make_plan([make_task(1, duration_minutes=0)]),
        make_plan([make_task(1, name="x" * 512), make_task(2, name="🏗 عربي 中文 \x00 \ud800")]),
        rich_plan(),
    ],
    ids=["empty", "one milestone", "strange names", "everything"],
)
def test_any_plan_can_be_drawn(plan):
    assert len(read(plan).pages) == 1


def many(count: int):
    """A plan of so many rows, of the demo's names and outline, chained."""
    names = [task.name for task in demo_plan().tasks.values()]
    tasks = [
        make_task(uid, name=names[uid % len(names)], parent_uid=None if uid % 10 == 1 else uid - (uid - 1) % 10)
        for uid in range(1, count + 1)
    ]
    links = [make_link(uid, uid, uid + 1) for uid in range(2, count) if uid % 10 not in (0, 1)]
    return make_plan(tasks, links)


def test_rows_go_on_over_pages():
    reader = read(many(120))
    assert len(reader.pages) == 3
    assert " 120" in reader.pages[2].extract_text().replace("\n", " ")


@pytest.mark.slow
def test_thousands_of_tasks_are_drawn_page_by_page():
    plan = many(3_000)
    schedule = schedule_plan(plan)
    told: list[int] = []
    data = write_pdf(plan, schedule, told.append)
    assert len(PdfReader(BytesIO(data)).pages) > 45
    assert len(told) > 15


def test_pages_too_full_of_links_have_none():
    """Each link is a path of its own: with a link from every task to every later one they would hide the bars."""
    few = make_plan(20, [make_link(uid, uid, uid + 1) for uid in range(1, 20)])
    pairs = [(a, b) for a in range(1, 21) for b in range(a + 1, 21)]
    crowded = replace(few, links={k: make_link(k, a, b) for k, (a, b) in enumerate(pairs, 1)})
    assert len(pairs) > 160
    assert len(write_pdf(crowded, schedule_plan(crowded))) < len(write_pdf(few, schedule_plan(few)))


def test_conjuncts_are_one_glyph():
    """Two consonants joined take less room than one after the other, as they would without shaping."""
    with Canvas("", datetime(2026, 1, 1)) as canvas:
        joined, apart = canvas.text_width("ক্ষ", 20), canvas.text_width("ক", 20) + canvas.text_width("ষ", 20)
    assert joined < 0.9 * apart
