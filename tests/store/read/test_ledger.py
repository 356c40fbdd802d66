"""A tool's own totals, beside what the transcripts show of the same requests."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.store.build import Made, build
from tests.store.read.test_usage import MARCH_MS
from tokwatch.model.reading import LedgerLine
from tokwatch.store.connect import Database, Row
from tokwatch.store.read.every import has_ledgers, ledgers, rates

SECOND_MS = 1000


def line(session: str = "s1", model: str = "opus", at_ms: int = MARCH_MS) -> LedgerLine:
    """Return a total of a session."""
    return LedgerLine(session, model, at_ms, 100, 800, 60, 40, 500, 10, 1, 9)


def test_totals_come_with_the_requests_seen_up_to_them(database: Database) -> None:
    made = [
        Made(MARCH_MS - 60 * SECOND_MS, model="opus"),
        Made(MARCH_MS, model="opus", agent="a1", branch="dev"),
        Made(MARCH_MS, model="haiku"),
        Made(MARCH_MS + SECOND_MS, model="opus", output=7),
        Made(MARCH_MS + 60 * SECOND_MS, model="opus", output=10_000),
        Made(MARCH_MS, session="other", model="opus", output=10_000),
    ]
    view = build(database, made, ledger=[("/logs/a.jsonl", line())])
    (found,) = ledgers(view)
    assert (found.session, found.source, found.lines) == ("s1", "claude-code", (line(),))
    # A second late is still the same run; a minute later is a run after the total.
    assert {model: usage.output for model, usage in found.visible.items()} == {
        "opus": 50 + 50 + 7,
        "haiku": 50,
    }
    assert has_ledgers(view)


def test_a_finished_session_is_seen_whole(database: Database) -> None:
    made = [Made(MARCH_MS), Made(MARCH_MS - 1, grade=2), Made(MARCH_MS - 2, agent="a1")]
    view = build(database, made, ledger=[("/logs/a.jsonl", line())])
    assert ledgers(view)[0].visible["claude-opus-4-5"].requests == 2


def test_the_newest_log_tells_a_sessions_totals(database: Database) -> None:
    newer = line(at_ms=MARCH_MS + 5)
    told = [("/new", newer), ("/old", line()), ("/old", line(model="haiku"))]
    (found,) = ledgers(build(database, [], ledger=told))
    assert (found.instant_ms, found.lines) == (MARCH_MS + 5, (newer,))


def test_only_the_sessions_asked_for_are_returned(database: Database) -> None:
    told = [("/1", line("s1")), ("/2", line("s2"))]
    view = build(database, [], ledger=told)
    assert [one.session for one in ledgers(view, ["s2", "s3"])] == ["s2"]
    assert ledgers(view, []) == []


def test_totals_of_sessions_are_not_searched_in_all_logs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.postgres:
        pytest.skip("its plan depends on how much there is")
    view = build(database, [], ledger=[("/1", line("s1")), ("/2", line("s2"))])
    asked: list[tuple[str, Sequence[object]]] = []
    read = Database.rows

    def noting(self: Database, sql: str, values: Sequence[object] = ()) -> list[Row]:
        asked.append((sql, values))
        return read(self, sql, values)

    monkeypatch.setattr(Database, "rows", noting)
    ledgers(view, ["s1", "s2"])

    sql, values = asked[0]
    plan = " ".join(row[3] for row in read(database, f"EXPLAIN QUERY PLAN {sql}", values))
    assert "USING INDEX ix_ledger_session (workspace=? AND session=?)" in plan
    assert "g USING INTEGER PRIMARY KEY" in plan


def test_at_a_moment_in_the_past_later_totals_are_not_told(database: Database) -> None:
    view = build(database, [Made(MARCH_MS - 1)], ledger=[("/logs/a.jsonl", line())])
    assert ledgers(view, ["s1"], MARCH_MS) == []
    assert len(ledgers(view, ["s1"], MARCH_MS + 1)) == 1


def test_a_fork_names_the_sessions_whose_requests_it_begins_with(database: Database) -> None:
    made = [
        Made(MARCH_MS, session="grandparent", path="/g"),
        Made(MARCH_MS + 1, session="parent", path="/p"),
        Made(MARCH_MS + 2, session="parent", path="/p", output=777),
        Made(MARCH_MS + 9, session="fork", path="/f"),
    ]
    view = build(database, made, ledger=[("/f", line("fork", at_ms=MARCH_MS + 9))])
    for key, log in ((1, 3), (2, 3), (2, 2), (4, 3)):
        database.execute(
            "INSERT INTO copy (key, log, workspace, instant_ms, first_ms, scope, model, requests, "
            "web_searches, grade, final, copied, offset_bytes) "
            "SELECT key, ?, workspace, instant_ms, first_ms, scope, model, 1, 0, 1, 1, 1, 0 "
            "FROM event WHERE key = ?",
            (log, key),
        )
    (found,) = ledgers(view)
    assert [(one.session, one.until_ms) for one in found.ancestors] == [
        ("grandparent", MARCH_MS),
        ("parent", MARCH_MS + 1),
    ]
    assert [one.visible["claude-opus-4-5"].output for one in found.ancestors] == [50, 50]


def test_rates_are_those_of_the_standard_tier_and_the_usual_size(database: Database) -> None:
    made = [Made(MARCH_MS, model="opus"), Made(MARCH_MS, model="opus", tier="fast")]
    view = build(database, made)
    for model, above, rate in ((1, -1, 3), (1, 200_000, 6), (2, -1, 18)):
        database.execute(
            "INSERT INTO card (workspace, model, since_ms, above_tokens, until_ms, upto_tokens, "
            "input, cache_read, cache_write_5m, cache_write_1h, output, web_search) "
            "VALUES (1, ?, 0, ?, 99, 5, ?, 1, 2, 3, 4, 5)",
            (model, above, rate),
        )
    assert rates(view, ["opus", "unknown"]) == [("opus", 0, 99, 3, 1, 2, 3, 4, 5)]
    assert rates(view, []) == []
