"""The works of the demo building, phase by phase, in the order in which they are built."""

from __future__ import annotations

from datetime import datetime

from nirman.demo.builder import After, Builder
from nirman.demo.calendars import CURING, NIGHT
from nirman.planning.model import ConstraintKind, LinkKind

SS, FF, SF = LinkKind.SS, LinkKind.FF, LinkKind.SF
FLOORS = ("১ম", "২য়", "৩য়", "৪র্থ", "৫ম", "৬ষ্ঠ", "৭ম", "৮ম", "৯ম", "১০ম")
"""Bengali ordinals; floor 1 is the one above the ground floor's parking."""


def building(b: Builder) -> None:
    """Every phase, from permits to occupancy."""
    _preliminaries(b)
    _foundation(b)
    _superstructure(b)
    _finishes(b)
    _services(b)
    _handover(b)


def _preliminaries(b: Builder) -> None:
    b.phase("প্রস্তুতি ও অনুমোদন / Preliminaries and permits")
    b.group("জরিপ ও নকশা / Survey and design")
    b.milestone("start", "প্রকল্প শুরু / Project start")
    b.task("survey", "ডিজিটাল জরিপ / Topographic survey", 5, "start", crew={"engineer": 1, "labour": 4})
    b.task("soil", "মাটি পরীক্ষা / Soil test", 12, After("start", lag_days=2), crew={"labour": 6})
    b.task("architecture", "স্থাপত্য নকশা / Architectural design", 25, After("survey", SS, 3), crew={"designer": 1})
    b.task(
        "structure",
        "কাঠামো নকশা / Structural design",
        20,
        "soil",
        After("architecture", SS, 10),
        crew={"designer": 0.5},
    )
    b.task("mep-design", "এমইপি নকশা / MEP design", 18, After("architecture", lag_days=-6), crew={"designer": 0.5})

    b.group("অনুমোদন / Approvals")
    b.milestone(
        "land-use",
        "রাজউক ভূমি ব্যবহার ছাড়পত্র / RAJUK land use clearance",
        After("survey", lag_days=20, elapsed=True),
        constraint=ConstraintKind.SNET,
        constraint_date=datetime(2027, 2, 1, 8, 0),
    )
    b.task("application", "নকশা দাখিল / Design submission to RAJUK", 4, "architecture", "land-use", crew={"fees": 1})
    b.milestone(
        "permit",
        "রাজউক নির্মাণ অনুমোদন / RAJUK construction permit",
        After("application", lag_days=20),
        deadline=datetime(2027, 6, 30, 17, 0),
    )
    b.milestone("fire-noc", "ফায়ার সার্ভিস ছাড়পত্র / Fire service clearance", After("mep-design", lag_days=10))
    b.milestone("environment", "পরিবেশ ছাড়পত্র / Environmental clearance", After("application", lag_days=15))

    b.group("মোবিলাইজেশন / Mobilisation")
    b.task("fence", "সাইট বেড়া / Site hoarding", 6, "land-use", crew={"labour": 8})
    b.task(
        "office", "সাইট অফিস ও গুদাম / Site office and stores", 8, After("fence", SS, 2), crew={"mason": 3, "labour": 6}
    )
    b.task("power", "অস্থায়ী বিদ্যুৎ ও পানি / Temporary power and water", 5, "fence", crew={"electrician": 2, "plumber": 2})
    b.task("camp", "শ্রমিক আবাসন / Labour camp", 10, After("office", SS, 3), crew={"labour": 8})
    b.milestone("mobilised", "মোবিলাইজেশন সম্পন্ন / Mobilisation complete", "office", "power", "camp")


def _foundation(b: Builder) -> None:
    b.phase("ভিত্তি ও বেসমেন্ট / Foundation and basement")
    b.group("পাইলিং / Piling")
    b.task("rig-in", "পাইলিং রিগ আনা (রাতে) / Piling rig delivery (night)", 2, "mobilised", calendar_uid=NIGHT)
    b.task(
        "test-pile",
        "পরীক্ষামূলক পাইল / Test pile",
        4,
        "rig-in",
        "permit",
        "structure",
        crew={"rig": 1, "labour": 8, "concrete": 24},
    )
    b.task(
        "load-test",
        "পাইল লোড টেস্ট / Pile load test",
        5,
        After("test-pile", lag_days=10),
        crew={"engineer": 1},
    )
    b.task("shore", "শোর পাইল / Shore piling", 18, "test-pile", crew={"rig": 1, "labour": 10, "concrete": 260})
    b.task(
        "piling",
        "বোরড পাইলিং / Bored piling",
        40,
        "load-test",
        crew={"rig": 2, "labour": 14, "concrete": 980, "steel": 86},
    )
    b.task(
        "integrity", "পাইল ইন্টিগ্রিটি টেস্ট / Pile integrity test", 6, After("piling", lag_days=-4), crew={"engineer": 1}
    )

    b.group("মাটি কাটা / Earthworks")
    b.task(
        "excavation",
        "ভিত্তি খনন / Foundation excavation",
        22,
        "shore",
        After("piling", lag_days=-8),
        crew={"excavator": 2, "labour": 12},
    )
    b.task(
        "spoil",
        "মাটি অপসারণ (রাতে) / Spoil removal (night)",
        20,
        After("excavation", SS, 1),
        calendar_uid=NIGHT,
        crew={"labour": 8},
    )
    b.task(
        "dewatering", "পানি নিষ্কাশন / Dewatering", 45, After("excavation", SS, 3), calendar_uid=CURING, crew={"labour": 3}
    )
    b.task(
        "pile-heads",
        "পাইলের মাথা ভাঙা / Pile head breaking",
        9,
        "integrity",
        After("excavation", lag_days=-5),
        crew={"labour": 16},
    )
    b.task(
        "blinding",
        "লিন কংক্রিট / Blinding concrete",
        3,
        "excavation",
        After("pile-heads", FF, 1),
        crew={"mason": 6, "cement": 320},
    )

    b.group("পাইল ক্যাপ ও বেসমেন্ট / Pile caps and basement")
    b.task("cap-rebar", "পাইল ক্যাপের রড / Pile cap rebar", 14, "blinding", crew={"rebar": 12, "steel": 64})
    b.task(
        "cap-pour",
        "পাইল ক্যাপ ঢালাই / Pile cap casting",
        5,
        After("cap-rebar", lag_days=-2),
        crew={"pump": 1, "mason": 10, "concrete": 640},
    )
    b.task("cap-cure", "পাইল ক্যাপ কিউরিং / Pile cap curing", 7, "cap-pour", calendar_uid=CURING, crew={"labour": 2})
    b.task("crane-up", "টাওয়ার ক্রেন স্থাপন / Tower crane erection", 6, "cap-cure", crew={"labour": 8, "engineer": 1})
    b.task(
        "raft",
        "বেসমেন্ট ম্যাট ঢালাই / Basement raft slab",
        10,
        After("cap-pour", lag_days=5),
        crew={"rebar": 12, "mason": 10, "pump": 1, "concrete": 520},
    )
    b.task(
        "walls",
        "বেসমেন্ট দেয়াল / Retaining walls",
        16,
        After("raft", lag_days=2),
        crew={"carpenter": 12, "rebar": 10, "concrete": 310},
    )
    b.task("waterproof", "ওয়াটারপ্রুফিং / Waterproofing", 8, After("walls", FF, 2), crew={"labour": 8})
    b.task(
        "ground-slab",
        "নিচতলার ছাদ ঢালাই / Ground floor slab",
        14,
        "walls",
        crew={"carpenter": 14, "rebar": 12, "pump": 1, "concrete": 280},
    )
    b.task(
        "ground-cure",
        "নিচতলার ছাদ কিউরিং / Ground slab curing",
        10,
        "ground-slab",
        calendar_uid=CURING,
        crew={"labour": 2},
    )
    b.milestone(
        "foundation-done", "ভিত্তি সম্পন্ন / Foundation complete", "ground-slab", "waterproof", "crane-up", "spoil"
    )


def _superstructure(b: Builder) -> None:
    b.phase("মূল কাঠামো / Superstructure")
    below = "foundation-done"
    for number, ordinal in enumerate(FLOORS, 1):
        b.group(f"{ordinal} তলার কাঠামো / Floor {number} structure")
        column, form, pour, cure = (f"{part}-{number}" for part in ("column", "form", "pour", "cure"))
        # Columns stand on a slab two working days old; the props below stay for the whole curing.
        b.task(
            column,
            f"{ordinal} তলার কলাম / Columns, floor {number}",
            6,
            After(below, lag_days=2),
            crew={"rebar": 8, "carpenter": 6, "crane": 0.5, "concrete": 48, "steel": 9},
        )
        b.task(
            form,
            f"{ordinal} তলার ছাদের শাটারিং ও রড / Slab formwork and rebar, floor {number}",
            9,
            After(column, lag_days=-1),
            crew={"carpenter": 12, "rebar": 12, "crane": 0.5, "steel": 14},
        )
        b.task(
            pour,
            f"{ordinal} তলার ছাদ ঢালাই / Slab casting, floor {number}",
            1,
            form,
            crew={"pump": 1, "mason": 12, "labour": 20, "concrete": 118},
        )
        b.task(
            cure,
            f"{ordinal} তলার ছাদ কিউরিং / Slab curing, floor {number}",
            14,
            pour,
            calendar_uid=CURING,
            crew={"labour": 2},
        )
        below = pour
    b.group("ছাদ / Roof")
    b.task(
        "machine-room",
        "লিফট মেশিন রুম ও সিঁড়িঘর / Lift machine room and stair head",
        12,
        After("pour-10", lag_days=2),
        crew={"carpenter": 8, "rebar": 8, "concrete": 46},
    )
    b.task(
        "tank",
        "ছাদের পানির ট্যাংক / Overhead water tank",
        14,
        After("machine-room", SS, 5),
        crew={"carpenter": 6, "rebar": 6, "concrete": 38},
    )
    b.milestone(
        "topped-out",
        "কাঠামো সম্পন্ন / Structure topped out",
        "machine-room",
        "tank",
        "cure-10",
        deadline=datetime(2028, 10, 31, 17, 0),
    )
    b.task("parapet", "প্যারাপেট দেয়াল / Parapet wall", 6, "pour-10", crew={"mason": 6, "brick": 5200})
    b.task("lime", "জলছাদ / Roof lime terracing", 12, "parapet", "topped-out", crew={"mason": 6, "labour": 10})
    b.task("crane-down", "টাওয়ার ক্রেন নামানো / Tower crane dismantling", 4, "topped-out", crew={"labour": 8})


def _finishes(b: Builder) -> None:
    b.phase("গাঁথুনি ও ফিনিশিং / Masonry and finishes")
    for number, ordinal in enumerate(FLOORS, 1):
        b.group(f"{ordinal} তলার ফিনিশিং / Floor {number} finishes")
        brick, rough, plaster, tile, paint = (
            f"{part}-{number}" for part in ("brick", "rough", "plaster", "tile", "paint")
        )

        def then(part: str, floor: int = number) -> tuple[str, ...]:
            """One gang goes from floor to floor."""
            return (f"{part}-{floor - 1}",) if floor > 1 else ()

        # Brickwork starts when the props are out: after the curing of the slab above it.
        b.task(
            brick,
            f"{ordinal} তলার ইটের গাঁথুনি / Brickwork, floor {number}",
            9,
            f"cure-{number}",
            *then("brick"),
            crew={"mason": 10, "labour": 10, "brick": 21000, "cement": 260},
        )
        b.task(
            rough,
            f"{ordinal} তলার পাইপ ও কন্ডুইট / MEP rough-in, floor {number}",
            8,
            After(brick, SS, 4),
            *then("rough"),
            crew={"plumber": 4, "electrician": 4},
        )
        b.task(
            plaster,
            f"{ordinal} তলার প্লাস্টার / Plaster, floor {number}",
            10,
            brick,
            rough,
            *then("plaster"),
            crew={"mason": 8, "labour": 8, "cement": 310},
        )
        b.task(
            tile,
            f"{ordinal} তলার টাইলস / Tiling, floor {number}",
            11,
            After(plaster, lag_days=4, elapsed=True),
            *then("tile"),
            crew={"tiler": 8, "tile": 610},
        )
        b.task(
            paint,
            f"{ordinal} তলার রং ও দরজা / Painting and doors, floor {number}",
            9,
            After(tile, lag_days=-3),
            *then("paint"),
            crew={"painter": 8},
        )


def _services(b: Builder) -> None:
    b.phase("এমইপি ও লিফট / MEP and lifts")
    b.group("বৈদ্যুতিক / Electrical")
    b.task("substation-room", "সাবস্টেশন কক্ষ / Substation room", 10, "cure-1", crew={"mason": 4, "electrician": 2})
    b.task(
        "substation",
        "সাবস্টেশন ও জেনারেটর / Substation and generator",
        18,
        "substation-room",
        After("topped-out", SS),
        crew={"electrician": 6},
    )
    b.task(
        "riser",
        "বৈদ্যুতিক রাইজার / Electrical risers",
        16,
        After("rough-10", FF, 5),
        After("rough-5", SS),
        crew={"electrician": 4},
    )
    b.task(
        "wiring",
        "ওয়্যারিং ও ফিটিংস / Wiring and fittings",
        40,
        After("tile-3", SS),
        After("paint-10", FF, 3),
        "riser",
        crew={"electrician": 8},
    )
    b.milestone("energised", "ডিপিডিসি স্থায়ী সংযোগ / DPDC permanent supply", After("substation", lag_days=15), "riser")
    b.task("hired-generator", "ভাড়া জেনারেটর, শেষ মাস / Hired generator, last month", 20, After("energised", SF))

    b.group("প্লাম্বিং ও গ্যাস / Plumbing and gas")
    b.task(
        "stacks",
        "স্যানিটারি স্ট্যাক / Sanitary stacks",
        20,
        After("rough-3", SS),
        After("rough-10", FF, 3),
        crew={"plumber": 4},
    )
    b.task("fixtures", "স্যানিটারি ফিটিংস / Sanitary fixtures", 30, "stacks", After("tile-10", FF, 6), crew={"plumber": 8})
    b.task(
        "pump-room",
        "পাম্প ও ভূগর্ভস্থ ট্যাংক / Pumps and underground tank",
        15,
        "waterproof",
        "permit",
        crew={"plumber": 3, "mason": 4},
    )
    b.milestone("wasa", "ওয়াসা পানির সংযোগ / WASA water connection", "pump-room", "stacks")

    b.group("অগ্নি নিরাপত্তা / Fire safety")
    b.task(
        "hydrant",
        "ফায়ার হাইড্রেন্ট ও পাম্প / Hydrants and fire pump",
        22,
        "fire-noc",
        After("stacks", SS, 5),
        crew={"plumber": 4},
    )
    b.task("alarm", "ফায়ার অ্যালার্ম / Fire alarm", 25, After("wiring", SS, 15), crew={"electrician": 3})
    b.task(
        "fire-test", "অগ্নি মহড়া ও পরীক্ষা / Fire drill and test", 3, "hydrant", "alarm", "energised", crew={"engineer": 1}
    )

    b.group("লিফট / Lifts")
    b.task(
        "lift-order",
        "লিফট আমদানি / Lift import",
        120,
        "permit",
        constraint=ConstraintKind.SNET,
        constraint_date=datetime(2027, 9, 1, 8, 0),
    )
    b.task("lift-rails", "লিফটের রেইল / Lift guide rails", 15, "lift-order", "machine-room", crew={"lift": 4})
    b.task("lift-cars", "লিফট কার ও মোটর / Lift cars and machines", 25, "lift-rails", crew={"lift": 4})
    b.task(
        "lift-test",
        "লিফট পরীক্ষা ও সনদ / Lift test and licence",
        8,
        "lift-cars",
        "energised",
        crew={"lift": 2, "engineer": 1},
    )


def _handover(b: Builder) -> None:
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
