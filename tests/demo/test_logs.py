"""What the demo writes is read by the real sources to the token."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.demo import books
from tests.demo.conftest import NOW
from tokwatch.config import load
from tokwatch.demo.agent import Tool
from tokwatch.demo.desks import CODEX_ROLE, CODEX_WINDOW, DESKS, EXPLORE, GENERAL, TASKS
from tokwatch.demo.feed import demo_config
from tokwatch.demo.folder import DemoFolder
from tokwatch.demo.logs import log_of
from tokwatch.demo.world import Course
from tokwatch.ingest.ingest import open_ingest
from tokwatch.model.usage import Dimension, Slice
from tokwatch.sources.source import Surroundings
from tokwatch.store.read import every as read
from tokwatch.store.read.every import View, open_view
from tokwatch.store.store import open_store


@pytest.fixture
def view(written: DemoFolder) -> Iterator[View]:
    """Return the store after the written home was read."""
    config = demo_config(load(), written.path)
    database = open_store("", config.data)
    where = Surroundings(written.home, {}, sys.platform)
    ingest = open_ingest(config, database, where=where)
    for _ in ingest.read(ingest.walk().pending):
        pass
    yield open_view(database, config.general.workspace)
    database.close()


def of_store(view: View) -> books.Books:
    """Return what the store counts."""
    by = (Dimension.SOURCE, Dimension.SESSION, Dimension.AGENT, Dimension.MODEL)
    return {
        tuple(map(str, cell.group)): Counter(  # type: ignore[misc]  # four, as asked for
            {name: getattr(cell.usage, name) for name in books.CLASSES}
        )
        for cell in read.usage(view, by=by)
    }


def test_the_store_agrees_with_the_world(view: View, courses: list[Course]) -> None:
    assert of_store(view) == books.of_courses(courses)


def test_the_logs_agree_with_the_world(written: DemoFolder, courses: list[Course]) -> None:
    assert books.of_home(written.home) == books.of_courses(courses)


def test_every_line_is_understood_final_and_priced(view: View, courses: list[Course]) -> None:
    (everything,) = read.usage(view)

    assert sum(count.bad_lines for count in read.log_counts(view)) == 0
    assert sum(count.files for count in read.log_counts(view)) == len(courses)
    assert everything.usage.lower_bound == 0
    assert everything.usage.unpriced_tokens == 0
    assert everything.usage.auto_nano > 0


def test_sub_agents_have_their_kinds_and_parents(view: View, courses: list[Course]) -> None:
    facts = read.sessions(view, Slice(0, round(NOW.timestamp() * 1000) + 1), 1_000)

    kinds = Counter(fact.kind for fact in facts if fact.kind)
    assert kinds == Counter(course.agent.kind for course in courses if course.agent.kind)
    assert set(kinds) == {EXPLORE, GENERAL, CODEX_ROLE}
    threads = {fact.session for fact in facts if fact.source == Tool.CODEX}
    spawned = [fact.parent for fact in facts if fact.kind == CODEX_ROLE]
    assert spawned
    assert set(spawned) <= threads


def test_codex_tells_its_window_and_claude_its_long_lived_writes(view: View) -> None:
    facts = read.sessions(view, Slice(0, round(NOW.timestamp() * 1000) + 1), 1_000)

    for fact in facts:
        if fact.source == Tool.CODEX:
            assert fact.window == CODEX_WINDOW
        elif fact.agent:
            assert (fact.usage.cache_write_1h, fact.usage.cache_write_5m > 0) == (0, True)
        else:
            assert (fact.usage.cache_write_1h > 0, fact.usage.cache_write_5m) == (True, 0)


def test_instants_are_those_of_the_requests(view: View, courses: list[Course]) -> None:
    found = {
        (fact.session, fact.agent): (fact.first_ms, fact.last_ms)
        for fact in read.sessions(view, Slice(0, round(NOW.timestamp() * 1000) + 1), 1_000)
    }

    assert found == {
        (course.agent.session, course.agent.id): (
            course.requests[0].at_ms,
            course.requests[-1].at_ms,
        )
        for course in courses
    }


def test_no_title_and_no_text_gets_into_the_store(view: View, written: DemoFolder) -> None:
    kept = b"".join(file.read_bytes() for file in written.path.glob("tokwatch.db*"))
    said = {*TASKS.values(), *(title for desk in DESKS for title in desk.titles)}

    assert kept
    assert not [text for text in said | {"simulated"} if text.encode() in kept]


def test_logs_hold_nothing_but_placeholders_and_titles(courses: list[Course]) -> None:
    allowed = {*TASKS.values(), *(title for desk in DESKS for title in desk.titles), ""}
    for course in courses[:20]:
        for line in log_of(course).data.splitlines():
            texts = set(_texts(json.loads(line)))
            assert all(text in allowed or "A simulated " in text for text in texts), texts


def test_a_log_is_as_old_as_its_last_line(written: DemoFolder, courses: list[Course]) -> None:
    log = log_of(courses[0])

    for path in (log.path, *log.beside):
        assert os.stat(written.home / path).st_mtime_ns == log.at_ms * 1_000_000


def _texts(value: object, name: str = "") -> Iterator[str]:
    """Yield what people or models would have said in a record."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)
    elif name in ("content", "text", "thinking", "message", "output", "arguments", "aiTitle"):
        yield str(value)
