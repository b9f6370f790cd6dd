"""Floor by floor: the structure up to the roof, then masonry and finishes."""

from __future__ import annotations

from datetime import datetime

from nirman.demo.builder import After, Builder
from nirman.demo.calendars import CURING
from nirman.planning.model import LinkKind

SS = LinkKind.SS
FLOORS = ("১ম", "২য়", "৩য়", "৪র্থ", "৫ম", "৬ষ্ঠ", "৭ম", "৮ম", "৯ম", "১০ম")
"""Bengali ordinals; floor 1 is the one above the ground floor's parking."""


def superstructure(b: Builder) -> None:
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


def finishes(b: Builder) -> None:
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
