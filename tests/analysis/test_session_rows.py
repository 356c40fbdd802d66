"""The lines of the session table: their order, their tree and their figures."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.analysis.made import DOLLAR, FACTS, HOUR_MS, MINUTE_MS, NOW, session, spent
from tokwatch.analysis.calendar import instant
from tokwatch.analysis.session_rows import RowRules, session_rows, state, tree
from tokwatch.model.snapshot import SessionRow, SessionState
from tokwatch.model.stored import SessionFact
from tokwatch.model.usage import CostMode, Usage

RULES = RowRules(resume=lambda source, session: f"{source} resume {session}")


def rows(*facts: SessionFact) -> tuple[SessionRow, ...]:
    """Return the lines of these agents."""
    return session_rows(replace(FACTS, sessions=facts), RULES)


def shape(found: tuple[SessionRow, ...]) -> list[tuple[str, str, int]]:
    """Return what makes the tree."""
    return [(row.session, row.agent, row.depth) for row in found]


def test_agents_stand_beneath_their_session_in_order_of_their_begin() -> None:
    found = rows(
        session("s1", "late", 1),
        session("s2", "", 5 * MINUTE_MS),
        session("s1", "early", 9 * MINUTE_MS),
        session("s1", "", 20 * MINUTE_MS),
    )
    assert shape(found) == [
        ("s1", "", 0),
        ("s1", "early", 1),
        ("s1", "late", 1),
        ("s2", "", 0),
    ]


def test_a_spawned_session_stands_beneath_its_parent() -> None:
    child = replace(session("child", "", 1), parent="s1", kind="worker")
    grandchild = replace(session("grandchild"), parent="child", kind="worker")
    found = rows(child, session("s1", "", HOUR_MS), grandchild, session("other", "", MINUTE_MS))
    assert shape(found) == [
        ("s1", "", 0),
        ("child", "", 1),
        ("grandchild", "", 2),
        ("other", "", 0),
    ]


def test_a_fork_is_a_session_of_its_own() -> None:
    fork = replace(session("fork", "", 1), parent="s1")
    assert [row.depth for row in rows(fork, session("s1"))] == [0, 0]


def test_an_agent_whose_session_is_not_listed_stands_alone() -> None:
    assert shape(rows(session("gone", "a1"))) == [("gone", "a1", 0)]


def test_sessions_that_spawn_each_other_are_all_listed() -> None:
    one = replace(session("one"), parent="two", kind="worker")
    two = replace(session("two"), parent="one", kind="worker")
    assert sorted(row.session for row in rows(one, two)) == ["one", "two"]


def test_a_branch_is_as_new_as_its_newest_agent() -> None:
    facts = [session("quiet", "", HOUR_MS), session("quiet", "a1", 1), session("busy", "", 5)]
    assert [branch.fact.session for branch in tree(facts)] == ["quiet", "busy"]


def test_a_line_shows_the_facts() -> None:
    fact = session("0123456789abcdef")
    (row,) = session_rows(
        replace(
            FACTS, sessions=(fact,), recent=(spent(MINUTE_MS, 3, fact.session), spent(1, 9, "s2"))
        ),
        RULES,
    )
    assert row.label == "0123·def"
    assert (row.project, row.model, row.path) == ("/code/shop", "opus", fact.path)
    assert (row.cost_nano, row.nano_per_hour) == (3 * DOLLAR, 3 * 12)
    assert row.trend_nano == (*[0] * 13, 3, 0)
    assert row.last == instant(fact.last_ms)
    assert row.resume == "claude-code resume 0123456789abcdef"
    assert row.context is not None


def test_a_quiet_session_has_no_trend() -> None:
    (row,) = rows(session())
    assert (row.trend_nano, row.nano_per_hour) == ((), 0)


def test_the_trend_holds_the_last_half_hour() -> None:
    recent = (spent(28 * MINUTE_MS, 1), spent(28 * MINUTE_MS + 1, 2), spent(0, 4))
    facts = replace(FACTS, sessions=(session(),), recent=recent, at_ms=NOW + MINUTE_MS)
    (row,) = session_rows(facts, RULES)
    assert row.trend_nano == (1, *[0] * 13, 4)


def test_a_sub_agent_is_named_by_its_kind_and_not_resumed() -> None:
    _, named, unnamed = rows(
        session("s1", "", 1),
        replace(session("s1", "aaaa-0001", HOUR_MS), kind="Explore"),
        session("s1", "bbbb-0002"),
    )
    assert (named.label, named.resume) == ("Explore", "")
    assert unnamed.label == "bbbb·002"


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (0, SessionState.LIVE),
        (4.9, SessionState.LIVE),
        (5, SessionState.IDLE),
        (59, SessionState.IDLE),
        (60, SessionState.ENDED),
        (-1, SessionState.LIVE),
    ],
)
def test_a_session_goes_from_live_to_idle_to_ended(minutes: float, expected: SessionState) -> None:
    assert state(int(minutes * MINUTE_MS)) is expected


def test_a_session_lives_while_its_agents_do() -> None:
    top, agent = rows(session("s1", "", 2 * HOUR_MS), session("s1", "a1", 0))
    assert (top.state, agent.state) == (SessionState.LIVE, SessionState.LIVE)


def test_hidden_calls_are_with_the_session_and_not_its_agents() -> None:
    facts = replace(
        FACTS,
        sessions=(session(), session("s1", "a1")),
        hidden={"s1": Usage(output=5)},
    )
    top, agent = session_rows(facts, RULES)
    assert (top.hidden, agent.hidden) == (Usage(output=5), None)


def test_the_cost_is_that_of_the_mode() -> None:
    facts = replace(FACTS, sessions=(session(),))
    (row,) = session_rows(facts, replace(RULES, mode=CostMode.DISPLAY))
    assert row.cost_nano == 0


def test_lines_that_did_not_change_are_the_same_objects() -> None:
    facts = replace(FACTS, sessions=(session("same"), session("changed")))
    before = session_rows(facts, RULES)
    grown = replace(session("changed"), usage=Usage(requests=9))
    after = session_rows(replace(facts, sessions=(session("same"), grown)), RULES, before)
    old = {row.session: row for row in before}
    kept = {row.session: row is old[row.session] for row in after}
    assert kept == {"same": True, "changed": False}


def test_keys_tell_agents_apart() -> None:
    facts = (session("s1"), session("s1", "a"), replace(session("s1"), source="codex"))
    assert len({row.key for row in rows(*facts)}) == 3
