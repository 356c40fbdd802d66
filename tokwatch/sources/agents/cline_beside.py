"""What lies beside a task of Cline, Roo Code or Kilo Code: which model answered when, and where."""

from __future__ import annotations

import json
import os
import re
from bisect import bisect_left
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from tokwatch.sources.agents.documents import objects_in
from tokwatch.sources.beside import read_object
from tokwatch.sources.counts import instant_ms
from tokwatch.sources.text import name_in, safe_name

_PROMPTS: Final = "api_conversation_history.json"
_HEAD_BYTES: Final = 256 << 10
_LARGEST: Final = 64 << 20
_CACHED: Final = 64
_MODEL: Final = re.compile(rb'</name>\\n<model>([^<>"\\]{1,200})</model>')
"""As the prompts of Roo Code and Kilo Code end, spelt as in JSON."""
_STAMP: Final = re.compile(rb'"ts"\s*:\s*(\d{12,14})')
_FOLDER: Final = re.compile(
    rb'# Current (?:Working|Workspace) Directory \(((?:[^()"\\]|\\.){1,400})\) Files'
)


class Answering(NamedTuple):
    """Which model answers from an instant on."""

    instant_ms: int
    provider: str
    model: str


class Beside(NamedTuple):
    """What a task's neighbouring files tell of it."""

    project: str
    parent: str
    """The task that this one is a part of."""
    models: tuple[Answering, ...]
    """In the order of time."""

    def model_before(self, instant_ms: int) -> Answering:
        """Return the model that was set last before an instant, else the first one."""
        if not self.models:
            return Answering(0, "", "")
        after = bisect_left(self.models, instant_ms, key=lambda answering: answering.instant_ms)
        return self.models[max(0, after - 1)]


def beside(path: Path) -> Beside:
    """Return what the files beside a task's messages tell."""
    folder = path.parent
    item = read_object(folder / "history_item.json")
    models = _recorded_models(folder) or _models_in(folder / _PROMPTS)
    return Beside(
        project=name_in(item.get("workspace")) or _folder_in(folder / _PROMPTS),
        parent=name_in(item.get("parentTaskId")),
        models=models,
    )


def _recorded_models(folder: Path) -> tuple[Answering, ...]:
    """Return the models that Cline lists beside a task."""
    found = []
    for _, use in objects_in(read_object(folder / "task_metadata.json").get("model_usage")):
        instant, model = instant_ms(use.get("ts")), name_in(use.get("model_id"))
        if instant is not None and model:
            found.append(Answering(instant, name_in(use.get("model_provider_id")), model))
    return tuple(sorted(found))


def _models_in(prompts: Path) -> tuple[Answering, ...]:
    """Return the models that the prompts of Roo Code and Kilo Code name."""
    try:
        status = os.stat(prompts)
    except OSError:
        return ()
    if status.st_size > _LARGEST:
        return ()
    return _models_as_of(prompts, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=_CACHED)
def _models_as_of(prompts: Path, size: int, mtime_ns: int) -> tuple[Answering, ...]:
    """Return the models in prompts; while a task streams, its messages change more often."""
    try:
        content = prompts.read_bytes()
    except OSError:
        return ()
    found: dict[int, Answering] = {}
    for named in _MODEL.finditer(content):
        stamp = _STAMP.search(content, named.end())
        if stamp is None:
            break
        model = safe_name(named[1].decode("utf-8", "replace"))
        found[int(stamp[1])] = Answering(int(stamp[1]), "", model)
    return tuple(sorted(found.values()))


def _folder_in(prompts: Path) -> str:
    """Return the working directory that the first prompt names."""
    try:
        with prompts.open("rb") as file:
            named = _FOLDER.search(file.read(_HEAD_BYTES))
        return safe_name(str(json.loads(b'"' + named[1] + b'"'))) if named else ""
    except (OSError, ValueError):
        return ""
