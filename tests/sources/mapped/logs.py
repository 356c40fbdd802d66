"""A gateway's log that no tool writes, and the mapping that a user would write for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.sources.road import CHUNK, MAX_LINE, found_log
from tokwatch.config import load
from tokwatch.ingest.chosen import source_of
from tokwatch.model.reading import Cursor, Reading
from tokwatch.sources.mapped.source import MappedSource
from tokwatch.sources.reader import read_log

NAME = "my-gateway"
HEAD = """
files = ["~/logs/*.jsonl"]
time = "ts"
"""
FIELDS = {
    "id": "request.id",
    "session": "request.session",
    "model": "response.model",
    "input": "usage.prompt_tokens",
    "cache_read": "usage.details[0].cached",
    "cache_write": "usage.written",
    "cache_write_1h": "usage.written_1h",
    "output": "usage.completion_tokens",
    "reasoning": "usage.thought",
    "cost": "cost",
}
RULES = """
input_includes = ["cache_read", "cache_write"]
output_includes_reasoning = true
"""

Record = dict[str, Any]  # as a log has it: values of every type


def mapping(rules: str = RULES, fields: dict[str, str] = FIELDS, more: str = "") -> str:
    """Return the settings of the mapping: its own keys, its fields, and further tables."""
    lines = [f"[mapping.{NAME}]", HEAD.strip(), rules.strip(), f"[mapping.{NAME}.fields]"]
    lines += [f"{name} = {json.dumps(path)}" for name, path in fields.items()]
    return "\n".join((*lines, more.replace("MAPPING", f"mapping.{NAME}"), ""))


def plain(**fields: str) -> str:
    """Return the settings of a mapping with a model, input, and some more fields."""
    return mapping("", {"model": "model", "input": "input", **fields})


def configured(text: str) -> Path:
    """Write the user's settings and return the file."""
    file = load(environ={}).file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def source(text: str) -> MappedSource:
    """Return the mapping of these settings as a source."""
    configured(text)
    found = source_of(load(environ={}), NAME)
    assert isinstance(found, MappedSource)
    return found


def record(number: int = 1, **changes: object) -> Record:
    """Return a request's record; None takes a field away."""
    whole: Record = {
        "ts": f"2026-08-01T10:00:{number % 60:02}Z",
        "request": {"id": f"r{number}", "session": "s1"},
        "response": {"model": "gpt-5.5"},
        "usage": {
            "prompt_tokens": 1_000,
            "details": [{"cached": 600}],
            "written": 100,
            "written_1h": 40,
            "completion_tokens": 50,
            "thought": 20,
        },
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def spelt(*records: object) -> bytes:
    """Return records as lines of JSON."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def written(home: Path, content: bytes, name: str = "a.jsonl") -> Path:
    """Write a log of the mapping and return its path."""
    file = home / "logs" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(content)
    return file


def read(
    text: str, home: Path, *records: object, cursor: Cursor | None = None, chunk: int = CHUNK
) -> Reading:
    """Return what a mapping reads in a log of these records."""
    file = written(home, spelt(*records))
    return read_log(source(text), found_log(file, file.parent), cursor, MAX_LINE, chunk).reading
