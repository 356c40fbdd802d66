"""What logs told can be told again: many stores amount to one that read all the logs itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.store import facts
from tests.store.brute import expected_events
from tests.store.worlds import NOON_MS, Script, Step, reads, request, script, whole, worlds
from tokwatch.machines.event_file import EventFile, lines_of
from tokwatch.model.event import RequestFact, Stretch
from tokwatch.model.measure import Measure
from tokwatch.model.reading import AgentNote, LedgerLine, Reading, Tally
from tokwatch.model.usage import Slice
from tokwatch.store.connect import Database
from tokwatch.store.measures import add_measures
from tokwatch.store.prune import prune
from tokwatch.store.read.every import audit_events, events, open_view, sessions
from tokwatch.store.retelling import Retelling, Taken
from tokwatch.store.store import open_store, workspace_id
from tokwatch.store.tellings import Telling, Tellings
from tokwatch.store.write import Writer

CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
TABLES = ("event", "copy", "quarter", "day", "total", "request_fact", "ledger", "agent", "stretch")
Urls = Callable[[], str]


@contextmanager
def stores(urls: Urls, folder: Path, count: int) -> Iterator[list[Database]]:
    """Open so many empty stores."""
    opened = [open_store(urls(), folder) for _ in range(count)]
    try:
        yield opened
    finally:
        for database in opened:
            database.close()


def export(database: Database, label: str, now_ms: int, part: Slice = Slice()) -> bytes:  # noqa: B008
    """Return what a store's logs told, as a file."""
    tellings = Tellings(database, workspace_id(database, "local") or 0)
    with database.snapshot():
        return b"".join(lines_of(tellings.all(part), tellings.tracked(), label, now_ms))


def take(database: Database, content: bytes, workspace: str = "local") -> Taken:
    """Import a file and return what became of its logs."""
    number = workspace_id(database, workspace) or 0

    def writer_of(machine: str) -> Writer:
        return facts.open_writer(database, workspace=workspace, machine=machine)

    retelling = Retelling(database, number, writer_of)
    file = EventFile(BytesIO(content), "file")
    for part in file.parts():
        assert isinstance(part, Telling)
        retelling.take(part)
    retelling.flush()
    assert file.left_out == []
    return retelling.taken


def labelled(log: Script, machine: str) -> Script:
    """Return a log as the store of another machine holds it."""
    records = (one._replace(scope=one.scope._replace(machine=machine)) for one in log.records)
    return replace(log, records=tuple(records))


def reading_of(*numbers: int, path: str = "/logs/a.jsonl", size: int = 0) -> Reading:
    """Return what a log of a few requests tells."""
    found = whole(script(path, *map(request, numbers))).reading
    return replace(found, cursor=replace(found.cursor, size=size or found.cursor.size))


@dataclass(frozen=True, slots=True)
class Split:
    """Logs of two machines, how each reads them, and in which order the exports are imported."""

    logs: dict[str, tuple[Script, ...]]
    batches: dict[str, list[list[Step]]]
    exported_after: dict[str, list[bool]]
    order: list[int]


@st.composite
def splits(draw: st.DrawFn) -> Split:
    """Return a world that lies on two machines; some of its logs, or parts of them, on both."""
    logs: dict[str, list[Script]] = {"a": [], "b": []}
    for one in draw(worlds()):
        place = draw(st.sampled_from(("a", "b", "both")))
        if place == "both":
            part = one.records[: draw(st.integers(1, len(one.records)))]
            logs["a"].append(one)
            logs["b"].append(replace(one, records=part))
        else:
            logs[place].append(one)
    batches = {name: draw(reads(own)) for name, own in logs.items()}
    after = {
        name: [draw(st.booleans()) for _ in steps[:-1]] + [True] for name, steps in batches.items()
    }
    exports = sum(sum(each) for each in after.values())
    order = draw(st.permutations(range(exports)))
    again = draw(st.lists(st.integers(0, exports - 1), max_size=2))
    return Split({name: tuple(own) for name, own in logs.items()}, batches, after, order + again)


def check_split(opened: Sequence[Database], split: Split) -> None:
    """Read each machine's logs, export now and then, import all of it, and look."""
    *machines, target = opened
    files: list[bytes] = []
    for database, (name, batches) in zip(machines, split.batches.items(), strict=True):
        facts.clear(database)
        for batch, is_exported in zip(batches, split.exported_after[name], strict=True):
            facts.write(database, [batch])
            if is_exported:
                files.append(export(database, name, len(files)))
    facts.clear(target)
    for number in split.order:
        take(target, files[number])

    world = [labelled(log, name) for name, logs in split.logs.items() for log in logs]
    events = facts.events(target)
    assert events == expected_events(world)
    assert facts.cells(target) == facts.expected_cells(events.values())


@settings(max_examples=20, suppress_health_check=CHECKS)
@given(split=splits())
@pytest.mark.parametrize("store_urls", ["sqlite"], indirect=True)
def test_two_machines_amount_to_one_that_read_all_their_logs(
    store_urls: Urls, tmp_path: Path, split: Split
) -> None:
    with stores(store_urls, tmp_path, 3) as opened:
        check_split(opened, split)


@settings(max_examples=10, suppress_health_check=CHECKS)
@given(split=splits())
@pytest.mark.parametrize("store_urls", ["postgresql"], indirect=True)
def test_two_machines_amount_to_one_on_postgresql(
    store_urls: Urls, tmp_path: Path, split: Split
) -> None:
    with stores(store_urls, tmp_path, 3) as opened:
        check_split(opened, split)


def test_all_that_a_log_told_arrives(store_urls: Urls, tmp_path: Path) -> None:
    told = replace(
        reading_of(1, 2),
        ledger=(LedgerLine("s1", "m", NOON_MS, 1, 2, 3, 4, 5, 6, 7, 8),),
        notes=(AgentNote("s1", "a1", "Explore", "parent"),),
        facts=(RequestFact(1, "duration_ms", 1_200), RequestFact(2, "retries", 2)),
        stretches=(
            Stretch(1, 77, (0,) * 8, (1, 100, 800, 60, 40, 50, 10, 0)),
            Stretch(2, 78, since_ms=NOON_MS),
        ),
        measures=(Measure("quality", NOON_MS, 0.5, "share", (("suite", "x"),), "7"),),
        tally=Tally(9, 1, 2, 3, 4, 5, 6, 7, "cost,model"),
    )
    with stores(store_urls, tmp_path, 2) as (source, target):
        facts.open_writer(source, machine="laptop").add([told])
        content = export(source, "unused", 1)

        assert take(target, content) == Taken(new=1, added=2)

        for table in TABLES:
            assert facts.rows(target, table) == facts.rows(source, table), table
        [again] = Tellings(target, 1).all()
        assert again.machine == "laptop"
        assert again.told_ms == 1
        assert again.reading.tally == told.tally
        assert again.reading.lineage == told.lineage
        assert again.reading.measures == told.measures
        assert again.reading.stretches == told.stretches
        assert export(target, "unused", 999) == content


@pytest.mark.parametrize("spoilt", [b"[0,0]", b"[]"])
def test_a_log_with_half_a_stretch_is_left_out(database: Database, spoilt: bytes) -> None:
    stretch = Stretch(1, 77, (0,) * 8, (1, 2, 3, 4, 5, 6, 7, 8))
    facts.open_writer(database).add([replace(reading_of(1), stretches=(stretch,))])
    content = export(database, "laptop", 1)
    assert b"[1,2,3,4,5,6,7,8]" in content

    file = EventFile(BytesIO(content.replace(b"[1,2,3,4,5,6,7,8]", spoilt)), "file")

    assert list(file.parts()) == []
    assert "a stretch of a running total has no two ends" in file.left_out[0]


def test_the_same_file_again_changes_nothing(store_urls: Urls, tmp_path: Path) -> None:
    with stores(store_urls, tmp_path, 2) as (source, target):
        facts.open_writer(source).add([reading_of(1, 2), reading_of(2, 3, path="/logs/b.jsonl")])
        content = export(source, "laptop", 1)
        take(target, content)
        before = {table: facts.rows(target, table) for table in (*TABLES, "log")}

        assert take(target, content) == Taken(known=2)

        assert {table: facts.rows(target, table) for table in (*TABLES, "log")} == before


def test_a_newer_export_of_the_same_log_is_known_and_still_the_newest(
    store_urls: Urls, tmp_path: Path
) -> None:
    with stores(store_urls, tmp_path, 2) as (source, target):
        writer = facts.open_writer(source)
        writer.add([reading_of(1)])
        first, later = export(source, "laptop", 1), export(source, "laptop", 3)
        writer.add([reading_of(1, 2)])
        between = export(source, "laptop", 2)  # a clock that was set back

        assert take(target, first) == Taken(new=1, added=1)
        assert take(target, later) == Taken(known=1)
        assert take(target, between) == Taken(older=1, added=1)
        assert sorted(facts.events(target)) == [1, 2]


def test_what_its_store_pruned_since_is_kept_in_any_order(store_urls: Urls, tmp_path: Path) -> None:
    with stores(store_urls, tmp_path, 3) as (source, forwards, backwards):
        facts.open_writer(source).add([reading_of(1, 2)])
        whole_log = export(source, "laptop", 1)
        prune(source, 1, NOON_MS * 2)
        pruned = export(source, "laptop", 2)

        take(forwards, whole_log)
        take(forwards, pruned)
        take(backwards, pruned)
        assert take(backwards, whole_log) == Taken(older=1, added=2)

        assert facts.events(forwards) == facts.events(backwards)
        assert sorted(facts.events(forwards)) == [1, 2]


def test_a_newer_parser_of_the_other_machine_takes_back_what_the_older_told(
    store_urls: Urls, tmp_path: Path
) -> None:
    with stores(store_urls, tmp_path, 2) as (source, target):
        writer = facts.open_writer(source)
        writer.add([reading_of(1, 2)])
        old = export(source, "laptop", 5)
        newer = reading_of(2, 3)
        writer.add([replace(newer, cursor=replace(newer.cursor, version=2))])
        new = export(source, "laptop", 1)

        take(target, old)
        assert take(target, new) == Taken(grown=1, added=2)
        assert take(target, old) == Taken(outdated=1)

        assert sorted(facts.events(target)) == [2, 3]


def test_a_log_that_is_read_here_keeps_its_place(store_urls: Urls, tmp_path: Path) -> None:
    """An own export brings back only what is missing here, and never a cursor."""
    with stores(store_urls, tmp_path, 2) as (source, target):
        facts.open_writer(source, machine="desk").add([reading_of(1, 2, size=7)])
        facts.open_writer(target, machine="desk").add([reading_of(2, 3, size=9)])
        log = facts.rows(target, "log")

        assert take(target, export(source, "desk", 1)) == Taken(read_here=1, added=1)

        assert sorted(facts.events(target)) == [1, 2, 3]
        assert [row[:18] for row in facts.rows(target, "log")] == [row[:18] for row in log]


def test_the_walks_of_this_machine_leave_others_logs_alone(database: Database) -> None:
    theirs = export_of(database, "laptop", reading_of(1))
    writer = facts.open_writer(database)
    writer.add([reading_of(2)])

    assert [cursor.path for cursor in writer.cursors()] == ["/logs/a.jsonl"]
    writer.rename("/logs/a.jsonl", "/logs/moved.jsonl")
    writer.add([reading_of(2, 4, path="/logs/moved.jsonl")])

    assert sorted(facts.events(database)) == [1, 2, 4]
    assert take(database, theirs) == Taken(known=1)


def export_of(database: Database, label: str, *readings: Reading) -> bytes:
    """Let a store take readings as another machine's, and return its export."""
    facts.open_writer(database, machine=label).add(list(readings))
    content = export(database, "", 1)
    facts.clear(database)
    take(database, content)
    return content


def test_workspaces_keep_their_own_keys(store_urls: Urls, tmp_path: Path) -> None:
    with stores(store_urls, tmp_path, 2) as (source, target):
        facts.open_writer(source).add([reading_of(1, 2)])
        content = export(source, "laptop", 1)

        take(target, content)
        assert take(target, content, "team") == Taken(new=1, added=2)

        assert len(facts.events(target)) == len(facts.events(target, "team")) == 2
        assert facts.events(target).keys().isdisjoint(facts.events(target, "team"))
        number = workspace_id(target, "team") or 0
        [told] = Tellings(target, number).all()
        assert [one.key for one in told.reading.sightings] == [1, 2]


def test_a_range_chooses_whole_logs(database: Database) -> None:
    facts.open_writer(database).add([reading_of(1, 60), reading_of(2, path="/logs/b.jsonl")])
    tellings = Tellings(database, 1)
    since = Slice(since_ms=NOON_MS + 30_000)

    [late] = tellings.all(since)
    assert [one.key for one in late.reading.sightings] == [1, 60]
    assert len(list(tellings.all(Slice(until_ms=NOON_MS + 30_000)))) == 2
    assert list(tellings.all(Slice(sources=("codex",)))) == []


def test_portions_of_any_size_hold_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = [reading_of(n, n + 1, path=f"/logs/{n}.jsonl") for n in range(1, 8)]
    facts.open_writer(database).add(logs)
    content = export(database, "laptop", 1)

    for most in (1, 3):
        monkeypatch.setattr("tokwatch.store.tellings.MOST_LOGS", most)
        assert export(database, "laptop", 1) == content
    monkeypatch.setattr("tokwatch.store.tellings.MOST_SIGHTINGS", 5)
    assert export(database, "laptop", 1) == content


def test_tracked_measures_are_told_apart_from_logs(database: Database) -> None:
    measure = Measure("quality", NOON_MS, 0.75, "share", (("suite", "x"),), "track")
    add_measures(database, 1, [measure])

    parts = list(EventFile(BytesIO(export(database, "laptop", 1)), "file").parts())

    assert parts == [measure]


def test_a_path_of_another_machine_is_never_one_of_this(database: Database) -> None:
    """What opens logs, for titles or raw records, must not open a file that merely has its name."""
    export_of(database, "laptop", reading_of(1))
    view = open_view(database, "local")

    [event] = events(view)
    [session] = sessions(view)
    [evidence] = audit_events(view)

    assert event.path == session.path == "laptop:/logs/a.jsonl"
    assert (evidence.place.machine, evidence.place.path) == ("laptop", "/logs/a.jsonl")
    assert not evidence.place.is_here
