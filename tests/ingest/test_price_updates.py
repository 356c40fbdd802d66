"""The price list is fetched in the background, when that is allowed, and told when it is new."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tokwatch.config import load
from tokwatch.ingest.price_updates import FAILED, FRESH_MS, PriceUpdates
from tokwatch.prices import update
from tokwatch.prices.header import FILE_NAME, FORMAT, package

PATIENCE_S = 60.0


class Shop:
    """Stands in for the download; it has news once."""

    def __init__(self) -> None:
        self.asked: list[tuple[Path, float, int]] = []
        self.news = self.is_open = True

    def refresh(self, folder: Path, timeout_s: float, fresh_after_ms: int = 0) -> bool:
        self.asked.append((folder, timeout_s, fresh_after_ms))
        if self.is_open:
            text = f'{{"format": {FORMAT}, "package": "{package()}", "update": "abc"}}\n'
            (folder / FILE_NAME).write_text(text)
        return self.news


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    shop = Shop()
    monkeypatch.setattr(update, "refresh", shop.refresh)
    return shop


def test_a_new_list_is_told_once(shop: Shop, tmp_path: Path) -> None:
    told, stop = threading.Event(), threading.Event()
    fresh = PriceUpdates(load(data=tmp_path), told.set, stop)
    fresh.start()
    fresh.start()

    assert told.wait(PATIENCE_S)
    stop.set()

    assert fresh.arrived()
    assert not fresh.arrived()
    [(folder, seconds, after_ms)] = shop.asked
    assert (folder, seconds) == (tmp_path, 5)
    assert after_ms > FRESH_MS


@pytest.mark.parametrize(("is_open", "told"), [(True, ""), (False, FAILED)])
def test_it_says_whether_the_list_is_fresh(
    shop: Shop, tmp_path: Path, is_open: bool, told: str
) -> None:
    shop.is_open = shop.news = is_open
    noted, stop, said = threading.Event(), threading.Event(), [("", "")]

    def note(name: str, /, *, error: str = "", told: str = "") -> None:
        said.append((name, error or told))
        noted.set()

    PriceUpdates(load(data=tmp_path), lambda: None, stop, note).start()
    assert noted.wait(PATIENCE_S)
    stop.set()

    assert said[1:] == [("prices", told)]


def test_nothing_is_fetched_where_updates_are_off(shop: Shop, tmp_path: Path) -> None:
    config = load(data=tmp_path, environ={"TOKWATCH_PRICES__UPDATE": "false"})
    before = set(threading.enumerate())
    said = []

    def note(name: str, /, *, error: str = "", told: str = "") -> None:
        said.append((name, error, told))

    PriceUpdates(config, lambda: pytest.fail("told"), threading.Event(), note).start()

    assert said == [("prices", "", "off in the settings")]
    assert set(threading.enumerate()) <= before
    assert shop.asked == []
