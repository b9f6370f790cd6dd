"""What is outside the walls, and what must be signed."""

from __future__ import annotations

from datetime import datetime

from nirman.demo.builder import After, Builder
from nirman.planning.model import ConstraintKind, LinkKind

FF, SS = LinkKind.FF, LinkKind.SS


def handover(b: Builder) -> None:
    b.phase("বহিরাঙ্গন ও হস্তান্তর / External works and handover")
    b.group("বহিরাঙ্গন / External works")
    b.task(
        "facade",
        "বাইরের প্লাস্টার / External plaster",
        40,
        "brick-10",
        "topped-out",
        crew={"mason": 10, "labour": 10, "cement": 900},
    )
    b.task(
        "windows",
        "জানালা ও গ্রিল / Windows and grilles",
        35,
        After("facade", FF, 5),
        crew={"labour": 8},
    )
    b.task(
        "weathercoat",
        "বাইরের রং / External painting",
        24,
        After("facade", lag_days=-10),
        "windows",
        crew={"painter": 10},
    )
    b.task("drains", "ড্রেনেজ ও সংযোগ / Drainage and connections", 14, "crane-down", crew={"plumber": 3, "labour": 8})
    b.task(
        "paving",
        "চত্বর ও সীমানা দেয়াল / Paving and boundary wall",
        18,
        "drains",
        After("facade"),
        crew={"mason": 6, "labour": 8},
    )
    b.task("garden", "বাগান ও বৃক্ষরোপণ / Landscaping", 10, "paving", crew={"labour": 6}, constraint=ConstraintKind.ALAP)

    b.group("পরিদর্শন ও হস্তান্তর / Inspections and handover")
    b.task(
        "commissioning",
        "কমিশনিং / Commissioning",
        10,
        "wiring",
        "fixtures",
        "fire-test",
        "lift-test",
        "wasa",
        crew={"engineer": 2},
    )
    b.task(
        "snags",
        "ত্রুটি সংশোধন / Snagging",
        15,
        "paint-10",
        After("weathercoat", FF, 3),
        After("commissioning", SS, 5),
        crew={"labour": 10, "painter": 4},
    )
    b.milestone("fire-certificate", "ফায়ার সার্ভিস সনদ / Fire service certificate", After("fire-test", lag_days=10))
    b.task(
        "inspection",
        "রাজউক পরিদর্শন / RAJUK inspection",
        5,
        "snags",
        "commissioning",
        "fire-certificate",
        "garden",
        crew={"engineer": 1, "fees": 1},
    )
    b.milestone(
        "occupancy",
        "ব্যবহার সনদ / Occupancy certificate",
        After("inspection", lag_days=15),
        deadline=datetime(2029, 9, 30, 17, 0),
    )
    b.task("handover", "ফ্ল্যাট হস্তান্তর / Handing over of flats", 10, "occupancy", crew={"engineer": 2})
    b.milestone("done", "প্রকল্প সমাপ্ত / Project complete", "handover")
