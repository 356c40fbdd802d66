"""The price list is fetched in the background, when that is allowed, and told when it is new."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tokwatch.config import load
from tokwatch.ingest.fresh_prices import FRESH_MS, FreshPrices
from tokwatch.prices import update

PATIENCE_S = 60.0


class Shop:
    """Stands in for the download; it has news once."""

    def __init__(self) -> None:
        self.asked: list[tuple[Path, float, int]] = []
        self.news = True

    def refresh(self, folder: Path, timeout_s: float, fresh_after_ms: int = 0) -> bool:
        self.asked.append((folder, timeout_s, fresh_after_ms))
        return self.news


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop()
    monkeypatch.setattr(update, "refresh", shop.refresh)
    return shop


def test_a_new_list_is_told_once(shop: Shop, tmp_path: Path) -> None:
    told, stop = threading.Event(), threading.Event()
    fresh = FreshPrices(load(data=tmp_path), told.set, stop)
    fresh.start()
    fresh.start()

    assert told.wait(PATIENCE_S)
    stop.set()

    assert fresh.arrived()
    assert not fresh.arrived()
    [(folder, seconds, after_ms)] = shop.asked
    assert (folder, seconds) == (tmp_path, 5)
    assert after_ms > FRESH_MS


def test_nothing_is_fetched_where_updates_are_off(shop: Shop, tmp_path: Path) -> None:
    config = load(data=tmp_path, environ={"TOKWATCH_PRICES__UPDATE": "false"})
    before = set(threading.enumerate())
    FreshPrices(config, lambda: pytest.fail("told"), threading.Event()).start()

    assert set(threading.enumerate()) <= before
    assert shop.asked == []
