"""The line beneath the first one: which session, whose, with what, for how long."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import reactive

from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.session import SessionPage
from tokwatch.ui import format as fmt
from tokwatch.ui import session_words as words
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line, width_of
from tokwatch.ui.widgets.page_pane import PagePane
from tokwatch.ui.widgets.session_columns import state_of
from tokwatch.words import counted


class SessionName(PagePane[SessionPage]):
    """One line, without a frame; what does not fit is left out from the end."""

    ALLOW_MAXIMIZE = False
    TITLE = "session"
    KIND = SessionPage

    session_title: reactive[str] = reactive("", repaint=False)

    def watch_session_title(self) -> None:
        self.redraw()

    def draw(self, size: Size, inks: Inks) -> list[Line]:
        """Return the line."""
        content = self.content
        if content is None or self.snapshot is None:
            return [[(" Sessions / …", inks.muted)]]
        line: Line = [(" Sessions / ", inks.muted), (words.name_of(content), inks.strong)]
        if content.chain.agent:
            line.append((f" agent of {content.chain.session[:8]}", inks.muted))
        for text, ink in self._facts(content, self.snapshot, inks):
            part: Line = [(" · ", inks.muted), (text, ink)]
            if width_of(line) + width_of(part) < size.width:
                line += part
        room = size.width - width_of(line) - 4
        if self.session_title and room >= 12:
            line += [("  ", inks.text), (fmt.fit_to(self.session_title, room), inks.muted)]
        return [line]

    def _facts(self, page: SessionPage, snapshot: Snapshot, inks: Inks) -> Line:
        row = page.row
        if row is None:
            return [(words.nothing_words(page), inks.warning)]
        requests = page.course.requests
        lasted = words.length(requests[-1].instant_ms - requests[0].cached.first_ms)
        _, state = state_of(row, snapshot.until or self.now)
        return [
            (fmt.clean(fmt.short_project(row.project)) or fmt.NOTHING, inks.text),
            (fmt.clean(fmt.short_model(row.model)) or fmt.NOTHING, inks.text),
            (counted(row.usage.requests, "request"), inks.text),
            (lasted, inks.text),
            (state, inks.muted),
            (row.source, inks.muted),
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is shown."""
        return ("The session that is shown.",)
