"""Crush: a running cost and the tokens of the last request (FORMATS 2.11).

The tool writes over a session's tokens with those of each request, and adds to its cost; when a
sub-agent is done its cost is added to its parent's.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.crush_logs import SCHEMA, message, path, project, registry, session, used
from tests.sources.agents.databases import AT_S, made, writing
from tests.sources.road import Road, reading
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting

SOURCE = "crush"
DOLLAR = 1_000_000_000


def told(file: Path) -> list[Sighting]:
    """Return what a database tells when it is read for the first time."""
    return list(reading(SOURCE, file, file.parent).sightings)


def cost(road: Road) -> int:
    """Return all logged cost."""
    return sum(event.usage.logged_nano for event in road.events())


def test_a_session_tells_its_cost_and_its_last_request(home: Path) -> None:
    """2.11: times are seconds; the cache is somewhere in the prompt."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        message(tables, "m1")
        used(tables, (42_000, 1_800), 0.153, at_s=AT_S + 500)
    (one,) = told(file)

    assert (one.input, one.output, one.logged_nano) == (42_000, 1_800, 153_000_000)
    assert (one.cache_read, one.cache_write_5m, one.reasoning) == (None, None, None)
    assert (one.grade, one.final, one.requests) == (Grade.DERIVED, 1, 1)
    assert one.instant_ms == (AT_S + 500) * 1000
    assert one.scope[:4] == (SOURCE, "c1", "", str(home / "shop"))
    assert one.model[:2] == ("anthropic", "claude-sonnet-4-6")


def test_tokens_of_several_requests_are_a_lower_bound(home: Path) -> None:
    """Only the last one's tokens are told; answers tell how many there were."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        for place in range(3):
            message(tables, f"m{place}")
        message(tables, "unfinished", finished_at=None, model="gpt-5")
        used(tables, (42_000, 1_800), 0.153)
    (one,) = told(file)

    assert (one.input, one.requests, one.final) == (42_000, 3, 0)
    assert one.model.name == "gpt-5"


def test_each_look_counts_the_request_and_the_cost_since(home: Path, road: Road) -> None:
    """A prompt that gets shorter is another request, not a total that begins anew."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
    for place, tokens in enumerate([(1000, 20), (1500, 30), (700, 10)]):
        with writing(file) as tables:
            message(tables, f"m{place}")
            used(tables, tokens, 0.25 * (place + 1), at_s=AT_S + place)
        road.read()

    assert [event.usage.input for event in road.events()] == [700, 1500, 1000]
    assert (road.total().output, cost(road)) == (60, 750_000_000)


def test_a_session_that_did_not_change_counts_nothing(home: Path, road: Road) -> None:
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        message(tables, "m1")
        used(tables, (1000, 20), 0.25)
    road.read()
    with writing(file) as tables:
        message(tables, "m2", role="user")
        used(tables, (1000, 20), 0.25, at_s=AT_S + 60)
    road.read()

    assert road.total().requests == 1


def test_a_title_adds_to_the_last_request(home: Path, road: Road) -> None:
    """What it took to find a title is added to the tokens, and told by the title's change."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        message(tables, "m1")
        used(tables, (1000, 20), 0.25)
    road.read()
    with writing(file) as tables:
        used(tables, (1050, 25), 0.26, title="Fix the tax")
    road.read()

    assert (road.total().input, road.total().output, cost(road)) == (1050, 25, 260_000_000)


def test_a_sub_agents_cost_counts_once(home: Path, road: Road) -> None:
    """2.11: children roll up into the root: at the time the child is done."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        message(tables, "m1")
        used(tables, (1000, 20), 0.25)
        session(tables, "m1$$call", parent="c1")
    road.read()
    with writing(file) as tables:
        message(tables, "m2", "m1$$call")
        used(tables, (500, 10), 0.50, "m1$$call")
    road.read()
    with writing(file) as tables:
        used(tables, (1000, 20), 0.75)
    road.read()
    assert cost(road) == 750_000_000
    with writing(file) as tables:
        message(tables, "m3")
        used(tables, (1100, 20), 0.85)
    road.read()

    assert cost(road) == 850_000_000
    assert {event.scope[1:3] for event in road.events()} == {("c1", ""), ("c1", "m1$$call")}


def test_a_finished_sub_agent_counts_once_from_the_start(home: Path) -> None:
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        message(tables, "m1")
        used(tables, (1000, 20), 0.75)
        session(tables, "child", parent="c1")
        used(tables, (500, 10), 0.50, "child")

    assert sum(one.logged_nano or 0 for one in told(file)) == 750_000_000


def test_a_cost_of_nothing_is_unknown(home: Path) -> None:
    """Local models and subscriptions cost 0 in the tool's books."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
        used(tables, (1000, 20), 0.0)

    assert [one.logged_nano for one in told(file)] == [None]


def test_reading_anew_keeps_the_cost(home: Path, road: Road, tmp_path: Path) -> None:
    """A new store sees the last request only; the cost is all there."""
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
    for place in range(3):
        with writing(file) as tables:
            message(tables, f"m{place}")
            used(tables, (1000 + place, 20), 0.25 * (place + 1))
        road.read()
    anew = Road(home, tmp_path / "anew")
    anew.read()

    assert (cost(road), cost(anew)) == (750_000_000, 750_000_000)
    assert (anew.total().requests, anew.total().output, road.total().output) == (3, 20, 60)
    anew.close()


def test_it_reads_every_project_of_the_registry(home: Path, road: Road) -> None:
    """2.11: data folders are where the registry says, and nothing else is walked."""
    other = home / "elsewhere"
    absolute = {"path": str(home / "tax"), "data_dir": str(other)}
    registry(home, project(home), {"path": str(home / "docs")}, absolute, project(home))

    assert folders(SOURCE, home) == ["~/shop/.crush", "~/docs/.crush", "~/elsewhere"]

    for name, file in (("a", home / "docs" / ".crush" / "crush.db"), ("b", other / "crush.db")):
        with writing(made(file, SCHEMA)) as tables:
            session(tables, name)
            used(tables, (1000, 20), 0.25, name)
    road.read()

    assert sorted(event.scope.project for event in road.events()) == [
        str(home / "docs"),
        str(other),
    ]


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", '{"projects": 5}', '{"projects": [5, null, {}, {"path": 7}]}'),
        '{"projects": [{"path": "relative"}, {"path": "/a\\u0000b"}, {"path": ""}]}',
    ],
)
def test_a_registry_that_is_none_leads_nowhere(home: Path, content: str) -> None:
    registry(home).write_text(content, "utf-8")

    assert folders(SOURCE, home) == []


def test_where_the_registry_lies(home: Path) -> None:
    """2.11: the override, XDG, Windows."""
    for folder in ("a", "b/crush", "c/crush"):
        file = home / folder / "projects.json"
        file.parent.mkdir(parents=True)
        file.write_text(f'{{"projects": [{{"path": "/p/{folder[0]}"}}]}}', "utf-8")

    assert folders(SOURCE, home) == []
    assert folders(SOURCE, home, CRUSH_GLOBAL_DATA=str(home / "a")) == ["/p/a/.crush"]
    assert folders(SOURCE, home, XDG_DATA_HOME=str(home / "b")) == ["/p/b/.crush"]
    assert folders(SOURCE, home, "win32", LOCALAPPDATA=str(home / "c")) == ["/p/c/.crush"]
    assert sourced(SOURCE).resume_command("c1") == "crush --session c1"


STEPS = st.lists(
    st.tuples(st.sampled_from(["root", "child", "done"]), st.integers(0, 5000), st.integers(0, 99)),
    max_size=10,
)


@settings(max_examples=20)
@given(steps=STEPS, random=st.randoms(use_true_random=False))
def test_the_cost_agrees_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]], random: Random
) -> None:
    """Whenever it is looked at: once the child is done, the cost is all the root's."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables, "root")
        session(tables, "child", parent="root")
    spent = {"root": 0, "child": 0}
    added = 0
    for place, (who, prompt, cents) in enumerate([*steps, ("done", 0, 0)]):
        with writing(file) as tables:
            if who == "done":
                spent["root"] += spent["child"] - added
                added = spent["child"]
                tables.execute(
                    "UPDATE sessions SET cost = ? WHERE id = 'root'", (spent["root"] / 100,)
                )
            elif who == "child" or added == spent["child"]:
                spent[who] += cents
                message(tables, f"m{place}", who)
                used(tables, (prompt, place), spent[who] / 100, who)
        if random.random() < 0.5:
            road.read()
    road.read()
    found = cost(road)
    road.close()

    assert found == slowly(file)


def slowly(file: Path) -> int:
    """Return what a root cost, its child included."""
    tables = sqlite3.connect(file)
    costs: dict[str, float] = dict(tables.execute("SELECT id, cost FROM sessions"))
    tables.close()
    return round(costs["root"] * DOLLAR)


@settings(max_examples=10)
@given(
    steps=st.lists(st.tuples(st.integers(1, 5000), st.integers(0, 99)), max_size=8),
    random=st.randoms(use_true_random=False),
)
def test_the_tokens_agree_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int]], random: Random
) -> None:
    """2.11: only the last request's are told, so each look that finds another one counts those."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    file = made(path(home), SCHEMA)
    with writing(file) as tables:
        session(tables)
    seen, slow = (0, 0), [0, 0]
    for place, tokens in enumerate([*steps, (6000, 1)]):
        with writing(file) as tables:
            message(tables, f"m{place}")
            used(tables, tokens, 0.01 * (place + 1), at_s=AT_S + place)
        if place < len(steps) and random.random() < 0.5:
            continue
        road.read()
        database = sqlite3.connect(file)
        now = database.execute("SELECT prompt_tokens, completion_tokens FROM sessions").fetchone()
        database.close()
        if now != seen:
            slow, seen = [total + part for total, part in zip(slow, now, strict=True)], now
    found = road.total()
    road.close()

    assert [found.input, found.output] == slow
