"""Run by an interpreter that has mpxj and JPype1: what MPXJ makes of plans and calendars, as JSON on standard output.

`mpxj_microsoft.py schedule FOLDER`: dates and slack of every MSPDI file in the folder, by MPXJ's MicrosoftScheduler.
`mpxj_microsoft.py calendars FILE`: answers to the questions on standard input, by MPXJ's ProjectCalendar; a question is
`[calendar uid, "add" | "subtract" | "next" | "between", instant, minutes or instant]`.
"""

import json
import sys
from pathlib import Path

import jpype
import mpxj  # noqa: F401 - puts its archives on the class path

MINUTES = {"MINUTES": 1, "HOURS": 60, "DAYS": 480, "WEEKS": 2400}
ELAPSED = {"ELAPSED_MINUTES": 1, "ELAPSED_HOURS": 60, "ELAPSED_DAYS": 1440, "ELAPSED_WEEKS": 10080}


def text(value):
    return None if value is None else str(value)


def minutes(amount):
    return (
        None
        if amount is None
        else round(float(amount.getDuration()) * (MINUTES | ELAPSED)[str(amount.getUnits().name())])
    )


def read(path):
    return jpype.JClass("org.mpxj.reader.UniversalProjectReader")().read(str(path))


def duration(amount):
    unit = jpype.JClass("org.mpxj.TimeUnit").MINUTES
    return jpype.JClass("org.mpxj.Duration").getInstance(amount, unit)


def schedule(folder):
    scheduler = jpype.JClass("org.mpxj.cpm.MicrosoftScheduler")
    found = {}
    for path in sorted(Path(folder).glob("*.xml")):
        project = read(path)
        for task in project.getTasks():
            # The scheduler wants these of every task; files have them of those that have started.
            if task.getActualDuration() is None:
                task.setActualDuration(duration(0))
            if task.getRemainingDuration() is None:
                task.setRemainingDuration(task.getDuration())
        scheduler().schedule(project, project.getProjectProperties().getStartDate())
        found[path.stem] = {
            int(task.getUniqueID()): [text(task.getStart()), text(task.getFinish()), minutes(task.getTotalSlack())]
            for task in project.getTasks()
        }
    return found


def calendars(path, questions):
    local = jpype.JClass("java.time.LocalDateTime")
    in_minutes = jpype.JClass("org.mpxj.TimeUnit").MINUTES
    by_uid = {int(item.getUniqueID()): item for item in read(path).getCalendars()}
    answers = []
    for uid, kind, at, amount in questions:
        calendar, instant = by_uid[uid], local.parse(at)
        if kind == "between":
            work = calendar.getWork(instant, local.parse(amount), in_minutes)
            answers.append(round(float(work.getDuration())))
        elif kind == "next":
            answers.append(str(calendar.getNextWorkStart(instant)))
        else:
            signed = amount if kind == "add" else -amount
            answers.append(str(calendar.getDate(instant, duration(signed))))
    return answers


def main(what, path):
    jpype.startJVM()
    found = schedule(path) if what == "schedule" else calendars(path, json.load(sys.stdin))
    json.dump(found, sys.stdout)


main(*sys.argv[1:])
