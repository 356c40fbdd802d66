"""The sessions that benchmarks let answer, as tokwatch reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.live_logs import DOLLAR, MODEL, PRICES, Answers, history
from tokwatch.config import load
from tokwatch.ingest.ingest import refresh
from tokwatch.store.connect import Row, open_sqlite

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def events(folder: Path) -> list[Row]:
    """Read this home's logs under the settings of the benchmarks; return the events' costs."""
    settings = folder / "config.toml"
    settings.write_text(PRICES, encoding="utf-8")
    config = load(settings, folder / "data", environ={})
    assert not refresh(config).errors
    database = open_sqlite(config.data / "tokwatch.db", read_only=True)
    found = database.rows(
        "SELECT p.project, e.computed_nano, e.final, e.instant_ms, m.name FROM event e"
        " JOIN scope s ON s.id = e.scope JOIN place p ON p.id = s.place"
        " JOIN model m ON m.id = e.model ORDER BY e.instant_ms, p.project"
    )
    database.close()
    return found


def test_each_answer_costs_a_dollar_however_many_lines_it_has(home: Path, tmp_path: Path) -> None:
    answers = Answers(home / ".claude" / "projects")
    first, second = answers.session("live-0"), answers.session("live-1")
    answers.answer(first, AT, lines=1)
    answers.answer(second, AT, lines=4, output=100 * DOLLAR)
    answers.answer(first, AT + timedelta(seconds=5), lines=3)
    at_ms = int(AT.timestamp()) * 1000
    assert events(tmp_path) == [
        ("/live-0", 10**9, 1, at_ms, MODEL),
        ("/live-1", 100 * 10**9, 1, at_ms, MODEL),
        ("/live-0", 10**9, 1, at_ms + 5000, MODEL),
    ]


def test_an_answer_is_written_whole_before_its_moment_is_told(home: Path) -> None:
    answers = Answers(home / ".claude" / "projects")
    session = answers.session("live-0")
    moments = [answers.answer(session, AT) for _ in range(3)]
    assert moments == sorted(moments)
    assert session.path.read_bytes().count(b"\n") == 3 * 4
    assert session.path.read_bytes().endswith(b"}\n")


def test_history_ends_an_hour_before_its_end(home: Path, tmp_path: Path) -> None:
    history(home / ".claude" / "projects", 6, 2, days=3, until_s=AT.timestamp())
    found = events(tmp_path)
    assert len(found) == 12
    last_ms = int(AT.timestamp() - 3600) * 1000
    assert found[-1][3] == last_ms
    assert last_ms - found[0][3] <= 3 * 86_400_000
    logs = (home / ".claude" / "projects").rglob("*.jsonl")
    assert max(log.stat().st_mtime for log in logs) == AT.timestamp() - 3600
