"""PMXML, the XML of Primavera P6 (versions 6 to 24), to a plan; see `p6_plan` for what both of P6's formats share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from lxml import etree

from nirman.errors import UnreadableFileError
from nirman.interchange import p6_names as names
from nirman.interchange.p6_baselines import SavedBaseline
from nirman.interchange.p6_gathering import Gathering
from nirman.interchange.p6_leftovers import is_nothing
from nirman.interchange.p6_limits import MAX_BYTES, MAX_RECORDS
from nirman.interchange.p6_plan import make_plan
from nirman.interchange.p6_report import Report
from nirman.interchange.p6_row import Row, Source
from nirman.interchange.pmxml_calendar import read_exceptions, read_week
from nirman.interchange.result import ImportResult
from nirman.interchange.safe_xml import local_name, records
from nirman.planning.model import DayShifts

_ANY_NAMESPACE = ("",)
"""Every version of P6 has its own, and other programs write none."""
_PROJECTS = frozenset({"Project", "BaselineProject"})
_KINDS: Mapping[str, names.Record] = MappingProxyType({record.element: record for record in names.RECORDS})
_PROJECT_ELEMENTS = MappingProxyType({**names.OPTIONS.elements, **names.PROJECT.elements})
"""Some versions write the options of scheduling among the project's own fields."""
_CONTENTS = frozenset({"StandardWorkWeek", "HolidayOrExceptions"})


def read_pmxml(data: bytes, *, max_bytes: int = MAX_BYTES) -> ImportResult:
    """`UnreadableFileError` when the file is refused as a whole; findings with the line for all else that is wrong."""
    reader = _Reader()
    for element in records(data, root="APIBusinessObjects", namespaces=_ANY_NAMESPACE, max_bytes=max_bytes):
        reader.take(element)
    return reader.result()


class _Open:
    """A child of the root whose own children come one by one."""

    def __init__(self, element: etree._Element) -> None:
        self.line = element.sourceline or 0
        self.texts: dict[str, str] = {}
        self.week: list[DayShifts] | None = None
        self.days: dict[date, DayShifts] = {}
        self.saved: SavedBaseline | None = None


class _Reader:
    def __init__(self) -> None:
        self.report = Report()
        self.gathered = Gathering(self.report)
        self.saved: list[SavedBaseline] = []
        self.sources = {
            name: Source(
                report=self.report,
                kind=name,
                own_names={here: own for own, here in elements.items()},
                percent_scale=100,
            )
            for name, elements in self._vocabularies().items()
        }
        self.currencies: list[Row] = []
        self.base_currency = ""
        self.open: _Open | None = None
        self.numbers: Counter[str] = Counter()
        self.takers: Mapping[str, Callable[[Row], None]] = {
            "WBS": self.gathered.node,
            "Activity": self.gathered.activity,
            "Relationship": self.gathered.relation,
            "ResourceAssignment": self.gathered.assignment,
            "ActivityExpense": self.gathered.expense,
            "ActivityNote": self.gathered.activity_note,
            "ProjectNote": self.gathered.node_note,
            "ScheduleOptions": self.gathered.option,
            "Resource": self.gathered.resource,
            "ResourceRate": self.gathered.rate,
            "UnitOfMeasure": self.gathered.measure,
            "Currency": self.currencies.append,
        }

    @staticmethod
    def _vocabularies() -> dict[str, Mapping[str, str]]:
        elements = {name: record.elements for name, record in _KINDS.items()}
        return elements | dict.fromkeys(_PROJECTS, _PROJECT_ELEMENTS)

    def take(self, element: etree._Element) -> None:
        """A grandchild of the root, or after its children a child."""
        parent = element.getparent()
        if parent is None:
            return
        if parent.getparent() is None:
            self._finish(local_name(element), element)
            self.open = None
            return
        if self.open is None:
            self.open = _Open(parent)
        above, name = local_name(parent), local_name(element)
        if above in _PROJECTS:
            self._inside_project(above, name, element, self.open)
        elif above == "Calendar" and name in _CONTENTS:
            self._calendar_part(name, element, self.open, Row(self.sources[above], {}, self.open.line))
        elif above in _KINDS:
            self._field(above, name, element, self.open.texts)
        elif above == "GlobalPreferences" and name == "BaseCurrencyObjectId":
            self.base_currency = (element.text or "").strip()

    def _finish(self, name: str, element: etree._Element) -> None:
        opened = self.open or _Open(element)
        if name in _KINDS or name in _PROJECTS:
            self._count(name, opened.line)
        else:
            self.report.drop("elements", name)
            return
        row = Row(self.sources[name], opened.texts, opened.line)
        if name == "Calendar":
            self.gathered.calendar(row, opened.week, opened.days)
        elif name == "Project":
            self.gathered.project(row)
        elif name == "BaselineProject":
            if opened.saved is not None:
                opened.saved.name_it(row)
                self.saved.append(opened.saved)
        elif name in self.takers:
            self.takers[name](row)

    def _inside_project(self, project: str, name: str, element: etree._Element, opened: _Open) -> None:
        if name not in _KINDS:
            if len(element):
                self.report.drop(project, name)
            else:
                self._field(project, name, element, opened.texts)
            return
        line = element.sourceline or 0
        self._count(name, line)
        texts: dict[str, str] = {}
        for child in element:
            if not (name == "Calendar" and local_name(child) in _CONTENTS):
                self._field(name, local_name(child), child, texts, counted=project == "Project")
        if "project" in _KINDS[name].elements.values() and "uid" in opened.texts:
            texts.setdefault("project", opened.texts["uid"])
        row = Row(self.sources[name], texts, line)
        if name == "Calendar":
            self._own_calendar(row, element)
        elif project == "BaselineProject":
            opened.saved = opened.saved or SavedBaseline(self.report)
            opened.saved.take(name, row)
        elif name in self.takers:
            self.takers[name](row)

    def _own_calendar(self, row: Row, element: etree._Element) -> None:
        inside = _Open(element)
        for child in element:
            if local_name(child) in _CONTENTS:
                self._calendar_part(local_name(child), child, inside, row)
        self.gathered.calendar(row, inside.week, inside.days)

    @staticmethod
    def _calendar_part(name: str, element: etree._Element, into: _Open, row: Row) -> None:
        if name == "StandardWorkWeek":
            into.week = read_week(row, element)
        else:
            into.days = read_exceptions(row, element)

    def _field(
        self, kind: str, name: str, element: etree._Element, texts: dict[str, str], *, counted: bool = True
    ) -> None:
        elements = _PROJECT_ELEMENTS if kind in _PROJECTS else _KINDS[kind].elements
        text = (element.text or "").strip()
        if name in elements and not len(element):
            if text:
                texts[elements[name]] = text
        elif (
            counted
            and name not in _KINDS.get(kind, names.PROJECT).computed
            and (len(element) or not is_nothing(name, text))
        ):
            self.report.drop(kind, name)

    def _count(self, name: str, line: int) -> None:
        self.numbers[name] += 1
        if self.numbers[name] > MAX_RECORDS:
            raise UnreadableFileError(
                f"a file must not have more than {MAX_RECORDS} elements {name}", place=f"line {line}"
            )

    def result(self) -> ImportResult:
        return make_plan(self.gathered, currency=self._currency(), saved=self.saved)

    def _currency(self) -> str:
        for row in self.currencies:
            if row.texts.get("uid") == self.base_currency or row.flag("is_base", default=False):
                return row.text("code")
        return ""
