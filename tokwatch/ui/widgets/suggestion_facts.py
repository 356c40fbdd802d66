"""The chosen suggestion: what it rests on, how to follow it, what came of it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import ClassVar

from rich.style import Style
from textual.binding import BindingType
from textual.geometry import Size

from tokwatch.analysis.calendar import instant
from tokwatch.model.snapshot import Snapshot
from tokwatch.model.suggestion import Suggestion, Verdict
from tokwatch.pages.alerts import AlertsPage
from tokwatch.ui import format as fmt
from tokwatch.ui.alert_state import GLYPHS, ink_of
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.painted import ZOOM
from tokwatch.words import counted

NAME = 10
"""Cells of a fact's name."""


class SuggestionFacts(PagePane[AlertsPage], can_focus=True):
    """The suggestion under the table's cursor."""

    TITLE = "suggestion"
    KIND = AlertsPage
    EMPTY = AlertsPage(0)
    HELP = """
    # One suggestion
    What it would save and of what, how sure that is and what is risked, what it rests on, the
    steps, and after it was accepted what came of it: the waste for each request before and since.
    """
    BINDINGS: ClassVar[list[BindingType]] = [ZOOM]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._chosen = 0

    def show(self, number: int) -> None:
        """Show another suggestion."""
        if number != self._chosen:
            self._chosen = number
            self.redraw()

    @property
    def suggestion(self) -> Suggestion | None:
        """The shown suggestion."""
        known = self.content.suggestions if self.content else ()
        return next((one for one in known if one.id == self._chosen), None)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return its kind and how much it matters."""
        one = self.suggestion
        if one is None:
            return [(self.TITLE, inks.text)]
        told = f" · {GLYPHS[one.severity]} {one.severity}"
        return [(fmt.clean(one.kind), inks.text), (told, ink_of(one.severity, inks))]

    def page(self, content: AlertsPage, size: Size, inks: Inks) -> list[Line]:
        """Return what is known of it, wrapped."""
        one = self.suggestion
        if one is None:
            return [[("no suggestion is chosen", inks.muted)]]
        lines: list[Line] = []
        for name, text, ink in self._facts(one, inks):
            wrapped = textwrap.wrap(text, max(8, size.width - NAME)) or [""]
            for number, part in enumerate(wrapped):
                lines.append([(f"{'' if number else name:<{NAME}}", inks.muted), (part, ink)])
        return lines

    def _facts(self, one: Suggestion, inks: Inks) -> Iterator[tuple[str, str, Style]]:
        yield "what", fmt.clean(one.title), inks.text
        if one.saving_nano_month:
            told = (
                f"{fmt.money(one.saving_nano_month)} a month, {one.saving_share:.0%} of its slice"
            )
            if one.counted_nano_month < one.saving_nano_month and not one.rather:
                told += f"; {fmt.money(one.counted_nano_month)} beside what others claim"
            yield "saves", f"≈{told}", inks.text
        if one.discount < 1:
            told = f"cut to {one.discount:.0%}: others of its kind kept less than they promised"
            yield "estimate", told, inks.warning
        yield from self._proof(one, inks)
        yield "how", f"{one.klass}, confidence {one.confidence}, risk {one.risk}", inks.text
        yield "rests on", fmt.clean(one.evidence), inks.text
        since = f"first found {self._moment(one.found_ms)}"
        if one.requests:
            since = f"{counted(one.requests, 'request')}; enter shows the dearest; {since}"
        yield "", since, inks.muted
        if one.agreed:
            yield "agree", f"{', '.join(one.agreed)} see the same", inks.text
        if one.rather:
            yield "rather", f"{fmt.clean(one.rather)}: only one can be followed", inks.warning
        for number, step in enumerate(one.steps, 1):
            yield f"step {number}", fmt.clean(step), inks.text

    def _proof(self, one: Suggestion, inks: Inks) -> Iterator[tuple[str, str, Style]]:
        if one.accepted_ms is None:
            return
        yield "followed", self._moment(one.accepted_ms), inks.text
        verdict = one.verdict or Verdict.EARLY
        bad = verdict is Verdict.NONE
        told = f"{verdict}, {counted(one.after_requests, 'request')} since"
        yield "outcome", told, inks.warning if bad else inks.text
        if one.realised_nano_month is not None:
            promised = fmt.money(one.promised_nano_month)
            realised = fmt.money(one.realised_nano_month)
            yield "", f"{realised} of {promised} a month", inks.text
        if one.rate_after is not None and one.rate_before:
            before, after = fmt.money(int(one.rate_before)), fmt.money(int(one.rate_after))
            yield "", f"waste for each request {before}, now {after}", inks.muted

    def _moment(self, at_ms: int) -> str:
        zone = self.snapshot.zone if self.snapshot else "UTC"
        return fmt.moment(instant(at_ms), self.now, zone)

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say where the facts come from."""
        return (
            "The saving is what its requests cost above what they would have cost, at the rates "
            "that each was priced at, for 30 days; its slice is the work that it is about.",
            "Once it is accepted, the same analyser looks at the requests since: the waste for "
            "each request then and now, times the requests of a month, is what was realised.",
        )
