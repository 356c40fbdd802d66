"""`tokwatch backup` copies a store that is being written to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.reports import World
from tests.store.build import Made
from tokwatch.store.connect import open_sqlite
from tokwatch.store.integrity import damage


def test_a_copy_holds_what_was_committed(world: World, tmp_path: Path) -> None:
    world.holds([Made(1_760_000_000_000), Made(1_760_000_000_001)])
    writer = open_sqlite(world.data / "tokwatch.db")
    target = tmp_path / "copy.db"

    with writer.transaction():
        writer.execute("DELETE FROM event")
        printed = world.run("backup", str(target))
    writer.close()

    assert printed.code == 0
    assert str(target) in printed.out
    assert sorted(file.name for file in tmp_path.iterdir() if "copy" in file.name) == ["copy.db"]
    copy = open_sqlite(target, read_only=True)
    assert copy.value("SELECT count(*) FROM event") == 2
    assert damage(copy) == []
    copy.close()


def test_no_file_is_overwritten(world: World, tmp_path: Path) -> None:
    world.holds([Made(1_760_000_000_000)])
    target = tmp_path / "precious"
    target.write_text("mine")

    printed = world.run("backup", str(target))

    assert printed.code == 1
    assert "exists already" in printed.err
    assert target.read_text() == "mine"


def test_without_a_store_nothing_is_left_behind(world: World, tmp_path: Path) -> None:
    printed = world.run("backup", str(tmp_path / "copy.db"))

    assert printed.code == 1
    assert "cannot copy" in printed.err
    assert not list(tmp_path.glob("copy*"))


def test_postgresql_has_tools_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKWATCH_STORE__URL", "postgresql://me@host/db")

    assert "pg_dump" in world.run("backup", "copy.db").err
