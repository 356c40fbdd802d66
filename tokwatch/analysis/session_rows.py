"""The lines of the session table: each session with its sub-agents beneath it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct, field

from tokwatch.analysis.burn import per_hour
from tokwatch.analysis.calendar import instant
from tokwatch.analysis.context import Windows, context
from tokwatch.analysis.facts import Facts
from tokwatch.model.snapshot import SessionRow, SessionState
from tokwatch.model.stored import SessionFact, Spent
from tokwatch.model.units import MINUTE_MS
from tokwatch.model.usage import CostMode

LIVE_MS = 5 * MINUTE_MS
"""A session is live while its last request is younger: as long as a prompt cache lives."""
IDLE_MS = 60 * MINUTE_MS
"""Then idle up to this age, then ended; the tools themselves do not say."""
TREND_BUCKETS, TREND_BUCKET_MS = 15, 2 * MINUTE_MS

Agent = tuple[str, str, str]
"""Source, session and agent: what a line is about."""


class RowRules(Struct, frozen=True):
    """What the lines depend on apart from the facts."""

    mode: CostMode = CostMode.AUTO
    burn_minutes: int = 5
    warning: float = 0.75
    critical: float = 0.85
    windows: Windows = field(default_factory=Windows)
    resume: Callable[[str, str], str] = lambda source, session: ""
    """The command that resumes a source's session."""


class Branch(Struct, frozen=True):
    """A session or sub-agent in the tree, with what is beneath it."""

    fact: SessionFact
    children: tuple[Branch, ...]

    @property
    def last_ms(self) -> int:
        """The last request here or beneath."""
        return max([self.fact.last_ms, *(child.last_ms for child in self.children)])


def session_rows(
    facts: Facts, rules: RowRules, known: Iterable[SessionRow] = ()
) -> tuple[SessionRow, ...]:
    """Return the lines, newest session first; lines equal to known ones are those objects."""
    spent: dict[Agent, list[Spent]] = {}
    for event in facts.recent:
        spent.setdefault((event.source, event.session, event.agent), []).append(event)
    before = {row.key: row for row in known}
    rows = []
    for branch in tree(facts.sessions):
        for row in _lines(branch, facts, rules, spent):
            same = before.get(row.key)
            rows.append(same if same == row else row)
    return tuple(rows)


def tree(sessions: Iterable[SessionFact]) -> list[Branch]:
    """Return the sessions that no other listed one spawned, newest first, agents beneath."""
    facts = {_agent(fact): fact for fact in sessions}
    beneath: dict[Agent, list[SessionFact]] = {}
    tops = []
    for fact in facts.values():
        parent = _parent(fact)
        if parent in facts and not _is_own_ancestor(fact, facts):
            beneath.setdefault(parent, []).append(fact)
        else:
            tops.append(fact)

    branches = [_branch(fact, beneath) for fact in tops]
    return sorted(branches, key=lambda one: (-one.last_ms, one.fact.session))


def _branch(fact: SessionFact, beneath: Mapping[Agent, list[SessionFact]]) -> Branch:
    children = sorted(beneath.get(_agent(fact), ()), key=lambda one: (one.first_ms, one.agent))
    return Branch(fact, tuple(_branch(child, beneath) for child in children))


def state(age_ms: int) -> SessionState:
    """Return where a session stands whose last request is so old."""
    if age_ms < LIVE_MS:
        return SessionState.LIVE
    return SessionState.IDLE if age_ms < IDLE_MS else SessionState.ENDED


def _agent(fact: SessionFact) -> Agent:
    return fact.source, fact.session, fact.agent


def _parent(fact: SessionFact) -> Agent | None:
    """Return whose sub-agent this is: of its own session, or of the one that spawned it."""
    if fact.agent:
        return fact.source, fact.session, ""
    return (fact.source, fact.parent, "") if fact.parent and fact.kind else None


def _is_own_ancestor(fact: SessionFact, facts: Mapping[Agent, SessionFact]) -> bool:
    """Tell whether the parents of a session lead in a circle, as no sane log has them."""
    seen: set[Agent] = set()
    at: SessionFact | None = fact
    while at is not None and (above := _parent(at)) is not None:
        if above in seen or above == _agent(fact):
            return True
        seen.add(above)
        at = facts.get(above)
    return False


def _lines(
    branch: Branch,
    facts: Facts,
    rules: RowRules,
    spent: Mapping[Agent, list[Spent]],
    depth: int = 0,
) -> Iterator[SessionRow]:
    yield _row(branch, facts, rules, spent, depth)
    for child in branch.children:
        yield from _lines(child, facts, rules, spent, depth + 1)


def _row(
    branch: Branch,
    facts: Facts,
    rules: RowRules,
    spent: Mapping[Agent, list[Spent]],
    depth: int,
) -> SessionRow:
    fact = branch.fact
    events = spent.get(_agent(fact), [])
    span_ms = rules.burn_minutes * MINUTE_MS
    latest = sum(e.nano for e in events if facts.at_ms - span_ms < e.at_ms <= facts.at_ms)
    return SessionRow(
        key="\0".join(_agent(fact)),
        source=fact.source,
        session=fact.session,
        agent=fact.agent,
        label=_label(fact, depth),
        depth=depth,
        project=fact.project,
        model=fact.last_model.name,
        cost_nano=fact.usage.cost_nano(rules.mode),
        nano_per_hour=per_hour(latest, span_ms),
        usage=fact.usage,
        hidden=None if fact.agent else facts.hidden.get(fact.session),
        context=context(fact, rules.windows, warning=rules.warning, critical=rules.critical),
        trend_nano=_trend(events, facts.at_ms),
        state=state(facts.at_ms - branch.last_ms),
        last=instant(fact.last_ms),
        resume="" if depth else rules.resume(fact.source, fact.session),
        path=fact.path,
    )


def _label(fact: SessionFact, depth: int) -> str:
    """Return the kind of a sub-agent, or the two ends of an id, which tell sessions apart."""
    if depth and fact.kind:
        return fact.kind
    name = fact.agent or fact.session
    return name if len(name) <= 8 else f"{name[:4]}·{name[-3:]}"


def _trend(events: Iterable[Spent], at_ms: int) -> tuple[int, ...]:
    """Return the cost of the last half hour; nothing where there was none."""
    buckets = [0] * TREND_BUCKETS
    newest = at_ms // TREND_BUCKET_MS
    for event in events:
        back = newest - event.at_ms // TREND_BUCKET_MS
        if 0 <= back < TREND_BUCKETS:
            buckets[TREND_BUCKETS - 1 - back] += event.nano
    return tuple(buckets) if any(buckets) else ()
