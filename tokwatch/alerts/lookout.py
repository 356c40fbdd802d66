"""Reads from the store what rules look at: new requests at once, everything else now and then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from functools import lru_cache
from typing import Final

from msgspec import Struct, field

from tokwatch.analysis.alerting.judge import Reading, Readings, is_named, is_of_model
from tokwatch.analysis.alerting.others import (
    budget_readings,
    endpoint_readings,
    model_readings,
    quota_readings,
    rate_readings,
    source_readings,
)
from tokwatch.analysis.alerting.recent import Recent
from tokwatch.analysis.alerting.rules import ReadyRule
from tokwatch.analysis.alerting.sessions import Sessions
from tokwatch.analysis.alerting.use import use_reading
from tokwatch.analysis.alerting.usual import UsualHours, usual_hours
from tokwatch.analysis.anomalies import HISTORY_DAYS
from tokwatch.analysis.calendar import calendar_of
from tokwatch.analysis.context import Windows
from tokwatch.budgets.budgeting import standings
from tokwatch.budgets.limiting import quota_standings, rate_standings
from tokwatch.config import Config
from tokwatch.config.measures import (
    BUDGET,
    CUSTOM,
    ENDPOINT,
    MODEL,
    QUOTA,
    RATE,
    SESSION,
    SOURCE,
    USE,
)
from tokwatch.model.alert_facts import (
    EVERYTHING,
    MOST_OUTCOMES,
    OPTIMISATION,
    EndpointFact,
    Narrow,
    Outcomes,
    SessionKey,
    SessionTotal,
    SlowFacts,
    SourceFact,
    TokenEstimate,
    TurnSoFar,
    WatchedRequest,
)
from tokwatch.model.calendar import Calendar
from tokwatch.model.endpoint import PollState
from tokwatch.model.snapshot import SourceStatus
from tokwatch.model.units import DAY_MS, HOUR_MS, MINUTE_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.prices.resolve import window
from tokwatch.prices.settings import PriceSettings
from tokwatch.sources import asks_large
from tokwatch.store.read.alerts import (
    estimate_sums,
    model_gaps,
    quarters_of,
    session_totals,
    source_days,
    told_facts,
    turns_so_far,
    watched_requests,
)
from tokwatch.store.read.calibrations import read_calibrations
from tokwatch.store.read.catalogue import model_names, project_names
from tokwatch.store.read.endpoints import endpoint_states
from tokwatch.store.read.measures import measures
from tokwatch.store.view import View, pieces
from tokwatch.tokens.estimate import of_lengths, of_prompts
from tokwatch.tokens.families import CL100K, O200K, family_of

OVERLAP_MS: Final = 2 * MINUTE_MS
"""Requests so old are read again: an answer grows while it is written."""
WHOLE_MS: Final = 5 * MINUTE_MS
"""The whole hour is read again this often, for what was told late."""
PIECE_MS: Final = 15 * MINUTE_MS
"""Requests of so long are read at once: those of an hour may take five megabytes."""
TURNS_MS: Final = 5_000
SLOW_MS: Final = 15_000
"""How old may be what is read now and then: a rule must find its case within a minute."""
OWN: Final = frozenset((CL100K.name, O200K.name))
"""Families of which a count is exact."""
ACTIVE_MS: Final = 2 * MINUTE_MS
SOURCE_DAYS: Final = 14
FITTED_MS: Final = 7 * DAY_MS
"""A calibration is done daily; an older one tells nothing of today's models."""

States = Callable[[], Sequence[SourceStatus]]
"""Return how sources do, as they are followed."""


class Lookout(Struct):
    """What is known of the moment."""

    config: Config
    zone_name: str
    zone: tzinfo
    rules: tuple[ReadyRule, ...]
    states: States
    recent: Recent = field(default_factory=Recent)
    sessions: Sessions = field(default_factory=Sessions)
    slow: SlowFacts = field(default_factory=SlowFacts)
    _others: dict[str, list[Reading]] = field(default_factory=dict)
    _usual: dict[Narrow, UsualHours] = field(default_factory=dict)
    _calendar: Calendar = field(default_factory=Calendar)
    _newest_ms: int = 0
    _source_days: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _read_ms: dict[str, int] = field(default_factory=dict)
    """When each part was read last."""

    def __post_init__(self) -> None:
        narrows = {rule.narrow: None for rule in self.rules if rule.kind == USE}
        self.recent = Recent((EVERYTHING, *(one for one in narrows if one != EVERYTHING)))
        settings = PriceSettings.from_config(self.config.prices, self.config.data)
        table = lru_cache(lambda provider, model: window(provider, model, settings))
        self.sessions = Sessions(Windows(self.config.context.windows, table, asks_large))

    def look(self, view: View, at_ms: int) -> Readings:
        """Return the readings of a moment."""
        self._look_at_requests(view, at_ms)
        if self._is_due("slow", at_ms, SLOW_MS):
            self._look_slowly(view, at_ms)
        kinds = {rule.kind for rule in self.rules}
        found: dict[str, list[Reading]] = {
            kind: list(told) for kind, told in self._others.items() if kind in kinds
        }
        if SESSION in kinds:
            found[SESSION] = self.sessions.readings(at_ms)
        if USE in kinds:
            found[USE] = [self._use(view, narrow, at_ms) for narrow in self.recent.narrows]
        return found

    def _is_due(self, part: str, at_ms: int, every_ms: int) -> bool:
        if part in self._read_ms and 0 <= at_ms - self._read_ms[part] < every_ms:
            return False
        self._read_ms[part] = at_ms
        return True

    @property
    def _mode(self) -> CostMode:
        return CostMode(self.config.prices.mode)

    def _look_at_requests(self, view: View, at_ms: int) -> None:
        since_ms = max(at_ms - HOUR_MS, self._newest_ms - OVERLAP_MS)
        if self._is_due("whole", at_ms, WHOLE_MS):
            since_ms = at_ms - HOUR_MS
        changed: list[WatchedRequest] = []
        for begin_ms in range(since_ms, at_ms + 1, PIECE_MS):
            piece = Slice(begin_ms, min(begin_ms + PIECE_MS, at_ms + 1))
            told = watched_requests(view, piece, self._mode)
            changed += self.recent.take(told, at_ms)
            if told:
                self._newest_ms = told[-1].cached.instant_ms
        self._look_at_sessions(view, changed, at_ms)

    def _look_at_sessions(self, view: View, changed: list[WatchedRequest], at_ms: int) -> None:
        whose = self.sessions.take(changed)
        talking = list(whose)
        if self._is_due("turns", at_ms, TURNS_MS):
            # The conversation is read a moment after the requests are.
            tracks = self.sessions.tracks.items()
            talking += [key for key, track in tracks if track.last_ms > at_ms - ACTIVE_MS]
            talking = list(dict.fromkeys(talking))
        totals: dict[SessionKey, SessionTotal] = {}
        turns: dict[SessionKey, TurnSoFar] = {}
        for some in pieces(whose):
            totals |= session_totals(view, some, self._mode)
        for some in pieces(talking):
            turns |= turns_so_far(view, some, self._mode)
        self.sessions.tell(totals, turns)

    def _look_slowly(self, view: View, at_ms: int) -> None:
        if self._is_due("usual", at_ms, HOUR_MS):
            self._usual.clear()
        hour, day = Slice(at_ms - HOUR_MS, at_ms + 1), Slice(at_ms - DAY_MS, at_ms + 1)
        self._calendar = calendar_of(
            *(self.zone, self.zone_name, at_ms - (HISTORY_DAYS + 3) * DAY_MS, at_ms + 3 * DAY_MS)
        )
        self.slow = SlowFacts(
            told=tuple(told_facts(view, hour)),
            estimates={
                narrow: estimate_sums(view, day, named)
                for narrow in self.recent.narrows
                if (named := self._named(view, narrow)) is not None
            },
            outcomes=_outcomes(view, at_ms),
            custom=self._custom(view, at_ms),
            sources=tuple(self._sources(view, at_ms)),
            endpoints=_endpoints(view, self.config),
            gaps=tuple(model_gaps(view, day)),
            token_estimates=tuple(_token_estimates(view, at_ms)),
        )
        self._others = self._read_others(view, at_ms)

    def _read_others(self, view: View, at_ms: int) -> dict[str, list[Reading]]:
        """Return the readings of what rules look at beside use and sessions."""
        minute_ms = at_ms - MINUTE_MS
        read: dict[str, Callable[[], list[Reading]]] = {
            MODEL: lambda: model_readings(self.slow.gaps, self.slow.token_estimates),
            SOURCE: lambda: source_readings(self.slow.sources, at_ms),
            ENDPOINT: lambda: endpoint_readings(self.slow.endpoints),
            BUDGET: lambda: budget_readings(standings(view, self.config, at_ms, self._calendar)),
            QUOTA: lambda: quota_readings(quota_standings(view, at_ms)),
            RATE: lambda: rate_readings(
                one.gauge for one in rate_standings(view, self.config, at_ms, minute_ms)
            ),
        }
        wanted = {rule.kind for rule in self.rules}
        return {kind: readings() for kind, readings in read.items() if kind in wanted}

    def _named(self, view: View, narrow: Narrow) -> Narrow | None:
        """Return names in place of patterns; None where nothing of that name is stored."""
        if narrow == EVERYTHING:
            return narrow
        projects = [one for one in project_names(view) if is_named(one, narrow.projects)]
        models = [one for one in model_names(view) if is_of_model(one, narrow.models)]
        if (narrow.projects and not projects) or (narrow.models and not models):
            return None
        return Narrow(tuple(projects), tuple(models), narrow.agents, narrow.users)

    def _custom(self, view: View, at_ms: int) -> dict[str, float]:
        """Return the newest value of each measure of the user's own that a rule names."""
        found: dict[str, float] = {}
        for name in self._customs():
            told = measures(view, name.removeprefix(f"{CUSTOM}."), Slice(0, at_ms + 1))
            if told:
                found[name.removeprefix(f"{CUSTOM}.")] = told[-1].value
        return found

    def _customs(self) -> list[str]:
        named = {name for rule in self.rules for name in rule.names}
        return sorted(name for name in named if name.startswith(f"{CUSTOM}."))

    def _sources(self, view: View, at_ms: int) -> list[SourceFact]:
        if self._is_due("days", at_ms, HOUR_MS):
            since_ms = at_ms - 8 * SOURCE_DAYS * DAY_MS
            self._source_days = source_days(view, Slice(since_ms, at_ms + 1))
        found = []
        for one in self.states():
            last = one.last_event
            last_ms = 0 if last is None else round(last.timestamp() * 1000)
            used = [
                day
                for day in self._source_days.get(one.name, ())
                if day > last_ms // DAY_MS - SOURCE_DAYS
            ]
            found.append(SourceFact(one.name, one.title, one.error, last_ms, len(used)))
        return found

    def _use(self, view: View, narrow: Narrow, at_ms: int) -> Reading:
        day = self._calendar.day(at_ms)
        if narrow not in self._usual or self._usual[narrow].day != day:
            self._usual[narrow] = self._usual_of(view, narrow, day)
        usual = self._usual[narrow]
        return use_reading(
            self.recent, narrow, self.slow, usual, self._calendar, at_ms, self._customs()
        )

    def _usual_of(self, view: View, narrow: Narrow, day: int) -> UsualHours:
        named = self._named(view, narrow)
        if named is None:
            return UsualHours(day, None, None)
        begin_ms = self._calendar.begin_ms(day)
        part = Slice(self._calendar.begin_ms(day - HISTORY_DAYS), begin_ms)
        return usual_hours(quarters_of(view, part, named, self._mode), self._calendar, day)


def _endpoints(view: View, config: Config) -> tuple[EndpointFact, ...]:
    """Return the endpoints that are polled, each with why it is left alone."""
    polled = {name for name, table in config.endpoint.items() if table.on}
    if not polled:
        return ()
    found: dict[str, str] = {}
    for one in endpoint_states(view):
        if one.name in polled and not one.paused:
            is_left = bool(one.error) and one.state is not PollState.CLOSED
            told = f"{one.part}: {one.error}" if is_left else ""
            found[one.name] = found.get(one.name) or told
    return tuple(EndpointFact(name, error) for name, error in found.items())


def _token_estimates(view: View, at_ms: int) -> Iterator[TokenEstimate]:
    """Yield what a calibration of the last days measured, of models whose tokens are estimated.

    A whole family stands for itself where none of its models was measured.
    """
    found = read_calibrations(view)
    measured = of_lengths(found) | of_prompts(found)
    families = {family_of(model).name for model in measured}
    for model, one in measured.items():
        is_exact = family_of(model).is_own or model in OWN
        if one.fitted_ms > at_ms - FITTED_MS and not is_exact and model not in families:
            yield TokenEstimate(model, one.error, one.pairs)


def _outcomes(view: View, at_ms: int) -> Outcomes:
    """Return how the newest optimisations turned out."""
    told = measures(view, OPTIMISATION, Slice(0, at_ms + 1))[-MOST_OUTCOMES:]
    return Outcomes(sum(one.value <= 0 for one in told), len(told))
