"""What each screen asks is timed, on a store that is afterwards as it was."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from bench.made_store import land, make
from bench.page_answers import PAGES, desk
from bench.queries import END_MS
from tokwatch import pages
from tokwatch.model.snapshot import Span
from tokwatch.pages.block import BlockAsk
from tokwatch.pages.request import RequestAsk
from tokwatch.pages.sight import Ask, OpenedAsk
from tokwatch.store.connect import Database
from tokwatch.store.read.every import events, open_view, usage

NOT_OF_A_RANGE = {Ask, OpenedAsk, BlockAsk, RequestAsk}
"""Protocols, and questions about one record."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = make(tmp_path, 200, 2, END_MS)
    yield database
    database.close()


def test_every_page_is_timed() -> None:
    modules = [
        import_module(f"{pages.__name__}.{module.name}")
        for module in pkgutil.iter_modules(pages.__path__)
        if not module.name.startswith("workbench")  # it works on prompts, not on the store
    ]
    asks = {
        value
        for module in modules
        for name, value in vars(module).items()
        if name.endswith("Ask") and isinstance(value, type)
    }
    assert asks - NOT_OF_A_RANGE <= {type(make_ask()) for make_ask in PAGES.values()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_timed_to_its_end(store: Database, name: str) -> None:
    with desk(open_view(store, "local"), store, END_MS) as asked:
        timed = asked.timed(PAGES[name], Span.DAY, 1)

    assert timed.parts >= 1
    assert timed.longest_part >= timed.first > 0
    assert timed.longest >= timed.later > 0


def test_what_lands_is_counted_and_forgotten(store: Database) -> None:
    view = open_view(store, "local")
    before = (usage(view), len(events(view, limit=999)))

    with desk(view, store, END_MS):
        land(store, view.workspace, END_MS + 1)
        (cell,) = usage(view)
        assert cell.usage.requests == before[0][0].usage.requests + 1

    assert (usage(view), len(events(view, limit=999))) == before
