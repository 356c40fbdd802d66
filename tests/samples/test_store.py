"""The store of the real logs is whole: what every other test here is measured on."""

from __future__ import annotations

from tokwatch.store.connect import Database


def test_logs_and_conversations_were_read(samples: Database) -> None:
    assert samples.value("SELECT count(*) FROM event") > 2_000
    assert samples.value("SELECT count(DISTINCT source) FROM place") >= 6
    assert samples.value("SELECT count(*) FROM block") > 5_000
