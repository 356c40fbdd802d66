"""The store's log is carried over beside the writer, and begins anew where it is long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tokwatch.errors import TokwatchError
from tokwatch.ingest import carrier as module
from tokwatch.ingest.carrier import MUCH_PAGES, Carrier
from tokwatch.store.connect import Database, open_sqlite


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Database]:
    """Return the connection of one who writes a lot."""
    database = open_sqlite(tmp_path / "store.db")
    database.leave_checkpoints()
    database.execute("CREATE TABLE line (text TEXT)")
    yield database
    database.close()


@pytest.fixture
def carrier() -> Carrier:
    return Carrier(no_store, unexpected)


def no_store() -> Database:
    raise TokwatchError("no store", "")


def unexpected(error: Exception) -> None:
    raise AssertionError from error


def write(database: Database, lines: int) -> None:
    database.executemany("INSERT INTO line VALUES (?)", [("x" * 4_000,) for _ in range(lines)])


def passes(carrier: Carrier, pages: int) -> tuple[list[bool], Callable[[], int]]:
    """Return whether history is held at each pass, and what makes one."""
    held: list[bool] = []

    def carry() -> int:
        held.append(carrier.holds())
        return pages

    return held, carry


@contextmanager
def history(carrier: Carrier) -> Iterator[None]:
    """Let a thread write it: it asks again and again whether it should stand still."""
    over = threading.Event()

    def write_on() -> None:
        while not over.wait(0.001):
            carrier.stands()

    thread = threading.Thread(target=write_on)
    thread.start()
    yield
    over.set()
    thread.join()


def test_a_short_log_holds_up_nobody(carrier: Carrier) -> None:
    held, carry = passes(carrier, MUCH_PAGES - 1)
    with history(carrier):
        carrier.turn(carry)
    assert (held, carrier.holds()) == ([False], False)


def test_history_stands_still_while_the_rest_of_a_long_log_is_carried_over(
    carrier: Carrier,
) -> None:
    held, carry = passes(carrier, MUCH_PAGES)
    with history(carrier):
        carrier.turn(carry)
    assert (held, carrier.holds()) == ([False, True], False)


def test_history_that_does_not_stop_is_carried_over_the_next_time(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STANDS_S", 0.0)
    held, carry = passes(carrier, MUCH_PAGES)
    assert not carrier.stands(), "it stood before; that is not asked"
    carrier.turn(carry)
    assert (held, carrier.holds()) == ([False], False)


def test_what_was_carried_over_is_written_over(
    writer: Database, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MUCH_PAGES", 100)
    write(writer, 200)
    other = open_sqlite(Path(writer.name))
    lines = iter([200, 0])  # some are written in the first pass

    def carry() -> int:
        pages = other.checkpoint()
        write(writer, next(lines))
        return pages

    try:
        with history(carrier):
            carrier.turn(carry)
        write(writer, 1)
        assert other.checkpoint() < 10
    finally:
        other.close()


def test_at_the_end_the_file_alone_holds_all(writer: Database, tmp_path: Path) -> None:
    carrier = Carrier(lambda: open_sqlite(Path(writer.name)), unexpected)
    carrier.start()
    write(writer, 20)
    carrier.join()
    copy = tmp_path / "copy.db"
    copy.write_bytes(Path(writer.name).read_bytes())
    alone = open_sqlite(copy)
    try:
        assert alone.value("SELECT count(*) FROM line") == 20
    finally:
        alone.close()


def test_why_it_failed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    carrier = Carrier(no_store, lambda error: told.append(str(error)))
    carrier.start()
    carrier.join()
    assert told == ["no store"]
