"""Work of which the quality must not suffer: it is never told of a cheaper model. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from tokwatch.config.suggesting import Suggestions


def is_pinned(settings: Suggestions, project: str, agent: str, model: str) -> bool:
    """Tell whether a pin holds for work of a project, a sort of agent and a model."""
    return any(
        _means(pin.project, project) and _means(pin.agent, agent) and _means(pin.model, model)
        for pin in settings.pins.values()
    )


def _means(pattern: str, name: str) -> bool:
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return not pattern or fnmatchcase(name, pattern) or fnmatchcase(last, pattern)
