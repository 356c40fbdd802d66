"""A Copilot CLI session's events without a store: growth of totals, or messages' output alone."""

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
    PROJECT,
    SESSION,
    Used,
    asked,
    compacted,
    ended,
    event,
    events,
    metric,
    said,
    span,
    started,
    times,
    totals,
    traces,
)
from tests.sources.agents.spoilt import HOSTILE, bytes_of, shuffled, spoilt
from tests.sources.reference_text import instant, records, table, text, tokens
from tests.sources.road import CANARY, Road, Spent, reading
from tests.sources.test_hostile import is_clean, names
from tokwatch.model.event import Grade, Sighting
from tokwatch.model.reading import Reading

SOURCE = "copilot-cli"


def read(home: Path, *lines: bytes) -> Reading:
    """Return a reading of these lines as one session's events."""
    log = events(home, *lines)
    return reading(SOURCE, log, log.parent)


def counted(found: Reading) -> list[Sighting]:
    """Return what counts."""
    return [one for one in found.sightings if one.grade != Grade.GHOST]


def test_totals_at_the_end_count_by_model(home: Path) -> None:
    """2.6: input includes the cache, output includes reasoning; they are dated at the end."""
    first = metric(Used(50_000, 1_200, 42_000, 3_000, 7), 6, 1_234_000_000)
    second = metric(Used(10, 2, 0, 0, 0), 1)
    found = read(home, started(), ended(9, claude__haiku__4_5=first, gpt__5=second))
    one, other = counted(found)

    assert (one.input, one.cache_read, one.cache_write_5m) == (5_000, 42_000, 3_000)
    assert (one.output, one.reasoning, one.requests) == (1_200, 7, 6)
    assert (one.grade, one.final, one.logged_nano) == (Grade.DERIVED, 1, 12_340_000)
    assert (one.instant_ms, one.model) == (AT_MS + 9_000, ("", "claude-haiku-4.5", "standard"))
    assert one.scope[:5] == (SOURCE, SESSION, "", PROJECT, "main")
    assert (other.model.name, other.input, other.requests, other.logged_nano) == (
        *("gpt-5", 10, 1, None),
    )


def test_totals_go_on_over_resumes(home: Path, road: Road) -> None:
    """2.6: each end tells the session so far; the same end written twice adds nothing."""
    lines = [started(), totals(9, 2, units=200), totals(9, 2, units=200)]
    events(home, *lines)
    road.read()
    events(home, *lines, event("session.resume", 20), totals(30, 5, units=900))
    road.read()
    costs = sorted(one.usage.logged_nano for one in road.events())

    assert road.total() == times(5)
    assert costs == [2, 7]


def test_totals_that_shrink_begin_anew(home: Path) -> None:
    """2.6: a total that is less in any part, or lacks a model, goes on from nothing."""
    found = read(home, started(), totals(9, 5), totals(20, 2), totals(30, 3, "gpt-5"))

    assert [(one.requests, one.output) for one in counted(found)] == [(5, 100), (2, 40), (3, 60)]


def test_totals_that_lack_a_model_begin_anew(home: Path) -> None:
    """2.6: some versions tell each leg alone."""
    first = ended(9, claude=metric(requests=1), gpt=metric(Used(10, 1, 0, 0, 0)))
    found = read(home, started(), first, ended(20, claude=metric(Used(300, 60, 180, 30, 15), 3)))

    assert [one.output for one in counted(found)] == [20, 1, 60]


def test_totals_begin_anew_at_a_compaction(home: Path, road: Road) -> None:
    """2.6: what came before it in this leg is told by its messages alone."""
    lines = [started(), said(1), said(2), totals(9, 2), said(11), said(12), compacted(13)]
    events(home, *lines, said(14), said(15), said(16), totals(20, 3))
    road.read()

    assert road.total().requests == 2 + 2 + 3
    assert road.total() == times(5).plus(Spent(2, output=40))


def test_totals_that_go_on_over_a_compaction_count_once(home: Path, road: Road) -> None:
    """2.6: more requests than were made since then show that they did not begin anew."""
    lines = [started(), said(1), said(2), totals(9, 2), said(11), compacted(13), said(14)]
    events(home, *lines, totals(20, 4))
    road.read()

    assert road.total() == times(4)


@pytest.mark.parametrize("success", [False, None, "yes"])
def test_a_compaction_that_failed_changes_nothing(home: Path, success: object) -> None:
    lines = [started(), totals(9, 2), compacted(13, success=success), totals(20, 3)]

    assert [one.requests for one in counted(read(home, *lines))] == [2, 1]


def test_a_session_without_totals_tells_its_output_alone(home: Path) -> None:
    """2.6: after a crash or `/new`; input is unknown, output a lower bound of nothing else."""
    change = event("session.model_change", 2, newModel="gpt-5")
    lines = [started(), said(1, 45), change, said(3, 0, model=None), said(4, None)]
    one, other = counted(read(home, *lines))

    assert (one.output, one.input, one.cache_read, one.reasoning) == (45, None, None, None)
    assert (one.grade, one.final, one.requests) == (Grade.RECORD, 0, 1)
    assert (one.model.name, other.model.name, other.output) == (MODEL, "gpt-5", 0)
    assert (one.instant_ms, other.instant_ms) == (AT_MS + 1_000, AT_MS + 3_000)


def test_totals_take_the_place_of_messages(home: Path, road: Road) -> None:
    """2.6: the messages of a running session count until its end tells all of it."""
    lines = [started(), said(1), said(2)]
    events(home, *lines)
    road.read()
    assert road.total() == Spent(2, output=40)
    events(home, *lines, said(3), totals(9, 3))
    road.read()
    assert road.total() == times(3)
    events(home, *lines, said(3), totals(9, 3), said(20))
    road.read()

    assert road.total() == times(3).plus(Spent(1, output=20))


def test_an_end_without_totals_leaves_the_messages(home: Path, road: Road) -> None:
    """2.6: older versions and sessions without a model end with an empty table."""
    events(home, started(), said(1), event("session.shutdown", 9, modelMetrics={}))
    road.read()

    assert road.total() == Spent(1, output=20)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (event("session.shutdown", 9, modelMetrics=[1]), (0, 0, 1)),
        (event("session.shutdown", 9, modelMetrics={"gpt-5": 7}), (0, 0, 1)),
        (event("session.shutdown", 9, modelMetrics={"gpt-5": {}}), (0, 0, 0)),
        (totals(9, 2).replace(b"2026-", b"x"), (0, 1, 0)),
        (said(1).replace(b"2026-", b"x"), (0, 1, 0)),
        (b'{"type":"session.shutdown","data"\n', (1, 0, 0)),
        (b'{"type":"session.shutdown","data":7}\n', (0, 0, 0)),
    ],
)
def test_what_is_odd_is_told(home: Path, line: bytes, told: tuple[int, int, int]) -> None:
    """4.2: broken, undated, and of an unknown shape."""
    found = read(home, started(), line)

    assert counted(found) == []
    assert (found.tally.bad_lines, found.tally.undated, found.tally.unknown) == told


def test_undated_totals_are_in_the_next_ones(home: Path) -> None:
    found = read(home, started(), totals(9, 2).replace(b"2026-", b"x"), totals(20, 3))

    assert [one.requests for one in counted(found)] == [3]


def test_no_prompt_reaches_the_store(home: Path, road: Road, tmp_path: Path) -> None:
    events(home, started(), asked(), said(1), compacted(2), totals(9, 1))
    traces(home, span("a1", 5))
    road.read()
    road.ingest.writer.checkpoint()
    stored = b"".join(
        file.read_bytes() for file in (tmp_path / "data").rglob("*") if file.is_file()
    )

    assert road.total().requests == 1
    assert CANARY.encode() not in stored


def test_hostile_names_are_made_safe(home: Path) -> None:
    """4.7: escape codes, half characters and endless names."""
    context = {"cwd": HOSTILE, "branch": HOSTILE}
    lines = [started(context=context), said(1, model=HOSTILE)]
    lines.append(event("session.shutdown", 9, modelMetrics={HOSTILE: metric(), "\x1b": metric()}))
    found = read(home, *lines, said(12, model=HOSTILE))

    assert len(counted(found)) == 3
    assert all(is_clean(name) for name in names(found))


def slowly(log: Path) -> Spent:
    """Return what a session's events amount to, by the rules alone."""
    spent, before, open_outputs = Spent(), dict[str, list[int]](), list[int]()
    for _, record in records(log):
        data, at = table(record.get("data")), instant(record.get("timestamp"))
        if record.get("type") == "assistant.message" and at is not None:
            output = data.get("outputTokens")
            if isinstance(output, int | float) and not isinstance(output, bool) and output >= 0:
                open_outputs.append(int(output))
        metrics = table(data.get("modelMetrics"))
        if record.get("type") != "session.shutdown" or at is None or not metrics:
            continue
        now = {text(model): parts(table(found)) for model, found in metrics.items()}
        shrunk = any(
            model not in now or any(a > b for a, b in zip(was, now[model], strict=True))
            for model, was in before.items()
        )
        for model, total in now.items():
            was = [0] * 6 if shrunk else before.get(model, [0] * 6)
            whole, output, cached, written, reasoning, count = (
                b - a for a, b in zip(was, total, strict=True)
            )
            plain = whole - cached - written if cached + written <= whole else whole
            spent = spent.plus(
                Spent(count, plain, written, 0, cached, output, min(reasoning, output))
            )
        before, open_outputs = now, []
    for output in open_outputs:
        spent = spent.plus(Spent(1, output=output))
    return spent


def parts(metric: dict[str, object]) -> list[int]:
    """Return the totals of one model."""
    usage, requests = table(metric.get("usage")), table(metric.get("requests"))
    kinds = ("input", "output", "cacheRead", "cacheWrite", "reasoning")
    return [*(tokens(usage.get(f"{kind}Tokens")) for kind in kinds), tokens(requests.get("count"))]


COUNT = st.integers(0, 900) | st.sampled_from([None, -3, 2.5, True, "7"])
USED = st.tuples(*[COUNT] * 5).map(lambda counts: Used(*counts))
LINES = st.one_of(
    st.just(asked()),
    st.builds(said, st.integers(1, 50), COUNT.filter(lambda count: count is not None)),
    st.builds(lambda second, count: totals(second, count), st.integers(1, 50), st.integers(0, 6)),
    st.builds(
        lambda used, count: ended(9, claude=metric(used, count), gpt=metric(CALL, 1)),
        USED,
        st.integers(0, 5),
    ),
)


@settings(max_examples=20)
@given(
    lines=st.lists(LINES, max_size=9),
    random=st.randoms(use_true_random=False),
    spacing=st.sampled_from([(", ", ": "), (",", ":"), (" , ", " :\t")]),
)
def test_it_agrees_with_a_slow_reader(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[bytes],
    random: Random,
    spacing: tuple[str, str],
) -> None:
    """Keys in any order, any spacing, read in any pieces: the sums are those of a plain loop."""
    home = tmp_path_factory.mktemp("home")
    road = Road(home, home / "data")
    spelt = [
        json.dumps(shuffled(random, json.loads(line)), separators=spacing).encode() + b"\n"
        for line in [started(), *lines]
    ]
    for count in range(1, len(spelt) + 1):
        log = events(home, *spelt[:count])
        if random.random() < 0.4:
            road.read()
    road.read()
    found = road.total()
    road.close()

    assert found == slowly(log)


@settings(max_examples=20)
@given(
    odd=st.lists(
        st.one_of(*(spoilt(json.loads(line)) for line in (started(), said(1), totals(9, 2)))),
        max_size=4,
    )
)
def test_an_odd_event_costs_no_good_one(
    tmp_path_factory: pytest.TempPathFactory, odd: list[object]
) -> None:
    """4.2: values of every kind raise nothing and leave no unsafe name."""
    home = tmp_path_factory.mktemp("home")
    good = ended(99_999, **{"good": metric(Used(70_001, 12_345, 0, 0, 0))})
    found = read(home, started(), *(bytes_of(one) + b"\n" for one in odd), good)

    assert 12_345 in [one.output for one in counted(found)]
    assert all(is_clean(name) for name in names(found))
