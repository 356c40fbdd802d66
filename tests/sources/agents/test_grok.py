"""Grok Build: usage of each turn, growth of the context in older versions, by FORMATS 2.12."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.agents.grok_logs import (
    AT,
    AT_MS,
    MODEL,
    PROJECT,
    SESSION,
    about,
    asked,
    chunk,
    log,
    row,
    turn,
    update,
)
from tests.sources.agents.spoilt import shuffled
from tests.sources.reference_text import records, table, text, tokens
from tests.sources.road import Fields, Road, Spent, reading, write
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import Reading
from tokwatch.model.usage import Dimension
from tokwatch.sources.source import Surroundings

SOURCE = "grok"
OTHER = "019f8870-7b2a-7c11-8d11-0a1b2c3d4e60"


def read(home: Path, *lines: bytes, **summary: object) -> Reading:
    """Return a reading of these lines as one session."""
    return reading(SOURCE, log(home, *lines, **(summary or about())), home / ".grok" / "sessions")


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request, reasoning the last."""
    parts = (one.input, one.cache_read, one.cache_write_5m, one.cache_write_1h)
    return (*parts, one.output, one.reasoning)


def test_a_turn_counts_in_its_classes(home: Path) -> None:
    """2.12: input includes what the cache read and wrote, output the reasoning."""
    usage = row(100_000, 2_000, 80_000, 5_000, reasoningTokens=700)

    (one,) = read(home, asked(), turn("p1", usage)).sightings

    assert classes(one) == (15_000, 80_000, 5_000, 0, 2_000, 700)
    assert (one.requests, one.grade, one.final, one.logged_nano) == (1, Grade.RECORD, 1, None)
    assert one.instant_ms == AT * 1000
    assert one.scope[:4] == (SOURCE, SESSION, "", PROJECT)
    assert one.model[:2] == ("xai", "grok-4.5")


def test_models_are_told_apart(home: Path) -> None:
    """2.12: `modelUsage`; the turn's sum is not counted beside it."""
    apart = {
        MODEL: row(900, 90, 800, modelCalls=9, costUsdTicks=30_000_000, apiDurationMs=8_000),
        "other": row(100, 10, modelCalls=1, costUsdTicks=10, apiDurationMs=700),
    }
    found = read(home, turn("p1", row(1_000, 100, 800, modelUsage=apart)))

    told = {one.model.name: one for one in found.sightings}
    assert classes(told[MODEL]) == (100, 800, 0, 0, 90, 0)
    assert (told[MODEL].requests, told[MODEL].logged_nano) == (9, 3_000_000)
    assert (told["other"].requests, told["other"].logged_nano) == (1, 1)
    assert told["other"].model.provider == ""
    assert [fact[1:] for fact in found.facts] == [("duration_ms", 700)]


def test_caches_of_five_minutes_and_an_hour_are_told_apart(home: Path) -> None:
    """Newer versions name both, in the input as well."""
    usage = row(1_000, 1, 100, cacheWrite5mInputTokens=200, cacheWrite1hInputTokens=300)

    (one,) = read(home, turn("p1", usage)).sightings

    assert classes(one) == (400, 100, 200, 300, 1, 0)


@pytest.mark.parametrize(
    ("fields", "nano", "final"),
    [
        ({"costUsdTicks": 2_842_748_000}, 284_274_800, 1),
        ({"costUsdTicks": 2_842_748_000, "costIsPartial": True}, None, 1),
        ({"costUsdTicks": 2_842_748_000, "usageIsIncomplete": True}, None, 0),
        ({"costUsdTicks": 0}, None, 1),
        ({"costUsdTicks": -5}, None, 1),
        ({"costUsdTicks": "7"}, None, 1),
        ({"costUsdTicks": 10**30}, None, 1),
    ],
    ids=repr,
)
def test_a_whole_cost_is_logged(home: Path, fields: Fields, nano: int | None, final: int) -> None:
    """A dollar is 10^10 ticks; a part of a cost is none, and incomplete usage a lower bound."""
    (one,) = read(home, turn("p1", row(10, 1) | fields)).sightings

    assert (one.logged_nano, one.final) == (nano, final)


def test_cost_and_models_may_stand_beside_the_usage(home: Path) -> None:
    """2.12: as some readers have them."""
    apart = {MODEL: row(10, 1)}

    (one,) = read(home, turn("p1", row(10, 1), modelUsage=apart, costUsdTicks=50)).sightings

    assert (one.model.name, one.logged_nano) == (MODEL, 5)


def test_a_turn_counts_once(home: Path, road: Road) -> None:
    """2.12: its last record, whatever session repeats it; without a name it is its own."""
    found = read(home, turn("p1", row(10, 1)), turn("p1", row(10, 2)), turn(None, row(10, 3)))
    log(home, turn("p1", row(10, 2)), session=SESSION, folder="archived_sessions")
    road.read()

    assert sorted(one.output or 0 for one in found.sightings) == [2, 3]
    assert found.tally.repeated == 1
    assert road.total().output == 5


def test_a_fork_begins_with_its_parents_turns(home: Path, road: Road) -> None:
    """A fork keeps the turns' names and agent's times, not the other time stamps."""
    meta = {"agentTimestampMs": AT_MS}
    fields = {"prompt_id": "p1", "usage": row(10, 1)}
    log(home, update("turn_completed", AT, meta, **fields), **about())
    log(
        home,
        update("turn_completed", AT + 500, meta, **fields),
        chunk(70_000, AT + 500),
        turn("p2", row(5, 5), AT + 900),
        session=OTHER,
        **about(parent_session_id=SESSION, session_kind="fork", created_at="2026-08-01T10:10:00Z"),
    )
    road.read()

    sums = road.sums((Dimension.SESSION,))
    assert sums == {
        (SESSION,): Spent(1, 10, 0, 0, 0, 1, 0),
        (OTHER,): Spent(1, 5, 0, 0, 0, 5, 0),
    }
    assert min(event.instant_ms for event in road.events()) == AT_MS


def test_a_sub_agents_turns_are_inside_its_parents(home: Path, road: Road) -> None:
    """The parent's turn has the usage of the sub-agents that it waited for."""
    log(home, turn("p1", row(100, 10, modelCalls=3)), **about())
    child = about(session_kind="subagent", parent_session_id=SESSION)
    log(home, chunk(50), turn("p2", row(60, 6)), session=OTHER, **child)
    road.read()

    assert road.total() == Spent(3, 100, 0, 0, 0, 10, 0)


def test_older_versions_tell_only_how_the_context_grew(home: Path) -> None:
    """2.12: growth of `totalTokens` in each turn, derived, less than what was sent."""
    lines = (asked(), chunk(1_000), chunk(1_000), chunk(1_500, AT + 1), asked(), chunk(1_700))
    found = read(home, *lines, chunk(300, AT + 2)).sightings

    assert [(one.input, one.output, one.grade, one.final) for one in found] == [
        (1_500, None, Grade.DERIVED, 0),
        (500, None, Grade.DERIVED, 0),
    ]
    assert (found[0].first_ms, found[0].instant_ms) == (AT * 1000, AT * 1000 + 1000)


def test_growth_counts_nothing_once_turns_tell_their_usage(home: Path, road: Road) -> None:
    """A turn in progress shows what its context grew by; at its end its usage counts alone."""
    path = log(home, asked(), chunk(1_000), **about())
    road.read()
    assert road.total() == Spent(1, 1_000, 0, 0, 0, 0, 0)

    with open(path, "ab") as file:
        file.write(turn("p1", row(900, 90)))
    road.read()
    with open(path, "ab") as file:
        file.write(asked() + chunk(5_000) + turn("p2", row(9, 9)))
    road.read()

    assert road.total() == Spent(2, 909, 0, 0, 0, 99, 0)


def test_what_is_no_usage_is_told(home: Path) -> None:
    """Unknown shapes and missing times are shown; other updates mean nothing."""
    found = read(
        home,
        turn("p1", {"tokens": 5}),
        turn("p2", 7),
        turn("p3", row(1, 1), at="soon"),
        turn("p4", None),
        turn("p5", row(0, 0)),
        update("plan", usage=row(5, 5)),
        turn("p6", row(1, 1), modelUsage={"a": 7}),
    )

    assert [one.output for one in found.sightings] == [1]
    assert (found.tally.unknown, found.tally.undated) == (2, 1)


@pytest.mark.parametrize(
    "at", [AT, float(AT), AT * 1000, "2026-08-01T10:00:00Z"], ids=["s", "float", "ms", "text"]
)
def test_times_are_seconds(home: Path, at: object) -> None:
    """2.12: other spellings are taken for what they must be."""
    assert read(home, turn("p1", row(1, 1), at)).sightings[0].instant_ms == AT * 1000


def test_without_a_summary_the_folder_names_the_project(home: Path) -> None:
    """2.12: the folder is the encoded working directory."""
    path = log(home, turn("p1", row(1, 1)))

    (one,) = reading(SOURCE, path, home / ".grok" / "sessions").sightings

    assert (one.scope.project, one.model.name) == (PROJECT, "unknown")


def test_a_title_is_the_sessions_own(home: Path) -> None:
    """Titles are read from the log on demand."""
    source, path = sourced(SOURCE), log(home, **about(session_summary="Mend it"))

    assert source.title_of(path, SESSION) == "Mend it"
    write(path.with_name("summary.json"), b'{"generated_title": "Repairs"}')
    assert source.title_of(path, SESSION) == "Repairs"
    assert source.title_of(home / "none" / "updates.jsonl", SESSION) == ""
    assert source.resume_command(SESSION) == f"grok --resume {SESSION}"
    assert source.retention(Surroundings(home, {}, "linux")) == ""


def test_where_the_logs_lie(home: Path) -> None:
    """2.12: live and archived sessions, and a variable that replaces their folder."""
    assert folders(SOURCE, home) == ["~/.grok/sessions", "~/.grok/archived_sessions"]
    assert folders(SOURCE, home, GROK_HOME="/g")[0] == "/g/sessions"
    assert sourced(SOURCE).wants("/x/updates.jsonl")
    assert not sourced(SOURCE).wants("/x/chat_history.jsonl")


COUNT = st.integers(-5, 90_000)


@given(
    turns=st.lists(st.tuples(st.sampled_from(["p1", "p2", "p3"]), COUNT, COUNT, COUNT), max_size=8),
    random=st.randoms(use_true_random=False),
    spaced=st.booleans(),
    cut=st.integers(0, 3_000),
)
def test_shuffled_keys_odd_spacing_and_pieces_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    turns: list[tuple[str, int, int, int]],
    random: Random,
    spaced: bool,
    cut: int,
) -> None:
    """4.2: a record is what JSON says it is, read at once or not; a slow second reader agrees."""
    lines = []
    for name, whole, cached, output in turns:
        usage = {MODEL: row(whole, output, cached)}
        record = shuffled(random, json.loads(turn(name, row(whole, output, modelUsage=usage))))
        lines.append(json.dumps(record, separators=None if spaced else (",", ":")).encode())
    content = b"\r\n".join([*lines, b""])
    home = tmp_path_factory.mktemp("odd")
    root = home / ".grok" / "sessions"
    first = reading(SOURCE, log(home, content[:cut]), root)
    path = log(home, content)
    second = reading(SOURCE, path, root, first.cursor)
    found = {one.key: classes(one) for one in (*first.sightings, *second.sightings)}

    assert sorted(found.values(), key=str) == reference(path)


def reference(path: Path) -> list[tuple[int, ...]]:
    """Return what a session's turns amount to, by the rules alone."""
    turns: dict[str, tuple[int, ...]] = {}
    for _, record in records(path):
        told = table(table(record.get("params")).get("update"))
        usage = table(table(table(told.get("usage")).get("modelUsage")).get(MODEL))
        whole, output = tokens(usage.get("inputTokens")), tokens(usage.get("outputTokens"))
        cached = min(whole, tokens(usage.get("cachedReadTokens")))
        if whole or output:
            turns[text(told.get("prompt_id"))] = (whole - cached, cached, 0, 0, output, 0)
    return sorted(turns.values(), key=str)


@given(
    sizes=st.lists(st.one_of(st.none(), st.integers(0, 90_000)), max_size=8),
    spaced=st.booleans(),
    random=st.randoms(use_true_random=False),
    cut=st.integers(0, 2_000),
)
def test_the_growth_of_older_versions_is_what_a_slow_reader_finds(
    tmp_path_factory: pytest.TempPathFactory,
    sizes: list[int | None],
    spaced: bool,
    random: Random,
    cut: int,
) -> None:
    """2.12: a running size of the context; one that shrank began anew."""
    made = [asked() if size is None else chunk(size, AT + 1) for size in sizes]
    lines = [
        json.dumps(shuffled(random, json.loads(line)), separators=None if spaced else (",", ":"))
        for line in made
    ]
    content = "\r\n".join([*lines, ""]).encode()
    home = tmp_path_factory.mktemp("odd")
    root = home / ".grok" / "sessions"
    first = reading(SOURCE, log(home, content[:cut]), root)
    path = log(home, content)
    second = reading(SOURCE, path, root, first.cursor)
    found = {one.key: one.input or 0 for one in (*first.sightings, *second.sightings)}

    grown = last = 0
    for _, record in records(path):
        size = tokens(table(table(record["params"]).get("_meta")).get("totalTokens"))
        if "_meta" in record["params"]:
            grown, last = grown + (size - last if size >= last else size), size
    assert sum(found.values()) == grown
