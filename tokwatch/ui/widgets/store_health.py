"""The store, its last check, the price list, and the processes that use them."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.binding import BindingType

from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.sources import NO_STORE, SourcesPage
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.source_words import (
    calibration_words,
    checked_words,
    delivery_words,
    price_words,
    process_words,
    store_facts,
    worker_words,
    wrapped,
)
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.ui.widgets.scrolled import Scrolled

NAME: Final = 8
"""Cells of a fact's name."""


class StoreHealthPane(Scrolled[SourcesPage], can_focus=True):
    """Facts, a few lines each."""

    TITLE = "store and prices"
    KIND = SourcesPage
    EMPTY = NO_STORE
    HELP = """
    # Store and prices
    Where everything is kept and how large it is; what `tokwatch doctor` found when it ran last,
    its check of every sum included; which price list counts; and the tokwatch processes that use
    this data folder: one of them reads the logs, the others follow its store. *workers*: the
    threads of this one, when each did its work last, and what fails; *prices* fetches the list.
    *alerts*: how webhook and command took the last one. *tokens*: how far counted tokens are off
    those that were billed, by model; above 20% they are doubtful.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def lines(self, content: SourcesPage, width: int, inks: Inks) -> list[Line]:
        """Return the facts."""
        health = content.health
        if health is None:
            return [[("there is no store yet: the first request makes one", inks.muted)]]
        told = list(store_facts(health))
        told += _named("check", checked_words(health, self.now))
        told.append(("prices", *price_words(health)))
        told.append(("", f"version {health.prices}", False))
        told += _named("running", [(words, False) for words in process_words(health, self.now)])
        told += _named("workers", worker_words(content.workers, self.now))
        told += _named("alerts", delivery_words(health, self.now))
        told += _named("tokens", calibration_words(health))
        lines: list[Line] = []
        for name, text, is_bad in told:
            ink = inks.warning if is_bad else inks.text
            for number, part in enumerate(wrapped(text, width, NAME)):
                lines.append([(f"{'' if number else name:<{NAME}}", inks.muted), (part, ink)])
        return lines

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is told."""
        return (
            "The size is that of the store's file without what is just being written, or of the "
            "whole PostgreSQL database. Processes are those of this machine that use the same "
            "data folder.",
            "The check is what `tokwatch doctor` found when it last compared every sum with the "
            "requests beneath it. Prices: the list that came with tokwatch, or a newer one from "
            "its file, then your own. Alerts: what webhook and command answered last. Tokens: "
            "counted here against billed by the provider, in requests whose content a log tells.",
            "None of these is a sum of requests, so none are listed.",
        )


def _named(name: str, lines: list[tuple[str, bool]]) -> list[tuple[str, str, bool]]:
    """Return lines of which the first has a name."""
    return [("" if number else name, *line) for number, line in enumerate(lines)]
