"""Old results of tools, cleared: the newest stay, and the calls tell what could be run again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tokwatch.compress.nouns import Change, Kind, Risk
from tokwatch.compress.scene import Scene, Stage, Touch

_CLEARED: Final = "[old result cleared; run the tool again if it is needed]"


def find(scene: Scene) -> Iterator[Change]:
    """Yield all results but the newest."""
    results = [view for view in scene.views if view.kind is Kind.RESULT]
    old = results[: max(0, len(results) - scene.settings.keep_results)]
    for view in old:
        if view.fence.is_free(0, len(view.text)):
            yield Change(view.number, 0, len(view.text), _CLEARED, "old result of a tool")


STAGE: Final = Stage(
    *("clear-results", "old results of tools, all but the newest three", Risk.HIGH),
    *(Touch.REMOVE, find),
)
