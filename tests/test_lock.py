"""The lock that lets one process ingest: what it says where it cannot be taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokwatch.errors import TokwatchError
from tokwatch.lock import IngestLock


def test_one_holds_it_and_the_others_know_who(tmp_path: Path) -> None:
    first, second = IngestLock(tmp_path / "data"), IngestLock(tmp_path / "data")

    assert first.acquire()
    assert not second.acquire()
    assert second.holder() > 0
    first.release()
    assert second.holder() == 0
    assert second.acquire()
    second.release()


def test_a_data_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file", encoding="utf-8")

    with pytest.raises(TokwatchError, match="cannot write to the data folder") as told:
        IngestLock(tmp_path / "data").acquire()

    assert "--data" in told.value.hint


def test_without_room_for_its_name_a_holder_still_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    first, second = IngestLock(tmp_path), IngestLock(tmp_path)

    assert first.acquire()
    assert not second.acquire()
    assert second.holder() == 0
    first.release()
    assert second.acquire()
    second.release()
