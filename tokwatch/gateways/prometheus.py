"""Prometheus text of any server that is known: counters to growth, gauges as they are.

A counter that fell started anew; of a server that started anew all of them did.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from tokwatch.gateways.ask import Adapter, Ask, BadAnswer, Gauge, Moment, Part, Poll, Reply, Told
from tokwatch.gateways.ask import bearer as _bearer
from tokwatch.gateways.profiles import (
    CHECKS,
    COUNTERS,
    KEY_LABELS,
    LEVELS,
    MODEL_LABELS,
    NOBODY,
    OLDER,
    PROVIDER_LABELS,
    TEAM_LABELS,
    USER_LABELS,
    Level,
)
from tokwatch.gateways.values import cursor_of, money, name, state_of
from tokwatch.model.endpoint import Bucket

WIDTH_MS: Final = 60_000
MOST_SERIES: Final = 20_000
UNLIMITED: Final = 1e18
"""What stands for "no limit" is larger."""
STARTED: Final = "process_start_time_seconds"


class Sample(NamedTuple):
    """One series and its value."""

    name: str
    labels: Mapping[str, str]
    value: float


class Group(NamedTuple):
    """Whose growth it is."""

    report: str
    model: str
    provider: str
    project: str
    user: str
    key: str


class Growth(NamedTuple):
    """What grew since the last scrape, and what to compare the next one with."""

    fields: dict[Group, dict[str, float]]
    state: dict[str, Any]
    """For the cursor."""
    is_first: bool
    fell: bool
    """True where a counter started anew."""


def samples(reply: Reply) -> tuple[list[Sample], int]:
    """Return the known series of a scrape, and how many lines could not be read."""
    text = reply.body.decode("utf-8", "replace")
    if text and not text.endswith("\n"):
        raise BadAnswer("the metrics break off in the middle")
    found, bad = _parsed(text)
    if not any(one.name in COUNTERS or one.name in LEVELS for one in found) and not _declares(text):
        if text.lstrip().startswith(("<", "{")):
            raise BadAnswer("the answer is no Prometheus text")
        raise BadAnswer("no metric of a known server is among the answer")
    return found, bad


def _declares(text: str) -> bool:
    """Tell whether a known metric is declared: a server that served nothing yet has no series."""
    told = {line.split(" ")[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    names = (OLDER.get(one, one) for one in told)
    return any(one in COUNTERS or one in LEVELS for one in names)


def _parsed(text: str) -> tuple[list[Sample], int]:
    """Parse all at once, or line by line where one line is no metric."""
    try:
        return list(_read(text)), 0
    except (ValueError, KeyError, IndexError):
        pass
    found: list[Sample] = []
    bad = 0
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        try:
            found += _read(line + "\n")
        except (ValueError, KeyError, IndexError):
            bad += 1
    return found, bad


def _read(text: str) -> Iterator[Sample]:
    from prometheus_client.parser import text_string_to_metric_families

    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            called = OLDER.get(sample.name, sample.name)
            if (called in COUNTERS or called in LEVELS or called == STARTED) and math.isfinite(
                sample.value
            ):
                yield Sample(called, sample.labels, sample.value)


def growth(found: list[Sample], cursor: str) -> Growth:
    """Return what grew since the scrape that a cursor is of; nothing for the first one."""
    before = state_of(cursor)
    series: dict[str, float] = before.get("series", {})
    started = max((one.value for one in found if one.name == STARTED), default=0.0)
    restarted = abs(started - before.get("started", started)) > 1
    known = {} if restarted else series
    # A newer tokwatch may know more counters: what they counted before it looked is not growth.
    begins = before.get("counters") != _counters()
    now: defaultdict[str, float] = defaultdict(float)
    where: dict[str, Sample] = {}
    for one in found:
        if one.name in COUNTERS and one.value >= 0:
            key = _series(one)
            now[key] += one.value
            where[key] = one
    if len(now) > MOST_SERIES:
        raise BadAnswer(f"there are more than {MOST_SERIES:,} series")
    fields: defaultdict[Group, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for key, value in now.items():
        old = known.get(key, value if begins and not restarted else 0.0)
        grown = value - old if value >= old else value
        one = where[key]
        if CHECKS in one.labels.values() or one.labels.get("cache_status", "").lower() == "hit":
            continue  # nobody's use, or answered by the gateway's own cache
        for counter in COUNTERS[one.name]:
            if one.labels.get(counter.label, "") == counter.value:
                labels = {} if counter.is_of_all else one.labels
                fields[_group(counter.report, labels)][counter.field] += grown
    told = {group: dict(grown) for group, grown in fields.items()}
    # A series that is missing for once is compared with its last value when it comes back.
    kept = {**known, **now} if len(known) <= MOST_SERIES else dict(now)
    state = {"series": kept, "started": started, "counters": _counters()}
    fell = restarted or any(value < series.get(key, 0.0) for key, value in now.items())
    return Growth(told, state, "series" not in before, fell)


def _counters() -> str:
    """Return what tells the known counters from those of another version."""
    return blake2b("\0".join(sorted(COUNTERS)).encode(), digest_size=4).hexdigest()


def _series(one: Sample) -> str:
    text = "\0".join((one.name, *(f"{key}={one.labels[key]}" for key in sorted(one.labels))))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _group(report: str, labels: Mapping[str, str]) -> Group:
    told = (MODEL_LABELS, PROVIDER_LABELS, TEAM_LABELS, USER_LABELS, KEY_LABELS)
    return Group(report, *(_first(labels, names) for names in told))


def _first(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((name(labels[one]) for one in names if labels.get(one, "") not in NOBODY), "")


def buckets(grown: Growth, at_ms: int, model: str = "") -> tuple[Bucket, ...]:
    """Return growth as buckets of the minute; `model` where the metrics name none."""
    if grown.is_first:
        return ()
    found = (
        _bucket(group, fields, at_ms // WIDTH_MS * WIDTH_MS, model)
        for group, fields in grown.fields.items()
        if any(fields.values())
    )
    return tuple(found)


def _bucket(group: Group, fields: Mapping[str, float], begin_ms: int, model: str) -> Bucket:
    def of(field: str) -> int | None:
        return round(fields[field]) if field in fields else None

    read = of("cached" if "cached" in fields else "cache_read")
    short, long, fresh, prompt = map(of, ("cache_write_5m", "cache_write_1h", "input", "prompt"))
    if prompt is not None:
        fresh = max(0, prompt - (read or 0) - (short or 0) - (long or 0))
    return Bucket(
        report=group.report,
        begin_ms=begin_ms,
        width_ms=WIDTH_MS,
        model=group.model or model,
        provider=group.provider,
        project=group.project,
        user=group.user,
        key=group.key,
        requests=of("requests"),
        input=fresh,
        cache_read=read,
        cache_write_5m=short,
        cache_write_1h=long,
        output=of("output"),
        cost_nano=money(fields["cost_usd"]) if "cost_usd" in fields else None,
    )


def gauges(found: list[Sample], model: str = "") -> tuple[Gauge, ...]:
    """Return the gauges of a scrape, one for each model and key."""
    values: dict[tuple[Level, str, str], list[float]] = {}
    for one in found:
        level = LEVELS.get(one.name)
        if level is None or abs(one.value) >= UNLIMITED or CHECKS in one.labels.values():
            continue
        owner = _first(one.labels, (*KEY_LABELS, *TEAM_LABELS, *USER_LABELS))
        what = (level, _first(one.labels, MODEL_LABELS) or model, owner)
        values.setdefault(what, []).append(one.value)
    return tuple(
        Gauge(level.name, max(told) if level.is_share else sum(told), level.unit, of_model, owner)
        for (level, of_model, owner), told in values.items()
    )


def scrape(path: str, moment: Moment, cursor: str) -> Poll:
    """Ask for the metrics at a path and tell what they say."""
    reply = yield Ask(path)
    found, bad = samples(reply)
    grown = growth(found, cursor)
    return Told(
        cursor=cursor_of(grown.state),
        grown=buckets(grown, moment.here_ms),
        gauges=gauges(found),
        newest_ms=moment.here_ms,
        bad=bad,
    )


def _metrics(moment: Moment, cursor: str, days: int) -> Poll:
    return scrape("", moment, cursor)


ADAPTER: Final = Adapter(
    "prometheus",
    "Prometheus",
    (
        Part(
            *("metrics", 15, 5, _metrics),
            help="tokens, requests and cost as they grow; queue, cache and budgets as they are",
        ),
    ),
    _bearer,
)
