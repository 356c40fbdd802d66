"""What one poll of an endpoint brought, in lines of plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tokwatch.words import counted, money, printable

if TYPE_CHECKING:
    from tokwatch.gateways.poll import Polled
    from tokwatch.model.endpoint import Bucket


def polled_lines(polled: Polled) -> Iterator[str]:
    """Yield what one poll brought."""
    state, told = polled.state, polled.told
    came = f"{state.bytes:,} bytes in {counted(state.requests, 'request')} so far"
    if state.error:
        yield f"! {state.name} {state.part}: {state.error}"
        return
    if told is None:
        yield f"- {state.name} {state.part}: {state.note or 'nothing new'}; {came}"
        return
    brought = [counted(len(told.rows), "single request")] if told.rows else []
    buckets = (*told.buckets, *told.grown)
    brought += [counted(len(buckets), "bucket")] if buckets else []
    brought += [counted(len(told.gauges), "gauge")] if told.gauges else []
    brought += [counted(told.bad, "unreadable record")] if told.bad else []
    yield f"+ {state.name} {state.part}: {', '.join(brought) or 'nothing to count yet'}; {came}"
    yield from _by_model(buckets)
    for gauge in told.gauges[:20]:
        of = " ".join(filter(None, (gauge.model, gauge.of)))
        yield f"    {gauge.name} {gauge.value:g}{f' ({printable(of)})' if of else ''}"


def _by_model(buckets: Iterable[Bucket]) -> Iterator[str]:
    """Yield the sums of buckets by report and what they are of; what is not told is left out."""
    sums: dict[tuple[str, str], tuple[int | None, ...]] = {}
    for one in buckets:
        counts = [count for count in one[11:16] if count is not None]
        told = (one.requests, sum(counts) if counts else None, one.cost_nano)
        of = (one.report, one.model or one.item or "-")
        before = sums.get(of, (None,) * 3)
        sums[of] = tuple(map(_plus, before, told))
    for (report, name), (requests, tokens, nano) in sorted(sums.items())[:20]:
        parts = [] if requests is None else [counted(requests, "request")]
        parts += [] if tokens is None else [counted(tokens, "token")]
        parts += [] if nano is None else [money(nano, 4)]
        yield f"    {report} {printable(name)}: {', '.join(parts) or 'no figure'}"


def _plus(before: int | None, told: int | None) -> int | None:
    return before if told is None else (before or 0) + told
