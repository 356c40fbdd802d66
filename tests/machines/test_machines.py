"""Several machines in one store: exports of real logs, copied homes, and the two together."""

from __future__ import annotations

import re
import shutil
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.agents import crush_logs
from tests.sources.agents.databases import turns
from tests.sources.mapped.logs import configured, plain
from tests.sources.road import CANARY, spelt, write
from tests.sources.worlds import made_up, stored
from tests.store import facts
from tests.transcripts import NOON, append, response, transcript
from tokwatch.config import Config, load
from tokwatch.errors import ConfigError, TokwatchError
from tokwatch.ingest.ingest import open_ingest
from tokwatch.machines.machines import (
    EventImport,
    Imported,
    export_events,
    homes,
    import_folder,
    label_of,
    replacing,
)
from tokwatch.model.usage import Cell, Dimension, Slice, Usage
from tokwatch.sources.source import Surroundings
from tokwatch.store.connect import Database
from tokwatch.store.read.every import open_view, usage
from tokwatch.store.store import writing

EVERY = tuple(one for one in Dimension if one is not Dimension.QUARTER)


class Machine:
    """A machine with a store of its own."""

    def __init__(self, data: Path, label: str = "") -> None:
        self.config: Config = load(data=data, environ={"TOKWATCH_GENERAL__MACHINE": label})

    def read(self, home: Path) -> None:
        """Read what is new in a home."""
        with self._store() as (database, _):
            ingest = open_ingest(self.config, database, where=Surroundings(home, {}, "linux"))
            for _ in ingest.read(ingest.walk().pending):
                pass

    def export(self, now_ms: int = 1, part: Slice | None = None) -> bytes:
        """Return an event file."""
        out = BytesIO()
        export_events(self.config, part or Slice(), label_of(self.config), now_ms, out)
        return out.getvalue()

    def take(self, content: bytes) -> Imported:
        """Import an event file."""
        with self._store() as (database, workspace):
            return EventImport(self.config, database, workspace).take(BytesIO(content), "file")

    def sums(self, *by: Dimension) -> dict[tuple[str | int, ...], Usage]:
        """Return summed usage."""
        with self._store() as (database, _):
            cells: list[Cell] = usage(open_view(database, "local"), by=by)
            return {cell.group: cell.usage for cell in cells}

    @property
    def requests(self) -> int:
        """How many requests the store holds."""
        return sum(found.requests for found in self.sums().values())

    def is_whole(self) -> bool:
        """Tell whether every sum equals its events."""
        with self._store() as (database, _):
            stored_events = facts.events(database).values()
            return facts.cells(database) == facts.expected_cells(stored_events)

    def _store(self) -> AbstractContextManager[tuple[Database, int]]:
        config = self.config
        return writing(config.store.url, config.data, config.general.workspace)


@pytest.mark.parametrize("seed", [0, 1, 3, 4])
def test_an_export_brings_an_empty_store_to_the_same_sums(tmp_path: Path, seed: int) -> None:
    home = tmp_path / "home"
    stored(home, made_up(Random(seed)))
    source, target = Machine(tmp_path / "a", "laptop"), Machine(tmp_path / "b", "desk")
    source.read(home)

    target.take(source.export())

    assert source.requests
    for dimension in EVERY:
        assert target.sums(dimension) == source.sums(dimension), dimension
    assert target.sums(*EVERY) == source.sums(*EVERY)
    assert target.is_whole()


@settings(max_examples=15)
@given(random=st.randoms(use_true_random=False), holds_copies=st.booleans())
def test_logs_split_between_machines_amount_to_the_logs_together(
    random: Random, *, holds_copies: bool
) -> None:
    """Forks, copies and echoes of sessions on two machines settle as if one had read them all.

    Where a log lies on both, a request that yet another log repeats may go to that one's session.
    """
    logs = made_up(random)
    places = ("a", "b", "both") if holds_copies else ("a", "b")
    place = {path: random.choice(places) for path in logs}
    with TemporaryDirectory() as scratch:
        folder, home = Path(scratch), Path(scratch, "home")
        files = []
        for name in ("a", "b"):
            machine = Machine(folder / name, name)
            stored(home, {path: logs[path] for path in logs if place[path] in (name, "both")})
            machine.read(home)
            files.append(machine.export())
            shutil.rmtree(home, ignore_errors=True)
        together, target = Machine(folder / "one", "c"), Machine(folder / "target", "c")
        stored(home, logs)
        together.read(home)
        random.shuffle(files)

        for content in (*files, *files):
            target.take(content)

        by = tuple(one for one in EVERY if one is not Dimension.MACHINE)
        assert target.requests == together.requests
        assert holds_copies or target.sums(*by) == together.sums(*by)
        assert target.is_whole()


def test_an_import_tells_what_it_added_and_changed_and_nothing_else(tmp_path: Path) -> None:
    laptop, desk, home = Machine(tmp_path / "a", "laptop"), Machine(tmp_path / "b"), tmp_path / "h"
    append(transcript(home, "one"), response(1), response(2))
    minutes = count(1)

    def told(content: bytes | None = None) -> tuple[int, int]:
        laptop.read(home)
        done = desk.take(content or laptop.export(next(minutes)))
        return done.added, done.changed

    assert told() == (2, 0)
    assert told() == (0, 0)
    append(transcript(home, "one"), response(2, output=999), response(3))
    assert told() == (1, 1)
    append(transcript(home, "fork"), *(response(n, session="fork") for n in (1, 2)))
    append(transcript(home, "fork"), response(4, session="fork", at=NOON + timedelta(hours=1)))
    assert told() == (1, 0), "what a fork repeats changes nothing"
    later = re.sub(rb'"version":(\d+),"toldMs"', rb'"version":\g<1>0,"toldMs"', laptop.export(99))
    assert told(later) == (0, 0), "a newer parser tells the same"
    assert told(later + later) == (0, 0)
    assert desk.requests == 4


def test_no_word_of_a_prompt_is_exported(tmp_path: Path) -> None:
    logs = made_up(Random(3))
    assert CANARY.encode() in b"".join(logs.values())
    stored(tmp_path / "home", logs)
    machine = Machine(tmp_path / "a", "laptop")
    machine.read(tmp_path / "home")

    content = machine.export()

    assert b"CANARY" not in content
    assert content.count(b'{"request"') > 5


def test_own_logs_count_beside_imported_ones_and_a_synced_session_counts_once(
    tmp_path: Path,
) -> None:
    laptop, desk = Machine(tmp_path / "a", "laptop"), Machine(tmp_path / "b", "desk")
    append(transcript(tmp_path / "home1"), response(1), response(2))
    append(transcript(tmp_path / "home2"), response(1), response(2), response(3))
    laptop.read(tmp_path / "home1")
    desk.read(tmp_path / "home2")

    desk.take(laptop.export())
    desk.read(tmp_path / "home2")

    assert desk.requests == 3
    assert sum(one.requests for one in desk.sums(Dimension.MACHINE).values()) == 3
    desk.read(tmp_path / "nowhere")
    assert desk.requests == 3


def test_a_range_exports_only_logs_that_were_used_in_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "a", "laptop")
    append(transcript(tmp_path / "home"), response(1))
    machine.read(tmp_path / "home")

    assert b'{"log"' in machine.export()
    assert b'{"log"' not in machine.export(part=Slice(since_ms=2**50))
    assert b'{"log"' not in machine.export(part=Slice(sources=("codex",)))


def test_a_copied_home_is_read_and_then_only_what_is_new(tmp_path: Path) -> None:
    machine, copy = Machine(tmp_path / "data", "desk"), tmp_path / "copy"
    log = transcript(copy)
    append(log, response(1), response(2))

    first = import_folder(machine.config, copy, "laptop")
    again = import_folder(machine.config, copy, "laptop")
    append(log, response(3))
    more = import_folder(machine.config, copy, "laptop")

    assert (len(first.logs), len(first.new), first.added) == (1, 1, 2)
    assert (len(again.logs), len(again.new), again.added) == (1, 0, 0)
    assert (len(more.logs), len(more.new), more.added) == (1, 1, 1)
    assert machine.sums(Dimension.MACHINE).keys() == {("laptop",)}
    machine.read(tmp_path / "nowhere")
    assert machine.requests == 3


def test_a_copy_that_was_replaced_by_a_longer_one_goes_on(tmp_path: Path) -> None:
    machine, copy = Machine(tmp_path / "data"), tmp_path / "copy"
    log = transcript(copy)
    append(log, response(1))
    import_folder(machine.config, copy, "laptop")
    newer = log.with_suffix(".part")
    newer.write_bytes(log.read_bytes())
    append(newer, response(2))
    newer.replace(log)

    more = import_folder(machine.config, copy, "laptop")

    assert more.added == 1
    assert machine.requests == 2


def test_copies_of_several_machines_keep_cursors_of_their_own(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "data", "desk")
    for name in ("laptop", "tower"):
        append(transcript(tmp_path / name, name), response(len(name), session=name))
        import_folder(machine.config, tmp_path / name, name)
    append(transcript(tmp_path / "home", "own"), response(99, session="own"))
    machine.read(tmp_path / "home")

    for name in ("laptop", "tower"):
        assert import_folder(machine.config, tmp_path / name, name).new == set()
    assert machine.sums(Dimension.MACHINE).keys() == {("desk",), ("laptop",), ("tower",)}


def test_the_same_session_by_file_and_by_folder_counts_once(tmp_path: Path) -> None:
    laptop, desk = Machine(tmp_path / "a", "laptop"), Machine(tmp_path / "b", "desk")
    append(transcript(tmp_path / "home"), response(1), response(2))
    laptop.read(tmp_path / "home")
    shutil.copytree(tmp_path / "home", tmp_path / "copy")

    desk.take(laptop.export())
    import_folder(desk.config, tmp_path / "copy", "laptop")

    assert desk.requests == 2


def test_nothing_outside_a_copied_home_is_read(tmp_path: Path) -> None:
    """Crush's list of projects names folders of that machine; here they may be one's own."""
    machine, copy = Machine(tmp_path / "data", "desk"), tmp_path / "copy"
    own = crush_logs.path(tmp_path / "home")
    turns(own, crush_logs.TOOL, 1)
    crush_logs.registry(copy, crush_logs.project(tmp_path / "home"), crush_logs.project(copy))
    turns(copy / "shop" / ".crush" / "crush.db", crush_logs.TOOL, 1, 2)

    done = import_folder(machine.config, copy, "laptop")

    assert (len(done.logs), done.errors) == (1, {})
    assert machine.requests == 2


def test_a_mapping_is_looked_for_in_the_copied_home(tmp_path: Path, home: Path) -> None:
    configured(plain())
    machine, copy = Machine(tmp_path / "data", "desk"), tmp_path / "copy"
    line = spelt({"ts": "2026-08-01T10:00:00Z", "model": "m", "input": 5})
    write(home / "logs" / "own.jsonl", line, line)
    write(copy / "logs" / "theirs.jsonl", line)

    done = import_folder(machine.config, copy, "laptop")

    assert (len(done.logs), machine.requests) == (1, 1)


def test_a_home_is_looked_at_as_every_platform_has_it(tmp_path: Path) -> None:
    where = {one.platform: one for one in homes(tmp_path)}

    assert set(where) == {"linux", "darwin", "win32"}
    assert where["win32"].variables["APPDATA"] == str(tmp_path / "AppData" / "Roaming")
    assert all(one.home == tmp_path for one in where.values())


def test_logs_of_another_platform_are_found(tmp_path: Path) -> None:
    machine, copy = Machine(tmp_path / "data"), tmp_path / "copy"
    for number, apps in enumerate(("Library/Application Support", "AppData/Roaming")):
        desktop = copy / apps / "Claude" / "local-agent-mode-sessions" / "x" / "projects" / "shop"
        desktop.mkdir(parents=True)
        append(desktop / f"s{number}.jsonl", response(number, session=f"s{number}"))

    assert import_folder(machine.config, copy, "laptop").added == 2


@pytest.mark.parametrize("label", ["", "desk", "\u200b"])
def test_a_folder_needs_a_label_of_its_own(tmp_path: Path, label: str) -> None:
    with pytest.raises(ConfigError, match="--machine"):
        import_folder(Machine(tmp_path / "data", "desk").config, tmp_path, label)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokwatchError, match="is no folder"):
        import_folder(Machine(tmp_path / "data").config, tmp_path / "nowhere", "laptop")


def test_a_failing_export_leaves_the_file_before_it(tmp_path: Path) -> None:
    target = tmp_path / "laptop.jsonl"
    target.write_bytes(b"before")

    def fail() -> None:
        with replacing(target) as file:
            file.write(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(TokwatchError, match="No space left"):
        fail()

    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [
        ("laptop.jsonl", b"before")
    ]
    with pytest.raises(TokwatchError, match="cannot write"), replacing(tmp_path / "no" / "file"):
        pass


def test_the_hosts_name_is_the_label_of_last_resort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokwatch.machines.machines.platform.node", lambda: "mill\x1b[2J")
    unlabelled = load(data=tmp_path, environ={})

    assert label_of(unlabelled) == "mill[2J"
    assert label_of(unlabelled, "asked") == "asked"
    assert label_of(Machine(tmp_path, "desk").config) == "desk"
    monkeypatch.setattr("tokwatch.machines.machines.platform.node", lambda: "")
    with pytest.raises(ConfigError, match="no label"):
        label_of(unlabelled)
