"""Sums simulated logs with plain JSON and few rules: the books that the store must agree with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tokwatch.demo.agent import Tool
from tokwatch.demo.world import Course

CLASSES = ("requests", "input", "cache_read", "cache_write", "output", "reasoning")

Books = dict[tuple[str, str, str, str], Counter[str]]
"""Counts by source, session, agent and model."""


def of_courses(courses: Iterable[Course]) -> Books:
    """Return what the world says that its agents used."""
    books: Books = {}
    for course in courses:
        agent = course.agent
        entry = books.setdefault(
            (str(agent.desk.tool), agent.session, agent.id, agent.desk.model), Counter()
        )
        for request in course.requests:
            entry["requests"] += 1
            entry["input"] += request.fresh
            entry["cache_read"] += request.cache_read
            entry["cache_write"] += request.cache_write
            entry["output"] += request.output
            entry["reasoning"] += request.reasoning
    return books


def of_home(home: Path) -> Books:
    """Return what the logs below a home tell."""
    books: Books = {}
    for path in home.rglob("*.jsonl"):
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        found = _codex(lines) if ".codex" in path.parts else _claude(lines)
        for key, counts in found:
            books.setdefault(key, Counter()).update(counts)
    return books


def total(books: Books) -> Counter[str]:
    """Return the sums over everything."""
    counts: Counter[str] = Counter()
    for entry in books.values():
        counts.update(entry)
    return counts


Json = dict[str, Any]  # a line of a log, whatever it holds
Entry = tuple[tuple[str, str, str, str], dict[str, int]]


def _claude(lines: Iterable[Json]) -> Iterator[Entry]:
    last = {line["message"]["id"]: line for line in lines if line["type"] == "assistant"}
    for line in last.values():
        message = line["message"]
        usage = message["usage"]
        key = (str(Tool.CLAUDE_CODE), line["sessionId"], line.get("agentId", ""), message["model"])
        yield (
            key,
            {
                "requests": 1,
                "input": usage["input_tokens"],
                "cache_read": usage["cache_read_input_tokens"],
                "cache_write": usage["cache_creation_input_tokens"],
                "output": usage["output_tokens"],
                "reasoning": usage["output_tokens_details"]["thinking_tokens"],
            },
        )


def _codex(lines: list[Json]) -> Iterator[Entry]:
    session, model = lines[0]["payload"]["id"], lines[2]["payload"]["model"]
    for line in lines:
        if line["payload"].get("type") == "token_count":
            usage = line["payload"]["info"]["last_token_usage"]
            yield (
                (str(Tool.CODEX), session, "", model),
                {
                    "requests": 1,
                    "input": usage["input_tokens"] - usage["cached_input_tokens"],
                    "cache_read": usage["cached_input_tokens"],
                    "cache_write": 0,
                    "output": usage["output_tokens"],
                    "reasoning": usage["reasoning_output_tokens"],
                },
            )
