"""Which of tokwatch's own settings a suggestion may write. Pure."""

from __future__ import annotations

import re
from typing import Final

from tokwatch.analysis.suggesting import cheaper, measures, prefix, warm
from tokwatch.analysis.suggesting.words import short
from tokwatch.model.suggestion import Setting, Suggestion

TARGET: Final = 0.4
"""Cache hit rate that a goal asks for."""
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
        goal = (("measure", "cache_hit_rate"), ("target", TARGET), (kind, name))
        words = f"a goal of {TARGET:.0%} from the cache for {short(about)}, shown on screen 7"
        return Setting(("goal", f"cache-{slug}"), goal, words)
    return None
