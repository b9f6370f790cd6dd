"""Run by an interpreter that has mpxj and JPype1: what MPXJ reads in a schedule file, as JSON on standard output.

Times are ISO 8601, durations `[amount, unit]` as MPXJ holds them.
"""

import json
import sys


def text(value):
    return None if value is None else str(value)


def number(value):
    return None if value is None else float(value.doubleValue())


def duration(value):
    return None if value is None else [float(value.getDuration()), str(value.getUnits().name())]


def ranges(hours):
    found = []
    for index in range(0 if hours is None else hours.size()):
        item = hours.get(index)
        found.append([str(item.getStart()), str(item.getEnd())])
    return found


def task(row):
    return {
        "uid": int(row.getUniqueID()),
        "id": int(row.getID()),
        "name": text(row.getName()),
        "wbs": text(row.getWBS()),
        "level": int(row.getOutlineLevel()),
        "summary": bool(row.getSummary()),
        "milestone": bool(row.getMilestone()),
        "critical": bool(row.getCritical()),
        "manual": str(row.getTaskMode().name()) == "MANUALLY_SCHEDULED",
        "active": bool(row.getActive()),
        "start": text(row.getStart()),
        "finish": text(row.getFinish()),
        "late_start": text(row.getLateStart()),
        "late_finish": text(row.getLateFinish()),
        "duration": duration(row.getDuration()),
        "total_slack": duration(row.getTotalSlack()),
        "free_slack": duration(row.getFreeSlack()),
        "constraint": str(row.getConstraintType().name()),
        "constraint_date": text(row.getConstraintDate()),
        "deadline": text(row.getDeadline()),
        "calendar": None if row.getCalendar() is None else int(row.getCalendar().getUniqueID()),
        "leveling_delay": duration(row.getLevelingDelay()),
        "fixed_cost": number(row.getFixedCost()),
        "fixed_cost_accrual": str(row.getFixedCostAccrual().name()) if row.getFixedCostAccrual() else None,
        "cost": number(row.getCost()),
        "actual_cost": number(row.getActualCost()),
        "baselines": {index: kept for index in range(11) if (kept := baseline(row, index)) is not None},
        "percent": number(row.getPercentageComplete()),
        "notes": text(row.getNotes()),
        "links": [
            [int(link.getPredecessorTask().getUniqueID()), str(link.getType().name()), duration(link.getLag())]
            for link in row.getPredecessors()
        ],
    }


def baseline(row, index):
    """Of a task or assignment; the first has no number."""
    at = (index,) if index else ()
    if row.getBaselineStart(*at) is None:
        return None
    return {
        "start": text(row.getBaselineStart(*at)),
        "finish": text(row.getBaselineFinish(*at)),
        "work": duration(row.getBaselineWork(*at)),
        "cost": number(row.getBaselineCost(*at)),
    }


def calendar(item, day_of_week):
    exceptions = []
    for exception in item.getCalendarExceptions():
        rule = exception.getRecurring()
        exceptions.append(
            {
                "name": text(exception.getName()),
                "start": text(exception.getFromDate()),
                "finish": text(exception.getToDate()),
                "shifts": ranges(exception),
                "days": None if rule is None else [str(day) for day in rule.getDates()],
            }
        )
    return {
        "uid": int(item.getUniqueID()),
        "name": text(item.getName()),
        "base": None if item.getParent() is None else int(item.getParent().getUniqueID()),
        "week": [ranges(item.getCalendarHours(day)) for day in day_of_week.values()],
        "exceptions": exceptions,
        "work_weeks": [
            {
                "name": text(week.getName()),
                "start": str(week.getDateRange().getStart()),
                "finish": str(week.getDateRange().getEnd()),
                "week": [ranges(week.getCalendarHours(day)) for day in day_of_week.values()],
            }
            for week in item.getWorkWeeks()
        ],
    }


def resource(item):
    rate = item.getStandardRate()
    return {
        "uid": int(item.getUniqueID()),
        "name": text(item.getName()),
        "type": str(item.getType().name()),
        "rate": None if rate is None else [float(rate.getAmount()), str(rate.getUnits().name())],
        "cost_per_use": number(item.getCostPerUse()),
        "accrual": str(item.getAccrueAt().name()),
        "max_units": number(item.getMaxUnits()),
        "calendar": None if item.getCalendar() is None else int(item.getCalendar().getUniqueID()),
    }


def assignment(item):
    return {
        "task": int(item.getTaskUniqueID()),
        "resource": None if item.getResourceUniqueID() is None else int(item.getResourceUniqueID()),
        "units": number(item.getUnits()),
        "work": duration(item.getWork()),
        "delay": duration(item.getDelay()),
        "actual_work": duration(item.getActualWork()),
        "remaining_work": duration(item.getRemainingWork()),
        "cost": number(item.getCost()),
        "actual_cost": number(item.getActualCost()),
        "baselines": {index: kept for index in range(11) if (kept := baseline(item, index)) is not None},
    }


def main(path):
    import jpype  # noqa: PLC0415 - only the interpreter that runs this has it
    import mpxj  # noqa: F401, PLC0415 - puts its archives on the class path

    jpype.startJVM()
    reader = jpype.JClass("org.mpxj.reader.UniversalProjectReader")
    day_of_week = jpype.JClass("java.time.DayOfWeek")
    project = reader().read(path)
    settings = project.getProjectProperties()
    content = {
        "name": text(settings.getProjectTitle()),
        "start": text(settings.getStartDate()),
        "finish": text(settings.getFinishDate()),
        "currency": text(settings.getCurrencyCode()),
        "status_date": text(settings.getStatusDate()),
        "tasks": [task(row) for row in project.getTasks()],
        "calendars": [calendar(item, day_of_week) for item in project.getCalendars()],
        "resources": [resource(item) for item in project.getResources()],
        "assignments": [assignment(item) for item in project.getResourceAssignments()],
    }
    json.dump(content, sys.stdout, ensure_ascii=True)


main(sys.argv[1])
