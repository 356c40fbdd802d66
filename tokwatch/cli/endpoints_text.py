"""`tokwatch endpoints` in words."""

from __future__ import annotations

from collections.abc import Iterator

from tokwatch.cli.money import usd
from tokwatch.model.endpoint import EndpointHealth, EndpointState, PollState, ReportSum
from tokwatch.words import counted, printable, spanned


def health_lines(health: EndpointHealth, now_ms: int) -> Iterator[str]:
    """Yield the lines of one endpoint."""
    told = "  (off in the settings)" if not health.on else "  (paused)" if health.is_paused else ""
    yield f"{health.name}  {health.title}  {printable(health.address)}{told}"
    for part in health.parts:
        yield f"  {mark_of(part)} {part.part}: {state_words(part, now_ms)}"
    for one in health.sums:
        yield f"    {printable(one.report)}: {_sum(one)}"


def mark_of(state: EndpointState) -> str:
    """Return the sign that a part stands behind."""
    return "!" if state.is_failing else "-" if state.note or state.tried_ms is None else "+"


def state_words(state: EndpointState, now_ms: int) -> str:
    """Say how a part does."""
    if state.tried_ms is None:
        return "not asked yet"
    parts = []
    if state.error:
        parts.append(f"{state.error} ({counted(state.failures, 'failure')} in a row)")
        if state.state is PollState.OPEN:
            parts.append("left alone for a while")
    elif state.note:
        parts.append(state.note)
    if state.succeeded_ms is not None and not state.note:
        parts.append(f"answered {_ago(state.succeeded_ms, now_ms)}")
    if state.newest_ms is not None:
        parts.append(f"tells use up to {_ago(state.newest_ms, now_ms)}")
    if state.next_ms > now_ms:
        parts.append(f"next in {spanned(state.next_ms - now_ms)}")
    parts.append(
        f"{state.bytes:,} bytes in {counted(state.requests, 'request')}, "
        f"{state.unchanged:,} not modified"
    )
    if state.bad:
        parts.append(counted(state.bad, "unreadable record"))
    return "; ".join(parts)


def _sum(one: ReportSum) -> str:
    parts = [counted(one.buckets, "bucket")]
    if one.requests is not None:
        parts.append(counted(one.requests, "request"))
    if one.tokens:
        parts.append(f"{one.tokens:,} tokens")
    if one.cost_nano is not None:
        parts.append(usd(one.cost_nano))
    return ", ".join(parts)


def _ago(at_ms: int, now_ms: int) -> str:
    return f"{spanned(now_ms - at_ms)} ago" if now_ms > at_ms else "now"
