"""Writes the listed sessions to a file, as CSV or JSON: exact numbers, no titles."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from tokwatch.model.snapshot import SessionRow
from tokwatch.ui import format as fmt


def record(row: SessionRow) -> dict[str, object]:
    """Return what is known of a session, by column name."""
    usage, context = row.usage, row.context
    return {
        "source": row.source,
        "session": row.session,
        "agent": row.agent,
        "label": row.label,
        "project": row.project,
        "model": row.model,
        "state": str(row.state),
        "last": row.last.isoformat(),
        "cost_usd": dollars(row.cost_nano),
        "logged_usd": dollars(usage.logged_nano),
        "computed_usd": dollars(usage.computed_nano),
        "usd_per_hour": dollars(row.nano_per_hour),
        "requests": usage.requests,
        "input_tokens": usage.input,
        "cache_read_tokens": usage.cache_read,
        "cache_write_5m_tokens": usage.cache_write_5m,
        "cache_write_1h_tokens": usage.cache_write_1h,
        "output_tokens": usage.output,
        "reasoning_tokens": usage.reasoning,
        "cache_hit_rate": None if usage.hit_rate is None else round(usage.hit_rate, 6),
        "context_tokens": context.tokens if context else None,
        "context_window": context.window if context else None,
        "context_basis": context.basis if context else None,
        "lower_bound_requests": usage.lower_bound,
        "derived_requests": usage.derived,
        "unpriced_tokens": usage.uncosted_tokens,
    }


def dollars(nano: int) -> Decimal:
    """Return nano-dollars as exact dollars."""
    return Decimal(nano).scaleb(-9)


def as_csv(rows: Sequence[SessionRow]) -> str:
    """Return the rows as CSV with a heading."""
    text = io.StringIO()
    columns = list(record(rows[0])) if rows else []
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: cell(value) for name, value in record(row).items()})
    return text.getvalue()


def cell(value: object) -> object:
    """Return a name from a log so that no spreadsheet takes it for a formula."""
    if not isinstance(value, str):
        return value
    text = fmt.clean(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def as_json(rows: Sequence[SessionRow]) -> str:
    """Return the rows as a JSON list."""
    return json.dumps([record(row) for row in rows], default=float, indent=1) + "\n"


def write(folder: Path, rows: Sequence[SessionRow], kind: str, now: datetime) -> Path:
    """Write the rows into a new file of the folder and return it."""
    text = as_json(rows) if kind == "json" else as_csv(rows)
    return save(folder, f"sessions-{now:%Y%m%d-%H%M%S}.{kind}", text)


def save(folder: Path, name: str, text: str) -> Path:
    """Write a text into a new file of the folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    handle, part = tempfile.mkstemp(dir=folder, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
        stream.write(text)
    os.replace(part, file)
    return file
