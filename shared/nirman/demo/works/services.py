"""Electricity, water, fire safety and lifts."""

from __future__ import annotations

from datetime import datetime

from nirman.demo.builder import After, Builder
from nirman.planning.model import ConstraintKind, LinkKind

FF, SF, SS = LinkKind.FF, LinkKind.SF, LinkKind.SS


def services(b: Builder) -> None:
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
