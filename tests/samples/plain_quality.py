"""What docs/quality.md counts, from the rows of the store one by one: slow, and plain to read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tokwatch.store.connect import Database

APART: Final = ("rate limit", "interrupted")
_SESSION: Final = "CASE WHEN k.session = '' THEN g.session ELSE k.session END"
_OF_STRAND: Final = "JOIN strand k ON k.id = t.strand JOIN log g ON g.id = k.log"
REQUESTS: Final = (
    "SELECT e.key, e.instant_ms, p.source, s.session, s.agent, m.name, e.requests,"
    " coalesce(e.input, 0) + coalesce(e.cache_read, 0) + coalesce(e.cache_write_5m, 0)"
    " + coalesce(e.cache_write_1h, 0), e.output, coalesce(e.logged_nano, e.computed_nano), e.log"
    " FROM event e JOIN scope s ON s.id = e.scope JOIN place p ON p.id = s.place"
    " JOIN model m ON m.id = e.model WHERE e.grade < 2 ORDER BY e.instant_ms, e.key"
)


class Request(NamedTuple):
    """One request, and how long it took where that is known."""

    at_ms: int
    source: str
    session: str
    agent: str
    kind: str
    model: str
    requests: int
    prompt: int
    output: int | None
    nano: int | None
    latency_ms: int | None


class Turn(NamedTuple):
    """One turn that began in the range."""

    at_ms: int
    source: str
    session: str
    agent: str
    kind: str
    model: str
    end_ms: int
    finished: bool
    interrupted: bool
    is_last: bool

    @property
    def is_open(self) -> bool:
        return self.is_last and not self.finished and not self.interrupted


class Error(NamedTuple):
    """One error."""

    at_ms: int
    source: str
    session: str
    agent: str
    kind: str
    model: str
    trouble: str
    attempt: int


class Session(NamedTuple):
    """When a session lived; `at_ms` is its last answer."""

    at_ms: int
    source: str
    session: str
    first_ms: int
    was_read: bool
    overflowed: bool


@dataclass
class Facts:
    """Everything of a range."""

    requests: list[Request] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    errors: list[Error] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    read: set[tuple[str, str]] = field(default_factory=set)

    def values(self, measure: str) -> list[tuple[int, float]]:
        """Return the instants and values of a measure."""
        single = [one for one in self.requests if one.requests == 1]
        timed = [(one, one.latency_ms) for one in single if one.latency_ms]
        every: dict[str, list[tuple[int, float]]] = {
            "latency": [(one.at_ms, taken) for one, taken in timed],
            "first token": [],
            "speed": [(o.at_ms, o.output * 1000 / taken) for o, taken in timed if o.output],
            "turn": [(one.at_ms, one.end_ms - one.at_ms) for one in self.turns if one.finished],
            "session": [(one.at_ms, one.at_ms - one.first_ms) for one in self.sessions],
            "cost": [(one.at_ms, one.nano) for one in single if one.nano is not None],
            "prompt": [(one.at_ms, one.prompt) for one in single],
            "output": [(one.at_ms, one.output) for one in single if one.output is not None],
        }
        return every[measure]

    def whole(self, measure: str) -> int:
        """Return of how many a measure could be known."""
        if measure == "session":
            return len(self.sessions)
        if measure == "turn":
            return sum(not one.is_open for one in self.turns)
        return sum(one.requests == 1 for one in self.requests)

    def shares(self) -> dict[str, tuple[int, int]]:
        """Return part and whole of every share."""
        read = [one for one in self.requests if (one.source, one.session) in self.read]
        answers = sum(one.requests for one in read)
        failed = sum(one.trouble not in APART for one in self.errors)
        refused = sum(one.trouble == "rate limit" for one in self.errors)
        again = sum(one.attempt > 0 and one.trouble != "interrupted" for one in self.errors)
        tries = answers + failed + refused
        ended = [one for one in self.turns if not one.is_open]
        last = [one for one in ended if one.is_last and not one.agent]
        known = [one for one in self.sessions if one.was_read]
        priced = [one for one in self.requests if one.nano is not None]
        return {
            "success rate": (answers, answers + failed),
            "rate limited": (refused, tries),
            "tried again": (again, tries),
            "turns finished": (sum(one.finished for one in ended), len(ended)),
            "turns interrupted": (sum(one.interrupted for one in ended), len(ended)),
            "sessions finished": (sum(one.finished for one in last), len(last)),
            "sessions overflowed": (sum(one.overflowed for one in known), len(known)),
            "$ per M tokens": (
                sum(one.nano or 0 for one in priced),
                sum(one.prompt + (one.output or 0) for one in priced),
            ),
        }

    def only(self, column: str, value: str) -> Facts:
        """Return what is of one model, sort of agent or source."""
        requests = [one for one in self.requests if getattr(one, column) == value]
        names = {(one.source, one.session) for one in requests}
        return Facts(
            requests,
            [one for one in self.turns if getattr(one, column) == value],
            [one for one in self.errors if getattr(one, column) == value],
            [one for one in self.sessions if (one.source, one.session) in names],
            self.read,
        )

    def between(self, since_ms: int, until_ms: int) -> Facts:
        """Return what was in a part of the range."""
        return Facts(
            [one for one in self.requests if since_ms <= one.at_ms < until_ms],
            [one for one in self.turns if since_ms <= one.at_ms < until_ms],
            [one for one in self.errors if since_ms <= one.at_ms < until_ms],
            [one for one in self.sessions if since_ms <= one.at_ms < until_ms],
            self.read,
        )


def facts_of(database: Database, since_ms: int, until_ms: int) -> Facts:
    """Return everything of a range, as of its end."""
    rows = database.rows(REQUESTS)
    taken, kinds = latencies(database), sorts(database)

    def kind(source: str, session: str, agent: str) -> str:
        return kinds.get((source, session, agent)) or ("sub-agent" if agent else "main")

    requests = [
        Request._make((row[1], *row[2:5], kind(*row[2:5]), *row[5:10], taken.get(row[0])))
        for row in rows
        if since_ms <= row[1] < until_ms
    ]
    facts = Facts(requests)
    facts.read = {
        (row[0], row[1])
        for row in database.rows(
            f"SELECT g.source, {_SESSION} FROM strand k JOIN log g ON g.id = k.log"
            " JOIN detail_log d ON d.log = g.id"
        )
    }
    models: dict[tuple[str, str, str], list[tuple[int, str]]] = defaultdict(list)
    for one in requests:
        models[one.source, one.session, one.agent].append((one.at_ms, one.model))

    def model_of(agent: tuple[str, str, str], at_ms: int, *, after: bool) -> str:
        told = models[agent]
        if after:
            return next((name for ms, name in told if ms >= at_ms), told[-1][1] if told else "")
        return next((name for ms, name in reversed(told) if ms <= at_ms), "")

    errors: dict[tuple[object, ...], Error] = {}
    for at_ms, source, session, agent, trouble, attempt in database.rows(
        f"SELECT t.instant_ms, g.source, {_SESSION}, k.agent, t.kind, t.attempt FROM incident t"
        f" {_OF_STRAND} WHERE t.instant_ms >= ? AND t.instant_ms < ? ORDER BY 1, 2, 3, t.strand",
        (since_ms, until_ms),
    ):
        who = (source, session, agent)
        once = (source, agent, at_ms, trouble, attempt)
        model = model_of(who, at_ms, after=True)
        errors.setdefault(once, Error(at_ms, *who, kind(*who), model, trouble, attempt))
    facts.errors = list(errors.values())
    for turn in turns_of(
        database, since_ms, until_ms, {k: v[0][0] for k, v in models.items() if v}
    ):
        who = (turn.source, turn.session, turn.agent)
        model = model_of(who, turn.end_ms, after=False)
        facts.turns.append(turn._replace(kind=kind(*who), model=model))
    outgrown = {
        (row[0], row[1])
        for row in database.rows(
            f"SELECT g.source, {_SESSION} FROM compaction t {_OF_STRAND}"
            " WHERE t.instant_ms >= ? AND t.instant_ms < ?",
            (since_ms, until_ms),
        )
    } | {(one.source, one.session) for one in facts.errors if one.trouble == "context length"}
    for name in {(one.source, one.session) for one in requests}:
        lived = [row[1] for row in rows if (row[2], row[3]) == name and row[1] < until_ms]
        facts.sessions.append(
            Session(max(lived), *name, min(lived), name in facts.read, name in outgrown)
        )
    return facts


def sorts(database: Database) -> dict[tuple[str, str, str], str]:
    """Return the sorts of agents that logs name."""
    rows = database.rows("SELECT source, session, agent, kind FROM agent WHERE kind <> ''")
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def latencies(database: Database) -> dict[int, int]:
    """Return how long requests took: as told, else since what stands before in the same log."""
    events = {row[0]: row for row in database.rows(REQUESTS)}
    begun: dict[int, int] = {}
    strands: dict[int, list[tuple[int, int]]] = defaultdict(list)
    logs: dict[int, int] = {}
    for strand, log, request, at_ms in database.rows(
        "SELECT t.strand, k.log, t.request, t.instant_ms FROM block t"
        " JOIN strand k ON k.id = t.strand ORDER BY t.strand, t.number"
    ):
        strands[strand].append((request, at_ms))
        logs[strand] = log
    for strand, blocks in strands.items():
        before, seen = None, set[int]()
        for request, at_ms in blocks:
            event = events.get(request)
            is_first = request not in seen
            if event and is_first and event[10] == logs[strand] and before is not None:
                said_ms = min(ms for other, ms in blocks if other == request)
                if event[1] >= said_ms:
                    begun[request] = max(before, begun.get(request, 0))
            seen.add(request)
            before = at_ms
    found = {key: events[key][1] - ms for key, ms in begun.items() if ms < events[key][1]}
    told = "SELECT key, max(value) FROM request_fact WHERE name = 'duration_ms' GROUP BY key"
    return found | {row[0]: row[1] for row in database.rows(told)}


def turns_of(
    database: Database, since_ms: int, until_ms: int, began: dict[tuple[str, str, str], int]
) -> list[Turn]:
    """Return each turn once: of copies that of the session that made its requests."""
    first: dict[tuple[str, str], int] = {}
    for (source, session, _), at_ms in began.items():
        first[source, session] = min(at_ms, first.get((source, session), at_ms))
    copies = defaultdict(list)
    for source, session, agent, begin_ms, end_ms, requests, interrupted, finished in database.rows(
        f"SELECT g.source, {_SESSION}, k.agent, t.begin_ms, t.end_ms, t.requests, t.interrupted,"
        f" t.finished FROM turn t {_OF_STRAND} WHERE t.begin_ms >= ? AND t.begin_ms < ?",
        (since_ms, until_ms),
    ):
        is_own = first.get((source, session), end_ms + 1) <= end_ms
        rank = (is_own, requests, end_ms, session, bool(interrupted), bool(finished))
        copies[source, agent, begin_ms].append(rank)
    chosen = [(*key, *max(ranks)) for key, ranks in copies.items()]
    turns = []
    for source, agent, begin_ms, _, _, end_ms, session, interrupted, finished in chosen:
        others = [one[2] for one in chosen if (one[0], one[6], one[1]) == (source, session, agent)]
        is_past = end_ms < until_ms
        turns.append(
            Turn(
                *(begin_ms, source, session, agent, "", "", min(end_ms, until_ms)),
                *(finished and is_past, interrupted and is_past, begin_ms == max(others)),
            )
        )
    return turns
