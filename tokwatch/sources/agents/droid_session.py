"""The first lines of a Droid session's own log: working directory, title, model."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final, NamedTuple

from tokwatch.sources.beside import plain
from tokwatch.sources.text import safe_title

ENDING: Final = ".settings.json"
_LINES: Final = 500
_LONGEST: Final = 1 << 20
_UNNAMED: Final = "New Session"
# Known words only: what follows may be somebody's prompt.
_MODEL: Final = re.compile(
    r"Model:\s*((?:claude|gpt|o\d|gemini|grok|glm|kimi|qwen|deepseek|mistral|minimax|llama)"
    r"(?:[ .-]?(?:opus|sonnet|haiku|fable|codex|coder|flash|pro|mini|max|fast|preview|thinking"
    r"|k?\d+[a-z]?(?!\w)))*)(?!\w)",
    re.IGNORECASE,
)


class About(NamedTuple):
    """What a session's own log tells of it."""

    project: str = ""
    title: str = ""
    model: str = ""
    """As its first text names it, behind "Model:"."""


def session_log(settings: Path) -> Path:
    """Return the session's own log, whose name its settings have."""
    return settings.with_name(settings.name.removesuffix(ENDING) + ".jsonl")


def first_lines(path: Path) -> About:
    """Return what the first lines tell; nothing where there are none."""
    about = About()
    try:
        with open(path, "rb") as file:
            for _ in range(_LINES):
                line = file.readline(_LONGEST)
                if not line or (about.project and about.model):
                    break
                about = _with_line(about, line.decode("utf-8", "replace"))
    except OSError:
        return about
    return about


def title_of(path: Path) -> str:
    """Return the session's own title."""
    return safe_title(first_lines(path).title)


def _with_line(about: About, line: str) -> About:
    if not about.model and (told := _MODEL.search(line)):
        about = about._replace(model="-".join(told[1].split()).lower())
    if not about.project and '"session_start"' in line:
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            return about
        if isinstance(record, dict) and record.get("type") == "session_start":
            named = plain(record.get("sessionTitle"))
            title = plain(record.get("title")) if named in ("", _UNNAMED) else named
            return about._replace(project=plain(record.get("cwd")), title=title)
    return about
