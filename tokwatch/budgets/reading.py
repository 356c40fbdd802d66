"""Reads what budgets count, each question of one look at the store once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from tokwatch.analysis.budgets.windows import Window
from tokwatch.analysis.calendar import day_number
from tokwatch.analysis.costs import merged
from tokwatch.model.budget import Goal, Scope, is_several, models_of
from tokwatch.model.calendar import Calendar
from tokwatch.model.facets import Amount, Facet, Pick, Portion, Spending, total
from tokwatch.model.units import MINUTE_MS, OPEN_END_MS, QUARTER_MS
from tokwatch.model.usage import CostMode, Slice
from tokwatch.store.quick_queries import Query, sums_query
from tokwatch.store.read.budgets import (
    Breadth,
    WholeSession,
    breadth,
    used_minutes,
    whole_sessions,
)
from tokwatch.store.read.catalogue import model_names, project_names
from tokwatch.store.read.costs import amounts_over_time, spending
from tokwatch.store.read.limits import newest_quotas
from tokwatch.store.view import View

FINE_MS: Final = 3 * 60 * MINUTE_MS
"""A shorter time is read from single requests, a longer one from roll-ups."""
AGENT: Final = "agent"
PROJECT: Final = "project"
MODEL: Final = "model"
FACETS: Final = {
    "project": Facet.PROJECT,
    "model": Facet.MODEL,
    "user": Facet.USER,
    "key": Facet.KEY,
    "tag": Facet.TAG,
    "source": Facet.SOURCE,
    "session": Facet.SESSION,
    AGENT: Facet.KIND,
}
OF_AGENT: Final = (Facet.KIND, Facet.AGENT)
LIMIT_MINUTES: Final = 300


class Use(NamedTuple):
    """A half-open stretch of time, and what of its usage counts."""

    since_ms: int
    until_ms: int
    scopes: tuple[Scope, ...] = ()


class Piece(NamedTuple):
    """A part of a range, and whether it is read request by request."""

    part: Slice
    is_exact: bool


class Reader(Struct, frozen=True):
    """The store at one moment."""

    view: View
    at_ms: int
    calendar: Calendar
    mode: CostMode
    known: dict[object, Any] = field(default_factory=dict)
    """The answers so far, each of its question's own type."""

    def amount(self, use: Use) -> Amount:
        """Return all that was used, from roll-ups."""
        return total([one.amount for one in self._spending(use, ())])

    def by_name(self, use: Use, dimension: str) -> dict[str, Amount]:
        """Return what was used by each name of a dimension; what has no name is left out."""
        groups: dict[str, list[Amount]] = {}
        for one in self._spending(use, (FACETS[dimension],)):
            groups.setdefault(str(one.group[0]), []).append(one.amount)
        return {name: total(amounts) for name, amounts in groups.items() if name}

    def recent(self, use: Use) -> Amount:
        """Return what was used up to the moment, of a short time to the millisecond."""
        if use.until_ms - use.since_ms > FINE_MS:
            return self.amount(use)
        return total([amount for _, amount in self._over_time(use, MINUTE_MS)])

    def quarters(self, use: Use) -> list[tuple[int, Amount]]:
        """Return what was used in each quarter of an hour, the oldest first."""
        return self._over_time(use, QUARTER_MS)

    def used_quarters(self, use: Use) -> list[int]:
        """Return the quarters of an hour in which anything was used."""
        return [at_ms for at_ms, _ in self._over_time(use, QUARTER_MS)]

    def used_minutes(self, use: Use) -> list[int]:
        """Return the minutes in which anything was used."""
        if _agent_of(use.scopes)[0] is not None:
            return [at_ms for at_ms, _ in self._over_time(use, MINUTE_MS)]
        part = Slice(use.since_ms, use.until_ms)
        return used_minutes(self.view, self._portion(part, use.scopes))

    def sessions(self, scopes: tuple[Scope, ...], names: Sequence[str]) -> dict[str, WholeSession]:
        """Return sessions as wholes, or what of them counts."""
        if not names:
            return {}
        part = Slice(0, self.at_ms + 1)
        return whole_sessions(self.view, names, self._portion(part, scopes))

    def breadth(self, use: Use) -> Breadth:
        """Return what shares and means of a range are taken of."""
        part = Slice(use.since_ms, use.until_ms)
        return breadth(self.view, self._portion(part, use.scopes))

    def baseline(self, goal: Goal, start_ms: int) -> Window:
        """Return the range of time that a goal is compared with."""
        from datetime import date

        if goal.baseline is None:
            first = self.calendar.day(start_ms) - goal.baseline_days
            return Window(self.calendar.begin_ms(first), start_ms)
        first, last = (day_number(date.fromisoformat(day)) for day in goal.baseline)
        return Window(self.calendar.begin_ms(first), self.calendar.begin_ms(last + 1))

    def queries(self, use: Use) -> list[Query]:
        """Return what sums a range up when it is run: of scopes other than an agent."""
        return [
            sums_query(self.view, self._portion(part, use.scopes), is_exact=is_exact)
            for part, is_exact in self._pieces(use)
        ]

    def session_query(self, scopes: tuple[Scope, ...]) -> Query:
        """Return what sums one session up; its id comes behind the values."""
        part = Slice(0, OPEN_END_MS)
        return sums_query(self.view, self._portion(part, scopes), of_session=True)

    def official_block(self, scopes: tuple[Scope, ...]) -> Window | None:
        """Return the block of the plan's own limit, where a budget is for one source that tells."""
        source = next((one.name for one in scopes if one.dimension == "source"), None)
        for quota in newest_quotas(self.view, self.at_ms):
            is_block = quota.source == source and quota.window_minutes == LIMIT_MINUTES
            if is_block and quota.resets_ms > self.at_ms:
                return Window(quota.resets_ms - LIMIT_MINUTES * MINUTE_MS, quota.resets_ms)
        return None

    def _portion(self, part: Slice, scopes: Iterable[Scope]) -> Portion:
        """Return a portion; that of an agent has both its kind and its id, and is sifted later."""
        named = [one for one in scopes if not _is_looked_up(one)]
        wanted = [one for one in scopes if _is_looked_up(one)]
        projects = [
            name for one in wanted if one.dimension == PROJECT for name in self.projects(one.name)
        ]
        models = [
            name for one in wanted if one.dimension == MODEL for name in self.models(one.name)
        ]
        picks = tuple(Pick(FACETS[one.dimension], one.name) for one in named)
        within = replace(part, projects=tuple(projects), models=tuple(models))
        return Portion(within, picks, self.calendar, self.mode)

    def projects(self, name: str) -> list[str]:
        """Return the projects of a name: a path, or the last part of several ones."""
        if not set(name) & set("/\\\\"):
            if PROJECT not in self.known:
                self.known[PROJECT] = project_names(self.view)
            known: list[str] = self.known[PROJECT]
            if found := [one for one in known if last_part(one) == name]:
                return found
        return [name]

    def models(self, name: str) -> list[str]:
        """Return the models of a name with `*`, or of one word of their names."""
        if MODEL not in self.known:
            self.known[MODEL] = model_names(self.view)
        return models_of(name, self.known[MODEL])

    def _spending(self, use: Use, by: tuple[Facet, ...]) -> list[Spending]:
        """Return what was used by some facets, days that are over from the sums by day."""
        agent, others = _agent_of(use.scopes)
        wanted = (*by, *OF_AGENT) if agent is not None else by
        question = (use._replace(scopes=others), wanted)
        if question not in self.known:
            self.known[question] = merged(
                *(
                    spending(self.view, self._portion(part, others), wanted, is_exact=is_exact)
                    for part, is_exact in self._pieces(use)
                )
            )
        found: list[Spending] = self.known[question]
        return found if agent is None else _of_agent(found, agent)

    def _over_time(self, use: Use, bucket_ms: int) -> list[tuple[int, Amount]]:
        agent, others = _agent_of(use.scopes)
        question = (use._replace(scopes=others), bucket_ms, agent is None)
        if question not in self.known:
            portion = self._portion(Slice(use.since_ms, use.until_ms), others)
            by = () if agent is None else OF_AGENT
            self.known[question] = amounts_over_time(self.view, portion, bucket_ms, by)
        found: list[Spending] = self.known[question]
        if agent is not None:
            found = _of_agent(found, agent)
        sums: dict[int, list[Amount]] = {}
        for one in found:
            sums.setdefault(int(one.group[0]), []).append(one.amount)
        return [(at_ms, total(amounts)) for at_ms, amounts in sorted(sums.items())]

    def _pieces(self, use: Use) -> list[Piece]:
        """Return a range in pieces: days before today have sums of their own, and so have quarters.

        Of the quarter of an hour in which it begins single requests are counted.
        """
        today_ms = self.calendar.begin_ms(self.calendar.day(self.at_ms))
        whole_ms = min(-(-use.since_ms // QUARTER_MS) * QUARTER_MS, use.until_ms)
        cut_ms = min(max(whole_ms, today_ms), use.until_ms)
        pieces = (
            Piece(Slice(use.since_ms, whole_ms), True),
            Piece(Slice(whole_ms, cut_ms), False),
            Piece(Slice(cut_ms, use.until_ms), False),
        )
        return [one for one in pieces if one.part.since_ms < one.part.until_ms]


def _is_looked_up(scope: Scope) -> bool:
    """Tell whether a scope's name may stand for several ones."""
    return scope.dimension == PROJECT or (scope.dimension == MODEL and is_several(scope.name))


def last_part(path: str) -> str:
    """Return what a project's users call it."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _agent_of(scopes: tuple[Scope, ...]) -> tuple[str | None, tuple[Scope, ...]]:
    """Return the agent that scopes name, and the other ones."""
    agent = next((one.name for one in scopes if one.dimension == AGENT), None)
    return agent, tuple(one for one in scopes if one.dimension != AGENT)


def _of_agent(found: Iterable[Spending], name: str) -> list[Spending]:
    """Return what an agent used: by its kind, or by its id where the log tells no kinds."""
    return [one for one in found if name in one.group[-2:]]


def agent_facet(view: View, portion: Portion, name: str) -> Facet | None:
    """Return by which facet a name means an agent in a portion; None where it is by both."""
    told = {one.group for one in _of_agent(spending(view, portion, OF_AGENT), name)}
    kinds = {group for group in told if group[0] == name}
    if kinds and kinds != told:
        return None
    return Facet.KIND if kinds else Facet.AGENT
