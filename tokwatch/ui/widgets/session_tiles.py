"""The tiles of a session: its cost, how full its context is, and how much its cache holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tokwatch.model.snapshot import SessionRow, Snapshot
from tokwatch.pages.session import SessionPage
from tokwatch.ui import format as fmt
from tokwatch.ui.glyphs import gauge
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.session_columns import share_of
from tokwatch.ui.widgets.session_facts import BASIS
from tokwatch.ui.widgets.tile import Tile
from tokwatch.words import counted


class SessionTile(Tile):
    """A figure about the shown agent; until its page comes there is none."""

    NUMBER: ClassVar[str] = "agent"

    _page: SessionPage | None = None

    def watch_snapshot(self) -> None:
        page = self.snapshot.page if self.snapshot else None
        if page is not None and isinstance(page.content, SessionPage):
            self._page = page.content
        super().watch_snapshot()

    @property
    def row(self) -> SessionRow | None:
        """The exact figures, for whoever explains them."""
        return self._page.row if self._page else None

    def headlines(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return the figure, or why there is none yet."""
        page = self._page
        if page is None:
            return [[("reading …", inks.muted)]]
        if page.row is None:
            return [[(fmt.NOTHING, inks.muted)]]
        return self.figures(page, page.row, inks)

    def notes(self, snapshot: Snapshot, inks: Inks) -> list[Line]:
        """Return what the figure is set against."""
        page = self._page
        if page is None or page.row is None:
            return [[]]
        return self.beneath(page, page.row, inks)

    def figures(self, page: SessionPage, row: SessionRow, inks: Inks) -> list[Line]:
        """Return the wordings of the figure, the fullest first."""
        raise NotImplementedError

    def beneath(self, page: SessionPage, row: SessionRow, inks: Inks) -> list[Line]:
        """Return the wordings of the second line, the fullest first."""
        raise NotImplementedError


class SessionCost(SessionTile):
    """What the shown agent cost, and its whole family."""

    TITLE = "cost"
    SHORT = "cost"
    HELP = """
    # Cost
    What this agent's requests cost, a request on average, and dollars an hour over the last
    minutes. Beneath it what all agents that worked for the session cost together.
    """

    def figures(self, page: SessionPage, row: SessionRow, inks: Inks) -> list[Line]:
        """Return the cost, then by request and hour."""
        usage = row.usage
        ink = inks.warning if usage.uncosted_tokens else inks.strong
        cost = (fmt.cost(row.cost_nano, usage), ink)
        each = fmt.money(row.cost_nano // usage.requests, 3) if usage.requests else fmt.NOTHING
        rate = f"   {fmt.rate(row.nano_per_hour)}/h" if row.nano_per_hour else ""
        return [
            [cost, (f"   {each}/request{rate}", inks.muted)],
            [cost, (f" {each}/req", inks.muted)],
            [cost],
        ]

    def beneath(self, page: SessionPage, row: SessionRow, inks: Inks) -> list[Line]:
        """Return the cost of the family."""
        agents = len(page.lanes) - 1
        total = fmt.cost(page.whole.cost_nano(page.mode), page.whole)
        if agents < 1:
            told = "no other agent worked for it"
            return [[(told, inks.muted)], [("no other agent", inks.muted)]]
        words = f"with {counted(agents, 'other agent')}"
        return [
            [(f"{total} {words}", inks.muted)],
            [(f"{total} with {agents} more", inks.muted)],
            [(total, inks.muted)],
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is summed up."""
        return ("The sum of this agent's requests up to the shown moment.",)


class SessionContext(SessionTile):
    """How full the context window is, and how soon it will be."""

    TITLE = "context window"
    SHORT = "context"
    HELP = """
    # Context window
    The prompt of the last request against the window, and how the window's size is known; then
    against what of it can be used before the tool compacts: as the last compaction showed, else
    80 % of the window (≈). Turns left are told by the growth of the last turns since the last
    compaction, or by the last requests where no turn is known.
    """

    def figures(self, page: SessionPage, row: SessionRow, inks: Inks) -> list[Line]:
        """Return tokens, window and share."""
        context = row.context
        if context is None:
            return [[("no prompt size known", inks.muted)], [("n/a", inks.muted)]]
        ink = inks.context.get(context.level, inks.text)
        mark = {"warning": " !", "critical": " !!"}.get(context.level, "")
        share = (f"{share_of(context)}{mark}", ink)
        filled, empty = gauge(context.share, 12)
        exact = (f" {context.tokens:,} / {context.window:,} {context.basis}", inks.text)
        short = f" {fmt.count(context.tokens)}/{fmt.count(context.window)} {context.basis}"
        left = (f"  {_left(page)}", inks.muted)
        return [
            [share, ("  ", ink), (filled, ink), (empty, inks.frame), exact, left],
            [share, exact, left],
            [share, exact],
            [share, (short, inks.text), left],
            [share, (short, inks.text)],
            [share, (f" {context.basis}", inks.text)],
        ]

    def beneath(self, page: SessionPage, row: SessionRow, inks: Inks) -> list[Line]:
        """Return the share of what can be used, and how the window is known."""
        context, usable = row.context, page.usable
        if context is None or usable is None:
            return [[]]
        share = context.tokens / usable.tokens if usable.tokens else 0.0
        how = "" if usable.is_seen else "≈"
        basis = BASIS.get(context.basis, context.basis)
        used = f"{how}{share * 100:.0f}% of {how}{fmt.count(usable.tokens)} usable"
        ink, mark = inks.muted, ""
        if usable.is_seen and share >= page.warning:
            level = "critical" if share >= page.critical else "warning"
            ink, mark = inks.context[level], " !!" if level == "critical" else " !"
        first = (f"{used}{mark}", ink)
        return [
            [first, (f" · window {basis}", inks.muted)],
            [first],
        ]

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what is set against what."""
        return (
            "Prompt tokens (input, cache reads and cache writes) of the last request against the "
            "model's window: as the log names it, as config.toml sets it, inferred from a larger "
            "prompt, or from the table of models.",
        )


class SessionCache(SessionTile):
    """How much of the prompts was read from the cache."""

    TITLE = "cache hit rate"
    SHORT = "cache"
    TREND_TOP = 1.0
    HELP = """
    # Cache hit rate
    Cache reads as a share of all prompt tokens of this agent, and by request in the bars; then
    how often the cache broke for a reason other than the first request or a compaction, and what
    that cost.
    """

    def figures(self, page: SessionPage, row: SessionRow, inks: Inks) -> list[Line]:
        """Return the rate."""
        figure = (fmt.percent(row.usage.hit_rate), inks.strong)
        return [[figure, (" of the prompts", inks.muted)], [figure]]

    def beneath(self, page: SessionPage, row: SessionRow, inks: Inks) -> list[Line]:
        """Return how often it broke."""
        lost, nano = page.losses
        if not lost:
            return [[("no break that cost anything", inks.muted)], [("no break", inks.muted)]]
        return [
            [(f"{counted(lost, 'break')} cost {fmt.money(nano)}", inks.warning)],
            [(f"{lost} broke {fmt.money(nano)}", inks.warning)],
        ]

    def trend(self, snapshot: Snapshot) -> Sequence[float | None]:
        """Return the rate of each of the last requests."""
        if self._page is None or self.size.height == 4:
            return ()
        return [
            None if point.cached.cache_read is None else point.cached.cache_read / point.prompt
            for point in self._page.course.points
        ]

    def caption(self, snapshot: Snapshot) -> str:
        """Say what a bar stands for."""
        return "a bar for each request"

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the rate is a share of."""
        return ("Cache reads as a share of all prompt tokens of this agent's requests.",)


def _left(page: SessionPage) -> str:
    """Return how many turns are left at the present growth."""
    context = page.row.context if page.row else None
    if context is None or page.usable is None:
        return ""
    left = page.growth.left(page.usable.tokens - context.tokens)
    if left is None:
        return "not growing"
    unit = "turn" if page.growth.is_by_turn else "request"
    return f"≈{counted(left, unit)} left"
