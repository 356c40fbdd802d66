"""Triage: what made the cost of a stretch of time differ from another one's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from msgspec import Struct

from tokwatch.analysis.anomalies import Anomaly, Judged
from tokwatch.analysis.attribution import DIMENSIONS, Trail
from tokwatch.analysis.baseline import Against, Stretch, baseline_of, scale_of, stretch_of
from tokwatch.analysis.happenings import (
    Compacted,
    Happening,
    HappeningFacts,
    What,
    happenings,
)
from tokwatch.analysis.triage import Triage, TriageFacts, triage
from tokwatch.model.history import Failure
from tokwatch.model.units import DAY_MS, HOUR_MS, MINUTE_MS, QUARTER_MS
from tokwatch.model.usage import Cell, Dimension, Rates, Slice
from tokwatch.pages.judged import LONGEST_MS, judged
from tokwatch.pages.memory import Memory
from tokwatch.pages.sight import Sight
from tokwatch.store.read.every import (
    alerts,
    chains_of,
    compactions,
    costs_over_time,
    dimensions_usage,
    failures,
    incidents,
    known_before,
    memory_files,
    rates,
    requests_before,
)

SEARCHED_MS: Final = 7 * DAY_MS
"""Anomalies are looked for so far back at least."""
LONG_MS: Final = 2 * DAY_MS
"""What is longer is read anew every few seconds at most."""
KEPT_MS: Final = 10_000
MOST_SESSIONS: Final = 12
"""Sessions whose requests are looked at one by one: those that make the difference."""
MOST_REQUESTS: Final = 2_000
"""Requests of one agent that are looked at, the newest ones."""
NO_FAILURES: Final = frozenset({"interrupted", "refused"})
"""Incidents that no retry follows."""
BUCKETS_MS: Final = (
    *(MINUTE_MS, 5 * MINUTE_MS, QUARTER_MS, 2 * QUARTER_MS, HOUR_MS, 2 * HOUR_MS, 6 * HOUR_MS),
    *(DAY_MS, 7 * DAY_MS),
)
MOST_BUCKETS: Final = 150
_NEW: Final = {
    Dimension.SESSION: What.NEW_SESSION,
    Dimension.PROJECT: What.NEW_PROJECT,
    Dimension.MODEL: What.NEW_MODEL,
}
_MODEL: Final = DIMENSIONS.index(Dimension.MODEL)


class Course(Struct, frozen=True):
    """Cost over time around the two stretches."""

    start_ms: int
    bucket_ms: int
    nano: tuple[int, ...]
    narrowed: tuple[int, ...]
    """The same of what was narrowed to; empty while nothing was."""
    expected_per_hour: int
    """Nano-dollars an hour that the baseline leads to expect."""


class TriagePage(Struct, frozen=True):
    """The answer to a triage."""

    triage: Triage
    against: Against | None
    """How the baseline was chosen; None where it was given."""
    anomaly: Anomaly | None
    """The anomaly that the stretch is."""
    anomalies: tuple[Anomaly, ...]
    """The newest first."""
    has_history: bool
    """Whether there is enough use to tell what is usual."""
    course: Course
    happenings: tuple[Happening, ...]


@dataclass(frozen=True, slots=True)
class TriageAsk:
    """Asks what happened in a stretch of time."""

    shown: Stretch | None = None
    """None takes the newest anomaly of the shown range, else that range."""
    against: Against | Stretch | None = None
    """None takes the first kind of baseline in which anything was spent."""
    trail: Trail = ()
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def answer(self, sight: Sight) -> TriagePage:
        """Return the triage of the moment."""
        judged = self._judged(sight)
        shown = self.shown or _first_shown(sight, judged)
        against, baseline, before = self._baseline(sight, shown)
        after = self._cells(sight, shown)
        prices = rates(sight.view, sorted({str(cell.group[_MODEL]) for cell in after}))
        facts = TriageFacts(
            shown=shown,
            baseline=baseline,
            scale=scale_of(shown, baseline, sight.at_ms),
            after=after,
            before=before,
            rates=prices,
            mode=sight.mode,
            trail=self.trail,
        )
        found = self.memory.recall(
            "triage",
            (shown, baseline, sight.mode, self.trail),
            *(sight.now_ms, _kept_ms(shown)),
            lambda: triage(facts),
        )
        return TriagePage(
            *(found, against),
            next((one for one in judged.anomalies if stretch_of_anomaly(one) == shown), None),
            *(judged.anomalies, judged.has_history),
            self._course(sight, found),
            self._happenings(sight, found, prices),
        )

    def _judged(self, sight: Sight) -> Judged:
        """Return the anomalies of the shown range, or of the last days where that is shorter."""
        since_ms = min(sight.range.start_ms, sight.at_ms - SEARCHED_MS)
        return judged(sight, self.memory, since_ms)

    def _baseline(
        self, sight: Sight, shown: Stretch
    ) -> tuple[Against | None, Stretch, Sequence[Cell]]:
        """Return the baseline asked for, else the first kind in which anything was spent."""
        if isinstance(self.against, Stretch):
            return None, self.against, self._cells(sight, self.against)
        kinds = tuple(Against) if self.against is None else (self.against,)
        tried = []
        for against in kinds:
            baseline = baseline_of(shown, against, sight.calendar)
            tried.append((against, baseline, self._cells(sight, baseline)))
            if any(cell.usage.cost_nano(sight.mode) for cell in tried[-1][2]):
                return tried[-1]
        return tried[0]

    def _cells(self, sight: Sight, of: Stretch) -> Sequence[Cell]:
        """Return the usage of a stretch as far as it has passed; a long one's is kept a while."""
        part = Slice(of.since_ms, min(of.until_ms, sight.at_ms + 1))
        return self.memory.recall(
            ("cells", of),
            sight.at_ms // QUARTER_MS,
            *(sight.now_ms, _kept_ms(of)),
            lambda: dimensions_usage(sight.view, part, DIMENSIONS),
        )

    def _course(self, sight: Sight, found: Triage) -> Course:
        start_ms, until_ms, bucket_ms = course_range(found.shown, found.baseline, sight.at_ms)
        part = Slice(start_ms, until_ms)

        def read(only: Trail) -> tuple[int, ...]:
            known = self.memory.recall(
                ("course", bool(only)),
                (part, bucket_ms, sight.mode, only),
                *(sight.now_ms, _kept_ms(Stretch(start_ms, until_ms))),
                lambda: dict(costs_over_time(sight.view, part, bucket_ms, sight.mode, only)),
            )
            return tuple(known.get(at_ms, 0) for at_ms in range(start_ms, until_ms, bucket_ms))

        elapsed_ms = found.shown.elapsed_ms(sight.at_ms)
        return Course(
            *(start_ms, bucket_ms, read(())),
            read(self.trail) if self.trail else (),
            found.bridge.baseline_nano * HOUR_MS // elapsed_ms,
        )

    def _happenings(
        self, sight: Sight, found: Triage, prices: Sequence[Rates]
    ) -> tuple[Happening, ...]:
        told = sorted(found.of(Dimension.SESSION), key=lambda one: -abs(one.difference_nano))
        sessions = [one.value for one in told[:MOST_SESSIONS] if one.requests]
        part = Slice(found.shown.since_ms, min(found.shown.until_ms, sight.at_ms + 1))
        known = self.memory.recall(
            "known",
            (part.since_ms, *sessions),
            *(sight.now_ms, KEPT_MS),
            lambda: known_before(sight.view, part.since_ms, sessions),
        )
        earlier = Slice(part.since_ms - DAY_MS, part.until_ms)
        found_there = happenings(
            HappeningFacts(
                shown=found.shown,
                requests=requests_before(sight.view, sessions, part.until_ms, MOST_REQUESTS),
                failures=_failures(sight, part, sessions),
                compactions=[
                    Compacted(of.source, of.session, compaction)
                    for of, compaction in compactions(sight.view, earlier)
                    if of.session in sessions
                ],
                memory_files=memory_files(sight.view, sessions, part.until_ms),
                known=known,
                costs={
                    (_NEW[one.dimension], one.value): one.nano
                    for one in found.contributions
                    if one.dimension in _NEW
                },
                rates=prices,
            )
        )
        return tuple(sorted([*found_there, *_alerts(sight, part)], key=attrgetter("at_ms")))


def _alerts(sight: Sight, part: Slice) -> Iterator[Happening]:
    """Yield the alerts that were raised in a stretch, with the first request each rests on."""
    raised = [
        alert
        for alert in alerts(sight.view, part.since_ms)
        if part.since_ms <= alert.opened_ms < part.until_ms
    ]
    chains = chains_of(sight.view, [key for alert in raised for key in alert.events])
    for alert in raised:
        key = next((key for key in alert.events if key in chains), 0)
        yield Happening(
            alert.opened_ms,
            What.ALERT,
            *(chains.get(key) or ("", "", "")),
            key=key,
            name=alert.title,
            before=alert.rule,
        )


def _failures(sight: Sight, part: Slice, sessions: Sequence[str]) -> list[Failure]:
    """Return what failed, as gateways tell it and as conversations do."""
    told = [
        Failure(0, one.instant_ms, of.source, of.session, one.agent, 0, one.status, one.kind)
        for of, one in incidents(sight.view, part)
        if of.session in sessions and one.kind not in NO_FAILURES
    ]
    return sorted([*failures(sight.view, part, sessions), *told], key=attrgetter("at_ms"))


def _kept_ms(of: Stretch) -> int:
    """Return how long what was read of a stretch is good for: a short one is read each time."""
    return KEPT_MS if of.length_ms > LONG_MS else 0


def _first_shown(sight: Sight, judged: Judged) -> Stretch:
    """Return the newest anomaly of the shown range, else the range, as far as it can be triaged."""
    since_ms = max(sight.range.start_ms, sight.at_ms + 1 - LONGEST_MS)
    newest = next((one for one in judged.anomalies if one.until_ms > since_ms), None)
    return stretch_of_anomaly(newest) if newest else stretch_of(since_ms, sight.at_ms + 1)


def stretch_of_anomaly(anomaly: Anomaly) -> Stretch:
    """Return an anomaly's stretch of time."""
    return Stretch(anomaly.since_ms, anomaly.until_ms)


def course_range(shown: Stretch, baseline: Stretch, at_ms: int) -> tuple[int, int, int]:
    """Return begin, end and bucket of the chart: the stretch, some time around it, and the
    baseline where that lies right before it and is not too long to leave the stretch visible.
    """
    before = shown.length_ms
    if baseline.until_ms == shown.since_ms:
        before = min(baseline.length_ms + shown.length_ms // 2, 9 * shown.length_ms)
    start_ms = shown.since_ms - before
    until_ms = max(shown.until_ms, min(shown.until_ms + shown.length_ms, at_ms + 1))
    bucket_ms = next(
        (one for one in BUCKETS_MS if (until_ms - start_ms) // one <= MOST_BUCKETS),
        BUCKETS_MS[-1],
    )
    # Buckets are whole divisions of UTC time.
    return start_ms // bucket_ms * bucket_ms, until_ms, bucket_ms
