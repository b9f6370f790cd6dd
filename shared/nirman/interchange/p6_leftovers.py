"""Which values of a Primavera P6 file hold nothing that a reader would have to tell about."""

from __future__ import annotations

import re

_ZERO = re.compile(r"[+-]?0*[.,]?0*(?:[eE][+-]?\d+)?", re.ASCII)
_WORDS = frozenset({"", "n", "false", "-1"})
_LONGEST = 40
_DEFAULTS = {
    "rsrc_self_add_flag": "Y",
    "allow_complete_flag": "Y",
    "rsrc_multi_assign_flag": "Y",
    "batch_sum_flag": "Y",
    "priority_num": "10",
    "wbs_max_sum_level": "2",
    "strgy_priority_num": "500",
    "act_this_per_link_flag": "Y",
    "act_pct_link_flag": "Y",
    "def_rollup_dates_flag": "Y",
    "use_project_baseline_flag": "Y",
    "rem_target_link_flag": "Y",
    "loaded_scope_level": "7",
}


def is_nothing(name: str, text: str) -> bool:
    """Empty, zero, "no", or what P6 writes where nobody chose anything."""
    text = text.strip()
    if len(text) > _LONGEST:
        return False
    return text.lower() in _WORDS or _ZERO.fullmatch(text) is not None or _DEFAULTS.get(name) == text
