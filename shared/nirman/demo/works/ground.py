"""Before anything stands: permits, piles, the pit, the basement."""

from __future__ import annotations

from datetime import datetime

from nirman.demo.builder import After, Builder
from nirman.demo.calendars import CURING, NIGHT
from nirman.planning.model import ConstraintKind, LinkKind

FF, SS = LinkKind.FF, LinkKind.SS


def preliminaries(b: Builder) -> None:
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


def foundation(b: Builder) -> None:
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
