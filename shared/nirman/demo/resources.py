"""Who and what builds the demo: rates in taka an hour, a unit for materials."""

from __future__ import annotations

from decimal import Decimal

from nirman.demo.calendars import CRANE
from nirman.planning.model import Resource, ResourceKind

_WORK = (
    ("engineer", "সাইট প্রকৌশলী / Site engineer", 2, 450, "ব্যবস্থাপনা / Management"),
    ("designer", "নকশাবিদ দল / Design team", 1, 1800, "ব্যবস্থাপনা / Management"),
    ("labour", "সাধারণ শ্রমিক / General labour", 40, 110, "শ্রমিক / Labour"),
    ("mason", "রাজমিস্ত্রি দল / Mason gang", 18, 160, "শ্রমিক / Labour"),
    ("rebar", "রড মিস্ত্রি দল / Rebar gang", 14, 155, "শ্রমিক / Labour"),
    ("carpenter", "শাটারিং মিস্ত্রি দল / Formwork gang", 14, 150, "শ্রমিক / Labour"),
    ("plumber", "প্লাম্বার দল / Plumbing gang", 8, 170, "এমইপি / MEP"),
    ("electrician", "ইলেকট্রিশিয়ান দল / Electrical gang", 8, 180, "এমইপি / MEP"),
    ("tiler", "টাইলস মিস্ত্রি দল / Tiling gang", 8, 175, "শ্রমিক / Labour"),
    ("painter", "রং মিস্ত্রি দল / Painting gang", 10, 140, "শ্রমিক / Labour"),
    ("lift", "লিফট স্থাপন দল / Lift installers", 4, 320, "এমইপি / MEP"),
    ("rig", "পাইলিং রিগ / Piling rig", 2, 6500, "যন্ত্রপাতি / Plant"),
    ("excavator", "এক্সকাভেটর / Excavator", 2, 2800, "যন্ত্রপাতি / Plant"),
    ("crane", "টাওয়ার ক্রেন / Tower crane", 1, 4200, "যন্ত্রপাতি / Plant"),
    ("pump", "কংক্রিট পাম্প / Concrete pump", 1, 3500, "যন্ত্রপাতি / Plant"),
)
_SKILLS = {
    "designer": ("নকশা / Design",),
    "labour": ("সাধারণ কাজ / General works",),
    "mason": ("গাঁথুনি / Brickwork", "প্লাস্টার / Plaster"),
    "rebar": ("রড বাঁধা / Rebar",),
    "carpenter": ("শাটারিং / Formwork",),
    "plumber": ("প্লাম্বিং / Plumbing",),
    "electrician": ("বৈদ্যুতিক কাজ / Wiring",),
    "tiler": ("টাইলস / Tiling",),
    "painter": ("রং / Painting",),
}
_STANDING_IN = (
    ("mason", "সাব-কন্ট্রাক্ট রাজমিস্ত্রি / Subcontract masons", 12, 185),
    ("designer", "ফ্রিল্যান্স নকশাবিদ / Freelance designers", 1, 2300),
    ("rebar", "সাব-কন্ট্রাক্ট রড মিস্ত্রি / Subcontract rebar gang", 8, 180),
)
"""Who could do it as well, at a higher rate, and is asked for nothing yet."""
_MATERIALS = (
    ("concrete", "রেডিমিক্স কংক্রিট / Ready-mix concrete", 11500, "ঘনমিটার / m³"),
    ("steel", "রড ৫০০ডব্লিউ / Rebar 500W", 92000, "টন / t"),
    ("cement", "সিমেন্ট / Cement", 540, "বস্তা / bag"),
    ("brick", "ইট / Bricks", 13, "টি / pc"),
    ("tile", "টাইলস / Tiles", 780, "বর্গমিটার / m²"),
)


def demo_resources() -> dict[str, Resource]:
    """By the short name that the works call them."""
    resources: dict[str, Resource] = {}
    for key, name, units, rate, group in _WORK:
        resources[key] = Resource(
            uid=len(resources) + 1,
            name=name,
            max_units=float(units),
            standard_rate=Decimal(rate),
            overtime_rate=Decimal(rate) * 2,
            calendar_uid=CRANE if key == "crane" else None,
            group=group,
            skills=_SKILLS.get(key, ()),
        )
    for key, name, rate, unit in _MATERIALS:
        resources[key] = Resource(
            uid=len(resources) + 1,
            name=name,
            kind=ResourceKind.MATERIAL,
            standard_rate=Decimal(rate),
            material_label=unit,
            group="উপকরণ / Materials",
        )
    resources["fees"] = Resource(
        uid=len(resources) + 1, name="সরকারি ফি / Government fees", kind=ResourceKind.COST, group="ফি / Fees"
    )
    for key, name, units, rate in _STANDING_IN:
        resources[f"other {key}"] = Resource(
            uid=len(resources) + 1,
            name=name,
            max_units=float(units),
            standard_rate=Decimal(rate),
            overtime_rate=Decimal(rate) * 2,
            group=resources[key].group,
            skills=resources[key].skills,
        )
    return resources
