"""The listed sessions as records for a file: exact numbers, no titles."""

from __future__ import annotations

from tokwatch.model.snapshot import SessionRow
from tokwatch.ui.export import Record, dollars


def record(row: SessionRow) -> Record:
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
