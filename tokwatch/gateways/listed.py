"""Sums of lists of single requests, by hour: their ids are known to who lists them alone.

Were they taken for requests, one that an agent logs too would count twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tokwatch.gateways.ask import Moment, Told
from tokwatch.gateways.reports import Heap, Reader, Span, told_of
from tokwatch.gateways.values import moment as instant


def told_of_list(
    span: Span,
    rows: Iterable[Any],
    names: tuple[str, str],
    reader: Reader,
    *,
    is_whole: bool,
    moment: Moment,
) -> Told:
    """Return what a list in the order of time told of a span, each of its requests once.

    `names` are those of its columns for the instant and the id.
    """
    heaps: list[Heap] = []
    seen: set[str] = set()
    for row in rows:
        at_ms, own_id = _when_and_which(row, names)
        if at_ms is not None and own_id in seen:
            continue
        seen.add(own_id)
        begin_ms = None if at_ms is None else at_ms // span.width_ms * span.width_ms
        if heaps and heaps[-1].begin_ms == begin_ms:
            heaps[-1].records.append(row)
        else:
            heaps.append(Heap(begin_ms, [row]))
    return told_of(span, heaps, reader, is_whole=is_whole, moment=moment)


def _when_and_which(row: object, names: tuple[str, str]) -> tuple[int | None, str]:
    """Return the instant and the id of a request; no instant where either lacks."""
    if not isinstance(row, dict):
        return None, ""
    at_ms, own_id = instant(row.get(names[0])), row.get(names[1])
    return (at_ms, own_id) if isinstance(own_id, str) and own_id else (None, "")
