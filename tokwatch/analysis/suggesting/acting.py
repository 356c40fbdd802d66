"""Which of tokwatch's own settings a suggestion may write. Pure."""

from __future__ import annotations

import re
from typing import Final

from tokwatch.analysis.suggesting import cheaper, measures, prefix, standing, warm
from tokwatch.analysis.suggesting.words import short
from tokwatch.model.suggestion import Setting, Suggestion

TARGET: Final = 0.9
"""Cache hit rate that a goal asks for, of caches that break."""
LOW_TARGET: Final = 0.4
"""The same of those that hardly help."""
_CACHES: Final = frozenset((prefix.KIND, measures.CACHE, warm.HOUR, warm.WARM))


def setting_of(one: Suggestion) -> Setting | None:
    """Return the setting that goes with a suggestion; None where there is nothing to write."""
    about = one.subject.partition(" · ")[0]
    kind, _, name = about.partition(" ")
    slug = re.sub(r"[^A-Za-z0-9_-]+", "-", short(about)).strip("-")[:40] or "all"
    if one.kind == cheaper.KIND and kind == "project":
        values = (("quality", "critical"), ("project", name))
        words = f"no cheaper model is suggested for {short(about)} any more"
        return Setting(("suggestions", "pins", slug), values, words)
    if one.kind in _CACHES and kind in ("project", "source", "model"):
        target = LOW_TARGET if one.kind == measures.CACHE else TARGET
        goal = (("measure", "cache_hit_rate"), ("target", target), (kind, name))
        words = f"a goal of {target:.0%} from the cache for {short(about)}, shown on screen 7"
        return Setting(("goal", f"cache-{slug}"), goal, words)
    return None


def text_of(one: Suggestion) -> str:
    """Return which text of its conversation a suggestion is about; empty where it is all."""
    if one.kind == standing.TEMPLATE:
        return one.subject
    return "memory" if one.kind == standing.MEMORY else ""
