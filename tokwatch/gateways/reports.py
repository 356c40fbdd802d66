"""Reports of usage by time: which stretch to ask for, and what of the store it replaces."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Any, Final, NamedTuple

from tokwatch.gateways.ask import Ask, BadAnswer, Moment, Reply, Told
from tokwatch.gateways.paged import Pages, Query, pages, records
from tokwatch.gateways.values import cursor_of, state_of
from tokwatch.model.endpoint import Bucket, Replaced
from tokwatch.model.units import DAY_MS

OVERLAP: Final = 3
"""Buckets that are read again each time: late figures change them."""


class Span(NamedTuple):
    """A stretch of time that a report is asked for."""

    report: str
    begin_ms: int
    until_ms: int
    width_ms: int


class Heap(NamedTuple):
    """The records of one bucket, and where it lies."""

    begin_ms: int | None
    records: list[Any]


Reader = Callable[[dict[str, Any], Bucket], Bucket | None]
"""Fills a bucket from a record; None where it is not of the known shape."""


def span_of(report: str, moment: Moment, cursor: str, days: int, width_ms: int) -> Span:
    """Return what to ask for: from where the cursor stands, else some days back, to now.

    Both ends lie on the clock of the endpoint.
    """
    until_ms = (moment.there_ms // width_ms + 1) * width_ms
    since_ms = state_of(cursor).get("from")
    if not isinstance(since_ms, int) or not 0 < since_ms < until_ms:
        since_ms = (moment.there_ms - days * DAY_MS) // width_ms * width_ms
    oldest_ms = (moment.there_ms - 31 * DAY_MS) // width_ms * width_ms + width_ms
    return Span(report, max(since_ms, oldest_ms), until_ms, width_ms)


def told_of(
    span: Span, heaps: Iterable[Heap], reader: Reader, *, is_whole: bool, moment: Moment
) -> Told:
    """Return what a report told of a span, whole or up to the last bucket that came.

    A BadAnswer where that would lose something: nothing can be read, one bucket is more than one
    poll reads, or what was left out need not be the newest.
    """
    found: list[Bucket] = []
    bad, last_ms = 0, span.begin_ms
    for begin_ms, of_bucket in heaps:
        if begin_ms is None or begin_ms % span.width_ms or begin_ms < span.begin_ms:
            bad += max(1, len(of_bucket))
            continue
        if begin_ms < last_ms and not is_whole:
            raise BadAnswer("there are more pages than one poll reads, in no order of time")
        last_ms = max(last_ms, begin_ms)
        for record in of_bucket:
            empty = Bucket(span.report, begin_ms, span.width_ms)
            bucket = reader(record, empty) if isinstance(record, dict) else None
            if bucket is None:
                bad += 1
            else:
                found.append(bucket)
    if bad and not found:
        raise BadAnswer("no record of the answer is of the known shape")
    end_ms = max(span.until_ms, last_ms + span.width_ms)
    if not is_whole:  # the last bucket may go on over the page
        if last_ms == span.begin_ms:
            raise BadAnswer("one bucket of time has more pages than one poll reads")
        end_ms = last_ms
        found = [bucket for bucket in found if bucket.begin_ms < end_ms]
    ahead_ms = end_ms - OVERLAP * span.width_ms if is_whole else end_ms
    newest = [bucket.begin_ms + span.width_ms for bucket in found]
    return Told(
        cursor=cursor_of({"from": max(span.begin_ms, ahead_ms)}),
        replaced=(Replaced(span.report, span.begin_ms, end_ms),),
        buckets=tuple(summed(found)),
        newest_ms=min(max(newest), moment.here_ms) if newest else None,
        bad=bad,
        more=not is_whole and end_ms < span.until_ms,
    )


def summed(found: Iterable[Bucket]) -> Iterable[Bucket]:
    """Return buckets, those of one group added up: a report may split by what is not kept."""
    sums: dict[tuple[object, ...], Bucket] = {}
    for bucket in found:
        before = sums.get(bucket[:10])
        sums[bucket[:10]] = bucket if before is None else _added(before, bucket)
    return sums.values()


def _added(one: Bucket, other: Bucket) -> Bucket:
    counts = (
        a if b is None else b if a is None else a + b
        for a, b in zip(one[10:], other[10:], strict=True)
    )
    return Bucket._make((*one[:10], *counts))


def report(
    path: str,
    query: Query,
    span: Span,
    begin_of: Callable[[dict[str, Any]], int | None],
    reader: Reader,
    moment: Moment,
) -> Generator[Ask, Reply, Told]:
    """Read a report whose `data` are buckets with `results`."""
    read: Pages = yield from pages(path, query)
    heaps = [
        Heap(begin_of(bucket), records(bucket, "results"))
        if isinstance(bucket, dict)
        else Heap(None, [])
        for document in read.documents
        for bucket in records(document, "data")
    ]
    return told_of(span, heaps, reader, is_whole=read.is_whole, moment=moment)
