"""Copilot CLI's traces: of one trace only the finest records count (FORMATS 2.6)."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents.copilot_logs import (
    AT_MS,
    CALL,
    MODEL,
    SESSION,
    Used,
    events,
    noted,
    said,
    span,
    started,
    times,
    totals,
    traces,
)
from tests.sources.agents.spoilt import HOSTILE, bytes_of, shuffled, spoilt
from tests.sources.road import Fields, Road, Spent, reading
from tests.sources.test_hostile import is_clean, names
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import Reading

SOURCE = "copilot-cli"
INFERENCE = "gen_ai.client.inference.operation.details"
TURN = "copilot_chat.agent.turn: 3"


def read(home: Path, *lines: bytes) -> Reading:
    """Return a reading of these lines as one file of traces."""
    log = traces(home, *lines)
    return reading(SOURCE, log, log.parent)


def counted(found: Reading) -> list[Sighting]:
    """Return what counts."""
    return [one for one in found.sightings if one.grade != Grade.GHOST]


def test_a_span_is_a_request(home: Path) -> None:
    """2.6: input includes the cache, output includes reasoning; times are seconds and nanos."""
    (one,) = counted(read(home, b'{"type":"metric","name":"gen_ai.x"}\n', span("a1", 7)))

    assert (one.input, one.cache_read, one.cache_write_5m, one.cache_write_1h) == (30, 60, 10, 0)
    assert (one.output, one.reasoning, one.logged_nano) == (20, 5, None)
    assert (one.grade, one.final, one.requests) == (Grade.RECORD, 1, 1)
    assert (one.instant_ms, one.model) == (AT_MS + 7_967, ("", MODEL, "standard"))
    assert one.scope[:3] == (SOURCE, SESSION, "")


def test_only_the_finest_of_a_trace_count(home: Path) -> None:
    """2.6: a request's span, else a log record, else a turn, else the agent's span."""
    agent = span("a0", 9, Used(900, 90), kind="invoke_agent")
    tool = span("a9", 9, Used(7, 7), kind="execute_tool")
    turn, inference = noted("n1", TURN, 3, Used(50, 5)), noted("n2", INFERENCE, 3, Used(40, 4))
    chats = [span("a1", 1), span("a2", 2)]

    def outputs(*lines: bytes) -> list[int | None]:
        return [one.output for one in counted(read(home, *lines))]

    assert outputs(*chats, inference, turn, tool, agent) == [20, 20]
    assert outputs(inference, turn, tool, agent) == [4]
    assert outputs(turn, tool, agent) == [5]
    assert outputs(tool, agent) == [90]
    assert outputs(tool) == []
    assert [one.grade for one in counted(read(home, agent))] == [Grade.DERIVED]


def test_finer_records_may_come_later(home: Path, road: Road) -> None:
    """2.6: what was told by coarser ones is taken back."""
    lines = [span("a0", 9, Used(900, 90), kind="invoke_agent")]
    for line, requests in (
        (noted("n1", TURN, 3, Used(50, 5)), 1),
        (noted("n2", INFERENCE, 3, Used(40, 4)), 1),
        (span("a1", 1), 1),
        (span("a2", 2), 2),
        (span("a0", 30, Used(900, 90), kind="invoke_agent"), 2),
    ):
        traces(home, *lines)
        road.read()
        lines.append(line)
        traces(home, *lines)
        road.read()
        assert road.total().requests == requests

    assert road.total() == times(2)


def test_a_log_record_of_the_same_span_is_the_same_request(home: Path, road: Road) -> None:
    used = Used(100, 20, 0, 0, 0)
    traces(home, noted("a1", INFERENCE, 3, used))
    road.read()
    traces(home, noted("a1", INFERENCE, 3, used), span("a1", 3, used))
    road.read()

    assert road.total() == Spent(1, 100, output=20)


def test_traces_do_not_share_their_finest(home: Path, road: Road) -> None:
    """2.6: one level for each trace."""
    agent = span("b0", 9, Used(900, 90, 0, 0, 0), kind="invoke_agent", traceId="t-other")
    traces(home, span("a1"), agent)
    road.read()

    assert road.total().output == 110


def test_equal_requests_are_several(home: Path, road: Road) -> None:
    """0.7: known by their spans, in pieces or not; a span that is written twice is one."""
    lines = [span("a1"), span("a2"), span("a1")]
    traces(home, *lines)
    road.read()
    traces(home, *lines, span("a3"), span("a2"))
    road.read()

    assert road.total() == times(3)


def test_a_session_is_named_by_any_record_of_its_trace(home: Path) -> None:
    """2.6: not every record repeats it, nor the model."""
    bare = {"gen_ai.operation.name": "chat", "gen_ai.usage.output_tokens": "9"}
    start = {"event.name": "copilot_chat.session.start", "session.id": "s9"}
    lines = [
        span("a1", attributes=bare),
        span("a2", attributes=start | {"gen_ai.request.model": "gpt-5"}, type="log"),
    ]
    (one,) = counted(read(home, *lines))
    (other,) = counted(read(home, lines[0]))

    assert (one.scope.session, one.model.name, one.output) == ("s9", "gpt-5", 9)
    assert (other.scope.session, other.model.name) == ("t-7f0c", "unknown")


@pytest.mark.parametrize(
    ("fields", "instant_ms"),
    [
        ({"endTime": None}, AT_MS - 3_000),
        ({"endTime": "2026-08-01T10:00:01Z"}, AT_MS + 1_000),
        ({"endTime": AT_MS + 5}, AT_MS + 5),
        ({"endTime": (AT_MS + 5) * 1_000}, AT_MS + 5),
        ({"endTime": None, "startTime": None, "timeUnixNano": str((AT_MS + 5) * 10**6)}, AT_MS + 5),
    ],
)
def test_times_are_spelt_in_several_ways(home: Path, fields: Fields, instant_ms: int) -> None:
    """2.6: texts, numbers in several units, or seconds and nanoseconds."""
    (one,) = counted(read(home, span("a1", **fields)))

    assert one.instant_ms == instant_ms


def test_what_has_no_time_is_told_and_not_counted(home: Path) -> None:
    odd: Fields = {"endTime": [1, "x"], "startTime": "soon"}
    found = read(home, span("a1", **odd), b"{broken gen_ai.\n", b'{"gen_ai.": \n')

    assert counted(found) == []
    assert (found.tally.undated, found.tally.bad_lines) == (1, 1)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_sessions_events_tell_nothing_beside_traces(
    home: Path, road: Road, *, is_first: bool
) -> None:
    """2.6: neither totals of several models and legs, nor messages after the last totals."""
    lines = [started(), said(1), totals(5, 1), said(8), totals(9, 2, "gpt-5"), said(11), said(12)]
    gpt = attributes(SESSION) | {"gen_ai.response.model": "gpt-5"}
    spans = [span("a0"), span("a1", 5, attributes=gpt), span("a2", 8, attributes=gpt)]
    spans += [span("a3", 10), span("a4", 12)]
    if not is_first:
        events(home, *lines)
        road.read()
    traces(home, *spans)
    road.read()
    events(home, *lines)
    road.read()

    assert road.total() == times(5)


def test_little_is_remembered(home: Path) -> None:
    """4.4: the state does not grow with the file."""
    lines = [
        span(f"a{place}", place, traceId=f"t{place}", attributes=attributes(f"s{place}"))
        for place in range(500)
    ]

    assert len(read(home, *lines).cursor.state) < 20_000


def attributes(session: str, used: Used = CALL) -> Fields:
    """Return what a span tells."""
    told: Fields = json.loads(span("x", 0, used))["attributes"]
    return told | {"gen_ai.conversation.id": session}


def test_hostile_names_are_made_safe(home: Path) -> None:
    """4.7: escape codes, half characters and endless names."""
    told = attributes(HOSTILE) | {"gen_ai.response.model": HOSTILE}
    found = read(home, span(HOSTILE, attributes=told, traceId=HOSTILE))

    assert len(counted(found)) == 1
    assert all(is_clean(name) for name in names(found))


COUNT = st.integers(0, 900) | st.sampled_from([None, "12", -1, 2**70])


@settings(max_examples=25)
@given(
    counts=st.lists(st.tuples(*[COUNT] * 5), max_size=6),
    random=st.randoms(use_true_random=False),
    spacing=st.sampled_from([(", ", ": "), (",", ":"), (" , ", " :\t")]),
)
def test_it_agrees_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory,
    counts: list[tuple[object, ...]],
    random: Random,
    spacing: tuple[str, str],
) -> None:
    """Keys in any order, any spacing, read in any pieces: the sums are those of a plain loop."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    spent = Spent()
    lines: list[bytes] = []
    for place, drawn in enumerate(counts):
        record = json.loads(span(f"a{place}", place, Used(*drawn)))
        text = json.dumps(shuffled(random, record), separators=spacing)
        lines.append(text.encode() + b"\n")
        traces(home, *lines)
        if random.random() < 0.5:
            road.read()
        whole, output, cached, written, reasoning = (number(count) for count in drawn)
        if any((whole, output, cached, written, reasoning)):
            plain = whole - cached - written if cached + written <= whole else whole
            least = min(reasoning, output)
            spent = spent.plus(Spent(1, plain, written, 0, cached, output, least))
    road.read()
    found = road.total()
    road.close()

    assert found == spent


def number(count: object) -> int:
    """Return a count as a trace spells it; nothing where it is none."""
    value = int(count) if isinstance(count, int | str) else 0
    return value if 0 < value < 2**33 else 0


@settings(max_examples=20)
@given(
    odd=st.lists(
        st.one_of(*(spoilt(json.loads(line)) for line in (span("a1"), noted("n1", INFERENCE)))),
        max_size=4,
    )
)
def test_an_odd_record_costs_no_good_one(
    tmp_path_factory: pytest.TempPathFactory, odd: list[object]
) -> None:
    """4.2: values of every kind raise nothing and leave no unsafe name."""
    home = tmp_path_factory.mktemp("home")
    told = attributes("good", CALL._replace(output=12_345))
    good = span("good", 5, traceId="good", attributes=told)
    found = read(home, *(bytes_of(one) + b"\n" for one in odd), good)

    assert 12_345 in [one.output for one in counted(found)]
    assert all(is_clean(name) for name in names(found))
