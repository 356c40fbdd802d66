"""Kimi Code: usage of each request, forks and compactions included, by the rules of FORMATS 2.9."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sources.agents.kimi_logs import (
    AT_MS,
    CALL,
    CODE_SESSION,
    PROJECT,
    Counts,
    asked,
    code_line,
    code_log,
    code_usage,
    configured,
    created,
    ended,
    request,
    used,
)
from tests.sources.agents.spoilt import shuffled
from tests.sources.reference_text import instant, records, table, text, tokens
from tests.sources.road import Road, Spent, reading, write
from tests.sources.test_roots import folders, sourced
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import Reading
from tokwatch.model.usage import Dimension
from tokwatch.sources.source import Surroundings

SOURCE = "kimi-code"
FORK = "session_9b1f0c7e-0b3a-4b73-8f6e-2f6f9f0d1a33"


def read(home: Path, *lines: bytes, agent: str = "main") -> Reading:
    """Return a reading of these lines as one wire log."""
    return reading(SOURCE, code_log(home, *lines, agent=agent), home / ".kimi-code" / "sessions")


def classes(one: Sighting) -> tuple[int | None, ...]:
    """Return the token classes of a request."""
    return (one.input, one.cache_read, one.cache_write_5m, one.cache_write_1h, one.output)


def spent(counts: Counts, requests: int = 1) -> Spent:
    """Return what requests of these counts amount to."""
    plain, cached, written, output = (part * requests for part in counts)
    return Spent(requests, plain, written, 0, cached, output, 0)


def test_a_request_counts_in_its_classes(home: Path) -> None:
    """2.9: input excludes the cache, times are milliseconds, the model is the requested one."""
    (one,) = read(home, created(), configured(), asked(), request(), used()).sightings

    assert classes(one) == (100, 25_000, 10, 0, 140)
    assert (one.reasoning, one.requests, one.final, one.grade) == (None, 1, 1, Grade.RECORD)
    assert one.instant_ms == AT_MS
    assert one.scope[:4] == (SOURCE, CODE_SESSION, "", PROJECT)
    assert one.model[:2] == ("kimi", "kimi-k2.6")


def test_a_compaction_counts(home: Path) -> None:
    """Usage of the session scope is one call, a compaction's, and no running total."""
    found = read(home, used(), used((5, 1, 0, 9), AT_MS + 1, usageScope="session"), used())

    assert sorted(one.output or 0 for one in found.sightings) == [9, 140, 140]


def test_a_steps_end_repeats_its_usage(home: Path) -> None:
    """2.9: count once; how long it took is told by the end."""
    lines = (used(), ended(llmFirstTokenLatencyMs=900, llmStreamDurationMs=4_100), used(), ended())
    found = read(home, *lines)

    assert len(found.sightings) == 2
    assert {fact[1:] for fact in found.facts} == {("first_token_ms", 900), ("duration_ms", 5_000)}
    assert {fact.key for fact in found.facts} == {found.sightings[0].key}


def test_a_steps_end_counts_where_nothing_else_told_its_usage(home: Path) -> None:
    """Usage is lost in no version."""
    found = read(home, ended((1, 2, 3, 4)), used(), ended(), ended(None))

    assert sorted(one.output or 0 for one in found.sightings) == [4, 140]
    assert found.tally.unknown == 0


@pytest.mark.parametrize(
    ("lines", "model"),
    [
        ((request(modelAlias="kimi-code/k2"), request("other", modelAlias="o")), "kimi-k2.6"),
        ((request("first"), request("second")), "second"),
        ((request("other", modelAlias="o"),), "other"),
        ((), "k2"),
        ((request(""),), "k2"),
    ],
)
def test_an_alias_stands_for_the_model_of_its_request(
    home: Path, lines: tuple[bytes, ...], model: str
) -> None:
    """2.9: `usage.record` names an alias, the request before it the model."""
    assert read(home, *lines, used()).sightings[0].model.name == model


def test_a_sub_agent_is_named(home: Path) -> None:
    """2.9: a sub-agent's usage is in its own wire log only."""
    found = read(home, configured(profileName="coder"), used(), agent="agent-3")

    assert found.sightings[0].scope[1:3] == (CODE_SESSION, "agent-3")
    assert [note[:3] for note in found.notes] == [(CODE_SESSION, "agent-3", "coder")]


def test_a_fork_begins_with_its_origins_usage(home: Path, road: Road) -> None:
    """4.1: the whole folder is copied, the wire log byte by byte; it counts for the origin."""
    shared = (created(), request(), used(), used((9, 9, 9, 9), AT_MS + 9))
    code_log(home, *shared, session=FORK, forkedFrom=CODE_SESSION)
    road.read()
    code_log(home, *shared, code_line("forked"), used((1, 1, 1, 1), AT_MS + 99), session=FORK)
    code_log(home, *shared, used((2, 2, 2, 2), AT_MS + 100), title="origin")
    road.read()

    sums = road.sums((Dimension.SESSION,))
    assert sums[CODE_SESSION,] == spent(CALL).plus(spent((9, 9, 9, 9))).plus(spent((2, 2, 2, 2)))
    assert sums[FORK,] == spent((1, 1, 1, 1))


def test_strangers_with_the_same_first_usage_both_count(home: Path, road: Road) -> None:
    """4.1: equal content is never a reason to merge."""
    for place, session in enumerate(("session_a", "session_b")):
        code_log(home, created(AT_MS - place), used(), session=session)
        code_log(home, created(AT_MS), used(), session=session, agent="agent-1")
    road.read()

    assert road.total() == spent(CALL, 4)


def test_equal_usage_at_the_same_time_counts_twice(home: Path, road: Road) -> None:
    """0.3: it is known by its place in the chain; a log that is written anew changes nothing."""
    log = code_log(home, created(), used(), used())
    road.read()
    log.write_bytes(log.read_bytes() + used())
    road.read()
    log.write_bytes(log.read_bytes().replace(b'"1.5"', b'"1.6.0"'))
    road.read()

    assert road.total() == spent(CALL, 3)


def test_usage_of_another_shape_or_without_a_time_is_told(home: Path) -> None:
    """Unknown and undated are shown."""
    lines = (used(usage={"tokens": 5}), used(usage=7), used(at=None), used(at="x"), used())
    found = read(home, *lines)

    assert len(found.sightings) == 1
    assert (found.tally.unknown, found.tally.undated, found.tally.sample) == (
        *(2, 2),
        "model, time, type, usage, usageScope",
    )


def test_nothing_used_is_no_request(home: Path) -> None:
    """A call that failed tells zeros."""
    assert list(read(home, used((0, 0, 0, 0)), ended((0, 0, 0, 0))).sightings) == []


def test_a_title_is_the_sessions_own_or_its_first_words(home: Path) -> None:
    """Titles are read from the log on demand."""
    log = code_log(home, created(), asked(""), asked("Mend it"))
    source = sourced(SOURCE)

    assert source.title_of(log, CODE_SESSION) == "Mend it"
    write(log.parent.parent.parent / "state.json", b'{"title": "Repairs"}')
    assert source.title_of(log, CODE_SESSION) == "Repairs"
    assert source.resume_command("session_1") == "kimi --session session_1"
    assert source.retention(Surroundings(home, {}, "linux")) == ""


def test_where_the_logs_lie(home: Path) -> None:
    """2.9: one folder, a variable that replaces it, the desktop app on a Mac."""
    assert folders(SOURCE, home) == ["~/.kimi-code/sessions"]
    assert folders(SOURCE, home, KIMI_CODE_HOME="~/k") == ["~/k/sessions"]
    assert folders(SOURCE, home, "darwin")[1].endswith("runtime/kimi-code/home/sessions")
    assert sourced(SOURCE).wants("/x/wd_a/s/agents/main/wire.jsonl")


COUNTS = st.tuples(*[st.integers(0, 50_000)] * 4)


@given(
    calls=st.lists(st.tuples(COUNTS, st.booleans(), st.sampled_from(["", "a", "b"])), max_size=8),
    random=st.randoms(use_true_random=False),
    spaced=st.booleans(),
    cut=st.integers(0, 3_000),
)
def test_shuffled_keys_odd_spacing_and_pieces_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    calls: list[tuple[Counts, bool, str]],
    random: Random,
    spaced: bool,
    cut: int,
) -> None:
    """4.2: a record is what JSON says it is, read at once or not; a slow second reader agrees."""
    made: list[bytes] = [created()]
    for place, (counts, is_ended, alias) in enumerate(calls):
        if alias:
            made.append(request(f"model-{alias}", modelAlias=f"kimi-code/{alias}"))
        made.append(used(counts, AT_MS + place, model=f"kimi-code/{alias}"))
        made += [ended(counts)] if is_ended else []
    lines = [_spelt_oddly(line, random, spaced) for line in made]
    home = tmp_path_factory.mktemp("odd")
    log, root = code_log(home, b"".join(lines)[:cut]), home / ".kimi-code" / "sessions"
    first = reading(SOURCE, log, root)
    code_log(home, *lines)
    second = reading(SOURCE, log, root, first.cursor)
    found = {one.key: one for one in (*first.sightings, *second.sightings)}.values()
    told = [(one.instant_ms, one.model.name, *classes(one)) for one in found]

    assert sorted(told, key=str) == reference(log)


def _spelt_oddly(line: bytes, random: Random, spaced: bool) -> bytes:
    record = shuffled(random, json.loads(line))
    return json.dumps(record, separators=None if spaced else (",", ":")).encode() + b"\r\n"


def reference(log: Path) -> list[tuple[object, ...]]:
    """Return what a wire log amounts to, by the rules alone."""
    found: list[tuple[object, ...]] = []
    models: dict[str, str] = {}
    latest = ""
    for _, record in records(log):
        if record.get("type") == "llm.request":
            latest = models[text(record.get("modelAlias"))] = text(record.get("model"))
        if record.get("type") == "usage.record":
            usage, alias = table(record.get("usage")), text(record.get("model"))
            plain, cached, written, output = (tokens(usage.get(name)) for name in code_usage(CALL))
            model = models.get(alias) or latest or alias.split("/")[-1] or "kimi-for-coding"
            if plain or cached or written or output:
                at = instant(record.get("time"))
                found.append((at, model, plain, cached, written, 0, output))
    return sorted(found, key=str)
