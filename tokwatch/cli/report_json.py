"""A report as JSON: ccusage's names and shapes, with further keys beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tokwatch.analysis.calendar import instant
from tokwatch.analysis.periods import Row
from tokwatch.cli.json_form import versioned
from tokwatch.cli.money import dollars
from tokwatch.cli.report_rows import KINDS, Report, unpriced_models
from tokwatch.model.usage import CostMode, Usage

if TYPE_CHECKING:
    from tokwatch.analysis.blocks import Block

Object = dict[str, Any]  # JSON: what a key holds is known to its reader


def document(report: Report) -> bytes:
    """Return the report as indented JSON."""
    kind = KINDS[report.ask.kind]
    totals = _totals(report) if kind.rows != "blocks" else _block_totals(report.blocks)
    rows = [_block(block, report.ask.now_ms) for block in report.blocks] or [
        _row(row, report) for row in report.rows
    ]
    whole: Object = {kind.rows: rows, "totals": totals}
    if report.hidden is not None:
        count = len(report.hidden_sessions)
        whole["hidden"] = {"sessions": count, **_sums(report.hidden, report.ask.mode)}
    return msgspec.json.format(msgspec.json.encode(versioned(whole))) + b"\n"


def _counts(usage: Usage, mode: CostMode) -> Object:
    return {
        "inputTokens": usage.input,
        "outputTokens": usage.output,
        "cacheCreationTokens": usage.cache_write,
        "cacheReadTokens": usage.cache_read,
        "cacheCreation5mTokens": usage.cache_write_5m,
        "cacheCreation1hTokens": usage.cache_write_1h,
        "reasoningTokens": usage.reasoning,
        "requests": usage.requests,
        "unpricedTokens": usage.missing(mode),
        "lowerBoundRequests": usage.lower_bound,
        "derivedRequests": usage.derived,
    }


def _sums(usage: Usage, mode: CostMode) -> Object:
    return {
        **_counts(usage, mode),
        "totalTokens": usage.total,
        "totalCost": dollars(usage.cost_nano(mode)),
    }


def _row(row: Row, report: Report) -> Object:
    mode = report.ask.mode
    kind = KINDS[report.ask.kind]
    return {
        kind.name: row.name,
        **_session(row, report),
        **_sums(row.usage, mode),
        "modelsUsed": [name for name, _ in row.models],
        "modelBreakdowns": [_breakdown(name, usage, mode) for name, usage in row.models],
    }


def _session(row: Row, report: Report) -> Object:
    if report.ask.kind != "session":
        return {}
    source, _, session = row.name.partition("\0")
    seen = report.sessions[row.name]
    hidden = report.hidden_sessions.get(session)
    return {
        "sessionId": session,
        "projectPath": seen.project,
        "source": source,
        "firstActivity": moment_text(seen.first_ms),
        "lastActivity": moment_text(seen.last_ms),
        **({"hidden": _sums(hidden, report.ask.mode)} if hidden else {}),
    }


def _breakdown(name: str, usage: Usage, mode: CostMode) -> Object:
    found = {
        "modelName": name,
        **_counts(usage, mode),
        "cost": dollars(usage.cost_nano(mode)),
    }
    if found["unpricedTokens"]:
        found["missingPricing"] = True
    return found


def _totals(report: Report) -> Object:
    totals = _sums(report.total, report.ask.mode)
    if unpriced := unpriced_models(report):
        totals["unpricedModels"] = unpriced
    return totals


def moment_text(at_ms: int) -> str:
    """Return an instant as JavaScript writes it."""
    return f"{instant(at_ms):%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03}Z"


def _block(block: Block, now_ms: int) -> Object:
    from tokwatch.analysis.blocks import pace

    start = moment_text(block.start_ms)
    running = pace(block, now_ms)
    return {
        "id": f"gap-{start}" if block.is_gap else start,
        "startTime": start,
        "endTime": moment_text(block.end_ms),
        "actualEndTime": None if block.is_gap else moment_text(block.last_ms),
        "isActive": block.is_active(now_ms),
        "isGap": block.is_gap,
        "entries": block.entries,
        "tokenCounts": {
            "inputTokens": block.input,
            "outputTokens": block.output,
            "cacheCreationInputTokens": block.cache_write,
            "cacheReadInputTokens": block.cache_read,
        },
        "totalTokens": block.total,
        "costUSD": dollars(block.nano),
        "unpricedTokens": block.uncosted,
        "lowerBoundRequests": block.lower_bound,
        "models": block.models,
        "burnRate": running
        and {
            "tokensPerMinute": running.tokens_per_minute,
            "tokensPerMinuteForIndicator": running.new_tokens_per_minute,
            "costPerHour": dollars(running.nano_per_hour),
        },
        "projection": running
        and {
            "totalTokens": running.end_tokens,
            "totalCost": round(dollars(running.end_nano), 2),
            "remainingMinutes": running.remaining_minutes,
        },
    }


def _block_totals(blocks: tuple[Block, ...]) -> Object:
    return {
        "inputTokens": sum(block.input for block in blocks),
        "outputTokens": sum(block.output for block in blocks),
        "cacheCreationTokens": sum(block.cache_write for block in blocks),
        "cacheReadTokens": sum(block.cache_read for block in blocks),
        "totalTokens": sum(block.total for block in blocks),
        "totalCost": dollars(sum(block.nano for block in blocks)),
    }
