"""What caching did by session and by model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from tokwatch.model.caching import CacheSum
from tokwatch.model.snapshot import Snapshot
from tokwatch.pages.cache import CachePage, ModelCache, SessionCache
from tokwatch.ui import cache_words as words
from tokwatch.ui import format as fmt
from tokwatch.ui.inks import Inks
from tokwatch.ui.lines import Line
from tokwatch.ui.widgets.table import Table, TableColumn, text_cell

Row = TypeVar("Row", SessionCache, ModelCache)
Text = Callable[[CacheSum], str]


def _figure(text: Text, row: SessionCache | ModelCache, width: int, inks: Inks) -> Line:
    told = text(row.sum)
    ink = inks.muted if told == fmt.NOTHING else inks.text
    return text_cell(told, width, ink, right=True)


def _money(name: str, row: SessionCache | ModelCache, width: int, inks: Inks) -> Line:
    nano: int = getattr(row.sum, name)
    told = words.amount(nano, row.sum.unpriced, width) if nano or row.sum.unpriced else fmt.NOTHING
    ink = inks.warning if name == "lost_nano" and nano else inks.text if nano else inks.muted
    return text_cell(told, width, ink, right=True)


def _long(one: CacheSum) -> str:
    return fmt.signed_money(one.long_nano) if one.long_nano else fmt.NOTHING


def _short(one: CacheSum) -> str:
    return fmt.signed_money(one.short_nano) if one.short_nano else fmt.NOTHING


def _breaks(one: CacheSum) -> str:
    return f"{one.breaks:,}" if one.breaks else fmt.NOTHING


class _Sums(Table[CachePage, Row]):
    """Rows with a sum each."""

    KIND = CachePage

    def sums(self) -> tuple[TableColumn[Any], ...]:
        """Return the columns that both tables have; their rows are of different types."""
        return (
            TableColumn("tokens", 6, partial(_figure, lambda one: words.rate(one.token_rate)),
                        rank=1, right=True, order=lambda row: row.sum.token_rate or -1.0),
            TableColumn("requests", 8, partial(_figure, lambda one: words.rate(one.request_rate)),
                        rank=4, right=True, order=lambda row: row.sum.request_rate or -1.0),
            TableColumn("saved", 9, partial(_money, "saved_nano"), rank=2, right=True,
                        order=lambda row: row.sum.saved_nano),
            TableColumn("writes", 8, partial(_money, "written_nano"), rank=5, right=True,
                        order=lambda row: row.sum.written_nano),
            TableColumn("breaks", 6, partial(_figure, _breaks), rank=6, right=True,
                        order=lambda row: row.sum.breaks),
            TableColumn("lost", 8, partial(_money, "lost_nano"), right=True,
                        order=lambda row: row.sum.lost_nano),
            TableColumn("if 1 h", 8, partial(_figure, _long), rank=7, right=True,
                        order=lambda row: -row.sum.long_nano),
            TableColumn("if 5 min", 8, partial(_figure, _short), rank=8, right=True,
                        order=lambda row: -row.sum.short_nano),
        )  # fmt: skip

    def meaning(self, snapshot: Snapshot) -> tuple[str, ...]:
        """Say what the columns are."""
        return (
            "Tokens: cache reads as a share of the prompt. Requests: those that read anything. "
            "Saved: what reads cost less than input. Writes: what they cost. Lost: what avoidable "
            "breaks cost above reading.",
            "If 1 h, if 5 min: what the range would have cost more (+) or less (-) with all "
            "cache writes of that time to live, on the pauses as they were.",
        )


class CacheSessions(_Sums[SessionCache]):
    """One line a session, those that lost most first."""

    TITLE = "by session"
    HELP = """
    # By session
    Hit rates, savings and losses of each session in the range, its agents' included. `s` sorts
    by the next column, `enter` goes to the session.
    """

    def columns(self) -> Sequence[TableColumn[SessionCache]]:
        """Return the columns, from left to right."""
        return (
            TableColumn("session", 8, _session),
            TableColumn("project", 8, _project, rank=3, most=20),
            *self.sums(),
        )

    def rows_of(self, content: CachePage) -> Sequence[SessionCache]:
        """Return the sessions."""
        return content.sessions

    def key_of(self, row: SessionCache) -> str:
        """Return the session."""
        return "\0".join(row.name)

    def title(self, snapshot: Snapshot, inks: Inks) -> Line:
        """Return how many sessions are listed."""
        count = f" · {len(self.rows):,}" if self.content else ""
        return [(self.TITLE, inks.text), (count, inks.muted)]


class CacheModels(_Sums[ModelCache]):
    """One line a model, the most used first."""

    TITLE = "by model"
    HELP = """
    # By model
    Hit rates, savings and losses of each model in the range.
    """

    def columns(self) -> Sequence[TableColumn[ModelCache]]:
        """Return the columns, from left to right."""
        return (TableColumn("model", 12, _model, most=24), *self.sums())

    def rows_of(self, content: CachePage) -> Sequence[ModelCache]:
        """Return the models."""
        return content.models

    def key_of(self, row: ModelCache) -> str:
        """Return the model's name."""
        return row.model


def _session(row: SessionCache, width: int, inks: Inks) -> Line:
    return text_cell(row.name.session[:8], width, inks.text)


def _project(row: SessionCache, width: int, inks: Inks) -> Line:
    return text_cell(fmt.short_project(row.project) or fmt.NOTHING, width, inks.text)


def _model(row: ModelCache, width: int, inks: Inks) -> Line:
    return text_cell(fmt.short_model(row.model) or fmt.NOTHING, width, inks.text)
