"""Titles of Kimi's sessions, read when the screen asks for one and never stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tokwatch.sources.beside import part, plain, read_object
from tokwatch.sources.text import safe_title

_LINES: Final = 400
_LONGEST: Final = 1 << 20


def cli_title(path: Path) -> str:
    """Return the title of a Kimi CLI session, or the first words of its first prompt."""
    titled = plain(read_object(path.parent / "state.json").get("custom_title"))
    return safe_title(titled) or _first_words(_cli_prompts(path))


def code_title(path: Path) -> str:
    """Return the title of a Kimi Code session, or the first words of its first prompt."""
    titled = plain(read_object(path.parent.parent.parent / "state.json").get("title"))
    return safe_title(titled) or _first_words(_code_prompts(path))


def _cli_prompts(path: Path) -> Iterator[object]:
    for record in _records(path):
        message = part(record, "message")
        if message.get("type") == "TurnBegin":
            yield part(message, "payload").get("user_input")


def _code_prompts(path: Path) -> Iterator[object]:
    for record in _records(path):
        if record.get("type") in ("turn.prompt", "turn.steer"):
            yield record.get("input")


def _first_words(prompts: Iterator[object]) -> str:
    return next((title for title in map(_words, prompts) if title), "")


def _words(content: object) -> str:
    """Return the text of a prompt: a string, or a list of parts."""
    if isinstance(content, list):
        content = " ".join(plain(piece.get("text")) for piece in content if isinstance(piece, dict))
    return safe_title(plain(content))


def _records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the first records of a wire log."""
    try:
        with open(path, "rb") as file:
            for _ in range(_LINES):
                line = file.readline(_LONGEST)
                if not line:
                    return
                try:
                    record = json.loads(line)
                except (ValueError, RecursionError):
                    continue
                if isinstance(record, dict):
                    yield record
    except OSError:
        return
