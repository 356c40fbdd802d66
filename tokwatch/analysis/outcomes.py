"""How requests, turns and sessions ended: shares with their definitions, and errors by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from operator import add
from typing import Final, NamedTuple

from msgspec import Struct

from tokwatch.analysis.measured import ToldBy, is_error
from tokwatch.analysis.trend import Cut, Trend, shares, totals
from tokwatch.model.performance import Answered, IncidentTold, Told, TurnTold

RATE_LIMIT: Final = "rate limit"
INTERRUPTED: Final = "interrupted"
CONTEXT_LENGTH: Final = "context length"
RETRIED: Final = "retried"
"""Attempts that failed without a log telling why: only how many is known."""
MOST_LISTED: Final = 50
_STATUSES: Final = {413: CONTEXT_LENGTH, 429: RATE_LIMIT, 408: "connection", 529: "overloaded"}
MILLION: Final = 1_000_000


class Aim(NamedTuple):
    """What a ratio is."""

    name: str
    what: str
    """What it is a part of, in the plural."""
    words: str
    is_good: bool | None = True
    """Whether more is better; None where that depends."""
    is_money: bool = False


SUCCESS: Final = Aim(
    "success rate",
    "attempts",
    "Answers ÷ (answers + failed attempts). Rate limits and interruptions are told apart and stand "
    "in neither. Only sessions whose conversation was read count, and sources that tell an "
    "answer's status.",
)
LIMITED: Final = Aim(
    "rate limited",
    "attempts",
    "Attempts that a rate limit or a usage limit refused ÷ all attempts: answers, failures and "
    "refusals.",
    is_good=False,
)
TRIED_AGAIN: Final = Aim(
    "tried again",
    "attempts",
    "Attempts that failed and were followed by another one ÷ all attempts.",
    is_good=False,
)
FINISHED: Final = Aim(
    "turns finished",
    "turns",
    "Turns that an answer ended, asking for no further tool ÷ all turns that began in the range, "
    "but for those that may still go on.",
)
BROKEN_OFF: Final = Aim(
    "turns interrupted",
    "turns",
    "Turns that the user broke off ÷ the same turns.",
    is_good=False,
)
SESSIONS: Final = Aim(
    "sessions finished",
    "sessions",
    "Sessions whose last turn was finished ÷ sessions whose last turn began in the range and does "
    "not go on.",
)
OVERFLOWED: Final = Aim(
    "sessions overflowed",
    "sessions",
    "Sessions that reached a compaction or an error of the context's length in the range ÷ "
    "sessions with a request in it whose conversation was read.",
    is_good=False,
)
PER_MILLION: Final = Aim(
    "$ per M tokens",
    "tokens",
    "What requests with a price cost ÷ their tokens, of every class, in millions.",
    is_good=None,
    is_money=True,
)


class Ratio(Struct, frozen=True):
    """A part of a whole."""

    aim: Aim
    part: int
    whole: int
    trend: Trend
    told: tuple[ToldBy, ...]

    @property
    def value(self) -> float | None:
        """The ratio: a share, or nano-dollars a million tokens; None of nothing."""
        if not self.whole:
            return None
        return self.part * (MILLION if self.aim.is_money else 1) / self.whole


class ErrorKind(Struct, frozen=True):
    """The errors of one kind."""

    trouble: str
    count: int
    ended: int
    """Those that no other attempt followed."""
    trend: tuple[float, ...]
    told: tuple[tuple[str, int], ...]
    """Number by source."""
    newest: tuple[IncidentTold, ...]
    """Without those whose time is not told."""


class Mark(NamedTuple):
    """Something that counts, when, and by which source."""

    at_ms: int
    source: str
    number: int = 1


class Attempts(Struct, frozen=True):
    """What was tried, as far as logs tell of failures too."""

    answers: tuple[Mark, ...]
    incidents: tuple[IncidentTold, ...]
    retried: tuple[Mark, ...]

    @property
    def failures(self) -> list[Mark]:
        """Failed attempts, but for rate limits and interruptions."""
        apart = (RATE_LIMIT, INTERRUPTED)
        told = [one for one in self.incidents if one.trouble not in apart]
        return [*marks(told), *self.retried]

    @property
    def limits(self) -> list[Mark]:
        """Attempts that a limit refused."""
        return marks(one for one in self.incidents if one.trouble == RATE_LIMIT)

    @property
    def again(self) -> list[Mark]:
        """Attempts that another one followed."""
        told = (one for one in self.incidents if one.attempt and one.trouble != INTERRUPTED)
        return [*marks(told), *self.retried]


def marks(incidents: Iterable[IncidentTold]) -> list[Mark]:
    """Return when incidents happened."""
    return [Mark(one.at_ms, one.source) for one in incidents]


def attempts(told: Told) -> Attempts:
    """Return what was tried by those who tell of failures too."""
    telling = {
        one.source for one in told.answered if one.status is not None or one.retries is not None
    }
    answers, retried, failed = [], [], []
    for one in told.answered:
        if is_error(one.status):
            failed.append(_failed(one))
        elif one.source in telling or (one.source, one.session) in told.detailed:
            answers.append(Mark(one.at_ms, one.source, one.requests))
        if one.retries:
            retried.append(Mark(one.at_ms, one.source, one.retries))
    return Attempts(tuple(answers), (*told.incidents, *failed), tuple(retried))


def _failed(one: Answered) -> IncidentTold:
    """Return a request whose answer was an error."""
    status = one.status or 0
    trouble = _STATUSES.get(status, "server" if status >= 500 else "other")
    return IncidentTold(one.at_ms, one.source, one.session, one.agent, one.kind, trouble, status, 0)


class Tally(Struct, frozen=True):
    """Marks added up: by the stretches of a range, and by source."""

    stretches: tuple[float, ...]
    sources: Counter[str]

    def __add__(self, other: Tally) -> Tally:
        """Return both together; a source without marks stays told."""
        stretches = tuple(map(add, self.stretches, other.stretches))
        sources = self.sources.copy()
        sources.update(other.sources)
        return Tally(stretches, sources)


def tally(counted: Sequence[tuple[int, str, int]], division: Cut) -> Tally:
    """Return marks added up, or plain ones: making twenty thousand named tuples takes a while."""
    return Tally(
        totals(((at_ms, number) for at_ms, _, number in counted), division), _by_source(counted)
    )


def success(tried: Attempts, division: Cut) -> Ratio:
    """Return the success rate."""
    answers = tally(tried.answers, division)
    return ratio(SUCCESS, answers, answers + tally(tried.failures, division))


def ratio(aim: Aim, part: Tally, whole: Tally) -> Ratio:
    """Return a ratio with its trend and what each source tells."""
    trend = shares(part.stretches, whole.stretches)
    if aim.is_money:
        trend = tuple(None if value is None else value * MILLION for value in trend)
    told = tuple(
        ToldBy(source, part.sources[source], number)
        for source, number in sorted(whole.sources.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    return Ratio(aim, part.sources.total(), whole.sources.total(), trend, told)


def _by_source(counted: Iterable[tuple[int, str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for _, source, number in counted:
        found[source] += number
    return found


def all_ratios(told: Told, tried: Attempts, division: Cut) -> tuple[Ratio, ...]:
    """Return every ratio."""
    answers, limits = tally(tried.answers, division), tally(tried.limits, division)
    ended = answers + tally(tried.failures, division)
    tries = ended + limits
    return (
        ratio(SUCCESS, answers, ended),
        ratio(LIMITED, limits, tries),
        ratio(TRIED_AGAIN, tally(tried.again, division), tries),
        *_turns(told, division),
        _overflowed(told, division),
        per_million(told.answered, division),
    )


def _turns(told: Told, division: Cut) -> tuple[Ratio, Ratio, Ratio]:
    ended = [turn for turn in told.turns if not turn.is_open]
    last = [turn for turn in ended if turn.is_newest and not turn.agent]

    def told_of(turns: Iterable[TurnTold]) -> Tally:
        return tally([Mark(turn.begin_ms, turn.source) for turn in turns], division)

    every = told_of(ended)
    return (
        ratio(FINISHED, told_of(turn for turn in ended if turn.finished), every),
        ratio(BROKEN_OFF, told_of(turn for turn in ended if turn.interrupted), every),
        ratio(SESSIONS, told_of(turn for turn in last if turn.finished), told_of(last)),
    )


def _overflowed(told: Told, division: Cut) -> Ratio:
    known = [one for one in told.lifetimes if (one.source, one.session) in told.detailed]
    over = [one for one in known if (one.source, one.session) in told.overflowed]
    reached, every = (
        tally([Mark(one.last_ms, one.source) for one in some], division) for some in (over, known)
    )
    return ratio(OVERFLOWED, reached, every)


def per_million(answered: Iterable[Answered], division: Cut) -> Ratio:
    """Return what tokens cost."""
    priced = [one for one in answered if one.nano is not None]
    spent = [(one.at_ms, one.source, one.nano or 0) for one in priced]
    tokens = [(one.at_ms, one.source, one.prompt + (one.output or 0)) for one in priced]
    return ratio(PER_MILLION, tally(spent, division), tally(tokens, division))


def errors(tried: Attempts, division: Cut) -> tuple[ErrorKind, ...]:
    """Return the errors by kind, the most frequent first; rate limits and interruptions last."""
    by_kind: dict[str, list[IncidentTold]] = {}
    for one in tried.incidents:
        by_kind.setdefault(one.trouble, []).append(one)
    found = [
        _kind(trouble, marks(incidents), incidents, division)
        for trouble, incidents in by_kind.items()
    ]
    if tried.retried:
        found.append(_kind(RETRIED, tried.retried, (), division))
    apart = (RATE_LIMIT, INTERRUPTED)
    return tuple(sorted(found, key=lambda kind: (kind.trouble in apart, -kind.count, kind.trouble)))


def _kind(
    trouble: str, counted: Sequence[Mark], incidents: Sequence[IncidentTold], division: Cut
) -> ErrorKind:
    newest = sorted(incidents, key=lambda one: (-one.at_ms, one.session, one.agent))
    return ErrorKind(
        trouble,
        sum(one.number for one in counted),
        sum(not one.attempt for one in incidents),
        totals(((one.at_ms, one.number) for one in counted), division),
        tuple(_by_source(counted).most_common()),
        tuple(newest[:MOST_LISTED]),
    )
