"""Hermes: growth of a session's totals, by model where they are told apart (FORMATS 2.11)."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.databases import AT_S, made, writing
from tests.sources.agents.hermes_logs import (
    BY_MODEL,
    FIRST_SCHEMA,
    PROJECT,
    SCHEMA,
    SESSION,
    TOTALS_SCHEMA,
    by_model,
    path,
    said,
    session,
    used,
)
from tests.sources.road import Road, Spent, reading
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting

SOURCE = "hermes"
PARTS = (30, 20, 60, 10, 5)


def told(file: Path) -> list[Sighting]:
    """Return what a database tells when it is read for the first time."""
    return list(reading(SOURCE, file, file.parent).sightings)


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return input, output, cache reads, cache writes and reasoning."""
    return one.input, one.output, one.cache_read, one.cache_write_5m, one.reasoning


def test_a_session_counts_whole_when_it_is_first_seen(home: Path) -> None:
    """2.11: input is without the cache; reasoning is inside output, as the tool sums it."""
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables, cwd=PROJECT, git_branch="main", billing_provider="anthropic")
        said(tables, AT_S + 30)
        used(tables, PARTS, api_call_count=7, estimated_cost_usd=0.5)
    (one,) = told(file)

    assert classes(one) == PARTS
    assert (one.grade, one.requests, one.logged_nano) == (Grade.DERIVED, 7, 500_000_000)
    assert one.instant_ms == (AT_S + 30) * 1000
    assert one.scope[:5] == (SOURCE, SESSION, "", PROJECT, "main")
    assert one.model[:2] == ("anthropic", "claude-sonnet-4-6")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"last_activity_at": AT_S + 9.5}, AT_S * 1000 + 9500),
        ({"ended_at": AT_S + 60.0}, (AT_S + 60) * 1000),
        ({}, AT_S * 1000),
    ],
)
def test_growth_is_dated_by_the_last_use_that_is_told(
    home: Path, fields: dict[str, object], expected: int
) -> None:
    """2.11: started_at, where nothing later is told; seconds with a fraction."""
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables, SESSION, **fields)
        used(tables, PARTS)

    assert [one.instant_ms for one in told(file)] == [expected]


@pytest.mark.parametrize(
    ("actual", "estimated", "expected"),
    [(0.75, 0.5, 750_000_000), (None, 0.5, 500_000_000), (0.0, 0.5, 500_000_000), (None, 0, None)],
)
def test_logged_cost_is_the_actual_one_else_the_estimate(
    home: Path, actual: object, estimated: object, expected: int | None
) -> None:
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, PARTS, actual_cost_usd=actual, estimated_cost_usd=estimated)

    assert [one.logged_nano for one in told(file)] == [expected]


def test_the_first_schema_knows_no_cache(home: Path) -> None:
    file = made(path(home), FIRST_SCHEMA)
    with writing(file) as tables:
        session(tables)
        tables.execute("UPDATE sessions SET input_tokens = 9, output_tokens = 4")

    assert [classes(one) for one in told(file)] == [(9, 4, None, None, None)]


def test_a_session_that_used_several_models_is_told_by_model(home: Path) -> None:
    """The session's row has the first model only; side calls stand in the rows by model alone."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, (40, 30, 60, 10, 5))
        by_model(tables, PARTS, api_call_count=3, actual_cost_usd=0.2)
        by_model(tables, (10, 10, 0, 0, 0), "glm-5.2", billing_provider="zai", last_seen=AT_S + 5)
        by_model(tables, (7, 1, 0, 0, 0), "gemini-3-flash", task="vision")
    found = {one.model.name: one for one in told(file)}

    assert classes(found["claude-sonnet-4-6"]) == PARTS
    assert (found["claude-sonnet-4-6"].requests, found["glm-5.2"].requests) == (3, 1)
    assert found["claude-sonnet-4-6"].logged_nano == 200_000_000
    assert found["glm-5.2"].instant_ms == (AT_S + 5) * 1000
    assert (found["gemini-3-flash"].input, found["gemini-3-flash"].output) == (7, 1)
    assert len(found) == 3


def test_what_the_models_do_not_explain_counts_on_top(home: Path) -> None:
    """A gateway writes its own totals over the session's and tells them of no model."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, (100, 30, 60, 10, 5))
        by_model(tables, PARTS)
    rest = min(told(file), key=lambda one: one.output or 0)

    assert classes(rest) == (70, 10, 0, 0, 0)


def test_growth_is_counted_by_row(home: Path, road: Road) -> None:
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, PARTS)
        by_model(tables, PARTS)
    road.read()
    with writing(file) as tables:
        used(tables, (50, 20, 60, 10, 5))
        by_model(tables, (50, 20, 60, 10, 5), last_seen=AT_S + 3600.0)
    road.read()
    newest, first = road.events()

    assert (newest.usage.input, newest.usage.output) == (20, 0)
    assert newest.instant_ms - first.instant_ms == 3_600_000
    assert road.total().input == 50


def test_totals_that_are_told_by_model_from_now_on_count_once(home: Path, road: Road) -> None:
    """An upgrade copies every session's totals into the rows by model."""
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, PARTS)
    road.read()
    with writing(file) as tables:
        tables.executescript(BY_MODEL)
        by_model(tables, (7, 1, 0, 0, 0), "gemini-3-flash", task="vision")
        by_model(tables, PARTS)
    road.read()
    assert road.total() == Spent(2, 37, 10, 0, 60, 21, 5)
    with writing(file) as tables:
        used(tables, (45, 20, 60, 10, 5))
        by_model(tables, (45, 20, 60, 10, 5))
    road.read()

    assert road.total() == Spent(3, 52, 10, 0, 60, 21, 5)


def test_a_total_that_shrinks_begins_anew(home: Path, road: Road) -> None:
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables)
    for total in (100, 40, 60):
        with writing(file) as tables:
            used(tables, (total, 0, 0, 0, 0))
        road.read()

    assert road.total().input == 160


def test_calls_that_are_counted_anew_count_no_tokens_again(home: Path, road: Road) -> None:
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables)
    for place, calls in enumerate((50, 0, 3)):
        with writing(file) as tables:
            used(tables, (100 + place, 1, 0, 0, 0), api_call_count=calls)
        road.read()

    assert (road.total().input, road.total().requests) == (102, 54)


def test_a_session_without_an_instant_is_told_and_not_counted(home: Path) -> None:
    file = made(path(home), TOTALS_SCHEMA)
    with writing(file) as tables:
        session(tables, started_at=-1.0)
        used(tables, PARTS)
    found = reading(SOURCE, file, file.parent)

    assert (found.sightings, found.tally.undated) == ([], 1)


def test_where_it_looks(home: Path) -> None:
    """2.11: the user's own database and those of profiles; what else lies there is not walked."""
    for name in ("work", "home"):
        (home / ".hermes" / "profiles" / name).mkdir(parents=True)
    profiles = ["~/.hermes/profiles/home", "~/.hermes/profiles/work"]
    assert folders(SOURCE, home) == ["~/.hermes", *profiles]
    assert folders(SOURCE, home, HERMES_HOME="/h") == ["/h"]
    windows = folders(SOURCE, home, "win32", LOCALAPPDATA="/l")
    assert windows == ["~/.hermes", *profiles, "/l/hermes"]
    assert sourced(SOURCE).resume_command("x") == "hermes --resume x"


def test_profiles_are_read_and_nothing_below_them(home: Path, road: Road) -> None:
    for folder in ("profiles/work", "hermes-agent/tests"):
        file = home / ".hermes" / folder / "state.db"
        file.parent.mkdir(parents=True)
        with writing(made(file, TOTALS_SCHEMA)) as tables:
            session(tables, folder)
            used(tables, PARTS, folder)
    road.read()

    assert [event.scope.session for event in road.events()] == ["profiles/work"]


MODELS = ("claude-sonnet-4-6", "glm-5.2")
STEPS = st.lists(
    st.tuples(st.sampled_from([*MODELS, "vision", "gateway"]), *[st.integers(0, 99)] * 5),
    max_size=8,
)


@settings(max_examples=20)
@given(steps=STEPS, random=st.randoms(use_true_random=False))
def test_it_agrees_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[object, ...]], random: Random
) -> None:
    """Models switched, side calls, a gateway's totals: the sums are the last ones."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
    rows = dict.fromkeys((*MODELS, "vision", "gateway"), (0, 0, 0, 0, 0))
    for name, *counts in steps:
        grown = [was + int(str(new)) for was, new in zip(rows[str(name)], counts, strict=True)]
        plain, output, read, written, reasoning = grown
        rows[str(name)] = (plain, output, read, written, min(reasoning, output))
        main = [rows[each] for each in (*MODELS, "gateway")]
        with writing(file) as tables:
            used(tables, tuple(sum(parts) for parts in zip(*main, strict=True)))
            if name in MODELS:
                by_model(tables, rows[str(name)], str(name))
            elif name == "vision":
                by_model(tables, rows["vision"], "gemini-3-flash", "vision")
        if random.random() < 0.5:
            road.read()
    road.read()
    found = road.total()._replace(requests=0)
    road.close()

    assert found._replace(reasoning=0) == slowly(file)


def slowly(file: Path) -> Spent:
    """Return the sums of a session: its own, and those of side calls."""
    tables = sqlite3.connect(file)
    columns = "input_tokens, output_tokens, cache_read_tokens, cache_write_tokens"
    spent = Spent()
    rows = tables.execute(
        f"SELECT {columns} FROM sessions UNION ALL"
        f" SELECT {columns} FROM session_model_usage WHERE task <> ''"
    )
    for plain, output, read, written in rows:
        spent = spent.plus(Spent(0, plain, written, 0, read, output))
    tables.close()
    return spent
