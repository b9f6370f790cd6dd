"""Run by an interpreter that has mpxj and JPype1: a project made at random, written by MPXJ as XER and as PMXML.

Arguments: a seed, the number of activities, the two files to write. On standard output, as JSON, what MPXJ holds: hours
as numbers, times as ISO 8601.
"""

import json
import random
import sys
from datetime import datetime, timedelta

KINDS = (
    "TASK_DEPENDENT",
    "TASK_DEPENDENT",
    "TASK_DEPENDENT",
    "RESOURCE_DEPENDENT",
    "LEVEL_OF_EFFORT",
    "START_MILESTONE",
    "FINISH_MILESTONE",
    "WBS_SUMMARY",
)
CONSTRAINTS = (
    "START_ON",
    "FINISH_ON",
    "START_NO_EARLIER_THAN",
    "START_NO_LATER_THAN",
    "FINISH_NO_EARLIER_THAN",
    "FINISH_NO_LATER_THAN",
    "AS_LATE_AS_POSSIBLE",
    "MUST_START_ON",
    "MUST_FINISH_ON",
)
START = datetime(2026, 1, 5, 8)


class Maker:
    def __init__(self, jpype, seed, size):
        self.java = jpype.JClass
        self.dice = random.Random(seed)
        self.size = size
        self.file = self.java("org.mpxj.ProjectFile")()
        self.held = {"calendars": [], "activities": [], "links": [], "resources": [], "assignments": []}

    def enum(self, name, value):
        return self.java(f"org.mpxj.{name}").valueOf(value)

    def hours(self, number):
        return self.java("org.mpxj.Duration").getInstance(float(number), self.enum("TimeUnit", "HOURS"))

    def instant(self, at):
        return self.java("java.time.LocalDateTime").of(at.year, at.month, at.day, at.hour, at.minute)

    def some_time(self, days=120):
        return START + timedelta(days=self.dice.randrange(days), minutes=self.dice.choice((-480, 0, 75, 240, 540)))

    def range(self, start, finish):
        time = self.java("java.time.LocalTime")
        return self.java("org.mpxj.LocalTimeRange")(
            time.of(start // 60, start % 60), time.of(finish // 60 % 24, finish % 60)
        )

    def shifts(self):
        return self.dice.choice(
            (
                [(480, 720), (780, 1020)],
                [(0, 1440)],
                [(420, 690), (720, 900), (960, 1110)],
                [(1200, 1440)],
                [(0, 360), (1320, 1440)],
            )
        )

    def make(self):
        settings = self.file.getProjectProperties()
        settings.setName("সেতু Bridge")
        settings.setProjectID("BRIDGE")
        settings.setPlannedStart(self.instant(START))
        settings.setStartDate(self.instant(START))
        settings.setStatusDate(self.instant(START + timedelta(days=30)))
        settings.setMustFinishBy(self.instant(START + timedelta(days=400)))
        settings.setCriticalSlackLimit(self.hours(16))
        self.options(settings)
        calendars = [self.calendar(number) for number in range(1, 6)]
        self.file.setDefaultCalendar(calendars[0])
        resources = [self.resource(number, calendars) for number in range(1, 5)]
        nodes = [self.node(number) for number in range(1, 5)]
        tasks = [self.activity(number, nodes, calendars) for number in range(1, self.size + 1)]
        self.links(tasks)
        for task in tasks:
            if self.dice.random() < 0.4:
                self.assignment(task, self.dice.choice(resources))

    def options(self, settings):
        dice, held = self.dice, self.held
        held["lag_calendar"] = dice.choice(("PREDECESSOR", "SUCCESSOR", "PROJECT_DEFAULT", "TWENTY_FOUR_HOUR"))
        held["slack"] = dice.choice(("SMALLEST_SLACK", "START_SLACK", "FINISH_SLACK"))
        held["logic"] = dice.choice(("RETAINED_LOGIC", "PROGRESS_OVERRIDE", "ACTUAL_DATES"))
        held["critical"] = dice.choice(("LONGEST_PATH", "TOTAL_FLOAT"))
        held["open_ends"], held["start_lag"], held["expected"] = (dice.random() < 0.5 for _ in range(3))
        settings.setRelationshipLagCalendar(self.enum("RelationshipLagCalendar", held["lag_calendar"]))
        settings.setTotalSlackCalculationType(self.enum("TotalSlackCalculationType", held["slack"]))
        settings.setSchedulingProgressedActivities(self.enum("SchedulingProgressedActivities", held["logic"]))
        settings.setCriticalActivityType(self.enum("CriticalActivityType", held["critical"]))
        settings.setMakeOpenEndedActivitiesCritical(held["open_ends"])
        settings.setComputeStartToStartLagFromEarlyStart(held["start_lag"])
        settings.setUseExpectedFinishDates(held["expected"])

    def calendar(self, number):
        day, date = self.java("java.time.DayOfWeek"), self.java("java.time.LocalDate")
        found = self.file.addCalendar()
        found.setName(f"Calendar {number}")
        week, exceptions = [], {}
        for index, name in enumerate(day.values()):
            shifts = self.shifts() if index < 5 else []
            hours = found.addCalendarHours(name)
            for shift in shifts:
                hours.add(self.range(*shift))
            found.setWorkingDay(name, bool(shifts))
            week.append(shifts)
        for _ in range(self.dice.randrange(40)):
            at = START.date() + timedelta(days=self.dice.randrange(-300, 900))
            if at in exceptions:
                continue
            # P6 reads a whole working day in an exception as a day off, so MPXJ cannot write one.
            exceptions[at] = self.dice.choice(([], [], [(480, 720)], [(1200, 1440)]))
            added = found.addCalendarException(date.of(at.year, at.month, at.day), date.of(at.year, at.month, at.day))
            for shift in exceptions[at]:
                added.add(self.range(*shift))
        self.held["calendars"].append(
            {
                "uid": int(found.getUniqueID()),
                "name": str(found.getName()),
                "week": week,
                "exceptions": {str(at): shifts for at, shifts in exceptions.items()},
            }
        )
        return found

    def resource(self, number, calendars):
        found = self.file.addResource()
        kind = ("WORK", "WORK", "MATERIAL", "WORK")[number - 1]
        found.setName(f"Resource {number}")
        found.setResourceID(f"R{number}")
        found.setType(self.enum("ResourceType", kind))
        found.setCalendar(calendars[number])
        self.held["resources"].append(
            {"uid": int(found.getUniqueID()), "name": f"Resource {number}", "kind": kind, "code": f"R{number}"}
        )
        self.held["resources"][-1]["calendar"] = int(calendars[number].getUniqueID())
        return found

    def node(self, number):
        above = self.file.getTasks().get(0) if number > 2 else self.file
        found = above.addTask()
        found.setName(f"Node {number}")
        found.setWBS(f"N{number}")
        found.setSummary(True)
        return found

    def activity(self, number, nodes, calendars):
        dice = self.dice
        kind = dice.choice(KINDS)
        milestone = kind.endswith("MILESTONE")
        node, calendar = dice.choice(nodes), dice.choice(calendars)
        status = dice.choice(("NOT_STARTED", "NOT_STARTED", "IN_PROGRESS", "COMPLETED"))
        if milestone and status == "IN_PROGRESS":
            status = "NOT_STARTED"
        planned = 0 if milestone else dice.randrange(1, 400) / 2
        left = {"NOT_STARTED": planned, "COMPLETED": 0}.get(status, dice.randrange(1, 300) / 4)
        started = None if status == "NOT_STARTED" else START + timedelta(days=dice.randrange(20))
        finished = started + timedelta(days=0 if milestone else 9, hours=9) if status == "COMPLETED" else None
        first, second = (dice.choice(CONSTRAINTS) if dice.random() < 0.2 else None for _ in range(2))
        dates = {
            "actual_start": started,
            "actual_finish": finished,
            "constraint_date": self.some_time() if first not in (None, "AS_LATE_AS_POSSIBLE") else None,
            "constraint_date2": self.some_time() if second not in (None, "AS_LATE_AS_POSSIBLE") else None,
            "expected_finish": self.some_time() if dice.random() < 0.05 else None,
            "external_start": self.some_time() if dice.random() < 0.05 else None,
            "suspend": started + timedelta(days=3) if status == "IN_PROGRESS" and dice.random() < 0.2 else None,
        }
        dates["resume"] = dates["suspend"] and dates["suspend"] + timedelta(days=7)
        task = node.addTask()
        task.setName(f"Activity {number}")
        task.setActivityID(f"A{number:04}")
        task.setActivityType(self.enum("ActivityType", kind))
        task.setActivityStatus(self.enum("ActivityStatus", status))
        task.setMilestone(milestone)
        task.setCalendar(calendar)
        task.setPercentCompleteType(self.enum("PercentCompleteType", dice.choice(("DURATION", "PHYSICAL", "UNITS"))))
        task.setPhysicalPercentComplete(dice.randrange(101))
        task.setPlannedDuration(self.hours(planned))
        task.setDuration(self.hours(planned))
        task.setActualDuration(self.hours(max(planned - left, 0)))
        task.setRemainingDuration(self.hours(left))
        for at, name in (
            ("actual_start", "ActualStart"),
            ("actual_finish", "ActualFinish"),
            ("constraint_date", "ConstraintDate"),
            ("constraint_date2", "SecondaryConstraintDate"),
            ("expected_finish", "ExpectedFinish"),
            ("external_start", "ExternalEarlyStart"),
            ("suspend", "SuspendDate"),
            ("resume", "Resume"),
        ):
            if dates[at] is not None:
                getattr(task, f"set{name}")(self.instant(dates[at]))
        task.setPlannedStart(self.instant(started or START))
        task.setPlannedFinish(self.instant((started or START) + timedelta(days=12)))
        if first:
            task.setConstraintType(self.enum("ConstraintType", first))
        if second:
            task.setSecondaryConstraintType(self.enum("ConstraintType", second))
        self.held["activities"].append(
            {
                "uid": int(task.getUniqueID()),
                "code": f"A{number:04}",
                "name": f"Activity {number}",
                "node": str(node.getName()),
                "kind": kind,
                "calendar": int(calendar.getUniqueID()),
                "planned": planned,
                "remaining": left,
                "constraint": first,
                "constraint2": second,
                "percent_kind": str(task.getPercentCompleteType().name()),
                "physical": int(task.getPhysicalPercentComplete()),
                **{name: None if at is None else at.isoformat() for name, at in dates.items()},
            }
        )
        return task

    def links(self, tasks):
        builder = self.java("org.mpxj.Relation$Builder")
        for successor in range(1, len(tasks)):
            for predecessor in {self.dice.randrange(successor) for _ in range(self.dice.randrange(3))}:
                kind = self.dice.choice(
                    ("FINISH_START", "FINISH_START", "START_START", "FINISH_FINISH", "START_FINISH")
                )
                lag = self.dice.choice((0, 0, 8, -4, 13.5))
                tasks[successor].addPredecessor(
                    builder()
                    .predecessorTask(tasks[predecessor])
                    .type(self.enum("RelationType", kind))
                    .lag(self.hours(lag))
                )
                ends = [int(tasks[index].getUniqueID()) for index in (predecessor, successor)]
                self.held["links"].append([*ends, kind, lag])

    def assignment(self, task, resource):
        dice = self.dice
        found = task.addResourceAssignment(resource)
        actual = 0 if task.getActualStart() is None else dice.randrange(1, 50)
        left = 0 if task.getActualFinish() is not None else dice.randrange(1, 200)
        units = dice.choice((0.5, 1, 2.5))
        found.setUnits(units * 100)
        found.setRemainingUnits(units * 100)
        found.setPlannedWork(self.hours(actual + left))
        found.setWork(self.hours(actual + left))
        found.setActualWork(self.hours(actual))
        found.setRemainingWork(self.hours(left))
        found.setPlannedStart(task.getPlannedStart())
        found.setPlannedFinish(task.getPlannedFinish())
        found.setPlannedCost(float(10 * (actual + left)))
        found.setActualCost(float(10 * actual))
        found.setRemainingCost(float(10 * left))
        if task.getActualStart() is not None:
            found.setActualStart(task.getActualStart())
        if task.getActualFinish() is not None:
            found.setActualFinish(task.getActualFinish())
        self.held["assignments"].append(
            {
                "activity": int(task.getUniqueID()),
                "resource": int(resource.getUniqueID()),
                "actual": actual,
                "remaining": left,
                "units": units,
            }
        )

    def write(self, xer, pmxml):
        writer = self.java("org.mpxj.primavera.PrimaveraXERFileWriter")()
        writer.setCharset(self.java("java.nio.charset.StandardCharsets").UTF_8)
        writer.write(self.file, xer)
        self.java("org.mpxj.primavera.PrimaveraPMFileWriter")().write(self.file, pmxml)


def main(seed, size, xer, pmxml):
    import jpype  # noqa: PLC0415 - only the interpreter that runs this has it
    import mpxj  # noqa: F401, PLC0415 - puts its archives on the class path

    jpype.startJVM()
    maker = Maker(jpype, int(seed), int(size))
    maker.make()
    maker.write(xer, pmxml)
    json.dump(maker.held, sys.stdout, ensure_ascii=True)


main(*sys.argv[1:])
