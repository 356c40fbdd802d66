"""One session's requests and family, against what was put into the store."""

from __future__ import annotations

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS, random_requests
from tokwatch.analysis.owned import fact_of, usage_of
from tokwatch.analysis.sums import total
from tokwatch.model.session import Kin
from tokwatch.model.usage import CostMode, Dimension, Slice
from tokwatch.store.connect import Database
from tokwatch.store.read.every import family, requests_mark, session_requests, sessions, usage
from tokwatch.store.view import View

CODE = "claude-code"


def card(database: Database, model: int, **rates: int) -> None:
    """Put a card into the store that holds on every date and for every prompt."""
    columns = {
        "workspace": 1, "model": model, "since_ms": 0, "above_tokens": -1, "until_ms": 2**62,
        "upto_tokens": 2**62, "input": 5, "cache_read": 1, "cache_write_5m": 6,
        "cache_write_1h": 10, "output": 25, "web_search": 0, "source": "'test'",
    } | rates  # fmt: skip
    database.execute(
        f"INSERT INTO card ({', '.join(columns)}) VALUES ({', '.join(map(str, columns.values()))})"
    )


def test_requests_come_in_order_with_tokens_rates_and_place(database: Database) -> None:
    made = [
        Made(MARCH_MS + 2, agent="a1", cache_read=None, final=0, path="/two"),
        Made(MARCH_MS + 1, tier="fast", web_searches=3, logged_nano=7, window=1_000),
        Made(MARCH_MS, session="other"),
        Made(MARCH_MS + 3, grade=2),
        Made(MARCH_MS + 4, source="codex"),
    ]
    view = build(database, made)
    card(database, 1)
    found = session_requests(view, CODE, ("s1",))
    assert [(one.cached.agent, one.instant_ms) for one in found] == [
        ("", MARCH_MS + 1),
        ("a1", MARCH_MS + 2),
    ]
    first, second = found
    assert (first.tier, first.web_searches, first.logged_nano, first.window) == (
        "fast",
        3,
        7,
        1_000,
    )
    assert (first.cached.is_priced, first.output_rate) == (0, 0)
    assert (second.cached.cache_read, second.is_final, second.path) == (None, 0, "/two")
    assert (second.cached.input_rate, second.output_rate) == (5, 25)
    assert (second.prompt, second.offset) == (200, 100)
    assert second.cost_nano(CostMode.AUTO) == second.computed_nano == 10_000_000
    assert first.cost_nano(CostMode.AUTO) == 7
    assert first.cost_nano(CostMode.CALCULATE) == 10_000_000


def test_what_comes_later_is_not_seen(database: Database) -> None:
    view = build(database, [Made(MARCH_MS), Made(MARCH_MS + 10)])
    assert len(session_requests(view, CODE, ("s1",), MARCH_MS + 10)) == 1
    assert requests_mark(view, CODE, ("s1",), MARCH_MS + 10).requests == 1
    assert session_requests(view, CODE, ()) == []


def test_the_mark_moves_with_every_change(database: Database) -> None:
    view = build(database, [Made(MARCH_MS), Made(MARCH_MS + 10)])
    marks = {requests_mark(view, CODE, ("s1",))}
    database.execute("UPDATE event SET output = 51 WHERE key = 1")
    marks.add(requests_mark(view, CODE, ("s1",)))
    database.execute("UPDATE event SET computed_nano = 1 WHERE key = 1")
    marks.add(requests_mark(view, CODE, ("s1",)))
    database.execute("UPDATE event SET grade = 2 WHERE key = 2")
    marks.add(requests_mark(view, CODE, ("s1",)))
    assert len(marks) == 4


def test_a_family_is_the_first_session_and_all_that_were_spawned(database: Database) -> None:
    made = [
        Made(MARCH_MS, session="top"),
        Made(MARCH_MS + 1, session="top", agent="a1"),
        Made(MARCH_MS + 2, session="middle"),
        Made(MARCH_MS + 3, session="low"),
        Made(MARCH_MS + 4, session="stranger"),
    ]
    agents = [
        (CODE, "top", "a1", "Explore", ""),
        (CODE, "middle", "", "review", "top"),
        (CODE, "low", "", "guard", "middle"),
        (CODE, "stranger", "", "", "top"),
    ]
    view = build(database, made, agents=agents)
    expected = (
        Kin("top", "", "", ""),
        Kin("top", "a1", "Explore", ""),
        Kin("middle", "", "review", "top"),
        Kin("low", "", "guard", "middle"),
    )
    for session in ("top", "middle", "low"):
        assert family(view, CODE, session) == expected
    assert family(view, CODE, "stranger") == (Kin("stranger", "", "", ""),)
    assert family(view, CODE, "unknown") == ()
    assert family(view, "codex", "top") == ()


def test_a_family_in_a_circle_ends(database: Database) -> None:
    made = [Made(MARCH_MS, session=name) for name in ("one", "two")]
    agents = [(CODE, "one", "", "x", "two"), (CODE, "two", "", "y", "one")]
    found = family(build(database, made, agents=agents), CODE, "one")
    assert {kin.session for kin in found} == {"one", "two"}


def _of(view: View, session: str, source: str) -> object:
    cells = usage(view, Slice(), (Dimension.SESSION, Dimension.SOURCE))
    return total(cell.usage for cell in cells if cell.group == (session, source))


def test_their_sums_are_the_roll_ups_of_the_session(database: Database) -> None:
    view = build(database, random_requests(400))
    rows = database.rows(
        "SELECT DISTINCT p.source, s.session FROM scope s JOIN place p ON p.id = s.place"
    )
    assert len(rows) > 3
    for source, session in rows:
        found = session_requests(view, source, (session,))
        assert usage_of(found) == _of(view, session, source)


def test_an_agents_facts_are_those_of_the_list_of_sessions(database: Database) -> None:
    view = build(database, random_requests())
    listed = sessions(view, Slice(), 1_000)
    assert len(listed) > 5
    for fact in listed:
        found = [
            one
            for one in session_requests(view, fact.source, (fact.session,))
            if one.cached.agent == fact.agent
        ]
        kin = Kin(fact.session, fact.agent, fact.kind, fact.parent)
        made = fact_of(kin, found, usage_of(found))
        for name in ("first_ms", "last_ms", "context_tokens", "window", "usage", "path", "project"):
            assert getattr(made, name) == getattr(fact, name), name
        assert set(made.models) == set(fact.models)
        assert made.last_model == fact.last_model
