"""A slow reader of the one log that `logs.py` maps: one straight function for each thing told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.sources.reference_text import Record, records, table
from tokwatch.sources.text import safe_name

Told = tuple[Any, ...]  # session, instant, model, six classes of tokens, nano-dollars


def requests(path: Path) -> list[Told]:
    """Return each request of a log, its last record only."""
    found: dict[object, Told] = {}
    for number, record in records(path):
        told = request(record, safe_name(path.stem))
        if told is not None:
            asked = table(record.get("request"))
            own = name(asked.get("id"))
            found[(name(asked.get("session")), own) if own else number] = told
    return sorted(found.values(), key=repr)


def request(record: Record, log_session: str) -> Told | None:
    """Return what a record tells of a request; None where it is of none or cannot be counted."""
    usage = table(record.get("usage"))
    details = usage.get("details")
    first = details[0] if isinstance(details, list) and details else None
    logged = [usage.get("prompt_tokens"), table(first).get("cached"), usage.get("written")]
    logged += [usage.get("written_1h"), usage.get("completion_tokens"), record.get("cost")]
    if all(value is None for value in logged):
        return None
    try:
        *counts, cost = [number(value) for value in logged]
        thought = number(usage.get("thought"))
    except ValueError:
        return None
    moment = instant(record.get("ts"))
    if moment is None:
        return None
    session = name(table(record.get("request")).get("session")) or log_session
    model = name(table(record.get("response")).get("model")) or "unknown"
    return (session, moment, model, *classes(*map(tokens, (*counts, thought))), nano(cost))


def classes(
    prompt: int | None,
    cached: int | None,
    written: int | None,
    hour: int | None,
    output: int | None,
    thought: int | None,
) -> Told:
    """Return the classes where input includes what was cached, and output what was thought."""
    short: int | None = None
    long: int | None = None
    if written is not None or hour is not None:
        long = hour or 0
        short = max((written or 0) - long, 0)
    if prompt is not None:
        prompt = max(prompt - (cached or 0) - (short or 0) - (long or 0), 0)
    thought = None if output is None or thought is None else min(thought, output)
    return prompt, cached, short, long, output, thought


def number(value: object) -> float | None:
    """Return a number, from a text too; a ValueError for anything else."""
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if not isinstance(value, str) or len(value) > 40 or "_" in value:
        raise ValueError
    try:
        return int(value)
    except ValueError:
        return float(value)


def tokens(value: float | None) -> int | None:
    """Return a count; what is no possible one is nothing."""
    if value is None:
        return None
    return int(value) if 0 < value < 2**33 else 0


def nano(dollars: float | None) -> int | None:
    """Return dollars as nano-dollars, where they are possible."""
    if dollars is None or not 0 <= dollars < 1_000_000:
        return None
    return round(dollars * 10**9)


def instant(value: object) -> int | None:
    """Return the milliseconds of an ISO text from 1970 to 2200."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    at_ms = whole.days * 86_400_000 + whole.seconds * 1_000 + whole.microseconds // 1_000
    return at_ms if 0 < at_ms < 7_258_118_400_000 else None


def name(value: object) -> str:
    """Return a name; whole numbers are names too."""
    if isinstance(value, str):
        return safe_name(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
