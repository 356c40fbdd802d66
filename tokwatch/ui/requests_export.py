"""A session's requests as CSV: exact numbers, and where each stands in its log."""

from __future__ import annotations

import csv
import io

from tokwatch.analysis.calendar import instant
from tokwatch.pages.session import SessionPage
from tokwatch.ui.export import cell, exact

COLUMNS = (
    *("number", "time", "model", "input_tokens", "cache_read_tokens", "cache_write_5m_tokens"),
    *("cache_write_1h_tokens", "output_tokens", "prompt_tokens", "grew_tokens", "cost_usd"),
    *("is_lower_bound", "cache_break", "lost_usd", "path", "offset_bytes"),
)


def as_csv(page: SessionPage) -> str:
    """Return all requests of the shown agent with a heading; unknown values are empty."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    write(COLUMNS)
    for line in page.lines:
        request, told = line.request, line.request.cached
        broken = page.breaks.get(request.key)
        cost = request.cost_nano(page.mode)
        write(
            [
                *(line.number, instant(request.instant_ms).isoformat(), cell(told.model)),
                *(told.input, "" if told.cache_read is None else told.cache_read),
                *(told.cache_write_5m, told.cache_write_1h, request.output, request.prompt),
                *("" if line.grew is None else line.grew, "" if cost is None else exact(cost)),
                *(int(not request.is_final), broken.cause.value if broken else ""),
                "" if broken is None or broken.lost_nano is None else exact(broken.lost_nano),
                *(cell(request.path), request.offset),
            ]
        )
    return text.getvalue()
